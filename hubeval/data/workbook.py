"""Excel workbooks into cells exactly as they show: error cells stay errors, and no sheet is read unasked."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
from openpyxl.cell.rich_text import CellRichText, TextBlock

from hubeval.data.cells import as_cells, as_text, heading
from hubeval.errors import BadInput, Problem, did_you_mean, listed
from hubeval.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

_WIDE = "If it has titles, merged headings or notes, tidy it first: 'hubeval import FILE --out tidy.csv'."


def read_workbook(path: Path, sheet: str = "") -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The cells of one sheet under its header row, and what was noticed while reading.

    A cell that holds an error keeps its text (``#N/A``), and a formula that was never calculated keeps its formula,
    so that a column in which one stands is refused by whoever reads it.

    Raises
    ------
    BadInput
        Not a workbook; no such sheet; several sheets and none named; cells beside the header.
    """
    rows, notes = sheet_rows(path, sheet)
    first = next((i for i, row in enumerate(rows) if any(value is not None for value in row)), None)
    if first is None:
        raise BadInput([Problem("data", f"{path.name} is empty", "a table with a header row", "Export it again.")])
    header = [heading(as_text(value)) for value in rows[first]]
    body = [row for row in rows[first + 1 :] if row]
    used = sorted({i for row in body for i, value in enumerate(row) if value is not None} | _named(header))
    names = [header[i] if i < len(header) else "" for i in used]
    if (n := names.count("")) > 1:
        found = f"{path.name}: {n} columns hold cells under no heading"
        raise BadInput([Problem("data", found, "a heading above each column", f"Name them, or clear them. {_WIDE}")])
    cells = [[row[i] if i < len(row) else None for row in body] for i in used]
    made = pd.DataFrame({i: as_cells(pd.Series(column, dtype=object)) for i, column in enumerate(cells)})
    made.columns = pd.Index(names)
    return made, notes


def _named(header: list[str]) -> set[int]:
    return {i for i, name in enumerate(header) if name}


def sheet_rows(path: Path, sheet: str = "") -> tuple[list[tuple[Any, ...]], tuple[str, ...]]:
    """The rows of one sheet as they stand, without the empty cells at their ends; and what was noticed.

    Formulas give the value that was calculated last; one that never was stays as its text.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts of a workbook that are no cells
        try:
            rows, state, book, hidden = _rows_and_sheets(path, sheet)
        except BadInput:
            raise
        except Exception:  # noqa: BLE001 - the reader raises many kinds; the user needs one line
            found = f"{path.name} is not a readable Excel workbook"
            raise BadInput([Problem("data", found, "an .xlsx workbook without a password", "Save it again.")]) from None
    others = [name for name in book if name != state[0]]
    notes = [f"sheet {state[0]!r} was read"] if others else []
    if state[1] != "visible":
        notes.append(f"sheet {state[0]!r} is hidden in the workbook; it was read because it was named")
    if hidden:
        notes.append(f"{counted(hidden, 'row')} hidden in the workbook (by a filter?) and read with the others")
    return rows, (*notes, *_percentages(rows))


def _rows_and_sheets(path: Path, sheet: str) -> tuple[list[tuple[Any, ...]], tuple[str, str], list[str], int]:
    with path.open("rb") as stream:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=False, keep_links=False, rich_text=True)
        states = {page.title: page.sheet_state for page in book.worksheets}
        chosen = _chosen(book, sheet, states, path.name)
        page = book[chosen]
        page.reset_dimensions()  # a stray cell in the last column must not widen every row
        rows, formulas = [], False
        for row in page.iter_rows():
            values = [_shown(cell) for cell in row]
            formulas = formulas or any(cell.data_type == "f" for cell in row)
            rows.append(_trimmed(values))
        if formulas:
            rows = _calculated(path, chosen, rows)
        hidden = _hidden_rows(page)
        book.close()
    return rows, (chosen, states[chosen]), list(states), hidden


class _Share(float):
    """A number that shows as a percentage, a hundred times what is stored."""


def _shown(cell: Any) -> Any:
    """What a cell holds: a percentage known as one, a raised note mark set apart from the number that it follows."""
    value = cell.value
    if isinstance(value, float) and "%" in (cell.number_format or ""):
        return _Share(value)
    if isinstance(value, CellRichText):
        raised = [run for run in value if isinstance(run, TextBlock) and run.font.vertAlign == "superscript"]
        rest = "".join(str(run) for run in value if not any(run is one for one in raised))
        return f"{rest} ({', '.join(map(str, raised))})" if raised and rest.strip()[-1:].isdigit() else str(value)
    return value


def _percentages(rows: list[tuple[Any, ...]]) -> list[str]:
    """Let percentages among plain numbers keep their sign, so that the column is refused; say it of whole columns."""
    notes, columns = [], {i for row in rows for i, value in enumerate(row) if isinstance(value, _Share)}
    for i in sorted(columns):
        cells = [(at, row[i]) for at, row in enumerate(rows) if len(row) > i and isinstance(row[i], (int, float))]
        plain = [value for _, value in cells if not isinstance(value, _Share) and value != 0]
        if not plain:
            notes.append(f"column {i + 1} shows percentages; what is stored was read, 0.5 for 50%")
            continue
        for at, value in cells:
            if isinstance(value, _Share):
                rows[at] = (*rows[at][:i], f"{100 * value:.10g}%", *rows[at][i + 1 :])
    return notes


def _hidden_rows(page: Any) -> int:
    """How many rows of a sheet are hidden: by a filter, or by hand."""
    found, rest = 0, b""
    with page._get_source() as source:  # noqa: SLF001 - the reader that streams does not say which rows are hidden
        while chunk := source.read(1 << 20):
            *tags, rest = re.split(rb"(?=<row\b)", rest + chunk)
            found += sum(bool(re.match(rb'<row\b[^>]*\shidden="(?:1|true)"', tag[:2_000])) for tag in tags)
            rest = rest if rest.startswith(b"<row") else rest[-4:]
    return found + bool(re.match(rb'<row\b[^>]*\shidden="(?:1|true)"', rest[:2_000]))


def _calculated(path: Path, sheet: str, written: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows with the values that formulas last gave; a formula that never gave one stays as its text."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False, rich_text=True)
    page = book[sheet]
    page.reset_dimensions()
    found = [tuple(_shown(cell) for cell in row) for row in page.iter_rows()]
    book.close()
    rows = []
    for as_written, values in zip(written, found, strict=True):
        given = values + (None,) * (len(as_written) - len(values))
        rows.append(
            tuple(
                f"={formula}".replace("==", "=") if value is None and _is_formula(formula) else value
                for formula, value in zip(as_written, given, strict=False)
            )
        )
    return rows


def _is_formula(value: Any) -> bool:
    return (isinstance(value, str) and value.startswith("=")) or type(value).__name__ in {
        "ArrayFormula",
        "DataTableFormula",
    }


def _trimmed(values: list[Any]) -> tuple[Any, ...]:
    last = len(values)
    while last and (values[last - 1] is None or (isinstance(values[last - 1], str) and not values[last - 1].strip())):
        last -= 1
    return tuple(values[:last])


def _chosen(book: Any, sheet: str, states: dict[str, str], name: str) -> str:
    """The sheet that was named; or the only one that can be seen and holds anything."""
    shown = [f"{title} (hidden)" if state != "visible" else title for title, state in states.items()]
    if sheet:
        if sheet not in states:
            hint = did_you_mean(sheet, states)
            raise BadInput([Problem("data.sheet", f"no sheet {sheet!r}", f"sheets: {listed(shown, 20)}", hint)])
        return sheet
    seen = [title for title, state in states.items() if state == "visible" and _holds_anything(book[title])]
    if len(seen) == 1:
        return seen[0]
    if not seen:
        found = f"{name} has no visible sheet with cells"
        raise BadInput([Problem("data.sheet", found, f"sheets: {listed(shown, 20)}", "Name the sheet to read.")])
    found = f"{name} has {len(seen)} sheets, and none is named"
    cure = f'Say which: --sheet "{seen[0]}" for hubeval import, sheet = "{seen[0]}" under [data] in a protocol.'
    raise BadInput([Problem("data.sheet", found, f"sheets: {listed(shown, 20)}", cure)])


def _holds_anything(page: Any) -> bool:
    page.reset_dimensions()
    return any(cell.value is not None for row in page.iter_rows(max_row=1000) for cell in row)
