"""One number from several studies: what they have in common, how far they differ, and where a new one may lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import optimize
from scipy.special import chdtrc, gammaincinv, ndtri, stdtr, stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Between = Literal["paule-mandel", "reml"]
_DRAWS = 4000  # for a further study; with twice as many its ends move by less than a twentieth of its length


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Effects of k studies (sites, councils), pooled.

    Attributes
    ----------
    estimate, std_error, low, high, p_value : float
        Mean over studies like these (random effects), with its t interval on k - 1 degrees of freedom.
    hartung_knapp : float
        Hartung and Knapp's error of the mean as it is, before it is held to be no smaller than the plain one.
    common, common_error, common_low, common_high : float
        Had all one effect (fixed effect), with a normal interval.
    weights : (k,) float
        In the random-effects mean; they sum to one.
    spread, spread_low, spread_high : float
        Standard deviation of true effects between studies, with the interval that Cochran's Q gives (Q-profile).
    share, share_low, share_high : float
        I squared, 0 to 1: the share of all variation that `spread` makes up, beside a typical study's error.
    q, q_p : float
        Cochran's test that all have one effect.
    new_low, new_high : float
        Where the true effect of a further such study would lie, 95 times in 100.
    shared : float
        Variance added because the studies' errors move together.
    """

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float
    hartung_knapp: float
    common: float
    common_error: float
    common_low: float
    common_high: float
    weights: Floats
    spread: float
    spread_low: float
    spread_high: float
    share: float
    share_low: float
    share_high: float
    q: float
    q_p: float
    new_low: float
    new_high: float
    shared: float = 0.0


def pool(
    effects: Floats, errors: Floats, together: Floats | None = None, *,
    between: Between = "paule-mandel", conf_level: float = 0.95,
) -> Pooled:  # fmt: skip
    """Random-effects and fixed-effect means of k estimates.

    The error of the mean is Hartung and Knapp's. It can come out tiny where studies agree by luck, so it is never taken
    to be smaller than the plain error of random effects (Knapp and Hartung's own correction); without it the interval
    covers too seldom where errors are unlike. Where a new study's effect lies is drawn from what the data say of the
    spread and of the mean together (Nagashima, Noma and Furukawa), since taking the spread as known covers too seldom.

    Parameters
    ----------
    effects, errors : (k,) float
        k of 2 or more; with 2 the interval on one degree of freedom is of little use.
    together : (k, k) float, optional
        Covariances of the estimates' errors where studies move together; the diagonal is not read. Hartung and Knapp's
        error cannot see what all share, so it is added.
    between : {"paule-mandel", "reml"}
        How the variance between studies is estimated.
    conf_level : float

    References
    ----------
    Paule, R. C. & Mandel, J. (1982), J. Research NBS 87:377. Hartung, J. & Knapp, G. (2001), Statistics in Medicine
    20:3875. Knapp, G. & Hartung, J. (2003), Statistics in Medicine 22:2693. IntHout, J., Ioannidis, J. P. A. & Borm,
    G. F. (2014), BMC Medical Research Methodology 14:25. Viechtbauer, W. (2005), Journal of Educational and Behavioral
    Statistics 30:261 (REML). Viechtbauer, W. (2007), Statistics in Medicine 26:37 (the interval of the spread).
    Nagashima, K., Noma, H. & Furukawa, T. A. (2019), Statistical Methods in Medical Research 28:1689.

    Examples
    --------
    >>> found = pool(np.array([1.0, 2.0, 3.0, 6.0]), np.full(4, 0.5))
    >>> round(found.estimate, 9), round(found.std_error, 3), round(found.spread, 2)
    (3.0, 1.08, 2.1)
    >>> again = pool(np.array([1.0, 2.0, 3.0, 6.0]), np.full(4, 0.5), between="reml")
    >>> round(again.spread, 2), round(again.spread_low, 2), round(again.spread_high, 2), round(again.share, 2)
    (2.1, 1.12, 8.04, 0.95)
    """
    k, tail, v = len(effects), (1 + conf_level) / 2, errors**2
    t2 = _BETWEEN[between](effects, v)
    fit, flat = _mean(effects, v, t2), _mean(effects, v, 0.0)
    weights = fit.weights / fit.weights.sum()
    shared = 0.0 if together is None else max(float(weights @ _off_diagonal(together) @ weights), 0.0)
    hartung_knapp = float(np.sqrt(fit.q / (k - 1) / fit.weights.sum()))
    common_error = float(flat.weights.sum() ** -0.5)
    error = float(np.sqrt(max(hartung_knapp**2, 1 / fit.weights.sum()) + shared))
    half = float(stdtrit(k - 1, tail)) * error
    new_low, new_high = _new(effects, v, shared, tail)
    normal = float(ndtri(tail)) * common_error
    ends = tuple(_q_is(effects, v, float(2 * gammaincinv((k - 1) / 2, at))) for at in (tail, 1 - tail))
    shares = [t / (t + _typical(v)) for t in (t2, *ends)]
    return Pooled(
        estimate=fit.mean, std_error=error, low=fit.mean - half, high=fit.mean + half,
        p_value=float(2 * stdtr(k - 1, -abs(fit.mean) / error)),
        hartung_knapp=hartung_knapp, common=flat.mean, common_error=common_error, common_low=flat.mean - normal,
        common_high=flat.mean + normal, weights=weights, spread=float(np.sqrt(t2)),
        spread_low=float(np.sqrt(ends[0])), spread_high=float(np.sqrt(ends[1])), share=shares[0], share_low=shares[1],
        share_high=shares[2], q=flat.q, q_p=float(chdtrc(k - 1, flat.q)), new_low=new_low,
        new_high=new_high, shared=shared)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Mean:
    """Weighted mean at one variance between studies, its weights, (k,), and the weighted squares about it."""

    mean: float
    weights: Floats
    q: float


def _mean(y: Floats, v: Floats, t2: float) -> _Mean:
    w = 1 / (v + t2)
    mean = float(w @ y / w.sum())
    return _Mean(mean, w, float(w @ (y - mean) ** 2))


def _q_is(y: Floats, v: Floats, target: float) -> float:
    """The variance between studies at which the generalised Q, which falls with it, is `target`; 0 where none is."""
    if _mean(y, v, 0.0).q <= target:
        return 0.0
    high = _least_high(y, v)
    while _mean(y, v, high).q > target:
        high *= 4
    return float(optimize.brentq(lambda t: _mean(y, v, t).q - target, 0.0, high, xtol=1e-14 * high, rtol=1e-14))


def _new(y: Floats, v: Floats, shared: float, tail: float) -> tuple[float, float]:
    """Where a further study's effect lies: the spread by its confidence distribution, and the mean given it."""
    k = len(y)
    chance, own, off = _points(k)
    t2 = np.r_[0.0, np.geomspace(1e-6, 1e6, 600) * _least_high(y, v)]
    w = 1 / (v + t2[:, None])
    mean = w @ y / w.sum(axis=1)
    q = (w * (y - mean[:, None]) ** 2).sum(axis=1)
    error = np.sqrt(np.maximum(q / (k - 1), 1) / w.sum(axis=1) + shared)
    drawn = np.interp(-chance, -q, t2)  # q falls with the spread
    new = np.interp(drawn, t2, mean) + np.sqrt(drawn) * own + off * np.interp(drawn, t2, error)
    low, high = np.quantile(new, [1 - tail, tail])
    return float(low), float(high)


@cache
def _points(k: int) -> tuple[Floats, Floats, Floats]:
    """Evenly spread draws of Q, of a normal and of a t, paired by lot once and for all: one answer for one question."""
    at, lot = (np.arange(_DRAWS) + 0.5) / _DRAWS, np.random.default_rng(2019)
    chance, own, off = (lot.permutation(at) for _ in range(3))
    squared, normal = np.asarray(2 * gammaincinv((k - 1) / 2, chance), dtype=np.float64), ndtri(own)
    made = squared, normal, stdtrit(k - 1, off)
    for one in made:
        one.setflags(write=False)
    return made


def _paule_mandel(y: Floats, v: Floats) -> float:
    return _q_is(y, v, len(y) - 1.0)


def _reml(y: Floats, v: Floats) -> float:
    """The highest of the restricted likelihood's peaks at or above zero."""
    high = _least_high(y, v)
    while _score(y, v, high) > 0:
        high *= 4
    grid = np.r_[0.0, np.geomspace(1e-6 * high, high, 120)]
    slope = np.array([_score(y, v, float(t)) for t in grid])
    peaks = [0.0] + [
        float(optimize.brentq(lambda t: _score(y, v, t), grid[i], grid[i + 1], xtol=1e-14 * high, rtol=1e-14))
        for i in np.flatnonzero((slope[:-1] > 0) & (slope[1:] <= 0))
    ]
    return max(peaks, key=lambda t: _restricted(y, v, t))


def _restricted(y: Floats, v: Floats, t2: float) -> float:
    """Restricted log likelihood, up to a constant."""
    fit = _mean(y, v, t2)
    return float(np.log(fit.weights).sum() - np.log(fit.weights.sum()) - fit.q) / 2


def _score(y: Floats, v: Floats, t2: float) -> float:
    """Its slope in the variance between studies."""
    fit = _mean(y, v, t2)
    w = fit.weights
    return float(w**2 @ (y - fit.mean) ** 2 - w.sum() + w @ w / w.sum()) / 2


def _least_high(y: Floats, v: Floats) -> float:
    return float(y.var(ddof=1) + v.max())


def _typical(v: Floats) -> float:
    """Higgins and Thompson's typical variance within a study."""
    w = 1 / v
    return float((len(v) - 1) / (w.sum() - w @ w / w.sum()))


def _off_diagonal(v: Floats) -> Floats:
    return np.where(np.eye(len(v), dtype=bool), 0.0, v)


_BETWEEN = {"paule-mandel": _paule_mandel, "reml": _reml}
