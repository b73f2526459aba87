"""Attempts to break the number: placebo starts, leaving out treated units, other comparison sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.checks.paths import grid
from hubeval.methods.did.door.panel import restrict
from hubeval.methods.readings import leave_one_out as reading
from hubeval.methods.readings.placebo_starts import one_earlier
from hubeval.result import Diagnostic, NotComputed
from hubeval.wording import brief

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Fitted

Found = Diagnostic | NotComputed


def placebo_start(panel: Panel, refit: Callable[[Panel], Fitted]) -> Found:
    """The estimate when treatment is pretended to begin earlier, from data before the real start only."""
    what = "placebo starts"
    room = int(np.min(panel.first[panel.ever]))
    back = room // 2
    if back < 1 or room - back < 1:
        return NotComputed(what=what, reason="too few periods before the first start")
    rows = panel.time < room  # before anyone starts, so that a full panel stays full
    earlier = np.where(panel.ever, panel.clock[room - back], np.inf)
    try:
        fitted = refit(restrict(panel, rows, earlier))
    except (BadInput, ValueError) as problem:
        return NotComputed(what=what, reason=str(problem))
    return one_earlier(fitted.overall, back)


def leave_one_out(panel: Panel, fitted: Fitted, limit: int = 60) -> Found:
    """The range of the estimate when each treated unit is left out in turn."""
    what = "leave one treated unit out"
    who = panel.cluster if panel.repeated else np.arange(panel.n_units)  # of people asked once: their areas
    treated = np.unique(who[panel.ever])
    if len(treated) < 2:
        return NotComputed(what=what, reason="one unit is treated: there is nothing to leave out")
    if len(treated) > limit:
        return NotComputed(what=what, reason=f"more than {limit} treated units: no single one can carry the number")
    values = [fitted.point(restrict(panel, (who != unit)[panel.unit])) for unit in treated]
    return reading.leave_one_out(values, fitted.overall.estimate, of="treated unit")


def comparison_sets(panel: Panel, fitted: Fitted) -> Found:
    """The estimate against the half of the comparison units most like the treated beforehand, and the other half."""
    what = "choice of comparison units"
    others = np.flatnonzero(~panel.ever)
    if panel.repeated:
        return NotComputed(what=what, reason="repeated cross-sections: nobody is followed, so none has a level before")
    if len(others) < 8:
        return NotComputed(what=what, reason="fewer than 8 never-treated units followed over time")
    y = grid(panel)
    before = y[:, : int(np.min(panel.first[panel.ever]))]
    level = np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in before])
    far = np.abs(level[others] - np.nanmean(level[panel.ever]))
    ranked = others[np.argsort(np.where(np.isfinite(far), far, np.inf), kind="stable")]
    half = len(ranked) // 2
    values = [fitted.point(restrict(panel, ~np.isin(panel.unit, gone))) for gone in (ranked[half:], ranked[:half])]
    whole = fitted.overall.estimate
    gap = abs(values[0] - values[1]) / abs(whole) if whole else np.inf
    flips = values[0] * values[1] < 0
    status = "caution" if flips or gap > 1 else "pass"
    verdict = "The number depends on who is compared with." if status == "caution" else "The choice matters little."
    reading = (f"Against the {half} comparison units nearest in level before the start: {brief(values[0])}; "
               f"against the others: {brief(values[1])}. {verdict}")
    return Diagnostic(name=what, bears_on="sign",
                      question="Does the number hang on one comparison set?", statistic=float(gap),
                      threshold="a gap above the estimate itself, or a change of sign", status=status,  # type: ignore[arg-type]
                      reading=reading)
