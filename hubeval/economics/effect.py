"""The effect as a result reports it, and the law behind its interval: what is drawn is what was reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import optimize, stats

from hubeval.economics.units import no_count
from hubeval.errors import BadInput, Problem, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What an effect may be, as its own interval says.

    Attributes
    ----------
    estimate, low, high : float
        The number and its interval.
    level : float
        Coverage of the interval.
    df : float or None
        Degrees of freedom of Student's t, infinite for the normal law; None where error and interval follow no t and
        the draws go through the number and both ends instead.
    """

    estimate: float
    low: float
    high: float
    level: float
    df: float | None

    @property
    def words(self) -> str:
        """How draws are made."""
        if self.df is None:
            return (
                "two half-normal laws that put half of the chance on each side of the estimate and "
                f"{(1 - self.level) / 2:.1%} beyond each end of the reported {self.level:.0%} interval"
            )
        if np.isinf(self.df):
            return f"a normal law with the reported error and {self.level:.0%} interval"
        implied = f"as the reported error and {self.level:.0%} interval imply"
        return f"Student's t with {self.df:.1f} degrees of freedom, {implied}"

    def at(self, chance: Floats) -> Floats:
        """The effect at each chance below 1, (n,): the quantiles of the law.

        Examples
        --------
        >>> law = Law(estimate=-3.0, low=-5.0, high=-1.0, level=0.95, df=None)
        >>> [round(float(x), 6) for x in law.at(np.array([0.025, 0.5, 0.975]))]
        [-5.0, -3.0, -1.0]
        """
        tail = (1 + self.level) / 2
        if self.df is not None:
            unit = stats.norm.ppf(chance) if np.isinf(self.df) else stats.t.ppf(chance, self.df)
            edge = stats.norm.ppf(tail) if np.isinf(self.df) else stats.t.ppf(tail, self.df)
            return np.asarray(self.estimate + (self.high - self.low) / 2 / edge * unit)
        unit = stats.norm.ppf(chance) / stats.norm.ppf(tail)
        side = np.where(chance < 0.5, self.estimate - self.low, self.high - self.estimate)
        return np.asarray(self.estimate + side * unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One outcome's effect, signed so that more is better.

    Attributes
    ----------
    outcome, unit, estimand : str
    sign : {-1, 1}
        What the reported number was multiplied by.
    law : Law
        In the reported direction.
    """

    outcome: str
    unit: str
    estimand: str
    sign: int
    law: Law

    @property
    def gain(self) -> float:
        """The estimate as a change for the better."""
        return self.sign * self.law.estimate

    @property
    def holds_zero(self) -> bool:
        """Whether the interval leaves open that nothing changed."""
        return self.law.low <= 0 <= self.law.high

    def gains(self, chance: Floats) -> Floats:
        """Changes for the better at each chance, so that a high chance is a high gain, (n,)."""
        return np.asarray(self.sign * self.law.at(chance if self.sign > 0 else 1 - chance))


def law_of(estimate: float, error: float | None, low: float, high: float, level: float) -> Law:
    """The law that a number, its error and its interval imply.

    Examples
    --------
    >>> law_of(2.0, 1.0, 2 - 2.228139, 2 + 2.228139, 0.95).df
    10.0
    >>> law_of(2.0, None, 1.0, 5.0, 0.95).df is None
    True
    """
    below, above = estimate - low, high - estimate
    even = abs(above - below) <= 1e-6 * max(above + below, 1e-300)
    df = _df((above + below) / 2 / error, level) if even and error and error > 0 else None
    return Law(estimate=estimate, low=low, high=high, level=level, df=df)


def _df(edge: float, level: float) -> float | None:
    """Degrees of freedom of the t whose two-sided edge this is; infinite at the normal's, None beyond either end."""
    tail, normal = (1 + level) / 2, float(stats.norm.ppf((1 + level) / 2))
    if abs(edge - normal) < 1e-4:
        return float("inf")
    if edge < normal or edge > stats.t.ppf(tail, 1):
        return None
    found = optimize.brentq(lambda df: stats.t.ppf(tail, df) - edge, 1, 1e7, xtol=1e-9)
    return float(round(found, 4))


def effects_of(result: dict[str, Any], wanted: dict[str, str]) -> dict[str, Effect]:
    """The headline effects of the outcomes wanted, from a `result.json` as hubeval wrote it.

    Parameters
    ----------
    result : dict
    wanted : dict
        The unit that each outcome's effect must be in, by the outcome's label.

    Raises
    ------
    BadInput
        No such outcome, an effect in another unit, an outcome of which neither direction is better, or an effect
        without an interval.
    """
    terms = {term["outcome"]: term for term in reversed(result["headline_terms"])}
    declared = {outcome["label"]: outcome for outcome in result["protocol"]["outcomes"]}
    problems: list[Problem] = []
    found = {}
    for outcome, unit in wanted.items():
        term = terms.get(outcome)
        problem = _no_number(outcome, term) or _amiss(outcome, unit, term, declared.get(outcome), terms)
        if problem is not None:
            problems.append(problem)
            continue
        assert term is not None
        law = law_of(term["estimate"], term["std_error"], term["conf_low"], term["conf_high"], term["conf_level"])
        sign = 1 if declared[outcome]["direction"] == "higher is better" else -1
        found[outcome] = Effect(outcome=outcome, unit=term["unit"], estimand=term["estimand"], sign=sign, law=law)
    if problems:
        raise BadInput(problems)
    return found


def _no_number(outcome: str, term: dict[str, Any] | None) -> Problem | None:
    """That an effect is relative, a slope or of one moment: no count of anything that has a price."""
    said = no_count(term["unit"], term["term"]) if term is not None else ""
    if not said:
        return None
    return Problem(f"benefits: outcome {outcome!r}", f"the effect is {said}", "an average effect in the outcome's own "
                   "unit", "Estimate the outcome in its own unit, from a start, and value that.")  # fmt: skip


def _amiss(
    outcome: str, unit: str, term: dict[str, Any] | None, declared: dict[str, Any] | None, terms: dict[str, Any]
) -> Problem | None:
    """What keeps one outcome's effect from being used, if anything."""
    where = f"benefits: outcome {outcome!r}"
    if term is None or declared is None:
        return Problem(where, "the result has no headline effect on it", listed(terms), "Name it as the result does.")
    if " ".join(unit.casefold().split()) != " ".join(term["unit"].casefold().split()):
        return Problem(
            where,
            f"the effect is in {term['unit']!r}, the benefit in {unit!r}",
            "one unit",
            "Write the result's unit, and population and per to match it.",
        )
    if declared["direction"] == "neither":
        return Problem(
            where,
            "neither direction is better, so no change is a benefit",
            "an outcome with a direction",
            "Value another outcome.",
        )
    if declared["role"] == "placebo":
        return Problem(where, "it is a placebo outcome: the programme should not move it", "another", "Leave it out.")
    if term["estimate"] is None or term["conf_low"] is None or term["conf_high"] is None:
        return Problem(
            where,
            "its effect has no interval, or is withheld",
            "an effect with both ends of its interval",
            "Without one nothing can be said of how sure the value is.",
        )
    return None
