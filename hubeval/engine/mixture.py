"""Finite mixtures of Student t distributions: distribution function and quantiles, many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, stdtr, stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


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


def mixture_quantile(probability: float, weight: Floats, mean: Floats, scale: Floats, df: float) -> Floats:
    """The value below which each mixture has `probability`, (N,), to about twelve digits.

    Newton's method kept inside a bracket, so it cannot run away where the density is flat.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> float(mixture_quantile(.975, one, 0 * one, one, 10.0).round(6)[0])
    2.228139
    """
    reach = float(stdtrit(df, probability))
    ends = mean + reach * scale
    used = weight > 1e-15
    low = np.where(used, ends, np.inf).min(axis=1)
    high = np.where(used, ends, -np.inf).max(axis=1)
    pad = 1e-9 * (np.abs(low) + np.abs(high)) + 1e-300
    low, high = low - pad, high + pad
    x = np.clip((weight * ends).sum(axis=1), low, high)
    constant = np.exp(gammaln((df + 1) / 2) - gammaln(df / 2)) / np.sqrt(df * np.pi)
    for _ in range(200):
        z = (x[:, None] - mean) / scale
        gap = (weight * stdtr(df, z)).sum(axis=1) - probability
        density = (weight / scale * (1 + z**2 / df) ** (-(df + 1) / 2)).sum(axis=1) * constant
        low, high = np.where(gap < 0, x, low), np.where(gap > 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(density > 0, gap / density, np.inf)
        trial = x - step
        new = np.where((trial > low) & (trial < high), trial, (low + high) / 2)
        moved = np.abs(new - x)
        x = new
        if bool((moved <= 1e-13 * np.maximum(np.abs(x), np.abs(high - low))).all()):
            break
    return np.asarray(x)
