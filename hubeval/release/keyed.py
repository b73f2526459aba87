"""Keyed hashes and pseudonyms: without the key, nobody can test a guess against them."""

from __future__ import annotations

import csv
import hashlib
import hmac
import secrets
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from hubeval import files
from hubeval.errors import BadInput, Door, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEY_BYTES = 32
_SHORT = 20  # hexadecimal digits of a pseudonym: 80 bits, so that two of a million rarely meet


def keyed(value: str | bytes, key: bytes) -> str:
    """HMAC-SHA256 of a text, in hexadecimal.

    Examples
    --------
    >>> keyed("A123", b"k" * 32) == keyed("A123", b"k" * 32), keyed("A123", b"k" * 32) == keyed("A123", b"j" * 32)
    (True, False)
    """
    raw = value.encode() if isinstance(value, str) else value
    return hmac.new(key, raw, hashlib.sha256).hexdigest()


def new_key(path: str | Path) -> bytes:
    """Make a key and write it where only its owner can read it.

    Raises
    ------
    BadInput
        There is a file already: a key is never written over.
    """
    where = Path(path)
    if where.exists():
        raise BadInput([Problem("key", f"{where} is there already", "a new file", "Use it, or name another.")])
    key = secrets.token_bytes(_KEY_BYTES)
    files.write_text(where, key.hex() + "\n")
    where.chmod(0o600)
    return key


def read_key(path: str | Path) -> bytes:
    """The key in that file.

    Raises
    ------
    BadInput
        No such file, or not a key of 32 bytes in hexadecimal.
    """
    text = files.read_text(path, "key").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < _KEY_BYTES:
        found = f"{path} does not hold a key of {_KEY_BYTES} bytes in hexadecimal"
        raise BadInput([Problem("key", found, "one made by hubeval", "Name a new file with --new-key.")])
    return key


def pseudonymised(text: str, columns: Sequence[str], key: bytes) -> str:
    r"""A CSV with the ids of some columns replaced by keyed pseudonyms; blanks stay blank, all else as it was.

    Parameters
    ----------
    text : str
        The CSV, with a header row.
    columns : sequence of str
    key : bytes
        The same id gets the same pseudonym in every column and file that are keyed alike.

    Raises
    ------
    BadInput
        A column that is not there, a row that is not one field for each column (an id in it may stand beside its
        column, and would leave as it is), or two ids that would get one pseudonym.

    Examples
    --------
    >>> done = pseudonymised("id,y\nA1,3\nA2,4\nA1,5\n", ["id"], b"k" * 32)
    >>> rows = [line.split(",") for line in done.splitlines()]
    >>> rows[1][0] == rows[3][0], rows[1][0] == rows[2][0], rows[1][1]
    (True, False, '3')
    """
    try:
        rows = list(csv.reader(StringIO(text)))
    except csv.Error:
        found = f"a field is longer than {csv.field_size_limit():,} characters"
        raise BadInput([Problem("data", found, "a CSV", "Look for a quote that is not closed.")]) from None
    header = rows[0] if rows else []
    door = Door()
    for column in columns:
        if (times := header.count(column)) > 1:
            door.refuse("columns", f"{times} columns are named {column!r}", "each name once", "Rename one.")
        elif not times:
            # a file without a header would put a person's values into the message, so the columns are not listed
            hint = did_you_mean(column, [name for name in header if name.isidentifier()])
            door.refuse("columns", f"no column {column!r}", "the header's own names", hint)
    if not columns:
        door.refuse("columns", "none named", "at least one", "Name the columns that hold ids.")
    _even(header, rows[1:], door)
    door.close()
    places = [header.index(column) for column in columns]
    made: dict[str, str] = {}
    for row in rows[1:]:
        for place in places if row else ():
            if row[place].strip():
                value = row[place].strip()
                row[place] = made.setdefault(value, keyed(value, key)[:_SHORT])
    if len(set(made.values())) < len(made):
        raise BadInput([Problem("columns", "two ids would get one pseudonym", "", "Use another key.")])
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _even(header: Sequence[str], rows: Sequence[Sequence[str]], door: Door) -> None:
    """Every row has one field for each column, so that each id stands in its own."""
    uneven = [n for n, row in enumerate(rows, 1) if row and len(row) != len(header)]
    if uneven:
        found = f"rows have more or fewer fields than the header, first data row {uneven[0]}"
        door.refuse("data", found, "one field for each column", "Put a field that holds commas in quotes.")
    if header and not any(rows):
        door.refuse("data", "a header and no rows", "at least one row", "Export it again.")


def outside(key: str | Path, out: str | Path) -> None:
    """Refuse a key that would lie in the folder that leaves.

    Examples
    --------
    >>> outside("safe/key.txt", "out/data.csv")
    >>> outside("out/key.txt", "out/data.csv")
    Traceback (most recent call last):
    ...
    hubeval.errors.BadInput: key: it would lie in the folder that leaves (a folder of its own). Keep it elsewhere.
    """
    folder = Path(out).resolve().parent
    if folder == Path(key).resolve().parent or folder in Path(key).resolve().parents:
        found = "it would lie in the folder that leaves"
        raise BadInput([Problem("key", found, "a folder of its own", "Keep it elsewhere.")])


def columns_of(text: str) -> list[str]:
    """The names in a comma-separated option.

    Examples
    --------
    >>> columns_of("id, sibling_id")
    ['id', 'sibling_id']
    """
    return [name.strip() for name in text.split(",") if name.strip()]
