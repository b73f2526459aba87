"""Restricted (or full) maximum likelihood with AR(1) errors, and Kenward-Roger small-sample inference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.autoregression import (
    correlation,
    lagged_products,
    lagged_squares,
    log_determinant,
    marginal_variance,
    product_weights,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BOUND = 0.99  # rho is looked for in [-BOUND, BOUND]
_GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True)
class Profile:
    """Generalised least squares at given AR(1) parameters, for N series with one design.

    Attributes
    ----------
    rho, variance : (N,) float
        Autocorrelation, and marginal error variance with divisor n - k.
    coef : (N, k) float
    criterion : (N,) float
        Log (restricted) likelihood up to a constant.
    """

    rho: Floats
    variance: Floats
    coef: Floats
    criterion: Floats


@dataclass(frozen=True, slots=True)
class Moments:
    """Lagged products of a design and of what is left of N outcomes: all that AR(1) and AR(2) likelihoods need.

    The least-squares fit is taken out first, so that a large level costs no digits.
    """

    design: Floats  # (6, k, k)
    cross: Floats  # (6, k, N)
    outcome: Floats  # (6, N)
    base: Floats  # (k, N), least-squares coefficients taken out
    n: int

    @classmethod
    def of(cls, y: Floats, x: Floats) -> Moments:
        """From outcomes, (n, N), and an orthonormal design, (n, k)."""
        base = x.T @ y
        rest = y - x @ base
        again = x.T @ rest
        rest = rest - x @ again
        return cls(lagged_products(x, x), lagged_products(x, rest), lagged_squares(rest), base + again, len(x))


def profile_at(rho: Floats, moments: Moments, *, restricted: bool = True) -> Profile:
    """The fit at `rho`, (N,), one value a series."""
    partial = np.column_stack([rho, np.zeros_like(rho)])
    w = product_weights(partial)
    gram = np.einsum("gm,mij->gij", w, moments.design)
    cross = np.einsum("gm,mkg->gk", w, moments.cross)
    coef = np.linalg.solve(gram, cross[..., None])[..., 0]
    rss = np.einsum("gm,mg->g", w, moments.outcome) - np.einsum("gk,gk->g", cross, coef)
    n, k = moments.n, gram.shape[-1]
    rss = np.maximum(rss, np.finfo(float).tiny)
    criterion = -0.5 * log_determinant(partial) - 0.5 * (n - k if restricted else n) * np.log(rss)
    if restricted:
        criterion = criterion - 0.5 * np.linalg.slogdet(gram)[1]
    return Profile(rho, rss / (n - k) * marginal_variance(partial), coef + moments.base.T, criterion)


def fit_ar1(y: Floats, x: Floats, *, restricted: bool = True) -> Profile:
    """Maximise the (restricted) likelihood over rho for each of N series; gls as in R ``nlme``.

    A grid finds the highest hill, golden section climbs it: slower than Newton and never lost.

    Parameters
    ----------
    y : (n, N) float
    x : (n, k) float, an orthonormal basis of the design
    """
    moments = Moments.of(y, x)
    count = y.shape[1]
    grid = BOUND * np.sin(np.linspace(-np.pi / 2, np.pi / 2, 41))
    height = np.stack([profile_at(np.full(count, rho), moments, restricted=restricted).criterion for rho in grid])
    best = height.argmax(axis=0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, len(grid) - 1)]
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    fa = profile_at(a, moments, restricted=restricted).criterion
    fb = profile_at(b, moments, restricted=restricted).criterion
    for _ in range(38):
        left = fa > fb
        low, high = np.where(left, low, a), np.where(left, b, high)
        new = np.where(left, high - _GOLDEN * (high - low), low + _GOLDEN * (high - low))
        fnew = profile_at(new, moments, restricted=restricted).criterion
        a, b = np.where(left, new, b), np.where(left, a, new)
        fa, fb = np.where(left, fnew, fb), np.where(left, fa, fnew)
    return profile_at((low + high) / 2, moments, restricted=restricted)


@dataclass(frozen=True, slots=True)
class SmallSample:
    """Covariances of the coefficients at one rho and unit error variance, and what Satterthwaite's df need.

    Attributes
    ----------
    model, adjusted : (k, k) float
        Generalised least squares covariance, and Kenward & Roger's with its bias and the extra
        variability from estimating rho put back.
    slopes : (2, k, k) float
        Derivative of `model` in the variance and in rho.
    parameters : (2, 2) float
        Covariance of the estimated variance and rho, from the expected restricted information.
    """

    model: Floats
    adjusted: Floats
    slopes: Floats
    parameters: Floats


def small_sample(x: Floats, rho: float) -> SmallSample:
    """Kenward & Roger (1997, Biometrics 53:983) for an AR(1) covariance ``variance * rho**|i-j|``.

    It depends on the design and rho alone, so one table serves every series with that design. Close
    to rho = 1 the adjustment explodes where trend and persistence cannot be told apart.

    Parameters
    ----------
    x : (n, k) float
    rho : float
    """
    n = len(x)
    v, first, second = (correlation(rho, n, order) for order in range(3))
    inverse = np.linalg.inv(v)
    a = inverse @ x
    model = np.linalg.inv(x.T @ a)
    project = inverse - a @ model @ a.T
    parts = (v, first)
    products = [project @ part for part in parts]
    information = np.array([[0.5 * np.sum(p * q.T) for q in products] for p in products])
    parameters = np.linalg.inv(information)
    slope = [-(a.T @ part @ a) for part in parts]
    curved = {(0, 0): np.zeros_like(v), (0, 1): first, (1, 0): first, (1, 1): second}
    total = np.zeros_like(model)
    for i in range(2):
        for j in range(2):
            cross = a.T @ parts[i] @ inverse @ parts[j] @ a
            total += parameters[i, j] * (cross - slope[i] @ model @ slope[j] - 0.25 * a.T @ curved[i, j] @ a)
    adjusted = model + 2 * model @ total @ model
    slopes = np.stack([-model @ p @ model for p in slope])
    return SmallSample(np.asarray(model, float), np.asarray(adjusted, float), slopes, np.asarray(parameters, float))
