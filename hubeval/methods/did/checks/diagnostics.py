"""Questions put to a difference-in-differences before its number is believed, each with a reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.checks.paths import grid, steps_around_start
from hubeval.methods.did.inference.rule import ENOUGH
from hubeval.result import Diagnostic, NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.methods.did.door.panel import Panel
    from hubeval.protocol import Caution
    from hubeval.result import Estimate

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
    return Diagnostic(name="number treated", question="Do enough clusters carry the effect?", statistic=treated,
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
    found = (f"Against the untreated, the treated moved by {steps.before:.3g} in the last {stretch} before the start "
             f"and by {steps.at:.3g} in the first {stretch} after it.")
    if same_way and share >= 0.25 and loud:
        status = "fail" if share >= 0.5 else "caution"
        reading = (f"{found} So {share:.0%} of that change came before the start, where this treatment cannot have "
                   "caused it unless it was anticipated. Look for a recording change, another programme or a dip that "
                   "led to the start.")
        return Diagnostic(name=what, question="Did the change come before the start?", statistic=share,
                          threshold="a share of 25% or more, beyond noise", status=status, reading=reading)  # type: ignore[arg-type]
    if same_way and share >= 0.5:
        status = "caution" if abs(steps.before) > steps.noise else "information"
        reading = (f"{found} So {share:.0%} of that change came before the start. Untreated units often move as much "
                   f"(typically {steps.noise:.3g}), so it may be chance; it cannot be the effect.")
    else:
        status, reading = "pass", f"{found} No sizeable change before the start is seen."
    return Diagnostic(name=what, question="Did the change come before the start?", statistic=share,
                      threshold="a share of 25% or more, beyond noise", status=status, reading=reading)  # type: ignore[arg-type]


def noise_of_treated(panel: Panel) -> Found:
    """Whether treated units are noisier before the start than others: permutation assumes not."""
    what = "variability of the treated"
    if panel.repeated or panel.ever.all():
        return NotComputed(what=what, reason="needs units followed over time and some never treated")
    y = grid(panel)
    y[np.arange(panel.n_periods)[None, :] >= panel.first[:, None]] = np.nan
    change = np.diff(y, axis=1)
    centre = np.array([np.median(c[np.isfinite(c)]) if np.isfinite(c).any() else 0.0 for c in change.T])
    spread = np.square(change - centre)
    inside, outside = (spread[who][np.isfinite(spread[who])] for who in (panel.ever, ~panel.ever))
    if len(inside) < 3 or len(outside) < 3 or not outside.mean():
        return NotComputed(what=what, reason="too few periods before the start")
    ratio = float(np.sqrt(inside.mean() / outside.mean()))
    off = ratio > 1.5 or ratio < 1 / 1.5
    reading = f"Before the start, period-to-period changes of treated units are {ratio:.2g} times as large as others'."
    if ratio > 1.5:
        reading += " Permutation p-values are then too small and intervals too short, most so with few treated."
    elif off:
        reading += " Permutation p-values are then too large: the test is cautious."
    return Diagnostic(name=what, question="Are treated units as steady as the others?", statistic=ratio,
                      threshold="between 0.67 and 1.5", status="caution" if off else "pass", reading=reading)


def downstream(primary: Estimate, others: Sequence[Estimate]) -> Diagnostic | None:
    """Whether outcomes that should follow the primary effect moved with it."""
    if not others:
        return None
    moved = _clear(primary)
    still = [e for e in others if not (_clear(e) and e.estimate * primary.estimate > 0)]
    names = "; ".join(f"{e.outcome} {e.estimate:.3g}{_interval(e)}" for e in others)
    suspect = moved and bool(still)
    reading = f"Further down the line: {names}."
    if suspect:
        reading += (f" {primary.outcome} moved and {len(still)} of {len(others)} that should follow did not clearly "
                    "move with it. A change in recording or at the front door would look like this.")
    elif moved:
        reading += " They moved the same way."
    else:
        reading += " The primary outcome itself did not clearly move, so nothing is to be expected."
    return Diagnostic(name="downstream outcomes", question="Did what should follow also move?", statistic=len(still),
                      threshold="all move with the primary outcome", reading=reading,
                      status="caution" if suspect else "pass" if moved else "information")


def placebo_outcomes(others: Sequence[Estimate]) -> Diagnostic | None:
    """Whether outcomes that the treatment cannot touch stayed put."""
    if not others:
        return None
    moved = [e for e in others if _clear(e)]
    names = "; ".join(f"{e.outcome} {e.estimate:.3g}{_interval(e)}" for e in others)
    reading = f"Outcomes that should not move: {names}. " + (
        f"{len(moved)} of {len(others)} moved: something other than the treatment is at work." if moved
        else "None clearly moved.")
    return Diagnostic(name="placebo outcomes", question="Did what cannot be affected stay put?", statistic=len(moved),
                      threshold="none moves", status="fail" if moved else "pass", reading=reading)


def declared(cautions: Sequence[Caution], panel: Panel, labels: Sequence[str], span: int) -> list[Diagnostic]:
    """One reading for each declared shock, break or other programme, by how close to a start it falls."""
    starts = [labels[int(panel.clock[c])] for c in panel.cohorts] if labels else []
    found = []
    for caution in cautions:
        here = [i for i, label in enumerate(labels) if label == caution.first]
        near = any(abs(here[0] - panel.clock[c]) <= span for c in panel.cohorts) if here else False
        local = caution.kind == "co-intervention"
        tail = {"shared with the comparison": "Period effects absorb it only if it hit treated and untreated alike.",
                "drop the periods": "Its periods are left out.",
                "mended in the data": "It was put right before the data came here."}.get(caution.handling, "")
        near_by = "a period" if span == 1 else f"{span} periods"
        when = f"It falls within {near_by} of a start ({', '.join(starts)}). " if near else ""
        lasting = f"{caution.first} to {caution.last}" if caution.last else f"from {caution.first}"
        left = caution.handling == "shared with the comparison"
        status = "caution" if left and (near or local) else "information"
        found.append(Diagnostic(
            name=f"declared {caution.kind}", question=f"Could '{caution.label}' pass for an effect?",
            status=status,  # type: ignore[arg-type]
            reading=f"{caution.label}, {lasting}. {when}{tail}"))
    return found


def _clear(estimate: Estimate) -> bool:
    if estimate.conf_low is not None and estimate.conf_high is not None:
        return estimate.conf_low > 0 or estimate.conf_high < 0
    return estimate.p_value is not None and estimate.p_value < 1 - estimate.conf_level


def _interval(estimate: Estimate) -> str:
    if estimate.conf_low is None or estimate.conf_high is None:
        return ""
    return f" ({estimate.conf_low:.3g} to {estimate.conf_high:.3g})"
