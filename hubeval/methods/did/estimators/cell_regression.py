"""One regression for several estimators: outcome on cohort-by-period cells, two sets of effects absorbed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.absorbed import absorbed
from hubeval.engine.fixed_effects import two_way
from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.methods.did.estimators.cells import acting, start_of
from hubeval.methods.did.estimators.effects import CellEffects
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.absorbed import Absorbed
    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Cells of one panel: positions of cohort and period, and the cell of each row used.

    Attributes
    ----------
    rows : (m,) int
        Rows of the panel that enter the regression.
    group, time : (k,) int
        Positions in the panel's periods.
    cell : (m,) int
        The row's cell, or -1 for a row that serves as reference.
    not_computed : tuple of NotComputed
    """

    rows: Codes
    group: Codes
    time: Codes
    cell: Codes
    not_computed: tuple[NotComputed, ...] = ()

    @property
    def dummies(self) -> Floats:
        """0/1 columns of the cells, (m, k)."""
        return np.asarray(self.cell[:, None] == np.arange(len(self.group)), dtype=np.float64)


def check_panel(panel: Panel, *, followed: bool = True) -> None:
    """Refuse a panel on which no comparison can be made.

    Raises
    ------
    BadInput
    """
    door = Door()
    if panel.repeated and followed:
        door.refuse("unit", "is None: nobody is followed over time", "a column of units",
                    "Use did.group_time, or did.extended with effects='cohort'.")
    if panel.n_clusters < 2:
        door.refuse("cluster", "there is one cluster", "two or more", "Name a finer column, or leave it out.")
    door.close()


def make_cells(panel: Panel, *, saturate_before: bool, anticipation: int = 0) -> Cells:
    """Cells from the start on (and, if `saturate_before`, every earlier period but the last one before it).

    Where every unit starts in the end, the last cohort serves as comparison up to its start. A
    period without comparison rows, and a cohort without rows before its start, are left out and said.
    """
    cohort, begin = panel.first, acting(panel, anticipation)
    limit = panel.n_periods
    never = ~panel.ever
    usable = np.ones(panel.n_rows, dtype=bool) if panel.weights is None else panel.weights > 0
    if saturate_before and not never.any():
        never = cohort == panel.cohorts[-1]
        limit = int(begin[never][0])
    usable &= panel.time < limit
    group, time, serves = cohort[panel.unit], panel.time, never[panel.unit]
    before = time < begin[panel.unit]
    compare = usable & (serves if saturate_before else before)
    usable, missing = _comparable(panel, usable, compare)
    reference = _references(group, time, usable & ~serves & before, panel.n_periods)[group]
    known = serves | (reference >= 0)
    for lost in np.unique(group[usable & ~known]):
        missing.append(NotComputed(what=f"effects of the start at {panel.label(lost)}",
                                   reason="none of its rows lies before the start"))
    usable &= known
    inside = usable & ~serves & ((time != reference) if saturate_before else ~before)
    return _numbered(group, time, usable, inside, missing)


def _comparable(panel: Panel, usable: Mask, compare: Mask) -> tuple[Mask, list[NotComputed]]:
    """Leave out periods in which no row can serve as comparison."""
    served = np.bincount(panel.time[compare], minlength=panel.n_periods) > 0
    lost = np.unique(panel.time[usable & ~served[panel.time]])
    said = [NotComputed(what=f"effects in {listed(panel.label(t) for t in lost)}",
                        reason="no unit is left to compare with")] if len(lost) else []
    return usable & served[panel.time], said


def _references(group: Codes, time: Codes, before: Mask, periods: int) -> Codes:
    """For each cohort (and the never treated, at T) its last period seen before the start, or -1."""
    reference = np.full(periods + 1, -1, dtype=np.intp)
    np.maximum.at(reference, group[before], time[before])
    return reference


def _numbered(
    group: Codes, time: Codes, usable: Mask, inside: Mask, missing: list[NotComputed]
) -> Cells:
    rows = np.flatnonzero(usable)
    width = int(time.max()) + 1
    pairs, number = np.unique(group[inside] * width + time[inside], return_inverse=True)
    cell = np.full(len(group), -1, dtype=np.intp)
    cell[inside] = number
    return Cells(rows=rows, group=pairs // width, time=pairs % width, cell=cell[rows],
                 not_computed=tuple(missing))


def fit_cells(
    panel: Panel, cells: Cells, controls: Floats, names: tuple[str, ...], method: str,
    levels: Codes | None = None,
) -> CellEffects:
    """Least squares of the outcome on the cells and `controls`, unit and period effects absorbed.

    Parameters
    ----------
    controls : (m, j) float
        Further columns for the rows used.
    names : tuple of str
        Names of the `controls`.
    levels : (n,) int, optional
        Codes of the effects that stand in for units.

    Raises
    ------
    BadInput
        No cell is left, or some cells cannot be told apart from the unit and period effects.
    """
    refuse_empty(cells)
    rows = cells.rows
    weights = None if panel.weights is None else panel.weights[rows]
    absorb = panel.unit if levels is None else levels
    unit, time = (np.unique(codes[rows], return_inverse=True)[1] for codes in (absorb, panel.time))
    cluster = np.unique(panel.cluster[panel.unit[rows]], return_inverse=True)[1]
    fit = absorbed(panel.y[rows], np.hstack([cells.dummies, controls]), two_way(unit, time, weights), cluster)
    _refuse_dropped(panel, cells, fit)
    return gather(panel, cells, fit.coef, fit.covariance, names, method)


def gather(
    panel: Panel, cells: Cells, coef: Floats, covariance: Floats, names: tuple[str, ...], method: str,
    df: float | None = None, *, lone: bool = True,
) -> CellEffects:
    """A regression's coefficients (cells, then named controls) as `CellEffects`; t(G - 1) unless `df` given.

    With `lone`, errors that rest on a cohort of one cluster are left out and said.
    """
    k = len(cells.group)
    last = k + len(names)
    weights = np.ones(panel.n_rows) if panel.weights is None else panel.weights
    mass = np.bincount(panel.unit, weights) / np.bincount(panel.unit)
    alone, said = lonely(panel, cells.group) if lone else (np.zeros(k, dtype=bool), ())
    v = covariance[:k, :k].copy()
    v[alone, :] = v[:, alone] = np.nan
    df = panel.n_clusters - 1 if df is None else df
    spread = f"t with {df:g} degrees of freedom" if np.isfinite(df) else "normal"
    kept = np.isfinite(coef[k:last])
    dropped = useless(names, kept)
    effects = CellEffects(
        method=method, estimand="average effect on the treated, by cohort and period",
        inference=f"cluster-robust by {panel.cluster_name}, {spread}", df=df, n_clusters=panel.n_clusters,
        n_treated=int(panel.ever.sum()), n_comparison=int((~panel.ever).sum()),
        n_observations=len(cells.rows),
        group=begins(panel, cells.group), time=panel.clock[cells.time], estimate=coef[:k], covariance=v,
        size=sums(cells.cell[cells.cell >= 0], weights[cells.rows[cells.cell >= 0]], k),
        cohort_size=sums(panel.first, mass, panel.n_periods + 1)[cells.group],
        not_computed=(*cells.not_computed, *said, *dropped), flow=panel.flow, cautions=panel.cautions)
    if not kept.any():
        return effects
    beyond = covariance[k:last, k:last][np.ix_(kept, kept)]
    keys = tuple(name for name, there in zip(names, kept, strict=True) if there)
    return replace(effects, covariates=replace(
        effects.beside(coef[k:last][kept], beyond, "covariate", keys), estimand="coefficient"))


def begins(panel: Panel, group: Codes) -> Floats:
    """When the cohorts at these positions start on the clock: between two periods where the data have a gap there."""
    return np.array([start_of(panel, int(g)) if (panel.first == g).any() else panel.clock[g] for g in group])


def useless(names: tuple[str, ...], kept: NDArray[np.bool_]) -> tuple[NotComputed, ...]:
    """Say which covariates could not enter."""
    return tuple(NotComputed(what=f"adjustment for {name}",
                             reason="it does not vary over time within units beyond the other columns")
                 for name, there in zip(names, kept, strict=True) if not there)


def sums(codes: Codes, values: Floats, size: int) -> Floats:
    """Sums of `values` by code, (size,)."""
    return np.asarray(np.bincount(codes, values, size), dtype=np.float64)


def lonely(panel: Panel, group: Codes) -> tuple[Mask, tuple[NotComputed, ...]]:
    """Which of the cohorts `group` rest on one cluster, so that no cluster-robust error can be given."""
    pairs = np.unique(np.column_stack([panel.first, panel.cluster]), axis=0)
    clusters = np.bincount(pairs[:, 0], minlength=panel.n_periods + 1)
    alone = clusters[group] < 2
    named = listed(panel.label(g) for g in np.unique(group[alone]))
    said = (NotComputed(what=f"standard errors that rest on the start at {named}", reason=(
        f"one {panel.cluster_name} starts there, and one cannot show how much it varies by itself; "
        "use randomisation inference over units")),) if alone.any() else ()
    return alone, said


def refuse_empty(cells: Cells) -> None:
    """Refuse a panel of which no cell is left."""
    if not len(cells.group):
        raise BadInput([Problem(
            "start", "leaves no effect that can be estimated",
            "rows before and after a start, and units to compare with",
            "; ".join(f"{missing.what}: {missing.reason}" for missing in cells.not_computed))])


def _refuse_dropped(panel: Panel, cells: Cells, fit: Absorbed) -> None:
    lost = [j for j in fit.dropped if j < len(cells.group)]
    if lost:
        named = listed((panel.label(cells.group[j]), panel.label(cells.time[j])) for j in lost)
        raise BadInput([Problem(
            "frame", f"effects cannot be told apart from unit and period effects: {named}",
            "units seen before and after, in periods shared with comparison units",
            "Drop the units or covariates that cause it.")])
