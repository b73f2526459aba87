"""How small an effect the headline of a series would find: its own fit and interval, on series like this one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.autoregression import marginal_variance, simulate
from hubeval.engine.detection import Detection, Ends
from hubeval.engine.integrated import AR1, AR2, error_grid, posterior
from hubeval.methods.its.door.limits import LEAST_INTERVAL, LEAST_TOTAL, intervals_possible
from hubeval.methods.its.door.options import INFERENCE
from hubeval.methods.its.estimators.error_models import orthonormal
from hubeval.methods.its.estimators.series import fit_series
from hubeval.methods.its.inference.drawn_counts import Counts, interval
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.integrated import ErrorGrid
    from hubeval.methods.its.door.model import DesignMatrix, SeriesModel
    from hubeval.methods.its.estimators.error_models import Fitted

    Floats = NDArray[np.float64]

CHUNK = 250  # series whose grids are in memory together
REFITTED = 200  # draws where each must be fitted on its own
# by periods a side, how often fresh series found a level change said to be found 80% of the time (docs/power.md)
FOUND = {12: "79%", 24: "70% to 75%"}


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
        draws = min(draws, REFITTED)
        errors, variances = _drawn(noise, model.n, draws, rng), noise.variances(draws, rng)
        counts = Counts(model, fit.columns, fit.fitted, errors, variances, noise.variance)
        return replace(known, power=counts.power, scale=counts.scale, least=-counts.expected, draws=counts.draws,
                       method=_method(model, noise, counts.draws))
    ends = _ends(model, fit.columns, noise, draws, rng)
    return replace(known, power=ends.power, scale=ends.scale, draws=len(ends.low), notes=_notes(model),
                   method=_method(model, noise, len(ends.low)))


def _notes(model: SeriesModel) -> tuple[str, ...]:
    """How often such a size was found in fresh made-up series, where that is not what it says (docs/power.md)."""
    if any(one.impact != "level" for one in model.breaks) or model.controls:
        return ()
    plain = model.seasonality is None and not model.terms and len(model.breaks) == 1 and not model.silent.any()
    asked = plain and model.errors == "ar" and model.inference == "integrated" and not _whole_numbers(model)
    before, after = int(model.before.sum()), int(model.after.sum())
    shares = [share for each, share in FOUND.items() if max(abs(before - each), abs(after - each)) <= each / 4]
    if asked and shares:
        said = (f"For a level change alone, a size said to be found 80% of the time was found {shares[0]} of the time "
                "in made-up series about as long as this one: it is missed somewhat more often than it says.")
        return (said,)
    said = ("For a level change alone it was not measured how often such a size is found in series like this one. In "
            "made-up series of 24 and 48 periods without a season or other terms it was found 70% to 79% of the time, "
            "where 80% was said.")
    return (said,)


def _whole_numbers(model: SeriesModel) -> bool:
    """Whether the outcome is counts, read on its plain scale: other noise than was drawn."""
    return bool((model.y[~model.silent] >= 0).all() and (model.y[~model.silent] % 1 == 0).all())


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
        found = [interval(replace(model, y=model.offset + e), columns) for e in errors.T[:REFITTED]]
        return Ends(low=np.array([one[0] for one in found]), high=np.array([one[1] for one in found]))
    q, basis = orthonormal(columns.x)
    row = (columns.x - columns.without)[model.after].mean(axis=0) @ basis
    grid = error_grid(model.n, AR1 if model.errors == "ar1" else AR2)
    parts = [posterior(np.ascontiguousarray(errors[:, i : i + CHUNK]), q, grid).summary(row)
             for i in range(0, draws, CHUNK)]
    return Ends(low=np.concatenate([p.low for p in parts]), high=np.concatenate([p.high for p in parts]))


def _method(model: SeriesModel, noise: _Noise, draws: int) -> str:
    before, after = int(model.before.sum()), int(model.after.sum())
    rho = noise.partial[0]
    what = "counts" if model.log_link else "series"
    shape = {"level and slope": "a level change", "level": "a level change", "slope": "a steady change of slope",
             "ramp": "the declared ramp"}[model.breaks[0].impact]
    return (f"{draws:,} {what} drawn like this one once its estimated effect is taken out ({before} periods before, "
            f"{after} after, autocorrelation {rho:.2f}), each given to the headline's own fit; the effect put in is "
            f"{shape}, and its size is its average after the start.")
