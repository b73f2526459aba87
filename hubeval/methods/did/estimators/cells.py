"""Which comparisons make up the group-time effects: the cells, and who belongs in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Mask = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

Control = Literal["never", "not-yet"]
Base = Literal["varying", "universal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One group-time effect: a cohort, a period, and the period it is compared with.

    Attributes
    ----------
    group : int
        Position of the cohort's first treated period.
    time, base : int
        Positions of the period and of its base.
    after : bool
        From the start on.
    bar : float
        Comparison units start later than this on the clock; inf for never-treated only.
    """

    group: int
    time: int
    base: int
    after: bool
    bar: float


def cells(panel: Panel, *, control: Control, base: Base, anticipation: int) -> list[Cell]:
    """The cells of a panel, cohort by cohort, as R ``did`` defines them.

    From the start, or its anticipation, on the base is the last period before both. Before them ``varying``
    compares each period with the one before it, ``universal`` with the same base.
    """
    found = []
    for group in panel.cohorts.tolist():
        fixed = acting_from(panel, group, anticipation) - 1
        if fixed < 0:
            continue
        for time in range(0 if base == "universal" else 1, panel.n_periods):
            after = time >= group
            against = fixed if time > fixed or base == "universal" else time - 1
            # R bounds not-yet-treated units by the later of the two periods
            bar = np.inf if control == "never" else panel.clock[max(time, against)] + anticipation
            found.append(Cell(group=group, time=time, base=against, after=after, bar=float(bar)))
    return found


def comparison(panel: Panel, cell: Cell) -> Mask:
    """Units that a cell compares with, (N,): untreated, and not to be treated by its bar."""
    later = panel.start > cell.bar if np.isfinite(cell.bar) else np.isinf(panel.start)
    return np.asarray(later & (panel.first != cell.group))


def start_of(panel: Panel, group: int) -> float:
    """Clock value at which a cohort starts (its earliest, where starts in a gap of the data share a first period)."""
    return float(panel.start[panel.first == group].min())


def acting_from(panel: Panel, cohort: int, anticipation: int) -> int:
    """Position from which a cohort may act: its start, or the first period no earlier than is declared on the clock."""
    return int(np.searchsorted(panel.clock + anticipation, start_of(panel, cohort)))


def acting(panel: Panel, anticipation: int) -> Codes:
    """Position from which each unit may act, (N,); T for never treated."""
    found = np.full(panel.n_periods + 1, panel.n_periods, dtype=np.intp)
    for cohort in panel.cohorts.tolist():
        found[cohort] = acting_from(panel, cohort, anticipation)
    return np.asarray(found[panel.first])
