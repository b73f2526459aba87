"""The workbook in Excel's format: one table a sheet, text as text, numbers as numbers, the same bytes every time."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import xlsxwriter

from hubeval.report.office.sheets import MOST_PLACES, places, widths_of
from hubeval.report.office.zipped import repacked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hubeval.report.office.sheets import Sheet

AS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_LINE, _TALL, _TALLEST = 15.0, 19.0, 409.0  # points: a line, a title, the most that a row may be


def xlsx(sheets: Sequence[Sheet], *, title: str, made: datetime) -> bytes:
    """A workbook of sheets.

    Parameters
    ----------
    sheets : sequence of Sheet
    title : str
    made : datetime
        The day that is written into it: that of the result, not of the run.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(out, AS_TEXT)
    book.set_properties({"title": title, "author": "hubeval", "created": made, "comments": "From result.json"})
    looks = Looks(book)
    for number, sheet in enumerate(sheets, start=1):
        _write(book.add_worksheet(sheet.name), sheet, looks, number)
    book.close()
    return repacked(out.getvalue())


class Looks:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        base = {"font_name": "Arial", "font_size": 11, "valign": "top"}
        self.title = book.add_format({**base, "bold": True, "font_size": 14, "text_wrap": True})
        self.line = book.add_format({**base, "text_wrap": True})
        self.free = book.add_format(base)
        self.head = book.add_format({**base, "bold": True, "text_wrap": True, "bottom": 1})
        self.text = book.add_format({**base, "text_wrap": True})
        self.mark = book.add_format({**base, "align": "right"})
        self.link = book.add_format({**base, "font_color": "#0b3d91", "underline": 1})
        self.number = [
            book.add_format({**base, "num_format": "#,##0" + ("." + "0" * digits if digits else "")})
            for digits in range(MOST_PLACES + 1)
        ]
        self.number.append(book.add_format({**base, "num_format": "0.00E+00"}))  # the last: `places` says -1


def _write(page: Any, sheet: Sheet, looks: Looks, number: int) -> None:
    for row, line in enumerate(sheet.lines):
        page.write_string(row, 0, line, looks.line if row else looks.title)
    widths = widths_of(sheet)
    for row, line in enumerate(sheet.lines):
        page.set_row(row, _height([line], widths, _TALL if row == 0 else _LINE))
    for row, held in enumerate([sheet.columns, *sheet.rows] if sheet.columns else [], start=sheet.top):
        page.set_row(row, _height(held, widths, _LINE))
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    if not sheet.columns:
        return
    bottom, right = sheet.top + len(sheet.rows), len(sheet.columns) - 1
    page.add_table(sheet.top, 0, bottom, right, {
        "name": f"table_{number}", "style": None, "autofilter": False,
        "columns": [{"header": name, "header_format": looks.head} for name in sheet.columns],
    })  # fmt: skip
    page.repeat_rows(sheet.top)
    for place, cells in enumerate(sheet.rows):
        _cells(page, sheet, place, cells, looks)


def _cells(page: Any, sheet: Sheet, place: int, row: Sequence[Any], looks: Looks) -> None:
    at = sheet.top + 1 + place
    for column, cell in enumerate(row):
        if column == 0 and sheet.links:
            page.write_url(at, 0, f"internal:'{sheet.links[place]}'!A1", looks.link, str(cell))
        elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
            page.write_number(at, column, cell, looks.number[places(cell)])
        else:
            said = str(cell)
            page.write_string(at, column, said, looks.mark if said in {"[c]", "[x]", "[z]"} else looks.text)


def _height(cells: Sequence[Any], widths: Sequence[int], line: float) -> float:
    """The height of a row in which no text is cut: spreadsheets do not all work it out when they open a file."""
    placed = zip(cells, widths, strict=False)
    lines = max(sum(1 + len(part) // width for part in str(cell).split("\n")) for cell, width in placed)
    return min(line * lines, _TALLEST)
