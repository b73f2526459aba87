"""Covariances of least-squares coefficients: classical, heteroskedastic, clustered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Kind = Literal["classical", "hc0", "hc1", "hc2", "hc3"]


def covariance(
    x: Floats, residuals: Floats, bread: Floats, *, kind: Kind = "hc1", weights: Floats | None = None
) -> Floats:
    """Covariance of the coefficients, (k, k).

    Parameters
    ----------
    x : (n, k) float
        The columns that were kept.
    residuals : (n,) float
    bread : (k, k) float
        ``inv(X'WX)``.
    kind : {"classical", "hc0", "hc1", "hc2", "hc3"}
        As in R ``sandwich::vcovHC`` (MacKinnon & White 1985); "classical" is ``s2 inv(X'WX)``.
    weights : (n,) float, optional
    """
    n, k = x.shape
    w = np.ones(n) if weights is None else weights
    if kind == "classical":
        scale = float(w @ residuals**2) / (n - k)
        return np.asarray(bread * scale)
    factor: Floats | float = 1.0
    if kind == "hc1":
        factor = n / (n - k)
    elif kind in {"hc2", "hc3"}:
        leverage = np.clip(w * np.einsum("ij,jk,ik->i", x, bread, x), 0, 1 - 1e-12)
        factor = 1 / (1 - leverage) ** (1 if kind == "hc2" else 2)
    meat = (x * (factor * (w * residuals) ** 2)[:, None]).T @ x
    return np.asarray(bread @ meat @ bread)


def clustered(
    x: Floats,
    residuals: Floats,
    bread: Floats,
    cluster: NDArray[np.intp],
    *,
    weights: Floats | None = None,
    small_sample: bool = True,
) -> Floats:
    """Cluster-robust covariance (CR1 when `small_sample`, else CR0), (k, k).

    Parameters
    ----------
    cluster : (n,) int
        Codes 0..G-1. The CR1 factor is ``G/(G-1) * (n-1)/(n-k)`` (Stata; Cameron & Miller 2015).
    """
    n, k = x.shape
    scores = x * (residuals if weights is None else weights * residuals)[:, None]
    g = int(cluster.max()) + 1
    summed = np.zeros((g, k))
    np.add.at(summed, cluster, scores)
    factor = g / (g - 1) * (n - 1) / (n - k) if small_sample else 1.0
    return np.asarray(factor * bread @ (summed.T @ summed) @ bread)


def two_way(
    x: Floats,
    residuals: Floats,
    bread: Floats,
    clusters: tuple[NDArray[np.intp], NDArray[np.intp]],
    *,
    weights: Floats | None = None,
) -> Floats:
    """Covariance robust to clustering in two crossed ways (Cameron, Gelbach & Miller 2011), (k, k).

    The sum over each way less that over their intersections, each with its own CR1 factor, as R ``sandwich::vcovCL``
    does. Where that is not positive semi-definite, negative eigenvalues are set to zero.
    """
    first, second = clusters
    both = np.unique(first * (int(second.max()) + 1) + second, return_inverse=True)[1]
    total = np.zeros((x.shape[1], x.shape[1]))
    for codes, sign in ((first, 1.0), (second, 1.0), (both, -1.0)):
        total = total + sign * clustered(x, residuals, bread, codes, weights=weights)
    values, vectors = np.linalg.eigh((total + total.T) / 2)
    return total if values.min() >= 0 else np.asarray((vectors * np.clip(values, 0, None)) @ vectors.T)
