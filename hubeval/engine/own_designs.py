"""Many series, each with a design of its own: what `integrated.posterior` gives for one, for all at once.

Counts weigh their design by their own means, so that no two drawn series share one. The systems are small and many
(a node of the grid times a series), so each step of a Cholesky factorisation is taken in all of them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.autoregression import lagged_products, log_determinant, marginal_variance, product_weights
from hubeval.engine.mixture import mixture_cdf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.integrated import ErrorGrid

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OwnPosteriors:
    """Mixture posteriors of the coefficients of N series, each with its own design.

    Attributes
    ----------
    coef : (N, k) float
        Posterior means, of the design's own columns.
    weight, variance : (N, G) float
        Of each node; the innovation variance is floored as in `integrated.posterior`.
    factor : (k, k, N, G) float
        Lower triangles: the Cholesky factor of each node's ``X' P X`` in an orthonormal basis of the design.
    score : (k, N, G) float
        The factor's inverse times the cross products of design and outcome.
    base : (N, k) float
        Least-squares coefficients in that basis, about which the nodes' own lie.
    triangle : (N, k, k) float
        From the coefficients of the design to those of the basis.
    df : int
    """

    coef: Floats
    weight: Floats
    variance: Floats
    factor: Floats
    score: Floats
    base: Floats
    triangle: Floats
    df: int

    def below(self, c: Floats, limit: Floats) -> Floats:
        """Probability that the combination `c`, (N, k), one of each series, is below `limit`, (N,)."""
        rows = np.linalg.solve(np.swapaxes(self.triangle, 1, 2), c[..., None])[..., 0]
        right = np.broadcast_to(rows.T[:, :, None], self.score.shape)
        part = _forward(self.factor, right)
        mean = np.einsum("kng,kng->ng", part, self.score) + np.einsum("nk,nk->n", rows, self.base)[:, None]
        scale = np.sqrt(self.variance * np.einsum("kng,kng->ng", part, part))
        return mixture_cdf(limit, self.weight, mean, scale, self.df)


def own_posteriors(y: Floats, x: Floats, grid: ErrorGrid, *, floor: float = 0.0) -> OwnPosteriors:
    """Posteriors of series that share no design; each as `integrated.posterior` gives it, to about twelve digits.

    Parameters
    ----------
    y : (N, n) float
    x : (N, n, k) float
        Of full rank, n - k >= 1.
    grid : ErrorGrid
    floor : float
        Smallest marginal error variance allowed.

    Examples
    --------
    >>> from hubeval.engine.integrated import error_grid, posterior
    >>> rng = np.random.default_rng(1)
    >>> y, x = rng.normal(size=(2, 12)), rng.normal(size=(2, 12, 2))
    >>> grid = error_grid(12)
    >>> many = own_posteriors(y, x, grid)
    >>> q, r = np.linalg.qr(x[1])
    >>> one = posterior(y[1][:, None], q, grid)
    >>> bool(np.allclose(many.coef[1], np.linalg.solve(r, one.weight[0] @ one.location[0])))
    True
    """
    n, k = x.shape[1:]
    q, triangle = np.linalg.qr(x)
    base = np.einsum("dnk,dn->dk", q, y)
    rest = y - np.einsum("dnk,dk->dn", q, base)
    again = np.einsum("dnk,dn->dk", q, rest)
    rest, base = rest - np.einsum("dnk,dk->dn", q, again), base + again
    both = np.concatenate([q, rest[..., None]], axis=2)
    moments = lagged_products(both, both)  # (N, 6, k + 1, k + 1)
    sums = np.tensordot(moments, product_weights(grid.partial), axes=(1, 1)).transpose(1, 2, 0, 3)
    factor = _factor(np.ascontiguousarray(sums[:k, :k]))
    score = _forward(factor, sums[:k, k])
    rss = np.maximum(sums[k, k] - np.einsum("kng,kng->ng", score, score), np.finfo(float).tiny)
    half = np.log(np.einsum("kkng->kng", factor)).sum(axis=0)
    log_weight = grid.log_weight - 0.5 * log_determinant(grid.partial) - half - 0.5 * (n - k) * np.log(rss)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    mean = np.einsum("kng,ng->nk", _backward(factor, score), weight) + base
    coef = np.linalg.solve(triangle, mean[..., None])[..., 0]
    variance = np.maximum(rss / (n - k), floor / marginal_variance(grid.partial))
    return OwnPosteriors(coef, weight, variance, factor, score, base, triangle, n - k)


def _factor(a: Floats) -> Floats:
    """Lower Cholesky factors of symmetric matrices that run along the last axes, (k, k, ...); written over `a`."""
    for j in range(len(a)):
        for i in range(j):
            a[j:, j] -= a[j:, i] * a[j, i]
        a[j, j] = np.sqrt(a[j, j])
        a[j + 1 :, j] /= a[j, j]
    return a


def _forward(factor: Floats, right: Floats) -> Floats:
    """What the lower triangles take to `right`, (k, ...)."""
    out = np.array(right)
    for j in range(len(out)):
        out[j] /= factor[j, j]
        out[j + 1 :] -= factor[j + 1 :, j] * out[j]
    return out


def _backward(factor: Floats, right: Floats) -> Floats:
    """What the triangles turned over take to `right`, (k, ...)."""
    out = np.array(right)
    for j in range(len(out) - 1, -1, -1):
        out[j] /= factor[j, j]
        out[:j] -= factor[j, :j] * out[j]
    return out
