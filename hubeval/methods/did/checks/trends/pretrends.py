"""Roth's question: what would the pre-trend test have shown, had trends not been parallel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from hubeval.errors import BadInput, Door, Problem
from hubeval.methods.did.checks.trends.event_path import event_path
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.did.checks.trends.event_path import EventPath
    from hubeval.methods.did.estimators.aggregate import Aggregate
    from hubeval.methods.did.estimators.effects import Effects
    from hubeval.methods.did.inference.regression import Regression

    Floats = NDArray[np.float64]

TESTS = ("any", "joint")
DRAWS = 2**15


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretrends(Shown):
    """What a test before the start could and could not have seen.

    Attributes
    ----------
    test : {"any", "joint"}
        Any single coefficient significant, or all jointly (Wald).
    powers, slopes : (m,) float
        The straight-line violation, per period, that the test finds with each power.
    slope : float
        The violation looked at: as given, or the first of `slopes`.
    power : float
        Probability that the test finds `slope`.
    bias : float
        Error that `slope` would put into the mean effect from the start on.
    bias_if_passed : float
        The same, over the samples in which the test is passed.
    bayes_factor : float
        Probability of passing under `slope` over that under parallel trends.
    likelihood_ratio : float
        Density of the coefficients seen before the start, under `slope` over under parallel trends.
    event_times : (k,) float
    deviation, deviation_if_passed : (k,) float
        The violation by event time, and its mean over samples that pass.
    """

    test: Literal["any", "joint"]
    powers: Floats
    slopes: Floats
    slope: float
    power: float
    bias: float
    bias_if_passed: float
    bayes_factor: float
    likelihood_ratio: float
    event_times: Floats
    deviation: Floats
    deviation_if_passed: Floats

    def to_frame(self) -> pd.DataFrame:
        """One row a power: the slope found with it."""
        return pd.DataFrame({"power": self.powers, "slope": self.slopes})


def pretrends(
    effects: Effects | Aggregate | Regression, *, slope: float | None = None, powers: Sequence[float] = (0.5, 0.8),
    test: Literal["any", "joint"] = "any", reference: float = -1.0, conf_level: float = 0.95,
) -> Pretrends:
    """Power of the test before the start, and the violation it could have seen.

    Parameters
    ----------
    effects : Effects, Aggregate or Regression
        By event time, with one reference period.
    slope : float, optional
        Difference in trend per period to look at; that found with the first of `powers` otherwise.
    powers : sequence of float
    test : {"any", "joint"}
    reference : float
        Event time that is zero by construction.
    conf_level : float
        One less the level of the test.

    Returns
    -------
    Pretrends

    Raises
    ------
    BadInput

    References
    ----------
    Roth, J. (2022). Pretest with caution: event-study estimates after testing for parallel trends.
    American Economic Review: Insights 4, 305-322.

    Examples
    --------
    >>> from hubeval.methods.did.estimators.effects import Effects
    >>> study = Effects(method="m", estimand="e", inference="i", by="event_time", keys=(-2., 0.),
    ...                 estimate=np.array([0.1, 2.0]), covariance=np.eye(2))
    >>> found = pretrends(study)
    >>> found.slopes.round(2).tolist(), round(found.bias, 2)
    ([1.96, 2.8], 1.96)
    """
    path = event_path(effects, reference)
    door = Door()
    door.choice("test", test, TESTS)
    alpha = 1 - conf_level
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level}", "a number between 0 and 1", "Write 0.95.")
    elif not len(powers) or any(not alpha < power < 1 for power in powers):
        door.refuse("powers", f"found {list(powers)}", f"between the test's level {alpha:g} and 1", "Correct them.")
    door.close()
    p = len(path.before)
    cut = _Test(path.covariance[:p, :p], test, alpha)
    at_null = cut.power(np.zeros(p))
    if min(powers) <= at_null:
        raise BadInput([Problem("powers", f"found {list(powers)}: with {p} coefficients, one or more is significant "
                                f"{at_null:.0%} of the time even if trends are parallel", f"above {at_null:.2f}",
                                "Use test='joint', which keeps its level.")])
    distance = np.concatenate([path.before, path.after]) - path.reference
    slopes = np.array([cut.slope_for(distance[:p], power) for power in powers])
    slope = float(slopes[0]) if slope is None else slope
    deviation = slope * distance
    passed = _mean_if_passed(path, cut, deviation)
    at_slope = cut.power(deviation[:p])
    return Pretrends(
        test=test, powers=np.array(powers), slopes=slopes, slope=slope, power=at_slope,
        bias=float(path.average @ deviation[p:]), bias_if_passed=float(path.average @ passed[p:]),
        bayes_factor=(1 - at_slope) / (1 - at_null),
        likelihood_ratio=_ratio(path.estimate[:p], path.covariance[:p, :p], deviation[:p]),
        event_times=np.concatenate([path.before, path.after]), deviation=deviation, deviation_if_passed=passed)


class _Test:
    """The test before the start, as a region of coefficients that pass."""

    def __init__(self, covariance: Floats, test: str, alpha: float) -> None:
        self.covariance = covariance
        self.joint = test == "joint"
        self.box = float(ndtri(1 - alpha / 2)) * np.sqrt(np.diag(covariance))
        self.limit = float(stats.chi2.ppf(1 - alpha, len(covariance)))
        self.alpha = alpha

    def power(self, shift: Floats) -> float:
        """Probability of failing the test when the coefficients have mean `shift`."""
        if self.joint:
            size = float(shift @ np.linalg.solve(self.covariance, shift))
            return float(stats.ncx2.sf(self.limit, len(shift), size)) if size > 0 else self.alpha
        if len(shift) == 1:
            error = np.sqrt(self.covariance[0, 0])
            low, high = (-self.box - shift) / error, (self.box - shift) / error
            return float(1 - ndtr(high[0]) + ndtr(low[0]))
        inside = stats.multivariate_normal.cdf(
            self.box, shift, self.covariance, maxpts=20_000, abseps=1e-5, releps=1e-5, lower_limit=-self.box,
            rng=np.random.default_rng(1))
        return float(1 - inside)

    def passes(self, values: Floats) -> NDArray[np.bool_]:
        if self.joint:
            size = np.einsum("ij,ij->i", values, np.linalg.solve(self.covariance, values.T).T)
            return np.asarray(size <= self.limit)
        return np.asarray((np.abs(values) <= self.box).all(axis=1))

    def slope_for(self, distance: Floats, power: float) -> float:
        """Slope that the test finds with this power."""
        high = float((self.box / np.abs(distance)).min())
        while self.power(high * distance) < power:
            high *= 2
        return float(brentq(lambda s: self.power(s * distance) - power, 0.0, high, xtol=1e-6 * high))


def _mean_if_passed(path: EventPath, cut: _Test, deviation: Floats) -> Floats:
    """Mean of all coefficients over samples that pass, (k,): quasi-random draws, so always the same."""
    p = len(path.before)
    pre = path.covariance[:p, :p]
    uniform = qmc.Sobol(p, scramble=True, rng=20220901).random(DRAWS)
    draws = deviation[:p] + ndtri(np.clip(uniform, 1e-12, 1 - 1e-12)) @ np.linalg.cholesky(pre).T
    passing = cut.passes(draws)
    if not passing.any():
        return deviation
    shift = draws[passing].mean(axis=0) - deviation[:p]
    slopes = np.linalg.solve(pre, path.covariance[:p, p:])
    return np.concatenate([deviation[:p] + shift, deviation[p:] + shift @ slopes])


def _ratio(seen: Floats, covariance: Floats, shift: Floats) -> float:
    inverse = np.linalg.inv(covariance)
    gap = seen - shift
    return float(np.exp((seen @ inverse @ seen - gap @ inverse @ gap) / 2))
