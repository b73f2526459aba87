"""Whether the people asked in treated areas changed when the treatment came: repeated cross-sections only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.inference.headline import average
from hubeval.methods.readings.question import Question
from hubeval.methods.readings.several import LEVEL, adjusted
from hubeval.wording import brief, counted, p_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Plan
    from hubeval.result import Diagnostic, Estimate, NotComputed, Status

SMALL = 0.25  # standard deviations: a shift within it leaves little to adjust for (Rubin 2001)
COMPOSITION = Question(
    name="composition",
    asked="Did the mix of people asked change in treated areas when the treatment came?",
    threshold=f"any covariate moved by Holm at {LEVEL:.0%} is a caution; a pass needs every interval within {SMALL} SD",
    bears_on="sign",
)
HELD = ("The headline weights every group to one mix of these in every period, so this is no part of it. What is not "
        "declared can still have changed.")
LOOSE = ("Part of the effect can be who was asked. mix = 'treated-before' would weight every group to the people as "
         "they were; what opened the hubs, or the hubs, may have moved them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How one covariate moved in treated areas, beyond the comparison, in its standard deviations.

    Attributes
    ----------
    column : str
    level : bool
        Of one level of a column of labels, a share.
    moved : Estimate
        The difference-in-differences of the covariate, by the headline's own estimator and inference.
    size, low, high : float or None
        In standard deviations of rows not under treatment.
    """

    column: str
    level: bool
    moved: Estimate
    size: float
    low: float | None
    high: float | None


def shifts(panel: Panel, plan: Plan) -> tuple[Shift, ...]:
    """The shift of every covariate that varies: the headline's estimator and inference with it in the outcome's place.

    Parameters
    ----------
    panel : Panel
        Repeated cross-sections.
    plan : Plan
        The headline's.
    """
    bare = replace(plan, design=replace(plan.design, covariates=(), mix="as found"))
    untreated = ~panel.treated
    weights = np.ones(panel.n_rows) if panel.weights is None else panel.weights
    share = np.where(untreated, weights, 0.0) / weights[untreated].sum()
    found = []
    for name, values in zip(panel.covariates, panel.x.T, strict=True):
        spread = float(np.sqrt(share @ (values - share @ values) ** 2))
        if not spread > 1e-12 * max(1.0, float(np.abs(values).max())):
            continue
        one = average(replace(panel, y=values, x=np.empty((panel.n_rows, 0)), covariates=(), outcome=name), bare)
        low, high = (None if end is None else end / spread for end in (one.conf_low, one.conf_high))
        found.append(Shift(column=name.split("=")[0], level="=" in name, moved=one, size=one.estimate / spread, low=low,
                           high=high))
    return tuple(found)


def composition(panel: Panel, plan: Plan) -> Diagnostic | NotComputed | None:
    """Whether the mix of the covariates moved differently in treated areas; None where units are followed.

    All covariates are counted together (Holm), as the levels of one are.

    References
    ----------
    Hong, S.-H. (2013). Measuring the effect of Napster on recorded music sales. J. Applied Econometrics 28, 297-324.
    Rubin, D. B. (2001). Using propensity scores to help design observational studies. HSORM 2, 169-188.
    """
    if not panel.repeated:
        return None
    if not panel.covariates:
        return COMPOSITION.unanswered("other people are asked each time and design.covariates names nothing of them: "
                                      "whether the same kind of people answer cannot be seen")
    found = shifts(panel, plan)
    if not found:
        return COMPOSITION.unanswered("no covariate varies among those not under treatment")
    known = [one for one in found if one.moved.p_value is not None]
    if not known:
        return COMPOSITION.unanswered("this design gives no p-value, so nothing shows how far chance moves the mix")
    holm = adjusted([one.moved.p_value for one in known])[0]
    clear = [(one, p) for one, p in zip(known, holm, strict=True) if p <= LEVEL]
    held = plan.design.mix != "as found"
    if clear:
        told = "; ".join(f"{_named(one)} by {_sized(one)}, {p_words(p)}" for one, p in clear)
        said = (f"In treated areas the mix of people moved beyond the comparison's when the treatment came: {told} "
                f"(Holm, {_number(known)}). {HELD if held else LOOSE}")
        return COMPOSITION.answered("information" if held else "caution", said, min(holm))
    return COMPOSITION.answered(*_unmoved(found, held=held), min(holm))


def _unmoved(found: Sequence[Shift], *, held: bool) -> tuple[Status, str]:
    """What is said where no covariate clearly moved: how far one still may have."""
    most = [np.inf if one.low is None or one.high is None else max(abs(one.low), abs(one.high)) for one in found]
    far = int(np.argmax(most))
    said = f"No clear change in the mix of people among {_number(found)}."
    if not np.isfinite(most[far]):
        return "information", f"{said} The design is too small to bound it.{f' {HELD}' if held else ''}"
    reach = f" The interval of {_named(found[far])} reaches {brief(most[far], 2)} standard deviations."
    if held:
        return "information", f"{said}{reach} {HELD}"
    if most[far] <= SMALL:
        return "pass", f"{said}{reach} What is not declared can have changed."
    return "information", f"{said}{reach} A change so large can go unseen here, and would be in the number."


def _named(one: Shift) -> str:
    """A covariate by its column; a share as of one level, which is not named: it may be a rare one."""
    return f"the share of one level of {one.column}" if one.level else one.column


def _number(found: Sequence[Shift]) -> str:
    """How many were asked."""
    one, many = ("covariate or level of one", "covariates or levels of one") if any(s.level for s in found) else (
        "covariate", "covariates")
    return counted(len(found), one, many)


def _sized(one: Shift) -> str:
    """A shift with its interval, in standard deviations."""
    ends = "" if one.low is None or one.high is None else f" ({brief(one.low, 2)} to {brief(one.high, 2)})"
    return f"{brief(one.size, 2)} standard deviations{ends}"
