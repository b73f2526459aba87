"""TOML and JSON in and out, line numbers for messages, and hashes: the only place that knows formats."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import tomllib
from datetime import date
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def read_text(path: str | Path, argument: str = "file") -> str:
    """The text of a UTF-8 file; `BadInput` names what is wrong when it cannot be had."""
    where = Path(path)
    try:
        text = where.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput([Problem(argument, f"no file {where}", "", _neighbours(where))]) from None
    except IsADirectoryError:
        raise BadInput([Problem(argument, f"{where} is a folder", "a file", "Name the file in it.")]) from None
    except UnicodeDecodeError:
        raise BadInput([Problem(argument, f"{where} is not UTF-8 text", "UTF-8", "Save it again as UTF-8.")]) from None
    except OSError as error:
        raise BadInput([Problem(argument, f"{where} cannot be read: {error.strerror}")]) from None
    if not text.strip():
        raise BadInput([Problem(argument, f"{where} is empty", "", "Start one with 'hubeval new'.")])
    return text


def _neighbours(where: Path) -> str:
    folder = where.parent
    if not folder.is_dir():
        return f"There is no folder {folder} either."
    same = sorted(other.name for other in folder.iterdir() if other.suffix == where.suffix)[:5]
    return f"In that folder: {', '.join(same)}." if same else ""


def read_toml(path: str | Path, argument: str = "file") -> dict[str, Any]:
    """A TOML file as a dictionary; a syntax error comes back as one line that names the place."""
    text = read_text(path, argument)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput([Problem(argument, f"{path} is not valid TOML: {error}", "", "Mend that line.")]) from None


def read_json(path: str | Path, argument: str = "file") -> Any:
    """A JSON file as plain Python values."""
    text = read_text(path, argument)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        found = f"{path} is not valid JSON: {error.msg} at line {error.lineno}"
        raise BadInput([Problem(argument, found, "", "Mend that line.")]) from None


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
    inside, tables, headers = not table, 0, 0
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if header:
            tables += header[1] == table
            inside = not table or (header[1] == table and tables == nth)
            headers += header[1].split(".")[-1] == key
            if header[1].split(".")[-1] == key and (table or headers == nth):
                return number
        elif inside and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
            return number
    return None


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
    """Write UTF-8 text with Unix line ends, making the folder if need be."""
    where = Path(path)
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        found = f"cannot write {where}: {error.strerror or error}"
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
    return hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()


def unknown_keys(given: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """Keys given that nobody reads: a typing slip must not be silently ignored."""
    allowed = set(known)
    return [key for key in given if key not in allowed]
