"""Questions put to a difference-in-differences before its number is believed, each with a reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.checks.paths import grid, steps_around_start
from hubeval.methods.did.estimators.cells import acting
from hubeval.methods.readings.question import Question
from hubeval.methods.readings.variability import variability_of_treated
from hubeval.result import Diagnostic, NotComputed
from hubeval.wording import amount, p_words

if TYPE_CHECKING:
    from hubeval.methods.did.checks.paths import Steps
    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Fitted
    from hubeval.result import Status

Found = Diagnostic | NotComputed
COMFORTABLE = 12
UNFOLLOWED = "nobody is followed over time in repeated cross-sections"
SAID = {
    "conley-taber": "The errors of untreated units stand in for those of the treated, which must be alike.",
    "ferman-pinto": "The errors of untreated units, scaled by size, stand in for those of the treated.",
    "cluster": "The cluster-robust error used carries no small-sample correction: with so few it is too small.",
    "wild": "The wild bootstrap that was asked for finds little with so few.",
}
MOST, BEYOND = 2 / 3, 0.2  # share of the change, and its p-value, that a claimed effect may not pass over in silence
ALLOWED = "The inference used here allows for that."


def number_treated(panel: Panel, fitted: Fitted) -> Diagnostic:
    """How many clusters carry the effect, and what that does to the inference that the headline used."""
    treated, others = panel.clusters_treated, panel.n_clusters - panel.clusters_treated
    least = min(treated, others)
    reading = f"{treated} treated and {others} untreated clusters ({panel.cluster_name})."
    if least < COMFORTABLE or fitted.method == "permutation":
        reading += f" {used(fitted)}"
    if treated == 1:
        reading += " One treated cluster: anything else that happened there at that time is in the number."
    return Diagnostic(name="number treated", bears_on="sign" if treated == 1 else "interval",
                      question="Do enough clusters carry the effect?", statistic=treated,
                      threshold=f"fewer than {COMFORTABLE} on either side is a caution",
                      status="caution" if least < COMFORTABLE else "pass", reading=reading)


def used(fitted: Fitted) -> str:
    """What the headline's inference asks of its clusters, as a sentence."""
    if fitted.method == "permutation" and fitted.placebo is not None:
        if fitted.placebo.ratio is not None:
            return "The starts are permuted, each estimate set against the noise of the clusters it treats."
        return ("The starts are permuted, which needs treated and untreated clusters alike in their variability; too "
                "few periods show whether they are.")
    if fitted.overall.conf_low is None and fitted.overall.p_value is None:
        return "No error can be had from them, so none is given."
    return SAID.get(fitted.method, "Few enough that errors carry a small-sample correction and intervals are wide.")


def change_before_start(
    panel: Panel, span: int, unit: str = "", *, anticipation: int = 0, claimed: bool = False
) -> Found:
    """Whether the gap already moved in the last stretch before the start, by more than chance moves it.

    Where the headline claims an effect (`claimed`) and two thirds or more of the change came first, less is enough to
    raise it: chance may explain it, but the reader of the claim must hear of it.
    """
    asked = Question(
        name="change before the start",
        asked="Did the change come before the start?",
        threshold="a quarter or more of the change, p below 0.05 (two thirds where an effect is claimed, p below "
        f"{BEYOND}) is a caution; half or more, p below 0.01 fails",
        bears_on="sign",
    )
    if panel.repeated:
        return asked.unanswered(UNFOLLOWED)
    steps = steps_around_start(panel, span, anticipation)
    if steps is None:
        return asked.unanswered(f"needs never-treated units, {2 * span} periods before a start and {span} after it")
    p, share = steps.p_value, _share(steps)
    stretch = "period" if span == 1 else f"{span} periods"
    start = "the declared anticipation" if anticipation else "the start"
    found = (f"Against the untreated, the treated moved by {amount(steps.before, unit)} in the last {stretch} before "
             f"{start} ({p_words(p)}) and by {amount(steps.at, unit)} in the first {stretch} after the start.")
    seen = f" A change before the start of {amount(steps.detectable, unit)} would be seen 80% of the time."
    against = steps.before * steps.at <= 0
    moved = (" So they moved further before the start than after it, and the other way" if against
             else f" So {share:.0%} of that change came before the start")
    if share >= 0.25 and p < 0.05:
        status: Status = "fail" if share >= 0.5 and p < 0.01 else "caution"
        said = (f"{moved}, where this treatment cannot have caused it unless it was anticipated. Look for a recording "
                "change, another programme or a dip that led to the start.")
        return asked.answered(status, found + said, share)
    if not np.isfinite(steps.error):
        return asked.answered("information", f"{found} Too few units to say how far chance moves it.", share)
    if claimed and share >= MOST and p < BEYOND:
        said = (f"{moved}, where this treatment cannot have caused it. Chance moves untreated units as far, so this "
                "does not refute the effect; but an effect is claimed, and little of the change is left to the start "
                "itself.")
        return asked.answered("caution", found + said + seen, share)
    said = (f"{moved}; chance moves untreated units as far, so this refutes nothing, but that part is "
            "no effect of the treatment." if share >= 0.5
            else " No sizeable change before the start is seen.")
    return asked.answered("information" if share >= 0.5 else "pass", found + said + seen, share)


def _share(steps: Steps) -> float:
    """Share of the change that came before the start: 0 where it went the other way and was the smaller part."""
    if not (steps.before * steps.at > 0 or abs(steps.before) > abs(steps.at)):
        return 0.0
    return 1.0 if steps.before * steps.at <= 0 else steps.share


def noise_of_treated(panel: Panel, fitted: Fitted) -> Found:
    """Whether treated units are noisier before the start than others, and whether the headline's inference minds."""
    what = "variability of the treated"
    if panel.repeated or panel.ever.all():
        return NotComputed(what=what, reason="it needs units followed over time and some never treated")
    y = grid(panel)
    y[np.arange(panel.n_periods)[None, :] >= acting(panel, fitted.anticipation)[:, None]] = np.nan
    minds = fitted.method == "permutation" and (fitted.placebo is None or fitted.placebo.ratio is None)
    minds = minds or fitted.method in {"conley-taber", "ferman-pinto"}
    return variability_of_treated(y, panel.ever, allowed="" if minds else ALLOWED)
