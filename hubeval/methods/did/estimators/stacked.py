"""Stacked difference-in-differences with the weights that make the stack an average of effects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.engine.absorbed import absorbed
from hubeval.engine.fixed_effects import two_way
from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.estimators.cell_regression import begins, check_panel, lonely, sums, useless
from hubeval.methods.did.estimators.cells import start_of
from hubeval.methods.did.estimators.effects import Effects
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Stack:
    """One cohort's own experiment: panel rows of its units and of clean controls, inside its window."""

    cohort: int
    rows: Codes
    treated: NDArray[np.bool_]


def stacked(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, covariates: Sequence[str] = (),
    weights: str | None = None, cluster: str | None = None, window: tuple[int, int],
    control: Literal["not-yet", "never"] = "not-yet",
) -> Effects:
    """Each cohort's own experiment in a common window, stacked and weighted.

    A cohort enters if the data hold its whole window. Its comparison is units not treated until the
    window closes (or never treated). Units seen in part of a window only are left out of it.
    Comparison units are weighted so that the coefficient at each event time is the average of the
    cohorts' own effects, by cohort size.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, time, start : str
        Columns; `start` is the first treated period, blank for never treated.
    covariates : sequence of str
        Columns that vary over time within units.
    weights, cluster : str, optional
        Clusters are the units unless named; a unit that serves in several stacks is one cluster.
    window : (int, int)
        First and last event time, such as ``(-3, 2)``; -1 is the reference.
    control : {"not-yet", "never"}

    Returns
    -------
    Effects
        By event time; `overall` is their mean from 0 on.

    Raises
    ------
    BadInput

    References
    ----------
    Wing, C., Freedman, S. & Hollingsworth, A. (2024). Stacked difference-in-differences. NBER 32054.
    Cengiz, D., Dube, A., Lindner, A. & Zipperer, B. (2019). Quarterly Journal of Economics 134.

    Examples
    --------
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> effects = stacked(staggered(), outcome="rate", unit="la", time="year", start="opened", window=(-2, 1))
    >>> dict(zip(effects.keys, (effects.estimate.round(6) + 0.0).tolist()))
    {-2.0: 0.0, 0.0: -1.0, 1.0: -2.0}
    """
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                       weights=weights, cluster=cluster)
    return fit_stacked(panel, window=window, control=control)


def fit_stacked(panel: Panel, *, window: tuple[int, int], control: str = "not-yet") -> Effects:
    """`stacked` on a panel that is already read."""
    door = Door()
    door.choice("control", control, ("not-yet", "never"))
    if not (window[0] < 0 <= window[1]):
        door.refuse("window", f"found {window}", "first below 0 and last 0 or more", "Write (-3, 2), say.")
    door.close()
    check_panel(panel)
    stacks, missing = _stacks(panel, window, control)
    return _fit(panel, stacks, window, missing)


def _stacks(panel: Panel, window: tuple[int, int], control: str) -> tuple[list[_Stack], list[NotComputed]]:
    """The cohorts whose whole window is in the data, with clean controls."""
    mass = np.ones(panel.n_rows) if panel.weights is None else panel.weights
    stacks: list[_Stack] = []
    missing: list[NotComputed] = []
    span = window[1] - window[0] + 1
    for cohort in panel.cohorts:
        begin = start_of(panel, int(cohort))
        periods = np.flatnonzero((panel.clock >= begin + window[0]) & (panel.clock <= begin + window[1]))
        what = f"the start at {panel.label(cohort)} in the stack"
        if len(periods) < span:
            missing.append(NotComputed(what=what, reason="the data do not hold its whole window"))
            continue
        clean = panel.start == np.inf if control == "never" else panel.start > begin + window[1]
        inside = np.isin(panel.time, periods) & (mass > 0)
        seen = np.bincount(panel.unit[inside], minlength=panel.n_units) == span
        chosen = seen & (clean | (panel.first == cohort))
        rows = np.flatnonzero(inside & chosen[panel.unit])
        treated = panel.first[panel.unit[rows]] == cohort
        if not treated.any() or treated.all():
            reason = "no unit of it is seen in every period of the window" if not treated.any() else "no clean control"
            missing.append(NotComputed(what=what, reason=reason))
            continue
        stacks.append(_Stack(int(cohort), rows, treated))
    if not stacks:
        raise BadInput([Problem("window", f"found {window}: no cohort can be stacked", "a window that the data hold",
                                listed(f"{m.what}: {m.reason}" for m in missing))])
    return stacks, missing


def _fit(panel: Panel, stacks: list[_Stack], window: tuple[int, int], missing: list[NotComputed]) -> Effects:
    """One regression on the stack: unit-by-stack and period-by-stack effects absorbed."""
    rows = np.concatenate([stack.rows for stack in stacks])
    treated = np.concatenate([stack.treated for stack in stacks])
    number = np.repeat(np.arange(len(stacks)), [len(stack.rows) for stack in stacks])
    begin = begins(panel, np.array([stack.cohort for stack in stacks]))[number]
    event = panel.clock[panel.time[rows]] - begin
    keys = np.array([e for e in range(window[0], window[1] + 1) if e != -1], dtype=np.float64)
    level = np.unique(number * panel.n_units + panel.unit[rows], return_inverse=True)[1]
    # each stack has its own periods; the weights make treated shares alike in all, so coefficients stay averages
    at = np.unique(number * panel.n_periods + panel.time[rows], return_inverse=True)[1]
    x = np.hstack([(event[:, None] == keys) & treated[:, None], panel.x[rows]])
    cluster = np.unique(panel.cluster[panel.unit[rows]], return_inverse=True)[1]
    weights = _corrective(panel, rows, treated, number)
    fit = absorbed(panel.y[rows], x.astype(np.float64), two_way(level, at, weights), cluster)
    k = len(keys)
    groups = np.array([stack.cohort for stack in stacks])
    alone, said = lonely(panel, groups)
    v = np.full((k, k), np.nan) if alone.any() else fit.covariance[:k, :k]
    effects = Effects(
        method="stacked", estimand="average over cohorts of the effect on the treated, by cohort size",
        inference=f"cluster-robust by {panel.cluster_name}, t with {fit.df:g} degrees of freedom", by="event_time",
        keys=tuple(keys.tolist()), estimate=fit.coef[:k], covariance=v, df=fit.df,
        n_treated=len(np.unique(panel.unit[rows[treated]])), n_clusters=int(cluster.max()) + 1,
        n_comparison=len(np.setdiff1d(panel.unit[rows[~treated]], panel.unit[rows[treated]])),
        n_observations=len(rows),
        not_computed=(*missing, *said, *useless(panel.covariates, np.isfinite(fit.coef[k:]))), flow=panel.flow,
        cautions=panel.cautions)
    mean = (keys >= 0) / (keys >= 0).sum()
    overall = replace(effects, by="overall", keys=("ATT",), estimate=np.array([mean @ effects.estimate]),
                      covariance=np.array([[mean @ v @ mean]]))
    return replace(effects, overall=overall)


def _corrective(panel: Panel, rows: Codes, treated: NDArray[np.bool_], number: Codes) -> Floats:
    """Weights that give each stack's controls the share that its treated have among all treated."""
    mass = np.ones(len(rows)) if panel.weights is None else panel.weights[rows]
    k = int(number.max()) + 1
    inside, outside = sums(number, mass * treated, k), sums(number, mass * ~treated, k)
    factor = (inside / inside.sum()) / (outside / outside.sum())
    return np.asarray(mass * np.where(treated, 1.0, factor[number]))
