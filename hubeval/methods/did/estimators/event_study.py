"""The columns of a two-way event study: one for each time since the start, the period before it as reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput, Problem
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.two_way import Columns

    Floats = NDArray[np.float64]

ESTIMAND = ("difference from the period before the start, against units not treated, as two-way fixed effects weights "
            "the cohorts")


def event_columns(panel: Panel, window: tuple[int, int] | None) -> tuple[Columns, Floats, list[NotComputed]]:
    """The columns, their event times, and which event time could not have one.

    Raises
    ------
    BadInput
        The window does not hold both sides of the start.
    """
    low, high = window or (-np.inf, np.inf)
    seen = np.unique(np.clip(panel.event[np.isfinite(panel.event)], low, high))
    if -1 not in seen or not low < -1 < 0 <= high:
        found = f"event times seen are {seen.min():g} to {seen.max():g}"
        raise BadInput([Problem("window", found, "a window with both -1 and 0 in it and in the data",
                                "Widen it, or keep an earlier period.")])
    times = seen[seen != -1]
    dropped: list[NotComputed] = []
    if panel.ever.all():
        # no never-treated unit: event time and period effects are collinear, a second reference is needed
        gone, times = times[0], times[1:]
        dropped.append(NotComputed(what=f"event time {gone:g}",
                                   reason="no unit is never treated, so a second reference period is needed"))
    clock = panel.clock[panel.time]

    def columns(start: Floats) -> Floats:
        event = clock - start
        event = np.where(np.isfinite(event), np.clip(event, low, high), np.nan)
        return np.asarray(event[:, None] == times, dtype=np.float64)

    return columns, times, dropped
