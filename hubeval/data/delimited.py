"""Text with separators (CSV and its kin) into cells exactly as written: nothing is guessed, converted or dropped."""

from __future__ import annotations

import csv
from contextlib import suppress
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval import files
from hubeval.data.cells import heading
from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_SPACES = " \t\v\f\x1c\x1d\x1e\x1f"  # what is taken off the ends of a cell, in ASCII
_BLOCK = 1 << 24  # bytes that pyarrow takes at a time: longer than any line that is a row
_WIDE = "If the file has a title, notes or periods along the top, tidy it first: 'hubeval import FILE --out tidy.csv'."


def read_delimited(path: Path) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """The cells of a file as text under its header, the separator, and what was noticed while reading.

    Raises
    ------
    BadInput
        No text, lines of another width than the header, or a quote that does not close.
    """
    text, notes = decoded(path)
    text = text.lstrip("\n")
    separator = max(",;\t|", key=text.split("\n", 1)[0].count)
    if separator != ",":
        notes.append(f"columns are separated by {'tabs' if separator == chr(9) else repr(separator)}")
    header = _header(text, separator)
    read = _cells(text, separator, len(header), 1 + sum(name.count("\n") for name in header))
    bare = text.isascii() and not any(space in text for space in _SPACES if space != separator)
    frame = read if bare else pd.DataFrame({i: read.iloc[:, i].str.strip() for i in range(read.shape[1])})
    frame.columns = pd.Index([heading(name) for name in header])
    return frame, separator, tuple(notes)


def _cells(text: str, separator: str, width: int, above: int) -> pd.DataFrame:
    """The cells below the first `above` lines, as text: by pyarrow where it is installed and every line is a row."""
    if width > 1 and '"' not in text and "\0" not in text:
        with suppress(ImportError, ValueError):  # an extra; its own errors are ValueErrors: then pandas has the say
            return _by_arrow(text.encode(), separator, width, above)
    return pd.read_csv(StringIO(text), sep=separator, dtype=str, keep_default_na=False, na_filter=False,
                       skipinitialspace=True, header=None, names=range(width), skiprows=above)


def _by_arrow(lines: bytes, separator: str, width: int, above: int) -> pd.DataFrame:
    from pyarrow import csv as arrow  # noqa: PLC0415 - an extra

    names = [str(i) for i in range(width)]
    frame: pd.DataFrame = arrow.read_csv(
        BytesIO(lines),
        arrow.ReadOptions(column_names=names, skip_rows=above, use_threads=False, block_size=_BLOCK),
        arrow.ParseOptions(delimiter=separator, quote_char=False),
        arrow.ConvertOptions(column_types=dict.fromkeys(names, "large_string"), strings_can_be_null=False),
    ).to_pandas(use_threads=False)
    return frame


def decoded(path: Path) -> tuple[str, list[str]]:
    """The text of a file in the encodings that spreadsheets write, with plain line ends, and what was noticed."""
    raw = files.read_bytes(path, "data")
    notes: list[str] = []
    try:
        text = raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
        notes.append("the file is not UTF-8; it was read as Windows-1252")
    if not text.strip():
        raise BadInput([Problem("data", f"{path} is empty", "a table with a header row", "Export it again.")])
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def _header(text: str, separator: str) -> list[str]:
    """The names of the columns, once every row is known to be as wide as they are."""
    reader = csv.reader(StringIO(text), delimiter=separator, skipinitialspace=True, strict=True)
    try:
        header = next(reader)
        quick = _is_plain(text)
        ragged, swallowed = (_uneven(text, len(header), separator), []) if quick else (
            _misfits(reader, len(header), separator))
    except csv.Error as error:
        found = f"line {reader.line_num} cannot be read as a table row: {error}"
        raise BadInput([Problem("data", found, "quotes that close", "Mend that line, or export it again.")]) from None
    problems = []
    if ragged:
        found = f"{len(ragged)} line(s) have another number of fields than the header, first at line {ragged[0]}"
        problems.append(Problem("data", found, "one field for each column", f"Mend those lines. {_WIDE}"))
    for first, last, n in swallowed[:3]:
        found = f"a quote opened in line {first} closes only in line {last}, and holds what look like {n} whole row(s)"
        cure = "Close the quote in that line; where a cell is meant to hold such lines, take its line breaks out."
        problems.append(Problem("data", found, "quotes that close in their own row", cure))
    if problems:
        raise BadInput(problems)
    return header


def _is_plain(text: str) -> bool:
    """Whether every line is a row and every separator ends a cell: no quotes, and no cell too long to be read."""
    return '"' not in text and "\0" not in text and max(np.diff(_ends(text), prepend=-1)) < csv.field_size_limit()


def _ends(text: str) -> NDArray[np.int64]:
    """Where each line of the text ends, in bytes of UTF-8."""
    lines = np.frombuffer(text.encode(), dtype=np.uint8)
    ends = np.flatnonzero(lines == ord("\n"))
    return ends if text.endswith("\n") else np.append(ends, len(lines))


def _uneven(text: str, width: int, separator: str) -> list[int]:
    """Lines of another width, where every line is a row; blank ones are none."""
    ends = _ends(text)
    here = np.flatnonzero(np.frombuffer(text.encode(), dtype=np.uint8) == ord(separator))
    found = np.diff(np.searchsorted(here, ends), prepend=0)
    blank = np.diff(ends, prepend=-1) == 1
    return (np.flatnonzero((found != width - 1) & ~blank) + 1).tolist()


def _misfits(reader: csv.reader, width: int, separator: str) -> tuple[list[int], list[tuple[int, int, int]]]:  # type: ignore[valid-type]
    """Lines of another width; and cells that swallowed rows: first line, last line, how many."""
    ragged: list[int] = []
    swallowed: list[tuple[int, int, int]] = []
    before = reader.line_num  # type: ignore[attr-defined]
    for row in reader:  # type: ignore[attr-defined]
        now = reader.line_num  # type: ignore[attr-defined]
        if row and len(row) != width:
            ragged.append(now)
        elif now > before + 1 and width > 1:
            inside = [line for cell in row for line in cell.split("\n")[1:-1]]
            whole = sum(line.count(separator) == width - 1 for line in inside)
            if whole and whole == len(inside):
                swallowed.append((before + 1, now, whole))
        before = now
    return ragged, swallowed
