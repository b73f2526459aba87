"""Intervals that stay right whatever the curve does, as long as it bends no more than a stated bound.

A local line with the largest bias that a second derivative up to `bound` could give it, counted in the interval:
Armstrong and Kolesár (2018, 2020); with few values of the running variable Kolesár and Rothe (2018), since nothing in
it needs values close to the cut-off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import fminbound
from scipy.stats import ncx2, norm

from hubeval.methods.rdd.estimators.polynomial import fit, powers_of
from hubeval.methods.rdd.estimators.variance import neighbour_residuals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.rdd.door.sides import Cut
    from hubeval.methods.rdd.estimators.polynomial import Kernel, Local

    Floats = NDArray[np.float64]

_LINE = 1
_PRECISION = float(np.finfo(float).eps) ** 0.75
_WIDE = 10.0  # worst bias, in standard errors, from which the noncentral law is one-sided to all digits


@dataclass(frozen=True, slots=True, kw_only=True)
class Honest:
    """A jump whose interval counts the worst bias.

    Attributes
    ----------
    estimate, std_error : float
    bias : float
        The largest bias under `bound`.
    low, high, p_value : float
    critical : float
        Standard errors to each side of the estimate.
    bound : float
        The largest second derivative allowed for.
    h : float
    n_h : (int, int)
        Rows below and above.
    points : (int, int)
        Values of the running variable below and above.
    """

    estimate: float
    std_error: float
    bias: float
    low: float
    high: float
    p_value: float
    critical: float
    bound: float
    h: float
    n_h: tuple[int, int]
    points: tuple[int, int]


def critical_value(bias: float, alpha: float = 0.05) -> float:
    """The quantile of the size of a normal number whose mean is `bias` away from nought.

    Examples
    --------
    >>> round(critical_value(0.0), 4), round(critical_value(1.0), 4), round(critical_value(50.0), 4)
    (1.96, 2.6461, 51.6449)
    """
    if bias > _WIDE:
        return float(bias + norm.ppf(1 - alpha))
    return float(np.sqrt(ncx2.ppf(1 - alpha, 1, bias**2))) if bias else float(norm.ppf(1 - alpha / 2))


def curvature(cut: Cut) -> float:
    """The largest second derivative of a quartic fitted to all rows of each side: a rule of thumb for the bound."""
    worst = 0.0
    for side in cut.sides:
        scale = side.reach
        u = side.x / scale
        beta = np.linalg.lstsq(powers_of(u, 4), side.values[:, 0], rcond=None)[0]
        at = [float(u[0]), float(u[-1])]
        turn = -beta[3] / (4 * beta[4]) if beta[4] else np.inf
        at += [float(turn)] if min(at) < turn < max(at) else []
        bend = [abs(2 * beta[2] + 6 * beta[3] * p + 12 * beta[4] * p * p) / scale**2 for p in at]
        worst = max(worst, *bend)
    return float(worst)


def honest_jump(
    cut: Cut,
    *,
    bound: float | None = None,
    h: float | None = None,
    kernel: Kernel = "triangular",
    conf_level: float = 0.95,
) -> Honest:
    """The jump at the cut-off with an interval that is right for every curve that bends no more than `bound`.

    Parameters
    ----------
    cut : Cut
        Sharp, without covariates.
    bound : float, optional
        Of the second derivative; by default the rule of thumb of `curvature`.
    h : float, optional
        By default the one that makes the worst mean squared error smallest.
    kernel : {"triangular", "uniform", "epanechnikov"}
    conf_level : float

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.rdd.door.sides import cut_at
    >>> rng = np.random.default_rng(1)
    >>> x = rng.integers(-10, 10, 900) / 10
    >>> made = honest_jump(cut_at(x, x + 2.0 * (x >= 0) + rng.normal(0, 0.5, 900)), bound=1.0)
    >>> made.points, made.low < 2.0 < made.high
    ((10, 10), True)
    """
    bound = curvature(cut) if bound is None else bound
    h = _best(cut, bound, kernel) if h is None else h
    fits = [fit(side, h, _LINE, kernel) for side in cut.sides]
    estimate = float(fits[1].beta[0, 0] - fits[0].beta[0, 0])
    error, bias = float(np.sqrt(_variance(cut, fits))), worst_bias(fits, bound)
    critical = critical_value(bias / error, 1 - conf_level) if error else 0.0
    return Honest(
        estimate=estimate, std_error=error, bias=bias, low=estimate - critical * error,
        high=estimate + critical * error, p_value=_p_value(estimate, error, bias), critical=critical, bound=bound, h=h,
        n_h=(fits[0].n, fits[1].n), points=(len(cut.left.first), len(cut.right.first)))


def _p_value(estimate: float, error: float, bias: float) -> float:
    """Two-sided, for no jump, were the bias the worst it could be."""
    if not error:
        return float(abs(estimate) <= bias)
    size, off = abs(estimate / error), bias / error
    return float(norm.sf(size - off) + norm.cdf(-size - off))


def row_weights(local: Local) -> Floats:
    """What each row of the window weighs in the line's value at the cut-off, (n,)."""
    return np.asarray(local.weighted @ local.inverse[0])


def worst_bias(fits: list[Local], bound: float) -> float:
    """The largest bias of the jump when the second derivative is up to `bound` on either side."""
    bent = sum(float(row_weights(local) @ (local.u * local.h) ** 2) for local in fits)
    return abs(bound / 2 * bent)


def _variance(cut: Cut, fits: list[Local]) -> float:
    """From each row's neighbours; of clusters, which may lie on both sides, from the residuals of the lines."""
    shares, codes = [], []
    for sign, side, local in zip((-1, 1), cut.sides, fits, strict=True):
        if side.cluster is None:
            left_over = neighbour_residuals(side, local.n)[:, 0]
        else:
            left_over = side.values[: local.n, 0] - local.powers @ local.beta[:, 0]
            codes.append(side.cluster[: local.n])
        shares.append(sign * row_weights(local) * left_over)
    every = np.concatenate(shares)
    sums = np.bincount(np.unique(np.concatenate(codes), return_inverse=True)[1], weights=every) if codes else every
    return float(sums @ sums)


def _best(cut: Cut, bound: float, kernel: Kernel) -> float:
    """The bandwidth with the smallest worst mean squared error, the spread taken as even on each side."""
    spread = _spread(cut)
    least = max(float(side.points[side.points > 0][1 - (side.points[0] == 0)]) for side in cut.sides)
    if kernel == "uniform":
        every = np.unique(np.concatenate([side.points for side in cut.sides]))
        every = every[every >= least]
        return float(every[int(np.argmin([_risk(cut, float(h), bound, kernel, spread) for h in every]))])
    most = max(side.reach for side in cut.sides)
    return float(fminbound(lambda h: _risk(cut, h, bound, kernel, spread), least, most, xtol=_PRECISION))


def _risk(cut: Cut, h: float, bound: float, kernel: Kernel, spread: tuple[float, float]) -> float:
    fits = [fit(side, h, _LINE, kernel) for side in cut.sides]
    noise = sum(s * float(row_weights(local) @ row_weights(local)) for s, local in zip(spread, fits, strict=True))
    return worst_bias(fits, bound) ** 2 + noise


def _spread(cut: Cut) -> tuple[float, float]:
    """Variance below and above about a local line at the pilot bandwidth."""
    h = max(pilot(cut), *(float(side.points[1]) for side in cut.sides))
    found = []
    for side in cut.sides:
        local = fit(side, h, _LINE, "triangular")
        left_over = side.values[: local.n, 0] - local.powers @ local.beta[:, 0]
        found.append(float(np.mean(left_over**2)))
    return found[0], found[1]


def pilot(cut: Cut) -> float:
    """A first bandwidth by plugging in curvatures and spreads (Imbens and Kalyanaraman 2012), triangular kernel."""
    x = np.concatenate([side.x for side in cut.sides])
    y = np.concatenate([side.values[:, 0] for side in cut.sides])
    near = 1.84 * float(x.std(ddof=1)) * len(x) ** (-1 / 5)
    density = float((np.abs(x) <= near).sum()) / (2 * len(x) * near)
    spread = [float(side.values[: side.within(near, edge=True), 0].var(ddof=1)) for side in cut.sides]
    bent = np.linalg.lstsq(np.column_stack([x >= 0, powers_of(x, 3)]), y, rcond=None)[0][4] * 6
    turns, unsure = [], []
    for side, s in zip(cut.sides, spread, strict=True):
        bend = density * bent**2
        wide = 7200 ** (1 / 7) * (s / bend) ** (1 / 7) * side.n ** (-1 / 7) if s > 0 and bend > 0 else side.reach
        n = side.within(wide, edge=True)
        turns.append(2 * np.linalg.lstsq(powers_of(side.x[:n], 2), side.values[:n, 0], rcond=None)[0][2])
        unsure.append(2160 * s / (n * wide**4))
    below = (turns[1] - turns[0]) ** 2 + sum(unsure)
    if not below > 0:
        return max(side.reach for side in cut.sides)
    return float(3.4375 * (sum(spread) / (density * len(x) * below)) ** (1 / 5))
