"""Counts with a log link: quasi-Poisson and negative binomial working responses for any error structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import digamma, polygamma

from hubeval.engine.least_squares import least_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_LARGE = 1e7  # a negative binomial this close to the Poisson is the Poisson


@dataclass(frozen=True, slots=True)
class Working:
    """The weighted least-squares problem that a count model comes down to.

    Attributes
    ----------
    y : (n,) float
        Working response times the square root of its weight: unit variance if counts were Poisson.
    x : (n, k) float
        The design, weighted alike.
    coef : (k,) float
        Of the fit with independent errors.
    mean : (n,) float
        Its means.
    converged : bool
    """

    y: Floats
    x: Floats
    coef: Floats
    mean: Floats
    converged: bool


def working_problem(
    y: Floats, x: Floats, offset: Floats, *, overdispersion: float = 0.0, weight: Floats | None = None, limit: int = 200
) -> Working:
    """The counts' own least-squares problem, linearised at the fit with independent errors.

    Generalised least squares on it is the first step of penalised quasi-likelihood (Breslow & Clayton 1993,
    JASA 88:9) from a consistent start. Later steps are not taken: with errors near a random walk the level
    is hardly identified, and the iteration can run away with it.

    Parameters
    ----------
    y : (n,) float
        Counts.
    x : (n, k) float
    offset : (n,) float
        On the log scale.
    overdispersion : float
        Negative binomial ``a`` in ``variance = mean + a mean^2``; 0 is (quasi-)Poisson.
    weight : (n,) float, optional
        Inverse variance of the working response; by default that of the counts about their mean. Give it
        where the offset is itself noisy (a comparison series): noise in the weights would pass for signal.
    """
    eta = np.log(np.maximum(y, 0.5))
    coef, converged = np.zeros(x.shape[1]), False
    for _ in range(limit):
        mean = np.exp(np.clip(eta, -30, 30))
        root = np.sqrt(mean / (1 + overdispersion * mean))
        coef = least_squares(root * (eta - offset + (y - mean) / mean), root[:, None] * x).coef
        moved = np.clip(offset + x @ coef, -30, 30)
        change = float(np.abs(moved - eta).max())
        eta = moved
        if change < 1e-10:
            converged = float(np.abs(eta).max()) < 30  # a predictor at its bound has run off
            break
    mean = np.exp(eta)
    root = np.sqrt(mean / (1 + overdispersion * mean) if weight is None else weight)
    return Working(root * (eta - offset + (y - mean) / mean), root[:, None] * x, coef, mean, converged)


def negative_binomial_dispersion(y: Floats, x: Floats, offset: Floats, *, limit: int = 60) -> float:
    """Maximum-likelihood overdispersion ``a`` (= 1/theta of R's ``MASS::glm.nb``), 0 when counts are not overdispersed.

    Means and theta are updated in turn, as ``glm.nb`` does.
    """
    theta = _LARGE
    for _ in range(limit):
        mean = working_problem(y, x, offset, overdispersion=1 / theta).mean
        new = _theta(y, mean)
        if abs(new - theta) <= 1e-10 * theta:
            theta = new
            break
        theta = new
    return 0.0 if theta >= _LARGE else 1 / theta


def _theta(y: Floats, mean: Floats) -> float:
    """Theta that maximises the likelihood at given means: Newton in log theta, from the moment estimate."""
    excess = float(np.sum((y / mean - 1) ** 2 - 1 / mean))
    if excess <= 0 and _slope(y, mean, _LARGE / 10) >= 0:
        return _LARGE
    theta = min(max(len(y) / max(excess, 1e-8), 1e-3), _LARGE / 10)
    for _ in range(200):
        first = _slope(y, mean, theta)
        second = float(
            np.sum(
                polygamma(1, y + theta)
                - polygamma(1, theta)
                + 1 / theta
                - 2 / (theta + mean)
                + (y + theta) / (theta + mean) ** 2
            )
        )
        curve = theta**2 * second + theta * first
        step = -theta * first / curve if curve < 0 else np.sign(first)
        step = float(np.clip(step, -2, 2))
        theta *= float(np.exp(step))
        if theta >= _LARGE:
            return _LARGE
        if abs(step) < 1e-13:
            break
    return theta


def _slope(y: Floats, mean: Floats, theta: float) -> float:
    """Derivative in theta of the negative binomial log-likelihood."""
    return float(
        np.sum(digamma(y + theta) - digamma(theta) + np.log(theta / (theta + mean)) + 1 - (y + theta) / (theta + mean))
    )
