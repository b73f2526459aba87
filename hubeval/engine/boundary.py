"""The mean of an outcome at the lower end of a range, by a local line with a robust interval for its bias.

Calonico, S., Cattaneo, M. & Farrell, M. (2018). On the effect of bias estimation on coverage accuracy in
nonparametric inference. Journal of the American Statistical Association 113, 767-779; (2019) nprobust: nonparametric
kernel-based estimation and robust bias-corrected inference. Journal of Statistical Software 91(8), for the bandwidth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Kernel = Literal["triangular", "uniform", "epanechnikov"]
LEAST = 21  # rows that every bandwidth must reach
NEIGHBOURS = 3
_RULE = {"triangular": 2.576, "epanechnikov": 2.34, "uniform": 1.843}  # constants of the pilot, by kernel


@dataclass(frozen=True, slots=True, kw_only=True)
class AtBoundary:
    """The mean at nought.

    Attributes
    ----------
    line, corrected : float
        By the local line, and less its bias (the local quadratic at the same bandwidth).
    std_error : float
        Of the corrected one.
    h : float
        Bandwidth.
    near : int
        Rows at most so far away.
    """

    line: float
    corrected: float
    std_error: float
    h: float
    near: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fit:
    """A polynomial in x / h over the rows that have weight: its parts, and the sandwich of its coefficients."""

    beta: Floats
    covariance: Floats
    ahead: Floats  # what the next power would add to each coefficient


def at_boundary(x: Floats, y: Floats, *, kernel: Kernel = "epanechnikov", h: float | None = None) -> AtBoundary:
    """The mean of y at x = 0, where x lies at or above 0.

    Errors are from the nearest neighbours of each row; the bandwidth, unless given, makes the mean squared error of
    the local line smallest.

    Parameters
    ----------
    x, y : (n,) float
        `x` from 0 up; enough distinct values for a polynomial of order four.
    kernel : {"epanechnikov", "triangular", "uniform"}
    h : float, optional

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.random(500)
    >>> found = at_boundary(x, 2 + x + 0.1 * rng.normal(size=500))
    >>> abs(found.corrected - 2) < 3 * found.std_error
    True
    """
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    h = bandwidth(x, y, kernel) if h is None else h
    line, curve = _fit(x, y, h, 1, kernel), _fit(x, y, h, 2, kernel)
    return AtBoundary(line=float(line.beta[0]), corrected=float(curve.beta[0]), h=h,
                      std_error=float(np.sqrt(curve.covariance[0, 0])), near=int((x <= h).sum()))


def bandwidth(x: Floats, y: Floats, kernel: Kernel = "epanechnikov") -> float:
    """The bandwidth of the local line at nought with the smallest mean squared error, by direct plug-in; x sorted."""
    n, reach = len(x), float(x[-1])
    least = float(x[min(LEAST, n) - 1])
    low, high = np.quantile(x, (0.25, 0.75))
    spread = min(float(x.std(ddof=1)), float(high - low) / 1.349)
    near = max(min(_RULE[kernel] * spread * n ** (-1 / 5), reach), least)

    def step(order: int, power: int, far: float, *, unsure: bool) -> float:
        own, wide = _fit(x, y, near, order, kernel), _fit(x, y, far, order + 1, kernel)
        constant, raised = own.ahead[power], far ** (order + 1)
        variance = near * own.covariance[power, power]
        square = (constant * wide.beta[order + 1] / raised) ** 2
        if unsure:
            square += 3 * constant**2 * wide.covariance[order + 1, order + 1] / raised**2
        made = ((2 * power + 1) * variance / (2 * (order + 1 - power) * square)) ** (1 / (2 * order + 3))
        return float(max(min(made, reach), least))

    far = step(3, 3, reach - float(x[0]), unsure=False)
    return step(1, 0, step(2, 2, far, unsure=True), unsure=True)


def _fit(x: Floats, y: Floats, h: float, order: int, kernel: Kernel) -> _Fit:
    """A weighted polynomial of an order over the rows within h."""
    weight = _weight(x / h, kernel)
    inside = weight > 0
    u, w, y_in = x[inside] / h, weight[inside], y[inside]
    powers = np.vander(u, order + 1, increasing=True)
    weighted = powers * w[:, None]
    inverse = np.linalg.pinv(powers.T @ weighted, hermitian=True)
    share = (weighted * _left_over(x[inside], y_in)[:, None]) @ inverse
    return _Fit(beta=inverse @ (weighted.T @ y_in), covariance=share.T @ share,
                ahead=inverse @ (weighted.T @ u ** (order + 1)))


def _weight(u: Floats, kernel: Kernel) -> Floats:
    if kernel == "triangular":
        return np.asarray(np.maximum(1 - u, 0.0))
    return np.asarray((u <= 1) * (0.5 if kernel == "uniform" else 0.75 * (1 - u * u)))


def _left_over(x: Floats, y: Floats) -> Floats:
    """Each row less the mean of its nearest others, scaled to its own spread (Abadie & Imbens 2006); x sorted.

    Rows of one value are taken in together, the nearer value first, both where they are equally near.
    """
    value, start, number = np.unique(x, return_index=True, return_counts=True)
    end, total = start + number, np.r_[0.0, np.cumsum(y)]
    low, high = np.arange(len(value)), np.arange(len(value))
    wanted = min(NEIGHBOURS, len(x) - 1)
    while (short := np.flatnonzero(end[high] - start[low] - 1 < wanted)).size:
        a, b, here = low[short], high[short], value[short]
        down = np.where(a > 0, here - value[np.maximum(a - 1, 0)], np.inf)
        up = np.where(b < len(value) - 1, value[np.minimum(b + 1, len(value) - 1)] - here, np.inf)
        alike = np.abs(down - up) < 1e-9 * x[-1]  # equal but for rounding, whatever the dose is counted in
        low[short], high[short] = a - ((down < up) | alike), b + ((up < down) | alike)
    others = (end[high] - start[low] - 1).astype(np.float64)
    group = np.repeat(np.arange(len(value)), number)
    k, around = others[group], (total[end[high]] - total[start[low]])[group]
    return np.asarray(np.sqrt(k / (k + 1)) * (y - (around - y) / np.maximum(k, 1)))
