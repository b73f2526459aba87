"""Whether the treated are as steady as the others: what permutation and placebo tests rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.readings.question import Question
from hubeval.wording import brief

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.result import Diagnostic, NotComputed

ASKED = Question(
    name="variability of the treated",
    asked="Are treated units as steady as the others?",
    threshold="between 0.67 and 1.5",
    bears_on="interval",
)
WIDE = 1.5


def variability_of_treated(
    before: NDArray[np.float64], treated: NDArray[np.bool_], *, allowed: str = ""
) -> Diagnostic | NotComputed:
    """Period-to-period changes of treated units before their start, beside those of the others.

    Parameters
    ----------
    before : (n, t) float
        Outcomes; NaN where there is none and from a unit's start on.
    treated : (n,) bool
    allowed : str
        How the inference allows for it, as a sentence; empty where it rests on the treated being alike.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> y = rng.normal(size=(20, 12)) * np.where(np.arange(20) < 4, 3.0, 1.0)[:, None]
    >>> variability_of_treated(y, np.arange(20) < 4).status
    'caution'
    """
    change = np.diff(before, axis=1)
    centre = np.array([np.median(c[np.isfinite(c)]) if np.isfinite(c).any() else 0.0 for c in change.T])
    spread = np.square(change - centre)
    inside, outside = (spread[who][np.isfinite(spread[who])] for who in (treated, ~treated))
    if len(inside) < 3 or len(outside) < 3 or not outside.mean():
        return ASKED.unanswered("too few periods before the start")
    ratio = float(np.sqrt(inside.mean() / outside.mean()))
    off = ratio > WIDE or ratio < 1 / WIDE
    size = f"{brief(ratio, 2)} times as large as others'"
    reading = f"Before the start, period-to-period changes of treated units are {size}."
    if off and allowed:
        return ASKED.answered("information", f"{reading} {allowed}", ratio)
    if ratio > WIDE:
        reading += " Permutation p-values are then too small and intervals too short, most so with few treated."
    elif off:
        reading += " Permutation p-values are then too large: the test is cautious."
    return ASKED.answered("caution" if off else "pass", reading, ratio)
