"""Honest bounds, the power of the pre-trend test and the decomposition, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.methods.did.inference.trend_test import TrendTest
from hubeval.methods.readings.estimates import claims, told
from hubeval.result import Diagnostic, NotComputed
from hubeval.wording import amount, brief, move

if TYPE_CHECKING:
    from hubeval.methods.did.checks.trends.decompose import Decomposition
    from hubeval.methods.did.checks.trends.honest import Honest
    from hubeval.methods.did.inference.fitted import Fitted

    Status = Literal["pass", "caution", "fail", "information"]

POWER = "power of the pre-trend test"
BLIND = 0.5
PASSES = 0.05  # p from which the test before the start sees nothing
FEW = " These bounds take their errors as known; with few treated clusters the true ones are wider."


def honest_diagnostic(found: Honest, unit: str = "", *, few: bool = False, claimed: bool = True) -> Diagnostic:
    """How far trends may part before the conclusion falls: a caution only where the headline draws one.

    Parameters
    ----------
    found : Honest
    unit : str
        The outcome's.
    few : bool
        Few treated clusters: the bounds rest on errors that are then too small.
    claimed : bool
        Whether the headline claims an effect.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.did.estimators.effects import Effects
    >>> from hubeval.methods.did.checks.trends.honest import honest
    >>> study = Effects(method="m", estimand="e", inference="i", by="event_time", keys=(-3., -2., 0., 1.),
    ...                 estimate=np.array([0.1, -0.1, 2.0, 2.2]), covariance=0.04 * np.eye(4))
    >>> honest_diagnostic(honest(study)).status
    'pass'
    """
    relative = found.kind == "relative"
    what = (f"{brief(found.breakdown, 2)} times the largest change seen before the start" if relative
            else f"a bend of {move(found.breakdown, unit)} a period")
    clear = found.low > 0 or found.high < 0
    if clear and not claimed:
        status: Status = "information"
        reading = (f"Against the last period before the start, the mean effect is {amount(found.estimate, unit)} "
                   f"({move(found.low, unit)} to {move(found.high, unit)}) under exactly parallel trends. The "
                   "headline's own interval includes no change, so no sign is claimed that a departure could overturn.")
    elif not clear:
        status = "information"
        reading = (f"Against the last period before the start, the mean effect is {amount(found.estimate, unit)} "
                   f"({move(found.low, unit)} to {move(found.high, unit)}) even under exactly parallel trends: it "
                   "holds zero, so there is no conclusion to overturn.")
    elif np.isinf(found.breakdown):
        status, reading = "pass", "The sign of the effect holds under every departure tried."
    elif found.breakdown <= 0:
        status = "caution"
        reading = ("The sign of the effect holds under exactly parallel trends only, not "
                   + ("under the smallest departure." if relative else "if a difference in trend goes on as a line."))
    else:
        status = "pass" if not relative or found.breakdown >= 1 else "caution"
        reading = f"The sign of the effect holds until trends part, from one period to the next, by {what}."
    for limit, low, high in zip(found.limit, found.lows, found.highs, strict=True):
        if relative and limit == 1 and clear and claimed:
            reading += f" If they part by as much as before, the interval is {move(low, unit)} to {amount(high, unit)}."
    if status == "caution" and found.breakdown > 0:
        reading += " A departure no larger than what was seen before would be enough to explain the effect."
    return Diagnostic(
        name=f"honest bounds ({found.kind})", bears_on="sign",
        question="How far may trends have parted before the conclusion falls?",
        statistic=None if np.isinf(found.breakdown) else found.breakdown, status=status,
        threshold="1 or more: holds under departures as large as any before the start" if relative
        else "in the outcome's unit, a period", reading=reading + (FEW if few and clear and claimed else ""))


def power_of(fitted: Fitted, *, power: float = 0.8) -> Diagnostic | NotComputed:
    """Whether the pre-trend test that was made could have seen a violation that matters.

    A weak test is no evidence against the effect, so it is told as information and never raised: what it leaves open
    is among what the number does not show.

    Parameters
    ----------
    fitted : Fitted
        The headline: its effect is what the violation is set against, its test the one asked about.
    power : float
    """
    what, test = POWER, fitted.trend_test
    if not isinstance(test, TrendTest):
        reason = test.reason if isinstance(test, NotComputed) else "this test's power is not known"
        return NotComputed(what=what, reason=f"no such test was made: {reason}" if isinstance(test, NotComputed)
                           else reason)
    slope, failed = test.slope(power), test.p_value < PASSES
    effect, claimed = fitted.overall, claims(fitted.overall) != 0
    after = np.array([t for t in fitted.event_times if t >= 0])
    reach = float(np.mean(after - fitted.reference)) if len(after) else 1.0
    if slope is None:
        share = np.inf
        reading = (f"However steep a straight trend of the treated were, this test would not find it {power:.0%} of "
                   "the time: passing it says nothing.")
    else:
        bias = slope * reach
        share = bias / abs(effect.estimate) if effect.estimate else np.inf
        often = f"at most {power:.0%}" if test.at_most else f"{power:.0%}"
        reading = (f"The test finds a difference in trend of {move(slope, effect.unit)} a period {often} of the "
                   f"time. Such a trend, going on after the start, would put {move(bias, effect.unit)} into the "
                   f"average effect, which is {told(effect, unit=True)}. ")
        if failed:
            reading += "The test found one here: ask how much of the effect is that, not what it would miss."
        elif not claimed:
            reading += "No effect is claimed that such a trend could explain; it could hide one."
        elif share >= BLIND:
            reading += ("So a trend large enough to make up half of the effect or more could well pass unseen: passing "
                        "the test says little.")
        else:
            reading += "So a trend large enough to make up half of the effect would probably be seen."
    if claimed and not failed and (found := test.power(abs(effect.estimate) / reach)) < power:
        most = "at most " if test.at_most else ""
        reading += f" Weak: its power against a trend of the size of the effect is {most}{found:.0%}."
    return Diagnostic(name=what, bears_on="sign", question="Would a trend that matters have been seen?",
                      statistic=None if np.isinf(share) else share,
                      status="information" if failed or not claimed or share >= BLIND else "pass",
                      threshold=f"bias of the trend seen {power:.0%} of the time, as a share of the effect: below 0.5",
                      reading=reading)


def decomposition_diagnostic(parts: Decomposition, unit: str = "") -> Diagnostic:
    """What the two-way fixed-effects number rests on, for a staggered design.

    Examples
    --------
    >>> from hubeval.methods.did.checks.trends.decompose import decompose
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> parts = decompose(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> decomposition_diagnostic(parts).status
    'caution'
    """
    name, question = "two-way fixed-effects weights", "Does the two-way number rest on sound comparisons?"
    if len(np.unique(parts.cell_group)) < 2:
        return Diagnostic(name=name, question=question, statistic=0.0, status="pass",
                          reading="All treated units start together, so every comparison is with units not treated.")
    count = int((parts.cell_weight < 0).sum())
    reading = f"Two-way fixed effects gives {move(parts.two_way, unit)}. "
    if len(parts.weight):
        reading += (f"{parts.forbidden:.0%} of its weight lies on comparisons of later starters with units already "
                    "treated, whose own effects are taken for a trend. ")
    reading += (f"{count} of {len(parts.cell_weight)} cohort-by-period effects enter with a negative weight (summing "
                f"to {parts.negative:.2f}). " if count else "No effect enters with a negative weight. ")
    if np.isfinite(parts.fragile_at):
        reading += (f"If effects differ between cohorts and periods by a standard deviation of "
                    f"{move(parts.fragile_at, unit)}, the number fits a true average of zero.")
    return Diagnostic(name=name, question=question, bears_on="sign",
                      statistic=parts.forbidden if len(parts.weight) else parts.negative,
                      threshold="any negative weight, or 10% on such comparisons", reading=reading,
                      status="caution" if count or parts.forbidden > 0.1 else "information")
