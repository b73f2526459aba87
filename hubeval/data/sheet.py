"""A sheet as people keep it (titles above, notes below, totals among the rows) to the one table in it, or a refusal."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

import pandas as pd

from hubeval import files
from hubeval.data.cells import as_text
from hubeval.data.delimited import decoded
from hubeval.data.periods import parse
from hubeval.data.totals import is_total
from hubeval.data.workbook import sheet_rows
from hubeval.errors import BadInput, Problem, listed
from hubeval.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

_CODE = re.compile(r"[EWSNJK]\d{8}|\d{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The table found in a sheet, all text, and what was understood on the way, a line each."""

    frame: pd.DataFrame
    understood: tuple[str, ...]

    @property
    def headed(self) -> tuple[str, ...]:
        """Columns headed by a period."""
        return tuple(name for name in map(str, self.frame.columns) if parse(name))

    @property
    def labels(self) -> tuple[str, ...]:
        """The other columns."""
        return tuple(name for name in map(str, self.frame.columns) if not parse(name))


def read_sheet(data: str | Path, *, sheet: str = "") -> Sheet:
    """Find the one table of a CSV file or a workbook's sheet.

    Title rows above the headings, headings over two rows, notes below, blank rows and rows of totals are left out, and
    counted. Cells stay as written.

    Raises
    ------
    BadInput
        No headings can be told, headings repeat, or rows are wider than they are.
    """
    path = files.regular(data, "data", most=files.MOST_DATA)
    rows, notes = _rows(path, sheet)
    at = _heading_row(rows)
    if at is None:
        found = f"no row of {path.name} looks like headings over a table"
        cure = "Delete what is above the headings."
        raise BadInput([Problem("data", found, "a row of headings with rows of cells below", cure)])
    header, above = _headings(rows, at)
    notes += [f"{counted(above, 'row')} above the headings left out"] if above else []
    body = [row for row in rows[at + 1 :] if any(row)]
    kept = [row for row in body if sum(map(bool, row)) > max(1, len(header) // 4)]
    notes += [f"{counted(len(body) - len(kept), 'row')} of notes or gaps left out"] if len(kept) < len(body) else []
    wider = sum(len(row) > len(header) for row in kept)
    if wider:
        found = f"{counted(wider, 'row')} of {path.name} hold cells beyond the headings"
        raise BadInput([Problem("data", found, "a heading over each column", "Name those columns, or clear them.")])
    frame = pd.DataFrame([[*row, *[""] * (len(header) - len(row))] for row in kept], columns=header, dtype=object)
    frame, totals = _without_totals(frame)
    notes += [f"{counted(len(totals), 'row')} of totals left out: {listed(totals, 4)}"] if totals else []
    return Sheet(frame=frame, understood=tuple(notes))


def likely_unit(sheet: Sheet) -> str:
    """The column of places where it can be told: the only label, or the name beside a code; else empty.

    Examples
    --------
    >>> frame = pd.DataFrame({"code": ["E06000001"], "council": ["Hartlepool"], "2014": ["3"]})
    >>> likely_unit(Sheet(frame=frame, understood=()))
    'council'
    """
    codes = [name for name in sheet.labels if sheet.frame[name].map(lambda v: bool(_CODE.fullmatch(v))).all()]
    names = [name for name in sheet.labels if name not in codes]
    if len(names) == 1:
        return names[0]
    return codes[0] if not names and len(codes) == 1 else ""


def _rows(path: Path, sheet: str) -> tuple[list[tuple[str, ...]], list[str]]:
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        read, notes = sheet_rows(path, sheet)
        return [tuple(as_text(value) for value in row) for row in read], list(notes)
    if path.suffix.lower() not in {".csv", ".txt", ".tsv"}:
        found = f"{path.name} is no sheet that can be tidied"
        raise BadInput([Problem("data", found, "allowed: .csv, .txt, .tsv, .xlsx, .xlsm", "Save it as one of them.")])
    text, said = decoded(path)
    separator = max(",;\t|", key=text.count)
    parsed = [tuple(cell.strip() for cell in row) for row in csv.reader(StringIO(text), delimiter=separator)]
    return [_trimmed(row) for row in parsed], said


def _trimmed(row: tuple[str, ...]) -> tuple[str, ...]:
    last = len(row)
    while last and not row[last - 1]:
        last -= 1
    return row[:last]


def _heading_row(rows: list[tuple[str, ...]]) -> int | None:
    """The first row as wide as most that has no numbers but periods, and cells below it."""
    widths = Counter(len(row) for row in rows if sum(map(bool, row)) > 1)
    if not widths:
        return None
    usual = widths.most_common(1)[0][0]
    for i, row in enumerate(rows[:-1]):
        filled = [cell for cell in row if cell]
        plain = all(parse(cell) or not re.fullmatch(r"[+-]?[\d.,]+%?", cell) for cell in filled)
        if len(row) >= usual and len(filled) >= max(2, usual // 2) and plain:
            return i
    return None


def _headings(rows: list[tuple[str, ...]], at: int) -> tuple[list[str], int]:
    """The names of the columns, joined with a row of merged headings above where that makes periods; rows above."""
    names, above = list(rows[at]), sum(any(row) for row in rows[:at])
    over = list(rows[at - 1]) if at else []
    if above and sum(map(bool, over)) > 1 and sum(bool(parse(name)) for name in names) < 2:
        filled, last = [], ""
        for i in range(len(names)):
            last = (over[i] if i < len(over) else "") or last
            filled.append(last)
        joined = [f"{top} {name}".strip() if parse(f"{top} {name}") else name
                  for top, name in zip(filled, names, strict=True)]  # fmt: skip
        if sum(bool(parse(name)) for name in joined) > 1:
            names, above = joined, above - 1
    blank = [i for i, name in enumerate(names) if not name]
    twice = sorted(name for name, n in Counter(names).items() if n > 1 and name)
    if blank or twice:
        what = f"{counted(len(blank), 'column')} without a heading" if blank else f"repeated headings: {listed(twice)}"
        found, allowed = f"the row of headings has {what}", "one heading of its own over each column"
        cure = "Write them out; merged cells give a name to one column only."
        raise BadInput([Problem("data", found, allowed, cure)])
    return names, above


def _without_totals(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The rows of places, and the names of the totals left out; totals alone are places of their own kind."""
    labels = [name for name in frame.columns if not parse(str(name))]
    total = pd.Series([False] * len(frame), index=frame.index)
    for name in labels:
        known = {text: is_total(text) for text in frame[name].unique()}
        total |= frame[name].map(known).astype(bool)
    if not total.any() or total.all():
        return frame, []
    named = frame.loc[total, labels].apply(lambda row: next(text for text in row if is_total(text)), axis=1)
    return frame[~total].reset_index(drop=True), sorted(set(named))
