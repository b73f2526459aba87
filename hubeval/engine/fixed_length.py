"""Fixed-length confidence intervals when a trend's slope may change by at most M from period to period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FixedLength:
    """The shortest interval of fixed length.

    Attributes
    ----------
    low, high : float
    bias, std_error : float
        Largest bias the restriction allows, and the error, of the estimator it is built on.
    weights : (k,) float
        The estimator: weights on the coefficients before and after the start.
    """

    low: float
    high: float
    bias: float
    std_error: float
    weights: Floats


def folded_quantile(level: float, shift: float) -> float:
    """Quantile of ``|Z + shift|`` for standard normal Z.

    Examples
    --------
    >>> round(folded_quantile(0.95, 0.0), 6), round(folded_quantile(0.95, 3.0), 6)
    (1.959964, 4.644854)
    """
    def excess(x: float) -> float:
        return float(ndtr(x - shift) - ndtr(-x - shift)) - level

    return float(brentq(excess, 0.0, shift + 40.0, xtol=1e-13, rtol=1e-13))


def fixed_length(
    estimate: Floats, covariance: Floats, average: Floats, limit: float, conf_level: float = 0.95
) -> FixedLength:
    """Shortest fixed-length interval for an average of effects after the start.

    The deviation from parallel trends may bend by at most `limit` between consecutive periods, in
    either direction, before and after the start alike (it is zero in the period before the start).

    Parameters
    ----------
    estimate : (p + q,) float
        Coefficients of p periods before and q after the start; the period between is the reference.
    covariance : (p + q, p + q) float
    average : (q,) float
        Weights of the average wanted.
    limit : float
        M, 0 or more.

    References
    ----------
    Rambachan, A. & Roth, J. (2023). A more credible approach to parallel trends. Review of Economic
    Studies 90, 2555-2591, section 4.1 and eq. 17-19. Armstrong, T. & Kolesar, M. (2018).

    Examples
    --------
    >>> import numpy as np
    >>> found = fixed_length(np.array([0.0, 1.0]), np.eye(2), np.ones(1), 0.0)
    >>> round((found.low + found.high) / 2, 6), round(found.std_error**2, 6)
    (1.0, 2.0)
    """
    before = len(estimate) - len(average)
    frontier = _Frontier(covariance, average, before)

    def half(weight: float) -> float:
        turns = frontier.turns(weight)
        bias, error = limit * frontier.bias(turns), frontier.error(turns)
        return folded_quantile(conf_level, bias / error) * error

    weight = 0.0
    if limit > 0 and before > 1:
        top = frontier.steepest
        options: Any = {"xatol": 1e-10 * top}
        found = float(minimize_scalar(half, None, (0.0, top), method="bounded", options=options).x)
        weight = min((found, 0.0, top), key=half)
    turns = frontier.turns(weight)
    weights = np.concatenate([frontier.before(turns), average])
    centre, reach = float(weights @ estimate), half(weight)
    bias, error = limit * frontier.bias(turns), frontier.error(turns)
    return FixedLength(centre - reach, centre + reach, bias, error, weights)


class _Frontier:
    """The trade of largest bias against variance, over estimators that are exact for straight lines.

    An estimator adds to the average a combination of the coefficients before the start. Written in
    its running sums of slopes c (the last fixed, so that straight lines cancel), bias is
    ``constant + sum |c|`` for M = 1 and variance is a quadratic: the trade is a lasso in c.
    """

    def __init__(self, covariance: Floats, average: Floats, before: int) -> None:
        after = len(average)
        self.total = float(np.arange(1, after + 1) @ average)
        tails = [abs(float(np.arange(1, s + 1) @ average[after - s:])) for s in range(1, after + 1)]
        self.constant = sum(tails) - self.total + abs(self.total)
        # running sums c -> slopes w = differences of c -> weights on the coefficients
        self.to_weights = _first_differences(before) @ _first_differences(before)
        pre = covariance[:before, :before]
        cross = covariance[:before, before:] @ average
        q = self.to_weights.T @ pre @ self.to_weights
        b = self.to_weights.T @ cross
        self.q = q[:-1, :-1]
        self.b = b[:-1] + q[:-1, -1] * self.total
        self.path = lasso_path(self.q, self.b)
        self.base = float(average @ covariance[before:, before:] @ average
                          + self.total**2 * q[-1, -1] + 2 * self.total * b[-1])

    @property
    def steepest(self) -> float:
        """Price of bias above which no bias is bought: all free sums are zero."""
        return float(np.abs(self.b).max(initial=0.0))

    def before(self, turns: Floats) -> Floats:
        return np.asarray(self.to_weights @ np.append(turns, self.total))

    def bias(self, turns: Floats) -> float:
        return self.constant + float(np.abs(turns).sum())

    def error(self, turns: Floats) -> float:
        return float(np.sqrt(max(float(self.base + turns @ self.q @ turns + 2 * self.b @ turns), 0.0)))

    def turns(self, price: float) -> Floats:
        """The minimiser of variance plus ``2 price sum |c|``: linear between the corners of its path."""
        prices, corners = self.path
        if price >= prices[0]:
            return np.asarray(corners[0])
        after = int(np.searchsorted(-prices, -price))
        share = (prices[after - 1] - price) / (prices[after - 1] - prices[after])
        return np.asarray(corners[after - 1] + share * (corners[after] - corners[after - 1]))


def lasso_path(q: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Minimisers of ``c'Qc + 2b'c + 2 price sum |c|`` for every price: the corners of a piecewise linear path.

    Parameters
    ----------
    q : (k, k) float, positive definite
    b : (k,) float

    Returns
    -------
    prices : (m,) float
        Falling, the last 0.
    corners : (m, k) float
        The first is zero.

    References
    ----------
    Osborne, M., Presnell, B. & Turlach, B. (2000). A new approach to variable selection in least
    squares problems. IMA Journal of Numerical Analysis 20, 389-403.

    Examples
    --------
    >>> import numpy as np
    >>> prices, corners = lasso_path(np.eye(2), np.array([-2.0, 1.0]))
    >>> prices.tolist(), corners.tolist()
    ([2.0, 1.0, 0.0], [[0.0, 0.0], [1.0, 0.0], [2.0, -1.0]])
    """
    k = len(b)
    price = float(np.abs(b).max(initial=0.0))
    signs = np.zeros(k)
    prices, corners = [price], [np.zeros(k)]
    if price == 0:
        return np.array([0.0]), np.zeros((1, k))
    changed = int(np.abs(b).argmax())
    signs[changed] = -np.sign(b[changed])
    for _ in range(100 * k):
        on = signs != 0
        level = np.linalg.solve(q[np.ix_(on, on)], np.column_stack([b[on], signs[on]]))
        c0, c1 = np.zeros(k), np.zeros(k)
        c0[on], c1[on] = -level[:, 0], -level[:, 1]  # c = c0 + price c1 while these are on
        pull0, pull1 = b + q @ c0, q @ c1
        with np.errstate(divide="ignore", invalid="ignore"):
            leaves = np.where(on, -c0 / c1, -np.inf)
            ends = np.stack([pull0 / (1 - pull1), -pull0 / (1 + pull1)])
        ends[~(ends < price * (1 - 1e-12))] = -np.inf
        leaves[~(leaves < price * (1 - 1e-12))] = -np.inf
        joins = np.where(on, -np.inf, ends.max(axis=0))
        after = max(float(leaves.max()), float(joins.max()), 0.0)
        prices.append(after)
        corners.append(c0 + after * c1)
        if after == 0:
            break
        price = after
        if leaves.max() >= joins.max():
            changed = int(leaves.argmax())
            signs[changed] = 0.0
        else:
            changed = int(joins.argmax())
            signs[changed] = -np.sign(pull0[changed] + after * pull1[changed])
    return np.array(prices), np.array(corners)


def _first_differences(size: int) -> Floats:
    """Lower bidiagonal: each entry less the one before it."""
    return np.eye(size) - np.eye(size, k=-1)
