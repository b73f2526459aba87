"""Two means with their joint covariance, and what can be said of their contrast."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Mean outcome with and without treatment in one population.

    Attributes
    ----------
    one, two : float
        Mean with, and without, treatment.
    covariance : (2, 2) float
    df : float
        Degrees of freedom of the t reference; infinite for the normal.
    clusters : int
        Independent pieces that the covariance was made from.
    moved : (n,) float or None
        What each record moves the difference by, where the estimator says.
    """

    one: float
    two: float
    covariance: Floats
    df: float
    clusters: int
    moved: Floats | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Contrast:
    """A contrast with its interval; `std_error` of a ratio is on the log scale, where the interval was made."""

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float


def from_influence(
    one: float, two: float, influence: Floats, cluster: Ints | None = None, shares: Floats | None = None
) -> Means:
    """Means whose covariance is the (clustered) sum of squares of influence values, (n, 2), each already over n.

    Uses ``G / (G - 1)`` and t with G - 1 degrees of freedom; without clusters, every record is one. With `shares`, what
    each record counts for in either mean, (n, 2), clusters are corrected one by one for their own leverage, and the
    degrees of freedom are those that so many, so unequal clusters on either side leave (`by_cluster`).
    """
    summed, parts = influence, None
    if cluster is not None:
        g = int(cluster.max()) + 1
        summed = np.zeros((g, 2))
        np.add.at(summed, cluster, influence)
        there = np.bincount(cluster, minlength=g) > 0
        summed = summed[there]
        if shares is not None:
            parts = np.zeros((g, 2))
            np.add.at(parts, cluster, np.abs(shares))
            parts = parts[there]
    g = summed.shape[0]
    if parts is None:
        covariance = g / max(g - 1, 1) * summed.T @ summed
        return Means(one=one, two=two, covariance=covariance, df=max(g - 1, 1), clusters=g)
    factor, df = by_cluster(parts)
    summed = summed * np.sqrt(factor)[:, None]
    return Means(one=one, two=two, covariance=summed.T @ summed, df=df, clusters=g)


def by_cluster(shares: Floats) -> tuple[Floats, float]:
    """Factor on each cluster's square, (G,), and degrees of freedom of a difference of two means made of clusters.

    Where clusters differ independently on either side, a cluster's own deviation is shrunk by the mean it helped to
    make: the factor makes its expected square right (CR2), and the degrees of freedom are Satterthwaite's for the sum
    (Bell & McCaffrey 2002; Imbens & Kolesár 2016). Three clusters on one side leave about two, whatever stands on the
    other.

    Parameters
    ----------
    shares : (G, 2) float
        Weight of each cluster in either mean; each column is brought to one.

    Examples
    --------
    >>> import numpy as np
    >>> factor, df = by_cluster(np.array([[1., 0.], [1., 0.], [1., 0.], *[[0., 1.]] * 17]))
    >>> factor[[0, 3]].round(3).tolist(), round(df, 2)
    ([1.5, 1.062], 2.76)
    """
    s = shares / shares.sum(axis=0)
    others = (s**2).sum(axis=0) - s**2
    for side in (0, 1):  # a cluster that outweighs the rest would lose them to rounding
        largest = int(s[:, side].argmax())
        others[largest, side] = (np.delete(s[:, side], largest) ** 2).sum()
    expected, found = (s**2).sum(axis=1), (s**2 * ((1 - s) ** 2 + others)).sum(axis=1)
    some = found > 1e-12 * expected.max()
    factor = np.ones(s.shape[0])
    factor[some] = expected[some] / found[some]
    square = _sum_of_squares(s, others, factor, found)
    return factor, max(float((factor * found).sum() ** 2 / square), 1.0)


def _sum_of_squares(s: Floats, others: Floats, factor: Floats, found: Floats) -> float:
    """Of all products of two clusters' deviations, each ``s_i (e_i - s)`` on either side and times its factor.

    Beside a diagonal they are products of four columns, so that no table of clusters by clusters is needed; those with
    the largest cluster of a side are taken one by one.
    """
    top = np.unique(s.argmax(axis=0))
    rest = np.delete(np.arange(s.shape[0]), top)
    root, total = np.sqrt(factor), 0.0
    for t in top.tolist():
        product = s * s[t] * (others[t] - s**2 - s[t] * (1 - s[t]) - s * (1 - s))
        column = root * root[t] * product.sum(axis=1)
        column[t] = factor[t] * found[t]
        total += float((column**2).sum() + (column[rest] ** 2).sum())
    size, lines = (s**2).sum(axis=0), root[rest, None] * np.column_stack([s[rest], s[rest] ** 2])
    middle = np.block([[np.diag(size), -np.eye(2)], [-np.eye(2), np.zeros((2, 2))]])
    turned, own = middle @ (lines.T @ lines), factor[rest] * (s[rest] ** 2).sum(axis=1)
    crossed = middle @ (lines.T @ (own[:, None] * lines))
    return total + float((own**2).sum() + 2 * np.trace(crossed) + np.trace(turned @ turned))


def contrast(means: Means, measure: str, conf_level: float = 0.95) -> Contrast:
    """Difference, ratio or odds ratio of the two means by the delta method.

    Parameters
    ----------
    measure : {"difference", "ratio", "odds-ratio"}
        Ratios get their interval on the log scale; both means must be above 0 (and below 1 for odds).

    Examples
    --------
    >>> import numpy as np
    >>> made = contrast(Means(one=0.3, two=0.2, covariance=np.diag([1e-4, 1e-4]), df=np.inf, clusters=1000), "ratio")
    >>> round(made.estimate, 3), round(made.low, 3), round(made.high, 3)
    (1.5, 1.333, 1.687)
    """
    if measure == "difference":
        value, slope = means.one - means.two, np.array([1.0, -1.0])
    elif measure == "ratio":
        value, slope = float(np.log(means.one / means.two)), np.array([1 / means.one, -1 / means.two])
    else:
        one, two = means.one * (1 - means.one), means.two * (1 - means.two)
        value = float(np.log(means.one / (1 - means.one)) - np.log(means.two / (1 - means.two)))
        slope = np.array([1 / one, -1 / two])
    error = float(np.sqrt(max(slope @ means.covariance @ slope, 0.0)))
    reach = float(scipy.stats.t.ppf(0.5 + conf_level / 2, means.df)) * error
    p = float(2 * scipy.stats.t.sf(abs(value) / error, means.df)) if error > 0 else (1.0 if value == 0 else 0.0)
    if measure == "difference":
        return Contrast(value, error, value - reach, value + reach, p)
    return Contrast(float(np.exp(value)), error, float(np.exp(value - reach)), float(np.exp(value + reach)), p)
