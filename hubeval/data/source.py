"""Files into a frame of text, exactly as written: nothing is guessed, converted or dropped while reading."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval import files
from hubeval.errors import BadInput, MissingExtra, Problem

if TYPE_CHECKING:
    from pathlib import Path

# what published tables on children's services write where a number should be; blank always counts as missing
KNOWN_MARKS = (
    "c",
    "x",
    "z",
    "k",
    "u",
    "low",
    "~",
    "-",
    "..",
    ".",
    ":",
    "*",
    "NA",
    "N/A",
    "na",
    "n/a",
    "NaN",
    "nan",
    "NULL",
    "null",
    "suppressed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table as read: cells are text, blank where missing, or (from a frame) numbers; with its source's hash."""

    frame: pd.DataFrame
    name: str
    sha256: str
    notes: tuple[str, ...] = ()


def read_source(data: str | Path | pd.DataFrame, *, sheet: str = "") -> Source:
    """Read a CSV, XLSX or Parquet file, or take a frame (which is copied, never changed).

    Raises
    ------
    BadInput
        No such file, empty, unreadable, no header, or two columns of one name.
    MissingExtra
        The file's kind needs an optional package.
    """
    if isinstance(data, pd.DataFrame):
        return _from_frame(data)
    path = files.regular(data, "data", most=files.MOST_DATA)
    if path.stat().st_size == 0:
        raise BadInput([Problem("data", f"{path} is empty", "a table with a header row", "Export it again.")])
    suffix = path.suffix.lower()
    notes: tuple[str, ...] = ()
    if suffix in {".xlsx", ".xlsm"}:
        frame = _excel(path, sheet)
    elif suffix == ".parquet":
        frame = _parquet(path)
    elif suffix in {".csv", ".txt", ".tsv"}:
        frame, notes = _csv(path)
    else:
        raise BadInput(
            [
                Problem(
                    "data",
                    f"{path.name} is of a kind hubeval does not read",
                    "allowed: .csv, .xlsx, .parquet",
                    "Save it as CSV.",
                )
            ]
        )
    _check_header(frame, path.name)
    return Source(frame=frame, name=path.name, sha256=files.sha256(path), notes=notes)


def _from_frame(data: pd.DataFrame) -> Source:
    names = [str(c) for c in data.columns]
    frame = pd.DataFrame({i: _cells(data.iloc[:, i]) for i in range(data.shape[1])})
    frame.columns = pd.Index(names)
    _check_header(frame, "the frame")
    digest = files.sha256(frame.to_csv(index=False))
    return Source(frame=frame, name="a frame in memory", sha256=digest)


def _cells(column: pd.Series) -> pd.Series | list[str]:
    """Numbers stay numbers; everything else becomes text: dates as ISO days, missing as blank."""
    if pd.api.types.is_bool_dtype(column.dtype) and not column.isna().any():
        return column.astype(float).reset_index(drop=True)
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype):
        return column.astype(float).reset_index(drop=True)
    return [as_text(value) for value in column.tolist()]


def as_text(value: object) -> str:
    """One cell as it would be written: whole numbers without '.0', dates as ISO days, missing as blank.

    Examples
    --------
    >>> as_text(2017.0), as_text(None), as_text(True)
    ('2017', '', '1')
    """
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124 - NaN is not itself
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return str(value).strip()


def _csv(path: Path) -> tuple[pd.DataFrame, tuple[str, ...]]:
    raw = files.read_bytes(path, "data")
    notes: list[str] = []
    try:
        text = raw.decode("utf-16" if raw[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
        notes.append("the file is not UTF-8; it was read as Windows-1252")
    if not text.strip():
        raise BadInput([Problem("data", f"{path} is empty", "a table with a header row", "Export it again.")])
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    separator = max(",;\t|", key=text.split("\n", 1)[0].count)
    if separator != ",":
        notes.append(f"columns are separated by {'tabs' if separator == chr(9) else repr(separator)}")
    header = _header(text, separator)
    read = pd.read_csv(
        StringIO(text), sep=separator, dtype=str, keep_default_na=False, na_filter=False, skipinitialspace=True,
        header=None, names=range(len(header)), skiprows=1 + sum(name.count("\n") for name in header),
    )
    frame = pd.DataFrame({i: read.iloc[:, i].str.strip() for i in range(read.shape[1])})
    frame.columns = pd.Index([name.strip() for name in header])
    return frame, tuple(notes)


def _header(text: str, separator: str) -> list[str]:
    """The names of the columns, once every row is known to be as wide as they are."""
    reader = csv.reader(StringIO(text), delimiter=separator, skipinitialspace=True, strict=True)
    try:
        header = next(reader)
        ragged = [reader.line_num for row in reader if row and len(row) != len(header)]
    except csv.Error as error:
        found = f"line {reader.line_num} cannot be read as a table row: {error}"
        raise BadInput([Problem("data", found, "quotes that close", "Mend that line, or export it again.")]) from None
    if ragged:
        found = f"{len(ragged)} line(s) have another number of fields than the header, first at line {ragged[0]}"
        raise BadInput([Problem("data", found, "one field for each column", "Mend those lines.")])
    return header


def _excel(path: Path, sheet: str) -> pd.DataFrame:
    try:
        import openpyxl  # noqa: F401, PLC0415
    except ImportError:
        raise MissingExtra("Reading an Excel workbook", "openpyxl", "excel") from None
    try:
        with path.open("rb") as stream, pd.ExcelFile(stream) as book:
            sheets = list(map(str, book.sheet_names))
            frame = pd.read_excel(book, sheet or 0, dtype=object) if not sheet or sheet in sheets else None
    except Exception:  # noqa: BLE001 - the reader raises many kinds; the user needs one line
        raise BadInput(
            [Problem("data", f"{path.name} is not a readable Excel workbook", "", "Save it again.")]
        ) from None
    if frame is None:
        raise BadInput([Problem("data.sheet", f"no sheet {sheet!r}", f"sheets: {', '.join(sheets)}")])
    return _from_frame(frame).frame


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


def _check_header(frame: pd.DataFrame, name: str) -> None:
    columns = [str(c) for c in frame.columns]
    twice = sorted(c for c, times in Counter(columns).items() if times > 1)
    if twice:
        raise BadInput(
            [
                Problem(
                    "data",
                    f"{name} has more than one column named {', '.join(map(repr, twice))}",
                    "each name once",
                    "Rename one.",
                )
            ]
        )
    if not len(frame):
        raise BadInput([Problem("data", f"{name} has a header and no rows", "at least one row", "Export it again.")])
