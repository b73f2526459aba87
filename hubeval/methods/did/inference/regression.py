"""How a two-way regression is read: its coefficients' errors, intervals and p-values by the inference asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.engine.few_clusters import bias_reduced, wild
from hubeval.errors import Door
from hubeval.methods.did.estimators.two_way import TwoWayFit, fit_columns, within
from hubeval.methods.did.inference.few_treated import few_treated
from hubeval.methods.did.inference.permutation.two_way import placebo_two_way
from hubeval.methods.did.inference.rule import (
    METHODS,
    Reading,
    by_welch,
    estimates,
    from_placebo,
    from_t,
    without_error,
)
from hubeval.result import NotComputed
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.two_way import Columns
    from hubeval.methods.did.inference.permutation.placebo import Placebo
    from hubeval.result import Estimate

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

# up to here joint tests of an event study use permuted starts: a Wald test on few clusters rejects too often
PERMUTED_UP_TO = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression(Shown):
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
    found : TwoWayFit or None
        The fit behind it.
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
    found: TwoWayFit | None = field(repr=False, default=None)

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


def regress(
    panel: Panel, columns: Columns, terms: tuple[str, ...], estimand: str, method: str, because: str,
    conf_level: float, seed: int, times: Floats | None = None,
) -> Regression:
    """Regress the outcome on the columns made of the starts, and read it as asked."""
    found = fit_columns(panel, columns, terms)
    fit, k = found.fit, len(terms)
    reading, drawn = _read(found, times, method, because, conf_level, seed)
    absent = [NotComputed(what=f"covariate {panel.covariates[j - k]}",
                          reason="unit and period effects and the covariates before it already say all it says")
              for j in fit.dropped if j >= k]
    return Regression(terms=terms, estimand=estimand, estimate=found.coef, covariance=fit.covariance[:k, :k],
                      df=fit.df, reading=reading, panel=panel, conf_level=conf_level, placebo=drawn,
                      not_computed=tuple(absent), found=found)


def _read(
    found: TwoWayFit, times: Floats | None, method: str, because: str, conf_level: float, seed: int
) -> tuple[Reading, Placebo | None]:
    panel, effects, fit, k = found.panel, found.effects, found.fit, len(found.terms)
    coef = found.coef
    drawn = None
    if method == "permutation" or (k > 1 and panel.n_units <= PERMUTED_UP_TO and not panel.made):
        drawn = placebo_two_way(found, times=times, seed=seed)
    if method == "permutation" and drawn is not None:
        return from_placebo(drawn, conf_level, because), drawn
    if method in {"conley-taber", "ferman-pinto"}:
        return few_treated(panel, effects, fit.residuals, float(coef[0]), by_size=method == "ferman-pinto",
                           conf_level=conf_level, seed=seed), drawn
    if (alone := one_cluster(panel)) and method != "wild":
        return without_error(coef, f"none: {alone}, from which a cluster-robust error cannot be had"), drawn
    if method == "welch":
        return by_welch(coef, found.influence, panel, conf_level, because)[0], drawn
    if method == "cluster":
        words = clustered_words(panel, fit.df, because)
        return from_t(coef, np.sqrt(np.diag(fit.covariance)[:k]), fit.df, conf_level, words), drawn
    return _from_clusters(found, method, because, conf_level, seed), drawn


def one_cluster(panel: Panel) -> str:
    """Say that one cluster stands alone on a side, or nothing."""
    others = panel.n_clusters - panel.clusters_treated
    if panel.clusters_treated == 1:
        return f"one {panel.cluster_name} is treated"
    return f"one {panel.cluster_name} is untreated" if others == 1 else ""


def _from_clusters(found: TwoWayFit, method: str, because: str, conf_level: float, seed: int) -> Reading:
    """The wild bootstrap, or errors whose bias is taken out, from the whole regression within units."""
    panel, effects, k = found.panel, found.effects, len(found.terms)
    by = f"by {panel.cluster_name} ({panel.n_clusters} clusters)"
    x = np.column_stack([found.columns(panel.start[panel.unit]), panel.x,
                         np.eye(panel.n_periods)[panel.time][:, 1:]])
    y, x = within(effects, panel.y), within(effects, x)
    cluster = panel.cluster[panel.unit]
    if method == "wild":
        return _wild(y, x, cluster, found.coef, effects.weights, conf_level, seed, by)
    corrected = bias_reduced(x, found.fit.residuals, cluster, k, kind="cr3" if method == "cr3" else "cr2",
                             weights=effects.weights)
    df = corrected.df
    tail = f"; {because}" if because else ""
    words = tuple(f"cluster-robust ({method.upper()}) {by}, t with {d:.1f} Bell-McCaffrey degrees of freedom{tail}"
                  for d in df)
    return from_t(found.coef, np.sqrt(np.diag(corrected.covariance)), df, conf_level, words)


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


def check_options(inference: str, conf_level: float, methods: Sequence[str] = METHODS) -> None:
    """Refuse options that are not there."""
    door = Door()
    door.choice("inference", inference, methods)
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level}", "a number between 0 and 1", "Write 0.95.")
    door.close()
