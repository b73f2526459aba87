"""The headline again, by linearmodels and statsmodels, on the same rows."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.methods.did.door.panel import restrict
from hubeval.methods.did.estimators.averages import unit_mass
from hubeval.methods.did.estimators.cells import acting, acting_from, cells, comparison
from hubeval.methods.did.estimators.group_time import with_someone_to_compare
from hubeval.methods.readings.cross_check import Found, compared, nobody_else

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.cells import Cell
    from hubeval.protocol import DidDesign
    from hubeval.result import Diagnostic, Estimate, NotComputed

    Floats = NDArray[np.float64]

IN_NEITHER = {"stacked": "its corrective weights are in neither"}
MOST = 20_000_000  # cells of the largest matrix of dummies that is made


def cross_check(panel: Panel, design: DidDesign, shown: Estimate) -> Diagnostic | NotComputed:
    """Estimate the average effect again with a library that others keep.

    Two-way fixed effects by linearmodels' ``PanelOLS``; group-time effects without covariates as a regression of two
    groups in two periods for each cohort and period, by statsmodels, averaged over treated observations; Sun and
    Abraham's and the extended regression by one saturated ``PanelOLS``; imputation and two-stage by dummies fitted to
    the untreated rows, by statsmodels.

    Parameters
    ----------
    panel : Panel
        As the headline was estimated on.
    design : DidDesign
        With its estimator settled.
    shown : Estimate
        The headline.

    Examples
    --------
    >>> from hubeval.methods.did import read_panel
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> from hubeval.methods.did.inference.headline import headline, settled
    >>> from hubeval.protocol import DidDesign
    >>> panel = read_panel(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> plan = settled(DidDesign(unit="la", time="year", start="opened"), panel)
    >>> cross_check(panel, plan.design, headline(panel, plan).overall).status
    'pass'
    """
    name = design.estimator
    if why := _absent(panel, design):
        return nobody_else(f"the estimator {name!r} on these data", why)
    return compared(shown, WAYS[name](panel, design))


def _absent(panel: Panel, design: DidDesign) -> str:
    """Why neither library fits this estimator; empty where one does."""
    name, adjusted = design.estimator, bool(panel.x.shape[1])
    if name in IN_NEITHER:
        return IN_NEITHER[name]
    if name == "group-time" and adjusted:
        return "the adjustment for covariates within each cohort and period is in neither"
    if name == "extended" and adjusted:
        return "its covariates enter by cohort and period, about each cohort's own mean"
    if name in {"sun-abraham", "extended"} and panel.ever.all():
        return "every unit is treated in the end, and which periods are then left out is our own rule"
    if name in {"imputation", "two-stage"} and panel.n_rows * (panel.n_units + panel.n_periods) > MOST:
        return "a matrix of dummies for so many units would not fit in memory"
    return ""


def _two_way(panel: Panel, _design: DidDesign) -> Found:
    fit = _panel_ols(panel, np.column_stack([panel.treated, panel.x]))
    return Found(estimate=float(fit.params["x0"]), std_error=float(fit.std_errors["x0"]), library="linearmodels",
                 how="PanelOLS with unit and period effects, clustered error")


def _saturated(panel: Panel, design: DidDesign) -> Found:
    """One dummy a cohort and period: all but each cohort's base, or those that may be treated (not yet treated)."""
    every = design.estimator == "sun-abraham" or design.control == "never"
    bases = {group: acting_from(panel, group, design.anticipation) - 1 for group in panel.cohorts.tolist()}
    wanted = np.array([(group, time) for group, base in bases.items() for time in range(panel.n_periods)
                       if time != base and (every or time > base)])
    rows = (panel.first[panel.unit][:, None] == wanted[:, 0]) & (panel.time[:, None] == wanted[:, 1])
    seen = rows.any(axis=0)
    fit = _panel_ols(panel, np.column_stack([rows[:, seen], panel.x]))
    after = (wanted[:, 1] >= wanted[:, 0])[seen]
    share = (rows[:, seen] * _weights(panel)[:, None]).sum(axis=0) * after
    coef = np.array([fit.params.get(f"x{j}", np.nan) for j in np.flatnonzero(share)])  # one absorbed: no number
    return Found(estimate=float(share[share > 0] @ coef / share.sum()), library="linearmodels",
                 how=f"PanelOLS with unit and period effects and {len(share)} dummies of cohort and period")


def _panel_ols(panel: Panel, x: NDArray[Any]) -> Any:
    """`PanelOLS` with unit and period effects and an error clustered as the panel says; columns x0, x1, ..."""
    from linearmodels.panel import PanelOLS  # noqa: PLC0415 - imported only where it is used

    index = pd.MultiIndex.from_arrays([panel.unit, panel.time], names=["unit", "period"])
    frame = pd.DataFrame(x.astype(float), index=index, columns=[f"x{j}" for j in range(x.shape[1])])
    y = pd.Series(panel.y, index=index, name="y")
    weights = None if panel.weights is None else pd.Series(panel.weights, index=index, name="w")
    clusters = pd.DataFrame({"cluster": panel.cluster[panel.unit]}, index=index)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of columns that the effects absorb; ours name those themselves
        model = PanelOLS(y, frame, weights=weights, entity_effects=True, time_effects=True, drop_absorbed=True)
        return model.fit(cov_type="clustered", clusters=clusters)


def _two_by_two(panel: Panel, design: DidDesign) -> Found:
    """Two groups in two periods by statsmodels for every cohort and period; averaged as the design says."""
    panel, _ = with_someone_to_compare(panel, design.control, design.anticipation)
    if design.gaps == "drop" and not panel.balanced and not panel.repeated:
        panel = restrict(panel, (np.bincount(panel.unit) == panel.n_periods)[panel.unit])
    by_rows = panel.repeated or (design.gaps == "rows" and not panel.balanced)
    wanted = cells(panel, control=design.control, base=design.base, anticipation=design.anticipation)
    made = [_one_cell(panel, cell, by_rows=by_rows) for cell in wanted if cell.after]
    if design.average == "units":
        counted = [unit_mass(panel)[panel.first == cell.group].sum() for cell in wanted if cell.after]
        made = [(size, effect) for size, (_, effect) in zip(counted, made, strict=True)]
    share, effects = np.array([pair for pair in made if np.isfinite(pair[1])]).reshape(-1, 2).T
    return Found(estimate=float(share @ effects / share.sum()) if len(share) else float("nan"), library="statsmodels",
                 how=f"WLS of two groups in two periods, {len(share)} times, averaged over treated {design.average}")


def _one_cell(panel: Panel, cell: Cell, *, by_rows: bool) -> tuple[float, float]:
    """The treated observations of one cohort and period, and their effect; NaN where a side is empty."""
    weights = _weights(panel)
    others, mine = comparison(panel, cell), panel.first == cell.group
    now, base = panel.time == cell.time, panel.time == cell.base
    used = others | mine
    if not by_rows:  # the units seen in both periods, with the weight that they had in the first
        used &= (np.bincount(panel.unit[now | base], minlength=panel.n_units) == 2)
        at_base = np.zeros(panel.n_units)
        at_base[panel.unit[base]] = weights[base]
        weights = at_base[panel.unit]
    rows = np.flatnonzero((now | base) & used[panel.unit])
    post, treated = now[rows].astype(float), mine[panel.unit[rows]].astype(float)
    if min(np.bincount((2 * treated + post).astype(np.intp), minlength=4)) == 0:
        return 0.0, float("nan")
    x = np.column_stack([np.ones(len(rows)), treated, post, treated * post])
    return float(weights[rows] @ x[:, 3]), float(_wls(panel.y[rows], x, weights[rows]).params[3])


def _imputed(panel: Panel, design: DidDesign) -> Found:
    """Dummies of units and periods, and covariates, fitted to the untreated rows; what they leave of the treated."""
    dummies = [np.eye(panel.n_units)[panel.unit], np.eye(panel.n_periods)[panel.time][:, 1:], panel.x]
    x, weights = np.column_stack(dummies), _weights(panel)
    free = panel.time < acting(panel, design.anticipation)[panel.unit]
    live = (x[free] != 0).any(axis=0)  # a period in which all are treated has no effect to be had
    known = panel.treated & ~(x[:, ~live] != 0).any(axis=1)
    fit = _wls(panel.y[free], x[free][:, live], weights[free])
    left = panel.y - x[:, live] @ fit.params
    if fit.model.rank < live.sum():  # units in parts that share no period: no one number follows
        left = np.full(panel.n_rows, np.nan)
    share = weights * known
    return Found(estimate=float(share @ left / share.sum()), library="statsmodels",
                 how="WLS of unit and period dummies on the untreated rows, taken from the treated ones")


def _wls(y: Floats, x: Floats, weights: Floats) -> Any:
    """Weighted least squares by statsmodels."""
    from statsmodels.regression.linear_model import WLS  # noqa: PLC0415 - imported only where it is used

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of columns that say the same; the rank is asked for where it matters
        return WLS(y, x, weights=weights).fit()


def _weights(panel: Panel) -> Floats:
    return np.ones(panel.n_rows) if panel.weights is None else panel.weights


WAYS: dict[str, Callable[[Panel, DidDesign], Found]] = {
    "two-way": _two_way, "group-time": _two_by_two, "sun-abraham": _saturated, "extended": _saturated,
    "imputation": _imputed, "two-stage": _imputed}
