"""Files into a frame of text, exactly as written: nothing is guessed, converted or dropped while reading."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from hubeval import files
from hubeval.data.cells import as_cells
from hubeval.data.delimited import read_delimited
from hubeval.errors import BadInput, MissingExtra, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

READ = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".parquet", ".dta", ".sav", ".zsav")
"""Kinds of file that are read, by the end of their name."""
_CONVERTED = {
    ".xls": "the Excel format of before 2007",
    ".xlsb": "Excel's binary format",
    ".ods": "an OpenDocument spreadsheet",
    ".numbers": "an Apple Numbers spreadsheet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table as read: cells are text, blank where missing, or (from a frame) numbers; with its source's hash.

    `absent` counts, by column, the cells that the file itself declares to be missing. `decimal_comma` says that the
    columns are parted by semicolons, so that a comma in a number may be its point. Where the records stay elsewhere,
    `stands` says how many of them each row stands for, and `units_of` how many units each unit's name stands for.
    """

    frame: pd.DataFrame
    name: str
    sha256: str
    notes: tuple[str, ...] = ()
    decimal_comma: bool = False
    absent: Mapping[str, int] = field(default_factory=dict)
    stands: pd.Series | None = None
    units_of: Mapping[str, int] = field(default_factory=dict)

    @property
    def tallied(self) -> bool:
        """Whether each row stands for many."""
        return self.stands is not None


def read_source(data: str | Path | pd.DataFrame | Source, *, sheet: str = "") -> Source:
    """Read a CSV, Excel, Parquet, Stata or SPSS file, or take a frame (copied, never changed) or what was read before.

    Raises
    ------
    BadInput
        No such file, empty, unreadable, no header, two columns of one name, or a sheet named where there are none.
    MissingExtra
        The file's kind needs an optional package.
    """
    if isinstance(data, Source):
        return data
    if isinstance(data, pd.DataFrame):
        return _from_frame(data)
    path = files.regular(data, "data", most=files.MOST_DATA)
    if path.stat().st_size == 0:
        raise BadInput([Problem("data", f"{path} is empty", "a table with a header row", "Export it again.")])
    suffix = path.suffix.lower()
    if sheet and suffix not in {".xlsx", ".xlsm"}:
        found = f"names the sheet {sheet!r}, and {path.name} is no workbook"
        raise BadInput([Problem("data.sheet", found, "a sheet of an .xlsx file", "Leave it out.")])
    absent: Mapping[str, int] = {}
    if suffix in {".sav", ".zsav"}:
        from hubeval.data.statistical import read_spss  # noqa: PLC0415 - seldom asked for

        frame, notes, absent = read_spss(path)
        separator = ""
    else:
        frame, separator, notes = _read(path, suffix, sheet)
    _check_header(frame, path.name)
    return Source(frame=frame, name=path.name, sha256=files.sha256(path), notes=notes, decimal_comma=separator == ";",
                  absent=absent)


def _read(path: Path, suffix: str, sheet: str) -> tuple[pd.DataFrame, str, tuple[str, ...]]:
    """The cells, the separator where there is one, and notes, by the kind of file."""
    if suffix in {".csv", ".txt", ".tsv"}:
        return read_delimited(path)
    if suffix in {".xlsx", ".xlsm"}:
        from hubeval.data.workbook import read_workbook  # noqa: PLC0415 - its library is slow to come, and most data are CSV

        frame, notes = read_workbook(path, sheet)
    elif suffix == ".dta":
        from hubeval.data.statistical import read_stata  # noqa: PLC0415 - seldom asked for

        frame, notes = read_stata(path)
    elif suffix == ".parquet":
        frame, notes = _parquet(path), ()
    else:
        kind = _CONVERTED.get(suffix, "of a kind hubeval does not read")
        cure = "Open it in Excel or LibreOffice and save it as .xlsx or .csv." if suffix in _CONVERTED else ""
        found, allowed = f"{path.name} is {kind}", f"allowed: {', '.join(READ)}"
        raise BadInput([Problem("data", found, allowed, cure or "Save it as CSV.")])
    return frame, "", notes


def _from_frame(data: pd.DataFrame) -> Source:
    names = [str(c) for c in data.columns]
    frame = pd.DataFrame({i: as_cells(data.iloc[:, i]) for i in range(data.shape[1])})
    frame.columns = pd.Index(names)
    _check_header(frame, "the frame")
    digest = files.sha256(frame.to_csv(index=False))
    return Source(frame=frame, name="a frame in memory", sha256=digest)


def _parquet(path: Path) -> pd.DataFrame:
    try:
        import pyarrow as pa  # noqa: PLC0415
    except ImportError:
        raise MissingExtra("Reading a Parquet file", "pyarrow", "large") from None
    try:
        frame = pd.read_parquet(path)
    except (pa.ArrowInvalid, OSError):
        raise BadInput(
            [Problem("data", f"{path.name} is not a readable Parquet file", "", "Write it again.")]
        ) from None
    return _from_frame(frame).frame


def _looks_like_a_row(names: list[str]) -> bool:
    """Whether the first line is somebody's data, so that nothing in it may be repeated: numbers, and not years.

    Examples
    --------
    >>> _looks_like_a_row(["F0001", "1", "-0.65", "3"]), _looks_like_a_row(["area", "2014", "2015", "2016"])
    (True, False)
    >>> _looks_like_a_row(["2010-01", "50.7"])
    True
    """
    written = [re.fullmatch(r"[-+−]?\d+(\.\d+)?", name.strip()) for name in names]
    numbers = [found for found in written if found and not re.fullmatch(r"(19|20)\d\d(\d\d)?", found[0])]
    decimals = any(re.fullmatch(r"[-+−]?\d+\.\d*[1-9]\d*", name.strip()) for name in names)  # no name is one
    return decimals or len(numbers) >= max(2, len(names) / 3)


def _check_header(frame: pd.DataFrame, name: str) -> None:
    if _looks_like_a_row(list(map(str, frame.columns))):
        found = f"{name} has no header: its first line holds numbers where names of columns should stand"
        raise BadInput([Problem("data", found, "a table with a header row", "Write the columns' names above it.")])
    twice = sorted(c for c, times in Counter(map(str, frame.columns)).items() if times > 1)
    if twice:
        found = f"{name} has more than one column named {', '.join(map(repr, twice))}"
        raise BadInput([Problem("data", found, "each name once", "Rename one.")])
    if not len(frame):
        raise BadInput([Problem("data", f"{name} has a header and no rows", "at least one row", "Export it again.")])
