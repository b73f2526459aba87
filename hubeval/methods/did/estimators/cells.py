"""Which comparisons make up the group-time effects: the cells, and who belongs in each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.methods.did.door.panel import restrict
from hubeval.result import FlowStep

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


def without_idle(panel: Panel, *, control: Control, anticipation: int) -> Panel:
    """The panel without units that are in no effect from the start on, for want of one of its two periods.

    They are in no number that is averaged, so they count on neither side; how many they are is added to `flow`. For
    units that are followed, and effects of pairs of periods.

    Parameters
    ----------
    panel : Panel
    control : {"never", "not-yet"}
    anticipation : int

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.methods.did import read_panel
    >>> frame = pd.DataFrame({"la": list("AAABBBCC"), "year": [1, 2, 3] * 2 + [1, 2], "opened": [3] * 3 + [None] * 5,
    ...                       "rate": [5.0, 3.0, 4.0, 4.0, 1.0, 2.0, 2.0, 3.0]})
    >>> panel = read_panel(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> panel.sides, without_idle(panel, control="never", anticipation=0).sides
    ((1, 2), (1, 1))
    """
    if panel.balanced or panel.repeated:
        return panel
    seen = np.zeros((panel.n_units, panel.n_periods), dtype=bool)
    seen[panel.unit, panel.time] = True
    used = np.zeros(panel.n_units, dtype=bool)
    for cell in cells(panel, control=control, base="varying", anticipation=anticipation):
        if not cell.after:
            continue
        both = seen[:, cell.time] & seen[:, cell.base]
        ours, others = both & (panel.first == cell.group), both & comparison(panel, cell)
        if ours.any() and others.any():
            used |= ours | others
    if used.all() or not used.any():
        return panel
    kept = restrict(panel, used[panel.unit], anticipation=anticipation)
    n = int((~used).sum())
    note = f"{n} {'unit' if n == 1 else 'units'} left out: not seen both before a start and after it"
    step = FlowStep(label="units in an effect from the start on", n_rows=kept.n_rows, n_units=kept.n_units, note=note)
    return replace(kept, flow=(*panel.flow, step))


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
