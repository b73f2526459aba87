"""The report as a Word document, in the order of the page, then an annex on pages that lie on their side."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from hubeval.report.flow import flow_of
from hubeval.report.numbers import shown, shown_p
from hubeval.report.office.grids import MARKS, P_VALUE, grids
from hubeval.report.office.word import Paper
from hubeval.report.text import release_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.report.office.grid import Grid
    from hubeval.report.office.template import Template
    from hubeval.result import Cell

_BODY = {"Main numbers": "The main numbers", "Checks": "Does the design hold?", "Sample": "Who and what it rests on"}
_LONGEST, _WIDEST = 60, 9  # rows and columns of a table that a page has room for; longer ones are in the workbook


def report_docx(result: dict[str, Any], pngs: Mapping[str, bytes], template: Template | None = None) -> bytes:
    """A released result as a Word document.

    Parameters
    ----------
    result : dict
        The canonical result.
    pngs : mapping of str to bytes
        Its figures by name, drawn.
    template : Template, optional
        Whose styles it takes.
    """
    paper = Paper(f"{result['area']}: {result['question']}", "Evaluation report", made_on(result), template)
    tables = [grid for grid in grids(result) if grid.name != "Not shown" and not grid.name.startswith("F")]
    _front(paper, result)
    way = flow_of(result)
    for grid in tables:
        if grid.name in _BODY:
            _table(paper, grid)
        if grid.name == "Sample" and way is not None and way["name"] in pngs:
            _figures(paper, [way], pngs)
        if grid.name == "Main numbers":
            _figures(paper, result["figures"][:2], pngs)
    paper.landscape()
    paper.heading("Annex: figures and tables")
    paper.text("Marks where there is no number: " + "; ".join(f"{mark} {said}" for mark, said in MARKS.items()) + ".")
    _figures(paper, result["figures"][2:], pngs)
    for grid in tables:
        if grid.name not in _BODY:
            _table(paper, grid)
    return paper.bytes()


def made_on(result: dict[str, Any]) -> datetime:
    """The day of a result as office files hold it."""
    return datetime.fromisoformat(result["provenance"]["made_on"])


def _front(paper: Paper, result: dict[str, Any]) -> None:
    paper.text(f"Evaluation report · {result['area']} · {result['provenance']['made_on']}")
    paper.title(result["question"])
    paper.text(result["headline"]["text"])
    paper.text(release_line(result["release"]))
    paper.heading("What this does not show")
    lines = [f"{item['what']}: not computed, because {item['reason']}." for item in result["not_computed"]]
    paper.bullets([*result["headline"]["not_shown"], *lines])
    paper.heading("The design")
    paper.text(result["method"])
    paper.text(result["registration"]["says"])


def _figures(paper: Paper, figures: list[dict[str, Any]], pngs: Mapping[str, bytes]) -> None:
    for figure in figures:
        paper.picture(pngs[figure["name"]], figure["title"], figure["text"])
        paper.small(figure["text"])


def _table(paper: Paper, grid: Grid) -> None:
    kept = grid.page if grid.page is not None else tuple(range(len(grid.columns)))
    paper.heading(_BODY.get(grid.name, grid.name), 1 if grid.name in _BODY else 2)
    if len(grid.rows) > _LONGEST or len(kept) > _WIDEST:
        paper.text(f"{len(grid.rows):,} rows of {len(grid.columns)} columns: see tables.xlsx, sheet {grid.name!r}.")
        return
    columns = [grid.columns[i] for i in kept]
    rows = [[_shown(row[i], grid.columns[i]) for i in kept] for row in grid.rows]
    paper.table(grid.title, columns, rows)


def _shown(cell: Cell, column: str) -> tuple[str, bool]:
    """A cell as a page shows it, and whether it is a number."""
    number = isinstance(cell, (int, float)) and not isinstance(cell, bool)
    if number and column == P_VALUE:
        return shown_p(float(cell or 0)), True
    return shown(cell), number
