"""Continuous exposure: how the effect grows with the dose, such as the share of sites open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hubeval.engine.fixed_effects import column_sums
from hubeval.engine.least_squares import least_squares
from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.estimators.cell_regression import check_panel
from hubeval.methods.did.estimators.cells import acting_from
from hubeval.methods.did.estimators.effects import Effects
from hubeval.result import FlowStep
from hubeval.shown import Shown
from hubeval.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

SHAPES = {"linear": 1, "quadratic": 2, "cubic": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseResponse(Shown):
    """Effects by dose.

    Attributes
    ----------
    level : Effects
        Effect of a dose, on the units that got about that dose; `overall` averages over the doses got.
    slope : Effects or None
        Change of the effect per unit of dose; causal only if units at one dose would have answered
        to another as those there did. `overall` averages over the doses got.
    """

    level: Effects
    slope: Effects | None

    def to_frame(self, conf_level: float = 0.95) -> pd.DataFrame:
        """One row a dose: level, then slope."""
        parts = [self.level.to_frame(conf_level).assign(what="level")]
        if self.slope is not None:
            parts.append(self.slope.to_frame(conf_level).assign(what="slope"))
        return pd.concat(parts, ignore_index=True)


def dose(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, exposure: str,
    weights: str | None = None, cluster: str | None = None, anticipation: int = 0,
    control: Literal["not-yet", "never"] = "not-yet",
    shape: Literal["linear", "quadratic", "cubic", "levels"] = "linear", doses: Sequence[float] | None = None,
) -> DoseResponse:
    """Dose-response of units that start treatment at different strengths.

    Each treated unit's mean change, from its last period before the start to all periods from the
    start on, less the same change of units not (yet) treated, is regressed on the dose. For a dose
    that varies over time after the start use `switching`.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, time, start : str
        Columns; `start` is the first treated period, blank for never treated.
    exposure : str
        Dose of a treated unit, the same in all its rows; not read for never treated units.
    weights, cluster : str, optional
        Clusters are the units unless named.
    anticipation : int
        Periods before the start in which treatment may already act.
    control : {"not-yet", "never"}
        Comparison in each period: units that start later than it too, or the never treated only.
    shape : {"linear", "quadratic", "cubic", "levels"}
        ``"levels"`` gives each dose its own mean.
    doses : sequence of float, optional
        Where to evaluate; the deciles of the doses got (or each dose, if there are ten or fewer).

    Returns
    -------
    DoseResponse

    Raises
    ------
    BadInput

    References
    ----------
    Callaway, B., Goodman-Bacon, A. & Sant'Anna, P. (2024). Difference-in-differences with a
    continuous treatment. NBER 32117.

    Examples
    --------
    >>> frame = pd.DataFrame({"la": np.repeat(list("abcdef"), 2), "year": [1, 2] * 6, "opened": [2] * 8 + [None] * 4,
    ...     "share": np.repeat([0.2, 0.4, 0.6, 0.8, 0, 0], 2), "rate": [5, 4, 6, 4, 7, 4, 8, 4, 5, 5, 6, 6.0]})
    >>> found = dose(frame, outcome="rate", unit="la", time="year", start="opened", exposure="share")
    >>> found.slope.overall.estimate.round(6).tolist(), found.level.estimate.round(6).tolist()
    ([-5.0], [-1.0, -2.0, -3.0, -4.0])
    """
    _check_options(control, shape)
    ready = frame.copy(deep=False)
    if exposure in ready.columns and start in ready.columns:
        ready[exposure] = ready[exposure].where(ready[start].notna(), 0.0)
    panel = read_panel(ready, outcome=outcome, unit=unit, time=time, start=start, weights=weights, cluster=cluster,
                       extra=(exposure,), anticipation=anticipation)
    check_panel(panel)
    got = _doses(panel, exposure)
    change, weight, borrowed = _changes(panel, anticipation, control)
    units = np.flatnonzero(np.isfinite(change) & (weight > 0))
    panel = _told(panel, units)
    at = _places(got[units], doses, shape)
    basis, slopes = _basis(shape, np.unique(got[units]))
    if shape == "levels":
        _refuse_lonely(panel, got, units)
    fit = _fit(panel, basis(got[units]), change[units], weight[units], units, borrowed)
    level = fit.effects(at, basis(at), basis(got[units]), "effect of a dose, on units that got about that dose")
    if slopes is None:
        return DoseResponse(level=level, slope=None)
    return DoseResponse(level=level, slope=fit.effects(
        at, slopes(at), slopes(got[units]),
        "change of the effect per unit of dose; causal only under strong parallel trends"))


def _check_options(control: str, shape: str) -> None:
    door = Door()
    door.choice("control", control, ("not-yet", "never"))
    door.choice("shape", shape, (*SHAPES, "levels"))
    door.close()


def _doses(panel: Panel, exposure: str) -> Floats:
    """One dose for each unit; refused where it varies, or is 0 for a treated unit."""
    values = panel.extra[exposure]
    low, high = np.full(panel.n_units, np.inf), np.full(panel.n_units, -np.inf)
    np.minimum.at(low, panel.unit, values)
    np.maximum.at(high, panel.unit, values)
    door = Door()
    varies = panel.ever & (high > low)
    if varies.any():
        door.refuse(f"exposure ({exposure})", f"varies over time in {int(varies.sum())} treated units",
                    "one dose for each treated unit", "Use did.switching for a dose that changes.")
    elif (panel.ever & (high <= 0)).any():
        door.refuse(f"exposure ({exposure})", f"is 0 or less in {int((panel.ever & (high <= 0)).sum())} treated units",
                    "above 0 where there is a start", "Blank their start, or fill the dose in.")
    door.close()
    return high


def _changes(panel: Panel, anticipation: int, control: str) -> tuple[Floats, Floats, list[tuple[Codes, Floats]]]:
    """Each treated unit's change less that of its comparison (NaN if none), unit weights, and what was borrowed.

    Borrowed: for every cohort its units, and the influence (N,) of all units on their comparison's mean change.
    """
    y, mass = (np.full((panel.n_units, panel.n_periods), np.nan) for _ in range(2))
    y[panel.unit, panel.time] = panel.y
    mass[panel.unit, panel.time] = 1.0 if panel.weights is None else panel.weights
    weight = np.nanmean(mass, axis=1)
    change = np.full(panel.n_units, np.nan)
    borrowed: list[tuple[Codes, Floats]] = []
    for cohort in panel.cohorts:
        base = acting_from(panel, cohort, anticipation) - 1
        inside = np.flatnonzero((panel.first == cohort) & np.isfinite(y[:, base]))
        moves, influence = [], np.zeros(panel.n_units)
        for t in range(cohort, panel.n_periods):
            later = ~panel.ever if control == "never" else panel.start > panel.clock[t] + anticipation
            later = later & np.isfinite(y[:, t]) & np.isfinite(y[:, base]) & (weight > 0)
            if not later.any():
                continue
            gap = y[:, t] - y[:, base]
            share = np.where(later, weight, 0.0) / weight[later].sum()
            mean = float(share[later] @ gap[later])
            moves.append(gap[inside] - mean)
            influence[later] += (share * (gap - mean))[later]
        if moves and len(inside):
            change[inside] = np.mean(moves, axis=0)
            borrowed.append((inside, influence / len(moves)))
    if not borrowed:
        raise BadInput([Problem("start", "no treated unit has a comparison", "units not (yet) treated in its periods",
                                "Add never treated units, or use control='not-yet'.")])
    return change, weight, borrowed


def _told(panel: Panel, units: Codes) -> Panel:
    """The panel whose flow says how many treated units have no change to be compared."""
    lost = panel.ever & ~np.isin(np.arange(panel.n_units), units)
    if not (n := int(lost.sum())):
        return panel
    step = FlowStep(label="treated units with a change to compare", n_rows=int((~lost[panel.unit]).sum()),
                    n_units=panel.n_units - n, note=f"{counted(n, 'treated unit')} left out: no outcome in a period "
                    "from the last before the start, or nobody to compare with")
    return replace(panel, flow=(*panel.flow, step))


def _places(got: Floats, doses: Sequence[float] | None, shape: str) -> Floats:
    """Doses at which to evaluate."""
    seen = np.unique(got)
    if doses is None:
        few = len(seen) <= 10 or shape == "levels"
        return seen if few else np.unique(np.quantile(got, np.linspace(0.1, 0.9, 9)))
    at = np.array(doses, dtype=np.float64)
    door = Door()
    outside = (at < seen[0]) | (at > seen[-1]) | (~np.isin(at, seen) if shape == "levels" else False)
    if outside.any():
        door.refuse("doses", f"{int(outside.sum())} lie where no unit is", f"between {seen[0]:g} and {seen[-1]:g}"
                    + (", doses that occur" if shape == "levels" else ""), "Leave them out.")
    door.close()
    return at


def _refuse_lonely(panel: Panel, got: Floats, units: Codes) -> None:
    pairs = np.unique(np.column_stack([got[units], panel.cluster[units]]), axis=0)
    seen, clusters = np.unique(pairs[:, 0], return_counts=True)
    if (clusters < 2).any():
        raise BadInput([Problem("shape", f"'levels' needs two {panel.cluster_name}s or more at each dose",
                                f"one only at {listed(f'{d:g}' for d in seen[clusters < 2])}",
                                "Choose 'linear', or group the doses.")])


def _basis(shape: str, seen: Floats) -> tuple[Callable[[Floats], Floats], Callable[[Floats], Floats] | None]:
    """Columns of the regression on the dose, and their derivatives."""
    if shape == "levels":
        return lambda d: np.asarray(d[:, None] == seen, dtype=np.float64), None
    degree = SHAPES[shape]
    powers = np.arange(degree + 1)

    def slopes(d: Floats) -> Floats:
        return np.column_stack([np.zeros(len(d)), *(k * d ** (k - 1) for k in range(1, degree + 1))])

    return lambda d: np.asarray(d[:, None] ** powers, dtype=np.float64), slopes


@dataclass(frozen=True, slots=True)
class _Fit:
    """Coefficients on the basis, and every unit's influence on them, (N, k)."""

    panel: Panel
    coef: Floats
    influence: Floats
    units: Codes
    share: Floats

    def effects(self, at: Floats, rows: Floats, own: Floats, estimand: str) -> Effects:
        """Combinations of the coefficients at doses `at`, and their mean over the doses got."""
        single = self._combined(rows, self.influence @ rows.T)
        fitted = own @ self.coef
        mean = float(self.share @ fitted)
        spread = self.influence @ (self.share @ own)
        spread[self.units] += self.share * (fitted - mean)  # the doses got are a sample too
        overall = replace(self._effects(np.array([mean]), self._covariance(spread[:, None]), ("ATT",), estimand),
                          by="overall")
        return replace(self._effects(*single, tuple(at.tolist()), estimand), overall=overall)

    def _combined(self, rows: Floats, influence: Floats) -> tuple[Floats, Floats]:
        return rows @ self.coef, self._covariance(influence)

    def _covariance(self, influence: Floats) -> Floats:
        g = self.panel.n_clusters
        summed = column_sums(self.panel.cluster, influence, g)
        return np.asarray(g / (g - 1) * summed.T @ summed)

    def _effects(self, estimate: Floats, v: Floats, keys: tuple[float | str, ...], estimand: str) -> Effects:
        panel = self.panel
        df = max(len(np.unique(panel.cluster[self.units])) - len(self.coef), 1)
        return Effects(
            method="dose-response", estimand=estimand, by="dose", keys=keys, estimate=estimate, covariance=v,
            inference=f"influence functions, clustered by {panel.cluster_name}, t with {df} degrees of freedom",
            df=float(df), n_treated=len(self.units), n_comparison=int((~panel.ever).sum()),
            n_clusters=panel.n_clusters, n_observations=panel.n_rows, flow=panel.flow, cautions=panel.cautions)


def _fit(
    panel: Panel, x: Floats, change: Floats, weight: Floats, units: Codes, borrowed: list[tuple[Codes, Floats]]
) -> _Fit:
    """Weighted least squares of the changes on the basis."""
    fit = least_squares(change, x, weight)
    if fit.dropped or len(np.unique(panel.cluster[units])) <= x.shape[1]:
        simpler = "Choose 'linear', or use" if x.shape[1] > 1 + SHAPES["linear"] else "Use"
        raise BadInput([Problem(
            "exposure", f"the doses of {counted(len(units), 'treated unit')} that can be compared carry no such curve",
            f"{x.shape[1]} distinct doses or more, and more treated clusters than that", f"{simpler} the group-time "
            "effect; or fill outcomes in: a unit needs one in each period from its last before the start.")])
    score = x * weight[:, None]
    influence = np.zeros((panel.n_units, x.shape[1]))
    influence[units] = score * fit.residuals[:, None]
    for cohort, spread in borrowed:
        influence -= np.outer(spread, score[np.isin(units, cohort)].sum(axis=0))
    return _Fit(panel, fit.coef, influence @ fit.bread, units, weight / weight.sum())
