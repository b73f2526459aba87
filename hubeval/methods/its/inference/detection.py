"""How small an effect the headline of a series would find: its own fit and interval, on series like this one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from hubeval.engine.autoregression import marginal_variance, simulate
from hubeval.engine.detection import Detection, Ends
from hubeval.engine.integrated import AR1, AR2, error_grid, posterior
from hubeval.errors import BadInput
from hubeval.methods.its.door.limits import LEAST_INTERVAL, LEAST_TOTAL, intervals_possible
from hubeval.methods.its.door.options import INFERENCE
from hubeval.methods.its.estimators.effects import contrast
from hubeval.methods.its.estimators.error_models import estimate, orthonormal
from hubeval.methods.its.estimators.series import fit_series
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.integrated import ErrorGrid
    from hubeval.methods.its.door.model import DesignMatrix, SeriesModel
    from hubeval.methods.its.estimators.error_models import Fitted

    Floats = NDArray[np.float64]

CHUNK = 250  # series whose grids are in memory together
REFITTED = 200  # draws where each must be fitted on its own


def detect(model: SeriesModel, *, draws: int = 1_000, seed: int = 20261122) -> Detection:
    """How often the headline's average effect would be found in series like this one.

    The declared design is fitted and its effect taken out. Series are drawn with the autocorrelation and the noise
    of what is left (the noise itself as uncertain as so few periods leave it), an effect of the declared shape is
    put in, and each is given to the fit and the interval that the request names.

    Parameters
    ----------
    model : SeriesModel
        A request that has passed the door.
    draws, seed : int
        Series drawn; fewer where they cannot be fitted together.

    Examples
    --------
    >>> from hubeval.methods.its.door.axis import axis_of
    >>> from hubeval.methods.its.door.model import Break, SeriesModel
    >>> axis, _ = axis_of(range(48))
    >>> y = np.random.default_rng(1).normal(size=48)
    >>> model = SeriesModel(outcome="y", axis=axis, y=y, offset=np.zeros(48), terms=(),
    ...                     breaks=(Break(position=24, impact="level"),), transition=None, silent=np.zeros(48, bool),
    ...                     seasonality=None, family="gaussian", errors="ar", inference="integrated")
    >>> found = detect(model, draws=300)
    >>> 1.5 < found.smallest(0.8, 1) < 3.5
    True
    """
    before, after = int(model.before.sum()), int(model.after.sum())
    known = Detection(power=None, n_units=1 + len(model.controls), n_treated=1, n_periods=model.n)
    if not intervals_possible(model):
        reason = (f"{before} periods before and {after} after: below {LEAST_INTERVAL} a side or {LEAST_TOTAL} in all "
                  "no interval is given, so nothing can be found")
        return replace(known, missing=(NotComputed(what="power", reason=reason),))
    fit = fit_series(model)
    rng = np.random.default_rng(seed)
    expected = fit.average().counterfactual  # where it is not clearly above zero, `evaluate` gives no percentage either
    noise = _noise(model, fit.columns, fit.fitted)
    known = replace(known, level=float(model.y[model.before].mean()), level_low=expected.conf_low,
                    inference=f"{INFERENCE[model.inference].label}, as for the headline")
    if model.log_link:
        counts = _Counts(model, fit.columns, fit.fitted, noise, min(draws, REFITTED), rng)
        return replace(known, power=counts.power, scale=counts.scale, least=-counts.expected, draws=counts.draws,
                       method=_method(model, noise, counts.draws))
    ends = _ends(model, fit.columns, noise, draws, rng)
    return replace(known, power=ends.power, scale=ends.scale, draws=len(ends.low), notes=_notes(model),
                   method=_method(model, noise, len(ends.low)))


def _notes(model: SeriesModel) -> tuple[str, ...]:
    """How often such a size was found in fresh made-up series, where that is not what it says (docs/power.md)."""
    if any(one.impact != "level" for one in model.breaks) or model.controls:
        return ()
    said = ("For a level change alone, a size said to be found 80% of the time was found 70% to 79% of the time in "
            "made-up series of 24 and 48 periods: it is missed somewhat more often than it says.")
    return (said,)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noise:
    """What is left of a series once its design is taken out: one autocorrelation, and a variance that is a guess.

    Attributes
    ----------
    partial : (2,) float
        Partial autocorrelations, averaged over their posterior.
    variance : float
        Of one error, on the scale on which errors have constant variance.
    df : int
        Periods left over for it.
    """

    partial: Floats
    variance: float
    df: int

    def variances(self, draws: int, rng: np.random.Generator) -> Floats:
        """The variances that so few periods leave possible, (draws,)."""
        return self.variance * self.df / rng.chisquare(self.df, draws)


def _noise(model: SeriesModel, columns: DesignMatrix, fitted: Fitted) -> _Noise:
    if model.log_link:
        root = fitted.root_weight[:, None]
        x = root * columns.x
        rest = fitted.scaled
    else:
        x, rest = columns.x, model.y - model.offset
    q, _ = orthonormal(x)
    found = posterior(rest[:, None], q, _noise_grid(model), floor=1.0 if model.log_link else 0.0)
    weight = found.weight[0] / found.weight[0].sum()
    partial = weight @ found.partial
    nearest = int(((found.partial - partial) ** 2).sum(axis=1).argmin())
    variance = float(found.variance[0, nearest] * marginal_variance(found.partial[nearest]))
    return _Noise(partial=partial, variance=variance, df=found.df)


def _noise_grid(model: SeriesModel) -> ErrorGrid:
    """The error parameters that noise is drawn from: those of the interval, a little less wary of persistence.

    An interval must hold for the most persistent series; a size that is found as often as it says must be right for
    the typical one, and the more so the shorter the series. docs/power.md has the study.
    """
    prior = AR1 if model.errors == "ar1" else AR2
    return error_grid(model.n, replace(prior, persistent=prior.persistent + 6 / model.n))


def _drawn(noise: _Noise, n: int, draws: int, rng: np.random.Generator) -> Floats:
    """Errors of one variance, (n, draws)."""
    unit = np.full(draws, 1 / np.sqrt(marginal_variance(noise.partial)))
    return simulate(np.tile(noise.partial, (draws, 1)), unit, n, rng)


def _ends(
    model: SeriesModel, columns: DesignMatrix, noise: _Noise, draws: int, rng: np.random.Generator
) -> Ends:
    """Intervals of the average effect in series without one; an effect in the span of the design moves them whole."""
    errors = _drawn(noise, model.n, draws, rng) * np.sqrt(noise.variances(draws, rng))
    if model.inference != "integrated":
        found = [_interval(replace(model, y=model.offset + e), columns) for e in errors.T[:REFITTED]]
        return Ends(low=np.array([one[0] for one in found]), high=np.array([one[1] for one in found]))
    q, basis = orthonormal(columns.x)
    row = (columns.x - columns.without)[model.after].mean(axis=0) @ basis
    grid = error_grid(model.n, AR1 if model.errors == "ar1" else AR2)
    parts = [posterior(np.ascontiguousarray(errors[:, i : i + CHUNK]), q, grid).summary(row)
             for i in range(0, draws, CHUNK)]
    return Ends(low=np.concatenate([p.low for p in parts]), high=np.concatenate([p.high for p in parts]))


def _interval(model: SeriesModel, columns: DesignMatrix) -> tuple[float, float]:
    """The headline's interval of one drawn series; without an end where it cannot be fitted."""
    try:
        fitted = estimate(model, columns)
    except BadInput:
        return -np.inf, np.inf
    window = np.flatnonzero(model.after)
    found = contrast(model, columns, fitted, window, mean=True).absolute
    return float(found[1]), float(found[2])


class _Counts:
    """Drawn counts: as dispersed and as autocorrelated as the fit leaves them, each draw fitted again.

    The same random numbers serve every effect, so that power moves with the effect alone; and a draw in which an
    effect was found is not fitted again for a larger one of the same sign, nor for a smaller one where it was not.
    """

    def __init__(
        self, model: SeriesModel, columns: DesignMatrix, fitted: Fitted, noise: _Noise, draws: int,
        rng: np.random.Generator,
    ) -> None:
        self.model, self.columns, self.fitted, self.draws = model, columns, fitted, draws
        self.line = _line(model, columns, fitted)
        self.after = model.after
        self.expected = float(np.exp(self.line[self.after]).mean())
        self.shape = _shape(model, columns)
        self.place = stats.norm.cdf(_drawn(noise, model.n, draws, rng))
        self.dispersion = np.maximum(noise.variances(draws, rng), 1.0)
        self.seen = {sign: (np.zeros(draws), np.full(draws, np.inf)) for sign in (1, -1)}
        self.scale = min(0.9, 3 * float(np.sqrt(noise.variance / max(self.expected, 1e-9) / self.after.sum()))
                         ) * self.expected

    def power(self, effect: float) -> float:
        """Share of drawn series in which an average effect of this size, in counts, is found."""
        missed, hit = self.seen[1 if effect >= 0 else -1]
        size = abs(effect)
        mean = np.maximum(np.exp(self.line) + effect * self._spread(), 1e-9)
        open_ = np.flatnonzero((missed < size) & (hit > size)) if size else np.arange(self.draws)
        drawn = _counts(mean, self.place[:, open_], self.dispersion[open_], self._weight(mean))
        found = hit <= size
        for i, y in zip(open_, drawn.T, strict=True):
            low, high = _interval(replace(self.model, y=y), self.columns)
            found[i] = low > 0 or high < 0
            if size and found[i]:
                hit[i] = size
            elif size and np.isfinite(low):
                missed[i] = size
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
    variance = np.outer(mean**2 / weight, dispersion)
    m = np.broadcast_to(mean[:, None], variance.shape)
    wide = variance > m * (1 + 1e-6)
    size = np.where(wide, m**2 / np.where(wide, variance - m, 1.0), 1.0)
    drawn = np.where(wide, stats.nbinom.ppf(place, size, size / (size + m)), stats.poisson.ppf(place, m))
    return np.asarray(drawn, dtype=np.float64)


def _shape(model: SeriesModel, columns: DesignMatrix) -> Floats:
    """The declared shape of the first interruption's effect, averaging one over the periods after the start, (n,)."""
    first = columns.x[:, int(np.flatnonzero(columns.effect)[0])]
    return np.asarray(first / first[model.after].mean())


def _method(model: SeriesModel, noise: _Noise, draws: int) -> str:
    before, after = int(model.before.sum()), int(model.after.sum())
    rho = noise.partial[0]
    what = "counts" if model.log_link else "series"
    shape = {"level and slope": "a level change", "level": "a level change", "slope": "a steady change of slope",
             "ramp": "the declared ramp"}[model.breaks[0].impact]
    return (f"{draws:,} {what} drawn like this one once its estimated effect is taken out ({before} periods before, "
            f"{after} after, autocorrelation {rho:.2f}), each given to the headline's own fit; the effect put in is "
            f"{shape}, and its size is its average after the start.")
