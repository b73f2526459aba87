"""From influence functions to covariances, tests and bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from hubeval.result import Diagnostic, NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Mask = NDArray[np.bool_]

BY_CLUSTER_UP_TO = 2_000


def by_cluster(influence: Floats, cluster: Codes) -> Floats:
    """Influence summed within clusters, (K, G)."""
    if int(cluster.max()) + 1 == influence.shape[1]:
        return influence
    return np.stack([np.bincount(cluster, row) for row in influence])


def covariance(influence: Floats, cluster: Codes) -> Floats:
    """Covariance of estimates with this influence, (K, K): no small-sample factor, as R ``did`` 2.5.1."""
    summed = by_cluster(influence, cluster)
    return np.asarray(summed @ summed.T / influence.shape[1] ** 2)


def welch(influence: Floats, cluster: Codes, start: Floats) -> tuple[Floats, Floats]:
    """Errors and degrees of freedom that allow for few units in a cohort, (K,) and (K,).

    The variance is a sum over cohorts, each estimated from its own n units: every part is scaled by
    ``n / (n - 1)``. Degrees of freedom are Welch's (1947), ``(sum V)^2 / sum(V^2 / (n + 1)) - 2``, which
    allow for the noise in the parts themselves. NaN where a cohort that matters has one unit.

    Parameters
    ----------
    influence : (K, N) float
    cluster : (N,) int
    start : (N,) float
        Cohort of every unit; a cluster with several starts counts to its earliest.
    """
    summed = by_cluster(influence, cluster) / influence.shape[1]
    earliest = np.full(summed.shape[1], np.inf)
    np.minimum.at(earliest, cluster, start)
    total, spread = np.zeros(len(summed)), np.zeros(len(summed))
    for kind in np.unique(earliest):
        part = np.einsum("kg,kg->k", summed[:, earliest == kind], summed[:, earliest == kind])
        n = int((earliest == kind).sum())
        matters = part > 1e-12 * np.einsum("kg,kg->k", summed, summed)
        part = part * n / (n - 1) if n > 1 else np.where(matters, np.nan, 0.0)
        total += part
        spread += part**2 / (n + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(total), np.maximum(total**2 / spread - 2, 1.0)


def normal_frame(estimate: Floats, std_error: Floats, conf_level: float) -> pd.DataFrame:
    """Broom's columns with pointwise normal intervals."""
    reach = stats.norm.ppf((1 + conf_level) / 2) * std_error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stats.norm.sf(np.abs(estimate / std_error))
    return pd.DataFrame({"estimate": estimate, "std_error": std_error, "conf_low": estimate - reach,
                         "conf_high": estimate + reach, "p_value": p_value})


def wald(estimate: Floats, v: Floats, which: Mask) -> Diagnostic | NotComputed:
    """Joint test that the effects in `which` are zero, with a reading.

    Examples
    --------
    >>> import numpy as np
    >>> wald(np.array([0.1, 2.0]), np.eye(2), np.array([True, False])).statistic > 0.9
    True
    """
    q = int(which.sum())
    if not q:
        return NotComputed(what="pre-trend test", reason="no effect before the start can be estimated")
    b, s = estimate[which], v[np.ix_(which, which)]
    if np.linalg.matrix_rank(s, hermitian=True) < q:
        return NotComputed(what="pre-trend test",
                           reason=f"{q} effects before the start, and too few units to test them together")
    distance = float(b @ np.linalg.solve(s, b))
    p = float(stats.chi2.sf(distance, q))
    return pretrend_reading(p, f"Wald {distance:.2f} on {q}", q)


def wald_few(
    estimate: Floats, influence: Floats, cluster: Codes, start: Floats, which: Mask
) -> Diagnostic | NotComputed:
    """`wald` for few clusters: the covariance is a sum over cohorts, each estimated from its own few.

    With eight clusters a cohort and eight effects the chi-square rejects true nulls far too often. Each cohort's
    part is scaled by ``n / (n - 1)`` and the statistic read as Hotelling's T-squared with degrees of freedom that match
    the spread of the summed parts.

    Parameters
    ----------
    estimate : (K,) float
    influence : (K, N) float
    cluster : (N,) int
    start : (N,) float
        Cohort of every unit; a cluster with several starts counts to its earliest.
    which : (K,) bool
        The effects tested.

    Notes
    -----
    Zhang (2012), the approximate Hotelling T-squared for heterogeneous groups; Tipton & Pustejovsky (2015).
    """
    q = int(which.sum())
    if not q:
        return NotComputed(what="pre-trend test", reason="no effect before the start can be estimated")
    refused = NotComputed(what="pre-trend test",
                          reason=f"{q} effects before the start, and too few units to test them together")
    summed = by_cluster(influence[which], cluster) / influence.shape[1]
    earliest = np.full(summed.shape[1], np.inf)
    np.minimum.at(earliest, cluster, start)
    sizes, parts = [], []
    for kind in np.unique(earliest):
        mine = summed[:, earliest == kind]
        if mine.shape[1] < 2:
            return refused
        sizes.append(mine.shape[1] - 1.0)
        parts.append(mine @ mine.T * mine.shape[1] / (mine.shape[1] - 1))
    v = np.sum(parts, axis=0)
    if np.linalg.matrix_rank(v, hermitian=True) < q:
        return refused
    shares = [np.linalg.solve(v, part) for part in parts]
    spread = sum((np.trace(s @ s) + np.trace(s) ** 2) / n for s, n in zip(shares, sizes, strict=True))
    df = float(q * (q + 1) / spread) - q + 1
    if df <= 1:
        return refused
    b = estimate[which]
    f = float(b @ np.linalg.solve(v, b)) * df / ((df + q - 1) * q)
    return pretrend_reading(float(stats.f.sf(f, q, df)), f"F {f:.2f} on {q} and {df:.1f}", q)


def pretrend_reading(p: float, how: str, q: int) -> Diagnostic:
    """What a joint test of `q` effects before the start says, and how little a pass says."""
    seen = p < 0.05
    reading = (
        f"The groups already moved apart before the start (p = {p:.3f}, {how}): the comparison is in doubt."
        if seen else
        f"No difference in trend seen in {q} earlier period{'s' * (q > 1)} (p = {p:.3f}, {how}). That is weak "
        "evidence: a pass does not show that trends would have stayed parallel, least of all with few units.")
    return Diagnostic(name="pre-trend", question="Did the groups move alike before the start?", statistic=p,
                      threshold="p < 0.05 is a caution, p < 0.01 a failure",
                      status="fail" if p < 0.01 else "caution" if seen else "pass", reading=reading)


def uniform_critical_value(
    influence: Floats, cluster: Codes, conf_level: float, *, draws: int = 10_000, seed: int = 20261122
) -> float:
    """Critical value of a band that covers all K effects together, by multiplier bootstrap.

    Rademacher multipliers by cluster; from 2,000 clusters on Gaussian ones, whose draws given the data
    are normal with the estimated covariance and cost nothing. Errors are the analytic ones.

    Notes
    -----
    Callaway & Sant'Anna (2021), algorithm 1.
    """
    summed = by_cluster(influence, cluster)
    summed = summed[np.einsum("kg,kg->k", summed, summed) > 0]
    if not len(summed):
        return float(stats.norm.ppf((1 + conf_level) / 2))
    rng = np.random.default_rng(seed)
    v = summed @ summed.T
    scale = np.sqrt(np.diag(v))
    if summed.shape[1] > BY_CLUSTER_UP_TO:
        values, vectors = np.linalg.eigh(v / np.outer(scale, scale))
        t = (vectors * np.sqrt(np.maximum(values, 0))) @ rng.standard_normal((len(v), draws))
    else:
        t = (summed / scale[:, None]) @ rng.choice((-1.0, 1.0), (summed.shape[1], draws))
    largest = float(np.quantile(np.abs(t).max(axis=0), conf_level))
    return max(largest, float(stats.norm.ppf((1 + conf_level) / 2)))
