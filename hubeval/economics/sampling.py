"""Everything that is uncertain, drawn together from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from hubeval.economics.flows import figures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.economics.declared import Range, ValueCase
    from hubeval.economics.effect import Effect

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Draws of the effects (as changes for the better) and of every figure, by name, each (draws,)."""

    gains: dict[str, Floats]
    figures: dict[str, Floats]


def draw(case: ValueCase, effects: dict[str, Effect]) -> Drawn:
    """Draw effects from the law behind their intervals, and figures from their ranges.

    Effects on different outcomes of one evaluation are drawn from one chance: how they go together is not known, and
    this keeps the interval of their sum from being too narrow. Figures are drawn each for itself.

    Examples
    --------
    >>> from hubeval.economics.declared import Range
    >>> bool(0.2 <= pert(Range(mid=0.3, low=0.2, high=0.6), np.array([0.5]))[0] <= 0.6)
    True
    """
    # as evenly spread as can be, so that a thousand draws say what ten thousand careless ones would
    rng = np.random.default_rng(case.seed)
    even = (np.arange(case.draws) + 0.5) / case.draws
    chance = rng.permutation(even)
    gains = {name: effect.gains(chance) for name, effect in sorted(effects.items())}
    drawn = {}
    for name, item in figures(case).items():
        own = rng.permutation(even)
        drawn[name] = np.full(case.draws, item.mid) if item.certain else pert(item, own)
    return Drawn(gains=gains, figures=drawn)


def pert(item: Range, chance: Floats) -> Floats:
    """Quantiles of the PERT distribution on a range: a beta with mode at its middle and weight 4 on it."""
    assert item.low is not None
    assert item.high is not None
    width = item.high - item.low
    first, second = 1 + 4 * (item.mid - item.low) / width, 1 + 4 * (item.high - item.mid) / width
    return np.asarray(item.low + width * stats.beta.ppf(chance, first, second))
