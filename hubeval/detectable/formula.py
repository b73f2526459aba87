"""Smallest detectable effects by formula, where one is right: groups, clusters, rare events, cut-offs, series.

All are two-sided. "Detectable" means found with the stated power; a smaller true effect may well be missed.
"""

from __future__ import annotations

from math import ceil, comb, exp, sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import stats

from hubeval.errors import Door

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def multiplier(*, level: float = 0.05, power: float = 0.8, df: float = float("inf")) -> float:
    """Standard errors that an effect must measure to be detected: 2.80 at 5% and 80%.

    Examples
    --------
    >>> round(multiplier(), 2), round(multiplier(df=4), 2)
    (2.8, 3.72)
    """
    _between("level", level)
    _between("power", power)
    law = stats.norm if np.isinf(df) else stats.t(df)
    return float(law.ppf(1 - level / 2) + law.ppf(power))


def sample_size_for_ratio(base: float, ratio: float, *, level: float = 0.05, power: float = 0.8) -> int:
    """People needed in each of two equal groups to detect a ratio of two proportions.

    Parameters
    ----------
    base : float
        Proportion without the hub, between 0 and 1.
    ratio : float
        Proportion with the hub over `base`.

    Notes
    -----
    The normal approximation with the pooled variance under the null (Fleiss, Levin & Paik 2003, ch. 4).
    Multiply by `design_effect` where people are gathered in clusters.

    Examples
    --------
    >>> sample_size_for_ratio(0.672, 1.06)  # Doncaster's effect on a good level of development
    2057
    """
    door = Door()
    if not 0 < base < 1:
        door.refuse("base", f"found {base:g}", "a proportion between 0 and 1", "Divide percentages by 100.")
    if not 0 < base * ratio < 1 or ratio == 1:
        door.refuse("ratio", f"found {ratio:g}", "above 0, not 1, and base × ratio below 1", "Correct it.")
    door.close()
    other = base * ratio
    mean = (base + other) / 2
    z, b = stats.norm.ppf(1 - level / 2), stats.norm.ppf(power)
    apart = z * sqrt(2 * mean * (1 - mean)) + b * sqrt(base * (1 - base) + other * (1 - other))
    return ceil((apart / (base - other)) ** 2)


def design_effect(size: float, icc: float) -> float:
    """How many times the sample must be multiplied when people come in clusters of `size` (Kish 1965).

    Examples
    --------
    >>> round(design_effect(40, 0.05), 2)
    2.95
    """
    return 1 + (size - 1) * icc


def clustered_mde(
    clusters: int, size: float, icc: float, *, level: float = 0.05, power: float = 0.8, r_squared: float = 0.0
) -> float:
    """Smallest detectable difference, in standard deviations, with so many clusters in each of two groups.

    Parameters
    ----------
    clusters : int
        In each group.
    size : float
        People a cluster.
    icc : float
        Share of the variance that lies between clusters.
    r_squared : float
        Share of the variance between clusters that covariates explain.

    Notes
    -----
    t with ``2 clusters - 2`` degrees of freedom (Bloom 2005; Schochet 2008).

    Examples
    --------
    >>> [round(clustered_mde(j, 50, 0.05), 2) for j in (3, 5, 8, 12, 20, 40)]
    [0.8, 0.53, 0.4, 0.31, 0.24, 0.17]
    """
    door = Door()
    if clusters < 2:
        door.refuse("clusters", f"found {clusters}", "2 or more in each group", "One cluster a side is not identified.")
    if size < 1 or not 0 <= icc < 1 or not 0 <= r_squared < 1:
        door.refuse("size, icc, r_squared", "out of range", "size 1 or more; the others from 0 to below 1", "Correct.")
    door.close()
    variance = 2 * (icc * (1 - r_squared) + (1 - icc) / size) / clusters
    return multiplier(level=level, power=power, df=2 * clusters - 2) * sqrt(variance)


def rare_event_ratio(
    events: float, *, scale: Literal["square-root", "log"] = "square-root", level: float = 0.05, power: float = 0.8
) -> float | None:
    """The fall in a rare event that two equal groups can detect, as a rate ratio below 1.

    Parameters
    ----------
    events : float
        Expected in the comparison group.
    scale : {"square-root", "log"}
        On the square root, a count's variance does not depend on its mean, and power is what it says.
        The log with both groups at `events` is shorter and promises too much when events are few: its
        .41 at 20 events is found 57% to 63% of the time, not 80%.

    Returns
    -------
    float or None
        None where not even the disappearance of every event would be detected.

    Notes
    -----
    Two Poisson counts over equal exposure (Huffman 1984 for the square root).

    Examples
    --------
    >>> [round(rare_event_ratio(e), 2) for e in (20, 100, 1000)], rare_event_ratio(3)
    ([0.31, 0.64, 0.88], None)
    >>> [round(rare_event_ratio(e, scale="log"), 2) for e in (20, 50, 100, 200, 400, 1000)]
    [0.41, 0.57, 0.67, 0.76, 0.82, 0.88]
    """
    door = Door()
    door.choice("scale", scale, ("square-root", "log"))
    if events <= 0:
        door.refuse("events", f"found {events:g}", "more than 0", "Give the number expected in the comparison group.")
    door.close()
    m = multiplier(level=level, power=power)
    if scale == "log":
        return exp(-m * sqrt(2 / events))
    return (1 - m / sqrt(2 * events)) ** 2 if m < sqrt(2 * events) else None


def cutoff_factor(share_below: float = 0.5, *, score: Literal["normal", "uniform"] = "normal") -> float:
    """How many times a trial's sample a cut-off design needs, when the score enters as a straight line.

    Parameters
    ----------
    share_below : float
        Share of people below the cut-off.
    score : {"normal", "uniform"}
        How the score is spread.

    Notes
    -----
    ``1 / (1 - r²)``, r the correlation of the score with being past the cut-off (Goldberger 1972;
    Schochet 2008, who says three to four times a trial's sample is typical). Effects then hold at the cut-off.

    Examples
    --------
    >>> round(cutoff_factor(), 2), round(cutoff_factor(score="uniform"), 2)
    (2.75, 4.0)
    """
    door = Door()
    door.choice("score", score, ("normal", "uniform"))
    if not 0 < share_below < 1:
        door.refuse("share_below", f"found {share_below:g}", "between 0 and 1", "Divide percentages by 100.")
    door.close()
    p = share_below
    r_squared = stats.norm.pdf(stats.norm.ppf(p)) ** 2 / (p * (1 - p)) if score == "normal" else 3 * p * (1 - p)
    return float(1 / (1 - r_squared))


def two_groups_mde(
    deviation: float, treated: float, comparison: float, *, level: float = 0.05, power: float = 0.8
) -> float:
    """Smallest detectable difference of two independent means, in the outcome's unit.

    Examples
    --------
    >>> round(two_groups_mde(1.0, 100, 300), 3)
    0.324
    """
    df = treated + comparison - 2
    return multiplier(level=level, power=power, df=df) * deviation * sqrt(1 / treated + 1 / comparison)


def smallest_p(units: int, treated: int) -> float:
    """The smallest p-value that permuting which `treated` of `units` were treated can give: 1/C(N, N1).

    Examples
    --------
    >>> smallest_p(12, 1), smallest_p(25, 3)
    (0.08333333333333333, 0.0004347826086956522)
    """
    return 1 / comb(units, treated)


def series_design(before: int, after: int) -> Floats:
    """Level, trend, level change at the start and trend change from it on: columns of a segmented regression."""
    t = np.arange(before + after, dtype=float)
    post = (t >= before).astype(float)
    return np.column_stack([np.ones_like(t), t, post, post * (t - before)])


def series_error(before: int, after: int, correlation: float, *, average: bool = False) -> float:
    """Standard error of the level change (or of the average effect) for errors of unit standard deviation.

    Errors follow an AR(1) with this `correlation`, taken as known; estimated, intervals are up to about
    a third wider on short series.

    Examples
    --------
    >>> round(series_error(12, 12, 0.0), 3), round(series_error(12, 12, 0.4), 3)
    (0.821, 0.948)
    """
    door = Door()
    if min(before, after) < 3:
        door.refuse("periods", f"{before} before and {after} after", "3 or more on each side (EPOC 2021)", "Wait.")
    if not -1 < correlation < 1:
        door.refuse("correlation", f"found {correlation:g}", "between -1 and 1", "Correct it.")
    door.close()
    x = series_design(before, after)
    n = before + after
    inverse = np.linalg.inv(correlation ** np.abs(np.subtract.outer(np.arange(n), np.arange(n))))
    spread = np.linalg.inv(x.T @ inverse @ x)
    row = np.array([0.0, 0.0, 1.0, (after - 1) / 2 if average else 0.0])
    return float(np.sqrt(row @ spread @ row))


def series_power(effect: float, before: int, after: int, correlation: float = 0.0, *, level: float = 0.05) -> float:
    """Power to find a level change of `effect` standard deviations in one interrupted series.

    Examples
    --------
    >>> [round(series_power(1.0, n, n), 2) for n in (8, 12, 24)]
    [0.15, 0.21, 0.39]
    """
    df = before + after - 4
    away = effect / series_error(before, after, correlation)
    critical = stats.t.ppf(1 - level / 2, df)
    return float(stats.nct.sf(critical, df, away) + stats.nct.cdf(-critical, df, away))


def _between(argument: str, value: float) -> None:
    door = Door()
    if not 0 < value < 1:
        door.refuse(argument, f"found {value:g}", "a number between 0 and 1", "Write 0.05 for 5%.")
    door.close()
