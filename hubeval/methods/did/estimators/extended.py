"""Wooldridge's extended two-way fixed effects: linear, or Poisson for counts and rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.engine.fixed_effects import column_sums
from hubeval.engine.poisson import poisson
from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.estimators.cell_regression import check_panel, fit_cells, gather, make_cells, refuse_empty

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.engine.poisson import Poisson
    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.cell_regression import Cells
    from hubeval.methods.did.estimators.effects import CellEffects

    Floats = NDArray[np.float64]


def extended(
    frame: pd.DataFrame, *, outcome: str, unit: str | None, time: str, start: str,
    covariates: Sequence[str] = (), weights: str | None = None, cluster: str | None = None,
    exposure: str | None = None, anticipation: int = 0, control: Literal["not-yet", "never"] = "not-yet",
    family: Literal["linear", "poisson"] = "linear", effects: Literal["unit", "cohort"] = "unit",
    scale: Literal["log-ratio", "outcome"] = "log-ratio",
) -> CellEffects:
    """Two-way fixed effects made right for staggered starts: one effect for each cohort and period.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period; or one per person, with ``unit=None`` and ``effects="cohort"``.
    outcome, unit, time, start : str
        Columns; `start` is the first treated period, blank for never treated.
    covariates : sequence of str
        Columns fixed over time; taken about their cohort's mean, with period- and cell-specific slopes.
    weights, cluster : str, optional
        Clusters are the units unless named.
    exposure : str, optional
        Persons or time at risk, for ``family="poisson"``.
    anticipation : int
        Periods before the start in which treatment may already act.
    control : {"not-yet", "never"}
        ``"never"`` also gives each cohort its own effect in all periods before the start but one.
    family : {"linear", "poisson"}
        ``"poisson"`` assumes parallel trends in ratios; its effects are always of cohorts.
    effects : {"unit", "cohort"}
        Levels taken out: each unit's, or each cohort's (the same estimates on a balanced panel, and
        what R ``etwfe`` does; the only choice for repeated cross-sections).
    scale : {"log-ratio", "outcome"}
        Of Poisson effects: log of the ratio to the mean without treatment, or the difference in the outcome.

    Returns
    -------
    CellEffects

    Raises
    ------
    BadInput

    References
    ----------
    Wooldridge, J. (2025). Two-way fixed effects, the two-way Mundlak regression, and
    difference-in-differences estimators. Empirical Economics 69, 2545-2587.
    Wooldridge, J. (2023). Simple approaches to nonlinear difference-in-differences with panel data.
    Econometrics Journal 26, C31-C66.

    Examples
    --------
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> cells = extended(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> cells.aggregate("simple").estimate.round(6).tolist()
    [-2.166667]
    """
    _check_options(control, family, scale, exposure)
    _check_levels(effects, family, unit)
    panel = read_panel(
        frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates, weights=weights,
        cluster=cluster, extra=(exposure,) if exposure else (), anticipation=anticipation, latecomers=True)
    cells = _cells(panel, control, anticipation)
    if family == "linear":
        levels = None if effects == "unit" else panel.first[panel.unit]
        slopes = _slopes(panel, cells)
        return fit_cells(panel, cells, slopes, (), "extended two-way fixed effects", levels=levels)
    return _poisson(panel, cells, panel.extra[exposure] if exposure else None, scale)


def fit_extended(panel: Panel, *, control: str = "not-yet", anticipation: int = 0) -> CellEffects:
    """Linear `extended` with unit effects, on a panel that is already read."""
    cells = _cells(panel, control, anticipation)
    return fit_cells(panel, cells, _slopes(panel, cells), (), "extended two-way fixed effects")


def _cells(panel: Panel, control: str, anticipation: int) -> Cells:
    check_panel(panel, followed=False)
    _refuse_varying(panel)
    return make_cells(panel, saturate_before=control == "never", anticipation=anticipation)


def _check_options(control: str, family: str, scale: str, exposure: str | None) -> None:
    door = Door()
    door.choice("control", control, ("not-yet", "never"))
    door.choice("family", family, ("linear", "poisson"))
    door.choice("scale", scale, ("log-ratio", "outcome"))
    if family == "linear" and exposure is not None:
        door.refuse("exposure", "does not apply to family='linear'", "family='poisson'",
                    "Divide the outcome by it, or choose 'poisson'.")
    if family == "linear" and scale != "log-ratio":
        door.refuse("scale", "does not apply to family='linear'", "family='poisson'", "Leave it out.")
    door.close()


def _refuse_varying(panel: Panel) -> None:
    """Refuse covariates that vary over time within units: their slopes would be taken for effects."""
    door = Door()
    if not panel.repeated:
        first = np.searchsorted(panel.unit, np.arange(panel.n_units))  # rows are sorted by unit
        moves = (panel.x != panel.x[first[panel.unit]]).any(axis=0)
        names = [name for name, moving in zip(panel.covariates, moves, strict=True) if moving]
        if names:
            door.refuse("covariates", f"vary over time within units: {listed(names)}", "columns fixed over time",
                        "Take their value before the start, or use did.imputation.")
    door.close()


def _check_levels(effects: str, family: str, unit: str | None) -> None:
    door = Door()
    door.choice("effects", effects, ("unit", "cohort"))
    if unit is None and effects == "unit" and family == "linear":
        door.refuse("unit", "is None: nobody is followed, so there are no unit effects", "effects='cohort'",
                    "Add effects='cohort', or name the unit's column.")
    door.close()


def _slopes(panel: Panel, cells: Cells) -> Floats:
    """Covariates, by cohort, by period and by cell (about their cohort's mean in the cell), (m, j)."""
    rows = cells.rows
    x = panel.x[rows]
    weights = np.ones(len(rows)) if panel.weights is None else panel.weights[rows]
    cohort, period = panel.first[panel.unit[rows]], panel.time[rows]
    parts = [np.empty((len(rows), 0))]
    for column in x.T:
        by_cell = cells.dummies * column[:, None]
        inside = cells.dummies.T @ weights
        centred = by_cell - cells.dummies * ((weights @ by_cell) / inside)
        groups = (cohort[:, None] == np.unique(cohort)[1:]) * column[:, None]
        periods = (period[:, None] == np.unique(period)[1:]) * column[:, None]
        parts += [column[:, None], groups, periods, centred]
    return np.hstack(parts)


def _poisson(panel: Panel, cells: Cells, exposure: Floats | None, scale: str) -> CellEffects:
    """Cohort, period and cell effects on the log scale, cluster-robust."""
    refuse_empty(cells)
    rows = cells.rows
    y = panel.y[rows]
    weights = np.ones(len(rows)) if panel.weights is None else panel.weights[rows]
    cohort, period = panel.first[panel.unit[rows]], panel.time[rows]
    _check_counts(panel, cells, cohort, exposure)
    levels = [codes[:, None] == np.unique(codes)[skip:] for codes, skip in ((cohort, 0), (period, 1))]
    x = np.hstack([cells.dummies, *levels, _slopes(panel, cells)])
    offset = None if exposure is None else np.log(exposure[rows])
    fit = poisson(y, x, weights, offset)
    if not fit.converged or any(j < len(cells.group) for j in fit.dropped):
        raise BadInput([Problem("outcome", "the Poisson regression has no finite solution",
                                "cohorts and periods with outcomes above zero before the start",
                                "Use family='linear', or leave covariates out.")])
    influence = _influence(panel, cells, fit, x, y, weights)
    k = len(cells.group)
    coef = fit.coef
    if scale == "outcome":
        coef, influence = _in_outcome(cells, fit, x, weights, influence)
    # the sign of the cells is first in `kept`, so their influence columns are the first k
    return gather(panel, cells, coef[:k], influence[:, :k].T @ influence[:, :k], (),
                  "extended two-way fixed effects, Poisson", df=np.inf)


def _check_counts(panel: Panel, cells: Cells, cohort: NDArray[np.intp], exposure: Floats | None) -> None:
    door = Door()
    rows = cells.rows
    y, period = panel.y[rows], panel.time[rows]
    if (y < 0).any():
        door.refuse("outcome", f"{int((y < 0).sum())} rows are negative", "0 or more", "Use family='linear'.")
    if exposure is not None and (exposure[rows] <= 0).any():
        door.refuse("exposure", f"{int((exposure[rows] <= 0).sum())} rows are 0 or less", "above 0",
                    "Correct it.")
    before = cells.cell < 0
    for argument, codes in (("start", cohort), ("time", period)):
        empty = np.setdiff1d(codes[before], codes[before & (y > 0)])
        for code in empty[empty < panel.n_periods]:
            door.refuse(argument, f"all outcomes without treatment are zero at {panel.label(code)}",
                        "some above 0, for a ratio to be taken", "Use family='linear', or merge periods.")
    zero = np.setdiff1d(np.arange(len(cells.group)), cells.cell[(y > 0) & ~before])
    if len(zero):
        named = listed((panel.label(cells.group[c]), panel.label(cells.time[c])) for c in zero)
        door.refuse("outcome", f"all outcomes under treatment are zero for start and period {named}",
                    "some above 0, for a ratio to be taken", "Use family='linear', or merge periods.")
    door.close()


def _influence(panel: Panel, cells: Cells, fit: Poisson, x: Floats, y: Floats, weights: Floats) -> Floats:
    """Cluster sums of the influence on the kept coefficients, scaled for few clusters, (G, r)."""
    scores = x[:, list(fit.kept)] * (weights * (y - fit.mean))[:, None]
    cluster = panel.cluster[panel.unit[cells.rows]]
    summed = column_sums(cluster, scores, panel.n_clusters)
    g, n = len(np.unique(cluster)), len(y)
    return np.asarray(summed @ fit.bread * np.sqrt(g / (g - 1) * (n - 1) / (n - len(fit.kept))))


def _in_outcome(
    cells: Cells, fit: Poisson, x: Floats, weights: Floats, influence: Floats
) -> tuple[Floats, Floats]:
    """Cell means of the difference from the fitted mean without treatment, and their influence.

    Centred covariate slopes within a cell belong to the effect, so they are taken out of the
    counterfactual too.
    """
    k = len(cells.group)
    kept = list(fit.kept)
    own = [j for j in kept if j < k or _only_in_cells(x[:, j], cells)]
    without = x.copy()
    without[:, own] = 0.0
    bare = fit.mean * np.exp((without - x)[:, kept] @ fit.coef[kept])
    shares = cells.dummies * weights[:, None]
    shares = shares / shares.sum(axis=0)
    gradient = shares.T @ (fit.mean[:, None] * x[:, kept] - bare[:, None] * without[:, kept])
    return shares.T @ (fit.mean - bare), influence @ gradient.T


def _only_in_cells(column: Floats, cells: Cells) -> bool:
    return bool((column[cells.cell < 0] == 0).all() and (column != 0).any())
