"""Logistic regression by iteratively reweighted least squares, converged to machine precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh
from scipy.special import expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Logit:
    """A fitted logistic regression.

    Attributes
    ----------
    coef : (k,) float
    probability : (n,) float
        Fitted probabilities.
    bread : (k, k) float
        Inverse of the information ``X' diag(w p (1-p)) X``.
    converged, separated : bool
        `separated`: some combination of columns predicts the outcome perfectly, so the
        coefficients run to infinity and must not be used.
    iterations : int
    """

    coef: Floats
    probability: Floats
    bread: Floats
    converged: bool
    separated: bool
    iterations: int


def logit(y: Floats, x: Floats, weights: Floats | None = None, *, tolerance: float = 1e-13, limit: int = 60) -> Logit:
    """Maximum-likelihood logistic regression of 0/1 `y` on the columns of `x` (include a constant yourself).

    Newton's method with step halving; stops when the log-likelihood no longer moves, so that two
    correct programs agree to the last digits. Columns are scaled before they are squared.

    Parameters
    ----------
    y : (n,) float of 0 and 1
    x : (n, k) float, of full column rank
    weights : (n,) float, optional

    Examples
    --------
    >>> import numpy as np
    >>> x = np.column_stack([np.ones(6), [0., 1., 2., 3., 4., 5.]])
    >>> fit = logit(np.array([0., 0., 1., 0., 1., 1.]), x)
    >>> fit.converged, bool(abs(fit.probability.sum() - 3) < 1e-12)
    (True, True)
    """
    w = np.ones_like(y) if weights is None else weights
    scale = np.abs(x).max(axis=0)
    scale[scale == 0] = 1.0
    xs = x / scale
    beta = np.zeros(x.shape[1])
    eta = np.zeros_like(y)
    last = _log_likelihood(y, eta, w)
    converged, iteration = False, 0
    for iteration in range(1, limit + 1):  # noqa: B007
        p = expit(eta)
        information = (xs * (w * p * (1 - p))[:, None]).T @ xs
        step = _solve(information, xs.T @ (w * (y - p)))
        beta, eta, now = _halved(y, xs, w, beta, step, last)
        if abs(now - last) <= tolerance * (abs(now) + 1e-3) and float(np.abs(xs @ step).max()) < 1e-7:
            converged = True
            last = now
            break
        last = now
    p = expit(eta)
    information = (xs * (w * p * (1 - p))[:, None]).T @ xs
    bread = _solve(information, np.eye(x.shape[1])) / np.outer(scale, scale)
    separated = _separated(information, (xs * w[:, None]).T @ xs)
    return Logit(beta / scale, p, bread, converged and not separated, separated, iteration)


def _separated(information: Floats, gram: Floats) -> bool:
    """Whether along some combination of columns every fitted probability has run to 0 or 1.

    The smallest eigenvalue of the information relative to ``X'WX`` is the least average of p(1-p) over
    any direction; under separation it is zero but for rounding, otherwise far from it.
    """
    try:
        least = eigh(information, gram, eigvals_only=True, subset_by_index=[0, 0])[0]
    except np.linalg.LinAlgError:
        return True
    return bool(least < 1e-9)


def _log_likelihood(y: Floats, eta: Floats, w: Floats) -> float:
    # log(1 + exp(eta)) without overflow, at half the cost of logaddexp
    return float(w @ (y * eta - np.maximum(eta, 0) - np.log1p(np.exp(-np.abs(eta)))))


def _solve(information: Floats, right: Floats) -> Floats:
    try:
        return np.asarray(cho_solve(cho_factor(information), right))
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(information, right, rcond=None)[0])


def _halved(y: Floats, x: Floats, w: Floats, beta: Floats, step: Floats, last: float) -> tuple[Floats, Floats, float]:
    """Take the step, halving it while it lowers the likelihood."""
    for _ in range(30):
        eta = x @ (beta + step)
        now = _log_likelihood(y, eta, w)
        if now >= last - 1e-12 * abs(last):
            break
        step = step / 2
    return beta + step, eta, now
