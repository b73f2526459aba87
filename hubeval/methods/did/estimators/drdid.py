"""The effect on the treated between two periods: doubly robust, outcome regression, inverse probability.

Arrays in, estimates and influence out. Followed units are handled many cells at once: cells that
share treated units, comparison units and covariates share one propensity score and one projection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import expit

from hubeval.engine.logit import logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

Estimator = Literal["dr", "reg", "ipw", "improved"]
ESTIMATORS = ("dr", "reg", "ipw", "improved")
TRIM = 0.995  # comparison units more surely treated than this have no counterpart (R DRDID 1.2)


class NoOverlap(Exception):  # noqa: N818 - a reason, caught where the cell is built
    """The cell cannot be estimated; the message says why."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Effects of c cells on n rows.

    Attributes
    ----------
    estimate : (c,) float
    influence : (c, n) float
        Mean zero; the variance of the estimate is ``sum(influence**2) / n**2``.
    trimmed : int
        Comparison rows left out for want of a counterpart.
    """

    estimate: Floats
    influence: Floats
    trimmed: int = 0


def followed(change: Floats, treated: Mask, x: Floats, weights: Floats | None, estimator: Estimator) -> Effect:
    """Effects from changes of followed units.

    Parameters
    ----------
    change : (c, n) float
        Outcome after minus before, one row a cell.
    treated : (n,) bool
    x : (n, k) float
        With a constant first.
    weights : (n,) float or None
    estimator : {"dr", "reg", "ipw", "improved"}

    Notes
    -----
    Sant'Anna & Zhao (2020), with their influence functions; "improved" fits the score by inverse
    probability tilting and the outcome by weighted least squares, which removes first-step terms.

    Examples
    --------
    >>> import numpy as np
    >>> change = np.array([[3.0, 5.0, 1.0, 2.0]])
    >>> followed(change, np.array([True, True, False, False]), np.ones((4, 1)), None, "dr").estimate
    array([2.5])
    """
    n = len(treated)
    d = treated.astype(np.float64)
    w = np.ones(n) if weights is None else weights / weights.mean()
    p, first_step, keep = _score(d, x, w, estimator)
    wt = w * d * keep
    wc = w * keep * (1 - d) * p / (1 - p) if estimator != "reg" else np.zeros(n)
    wols = w * (1 - d) if estimator != "improved" else wc
    mt, mc = wt.mean(), wc.mean()
    if estimator == "ipw":
        rest, reach = change.copy(), np.zeros(n)
    else:
        inverse = _inverse((x * wols[:, None]).T @ x / n)
        beta = change @ (wols[:, None] * x) @ inverse / n  # (c, k)
        rest = change - beta @ x.T
        towards = (wt @ x / n) / mt - ((wc @ x / n) / mc if estimator == "dr" else 0.0)
        reach = wols * (x @ (inverse @ towards)) if estimator != "improved" else np.zeros(n)
    at = rest @ wt / n / mt
    if estimator == "reg":
        # the comparison's own mean is the projection's: nothing is weighted by the score
        influence = rest * (wt / mt - reach) - np.outer(at, wt / mt)
        return Effect(at, influence)
    ac = rest @ wc / n / mc
    # every term but the first is a combination of a few row vectors: one small product
    load, basis = np.column_stack([at, -ac]), np.stack([wt / mt, wc / mc])
    if estimator != "improved":
        cx = wc[:, None] * x
        moment = (rest @ cx - np.outer(ac, cx.sum(axis=0))) / n / mc  # (c, k)
        load = np.column_stack([load, moment @ first_step * n])
        basis = np.concatenate([basis, (x * (w * (d - p))[:, None]).T])
    rest *= wt / mt - wc / mc - reach
    rest -= load @ basis
    return Effect(at - ac, rest, int(n - keep.sum()))


def sections(
    y: Floats, after: Mask, treated: Mask, x: Floats, weights: Floats | None, estimator: Estimator
) -> Effect:
    """The effect of one cell from repeated cross-sections, locally efficient where doubly robust.

    Parameters
    ----------
    y : (n,) float
    after, treated : (n,) bool
    x : (n, k) float
        With a constant first.
    weights : (n,) float or None

    Notes
    -----
    Sant'Anna & Zhao (2020), eq. 3.4 ("dr", "improved"), and their outcome-regression and
    inverse-probability estimators for cross-sections. For "dr" the first-step term of the earlier
    period's outcome regression enters the influence with the sign that R ``DRDID`` 1.2.3 gives it, so
    that errors agree; by derivation it is the opposite. It vanishes where the score is right.
    """
    n = len(y)
    d, t = treated.astype(np.float64), after.astype(np.float64)
    w = np.ones(n) if weights is None else weights / weights.mean()
    p, first_step, keep = _score(d, x, w, estimator)
    odds = p / (1 - p)
    sums = _Sum(x, n)
    cells = {(a, b): (t if a else 1 - t) * (d if b else 1 - d) for a in (0, 1) for b in (0, 1)}
    if estimator == "reg":
        fits = {a: sums.regression(y, w * cells[a, 0]) for a in (0, 1)}
        for a, sign in ((1, 1.0), (0, -1.0)):
            sums.add(sign, w * cells[a, 1], y, {})
            sums.add(-sign, w * d, fits[a].fitted, {a: 1.0}, fits)
        return Effect(np.array([sums.estimate]), sums.influence[None, :])
    score = None if estimator == "improved" else (first_step * n, w * (d - p))
    if estimator == "ipw":
        for a, sign in ((1, 1.0), (0, -1.0)):
            sums.add(sign, keep * w * cells[a, 1], y, {})
            sums.add(-sign, keep * w * odds * cells[a, 0], y, {}, score=score)
        return Effect(np.array([sums.estimate]), sums.influence[None, :], int(n - keep.sum()))
    tilt = odds if estimator == "improved" else np.ones(n)
    outcome = {a: sums.regression(y, w * tilt * cells[a, 0]) for a in (0, 1)}
    treat = {a + 2: sums.regression(y, w * cells[a, 1]) for a in (0, 1)}
    fits = {} if estimator == "improved" else {**outcome, **treat}
    rest = y - np.where(after, outcome[1].fitted, outcome[0].fitted)
    for a, sign in ((1, 1.0), (0, -1.0)):
        # the sign of the dependence is DRDID's; see the notes
        sums.add(sign, keep * w * cells[a, 1], rest, {a: -sign}, fits)
        sums.add(-sign, keep * w * odds * cells[a, 0], rest, {a: -sign}, fits, score)
        gap = treat[a + 2].fitted - outcome[a].fitted
        for weight, direction in ((keep * w * d, sign), (keep * w * cells[a, 1], -sign)):
            sums.add(direction, weight, gap, {a + 2: 1.0, a: -1.0}, fits)
    return Effect(np.array([sums.estimate]), sums.influence[None, :], int(n - keep.sum()))


@dataclass(slots=True)
class _Fit:
    """A weighted regression on a subsample: fitted values for all, and what an influence needs."""

    fitted: Floats
    scores: Floats  # weights times residuals
    inverse: Floats


class _Sum:
    """Adds signed weighted means and their influence, first steps included."""

    def __init__(self, x: Floats, n: int) -> None:
        self.x, self.n = x, n
        self.estimate = 0.0
        self.influence = np.zeros(n)

    def regression(self, y: Floats, weight: Floats) -> _Fit:
        """Least squares of `y` on x under `weight`."""
        inverse = _inverse((self.x * weight[:, None]).T @ self.x / self.n)
        fitted = self.x @ (inverse @ ((weight * y) @ self.x / self.n))
        return _Fit(fitted, weight * (y - fitted), inverse)

    def add(
        self, sign: float, weight: Floats, value: Floats, depends: dict[int, float],
        fits: dict[int, _Fit] | None = None, score: tuple[Floats, Floats] | None = None,
    ) -> None:
        """Add ``sign * mean(weight * value) / mean(weight)``; `depends` says which fits `value` moves with."""
        mass = weight.mean()
        if mass <= 0:
            raise NoOverlap("no rows in one of its four groups")
        level = float(weight @ value / self.n / mass)
        self.estimate += sign * level
        self.influence += sign * weight * (value - level) / mass
        towards = weight @ self.x / self.n / mass
        for name, direction in depends.items():
            if fits:
                fit = fits[name]
                self.influence += sign * direction * fit.scores * (self.x @ (fit.inverse @ towards))
        if score is not None:
            bread, residual = score
            moment = (weight * (value - level)) @ self.x / self.n / mass
            self.influence += sign * residual * (self.x @ (bread @ moment))


def _score(d: Floats, x: Floats, w: Floats, estimator: Estimator) -> tuple[Floats, Floats, Floats]:
    """Propensity score, bread of its influence, and 1 for the rows that stay."""
    n, k = x.shape
    if not d.any() or d.all():
        raise NoOverlap("no treated or no comparison rows")
    if estimator == "reg":
        return np.zeros(n), np.empty((0, 0)), np.ones(n)
    if k == 1:
        share = float(w @ d / w.sum())
        return np.full(n, share), np.array([[1 / (w.sum() * share * (1 - share))]]), np.ones(n)
    if estimator == "improved":
        p, bread = _tilted(d, x, w), np.empty((0, 0))
    else:
        fit = logit(d, x, w)
        if fit.separated or not fit.converged:
            raise _no_score(x)
        p, bread = np.minimum(fit.probability, 1 - 1e-6), fit.bread
    keep = np.where((d == 0) & (p >= TRIM), 0.0, 1.0)
    return p, bread, keep


def _no_score(x: Floats) -> NoOverlap:
    """Why no score can be fitted: columns that say the same thing twice, or no overlap."""
    if np.linalg.matrix_rank(x) < x.shape[1]:
        return NoOverlap("a covariate is the same in all its rows, or follows from the others")
    return NoOverlap("the covariates tell treated from untreated perfectly: there is no overlap")


def _tilted(d: Floats, x: Floats, w: Floats) -> Floats:
    """Score by inverse probability tilting (Graham, Pinto & Egel 2012): odds that balance x exactly."""
    start = logit(d, x, w)
    if start.separated:
        raise _no_score(x)
    scale = np.abs(x).max(axis=0)
    xs = x / scale
    gamma = start.coef * scale
    target = (w * d) @ xs
    for _ in range(200):
        odds = w * (1 - d) * np.exp(np.clip(xs @ gamma, -50, 50))
        gap = target - odds @ xs
        step = np.linalg.lstsq((xs * odds[:, None]).T @ xs, gap, rcond=None)[0]
        size = 1.0
        loss = float(odds.sum() - target @ gamma)
        while size > 1e-6 and float((w * (1 - d)) @ np.exp(np.clip(xs @ (gamma + size * step), -50, 50))
                                    - target @ (gamma + size * step)) > loss + 1e-12 * abs(loss):
            size /= 2
        gamma = gamma + size * step
        if float(np.abs(xs @ step).max()) < 1e-11:
            return np.asarray(np.minimum(expit(xs @ gamma), 1 - 1e-6))
    raise NoOverlap("no weights balance the covariates: there is too little overlap")


def _inverse(matrix: Floats) -> Floats:
    """Inverse of a moment matrix, refused where the comparison rows cannot tell the covariates apart."""
    size = np.sqrt(np.diag(matrix))
    if not (size > 0).all():
        raise NoOverlap("a covariate is zero in all its comparison rows")
    scaled = matrix / np.outer(size, size)
    if np.linalg.cond(scaled) > 1e14:
        raise NoOverlap("its covariates are collinear among the comparison rows")
    return np.asarray(np.linalg.inv(scaled) / np.outer(size, size))
