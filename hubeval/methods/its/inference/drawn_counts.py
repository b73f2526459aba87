"""Counts drawn like a series, and whether the headline's own fit finds an effect in each: all draws fitted at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from hubeval.engine.counts import working_problem, working_problems
from hubeval.engine.integrated import AR1, AR2, error_grid
from hubeval.engine.own_designs import own_posteriors
from hubeval.errors import BadInput
from hubeval.methods.its.door.model import RARE
from hubeval.methods.its.estimators.effects import contrast
from hubeval.methods.its.estimators.error_models import estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.its.door.model import DesignMatrix, SeriesModel
    from hubeval.methods.its.estimators.error_models import Fitted

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

TOGETHER = 16  # draws whose grids are in memory, and in the processor's, together
TAIL = 0.025


def interval(model: SeriesModel, columns: DesignMatrix) -> tuple[float, float]:
    """The headline's interval of one drawn series; without an end where it cannot be fitted."""
    try:
        fitted = estimate(model, columns)
    except BadInput:
        return -np.inf, np.inf
    window = np.flatnonzero(model.after)
    found = contrast(model, columns, fitted, window, mean=True).absolute
    return float(found[1]), float(found[2])


def told(model: SeriesModel, columns: DesignMatrix, y: Floats) -> tuple[Bools, Bools]:
    """In which of the drawn series, (N, n), an effect is found, and which could be fitted at all; both (N,).

    An effect is found where the headline's interval leaves out zero. For that its ends need not be known: it is
    enough how much of the posterior is below zero. What the headline's own steps take another way (rare counts, fits
    that run off, other intervals, negative binomial counts) is fitted one by one, by them.
    """
    found, fitted = np.zeros(len(y), dtype=bool), np.zeros(len(y), dtype=bool)
    rare = y[:, model.before].mean(axis=1) < RARE
    if model.inference != "integrated" or model.family != "poisson" or (model.comparison or model).rare:
        rare[:] = True
    for i in range(0, len(y), TOGETHER):
        some = np.arange(i, min(i + TOGETHER, len(y)))[~rare[i : i + TOGETHER]]
        if len(some):
            fitted[some], found[some] = _told_together(model, columns, y[some])
    for i in np.flatnonzero(~fitted).tolist():
        low, high = interval(replace(model, y=y[i]), columns)
        found[i], fitted[i] = low > 0 or high < 0, np.isfinite(low)
    return found, fitted


def _told_together(model: SeriesModel, columns: DesignMatrix, y: Floats) -> tuple[Bools, Bools]:
    """Which fits can be relied on, and in which an effect is found; as `estimate` and `contrast`, without the ends."""
    beside, weight = model.comparison, None
    if beside is not None:
        own = working_problems(y, columns.x, beside.own)
        total, exposure = beside.series.sum(axis=0), np.log(beside.exposure.sum(axis=0))
        weight = 1 / (1 / own.mean + 1 / working_problem(total, columns.x, exposure).mean)
    made = working_problems(y, columns.x, model.offset, weight=weight)
    kept = np.flatnonzero(made.converged if beside is None else made.converged & own.converged)
    sure, found = np.zeros(len(y), dtype=bool), np.zeros(len(y), dtype=bool)
    if not len(kept):
        return sure, found
    grid = error_grid(model.n, AR1 if model.errors == "ar1" else AR2)
    fit = own_posteriors(made.y[kept], made.x[kept], grid, floor=1.0)
    change = (columns.x - columns.without)[model.after]
    reached = made.mean[kept][:, model.after]
    expected = reached * np.exp(-fit.coef @ change.T)
    row = expected @ change / expected.sum(axis=1, keepdims=True)
    away = np.einsum("nk,nk->n", row, fit.coef) - np.log(reached.sum(axis=1) / expected.sum(axis=1))
    below = fit.below(row, away)
    sure[kept] = np.isfinite(below)
    found[kept] = (below < TAIL) | (below > 1 - TAIL)
    return sure, found & sure


class Counts:
    """Drawn counts: as dispersed and as autocorrelated as the fit leaves them, each draw fitted again.

    The same random numbers serve every effect, so that power moves with the effect alone; and a draw in which an
    effect was found is not fitted again for a larger one of the same sign, nor for a smaller one where it was not.
    """

    def __init__(
        self, model: SeriesModel, columns: DesignMatrix, fitted: Fitted, errors: Floats, variances: Floats,
        variance: float,
    ) -> None:
        self.model, self.columns, self.fitted, self.draws = model, columns, fitted, len(variances)
        self.line = _line(model, columns, fitted)
        self.after = model.after
        self.expected = float(np.exp(self.line[self.after]).mean())
        self.shape = _shape(model, columns)
        self.place = ndtr(errors)
        self.dispersion = np.maximum(variances, 1.0)
        self.seen = {sign: (np.zeros(self.draws), np.full(self.draws, np.inf)) for sign in (1, -1)}
        self.scale = min(0.9, 3 * float(np.sqrt(variance / max(self.expected, 1e-9) / self.after.sum()))
                         ) * self.expected

    def power(self, effect: float) -> float:
        """Share of drawn series in which an average effect of this size, in counts, is found."""
        missed, hit = self.seen[1 if effect >= 0 else -1]
        size = abs(effect)
        mean = np.maximum(np.exp(self.line) + effect * self._spread(), 1e-9)
        open_ = np.flatnonzero((missed < size) & (hit > size)) if size else np.arange(self.draws)
        drawn = _counts(mean, self.place[:, open_], self.dispersion[open_], self._weight(mean))
        found = hit <= size
        now, fitted = told(self.model, self.columns, np.ascontiguousarray(drawn.T))
        found[open_] = now
        if size:
            hit[open_[now]] = size
            missed[open_[fitted & ~now]] = size
        return float(found.mean())

    def _spread(self) -> Floats:
        """How an average effect of one count falls over the periods: in proportion to what was expected, (n,)."""
        parts = np.where(self.shape != 0, self.shape * np.exp(self.line), 0.0)
        return np.asarray(parts / parts[self.after].mean())

    def _weight(self, mean: Floats) -> Floats:
        """Inverse variance of the log of a count of this mean, as the fit takes it, (n,)."""
        return np.asarray(self.fitted.root_weight**2 * mean / self.fitted.mean)


def _line(model: SeriesModel, columns: DesignMatrix, fitted: Fitted) -> Floats:
    """Log means without an effect: the level before the start, moved by season, declared terms and exposure, (n,).

    The trend is left out: carried on to the end it would be most of what so few counts are said to be, and a guess.
    """
    kept = ~columns.effect
    kept[[columns.names.index(name) for name in ("intercept", "trend")]] = False
    line = np.asarray(model.offset + columns.x[:, kept] @ fitted.fit.coef[kept])
    return np.asarray(line + np.log(max(model.y[model.before].mean(), 0.5) / np.exp(line)[model.before].mean()))


def _counts(mean: Floats, place: Floats, dispersion: Floats, weight: Floats) -> Floats:
    """Counts of these means at these places of their distribution: negative binomial, or Poisson, (n, draws)."""
    from scipy.stats import nbinom, poisson  # noqa: PLC0415 - slow to import, and for counts alone

    variance = np.outer(mean**2 / weight, dispersion)
    m = np.broadcast_to(mean[:, None], variance.shape)
    wide = variance > m * (1 + 1e-6)
    size = np.where(wide, m**2 / np.where(wide, variance - m, 1.0), 1.0)
    drawn = np.where(wide, nbinom.ppf(place, size, size / (size + m)), poisson.ppf(place, m))
    return np.asarray(drawn, dtype=np.float64)


def _shape(model: SeriesModel, columns: DesignMatrix) -> Floats:
    """The declared shape of the first interruption's effect, averaging one over the periods after the start, (n,)."""
    first = columns.x[:, int(np.flatnonzero(columns.effect)[0])]
    return np.asarray(first / first[model.after].mean())
