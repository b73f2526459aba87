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

_NEAR = 1e-3  # a change of the log means from which the next steps are worth all their digits
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


@dataclass(frozen=True, slots=True)
class ManyWorking:
    """`Working` of N series: an axis of N before each attribute's own, and `converged` (N,) bool."""

    y: Floats
    x: Floats
    coef: Floats
    mean: Floats
    converged: NDArray[np.bool_]


def working_problem(
    y: Floats,
    x: Floats,
    offset: Floats,
    *,
    overdispersion: float = 0.0,
    weight: Floats | None = None,
    reduced: bool = False,
    limit: int = 200,
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
    reduced : bool
        Take the first-order bias of the coefficients out (Firth 1993, Biometrika 80:27). Rare counts need it, and
        coefficients stay finite where a side has no event at all.

    Examples
    --------
    >>> y, x = np.array([3.0, 2.0, 4.0, 0.0, 0.0, 0.0]), np.column_stack([np.ones(6), np.arange(6) > 2])
    >>> working_problem(y, x, np.zeros(6)).converged, working_problem(y, x, np.zeros(6), reduced=True).converged
    (False, True)
    """
    eta = np.log(np.maximum(y, 0.5))
    coef, converged, begun, change = np.zeros(x.shape[1]), False, False, np.inf
    for _ in range(limit):
        mean = np.exp(np.clip(eta, -30, 30))
        root = np.sqrt(mean / (1 + overdispersion * mean))
        more = _less_bias(root[:, None] * x, root) if reduced else 0.0
        response = root * (eta - offset + (y - mean) / mean + more)
        found = least_squares(response, root[:, None] * x, refined=change < _NEAR).coef
        coef = _part_way(coef, found, x) if reduced and begun else found
        begun = True
        moved = np.clip(offset + x @ coef, -30, 30)
        change = float(np.abs(moved - eta).max())
        eta = moved
        if change < 1e-10:
            converged = reduced or float(np.abs(eta).max()) < 30  # a predictor at its bound has run off
            break
    mean = np.exp(eta)
    root = np.sqrt(mean / (1 + overdispersion * mean) if weight is None else weight)
    own = np.sqrt(mean / (1 + overdispersion * mean))
    more = _less_bias(own[:, None] * x, own) if reduced else 0.0
    return Working(root * (eta - offset + (y - mean) / mean + more), root[:, None] * x, coef, mean, converged)


def working_problems(
    y: Floats, x: Floats, offset: Floats, *, weight: Floats | None = None, limit: int = 60
) -> ManyWorking:
    """`working_problem` of many series of Poisson counts with one design, all at once.

    Parameters
    ----------
    y : (N, n) float
    x : (n, k) float
    offset : (n,) float
    weight : (N, n) float, optional
    limit : int
        Steps; those that need more are given back as not converged, and so are any of lower rank.

    Examples
    --------
    >>> y, x = np.array([[3.0, 2.0, 4.0, 1.0, 2.0, 1.0]]), np.column_stack([np.ones(6), np.arange(6) > 2])
    >>> many, one = working_problems(y, x, np.zeros(6)), working_problem(y[0], x, np.zeros(6))
    >>> bool(many.converged[0]), bool(np.allclose(many.coef[0], one.coef, rtol=1e-12))
    (True, True)
    """
    count = len(y)
    eta, coef = np.log(np.maximum(y, 0.5)), np.zeros((count, x.shape[1]))
    converged, going = np.zeros(count, dtype=bool), np.arange(count)
    for _ in range(limit):
        before, seen = eta[going], y[going]
        mean = np.exp(np.clip(before, -30, 30))
        root = np.sqrt(mean)
        q, r = np.linalg.qr(root[..., None] * x)
        size = np.abs(np.einsum("nkk->nk", r))
        full = (size > 1e-9 * size.max(axis=1, keepdims=True)).all(axis=1)
        going, before, root, mean, seen = going[full], before[full], root[full], mean[full], seen[full]
        response = root * (before - offset + (seen - mean) / mean)
        coef[going] = np.linalg.solve(r[full], np.einsum("nik,ni->nk", q[full], response)[..., None])[..., 0]
        eta[going] = moved = np.clip(offset + coef[going] @ x.T, -30, 30)
        done = np.abs(moved - before).max(axis=1) < 1e-10
        converged[going[done]] = np.abs(moved[done]).max(axis=1) < 30
        going = going[~done]
        if not len(going):
            break
    mean = np.exp(eta)
    root = np.sqrt(mean if weight is None else weight)
    return ManyWorking(root * (eta - offset + (y - mean) / mean), root[..., None] * x, coef, mean, converged)


def share_problem(
    y: Floats, other: Floats, x: Floats, offset: Floats, *, overdispersion: float = 0.0, limit: int = 200
) -> Working:
    """The log ratio of two counts as a least-squares problem: one count's share of both, first-order bias taken out.

    Given their sum, one of two Poisson counts is binomial and the log of the ratio of their means is its logit, so a
    period without events in either is no obstacle; one without events in both says nothing and has no weight.

    Parameters
    ----------
    y, other : (n,) float
        Counts.
    x : (n, k) float
    offset : (n,) float
        Of the log ratio of their means.
    overdispersion : float
        Added to the variance of the log ratio.

    Returns
    -------
    Working
        `mean` is that of `y` given the sum.

    References
    ----------
    Firth (1993), Biometrika 80:27; Heinze & Schemper (2002), Statistics in Medicine 21:2409.

    Examples
    --------
    >>> y, other = np.array([2.0, 3.0, 0.0, 1.0]), np.array([1.0, 0.0, 2.0, 4.0])
    >>> found = share_problem(y, other, np.column_stack([np.ones(4), [0, 0, 1, 1]]), np.zeros(4))
    >>> found.converged, bool(found.coef[1] < 0)
    (True, True)
    """
    total = y + other
    coef, converged = np.zeros(x.shape[1]), False
    eta = np.asarray(offset, dtype=float)
    for _ in range(limit):
        share = 1 / (1 + np.exp(-eta))
        weight = np.maximum(total * share * (1 - share), 1e-12)
        root = np.sqrt(weight / (1 + overdispersion * weight))
        leverage = (np.linalg.qr(root[:, None] * x)[0] ** 2).sum(axis=1)
        push = (y - total * share + leverage * (0.5 - share)) / weight
        found = least_squares(root * (eta - offset + push), root[:, None] * x).coef
        coef = _part_way(coef, found, x)
        moved = np.clip(offset + x @ coef, -30, 30)
        change = float(np.abs(moved - eta).max())
        eta = moved
        if change < 1e-9:
            converged = float(np.abs(eta - offset).max()) < 30
            break
    return Working(root * (eta - offset + push), root[:, None] * x, coef, total * share, converged)


def _part_way(coef: Floats, found: Floats, x: Floats) -> Floats:
    """From one step to the next without a predictor moving by more than 2: bias-reduced steps can overshoot."""
    step = found - coef
    return np.asarray(coef + step * min(1.0, 2.0 / max(float(np.abs(x @ step).max()), 1e-300)))


def _less_bias(weighted: Floats, root: Floats) -> Floats:
    """What is added to the working response against the first-order bias: half the leverage over the weight, (n,)."""
    q, _ = np.linalg.qr(weighted)
    return np.asarray((q**2).sum(axis=1) / (2 * root**2))


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
