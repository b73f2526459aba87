"""Older answers to serial correlation: Newey-West errors and Prais-Winsten estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.autoregression import whiten
from hubeval.engine.least_squares import least_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def newey_west(x: Floats, residuals: Floats, bread: Floats, lags: int, *, adjust: bool = True) -> Floats:
    """Newey & West (1987) covariance with Bartlett weights, (k, k); as R ``sandwich::NeweyWest`` unwhitened.

    Parameters
    ----------
    x : (n, k) float
    residuals : (n,) float
    bread : (k, k) float
        ``inv(X'X)``.
    lags : int
    adjust : bool
        Multiply by ``n / (n - k)``.
    """
    n, k = x.shape
    scores = x * residuals[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat = meat + (1 - lag / (lags + 1)) * (cross + cross.T)
    return np.asarray((n / (n - k) if adjust else 1.0) * bread @ meat @ bread)


def prais_winsten(y: Floats, x: Floats, *, limit: int = 500) -> tuple[Floats, Floats, float]:
    """Iterated Prais & Winsten (1954) estimates: coefficients (k,), covariance (k, k), and rho.

    The first observation is kept. Rho is the regression of residuals on their lag, as in Stata's ``prais``.
    """
    fit = least_squares(y, x)
    rho = 0.0
    for _ in range(limit):
        e = y - x @ fit.coef
        now = float(e[1:] @ e[:-1] / (e[:-1] @ e[:-1]))
        now = min(max(now, -0.9999), 0.9999)
        partial = np.array([now, 0.0])
        fit = least_squares(whiten(y[:, None], partial)[:, 0], whiten(x, partial))
        if abs(now - rho) < 1e-12:
            break
        rho = now
    variance = float(fit.residuals @ fit.residuals) / (len(y) - x.shape[1])
    return fit.coef, variance * fit.bread, now
