"""From influence functions to covariances and bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

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


def normal_frame(estimate: Floats, std_error: Floats, conf_level: float) -> pd.DataFrame:
    """Broom's columns with pointwise normal intervals."""
    reach = stats.norm.ppf((1 + conf_level) / 2) * std_error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stats.norm.sf(np.abs(estimate / std_error))
    return pd.DataFrame({"estimate": estimate, "std_error": std_error, "conf_low": estimate - reach,
                         "conf_high": estimate + reach, "p_value": p_value})


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
