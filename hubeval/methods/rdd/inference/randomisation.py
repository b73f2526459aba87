"""A difference of means in a small window about the cut-off, with sides taken as drawn by lot.

Cattaneo, Frandsen and Titiunik (2015). For few units (150 authorities, say) near a cut-off that nobody could aim at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.rdd.door.sides import Cut

    Floats = NDArray[np.float64]

DRAWS = 1_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomised:
    """A difference of means in a window.

    Attributes
    ----------
    estimate, std_error : float
        Upper side less lower side; the error is the usual one of two means.
    low, high : float
        Effects, the same for everybody, that the permutation test does not refuse at the level asked.
    p_value : float
        By permuting sides in the window.
    p_normal : float
        By the normal law.
    n_h : (int, int)
        Units below and above in the window.
    """

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float
    p_normal: float
    n_h: tuple[int, int]


def in_window(
    cut: Cut, window: float, *, seed: int, conf_level: float = 0.95, draws: int = DRAWS, column: int = 0
) -> Randomised:
    """The difference of means within `window` of the cut-off, and its permutation test and interval.

    Parameters
    ----------
    cut : Cut
    window : float
    seed : int
    conf_level : float
    draws : int
        Permutations beside the real one.
    column : int
        Of the sides' values: the outcome, or a covariate.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.rdd.door.sides import cut_at
    >>> rng = np.random.default_rng(1)
    >>> x = rng.uniform(-1, 1, 150)
    >>> made = in_window(cut_at(x, 2.0 * (x >= 0) + rng.normal(0, 0.5, 150)), 0.3, seed=1)
    >>> made.low < 2.0 < made.high, made.p_value
    (True, 0.0005)
    """
    below, above = (side.values[: side.within(window, edge=True), column] for side in cut.sides)
    y, n, k = np.r_[below, above], len(below) + len(above), len(above)
    rng = np.random.default_rng(seed)
    shown = float(above.mean() - below.mean())
    sums, moved = np.empty(draws), np.empty(draws)
    for at in range(draws):
        chosen = rng.permutation(n)[:k]
        sums[at] = y[chosen].sum()
        moved[at] = (chosen >= n - k).sum()
    spread = n / (k * (n - k))
    apart = sums * spread - y.sum() / (n - k)  # differences of means under each drawing of sides
    share = moved * spread - k / (n - k)  # the same of the sides themselves: what a constant effect adds

    def p(effect: float) -> float:
        far = np.abs(apart - effect * share) >= abs(shown - effect) * (1 - 1e-12)
        return float((1 + far.sum()) / (draws + 1))

    error = float(np.sqrt(below.var(ddof=1) / len(below) + above.var(ddof=1) / len(above)))
    low, high = (_edge(p, shown, way * error, 1 - conf_level) for way in (-1, 1)) if error else (shown, shown)
    return Randomised(
        estimate=shown, std_error=error, low=low, high=high, p_value=p(0.0),
        p_normal=float(2 * norm.sf(abs(shown) / error)) if error else float(shown == 0), n_h=(n - k, k))


def _edge(p: Callable[[float], float], shown: float, step: float, alpha: float) -> float:
    """The last effect in one direction that is not refused."""
    far = 4.0
    while p(shown + far * step) > alpha and far < 1e6:
        far *= 2
    return float(brentq(lambda at: p(shown + at * step) - alpha - 1e-9, 0.0, far, xtol=1e-6) * step + shown)
