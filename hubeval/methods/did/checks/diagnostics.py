"""Questions put to a difference-in-differences before its number is believed, each with a reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.checks.paths import grid, steps_around_start
from hubeval.methods.did.inference.rule import ENOUGH
from hubeval.methods.readings.variability import variability_of_treated
from hubeval.result import Diagnostic, NotComputed
from hubeval.wording import brief

if TYPE_CHECKING:
    from hubeval.methods.did.door.panel import Panel

Found = Diagnostic | NotComputed
COMFORTABLE = 12


def number_treated(panel: Panel) -> Diagnostic:
    """How many clusters carry the effect, and what that does to errors."""
    treated, others = panel.clusters_treated, panel.n_clusters - panel.clusters_treated
    least = min(treated, others)
    reading = f"{treated} treated and {others} untreated clusters ({panel.cluster_name})."
    if least < ENOUGH:
        reading += (" With so few, cluster-robust errors are too small; permutation of the starts is used instead, "
                    "which needs treated and untreated clusters to be alike in their variability.")
    elif least < COMFORTABLE:
        reading += " Few enough that errors carry a small-sample correction and intervals are wide."
    if treated == 1:
        reading += " One treated cluster: anything else that happened there at that time is in the number."
    return Diagnostic(name="number treated", bears_on="interval",
                      question="Do enough clusters carry the effect?", statistic=treated,
                      threshold=f"fewer than {COMFORTABLE} on either side is a caution",
                      status="caution" if least < COMFORTABLE else "pass", reading=reading)


def change_before_start(panel: Panel, span: int) -> Found:
    """Whether the gap already moved in the last stretch before the start."""
    what = "change before the start"
    steps = steps_around_start(panel, span)
    if panel.repeated:
        return NotComputed(what=what, reason="repeated cross-sections: nobody is followed over time")
    if steps is None:
        return NotComputed(what=what, reason=f"needs never-treated units, {2 * span} periods before a start and "
                                             f"{span} after it")
    same_way = steps.before * steps.at > 0 or abs(steps.before) > abs(steps.at)
    loud = not np.isfinite(steps.noise) or abs(steps.before) > 1.5 * steps.noise
    whole = steps.before + steps.at
    share = min(max(steps.share, 0.0), 1.0) if whole else 0.0
    stretch = "period" if span == 1 else f"{span} periods"
    found = (f"Against the untreated, the treated moved by {brief(steps.before)} in the last {stretch} before "
             f"the start and by {brief(steps.at)} in the first {stretch} after it.")
    if same_way and share >= 0.25 and loud:
        status = "fail" if share >= 0.5 else "caution"
        reading = (f"{found} So {share:.0%} of that change came before the start, where this treatment cannot have "
                   "caused it unless it was anticipated. Look for a recording change, another programme or a dip that "
                   "led to the start.")
        return Diagnostic(name=what, bears_on="sign", question="Did the change come before the start?", statistic=share,
                          threshold="a share of 25% or more, beyond noise", status=status, reading=reading)  # type: ignore[arg-type]
    if same_way and share >= 0.5:
        status = "caution" if abs(steps.before) > steps.noise else "information"
        reading = (f"{found} So {share:.0%} of that change came before the start. Untreated units often move as much "
                   f"(typically {brief(steps.noise)}), so it may be chance; it cannot be the effect.")
    else:
        status, reading = "pass", f"{found} No sizeable change before the start is seen."
    return Diagnostic(name=what, bears_on="sign", question="Did the change come before the start?", statistic=share,
                      threshold="a share of 25% or more, beyond noise", status=status, reading=reading)  # type: ignore[arg-type]


def noise_of_treated(panel: Panel) -> Found:
    """Whether treated units are noisier before the start than others: permutation assumes not."""
    what = "variability of the treated"
    if panel.repeated or panel.ever.all():
        return NotComputed(what=what, reason="needs units followed over time and some never treated")
    y = grid(panel)
    y[np.arange(panel.n_periods)[None, :] >= panel.first[:, None]] = np.nan
    return variability_of_treated(y, panel.ever)
