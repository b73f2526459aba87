"""Errors of averages of influence that allow for few units in a cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.estimators.influence import by_cluster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]


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
