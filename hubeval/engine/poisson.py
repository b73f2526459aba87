"""Poisson regression by iteratively reweighted least squares, converged to machine precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.least_squares import least_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Poisson:
    """A fitted Poisson regression with log link.

    Attributes
    ----------
    coef : (k,) float
        NaN for the columns in `dropped`.
    mean : (n,) float
        Fitted means.
    bread : (r, r) float
        Inverse of ``X' diag(w mean) X`` for the columns in `kept`.
    kept, dropped : tuple of int
    converged : bool
    """

    coef: Floats
    mean: Floats
    bread: Floats
    kept: tuple[int, ...]
    dropped: tuple[int, ...]
    converged: bool


def poisson(
    y: Floats, x: Floats, weights: Floats | None = None, offset: Floats | None = None, *, limit: int = 100
) -> Poisson:
    """Quasi-maximum-likelihood Poisson regression of `y` >= 0 on the columns of `x`.

    Newton's method with step halving. Right for any outcome whose mean is log-linear, whatever its
    distribution, with a sandwich covariance (Gourieroux, Monfort & Trognon 1984).

    Parameters
    ----------
    y : (n,) float, not negative
    x : (n, k) float
    weights : (n,) float, optional
    offset : (n,) float, optional
        Log of the exposure.

    Examples
    --------
    >>> import numpy as np
    >>> fit = poisson(np.array([1., 3., 4., 8.]), np.column_stack([np.ones(4), [0., 0., 1., 1.]]))
    >>> np.exp(fit.coef).round(9), fit.converged
    (array([2., 3.]), True)
    """
    w = np.ones_like(y) if weights is None else weights
    shift = np.zeros_like(y) if offset is None else offset
    start = np.log(y + 0.5 * float(np.average(y, weights=w)) + 1e-9) - shift
    fit = least_squares(start, x, w)
    kept = list(fit.kept)
    used, beta = x[:, kept], fit.coef[kept]
    last, converged = -np.inf, False
    for _ in range(limit):
        eta = used @ beta + shift
        mean = np.exp(np.minimum(eta, 700.0))
        step = least_squares((y - mean) / mean, used, w * mean).coef
        step = np.nan_to_num(step)
        beta, now = _halved(y, used, w, shift, beta, step)
        converged = abs(now - last) <= 1e-14 * (abs(now) + 1e-3) and float(np.abs(used @ step).max()) < 1e-9
        last = now
        if converged:
            break
    mean = np.exp(used @ beta + shift)
    coef = np.full(x.shape[1], np.nan)
    coef[kept] = beta
    bread = least_squares(y, used, w * mean).bread
    return Poisson(coef, mean, bread, fit.kept, fit.dropped, converged)


def _halved(
    y: Floats, x: Floats, w: Floats, shift: Floats, beta: Floats, step: Floats
) -> tuple[Floats, float]:
    """Take the step, halving it while it lowers the likelihood."""
    before = _log_likelihood(y, x @ beta + shift, w)
    for _ in range(30):
        now = _log_likelihood(y, x @ (beta + step) + shift, w)
        if now >= before - 1e-12 * abs(before):
            break
        step = step / 2
    return beta + step, now


def _log_likelihood(y: Floats, eta: Floats, w: Floats) -> float:
    return float(w @ (y * eta - np.exp(np.minimum(eta, 700.0))))
