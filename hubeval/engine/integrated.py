"""Regression with autoregressive errors whose parameters are integrated out, not plugged in.

Given the error parameters, a coefficient has a Student t posterior under the flat prior on the
coefficients and 1/variance on the variance; the restricted likelihood weighs the parameters. The
answer is a finite mixture of t distributions on a fixed grid: exact to quadrature error,
deterministic, no sampling, and unable to explode where the restricted maximum sits on its boundary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.autoregression import log_determinant, marginal_variance, product_weights
from hubeval.engine.batch import mixture_below_zero, mixture_intervals
from hubeval.engine.contrast import Contrasts
from hubeval.engine.reml import Moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_NEGLIGIBLE = -32.0  # log of a prior weight, against the largest, that is not worth a node


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPrior:
    """Prior on the partial autocorrelations of the errors.

    The first has density proportional to ``(1 - r)**persistent * (1 + r)**alternating``; the second a
    normal density about 0, cut to (-1, 1), with standard deviation `second`; 0 leaves AR(1).
    """

    persistent: float = -0.5
    alternating: float = 0.5
    second: float = 0.0


AR1 = ErrorPrior()
AR2 = ErrorPrior(second=0.3)


@dataclass(frozen=True, slots=True)
class ErrorGrid:
    """Nodes and log weights (prior times quadrature) of the error parameters.

    Attributes
    ----------
    partial : (G, 2) float
    log_weight : (G,) float
    """

    partial: Floats
    log_weight: Floats


def error_grid(n: int, prior: ErrorPrior = AR2, *, fineness: float = 1.2) -> ErrorGrid:
    """Midpoint nodes in the angle whose cosine is the partial autocorrelation.

    In that angle the likelihood's width is near ``1/sqrt(n)`` everywhere and the boundary is smooth, so
    the midpoint rule converges geometrically.

    Parameters
    ----------
    n : int
        Length of the series.
    fineness : float
        Nodes per likelihood width.
    """
    count = max(16, int(np.ceil(fineness * np.pi * np.sqrt(n))))
    angle = (np.arange(count) + 0.5) * np.pi / count
    first = np.cos(angle)
    one = prior.persistent * np.log1p(-first) + prior.alternating * np.log1p(first) + np.log(np.sin(angle))
    if prior.second == 0:
        return ErrorGrid(np.column_stack([first, np.zeros(count)]), one)
    two = -0.5 * (first / prior.second) ** 2 + np.log(np.sin(angle))
    weight = np.add.outer(one, two)
    a, b = np.nonzero(weight > weight.max() + _NEGLIGIBLE)
    return ErrorGrid(np.column_stack([first[a], first[b]]), weight[a, b])


@dataclass(frozen=True, slots=True)
class Posterior:
    """Mixture posteriors of the coefficients for N series that share one design.

    Attributes
    ----------
    weight : (N, G) float
        Posterior weight of each node of the grid.
    location : (N, G, k) float
        Generalised least squares coefficients at each node.
    variance : (N, G) float
        Innovation variance at each node (divisor n - k, floored where asked).
    inverse : (G, k, k) float
        ``inv(X' P X)`` at unit innovation variance.
    partial : (G, 2) float
    df : int
        n - k.
    """

    weight: Floats
    location: Floats
    variance: Floats
    inverse: Floats
    partial: Floats
    df: int

    def components(self, c: Floats) -> tuple[Floats, Floats]:
        """Mean and scale of each t component of the combination `c`, (k,); both (N, G)."""
        spread = np.einsum("i,gij,j->g", c, self.inverse, c)
        return self.location @ c, np.sqrt(self.variance * spread)

    def summary(self, c: Floats, level: float = 0.95) -> Contrasts:
        """The combination `c`, (k,), in each of the N series."""
        mean, scale = self.components(c)
        estimate = (self.weight * mean).sum(axis=1)
        inflate = self.df / (self.df - 2) if self.df > 2 else np.nan
        second = (self.weight * (inflate * scale**2 + (mean - estimate[:, None]) ** 2)).sum(axis=1)
        below = mixture_below_zero(self.weight, mean, scale, self.df)
        tail = (1 - level) / 2
        low, high = mixture_intervals(tail, self.weight, mean, scale, self.df)
        return Contrasts(
            estimate, np.sqrt(second), low, high, 2 * np.minimum(below, 1 - below), np.full(len(mean), np.nan)
        )

    @property
    def autocorrelation(self) -> Floats:
        """Posterior mean of the first partial autocorrelation, (N,): the AR(1)-equivalent rho."""
        return np.asarray(self.weight @ self.partial[:, 0])


def posterior(y: Floats, x: Floats, grid: ErrorGrid, *, floor: float = 0.0) -> Posterior:
    """Posterior of the coefficients of `x` for each column of `y`.

    Parameters
    ----------
    y : (n, N) float
    x : (n, k) float
        An orthonormal basis of the design; n - k >= 1.
    grid : ErrorGrid
    floor : float
        Smallest marginal error variance allowed (1 for standardised counts, whose variance cannot be
        below the Poisson one).
    """
    moments = Moments.of(y, x)
    n, k = x.shape
    w = product_weights(grid.partial)
    gram = np.einsum("gm,mij->gij", w, moments.design)
    inverse = np.linalg.inv(gram)
    cross = np.tensordot(w, moments.cross, axes=1)
    location = inverse @ cross
    rss = moments.outcome.T @ w.T - np.einsum("gkN,gkN->Ng", cross, location)
    rss = np.maximum(rss, np.finfo(float).tiny)
    fixed = grid.log_weight - 0.5 * (log_determinant(grid.partial) + np.linalg.slogdet(gram)[1])
    log_weight = fixed - 0.5 * (n - k) * np.log(rss)
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    location = np.ascontiguousarray(location.transpose(2, 0, 1)) + moments.base.T[:, None, :]
    variance = np.maximum(rss / (n - k), floor / marginal_variance(grid.partial))
    return Posterior(weight, location, variance, inverse, grid.partial, n - k)


@dataclass(frozen=True, slots=True)
class MixtureFit:
    """One series' posterior, asked in the coordinates of its own design.

    Attributes
    ----------
    posterior : Posterior
        Of one series (N = 1), in an orthonormal basis of the design.
    basis : (k, k) float
        Takes a combination of the design's coefficients to that basis: ``c @ basis``.
    """

    posterior: Posterior
    basis: Floats

    @property
    def coef(self) -> Floats:
        """Posterior means, (k,)."""
        return np.asarray(self.basis @ (self.posterior.weight[0] @ self.posterior.location[0]))

    @property
    def covariance(self) -> Floats:
        """Posterior covariance, (k, k)."""
        p = self.posterior
        inflate = p.df / (p.df - 2) if p.df > 2 else np.nan
        centred = p.location[0] - p.weight[0] @ p.location[0]
        inside = inflate * np.einsum("g,gij->ij", p.weight[0] * p.variance[0], p.inverse)
        between = np.einsum("g,gi,gj->ij", p.weight[0], centred, centred)
        return np.asarray(self.basis @ (inside + between) @ self.basis.T)

    def contrasts(self, c: Floats, level: float = 0.95) -> Contrasts:
        """Answers for the rows of `c`, (m, k)."""
        p = self.posterior
        rows = c @ self.basis
        mean = rows @ p.location[0].T
        scale = np.sqrt(p.variance[0] * np.einsum("mi,gij,mj->mg", rows, p.inverse, rows))
        weight = np.broadcast_to(p.weight, mean.shape)
        many = Posterior(weight, mean[..., None], scale**2, np.ones((mean.shape[1], 1, 1)), p.partial, p.df)
        return many.summary(np.ones(1), level)
