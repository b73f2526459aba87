"""The reporting guidelines that speak of a result, one table each: what is given, what the authors must still write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.report.guidelines.fill import applicable, filled, guideline
from hubeval.report.office.grid import NOT_APPLICABLE, Grid

if TYPE_CHECKING:
    from collections.abc import Mapping

def guideline_grids(result: Mapping[str, Any]) -> list[Grid]:
    """A table for each applicable guideline, in the order in which they fit the design."""
    made = []
    for name in applicable(result):
        known = guideline(name)
        rows = tuple(
            (one.item.id, one.item.section, one.item.asks, one.given or NOT_APPLICABLE,
             one.item.write or NOT_APPLICABLE)
            for one in filled(result, name)
        )  # fmt: skip
        columns = ("Item", "Section", "What it asks", "Given here", "Authors must still write")
        made.append(Grid(name=known.title.split(":")[0], title=f"{known.title} ({known.source})", columns=columns,
                         rows=rows, note=known.note, page=(0, 2, 3, 4)))  # fmt: skip
    return made
