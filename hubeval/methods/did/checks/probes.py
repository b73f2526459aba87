"""Attempts to break the number: placebo starts, leaving out treated units, other comparison sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.checks.paths import grid
from hubeval.methods.did.door.panel import restrict
from hubeval.result import Diagnostic, NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Fitted

Found = Diagnostic | NotComputed


def placebo_start(panel: Panel, refit: Callable[[Panel], Fitted]) -> Found:
    """The estimate when treatment is pretended to begin earlier, from data before the real start only."""
    what = "placebo start"
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
    estimate = fitted.overall
    p = estimate.p_value
    seen = p is not None and p < 0.05
    reading = (f"With one false start {back} period(s) before the first real one, and only data from before that, the "
               f"estimate is {estimate.estimate:.3g} (p = {'not available' if p is None else f'{p:.2f}'}). ")
    reading += ("An effect where there can be none: the comparison is in doubt." if seen
                else "Nothing stands out where nothing should.")
    return Diagnostic(name=what, question="Is there an 'effect' before there can be one?", statistic=p,
                      threshold="p < 0.05 is a caution", status="caution" if seen else "pass", reading=reading)


def leave_one_out(panel: Panel, fitted: Fitted, limit: int = 60) -> Found:
    """The range of the estimate when each treated unit is left out in turn."""
    what = "leave one treated unit out"
    who = panel.cluster if panel.repeated else np.arange(panel.n_units)  # of people asked once: their areas
    treated = np.unique(who[panel.ever])
    if len(treated) < 2:
        return NotComputed(what=what, reason="one unit is treated: there is nothing to leave out")
    if len(treated) > limit:
        return NotComputed(what=what, reason=f"more than {limit} treated units: no single one can carry the number")
    values = np.array([fitted.point(restrict(panel, (who != unit)[panel.unit])) for unit in treated])
    values = values[np.isfinite(values)]
    if not len(values):
        return NotComputed(what=what, reason="without any one of them the effect cannot be estimated")
    whole = fitted.overall.estimate
    flips = bool((values * whole < 0).any())
    swing = float(np.abs(values - whole).max() / abs(whole)) if whole else np.inf
    status = "fail" if flips else "caution" if swing > 0.5 else "pass"
    carried = "The sign hangs on one unit." if flips else "One unit moves the number by more than half."
    reading = (f"Leaving out each of {len(treated)} treated units in turn gives {values.min():.3g} to "
               f"{values.max():.3g} (all of them: {whole:.3g}). "
               f"{'No single unit carries it.' if status == 'pass' else carried}")
    return Diagnostic(name=what, question="Does one treated unit carry the number?", statistic=swing,
                      threshold="a change of sign fails; more than half is a caution",
                      status=status, reading=reading)  # type: ignore[arg-type]


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
    reading = (f"Against the {half} comparison units nearest in level before the start: {values[0]:.3g}; against the "
               f"others: {values[1]:.3g}. {verdict}")
    return Diagnostic(name=what, question="Does the number hang on one comparison set?", statistic=float(gap),
                      threshold="a gap above the estimate itself, or a change of sign", status=status,  # type: ignore[arg-type]
                      reading=reading)
