"""Two-way fixed effects: unit and period effects and one treatment indicator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.engine.absorbed import Absorbed, absorbed
from hubeval.engine.few_clusters import bias_reduced, wild
from hubeval.engine.fixed_effects import TwoWay
from hubeval.engine.fixed_effects import two_way as unit_and_period
from hubeval.errors import Door, listed
from hubeval.methods.did.balanced import two_means
from hubeval.methods.did.few_treated import few_treated
from hubeval.methods.did.inference import METHODS, Method, Reading, choose, estimates, from_placebo, from_t
from hubeval.methods.did.panel import Panel, read_panel
from hubeval.methods.did.permutation import Placebo, placebo
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from hubeval.result import Estimate

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

# up to here joint tests of an event study use permuted starts: a Wald test on few clusters rejects too often
PERMUTED_UP_TO = 500
ESTIMAND = ("average effect on treated unit-periods as two-way fixed effects weights them; the average effect on the "
            "treated if effects do not differ by cohort or time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """A fitted two-way regression: coefficients with joint covariance, and the reading that is shown.

    Attributes
    ----------
    terms, event_times : tuple
        One term a coefficient; event times where it is an event study, else empty.
    estimate : (k,) float
    covariance : (k, k) float
        Clustered (CR1), for tests and bounds; the reading may come from elsewhere.
    df : float
    reading : Reading
        Error, interval and p-value by the inference asked for.
    panel : Panel
    placebo : Placebo or None
        The permuted starts, where they were made.
    not_computed : tuple of NotComputed
    """

    terms: tuple[str, ...]
    estimand: str
    estimate: Floats
    covariance: Floats
    df: float
    reading: Reading
    panel: Panel
    conf_level: float = 0.95
    event_times: tuple[float, ...] = ()
    placebo: Placebo | None = None
    not_computed: tuple[NotComputed, ...] = ()

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The coefficients as values that carry everything with them."""
        return estimates(self.terms, self.estimate, self.reading, self.panel, estimand=self.estimand,
                         conf_level=self.conf_level)

    def to_frame(self) -> pd.DataFrame:
        """One row a coefficient, in broom's columns."""
        frame = pd.DataFrame({
            "term": self.terms, "estimate": self.estimate, "std_error": self.reading.std_error,
            "conf_low": self.reading.conf_low, "conf_high": self.reading.conf_high, "p_value": self.reading.p_value})
        if self.event_times:
            frame.insert(1, "event_time", self.event_times)
        return frame


def two_way(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, covariates: Sequence[str] = (),
    weights: str | None = None, cluster: str | None = None, inference: Method = "auto", conf_level: float = 0.95,
    seed: int = 20261122,
) -> Regression:
    """Two-way fixed-effects difference-in-differences.

    Right for one start date; under staggered starts it mixes in comparisons with units treated
    earlier (Goodman-Bacon 2021): see `decompose`, and prefer `group_time`.

    Parameters
    ----------
    frame : DataFrame
    outcome, unit, time, start, covariates, weights, cluster : columns
        As everywhere in this room (`read_panel`). Errors cluster on the unit unless `cluster` is given.
    inference : str
        ``"auto"`` (see `choose`), ``"permutation"``, ``"cr2"``, ``"cr3"``, ``"wild"``, ``"conley-taber"``,
        ``"ferman-pinto"`` or ``"cluster"``.
    conf_level : float
    seed : int
        For inference that draws.

    Returns
    -------
    Regression

    Raises
    ------
    BadInput
        From the door of the panel, or for an option that is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AABBCC"), "year": [1, 2] * 3, "opened": [2, 2] + [None] * 4,
    ...                       "rate": [5.0, 3.0, 4.0, 4.5, 2.0, 2.5]})
    >>> fit = two_way(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> fit.to_frame()[["estimate", "p_value"]].round(3).values.tolist()
    [[-2.5, 0.333]]
    """
    check_options(inference, conf_level)
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                       weights=weights, cluster=cluster)
    return fit_two_way(panel, inference=inference, conf_level=conf_level, seed=seed)


def fit_two_way(
    panel: Panel, *, inference: Method = "auto", conf_level: float = 0.95, seed: int = 20261122
) -> Regression:
    """`two_way` on a panel that is already read."""
    _check_few_treated(panel, inference)
    method, because = choose(panel) if inference == "auto" else (inference, "")
    if method == "cluster" and panel.balanced and not panel.x.shape[1] and panel.weights is None:
        coef, variance = two_means(panel)
        estimate, df = np.array([coef]), float(panel.n_clusters - 1)
        words = clustered_words(panel, df, because)
        reading = from_t(estimate, np.array([np.sqrt(variance)]), df, conf_level, words)
        return Regression(terms=("ATT",), estimand=ESTIMAND, estimate=estimate, covariance=np.array([[variance]]),
                          df=df, reading=reading, panel=panel, conf_level=conf_level)
    return regress(panel, lambda start: (panel.clock[panel.time] >= start).astype(float)[:, None], ("ATT",), ESTIMAND,
                   inference, conf_level, seed)


def regress(
    panel: Panel, design: Callable[[Floats], Floats], terms: tuple[str, ...], estimand: str, inference: Method,
    conf_level: float, seed: int,
) -> Regression:
    """Regress the outcome on the columns that `design` makes of the starts, and read it as asked.

    Parameters
    ----------
    design : function
        From a start for every row, (n,), to the regressors, (n, k).
    """
    effects = unit_and_period(panel.unit, panel.time, panel.weights)
    x = np.column_stack([design(panel.start[panel.unit]), panel.x])
    fit = absorbed(panel.y, x, effects, panel.cluster[panel.unit])
    k = len(terms)
    _identified(fit, terms)
    _noisy(panel, fit)
    because, method = "", inference
    if method == "auto":
        method, because = choose(panel)
    reading, drawn = _read(panel, effects, design, fit, k, method, because, conf_level, seed)
    absent = [NotComputed(what=f"covariate {panel.covariates[j - k]}",
                          reason="unit and period effects and the covariates before it already say all it says")
              for j in fit.dropped if j >= k]
    return Regression(terms=terms, estimand=estimand, estimate=fit.coef[:k], covariance=fit.covariance[:k, :k],
                      df=fit.df, reading=reading, panel=panel, conf_level=conf_level, placebo=drawn,
                      not_computed=tuple(absent))


def _identified(fit: Absorbed, terms: tuple[str, ...]) -> None:
    """Refuse terms that unit and period effects already say: rows before, after or beside them are not there."""
    door = Door()
    if lost := [terms[j] for j in fit.dropped if j < len(terms)]:
        door.refuse("start", f"no usable row tells {listed(lost)} from the effects of units and periods",
                    "treated units seen before and after their start, and others not yet treated at the same time",
                    "Bring those rows, or units that start later or never.")
    door.close()


def _noisy(panel: Panel, fit: Absorbed) -> None:
    """Refuse covariates that reproduce the outcome: what is left is rounding, and would get a p-value."""
    door = Door()
    scale = float(np.abs(panel.y - panel.y.mean()).max())
    if panel.x.shape[1] and float(np.abs(fit.residuals).max()) <= 1e-9 * scale:
        door.refuse("covariates", f"{listed(panel.covariates)} reproduce {panel.outcome!r} exactly",
                    "covariates measured apart from the outcome", "Leave out the one that is a copy of it.")
    door.close()


def _read(
    panel: Panel, effects: TwoWay, design: Callable[[Floats], Floats], fit: Absorbed, k: int, method: str,
    because: str, conf_level: float, seed: int,
) -> tuple[Reading, Placebo | None]:
    coef = fit.coef[:k]
    drawn = None
    if method == "permutation" or (k > 1 and panel.n_units <= PERMUTED_UP_TO):
        inside = effects.residuals(panel.x) if panel.x.shape[1] else panel.x
        inside = inside[:, [j - k for j in fit.kept if j >= k]]
        drawn = placebo(panel, effects, design, inside, fit.residuals, coef, seed=seed)
    if method == "permutation" and drawn is not None:
        return from_placebo(drawn, conf_level, because), drawn
    tail = f"; {because}" if because else ""
    if method in {"conley-taber", "ferman-pinto"}:
        return few_treated(panel, effects, fit.residuals, float(coef[0]), by_size=method == "ferman-pinto",
                           conf_level=conf_level, seed=seed), drawn
    by = f"by {panel.cluster_name} ({panel.n_clusters} clusters)"
    if method == "cluster":
        words = clustered_words(panel, fit.df, because)
        return from_t(coef, np.sqrt(np.diag(fit.covariance)[:k]), fit.df, conf_level, words), drawn
    x = np.column_stack([design(panel.start[panel.unit]), panel.x, np.eye(panel.n_periods)[panel.time][:, 1:]])
    y, x = within(effects, panel.y), within(effects, x)
    cluster = panel.cluster[panel.unit]
    if method == "wild":
        return _wild(y, x, cluster, coef, effects.weights, conf_level, seed, by), drawn
    corrected = bias_reduced(x, fit.residuals, cluster, k, kind="cr3" if method == "cr3" else "cr2",
                             weights=effects.weights)
    df = corrected.df
    said = f"{df[0]:.1f}" if k == 1 else f"{df.min():.1f} to {df.max():.1f}"
    words = f"cluster-robust ({method.upper()}) {by}, t with {said} Bell-McCaffrey degrees of freedom{tail}"
    return from_t(coef, np.sqrt(np.diag(corrected.covariance)), df, conf_level, words), drawn


def clustered_words(panel: Panel, df: float, because: str = "") -> str:
    """How the plain clustered error was made."""
    tail = f"; {because}" if because else ""
    return (f"cluster-robust (CR1) by {panel.cluster_name} ({panel.n_clusters} clusters), t with {df:.0f} degrees of "
            f"freedom{tail}")


def _wild(
    y: Floats, x: Floats, cluster: Codes, coef: Floats, weights: Floats, conf_level: float, seed: int, by: str
) -> Reading:
    runs = [wild(x[:, j], y, np.delete(x, j, axis=1), cluster, weights=weights, conf_level=conf_level, seed=seed)
            for j in range(len(coef))]
    how = f"all {runs[0].draws:,}" if runs[0].exact else f"{runs[0].draws:,}"
    return Reading(
        std_error=np.full(len(coef), np.nan), conf_low=np.array([r.conf_low for r in runs]),
        conf_high=np.array([r.conf_high for r in runs]), p_value=np.array([r.p_value for r in runs]),
        words=f"wild cluster bootstrap t {by}, Webb weights, null imposed, {how} draws; interval by inversion")


def within(effects: TwoWay, values: Floats) -> Floats:
    """`values` less their (weighted) unit means, (n,) or (n, k) as given."""
    columns = values[:, None] if values.ndim == 1 else values
    means = np.column_stack([np.bincount(effects.first, effects.weights * c) for c in columns.T])
    return np.asarray(columns - (means / effects.mass[:, None])[effects.first]).reshape(values.shape)


def _check_few_treated(panel: Panel, inference: str) -> None:
    door = Door()
    if inference in {"conley-taber", "ferman-pinto"} and panel.ever.all():
        door.refuse("inference", f"{inference} needs units never treated, and there are none", "",
                    "Choose 'permutation'.")
    if inference == "ferman-pinto" and panel.weights is None:
        door.refuse("inference", "ferman-pinto needs the units' sizes", "a weights column",
                    "Name it in weights, or choose 'conley-taber'.")
    door.close()


def check_options(inference: str, conf_level: float, methods: Sequence[str] = METHODS) -> None:
    """Refuse options that are not there."""
    door = Door()
    door.choice("inference", inference, methods)
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level}", "a number between 0 and 1", "Write 0.95.")
    door.close()
