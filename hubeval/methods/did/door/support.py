"""How many units stand behind a mean or an effect: what the release gate asks of every mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel


def per_period(panel: Panel, which: NDArray[np.bool_]) -> tuple[int, ...]:
    """Units of a group seen in each period; respondents for repeated cross-sections.

    Parameters
    ----------
    panel : Panel
    which : (N,) bool
        The units of the group.
    """
    rows = which[panel.unit]
    return tuple(np.bincount(panel.time[rows], minlength=panel.n_periods).tolist())


def cohort_support(panel: Panel) -> dict[str, int]:
    """Units of each cohort in the period in which fewest are seen, by the label of its start."""
    found = {}
    for cohort in panel.cohorts:
        seen = [n for n in per_period(panel, panel.first == cohort) if n]
        found[str(panel.label(cohort))] = min(seen, default=0)
    return found


def at_event_times(panel: Panel, times: Sequence[float]) -> tuple[int, ...]:
    """The fewest units on either side behind the effect so long after the start."""
    never = per_period(panel, ~panel.ever)
    treated = {cohort: per_period(panel, panel.first == cohort) for cohort in panel.cohorts}
    clock = panel.clock.tolist()
    found = []
    for event in times:
        places = {c: clock.index(clock[c] + event) for c in treated if clock[c] + event in clock}
        ours = sum(treated[c][place] for c, place in places.items())
        theirs = [never[place] for c, place in places.items() if treated[c][place]] if any(never) else []
        found.append(min([ours, *theirs]))
    return tuple(found)


def overall_support(panel: Panel) -> int:
    """The fewest units on either side behind the average effect; respondents for repeated cross-sections."""
    sides = [int(panel.ever.sum()), int((~panel.ever).sum())]
    return min(n for n in sides if n) if any(sides) else 0
