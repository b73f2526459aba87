"""Borusyak, Jaravel and Spiess's imputation estimator, with its conservative errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.engine.absorbed import absorbed
from hubeval.engine.fixed_effects import two_way
from hubeval.errors import BadInput, Door, Problem
from hubeval.methods.did.door.panel import read_panel, whole_periods
from hubeval.methods.did.estimators.cell_regression import Cells, check_panel, gather, refuse_empty, sums
from hubeval.methods.did.estimators.cells import acting
from hubeval.methods.did.estimators.effects import CellEffects, Effects
from hubeval.methods.did.estimators.first_stage import first_stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.first_stage import FirstStage

    Floats = NDArray[np.float64]


def imputation(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, covariates: Sequence[str] = (),
    weights: str | None = None, cluster: str | None = None, anticipation: int = 0,
    pool: Literal["cohort", "event"] = "cohort",
) -> CellEffects:
    """Effects as outcomes less what untreated rows predict for them, by cohort and period.

    Unit and period effects (and slopes of `covariates`) are fitted on rows not yet treated; every
    treated row's outcome is compared with the prediction. Efficient where errors are alike and
    independent. Errors are conservative: effects are taken about the mean of their cohort and
    period, so real differences between units count as noise.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, time, start : str
        Columns; `start` is the first treated period, blank for never treated.
    covariates : sequence of str
        Columns that vary over time within units and that treatment does not move.
    weights, cluster : str, optional
        Clusters are the units unless named.
    anticipation : int
        Periods before the start in which treatment may already act; they are imputed too.
    pool : {"cohort", "event"}
        What effects are taken about in the errors: the mean of their cohort and period, or of their
        time since the start across cohorts (for cohorts of one unit; more conservative).

    Returns
    -------
    CellEffects

    Raises
    ------
    BadInput

    References
    ----------
    Borusyak, K., Jaravel, X. & Spiess, J. (2024). Revisiting event-study designs: robust and
    efficient estimation. Review of Economic Studies 91, 3253-3285.

    Examples
    --------
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> cells = imputation(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> cells.aggregate("event").to_frame()["estimate"].round(6).tolist()
    [-1.0, -2.0, -3.0, -4.0]
    """
    door = Door()
    door.choice("pool", pool, ("cohort", "event"))
    whole_periods(anticipation, door)
    door.close()
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                       weights=weights, cluster=cluster, anticipation=anticipation)
    return fit_imputation(panel, anticipation=anticipation, pool=pool)


def fit_imputation(panel: Panel, *, anticipation: int = 0, pool: str = "cohort") -> CellEffects:
    """`imputation` on a panel that is already read."""
    check_panel(panel)
    fit = first_stage(panel, anticipation)
    cells = _imputed(panel, fit, anticipation)
    refuse_empty(cells)
    inside = cells.cell >= 0
    rows, cell = cells.rows[inside], cells.cell[inside]
    mass = fit.weights[rows]
    dummies = cells.dummies[inside]
    shares = dummies * (mass / sums(cell, mass, len(cells.group))[cell])[:, None]
    estimate = shares.T @ fit.gap[rows]
    # a mean weighted by squared shares: the choice that makes the errors least conservative
    along = cell if pool == "cohort" else np.unique(panel.event[rows], return_inverse=True)[1]
    square = shares.max(axis=1) ** 2
    size = int(along.max()) + 1
    centre = sums(along, square * fit.gap[rows], size) / sums(along, square, size)
    influence = fit.influence(rows, shares, np.broadcast_to(centre[along, None], shares.shape))
    return gather(panel, cells, estimate, influence.T @ influence, (), "imputation", df=np.inf,
                  lone=pool == "cohort")


def imputation_leads(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, covariates: Sequence[str] = (),
    weights: str | None = None, cluster: str | None = None, anticipation: int = 0, leads: int = 3,
) -> Effects:
    """The pre-trend test that belongs to imputation: leads fitted on untreated rows alone.

    Independent of the effects under homoskedastic errors, so passing it does not distort them.

    Parameters
    ----------
    leads : int
        Periods before the (anticipated) start that get a coefficient; earlier ones are the reference.

    Returns
    -------
    Effects
        By event time, the last `leads` there are before the (anticipated) start.

    Raises
    ------
    BadInput

    References
    ----------
    Borusyak, Jaravel & Spiess (2024), section 4.4 and test 1.

    Examples
    --------
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> test = imputation_leads(staggered(), outcome="rate", unit="la", time="year", start="opened", leads=1)
    >>> test.keys, abs(test.estimate).round(9).tolist()
    ((-1.0,), [0.0])
    """
    door = Door()
    whole_periods(anticipation, door)
    door.close()
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                       weights=weights, cluster=cluster, anticipation=anticipation)
    return fit_imputation_leads(panel, anticipation=anticipation, leads=leads)


def fit_imputation_leads(panel: Panel, *, anticipation: int = 0, leads: int = 3) -> Effects:
    """`imputation_leads` on a panel that is already read."""
    check_panel(panel)
    fit = first_stage(panel, anticipation)
    rows = fit.untreated
    event = panel.event[rows]
    whose = panel.first[panel.unit[rows]] < panel.n_periods
    keys = np.unique(event[whose])[::-1][: max(leads, 0)][::-1]  # waves need not be a year apart
    columns = (event[:, None] == keys).astype(np.float64)
    cluster_of = np.unique(panel.cluster[panel.unit[rows]], return_inverse=True)[1]
    unit_of, time_of = (np.unique(codes[rows], return_inverse=True)[1] for codes in (panel.unit, panel.time))
    done = absorbed(panel.y[rows], np.hstack([columns, fit.x[rows]]),
                    two_way(unit_of, time_of, fit.weights[rows]), cluster_of)
    if not 1 <= leads <= len(keys) or any(j < leads for j in done.dropped):
        raise BadInput([Problem("leads", f"found {leads}",
                                "1 up to one less than the periods before the start", "Ask for fewer.")])
    return Effects(
        method="imputation, leads on untreated rows", estimand="difference in trend before the start",
        inference=f"cluster-robust by {panel.cluster_name}, t with {done.df:g} degrees of freedom",
        by="event_time", keys=tuple(keys.tolist()), estimate=done.coef[:leads],
        covariance=done.covariance[:leads, :leads], df=done.df, n_treated=int(panel.ever.sum()),
        n_comparison=int((~panel.ever).sum()), n_clusters=panel.n_clusters, n_observations=len(rows),
        flow=panel.flow, cautions=panel.cautions)


def _imputed(panel: Panel, fit: FirstStage, anticipation: int) -> Cells:
    """The cells of treated (or anticipating) rows that the first stage reaches."""
    begin = acting(panel, anticipation)[panel.unit]
    inside = fit.reached & (panel.time >= begin)
    group = panel.first[panel.unit]
    pairs, number = np.unique(group[inside] * panel.n_periods + panel.time[inside], return_inverse=True)
    cell = np.full(panel.n_rows, -1, dtype=np.intp)
    cell[inside] = number
    rows = np.union1d(fit.untreated, np.flatnonzero(inside))
    return Cells(rows=rows, group=pairs // panel.n_periods, time=pairs % panel.n_periods, cell=cell[rows],
                 not_computed=fit.not_computed)
