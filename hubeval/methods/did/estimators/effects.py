"""What the regression and imputation estimators hand back: effects with their joint covariance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import stats

from hubeval.errors import Door
from hubeval.shown import Shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.result import Diagnostic, FlowStep, NotComputed

    Floats = NDArray[np.float64]

Kind = Literal["simple", "group", "event", "calendar"]
DRAWS = 20_000
PLENTY = 100  # units on either side from which errors need no small-sample correction
KINDS = ("simple", "group", "event", "calendar")
BY = {"simple": "overall", "group": "group", "event": "event_time", "calendar": "time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects(Shown):
    """Effects in a row, with the covariance that lets them be tested, combined and bounded together.

    Attributes
    ----------
    method, estimand, inference : str
        In words a methodologist can check.
    by : str
        Name of what `keys` count: ``event_time``, ``group``, ``time``, ``overall``, ``dose``, ...
    keys : tuple
        One key an effect.
    estimate : (k,) float
    covariance : (k, k) float
    df : float
        Degrees of freedom of the t distribution; inf for the normal.
    n_treated, n_comparison, n_clusters, n_observations : int
        Units ever treated and not, clusters, and rows used.
    overall : Effects or None
        The one-number summary of these effects.
    not_computed, flow, cautions : tuple
        What could not be computed; rows and units left out on the way, counted; what a reader must be told.
    """

    method: str
    estimand: str
    inference: str
    by: str
    keys: tuple[float | str, ...]
    estimate: Floats
    covariance: Floats
    df: float = np.inf
    n_treated: int = 0
    n_comparison: int = 0
    n_clusters: int = 0
    n_observations: int = 0
    overall: Effects | None = None
    not_computed: tuple[NotComputed, ...] = ()
    flow: tuple[FlowStep, ...] = ()
    cautions: tuple[Diagnostic, ...] = ()

    @property
    def std_error(self) -> Floats:
        """Pointwise standard errors, (k,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def critical_value(self, conf_level: float = 0.95) -> float:
        """Multiple of the errors whose band covers all effects together: the largest of joint t variates.

        Seeded draws from the joint covariance (Montiel Olea & Plagborg-Moller 2019). Effects without an error
        are left out.
        """
        seen = self.std_error > 0
        if not seen.any():
            return float("nan")
        scale = self.std_error[seen]
        values, vectors = np.linalg.eigh(self.covariance[np.ix_(seen, seen)] / np.outer(scale, scale))
        rng = np.random.default_rng(20261122)
        draws = rng.standard_normal((DRAWS, int(seen.sum()))) @ (vectors * np.sqrt(np.maximum(values, 0))).T
        if np.isfinite(self.df):
            draws /= np.sqrt(rng.chisquare(self.df, (DRAWS, 1)) / self.df)
        largest = float(np.quantile(np.abs(draws).max(axis=1), conf_level))
        if not self.n_clusters or min(self.n_treated, self.n_comparison) >= PLENTY:
            return max(largest, float(stats.t.ppf((1 + conf_level) / 2, self.df)))
        # few clusters hide how large the largest may be: Student's t of the smaller side, with room for all (Sidak)
        df = max(1.0, min(self.df, self.n_treated - 1.0, self.n_comparison - 1.0))
        return max(largest, float(stats.t.ppf((1 + conf_level ** (1 / int(seen.sum()))) / 2, df)))

    def to_frame(
        self, conf_level: float = 0.95, *, bands: Literal["pointwise", "uniform"] = "pointwise"
    ) -> pd.DataFrame:
        """One row an effect, in broom's columns; ``uniform`` intervals cover all effects together."""
        door = Door()
        door.choice("bands", bands, ("pointwise", "uniform"))
        door.close()
        frame = intervals(self.estimate, self.std_error, self.df, conf_level)
        if bands == "uniform":
            reach = self.critical_value(conf_level) * self.std_error
            frame["conf_low"], frame["conf_high"] = self.estimate - reach, self.estimate + reach
        frame.insert(0, self.by, list(self.keys))
        label = "" if self.by == "overall" else f"{self.by.replace('_', ' ')} "
        frame.insert(0, "term", [f"{label}{_plain(key)}" for key in self.keys])
        return frame


@dataclass(frozen=True, slots=True, kw_only=True)
class CellEffects(Shown):
    """Effects by cohort and period (cells), and what is needed to average them.

    Attributes
    ----------
    group, time : (k,) float
        Clock values of the cohort's start and of the period.
    estimate : (k,) float
    covariance : (k, k) float
    size : (k,) float
        Treated rows in the cell, or their summed weights.
    cohort_size : (k,) float
        Units in the cell's cohort, or their summed weights.
    covariates : Effects or None
        Coefficients of covariates, where the estimator has them.
    not_computed, flow, cautions : tuple
        As in `Effects`.
    """

    method: str
    estimand: str
    inference: str
    group: Floats
    time: Floats
    estimate: Floats
    covariance: Floats
    size: Floats
    cohort_size: Floats
    df: float = np.inf
    n_treated: int = 0
    n_comparison: int = 0
    n_clusters: int = 0
    n_observations: int = 0
    covariates: Effects | None = None
    not_computed: tuple[NotComputed, ...] = ()
    flow: tuple[FlowStep, ...] = ()
    cautions: tuple[Diagnostic, ...] = ()

    @property
    def event_time(self) -> Floats:
        """Periods since the start, (k,)."""
        return np.asarray(self.time - self.group)

    @property
    def std_error(self) -> Floats:
        """Pointwise standard errors, (k,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def to_frame(self, conf_level: float = 0.95) -> pd.DataFrame:
        """One row a cohort and period, in broom's columns; intervals are pointwise."""
        frame = intervals(self.estimate, self.std_error, self.df, conf_level)
        along = {"group": self.group, "time": self.time, "event_time": self.event_time}
        for place, (name, values) in enumerate(along.items()):
            frame.insert(place, name, values)
        frame.insert(0, "term", [f"ATT({g:g}, {t:g})" for g, t in zip(self.group, self.time, strict=True)])
        return frame

    def aggregate(self, kind: Kind = "simple") -> Effects:
        """Averages of the cells, their weights taken as fixed.

        ``simple`` averages every cell from the start on, by its size; ``event`` by periods since the
        start (overall: their mean from 0 on); ``group`` by cohort (overall: by cohort size);
        ``calendar`` by period (overall: the mean over periods).

        Examples
        --------
        >>> import numpy as np
        >>> cells = CellEffects(method="m", estimand="e", inference="i", group=np.array([2., 2., 3.]),
        ...     time=np.array([2., 3., 3.]), estimate=np.array([1., 2., 4.]), covariance=np.eye(3),
        ...     size=np.array([1., 1., 2.]), cohort_size=np.array([1., 1., 2.]))
        >>> cells.aggregate("event").to_frame()["estimate"].tolist()
        [3.0, 2.0]
        >>> cells.aggregate("simple").estimate.tolist()
        [2.75]
        """
        door = Door()
        door.choice("kind", kind, KINDS)
        door.close()
        keys, matrix = self._averages(kind)
        if kind == "simple":
            return self.combine(matrix, "overall", ("ATT",))
        if kind == "group":
            sizes = np.array([self.cohort_size[self.group == key][0] for key in keys])
            over = sizes / sizes.sum()
        else:
            after = keys >= 0 if kind == "event" else np.ones(len(keys), dtype=bool)
            over = after / after.sum()
        overall = self.combine((over @ matrix)[None, :], "overall", ("ATT",))
        return replace(self.combine(matrix, BY[kind], tuple(keys.tolist())), overall=overall)

    def _averages(self, kind: Kind) -> tuple[Floats, Floats]:
        """Keys, and the rows of weights on the cells that average within each."""
        post = self.event_time >= 0
        if kind == "simple":
            return np.zeros(1), (post * self.size / self.size[post].sum())[None, :]
        along = {"group": self.group, "event": self.event_time, "calendar": self.time}[kind]
        used = np.ones_like(post) if kind == "event" else post
        keys = np.unique(along[used])
        weights = (along[None, :] == keys[:, None]) * used * self.size
        return keys, weights / weights.sum(axis=1, keepdims=True)

    def combine(self, matrix: Floats, by: str, keys: tuple[float | str, ...]) -> Effects:
        """Linear combinations of the cells: `matrix` is (m, k), one row an effect."""
        # a weight of zero must not bring in the missing error of a cell it leaves out
        v = np.nan_to_num(self.covariance)
        hidden = (np.abs(matrix) @ np.isnan(np.diag(self.covariance))) > 0
        covariance = matrix @ v @ matrix.T
        covariance[hidden, :] = covariance[:, hidden] = np.nan
        return self.beside(matrix @ self.estimate, covariance, by, keys)

    def beside(self, estimate: Floats, covariance: Floats, by: str, keys: tuple[float | str, ...]) -> Effects:
        """Other effects that rest on the same fit."""
        return Effects(
            method=self.method, estimand=self.estimand, inference=self.inference, by=by, keys=keys,
            estimate=estimate, covariance=covariance, df=self.df, n_treated=self.n_treated,
            n_comparison=self.n_comparison, n_clusters=self.n_clusters, n_observations=self.n_observations,
            not_computed=self.not_computed, flow=self.flow, cautions=self.cautions)


def intervals(estimate: Floats, std_error: Floats, df: float, conf_level: float) -> pd.DataFrame:
    """Broom's columns for estimates with errors and one distribution.

    Examples
    --------
    >>> import numpy as np
    >>> intervals(np.array([2.0]), np.array([1.0]), np.inf, 0.95).round(3).to_dict("list")
    {'estimate': [2.0], 'std_error': [1.0], 'conf_low': [0.04], 'conf_high': [3.96], 'p_value': [0.046]}
    """
    door = Door()
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level}", "a number between 0 and 1", "Write 0.95.")
    door.close()
    reach = stats.t.ppf((1 + conf_level) / 2, df) * std_error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stats.t.sf(np.abs(estimate / std_error), df)
    return pd.DataFrame({"estimate": estimate, "std_error": std_error, "conf_low": estimate - reach,
                         "conf_high": estimate + reach, "p_value": p_value})


def _plain(key: float | str) -> str:
    return f"{key:g}" if isinstance(key, (int, float)) else key
