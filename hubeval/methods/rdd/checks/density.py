"""Whether records pile up on one side of the cut-off, as they would if people could choose theirs.

Cattaneo, Jansson and Ma (2020): the density on each side is the slope of a local cubic fitted to the empirical
distribution, with a jackknife error; nothing is binned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from hubeval.methods.rdd.estimators.polynomial import powers_of, weigh

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.rdd.door.sides import Cut
    from hubeval.methods.rdd.estimators.polynomial import Kernel

    Floats = NDArray[np.float64]

_CUBE = 3
_WIDTH = 4.0  # standard deviations times n to the power −1/5: what rddensity chooses on smooth scores, by and large
_LEAST = 30  # rows on a side within the bandwidth


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """Densities just below and just above the cut-off, and whether they differ.

    Attributes
    ----------
    below, above, se_below, se_above : float
        As shares of all records for each unit of the running variable.
    statistic, p_value : float
        Above less below over its error; by the normal law.
    h : (float, float)
    """

    below: float
    above: float
    se_below: float
    se_above: float
    statistic: float
    p_value: float
    h: tuple[float, float]


def density_at(cut: Cut, *, h: tuple[float, float] | None = None, kernel: Kernel = "triangular") -> Density:
    """The density on either side of the cut-off.

    Parameters
    ----------
    cut : Cut
    h : (float, float), optional
        Bandwidths below and above; by default four standard deviations times n to the power −1/5.
    kernel : {"triangular", "uniform", "epanechnikov"}

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.rdd.door.sides import cut_at
    >>> x = np.random.default_rng(1).uniform(-1, 1, 2000)
    >>> even, moved = density_at(cut_at(x, x)), density_at(cut_at(np.where(abs(x + 0.05) < 0.05, -x, x), x))
    >>> even.p_value > 0.05 > moved.p_value
    True
    """
    x = np.concatenate([cut.left.x[::-1], cut.right.x])
    rank = (np.searchsorted(x, x, side="right") - 1) / (len(x) - 1)
    width = h or bandwidths(cut)
    (below, se_below), (above, se_above) = (
        _slope(x, rank, np.flatnonzero(side), far, kernel) for side, far in zip((x < 0, x >= 0), width, strict=True))
    statistic = (above - below) / float(np.hypot(se_below, se_above))
    return Density(below=below, above=above, se_below=se_below, se_above=se_above, statistic=statistic,
                   p_value=float(2 * norm.sf(abs(statistic))), h=width)


def bandwidths(cut: Cut) -> tuple[float, float]:
    """One bandwidth by a rule of thumb, kept within each side's reach and with rows enough on it."""
    x = np.concatenate([side.x for side in cut.sides])
    low, high = np.quantile(x, (0.25, 0.75))
    spread = min(float(x.std(ddof=1)), float(high - low) / 1.349) or float(x.std(ddof=1))
    made = _WIDTH * spread * len(x) ** (-1 / 5)
    left, right = (
        float(min(max(made, abs(side.x[min(_LEAST, side.n) - 1]) * 1.001), side.reach)) for side in cut.sides)
    return left, right


def _slope(x: Floats, rank: Floats, rows: NDArray[np.intp], h: float, kernel: Kernel) -> tuple[float, float]:
    """The slope of a cubic at the cut-off through the distribution of one side, and its jackknife error.

    Each row's share in the slope is what the rows above it weigh; squares are taken about nought, not about their
    mean, which is a little wider and is what the authors' package does.
    """
    n, u = len(x), x[rows] / h
    weighted = powers_of(u, _CUBE) * weigh(u, kernel)[:, None]
    inverse = np.linalg.pinv(powers_of(u, _CUBE).T @ weighted, hermitian=True)
    pull = weighted @ inverse[1] / h  # of each row's rank on the slope
    share = np.cumsum(pull[::-1])[::-1]  # a row adds to the rank of every row from its own value on
    share = share[np.searchsorted(u, u)] - pull
    return float(pull @ rank[rows]), float(np.sqrt(share @ share)) / (n - 1)
