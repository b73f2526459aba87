"""Tests of an average of effects when deviations after the start are bounded by those before it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_ndtr, ndtri
from scipy.stats import qmc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FIRST_STAGE = 0.1  # share of the level spent on the least-favourable test, as in Rambachan & Roth
DRAWS = 2**14


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeTest:
    """Tests of values of the average under one pattern of largest change before the start.

    Under the pattern (which step before the start is the largest, and its sign) the restriction is
    a set of linear inequalities in deviations; the steps after the start other than the one that
    carries the average are nuisance. The dual of the least violation has as many corners as
    periods after the start, and two: ``corners``. A corner's value at theta is
    ``intercept - slope * theta``; the statistic is the largest.

    Attributes
    ----------
    intercept, slope : (v,) float
    covariance : (v, v) float
        Of the corners' values.
    critical : float
        Least-favourable critical value of the first stage.
    level : float
        Level of the second, conditional stage.
    """

    intercept: Floats
    slope: Floats
    covariance: Floats
    critical: float
    level: float

    def rejects(self, theta: Floats) -> Flags:
        """Whether each value in `theta` (m,) is rejected, (m,)."""
        values = self.intercept - theta[:, None] * self.slope
        best = values.argmax(axis=1)
        rows = np.arange(len(theta))
        top = values[rows, best]
        variance = np.maximum(np.diag(self.covariance), 0.0)
        low, high = self._limits(values, best, top, variance[best])
        error = np.sqrt(variance[best])
        flat = error < 1e-12
        scale = np.where(flat, 1.0, error)
        high = np.minimum(high, self.critical)
        with np.errstate(invalid="ignore"):  # an empty range: the value lies beyond the critical one anyway
            beyond = _log_tail(top / scale, high / scale) - _log_tail(low / scale, high / scale)
        inside = (low <= top + 1e-12) & (top <= high)
        conditional = inside & (top > 0) & (beyond < np.log(self.level))
        return np.asarray((top > self.critical) | np.where(flat, top > 0, conditional))

    def _limits(
        self, values: Floats, best: NDArray[np.intp], top: Floats, variance: Floats
    ) -> tuple[Floats, Floats]:
        """Values of the statistic for which the same corner stays the largest, the rest held fixed."""
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = self.covariance[best] / variance[:, None]
            crossing = (values - slopes * top[:, None]) / (1 - slopes)
        below, above = slopes < 1 - 1e-10, slopes > 1 + 1e-10
        low = np.where(below, crossing, -np.inf).max(axis=1)
        high = np.where(above, crossing, np.inf).min(axis=1)
        return low, high


def relative_tests(
    estimate: Floats, covariance: Floats, average: Floats, limit: float, alpha: float = 0.05
) -> tuple[RelativeTest, ...]:
    """One test for each step before the start and sign; a value is kept if any of them keeps it.

    Parameters
    ----------
    estimate : (p + q,) float
        Coefficients of p periods before and q after the start; the period between is the reference.
    covariance : (p + q, p + q) float
    average : (q,) float
        Weights of the average wanted.
    limit : float
        Largest change of the deviation from one period to the next after the start, as a multiple
        of the largest before it.
    alpha : float

    References
    ----------
    Rambachan, A. & Roth, J. (2023), section 3 and appendix; Andrews, I., Roth, J. & Pakes, A.
    (2023). Inference for linear conditional moment inequalities. Review of Economic Studies 90.

    Examples
    --------
    >>> import numpy as np
    >>> tests = relative_tests(np.array([0.1, 1.0]), 0.01 * np.eye(2), np.ones(1), 1.0)
    >>> [bool(all(test.rejects(np.array([theta]))[0] for test in tests)) for theta in (0.0, 1.0)]
    [True, False]
    """
    after = len(average)
    before = len(estimate) - after
    steps = _steps(before, after)
    tests = []
    for step in range(before):
        for sign in (1.0, -1.0):
            bound = limit * sign * steps[step]
            rows = np.vstack([steps[before:] - bound, -steps[before:] - bound])
            tests.append(_test(rows, estimate, covariance, average, alpha))
    return tuple(tests)


def _steps(before: int, after: int) -> Floats:
    """Changes between consecutive periods, in terms of the coefficients; the reference is zero."""
    full = np.diff(np.eye(before + after + 1), axis=0)
    return np.delete(full, before, axis=1)


def _test(rows: Floats, estimate: Floats, covariance: Floats, average: Floats, alpha: float) -> RelativeTest:
    after = len(average)
    error = np.sqrt(np.diag(rows @ covariance @ rows.T))
    corners = _corners(average, error)
    combined = corners @ rows
    v = combined @ covariance @ combined.T
    # a unit of theta moves the coefficients after the start along any direction of unit average
    slope = combined[:, -after:] @ average / (average @ average)
    kappa = alpha * FIRST_STAGE
    return RelativeTest(
        intercept=combined @ estimate, slope=slope, covariance=v, critical=_least_favourable(v, kappa),
        level=(alpha - kappa) / (1 - kappa))


def _corners(average: Floats, error: Floats) -> Floats:
    """Corners of the dual: multipliers >= 0 on (up, down) steps, nuisance cancelled, errors summing to 1.

    Cancelling the nuisance leaves up less down proportional to the tails of the average. So either
    that pattern, or its opposite, or one step's up and down together.
    """
    after = len(average)
    tails = np.cumsum(average[::-1])[::-1]
    pattern = np.concatenate([np.maximum(tails, 0), np.maximum(-tails, 0)])
    opposite = np.concatenate([np.maximum(-tails, 0), np.maximum(tails, 0)])
    pairs = np.hstack([np.eye(after), np.eye(after)])
    corners = np.vstack([pattern, opposite, pairs])
    return corners / (corners @ error)[:, None]


def _least_favourable(covariance: Floats, kappa: float) -> float:
    """Quantile of the largest corner value with every inequality binding; quasi-random, so repeatable."""
    values, vectors = np.linalg.eigh(covariance)
    keep = values > 1e-12 * max(float(values.max()), 1e-300)
    normal = _normals(int(keep.sum()))
    return float(np.quantile((normal @ (vectors[:, keep] * np.sqrt(values[keep])).T).max(axis=1), 1 - kappa))


@lru_cache(maxsize=8)
def _normals(size: int) -> Floats:
    """Quasi-random standard normals, (DRAWS, size)."""
    uniform = qmc.Sobol(size, scramble=True, rng=20230101).random(DRAWS)
    return np.asarray(ndtri(np.clip(uniform, 1e-12, 1 - 1e-12)))


def _log_tail(low: Floats, high: Floats) -> Floats:
    """Log of ``P(low < Z < high)``, right far out in either tail; -inf where empty."""
    flip = low < 0  # work in the upper tail where both limits are positive
    a = np.where(flip & (high <= 0), -high, low)
    b = np.where(flip & (high <= 0), -low, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        upper, rest = log_ndtr(-a), log_ndtr(-b)
        gap = np.where(b > a, -np.expm1(np.minimum(rest - upper, 0.0)), 0.0)
        return np.asarray(upper + np.log(gap))
