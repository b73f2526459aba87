"""Finite mixtures of Student t distributions: distribution function and quantiles, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, stdtr, stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_WEIGHTLESS = 1e-18  # a thousand components of this weight would not move the fifteenth digit of a probability


def mixture_cdf(x: Floats, weight: Floats, mean: Floats, scale: Floats, df: float) -> Floats:
    """Probability below `x` in each mixture, (N,).

    Parameters
    ----------
    x : (N,) float
    weight, mean, scale : (N, G) float
        Weights sum to one in each row; scales are positive.
    df : float
        Degrees of freedom of every component.
    """
    return np.asarray((weight * stdtr(df, (x[:, None] - mean) / scale)).sum(axis=1))


def mixture_quantile(probability: float | Floats, weight: Floats, mean: Floats, scale: Floats, df: float) -> Floats:
    """The value below which each mixture has `probability` (one, or one each), (N,), to about twelve digits.

    Halley's method kept inside a bracket, so it cannot run away where the density is flat.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> float(mixture_quantile(.975, one, 0 * one, one, 10.0).round(6)[0])
    2.228139
    """
    used = (weight > _WEIGHTLESS).any(axis=0)
    weight, mean, scale = weight[:, used], mean[:, used], scale[:, used]
    reach = np.broadcast_to(stdtrit(df, probability), len(weight))
    ends = mean + reach[:, None] * scale
    low, high = ends.min(axis=1), ends.max(axis=1)
    pad = 1e-9 * (np.abs(low) + np.abs(high)) + 1e-300
    low, high = low - pad, high + pad
    centre = (weight * mean).sum(axis=1)
    spread = np.sqrt((weight * (scale**2 + (mean - centre[:, None]) ** 2)).sum(axis=1))
    x, narrow = np.clip(centre + reach * spread, low, high), scale.min(axis=1)
    for _ in range(200):
        gap, density, slope = _around(x, weight, mean, scale, df)
        gap = gap - probability
        low, high = np.where(gap < 0, x, low), np.where(gap > 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(density > 0, gap / density, np.inf)
            bent = 1 - step * slope / (2 * density)
            cubic = np.abs(bent - 1) < 0.5
            step = step / np.where(cubic, bent, 1.0)
        trial = x - step
        inside = (trial > low) & (trial < high)
        new = np.where(inside, trial, (low + high) / 2)
        moved = np.abs(new - x)
        x = new
        # what a small cubic step leaves is its cube: no need to see the next one
        enough = np.maximum(1e-13 * np.maximum(np.abs(x), high - low), np.where(inside & cubic, 1e-5 * narrow, 0.0))
        if bool((moved <= enough).all()):
            break
    return np.asarray(x)


def _around(x: Floats, weight: Floats, mean: Floats, scale: Floats, df: float) -> tuple[Floats, Floats, Floats]:
    """Distribution function of each mixture at `x`, its density, and the density's slope; each (N,)."""
    constant = np.exp(gammaln((df + 1) / 2) - gammaln(df / 2)) / np.sqrt(df * np.pi)
    z = (x[:, None] - mean) / scale
    room = 1 + z**2 / df
    dense = constant * weight / scale * room ** (-(df + 1) / 2)
    slope = -(df + 1) / df * z / (room * scale) * dense
    return (weight * stdtr(df, z)).sum(axis=1), dense.sum(axis=1), slope.sum(axis=1)
