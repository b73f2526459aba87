"""TOML and JSON in and out, line numbers for messages, and hashes: the only place that knows formats."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
import stat
import tomllib
from contextlib import suppress
from datetime import date
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from hubeval.errors import BadInput, Door, Problem, visible

MOST_BYTES = 200_000_000  # of a file read whole as text
MOST_DATA = 1_000_000_000_000  # of a table
MOST_DECLARED = 5_000_000  # of a file that somebody wrote by hand or saved from a form
MOST_INTEGER = 2**53  # beyond it a number is no longer the number that was written


def regular(path: str | Path, argument: str = "file", most: int = MOST_BYTES) -> Path:
    """The path of a plain file that is there, can be looked at and is no larger than `most` bytes.

    A pipe or a device is refused: it can be read only once, or never ends.

    Raises
    ------
    BadInput
        One line that says what stands there instead.

    Examples
    --------
    >>> regular("no-such-folder/profile.toml", "profile")
    Traceback (most recent call last):
    ...
    hubeval.errors.BadInput: profile: no file no-such-folder/profile.toml. There is no folder no-such-folder either.
    """
    where = Path(path)
    try:
        status = where.stat()
    except FileNotFoundError:
        raise BadInput([Problem(argument, f"no file {where}", "", _neighbours(where))]) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise BadInput([Problem(argument, f"{where} cannot be read: {reason(error)}")]) from None
    if stat.S_ISDIR(status.st_mode):
        raise BadInput([Problem(argument, f"{where} is a folder", "a file", "Name the file in it.")])
    if not stat.S_ISREG(status.st_mode):
        found = f"{where} is a pipe or a device"
        raise BadInput([Problem(argument, found, "a file", "Save what it gives as a file.")])
    if status.st_size > most:
        found = f"{where} holds {status.st_size:,} bytes"
        raise BadInput([Problem(argument, found, f"at most {most:,}", "Is it the right file?")])
    return where


def read_bytes(path: Path, argument: str = "file") -> bytes:
    """The bytes of a file; `BadInput` says why the system would not give them."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput([Problem(argument, f"{path} cannot be read: {reason(error)}")]) from None


def read_text(path: str | Path, argument: str = "file", most: int = MOST_BYTES) -> str:
    """The text of a UTF-8 file, or of a UTF-16 one that says so; `BadInput` names what is wrong where there is none."""
    where = regular(path, argument, most)
    raw = read_bytes(where, argument)
    try:
        text = raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput([Problem(argument, f"{where} is not UTF-8 text", "UTF-8", "Save it again as UTF-8.")]) from None
    if not text.strip():
        raise BadInput([Problem(argument, f"{where} is empty", "", "Start one with 'hubeval new'.")])
    return text.replace("\r\n", "\n").replace("\r", "\n")


def reason(error: Exception) -> str:
    """Why the system would not, in its own words, or that the name cannot be one.

    Examples
    --------
    >>> reason(OSError(28, "No space left on device")), reason(ValueError("embedded null byte"))
    ('No space left on device', 'its name holds a character that no file name may hold')
    """
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "its name holds a character that no file name may hold"


def _neighbours(where: Path) -> str:
    folder = where.parent
    try:
        if not folder.is_dir():
            return f"There is no folder {folder} either."
        same = sorted(other.name for other in folder.iterdir() if other.suffix == where.suffix)[:5]
    except OSError:
        return ""
    return f"In that folder: {', '.join(same)}." if same else ""


def read_toml(path: str | Path, argument: str = "file") -> dict[str, Any]:
    """A TOML file as a dictionary; a syntax error comes back as one line that names the place."""
    text = read_text(path, argument, MOST_DECLARED)
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput([Problem(argument, f"{path} is not valid TOML: {error}", "", "Mend that line.")]) from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(argument, path, error) from None
    _check_values(value, argument, path)
    return value


def read_json(path: str | Path, argument: str = "file") -> Any:
    """A JSON file as plain Python values."""
    text = read_text(path, argument, MOST_DECLARED)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        found = f"{path} is not valid JSON: {error.msg} at line {error.lineno}"
        raise BadInput([Problem(argument, found, "", "Mend that line.")]) from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(argument, path, error) from None
    _check_values(value, argument, path)
    return value


def _unreadable(argument: str, path: str | Path, error: Exception) -> BadInput:
    deep = isinstance(error, RecursionError)
    found = "is nested too deeply to be read" if deep else "holds a number of thousands of digits"
    return BadInput([Problem(argument, f"{path} {found}", "", "Write it again, or start one with 'hubeval new'.")])


def _check_values(value: Any, argument: str, path: str | Path) -> None:
    """Refuse what no later check expects: half characters, numbers that are none or that nothing holds exactly."""
    door, held = Door(), [("", value)]
    while held:
        place, item = held.pop()
        found = ""
        if isinstance(item, dict):
            held += [(str(key), inner) for key, inner in item.items()] + [("a key", key) for key in item]
        elif isinstance(item, list):
            held += [(place, inner) for inner in item]
        elif isinstance(item, str) and not item.isascii() and any("\ud800" <= c <= "\udfff" for c in item):
            found = "holds half a character"
        elif isinstance(item, float) and not math.isfinite(item):
            found = "is not a finite number"
        elif isinstance(item, int) and abs(item) > MOST_INTEGER:
            found = f"is a whole number above {MOST_INTEGER:,}"
        if found:
            door.refuse(f"{argument}: {place}", f"a value in {path} {found}", "", "Correct it.")
    door.close()


def line_of(text: str, key: str, *, table: str = "", nth: int = 1) -> int | None:
    r"""The 1-based line on which `key` is set (inside the `nth` `[table]` when named), for messages.

    Where `key` is itself a table, the line of its `nth` header.

    Examples
    --------
    >>> line_of("area = 'X'\n[design]\nkind = 'did'\n", "kind", table="design")
    3
    >>> line_of("[[facts]]\nlow = 1\n[[facts]]\nlow = 2\n", "low", table="facts", nth=2)
    4
    """
    keys, headers = _lines(text)
    named = headers.get(key, ())
    found = [keys.get((table, nth if table else 1), {}).get(key), *(named[:1] if table else named[nth - 1 : nth])]
    return min((line for line in found if line), default=None)


@lru_cache(maxsize=4)
def _lines(text: str) -> tuple[dict[tuple[str, int], dict[str, int]], dict[str, list[int]]]:
    """Lines of the keys of each table (of the whole file under ``""``), and those of the headers by last name.

    Read once for a file: a file with a thousand mistakes asks a thousand times.
    """
    keys: dict[tuple[str, int], dict[str, int]] = {("", 1): {}}
    headers: dict[str, list[int]] = {}
    seen: dict[str, int] = {}
    inside = ("", 1)
    for number, line in enumerate(text.split("\n"), start=1):
        bare = line.strip()
        if bare.startswith("["):
            name = bare.lstrip("[").partition("]")[0].strip()
            seen[name] = seen.get(name, 0) + 1
            inside = (name, seen[name])
            headers.setdefault(name.rpartition(".")[2], []).append(number)
        elif "=" in bare:
            key = bare.partition("=")[0].strip().strip("\"'")
            keys[("", 1)].setdefault(key, number)
            keys.setdefault(inside, {}).setdefault(key, number)
    return keys, headers


_LEAVES = {str, int, float, bool}


def plain(value: Any) -> Any:  # noqa: PLR0911 - one line a kind of value
    """A value as plain JSON types: dataclasses to dictionaries, dates to ISO text, tuples to lists."""
    if value is None or type(value) in _LEAVES:  # most of any result: kept first, for speed
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return value.as_posix()
    if hasattr(value, "items"):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value


def to_json(value: Any, *, indent: int | None = 2) -> str:
    """Canonical JSON: no NaN, keys in the order of the dataclass, the same bytes for the same value."""
    return json.dumps(plain(value), indent=indent, ensure_ascii=False, allow_nan=False) + ("\n" if indent else "")


def write_text(path: str | Path, text: str) -> Path:
    """Write UTF-8 text with Unix line ends, making the folder if need be: whole, or not at all."""
    return write_bytes(path, visible(text).encode("utf-8"))


def write_bytes(path: str | Path, content: bytes) -> Path:
    """Write bytes as they are, making the folder if need be: whole, or not at all."""
    where = Path(path)
    beside = where.with_name(f".{where.name[:40]}.{os.getpid()}.writing")
    try:
        if where.exists() and not where.is_file():
            raise BadInput([Problem("out", f"{where} is no file", "the name of a file", "Choose another.")])
        where.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(where)
    except (OSError, ValueError) as error:
        with suppress(OSError, ValueError):
            beside.unlink()
        found = f"cannot write {where}: {reason(error)}"
        raise BadInput([Problem("out", found, "a place you may write to", "Choose another.")]) from None
    return where


def sha256(value: str | bytes | Path) -> str:
    """SHA-256 of a text, some bytes or a file's bytes, in hexadecimal."""
    if isinstance(value, Path):
        digest = hashlib.sha256()
        with value.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()
    return hashlib.sha256(value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value).hexdigest()
