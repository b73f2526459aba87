"""A sheet of live formulas: text goes in as text, numbers as numbers, and only our own code writes a formula.

Every formula is put together from references to cells that this file handed out; no word of a user ever stands in one.
What Python computed is written beside each formula as its value, so that a reader without a spreadsheet sees the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_rowcol_to_cell

from hubeval.report.office.sheets import cell_text, places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.report.office.workbook import Looks


class LiveSheet:
    """One sheet, written from top to bottom.

    Parameters
    ----------
    book : xlsxwriter.Workbook
    name : str
        Of letters alone: it stands in formulas.
    looks : Looks
    widths : sequence of int
        Of its columns, in characters.
    """

    def __init__(self, book: Any, name: str, looks: Looks, widths: Sequence[int]) -> None:
        self._page, self._name, self._looks, self.row = book.add_worksheet(name), name, looks, 0
        for column, width in enumerate(widths):
            self._page.set_column(column, column, width)
        self._page.set_landscape()
        self._page.set_paper(9)  # A4
        self._page.fit_to_pages(1, 0)

    def line(self, said: str, look: str = "line") -> None:
        """A line of text in the first column, over the others."""
        shown = self._looks.title if look == "title" else self._looks.free
        self._page.write_string(self.row, 0, cell_text(said), shown)
        self.row += 1

    def head(self, names: Sequence[str]) -> None:
        """A header row, which stays in view."""
        for column, name in enumerate(names):
            self.text(column, name, head=True)
        self.row += 1

    def text(self, column: int, said: str, *, head: bool = False) -> str:
        """Text in a cell of the row that is being written; its reference."""
        self._page.write_string(self.row, column, cell_text(said), self._looks.head if head else self._looks.text)
        return self._at(column)

    def number(self, column: int, value: float) -> str:
        """A number; its reference."""
        self._page.write_number(self.row, column, value, self._looks.number[places(value)])
        return self._at(column)

    def formula(self, column: int, expression: str, value: float, *, money: bool = True) -> str:
        """A formula of references, with what Python computed as its value; its reference."""
        look = self._looks.number[2 if money else max(places(value), 4)]
        self._page.write_formula(self.row, column, f"={expression}", look, value)
        return self._at(column)

    def _at(self, column: int) -> str:
        return f"{self._name}!{xl_rowcol_to_cell(self.row, column, row_abs=True, col_abs=True)}"
