"""The scale that an outcome is estimated on, and the way back to what a reader knows: per cent, points, its own unit.

An outcome may be estimated in its own unit, as a natural logarithm or, where it is a share, as log-odds. Methods are
given the numbers on that scale and a unit that says so; every word, table and figure takes them back by the functions
here, so that no logarithm is read as a change in the measure.
"""

from __future__ import annotations

import math
import re
from typing import Literal

Scale = Literal["level", "log", "log-odds"]
PER_CENT, OF_ODDS = "% change", "% change in the odds"
_MARKS: dict[Scale, str] = {"log": " [log scale]", "log-odds": " [log-odds scale]"}
_MOST = 700.0  # beyond, the exponential is beyond what a number can hold
RELATIVE = "proportion of the counterfactual"


def on_scale(unit: str, scale: Scale) -> str:
    """The unit of numbers on a scale, which says what they are of; a level's is its own.

    Examples
    --------
    >>> on_scale("per 10,000", "log"), on_scale("per 10,000", "level")
    ('per 10,000 [log scale]', 'per 10,000')
    """
    return own_unit(unit) + _MARKS.get(scale, "")


def scale_of(unit: str) -> Scale:
    """The scale that numbers of this unit are on.

    Examples
    --------
    >>> scale_of("per 10,000 [log scale]"), scale_of("% [log-odds scale]"), scale_of("per 10,000")
    ('log', 'log-odds', 'level')
    """
    return next((scale for scale, mark in _MARKS.items() if unit.endswith(mark)), "level")


def own_unit(unit: str) -> str:
    """The unit of the measure itself, whatever scale it is estimated on.

    Examples
    --------
    >>> own_unit("per 10,000 [log scale]"), own_unit("visits")
    ('per 10,000', 'visits')
    """
    mark = _MARKS.get(scale_of(unit), "")
    return unit.removesuffix(mark)


def of_share(unit: str) -> tuple[float, float] | None:
    """The range that a unit allows: percentages 0 to 100, shares 0 to 1; None where it says nothing.

    Examples
    --------
    >>> of_share("% of children"), of_share("share of referrals"), of_share("percentage points"), of_share("per 10,000")
    ((0.0, 100.0), (0.0, 1.0), None, None)
    """
    words = unit.casefold()
    if re.search(r"point|change|of the (counterfactual|synthetic path)", words):
        return None
    if re.search(r"%|\bper ?cent(age)?\b", words):
        return 0.0, 100.0
    return (0.0, 1.0) if re.search(r"\b(share|proportion|probability)\b", words) else None


def a_total(unit: str) -> str:
    """The unit of a rate's sum over time: what is counted, without the time it is counted in.

    Examples
    --------
    >>> a_total("contacts a month"), a_total("per 10,000 children a quarter"), a_total("points")
    ('contacts', 'per 10,000 children', 'points')
    """
    return re.sub(r",? (a|an|per|each|every) (day|week|month|quarter|term|year)$", "", unit) or unit


def is_log(unit: str) -> bool:
    """Whether a unit, as declared, says that its numbers are logarithms.

    Examples
    --------
    >>> is_log("log points"), is_log("ln(rate)"), is_log("logins"), is_log("per 10,000")
    (True, True, False, False)
    """
    return bool(re.search(r"\b(log|ln|logged|logit|log-odds|logarithms?)\b", unit.casefold().replace("_", " ")))


def change(value: float, unit: str) -> float:
    """A difference on the scale of its unit as a reader knows it: per cent of the level (or of the odds), exactly.

    Examples
    --------
    >>> round(change(-1.05, "per 10,000 [log scale]"), 1), change(-2.0, "per 10,000")
    (-65.0, -2.0)
    """
    return value if scale_of(unit) == "level" else 100 * math.expm1(min(value, _MOST))


def unchanged(value: float, unit: str) -> float:
    """The way back: a change as a reader knows it, on the scale of its unit; minus infinity for a fall of all there is.

    Examples
    --------
    >>> round(unchanged(-65.0, "per 10,000 [log scale]"), 2), unchanged(-100.0, "visits [log scale]")
    (-1.05, -inf)
    """
    if scale_of(unit) == "level":
        return value
    return math.log1p(value / 100) if value > -100 else -math.inf


def change_unit(unit: str) -> str:
    """The unit of what `change` gives.

    Examples
    --------
    >>> change_unit("per 10,000 [log scale]"), change_unit("% [log-odds scale]"), change_unit("per 10,000")
    ('% change', '% change in the odds', 'per 10,000')
    """
    return {"log": PER_CENT, "log-odds": OF_ODDS}.get(scale_of(unit), unit)


def level(value: float, unit: str) -> float:
    """A level on the scale of its unit in the measure's own unit; a mean of logarithms gives the geometric mean.

    Examples
    --------
    >>> round(level(3.0, "per 10,000 [log scale]"), 1), level(0.0, "% [log-odds scale]"), level(7.0, "visits")
    (20.1, 50.0, 7.0)
    """
    scale = scale_of(unit)
    if scale == "level":
        return value
    if scale == "log":
        return math.exp(min(value, _MOST))
    _, most = of_share(own_unit(unit)) or (0.0, 1.0)
    return most / (1 + math.exp(min(-value, _MOST)))
