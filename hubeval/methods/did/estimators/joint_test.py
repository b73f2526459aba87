"""Joint tests that nothing differs before the start, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from hubeval.methods.did.estimators.influence import by_cluster
from hubeval.result import Diagnostic, NotComputed
from hubeval.wording import p_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Mask = NDArray[np.bool_]


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
    kinds, sizes = np.unique(earliest, return_counts=True)
    if sizes.min() < 2 or q > sizes.sum():  # more effects than clusters: their covariance has no inverse
        return refused
    parts = [summed[:, earliest == kind] * np.sqrt(n / (n - 1)) for kind, n in zip(kinds, sizes, strict=True)]
    v = np.zeros((q, q))  # a cohort's part of it is mine @ mine.T, which is never held: it would be q by q each
    for mine in parts:
        v += mine @ mine.T
    if np.linalg.matrix_rank(v, hermitian=True) < q:
        return refused
    shares = [mine.T @ np.linalg.solve(v, mine) for mine in parts]  # of the same traces as v's inverse times the part
    spread = sum((np.sum(s * s.T) + np.trace(s) ** 2) / (n - 1) for s, n in zip(shares, sizes, strict=True))
    df = float(q * (q + 1) / spread) - q + 1
    if df <= 1:
        return refused
    b = estimate[which]
    f = float(b @ np.linalg.solve(v, b)) * df / ((df + q - 1) * q)
    return pretrend_reading(float(stats.f.sf(f, q, df)), f"F {f:.2f} on {q} and {df:.1f}", q)


def pretrend_reading(p: float, how: str, q: int) -> Diagnostic:
    """What a joint test of `q` effects before the start says, and how little a pass says."""
    seen = p < 0.05
    how = f"p = {p:.3f}, {how}" if p >= 0.001 else f"{p_words(p)}, {how}"
    reading = (
        f"The groups already moved apart before the start ({how}): the comparison is in doubt."
        if seen else
        f"No difference in trend seen in {q} earlier period{'s' * (q > 1)} ({how}). That is weak "
        "evidence: a pass does not show that trends would have stayed parallel, least of all with few units.")
    return Diagnostic(name="pre-trend", bears_on="sign",
                      question="Did the groups move alike before the start?", statistic=p,
                      threshold="p < 0.05 is a caution, p < 0.01 a failure",
                      status="fail" if p < 0.01 else "caution" if seen else "pass", reading=reading)
