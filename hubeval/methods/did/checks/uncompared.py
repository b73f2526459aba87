"""Treated people and periods whose effect could not be computed, and so is not in the average."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.estimators.group_time import name_of
from hubeval.methods.readings.question import Question
from hubeval.wording import counted

if TYPE_CHECKING:
    from hubeval.methods.did.inference.fitted import Fitted
    from hubeval.result import Diagnostic

LEFT_OUT = Question(
    name="left out", asked="Is every treated period in the average?", bears_on="size",
    threshold="any treated period for which no comparison could be made is a caution")


def left_out(fitted: Fitted) -> Diagnostic | None:
    """That effects after the start were wanted and could not be computed; None where all are there.

    Parameters
    ----------
    fitted : Fitted
        The headline; only group-time effects leave cells out.
    """
    if fitted.cells is None or not fitted.not_computed:
        return None
    used, absent = fitted.cells.panel, {item.what for item in fitted.not_computed}
    weights = np.ones(used.n_rows) if used.weights is None else used.weights
    first, lost, times = used.first[used.unit], np.zeros(used.n_rows, dtype=bool), set()
    cells = [(group, time) for group in used.cohorts for time in range(int(group), used.n_periods)]
    for group, time in cells:
        if name_of(used, int(group), time) in absent:
            lost |= (first == group) & (used.time == time)
            times.add(time)
    if not times:
        return None
    share = float(weights[lost].sum() / weights[used.treated].sum())
    told = f"{share:.0%}" if lost.any() else "none"
    when = f"{used.label(min(times))}" + (f" to {used.label(max(times))}" if len(times) > 1 else "")
    return LEFT_OUT.answered(
        "caution", f"{counted(len(times), 'period')} from the start on ({when}) could not be compared for every wave, "
        f"with {told} of the treated observations: the average is of the others, and the reasons stand under what was "
        "not computed.", share)
