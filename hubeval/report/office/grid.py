"""One table of an office file, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubeval.result import Cell

NOT_APPLICABLE = "[z]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """One table: a name (the sheet's), a title, columns and rows without a blank cell.

    `page` says which columns a printed page has room for; None: all.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    page: tuple[int, ...] | None = None
