"""Text with separators (CSV and its kin) into cells exactly as written: nothing is guessed, converted or dropped."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import pandas as pd

from hubeval import files
from hubeval.data.cells import heading
from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from pathlib import Path

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
    read = pd.read_csv(
        StringIO(text),
        sep=separator,
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        skipinitialspace=True,
        header=None,
        names=range(len(header)),
        skiprows=1 + sum(name.count("\n") for name in header),
    )
    frame = pd.DataFrame({i: read.iloc[:, i].str.strip() for i in range(read.shape[1])})
    frame.columns = pd.Index([heading(name) for name in header])
    return frame, separator, tuple(notes)


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
    return '"' not in text and "\0" not in text and max(map(len, StringIO(text))) < csv.field_size_limit()


def _uneven(text: str, width: int, separator: str) -> list[int]:
    """Lines of another width, where every line is a row; blank ones are none."""
    return [place for place, line in enumerate(StringIO(text), 1)
            if line.count(separator) != width - 1 and line != "\n"]


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
