"""Donor weights: matched on the path, on predictors with weights of their own, or augmented by ridge regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog, minimize

from hubeval.engine.simplex import simplex_fits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.synth.door.panel import Panel

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

PERFECT = 1e-6  # a pre-period RMSPE below this share of the series' own spread is a perfect fit
_EVEN = 1e-10  # ridge, as a share of the variance, that picks one among perfect fits without leaving it
_TIE = 1e-6  # weight of the path itself, which breaks ties between weights that match predictors equally well
_STARTS = 3  # starts followed to the end in the search for predictor weights
_STEPS = 300  # evaluations for each


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """Weights of `m` units, each fitted on its own donors.

    Attributes
    ----------
    weights : (m, n) float
        One row a unit fitted, one column a unit of the panel; zero for units that were not allowed.
    relative_gap : (m,) float
        Duality gap of each simplex fit as a share of its objective: at most 1e-9 where it is optimal.
    predictor_weights : (m, k) float
        Weight given to each predictor; no columns where the path itself was matched.
    ridge : (m,) float
        Penalty of the ridge step; zero where there is none.
    """

    weights: Floats
    relative_gap: Floats
    predictor_weights: Floats
    ridge: Floats


def fit_units(
    panel: Panel, units: NDArray[np.int64], allowed: Flags, *, augment: bool = False, penalty: float | None = None
) -> Fits:
    """Synthetic-control weights of some units of a panel from the periods before the start.

    Parameters
    ----------
    panel : Panel
    units : (m,) int
        Columns of the panel to fit.
    allowed : (m, n) bool
        Donors that each may use.
    augment : bool
        Add the ridge step of Ben-Michael, Feller and Rothstein.
    penalty : float, optional
        Its penalty; chosen by leaving one period out at a time if None.
    """
    y = panel.y[: panel.t0]
    if panel.x.shape[0]:
        found = [_nested(panel.x, y, int(i), ok) for i, ok in zip(units, allowed, strict=True)]
        weights, v = np.array([f[0] for f in found]), np.array([f[1] for f in found])
        gap = np.array([f[2] for f in found])
    else:
        weights, gap = _path(panel, units, allowed)
        v = np.empty((len(units), 0))
    ridge = np.zeros(len(units))
    if augment:
        weights = weights.copy()
        for row, (i, ok) in enumerate(zip(units, allowed, strict=True)):
            step, ridge[row] = _ridge_step(y[:, ok], y[:, i], weights[row, ok], penalty)
            weights[row, ok] += step
    return Fits(weights=weights, relative_gap=gap, predictor_weights=v, ridge=ridge)


def _path(panel: Panel, units: NDArray[np.int64], allowed: Flags) -> tuple[Floats, Floats]:
    """Weights that match the path, and their certificates; of many perfect fits the one with the most even weights."""
    y = panel.y[: panel.t0]
    fits = simplex_fits(y, y[:, units], allowed)
    weights, gap = fits.weights.copy(), fits.relative_gap.copy()
    left = y[:, units] - np.einsum("tn,mn->tm", y, weights)
    many = is_perfect(panel, units, rmspe(left)) & (allowed.sum(axis=1) > panel.t0)
    if many.any():
        even = simplex_fits(y, y[:, units[many]], allowed[many], ridge=_EVEN * float(y.var()) * len(y))
        weights[many], gap[many] = even.weights, even.relative_gap
    return weights, gap


def gaps_of(panel: Panel, units: NDArray[np.int64], weights: Floats) -> Floats:
    """Observed minus synthetic, (t, m)."""
    gaps: Floats = panel.y[:, units] - np.einsum("tn,mn->tm", panel.y, weights)
    return gaps


def range_of_perfect_fits(panel: Panel) -> tuple[float, float] | None:
    """Least and largest mean gap over all weightings that fit the time before the start perfectly; None if none does.

    Where this is wide, the estimate is one of many that the data cannot tell apart.
    """
    treated, donors = panel.treated[0], list(panel.donors)
    before, after = panel.y[: panel.t0], panel.y[panel.t0 :]
    rows = np.vstack([before[:, donors] - before[:, [treated]], np.ones(len(donors))])
    goal, cost = np.append(np.zeros(panel.t0), 1.0), after[:, donors].mean(axis=0)
    least, most = (linprog(sign * cost, A_eq=rows, b_eq=goal) for sign in (1, -1))
    if least.fun is None or most.fun is None:
        return None
    observed = float(after[:, treated].mean())
    return observed + float(most.fun), observed - float(least.fun)


def rmspe(gaps: Floats) -> Floats:
    """Root mean squared gap down the rows."""
    root: Floats = np.sqrt(np.einsum("tm,tm->m", gaps, gaps) / max(len(gaps), 1))
    return root


def is_perfect(panel: Panel, units: NDArray[np.int64], pre: Floats) -> Flags:
    """Whether a pre-period fit is perfect within rounding, seen against the series' own spread."""
    spread = np.maximum(panel.y[: panel.t0, units].std(axis=0), panel.y[: panel.t0].std() * 1e-3)
    return np.asarray(pre <= PERFECT * spread)


def _nested(x: Floats, y: Floats, i: int, allowed: Flags) -> tuple[Floats, Floats, float]:
    """Predictor weights that make the pre-period path fit best, and the unit weights they imply.

    The bilevel problem of Abadie, Diamond and Hainmueller (2010): the inner problem is solved exactly,
    the outer one by Nelder-Mead on the logarithms from several starts. Its optimum is not unique.
    """
    scaled = x / x.std(axis=1, ddof=1, keepdims=True)
    path = y * np.sqrt(_TIE / len(y)) / y.std()
    ok = allowed[None, :]

    def inner(u: Floats) -> tuple[Floats, float]:
        v = np.exp(np.clip(u - u.max(), -30, 0))
        rows = np.vstack([scaled * np.sqrt(v / v.sum())[:, None], path])
        fit = simplex_fits(rows, rows[:, [i]], ok)
        return fit.weights[0], float(fit.relative_gap[0])

    def loss(u: Floats) -> float:
        gap = y[:, i] - np.einsum("tn,n->t", y, inner(u)[0])
        return float(np.einsum("t,t->", gap, gap)) / len(gap)

    starts = sorted(_starts(scaled, y), key=loss)[:_STARTS]
    options: Any = {"maxfev": _STEPS, "xatol": 1e-3, "fatol": 1e-9 * float(y.var())}
    ends = [minimize(loss, s, method="Nelder-Mead", options=options) for s in starts]
    best = min(ends, key=lambda end: float(end.fun)).x
    v = np.exp(np.clip(best - best.max(), -30, 0))
    weights, gap = inner(best)
    return weights, v / v.sum(), gap


def _starts(x: Floats, y: Floats) -> list[Floats]:
    """Equal weights, weights from the regression of the paths on the predictors, and each predictor in front."""
    k = len(x)
    design = np.column_stack([np.ones(x.shape[1]), x.T])
    slopes = np.linalg.lstsq(design, y.T, rcond=None)[0][1:]
    regression = np.log(np.maximum((slopes**2).sum(axis=1), 1e-12))
    return [np.zeros(k), regression, *(4.0 * np.eye(k))]


def _ridge_step(donors: Floats, target: Floats, weights: Floats, penalty: float | None) -> tuple[Floats, float]:
    """What ridge regression adds to simplex weights to take out the imbalance they leave.

    Ben-Michael, Feller and Rothstein (2021), eq. 10, outcomes centred on the donors' mean in each
    period. The penalty is the largest whose leave-one-period-out error is within one standard
    error of the smallest, over 21 values down from the largest squared singular value.
    """
    mean = donors.mean(axis=1, keepdims=True)
    x, x1 = (donors - mean).T, target - mean[:, 0]
    if np.abs(x).max() <= 1e-12 * np.abs(donors).max():  # one donor, or donors all alike: nothing to regress on
        return np.zeros(len(x)), 0.0
    if penalty is None:
        penalty = _choose_penalty(x, x1)
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    step = u @ (s / (s**2 + penalty) * (vt @ (x1 - x.T @ weights)))
    return step, float(penalty)


def _choose_penalty(x: Floats, x1: Floats) -> float:
    """Leave one period out at a time, the simplex weights fitted anew each time.

    With ``A = inv(X'X + penalty I)`` and `e` the imbalance that the weights fitted without period `o` leave in every
    period, the error at `o` of the ridge step fitted without it is ``(A e)[o] / A[o, o]``: one eigendecomposition
    serves every period and every penalty.
    """
    periods = x.shape[1]
    values, vectors = np.linalg.eigh(np.einsum("ni,nj->ij", x, x))
    penalties = float(values[-1]) * (1e-8 ** (np.arange(21) / 20))
    held = np.arange(periods - 1)  # the last period is never held out, as in augsynth
    everyone = np.ones((1, len(x)), dtype=bool)
    imbalance = np.empty((periods, len(held)))
    for out in held:
        rest = np.delete(np.arange(periods), out)
        base = simplex_fits(x[:, rest].T, x1[rest][:, None], everyone).weights[0]
        imbalance[:, out] = x1 - np.einsum("nt,n->t", x, base)
    inverse = 1 / (np.maximum(values, 0)[:, None] + penalties)
    rotated = vectors.T @ imbalance
    above = (vectors[held] * rotated.T) @ inverse
    errors = (above / (vectors[held] ** 2 @ inverse)) ** 2
    mean, error = errors.mean(axis=0), errors.std(axis=0, ddof=1) / np.sqrt(len(errors))
    best = int(mean.argmin())
    return float(penalties[mean <= mean[best] + error[best]].max())
