"""Cluster errors of averages of influence that allow for few clusters in a cohort, and for large ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.estimators.influence import by_cluster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

EXACT_UP_TO = 300


def welch(
    influence: Floats, cluster: Codes, start: Floats, mass: Floats | None = None, *,
    cautious: bool = False,
) -> tuple[Floats, Floats, Floats]:
    """Errors, degrees of freedom and scores of influence, each cohort's part corrected for its clusters' sizes.

    The variance is a sum over cohorts, each estimated from its own clusters. A cluster with share s of its cohort's
    mass lies closer to the cohort's mean than its noise is large, by ``1 - 2 s + S`` (S the sum of squared shares):
    its score is divided by the root of that, which is ``n / (n - 1)`` where n clusters are alike. Degrees of freedom
    are Welch's (1947), ``(sum V)^2 / sum(V^2 / (f + 2)) - 2``, with f those of each cohort (`freedom`).
    NaN where a cohort that matters has one cluster.

    Parameters
    ----------
    influence : (K, N) float
    cluster : (N,) int
    start : (N,) float
        Cohort of every unit; a cluster with several starts counts to its earliest.
    mass : (N,) float, optional
        What each unit counts in its cohort's means; clusters count alike otherwise.
    cautious : bool
        Take the degrees of freedom of the smallest cohort that matters (Hsu 1938): right however its own small
        variance came out, as where many terms are held together.

    Returns
    -------
    std_error, df : (K,) float
    scores : (K, G) float
        Their products sum to the covariance.

    Notes
    -----
    Bell & McCaffrey (2002) and Imbens & Kolesar (2016), with clusters alike in noise, whatever their size, as the
    working model: large clusters then cost degrees of freedom.
    """
    summed = by_cluster(influence, cluster) / influence.shape[1]
    earliest = np.full(summed.shape[1], np.inf)
    np.minimum.at(earliest, cluster, start)
    weight = np.ones(summed.shape[1])
    if mass is not None:
        mine = start == earliest[cluster]
        weight = np.bincount(cluster[mine], mass[mine], summed.shape[1]).astype(np.float64)
    whole = np.einsum("kg,kg->k", summed, summed)
    scores, total, spread = np.zeros_like(summed), np.zeros(len(summed)), np.zeros(len(summed))
    least = np.full(len(summed), np.inf)
    for kind in np.unique(earliest):
        which = earliest == kind
        share = weight[which] / weight[which].sum()
        part = np.einsum("kg,kg->k", summed[:, which], summed[:, which])
        matters = part > 1e-12 * whole
        if which.sum() < 2:
            scores[:, which] = np.where(matters, np.nan, 0.0)[:, None]
            total += np.where(matters, np.nan, 0.0)
            continue
        scores[:, which] = summed[:, which] / np.sqrt(1 - 2 * share + share @ share)
        part = np.einsum("kg,kg->k", scores[:, which], scores[:, which])
        f = freedom(share)
        total += part
        spread += part**2 / (f + 2)
        least = np.where(matters, np.minimum(least, f), least)
    with np.errstate(invalid="ignore", divide="ignore"):
        df = np.maximum(total**2 / spread - 2, np.minimum(least, total**2 / spread))
        return np.sqrt(total), np.maximum(np.minimum(df, least) if cautious else df, 1.0), scores


def freedom(share: Floats) -> float:
    """Degrees of freedom of a variance around the mean of clusters with these shares: n - 1 where n are alike.

    Examples
    --------
    >>> round(freedom(np.full(5, 0.2)), 6), round(freedom(np.array([0.6, 0.1, 0.1, 0.1, 0.1])), 1)
    (4.0, 1.1)
    """
    squared = float(share @ share)
    if len(share) < 2:
        return 0.0
    if len(share) > EXACT_UP_TO:
        return 1 / squared - 1
    corrected = np.sqrt(1 - 2 * share + squared)
    scaled = share / corrected
    v = (np.eye(len(share)) - share[:, None] - share[None, :] + squared) * np.outer(scaled, scaled)
    return float(np.trace(v) ** 2 / np.sum(v**2))
