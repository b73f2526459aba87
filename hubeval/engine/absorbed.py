"""Least squares with two sets of fixed effects absorbed, and its covariances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.fixed_effects import column_sums
from hubeval.engine.least_squares import least_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.fixed_effects import TwoWay

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

VANISHED = 1e-9  # a column whose residual is this share of it or less lies in the span of the effects


@dataclass(frozen=True, slots=True)
class Absorbed:
    """A fitted regression with two sets of effects absorbed.

    Attributes
    ----------
    coef : (k,) float
        NaN for the columns in `dropped`.
    covariance : (k, k) float
        NaN rows and columns where dropped.
    df : float
        Degrees of freedom for t: clusters less one, or rows less parameters.
    residuals : (n,) float
    kept, dropped : tuple of int
    """

    coef: Floats
    covariance: Floats
    df: float
    residuals: Floats
    kept: tuple[int, ...]
    dropped: tuple[int, ...]


def absorbed(y: Floats, x: Floats, effects: TwoWay, cluster: Codes | None = None) -> Absorbed:
    """Weighted least squares of `y` on `x` with both sets of `effects` absorbed.

    The clustered covariance has the factor ``G/(G-1) (n-1)/(n-K)``; K leaves out a set of effects
    that is nested in the clusters, as R ``fixest`` does (Cameron & Miller 2015, sec. II.B). Without
    clusters the errors are taken as alike and independent.

    Parameters
    ----------
    y : (n,) float
    x : (n, k) float
    effects : TwoWay
        Carries the weights.
    cluster : (n,) int, optional
        Codes 0..G-1.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.engine.fixed_effects import two_way
    >>> unit, time = np.repeat([0, 1, 2], 2), np.tile([0, 1], 3)
    >>> treated = ((unit == 0) & (time == 1)).astype(float)
    >>> fit = absorbed(np.array([1., 5., 2., 3., 0., 3.]), treated[:, None], two_way(unit, time), unit)
    >>> fit.coef.round(6)
    array([2.])
    """
    inside = effects.residuals(np.column_stack([y, x]))
    columns = inside[:, 1:]
    size = np.sqrt(np.einsum("ij,ij->j", x, x))
    columns[:, np.sqrt(np.einsum("ij,ij->j", columns, columns)) <= VANISHED * size] = 0.0
    weights = effects.weights
    fit = least_squares(inside[:, 0], columns, weights)
    kept = list(fit.kept)
    used = columns[:, kept]
    n = len(y)
    if cluster is None:
        df = n - len(kept) - effects.rank
        v = fit.bread * float(weights @ fit.residuals**2) / df
    else:
        groups = int(cluster.max()) + 1
        df = groups - 1
        v = _sandwich(used, weights * fit.residuals, fit.bread, cluster, groups)
        v *= groups / (groups - 1) * (n - 1) / (n - len(kept) - _counted(effects, cluster))
    covariance = np.full((x.shape[1], x.shape[1]), np.nan)
    covariance[np.ix_(kept, kept)] = v
    return Absorbed(fit.coef, covariance, float(df), fit.residuals, fit.kept, fit.dropped)


def _sandwich(x: Floats, scores: Floats, bread: Floats, cluster: Codes, groups: int) -> Floats:
    summed = column_sums(cluster, x * scores[:, None], groups) @ bread
    return np.asarray(summed.T @ summed)


def _counted(effects: TwoWay, cluster: Codes) -> int:
    """Parameters of the effects that the small-sample factor counts: not those nested in the clusters."""
    counted = effects.rank
    nested = [_nested(codes, cluster) for codes in (effects.first, effects.second)]
    for size, inside in zip(effects.shape, nested, strict=True):
        counted -= (size - 1) if inside else 0
    return counted


def _nested(codes: Codes, cluster: Codes) -> bool:
    seen = np.empty(int(codes.max()) + 1, dtype=np.intp)
    seen[codes] = cluster
    return bool((seen[codes] == cluster).all())
