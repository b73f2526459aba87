"""Whether the outcome runs with the score, which a difference of means in a window takes into its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import t as student

from hubeval.data.cutoff import FEWEST_POINTS
from hubeval.methods.rdd.estimators.polynomial import fit
from hubeval.methods.rdd.estimators.variance import meat
from hubeval.methods.readings.question import Question
from hubeval.wording import amount, move, p_words

if TYPE_CHECKING:
    from hubeval.methods.rdd.door.protocols import Given
    from hubeval.methods.rdd.door.sides import Cut
    from hubeval.methods.rdd.inference.effect import Effect
    from hubeval.result import Diagnostic

LEVEL = 0.1  # of both tests together; higher than usual: a slope that is overlooked is the harm
SLOPE = Question(
    name="slope of the outcome", asked="Does the outcome run with the score, within the window or beyond it?",
    bears_on="sign", threshold=f"the smaller p-value of a line on each side, in the window and on whole sides, times "
    f"two (Bonferroni): below {LEVEL} is a caution")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lean:
    """What lines on the two sides add to the difference of means in a window.

    Attributes
    ----------
    size : float
        Each side's slope times the mean distance of its records in the window, both together; upper less lower.
    p_value : float
        That it is none, by Student's law and errors that allow for unlike spread.
    reach : float
        Half its 95% interval.
    """

    size: float
    p_value: float
    reach: float


def lean(cut: Cut, window: float, *, whole: bool = False) -> Lean | None:
    """How far slopes of the outcome move the difference of means within `window`; None where no line can be drawn.

    Parameters
    ----------
    cut : Cut
    window : float
    whole : bool
        The slopes are of all records of a side, and not of those in the window alone.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.rdd.door.sides import cut_at
    >>> x = np.linspace(-1, 1, 200)
    >>> found = lean(cut_at(x, 3 * x + np.random.default_rng(1).normal(0, 0.1, 200)), 0.5)
    >>> round(found.size, 1), found.p_value < 0.001
    (1.5, True)
    """
    size = variance = 0.0
    freedom = 0
    for side in cut.sides:
        line = fit(side, side.reach if whole else window, 1, "uniform")
        if len(np.unique(line.u)) < FEWEST_POINTS:
            return None
        mean = float(np.abs(side.x[: side.within(window, edge=True)]).mean())
        left = side.values[: line.n, 0] - line.powers @ line.beta[:, 0]
        spread = line.inverse @ meat(line.weighted, left, None) @ line.inverse * line.n / (line.n - 2)
        size += mean * float(line.raw(1)[0])
        variance += (mean / line.h) ** 2 * float(spread[1, 1])
        freedom += line.n - 2
    error = float(np.sqrt(variance))
    p_value = float(2 * student.sf(abs(size) / error, freedom)) if error else float(size == 0)
    return Lean(size=size, p_value=p_value,
                reach=float(student.ppf(0.975, freedom)) * error)


def slope(given: Given, effect: Effect, unit: str) -> Diagnostic | None:
    """Whether the outcome runs with the score where a window takes it for drawn by lot; None for another estimator."""
    if effect.estimator != "randomisation":
        return None
    asked = {"in the window": lean(given.cut, effect.h), "on the whole sides": lean(given.cut, effect.h, whole=True)}
    found = {where: one for where, one in asked.items() if one is not None}
    if not found:
        return None
    where, first = min(found.items(), key=lambda pair: pair[1].p_value)
    together = min(1.0, first.p_value * len(found))
    if together < LEVEL:
        return SLOPE.answered(
            "caution", f"The outcome runs with the score {where} ({p_words(first.p_value)}). Such a line alone would "
            f"move the number by {move(given.sign * first.size, unit)}, and its interval leaves that out: it would "
            "hold the effect less often than it says. A line on each side, as in estimator = 'robust', allows for it.",
            together)
    unseen = max(abs(one.size) + one.reach for one in found.values())
    return SLOPE.answered(
        "pass", f"No line of the outcome with the score is seen ({p_words(first.p_value)}). One that moves the number "
        f"by up to {amount(unseen, unit)} could go unseen, and the interval leaves it out.", together)
