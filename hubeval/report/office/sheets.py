"""The sheets of a workbook as data: cover, contents, notes, then one table a sheet. Two formats write them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hubeval.errors import visible
from hubeval.report.numbers import minus
from hubeval.report.office.grids import MARKS, grids
from hubeval.report.text import release_line
from hubeval.wording import brief

if TYPE_CHECKING:
    from hubeval.report.office.grid import Grid
    from hubeval.result import Cell

Look = Literal["title", "text", "head", "cell"]
_MOST_TEXT = 32_000  # characters of a cell: beyond 32,767 a spreadsheet drops it
MOST_PLACES = 6
_CUT = " … (cut here; whole in result.json)"
_WIDE, _NARROW, _LONG = 48, 11, 24  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet: lines of text from A1 down, then one table with a header row; `links` are by row of the table."""

    name: str
    lines: tuple[str, ...]
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    links: tuple[str, ...] = ()

    @property
    def top(self) -> int:
        """The row of the table's header, counted from 0."""
        return len(self.lines)


def sheets(result: dict[str, Any]) -> list[Sheet]:
    """Every sheet of a released result's workbook, in order."""
    tables = grids(result)
    made = [_sheet(grid) for grid in tables]
    contents = Sheet(
        name="Contents", lines=("Contents", "Each sheet holds one table. Choose a name to go to it."),
        columns=("Sheet", "What it holds"), rows=tuple((sheet.name, sheet.lines[0]) for sheet in [_notes(), *made]),
        links=("Notes", *(sheet.name for sheet in made)),
    )  # fmt: skip
    return [_cover(result), contents, _notes(), *made]


def _cover(result: dict[str, Any]) -> Sheet:
    lines = (
        f"{result['area']}: {result['question']}",
        result["headline"]["text"],
        release_line(result["release"]),
        f"Made on {result['provenance']['made_on']} by hubeval {result['provenance']['hubeval']}.",
        "Every number was read from result.json, which is the canonical record, and stands here unrounded.",
        "There are no formulas, no merged cells and no hidden sheets.",
    )
    return Sheet(name="Cover", lines=tuple(map(cell_text, lines)))


def _notes() -> Sheet:
    lines = ("Notes", "This sheet holds one table: the marks that stand where there is no number.")
    return Sheet(name="Notes", lines=lines, columns=("Mark", "Meaning"), rows=tuple(MARKS.items()))


def _sheet(grid: Grid) -> Sheet:
    used = [mark for mark in MARKS if any(mark in row for row in grid.rows)]
    said = f"This sheet holds one table of {len(grid.rows):,} rows."
    if used:
        said += f" Marks: {'; '.join(f'{mark} {MARKS[mark]}' for mark in used)}."
    lines = [grid.title, said, *([grid.note] if grid.note else [])]
    rows = tuple(tuple(cell_text(cell) if isinstance(cell, str) else cell for cell in row) for row in grid.rows)
    columns = tuple(map(cell_text, grid.columns))
    return Sheet(name=grid.name, lines=tuple(map(cell_text, lines)), columns=columns, rows=rows)


def cell_text(text: str) -> str:
    """Text that a cell can hold: nothing that acts, a true minus, no longer than a spreadsheet takes."""
    said = visible(minus(text))
    return said if len(said) <= _MOST_TEXT else said[:_MOST_TEXT] + _CUT


def places(value: float) -> int:
    """How many decimals a cell shows of a number, as a page does; -1 for one so small that it takes a power of ten.

    The cell holds the number itself.

    Examples
    --------
    >>> places(-5.30769), places(2941.2), places(12), places(0.00034), places(0.2), places(2e-19)
    (2, 0, 0, 5, 1, -1)
    """
    if value == 0 or isinstance(value, int) or value.is_integer():
        return 0
    return -1 if abs(value) < 10**-MOST_PLACES * 10 else min(len(brief(value).partition(".")[2]), MOST_PLACES)


def widths_of(sheet: Sheet) -> list[int]:
    """A width for each column, in characters; the first holds the lines above the table too."""
    widths = []
    for column in range(max(len(sheet.columns), 1)):
        longest = max((len(str(row[column])) for row in sheet.rows if isinstance(row[column], str)), default=0)
        widths.append(_WIDE if longest > 2 * _LONG else _LONG if longest > _NARROW else _NARROW + 2)
    widths[0] = _WIDE if len(sheet.columns) else 90
    return widths
