"""A structural time series fitted before the start and carried forward: the comparison to CausalImpact."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Problem
from hubeval.methods.its.door.frames import bind
from hubeval.methods.its.door.limits import intervals_possible
from hubeval.methods.its.door.request import Request
from hubeval.result import Estimate, NotComputed
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.its.door.model import SeriesModel

    Floats = NDArray[np.float64]

_LEVELS = {"level": "local level", "trend": "local linear trend"}
COVERAGE = (
    "intervals of this kind with the usual default priors were measured to cover .52 to .94 of the time on short "
    "autocorrelated series without a trend, and hardly ever with a trend that the model leaves out"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Structural(Shown):
    """A counterfactual forecast and what the series did instead.

    Attributes
    ----------
    outcome, trend : str
    periods : tuple of str
        Periods from the start on.
    observed, expected, low, high : (m,) float
        Observed outcomes, and the forecast with its pointwise interval.
    draws : (S, m) float
        Simulated counterfactual paths: what sums and averages are read from.
    conf_level : float
    not_computed : tuple of NotComputed
        Why there is no interval, where there is none.
    """

    outcome: str
    trend: str
    periods: tuple[str, ...]
    observed: Floats
    expected: Floats
    low: Floats
    high: Floats
    draws: Floats
    conf_level: float = 0.95
    not_computed: tuple[NotComputed, ...] = ()

    def average(self) -> Estimate:
        """Average effect a period."""
        return self._estimate("average effect", self.observed.mean() - self.draws.mean(axis=1), 1 / len(self.periods))

    def cumulative(self) -> Estimate:
        """Effect summed over the periods after the start."""
        return self._estimate("cumulative effect", self.observed.sum() - self.draws.sum(axis=1), 1.0)

    def _estimate(self, term: str, paths: Floats, share: float) -> Estimate:
        tail = (1 - self.conf_level) / 2
        low, high = (float(q) for q in np.quantile(paths, [tail, 1 - tail]))
        below = (np.sum(paths < 0) + 0.5) / (len(paths) + 1)
        known = not self.not_computed
        return Estimate(
            term=term,
            estimand="observed less forecast, had the series gone on as its own structure and the controls say",
            outcome=self.outcome,
            unit=self.outcome,
            estimate=float((self.observed - self.expected).sum() * share),
            std_error=float(paths.std(ddof=1)) if known else None,
            conf_low=low if known else None,
            conf_high=high if known else None,
            conf_level=self.conf_level,
            p_value=float(2 * min(below, 1 - below)) if known else None,
            inference=f"{_LEVELS[self.trend]} model by maximum likelihood, simulated paths; {COVERAGE}",
            n_treated=1,
            n_observations=len(self.periods),
        )

    def summary(self) -> pd.DataFrame:
        """Average and cumulative effect with the share of simulated paths on the other side of zero."""
        rows = []
        for one in (self.average(), self.cumulative()):
            tail = None if one.p_value is None else one.p_value / 2
            rows.append(
                {
                    "term": one.term,
                    "estimate": one.estimate,
                    "std_error": one.std_error,
                    "conf_low": one.conf_low,
                    "conf_high": one.conf_high,
                    "tail_probability": tail,
                }
            )
        return pd.DataFrame(rows)

    def to_frame(self) -> pd.DataFrame:
        """Each period: observed, forecast, interval, effect."""
        return pd.DataFrame(
            {
                "time": self.periods,
                "observed": self.observed,
                "counterfactual": self.expected,
                "conf_low": self.low,
                "conf_high": self.high,
                "effect": self.observed - self.expected,
            }
        )


def structural(
    frame: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    start: str | int,
    covariates: Sequence[str] = (),
    unit: str | None = None,
    treated: Any = None,
    trend: Literal["level", "trend"] = "trend",
    control: Sequence[Any] = (),
    draws: int = 2000,
    seed: int = 20261122,
) -> Structural:
    """Forecast the series from what came before the start, with comparison series as regressors.

    A local level (or local linear trend) with regressions on the control series is fitted to the periods
    before the start alone (Brodersen et al. 2015, Annals of Applied Statistics 9:247, in its maximum
    likelihood form through statsmodels' ``UnobservedComponents``), and simulated forward. It is here for
    comparison: `segmented` is the analysis whose intervals were measured to hold.

    Parameters
    ----------
    frame, outcome, time, start, unit, treated, control
        As in `segmented`.
    covariates : sequence of str
        Further columns that the service cannot have moved.
    trend : {"trend", "level"}
        A local level without a slope is badly wrong where there is a trend.
    draws : int
        Simulated paths.
    seed : int

    Raises
    ------
    BadInput
        As in `segmented`; and fewer than 3 periods before the start more than regressors.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> draw = np.random.default_rng(3)
    >>> other = 20 + np.cumsum(draw.normal(size=60))
    >>> frame = pd.DataFrame({"t": np.arange(60), "other": other, "y": 2 * other + draw.normal(size=60)})
    >>> frame.loc[40:, "y"] += 10
    >>> found = structural(frame, outcome="y", time="t", start=40, control=["other"], trend="level").average()
    >>> bool(found.conf_low < 10 < found.conf_high)
    True
    """
    ask = Request(
        outcome=outcome,
        time=time,
        start=start,
        covariates=tuple(covariates),
        unit=unit,
        treated=treated,
        control=tuple(control),
    )
    model = bind(frame, ask)
    if draws < 100:
        raise BadInput([Problem("draws", f"found {draws}", "100 or more", "Use the default.")])
    parts = [] if model.comparison is None else list(model.comparison.series)
    x = np.column_stack([*parts, *(term.column for term in model.terms)]) if parts or model.terms else None
    return _forecast(model, x, trend, draws, seed)


def _forecast(model: SeriesModel, x: Floats | None, trend: str, draws: int, seed: int) -> Structural:
    from statsmodels.tsa.statespace.structural import UnobservedComponents  # noqa: PLC0415 - slow to import

    at, m = model.start, model.n - model.start
    k = 0 if x is None else x.shape[1]
    if at < k + 6:
        found = f"{at} periods before the start for {k} regressors"
        raise BadInput([Problem("start", found, f"at least {k + 6}", "Use fewer comparison series.")])
    scale, centre = float(model.y[:at].std()), float(model.y[:at].mean())
    early = (model.y[:at] - centre) / scale
    z = None if x is None else (x - x[:at].mean(axis=0)) / np.maximum(x[:at].std(axis=0), 1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence is judged on the forecast's own variance below
        kind = "llevel" if trend == "level" else "lltrend"
        fit = UnobservedComponents(early, level=kind, exog=None if z is None else z[:at]).fit(disp=0)
        later = None if z is None else z[at:]
        ahead = fit.get_forecast(m, exog=later)
    paths = _paths(fit, m, later, np.random.default_rng(seed).standard_normal((2 * m + 2, 2, draws)))
    expected, error = np.asarray(ahead.predicted_mean), np.asarray(ahead.se_mean)
    why = (
        ()
        if intervals_possible(model) and np.isfinite(error).all()
        else (
            NotComputed(
                what="intervals", reason="too few periods before or after the start, or the model did not converge"
            ),
        )
    )
    return Structural(
        outcome=model.outcome,
        trend=trend,
        periods=model.axis.labels[at:],
        observed=model.y[at:],
        expected=centre + scale * expected,
        low=centre + scale * (expected - 1.96 * error),
        high=centre + scale * (expected + 1.96 * error),
        draws=centre + scale * paths,
        not_computed=why,
    )


def _paths(fit: Any, m: int, exog: Floats | None, noise: Floats) -> Floats:
    """Simulated paths, (S, m), from the state at the end of the fitted periods; `noise` is (2 m + 2, 2, S)."""
    params = dict(zip(fit.model.param_names, np.asarray(fit.params), strict=True))
    mean, spread = fit.predicted_state[:, -1], fit.predicted_state_cov[:, :, -1]
    values, vectors = np.linalg.eigh(spread)
    k = len(mean)
    state = mean[:, None] + (vectors * np.sqrt(np.maximum(values, 0))) @ noise[0, :k]
    level, slope = state[0], state[1] if k > 1 else np.zeros_like(state[0])
    sizes = {name: np.sqrt(max(params.get(f"sigma2.{name}", 0.0), 0.0)) for name in ("irregular", "level", "trend")}
    beta = np.array([value for name, value in params.items() if name.startswith("beta")])
    fixed = np.zeros(m) if exog is None else exog @ beta
    out = np.empty((noise.shape[2], m))
    for t in range(m):
        first, second = noise[2 * t + 1], noise[2 * t + 2]
        out[:, t] = level + fixed[t] + sizes["irregular"] * first[0]
        level = level + slope + sizes["level"] * first[1]
        slope = slope + sizes["trend"] * second[0]
    return out
