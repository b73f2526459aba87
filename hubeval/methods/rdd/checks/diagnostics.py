"""How the checks of a cut-off read: what was asked, what came back, and what it could do to the number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom

from hubeval.data.cutoff import FEW_VALUES
from hubeval.methods.rdd.checks.density import density_at
from hubeval.methods.rdd.inference.effect import few_values
from hubeval.methods.rdd.inference.honest import Honest
from hubeval.methods.rdd.inference.robust import Robust
from hubeval.methods.rdd.inference.windows import LEVEL as BALANCED
from hubeval.methods.readings.question import Question
from hubeval.wording import amount, between, brief, counted, p_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.rdd.checks.attempts import Tried
    from hubeval.methods.rdd.door.protocols import Given
    from hubeval.methods.rdd.inference.effect import Effect
    from hubeval.methods.rdd.window import Settled
    from hubeval.result import Diagnostic, NotComputed

    Floats = NDArray[np.float64]

LEVEL, SURE = 0.05, 0.01
CHANCE = BALANCED
RARE, RARER = 0.01, 0.001
WEAK = 10.0  # F of the jump in treatment: Staiger and Stock (1997)
_ROUND = (10.0, 5.0)
_APART = "an attempt and the headline that each lie outside the other's interval are a caution"
_SHORT = ": few, and robust intervals of so few come out somewhat too short."
_PILED = 0.05  # share of records at one score
_HEAPED = 1e-4  # chance of so many round numbers, were they as common as others

NEAR = Question(name="records near the cut-off", asked="How many stand behind the number?", bears_on="interval",
                threshold="fewer than 50 on either side is a caution")
VALUES = Question(name="values of the running variable", asked="Is the running variable fine enough?",
                  threshold=f"fewer than {FEW_VALUES} values on a side is a caution", bears_on="interval")
HEAPS = Question(name="heaping", asked="Do scores pile up at round numbers?", bears_on="sign",
                 threshold=f"round numbers of a chance below {_HEAPED:g}, or {_PILED:.0%} at one score, are a caution")
DENSITY = Question(name="density at the cut-off", asked="Could people choose their side?", bears_on="sign",
                   threshold=f"p-value of a jump in the density: {SURE} or less fails, {LEVEL} is a caution")
COVARIATES = Question(
    name="covariate jumps", asked="Do things that were there before jump at the cut-off too?", bears_on="sign",
    threshold=f"the smallest p-value times their number (Bonferroni): {SURE} or less fails, {LEVEL} is a caution")
PLACEBO = Question(
    name="placebo cut-offs", asked="Does the outcome jump where nothing begins?", bears_on="sign",
    threshold=f"the smallest p-value times their number (Bonferroni): {RARER} or less fails, {RARE} is a caution: half "
    "a side is few, and its intervals come out short")
BANDWIDTHS = Question(name="other bandwidths", asked="Does the number hang on the bandwidth?",
                      threshold=_APART)
DONUT = Question(name="without the nearest", asked="Does the number hang on those nearest to the cut-off?",
                 threshold=_APART, bears_on="sign")
STAGE = Question(name="first stage", asked="Did the cut-off move who was treated?", bears_on="sign",
                 threshold=f"F below {WEAK:g} fails")
WINDOW = Question(
    name="window", asked="Do the sides of the window look as if a lot had drawn them?", bears_on="sign",
    threshold=f"chosen: no covariate's p below {CHANCE} in it or in any narrower; declared: the smallest p-value times "
    f"their number (Bonferroni), {SURE} or less fails, {LEVEL} is a caution")
BOUND = Question(name="bound on the curve", asked="How much may the curve bend?", bears_on="interval",
                 threshold="a rule of thumb in place of a declared bound is a caution")


def near(effect: Effect) -> Diagnostic:
    """How many records the number rests on."""
    one, other = effect.n
    few = min(one, other) < 50
    return NEAR.answered("caution" if few else "pass",
                         f"{one} records on the treated side and {other} records on the other lie close enough to count"
                         + (_SHORT if few and effect.estimator == "robust" else ": few." if few else "."),
                         float(min(one, other)))


def values(given: Given, design_name: str) -> Diagnostic:
    """Whether the running variable was rounded."""
    points = min(len(side.first) for side in given.cut.sides)
    if few_values(given):
        return VALUES.answered("caution", f"{design_name!r} takes only {points} values on one side: it is rounded or "
                               "counted in steps, and nothing lies close to the cut-off. How the outcome runs between "
                               "the last value and the cut-off is assumed, not seen.", float(points))
    return VALUES.answered("pass", f"{design_name!r} takes {points} values or more on each side.", float(points))


def heaping(given: Given) -> Diagnostic | None:
    """Whether scores pile up at one value, or whole ones at tens or fives; None where neither can be asked."""
    score = given.score(np.concatenate([side.x for side in given.cut.sides]))
    if not few_values(given) and (pile := _pile(score)) is not None:
        return pile
    whole = np.round(score)
    if np.abs(score - whole).max() > 1e-9 or len(np.unique(whole)) < 2 * _ROUND[0]:
        return None
    for base in _ROUND:
        n = int((np.mod(whole, base) == 0).sum())
        chance = float(binom.sf(n - 1, len(whole), 1 / base))
        if chance < _HEAPED and n > 1.5 * len(whole) / base:
            return HEAPS.answered("caution", f"{n / len(whole):.0%} of scores are multiples of {base:g}, and "
                                  f"{1 / base:.0%} would be were all as common: they were heaped, and whoever rounds "
                                  "may differ from others. Try the number without the heaps.", chance)
    return HEAPS.answered("pass", "Scores do not pile up at multiples of 5 or 10.")


def _pile(score: Floats) -> Diagnostic | None:
    """A single score that many have, where others are rare."""
    n = np.unique(score, return_counts=True)[1]
    share = float(n.max() / len(score))
    if share < _PILED or n.max() < 10 * np.median(n):
        return None
    return HEAPS.answered("caution", f"{share:.0%} of records have one and the same score, and others are rare: it may "
                          "stand for something else, or people were placed there. Try the number without them.", share)


def density(given: Given) -> Diagnostic | NotComputed:
    """Whether records pile up on one side of the cut-off."""
    if few_values(given):
        return DENSITY.unanswered("the running variable takes too few values for a density just below and just above")
    found = density_at(given.cut)
    if not np.isfinite(found.statistic):
        return DENSITY.unanswered("the records on one side lie too far apart")
    treated, rest = (found.above, found.below) if given.treated_above else (found.below, found.above)
    if found.p_value <= LEVEL:
        where = "treated" if treated > rest else "other"
        return DENSITY.answered("fail" if found.p_value <= SURE else "caution",
                                f"Records pile up on the {where} side of the cut-off (p {found.p_value:.3f}): if "
                                "some were placed there, those on the two sides are not alike.", found.p_value)
    return DENSITY.answered("pass", f"No pile-up of records on either side is seen (p {found.p_value:.3f}); a small "
                            "one can go unseen, and people placed both ways leave none.", found.p_value)


def covariate_jumps(tried: Sequence[Tried]) -> Diagnostic | None:
    """Whether any covariate jumps, all taken together; None where there are none."""
    if not tried:
        return None
    p, worst = min(((t.p_value, t) for t in tried), key=lambda pair: pair[0])
    together = min(1.0, p * len(tried))
    if together <= LEVEL:
        among = f", {together:.3f} among {len(tried)}" if len(tried) > 1 else ""
        return COVARIATES.answered(
            "fail" if together <= SURE else "caution",
            f"{worst.label!r} jumps at the cut-off (p {p:.3f}{among}): those just on one side seem not to be like "
            "those just on the other.", together)
    return COVARIATES.answered("pass", f"None of {counted(len(tried), 'covariate')} clearly jumps at the cut-off; a "
                               "small jump can go unseen, and so can one in what was not recorded.", together)


def window(settled: Settled) -> Diagnostic | NotComputed | None:
    """Whether covariates are alike on the two sides of the window; None where no window is used."""
    design, within = settled.design, settled.within
    if design.estimator != "randomisation":
        return None
    if within is None:
        return WINDOW.unanswered("design.covariates names nothing measured before, so whether the sides of the "
                                 "declared window are alike in anything cannot be seen")
    where, many = f"within {brief(within.width)} of the cut-off", counted(len(within.p_values), "covariate")
    if settled.chosen:
        wider = "No wider one was looked at."
        if settled.beyond is not None:
            name, p = design.covariates[settled.beyond.worst], settled.beyond.least
            wider = (f"In the next wider one, within {brief(settled.beyond.width)} of the cut-off, {name!r} does "
                     f"({p_words(p)}).")
        return WINDOW.answered(
            "pass", f"The window was chosen by covariates, before outcomes were read: {where} none of "
            f"{many} tells the sides apart (smallest {p_words(within.least)}), nor in any narrower window. {wider} "
            "What was not recorded can still differ.", within.least)
    together = min(1.0, within.least * len(within.p_values))
    if together <= LEVEL:
        return WINDOW.answered(
            "fail" if together <= SURE else "caution",
            f"{design.covariates[within.worst]!r} tells the sides of the window apart ({p_words(within.least)}; "
            f"counted among {many}, {p_words(together)}): they do not look drawn by lot. A narrower window, or "
            "estimator = 'robust', asks less.", together)
    return WINDOW.answered(
        "pass", f"{where[0].upper()}{where[1:]} none of {many} clearly tells the sides apart (smallest "
        f"{p_words(within.least)}). A small difference can go unseen, and so can one in what was not "
        "recorded.", together)


def placebo(tried: Sequence[Tried], unit: str) -> Diagnostic | NotComputed:
    """Whether the outcome jumps at cut-offs that are none."""
    if not tried:
        return PLACEBO.unanswered("too few records, or values, on either side to split it")
    p, worst = min(((t.p_value, t) for t in tried), key=lambda pair: pair[0])
    together = min(1.0, p * len(tried))
    if together <= RARE:
        return PLACEBO.answered(
            "fail" if together <= RARER else "caution",
            f"At {worst.label}, where nothing begins, the outcome jumps by {amount(worst.estimate, unit)} (p {p:.3f}): "
            "the curve may have steps of its own, and the headline's may be one of them.", together)
    return PLACEBO.answered("pass", f"At {counted(len(tried), 'cut-off')} where nothing begins the outcome does not "
                            "clearly jump.", together)


def bandwidths(tried: Sequence[Tried], main: Effect, unit: str) -> Diagnostic | NotComputed:
    """Whether other bandwidths give another number."""
    others = [t for t in tried if t.h != main.h]
    if not others:
        return BANDWIDTHS.unanswered("too few records lie within any other bandwidth")
    return _moved(BANDWIDTHS, others, main, unit, f"Half to twice the bandwidth ({len(others)} tried)")


def donut(tried: Sequence[Tried], main: Effect, unit: str) -> Diagnostic | NotComputed:
    """Whether leaving out the nearest gives another number."""
    if not tried:
        return DONUT.unanswered("nobody lies so near the cut-off, or too few are left without those who do")
    return _moved(DONUT, tried, main, unit, "Without those nearest to the cut-off")


def _moved(asked: Question, tried: Sequence[Tried], main: Effect, unit: str, words: str) -> Diagnostic:
    low, high = min(t.estimate for t in tried), max(t.estimate for t in tried)
    apart = [t for t in tried if not main.low <= t.estimate <= main.high and not t.low <= main.estimate <= t.high]
    said = f"{words} the effect comes out at {between(low, high, unit)}"
    if apart:
        return asked.answered("caution", f"{said}: further from the headline's {amount(main.estimate, unit)} than "
                              "chance is likely to bring it.", high - low)
    return asked.answered("pass", f"{said}, not further from the headline's {amount(main.estimate, unit)} than chance "
                          "may bring it.", high - low)


def first_stage(effect: Effect) -> Diagnostic | None:
    """Whether the cut-off moved treatment; None in a sharp design."""
    made = effect.made
    if not isinstance(made, Robust) or made.first_stage is None or not made.first_stage_se:
        return None
    strength = (made.first_stage / made.first_stage_se) ** 2
    said = f"The share treated jumps by {brief(100 * abs(made.first_stage))} percentage points"
    if strength < WEAK:
        return STAGE.answered("fail", f"{said} at the cut-off, hardly told from no jump (F {brief(strength)}): the "
                              "effect per person treated is a small number divided by another, and its interval "
                              "is not to be trusted.", strength)
    return STAGE.answered("pass", f"{said} at the cut-off (F {brief(strength)}); the effect is on those so moved.",
                          strength)


def bound(effect: Effect, *, declared: bool) -> Diagnostic | None:
    """What the honest interval allows for; None for another estimator."""
    made = effect.made
    if not isinstance(made, Honest):
        return None
    said = (f"The interval allows for a second derivative up to {brief(made.bound)}, which could bias the number by "
            f"{brief(made.bias)}")
    if declared:
        return BOUND.answered("information", f"{said}; that bound was declared.", made.bound)
    return BOUND.answered("caution", f"{said}; that bound is a rule of thumb from these data (a quartic on each side), "
                          "and nothing in the data can vouch for it. Declare one: bound = ….", made.bound)
