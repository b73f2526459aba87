"""Group-time average treatment effects (Callaway & Sant'Anna 2021), with their influence functions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.methods.did.door.panel import Panel, read_panel, restrict, whole_periods
from hubeval.methods.did.estimators.aggregate import Aggregate, aggregate
from hubeval.methods.did.estimators.cells import Base, Cell, Control, cells, comparison, start_of
from hubeval.methods.did.estimators.drdid import ESTIMATORS, Estimator, NoOverlap, followed, sections
from hubeval.methods.did.estimators.fixed_mix import FixedMix
from hubeval.methods.did.estimators.influence import covariance, normal_frame
from hubeval.methods.did.estimators.joint_test import wald
from hubeval.result import NotComputed
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.methods.did.estimators.aggregate import Kind
    from hubeval.protocol.did import Mix
    from hubeval.result import Diagnostic

    Floats = NDArray[np.float64]

Gaps = Literal["pairs", "rows", "drop"]
MIXES = ("as found", "treated-before", "treated-after", "pooled")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTime(Shown):
    """Effects by cohort and period. K cells, N units.

    Attributes
    ----------
    group, time : (K,) float
        Clock values of the cohort's start and of the period.
    estimate, std_error : (K,) float
        The error is NaN where `notes` says why.
    after : (K,) bool
        From the start on.
    reference : (K,) bool
        Cells that are zero by construction (the universal base itself).
    influence : (K, N) float
        Of each estimate, by unit; mean zero.
    notes : (K,) str
        What a reader must know of a cell, or nothing.
    panel : Panel
        What was used.
    settings : str
        Estimator, control group, base and anticipation in words.
    cells : tuple of Cell
    size : (K,) float
        Treated observations in each effect, or their summed weights.
    by_rows : bool
        Effects compare means of rows, not changes of units that are followed.
    not_computed : tuple of NotComputed
    """

    group: Floats
    time: Floats
    estimate: Floats
    std_error: Floats
    after: NDArray[np.bool_]
    reference: NDArray[np.bool_]
    influence: Floats = field(repr=False)
    notes: tuple[str, ...]
    panel: Panel = field(repr=False)
    settings: str
    cells: tuple[Cell, ...] = field(repr=False, default=())
    size: Floats = field(repr=False, default_factory=lambda: np.empty(0))
    by_rows: bool = False
    not_computed: tuple[NotComputed, ...] = ()

    @property
    def covariance(self) -> Floats:
        """Joint covariance of the cells, clustered as the panel says, (K, K)."""
        return covariance(self.influence, self.panel.cluster)

    def to_frame(self, conf_level: float = 0.95) -> pd.DataFrame:
        """One row a cell, in broom's columns; pointwise normal intervals."""
        frame = normal_frame(self.estimate, self.std_error, conf_level)
        frame.insert(0, "time", self.time)
        frame.insert(0, "group", self.group)
        frame.insert(0, "term", [f"ATT({g:g}, {t:g})" for g, t in zip(self.group, self.time, strict=True)])
        return frame.assign(note=list(self.notes))

    def pretrend(self) -> Diagnostic | NotComputed:
        """Wald test that all effects before the start are zero (the base's own cells are not tested)."""
        return wald(self.estimate, self.covariance, ~self.after & ~self.reference)

    def aggregate(self, kind: Kind = "simple", *, balance: int | None = None, conf_level: float = 0.95) -> Aggregate:
        """Averages of the cells; see `hubeval.methods.did.estimators.aggregate.aggregate`."""
        return aggregate(self, kind, balance=balance, conf_level=conf_level)


def group_time(
    frame: pd.DataFrame, *, outcome: str, unit: str | None, time: str, start: str, covariates: Sequence[str] = (),
    estimator: Estimator = "dr", control: Control = "never", base: Base = "varying", anticipation: int = 0,
    weights: str | None = None, cluster: str | None = None, gaps: Gaps = "pairs", mix: Mix = "as found",
) -> GroupTime:
    """Group-time average treatment effects.

    Parameters
    ----------
    frame : DataFrame
    outcome, unit, time, start, covariates, weights, cluster : columns
        As everywhere in this room (`read_panel`); ``unit=None`` for repeated cross-sections. Covariates
        and weights are read in the base period of each cell.
    estimator : {"dr", "reg", "ipw", "improved"}
        Doubly robust, outcome regression, inverse probability, or the improved doubly robust one.
    control : {"never", "not-yet"}
        Compare with units never treated, or with all not treated yet.
    base : {"varying", "universal"}
        Before the start compare with the period before, or with the last one before the start throughout.
    anticipation : int
        Periods before the start in which treatment may already act.
    gaps : {"pairs", "rows", "drop"}
        Unbalanced panels: use in each cell the units seen in both its periods; or all rows, as R ``did``
        with ``allow_unbalanced_panel``; or only units seen in every period.
    mix : {"as found", "treated-before", "treated-after", "pooled"}
        Repeated cross-sections: weight every group in every period to one mix of the covariates, in place of
        `estimator` (`hubeval.methods.did.estimators.fixed_mix`).

    Raises
    ------
    BadInput
        From the door; also where nobody is left to compare with.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AAABBBCCC"), "year": [1, 2, 3] * 3, "opened": [2] * 3 + [None] * 6,
    ...                       "rate": [5., 3., 2., 4., 4., 4.5, 2., 2., 2.5]})
    >>> fit = group_time(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> fit.to_frame()[["term", "estimate"]].round(6).values.tolist()
    [['ATT(2, 2)', -2.0], ['ATT(2, 3)', -3.5]]
    """
    door = Door()
    door.choice("estimator", estimator, ESTIMATORS)
    door.choice("control", control, ("never", "not-yet"))
    door.choice("base", base, ("varying", "universal"))
    door.choice("gaps", gaps, ("pairs", "rows", "drop"))
    door.choice("mix", mix, MIXES)
    if mix != "as found" and (unit is not None or not covariates):
        door.refuse("mix", f"{mix!r} with units that are followed, or without covariates",
                    "unit = None, and the covariates whose mix is held", "Leave it out, or name them.")
    whole_periods(anticipation, door)
    door.close()
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                       weights=weights, cluster=cluster, anticipation=anticipation, latecomers=gaps == "rows")
    return fit_group_time(panel, estimator=estimator, control=control, base=base, anticipation=anticipation,
                          gaps=gaps, mix=mix)


def fit_group_time(
    panel: Panel, *, estimator: Estimator = "dr", control: Control = "never", base: Base = "varying",
    anticipation: int = 0, gaps: Gaps = "pairs", mix: Mix = "as found",
) -> GroupTime:
    """`group_time` on a panel that is already read."""
    panel, notes = with_someone_to_compare(panel, control, anticipation)
    if gaps == "drop" and not panel.balanced and not panel.repeated:
        seen = np.bincount(panel.unit) == panel.n_periods
        said = f"{int((~seen).sum())} left out as asked"
        notes.append(NotComputed(what="units not seen in every period", reason=said))
        panel = restrict(panel, seen[panel.unit])
    wanted = cells(panel, control=control, base=base, anticipation=anticipation)
    if not wanted:
        raise BadInput([Problem("anticipation", f"found {anticipation}: no cohort is seen before it",
                                "a period before the start and its anticipation", "Bring earlier periods.")])
    by_rows = panel.repeated or (gaps == "rows" and not panel.balanced)
    if mix == "as found":
        filled = _by_rows(panel, wanted, estimator) if by_rows else _by_pairs(panel, wanted, estimator)
    else:
        filled = _by_mix(panel, wanted, FixedMix(panel, mix, anticipation))
    how = estimator if mix == "as found" else f"mix of people {mix}"
    made = _collected(panel, wanted, filled, f"{how}, {control} treated comparison, {base} base, "
                                             f"anticipation {anticipation}", notes)
    return replace(made, by_rows=by_rows)


@dataclass(slots=True)
class _Filled:
    """The cells as they are computed."""

    estimate: Floats
    influence: Floats
    size: Floats
    notes: list[str]

    @classmethod
    def empty(cls, n_cells: int, n_units: int) -> _Filled:
        return cls(np.full(n_cells, np.nan), np.zeros((n_cells, n_units)), np.zeros(n_cells), [""] * n_cells)


def with_someone_to_compare(panel: Panel, control: Control, anticipation: int) -> tuple[Panel, list[NotComputed]]:
    """Where all are treated in the end, not-yet-treated controls allow the periods before the last start."""
    if not panel.ever.all():
        return panel, []
    door = Door()
    last = float(panel.start.max())
    if control == "never":
        door.refuse("control", "no unit is never treated", "units without a start",
                    "Use control='not-yet', which compares with units treated later.")
    elif len(panel.cohorts) < 2:
        door.refuse("start", "all units start together and none is never treated", "someone to compare with",
                    "Difference-in-differences cannot be used; consider an interrupted time series.")
    door.close()
    rows = panel.clock[panel.time] < last - anticipation
    said = NotComputed(what=f"effects from {last - anticipation:g} on",
                       reason="every unit is treated by then, so nobody is left to compare with")
    return restrict(panel, rows, anticipation=anticipation), [said]


def _by_pairs(panel: Panel, wanted: list[Cell], estimator: Estimator) -> _Filled:
    """Cells from changes of the units seen in both periods, those alike in all but the period at once."""
    filled = _Filled.empty(len(wanted), panel.n_units)
    y, x, w, fixed = _matrices(panel)
    batches: dict[tuple[object, ...], list[int]] = {}
    for k, cell in enumerate(wanted):
        if cell.time == cell.base:
            continue
        # beyond the last start that occurs, all bars pick the same units
        later = int((panel.start > cell.bar).sum()) if np.isfinite(cell.bar) else -1
        key = (cell.group, later, None if fixed else cell.base, None if panel.balanced else (cell.time, cell.base))
        batches.setdefault(key, []).append(k)
    for batch in batches.values():
        first = wanted[batch[0]]
        others = comparison(panel, first)
        used = others | (panel.first == first.group)
        if not panel.balanced:
            used &= np.isfinite(y[first.time]) & np.isfinite(y[first.base])
        rows = np.flatnonzero(used)
        seen = y[:, rows]
        change = seen[[wanted[k].time for k in batch]] - seen[[wanted[k].base for k in batch]]
        try:
            found = followed(change, ~others[rows], x[first.base][rows], None if w is None else w[first.base][rows],
                             estimator)
        except NoOverlap as why:
            for k in batch:
                filled.notes[k] = str(why)
            continue
        held = float((~others[rows]).sum() if w is None else w[first.base][rows][~others[rows]].sum())
        scaled = found.influence
        scaled *= panel.n_units / len(rows)
        for j, k in enumerate(batch):
            filled.influence[k, rows] = scaled[j]
            filled.estimate[k], filled.size[k] = found.estimate[j], held
            filled.notes[k] = _said(int((~others[rows]).sum()), found.trimmed)
    return filled


def _matrices(panel: Panel) -> tuple[Floats, list[Floats], list[Floats] | None, bool]:
    """Outcomes (T, N), covariates with a constant (N, k) and weights (N,) by period, and whether those stay fixed."""
    t, n = panel.n_periods, panel.n_units

    def spread(values: Floats) -> Floats:
        if panel.balanced:
            return np.ascontiguousarray(values.reshape(n, t).T)
        grid = np.full((t, n), np.nan)
        grid[panel.time, panel.unit] = values
        return grid

    y = spread(panel.y)
    columns = [spread(c) for c in panel.x.T]
    weights = None if panel.weights is None else spread(panel.weights)
    fixed = panel.balanced and all((c == c[0]).all() for c in (*columns, *([] if weights is None else [weights])))
    constant = np.ones(n)
    if fixed:
        x0 = np.column_stack([constant, *(c[0] for c in columns)])
        return y, [x0] * t, None if weights is None else [weights[0]] * t, True
    x = [np.column_stack([constant, *(c[s] for c in columns)]) for s in range(t)]
    return y, x, None if weights is None else list(weights), not columns and weights is None


def _by_rows(panel: Panel, wanted: list[Cell], estimator: Estimator) -> _Filled:
    """Cells from the rows of both periods: repeated cross-sections, or panels taken as such."""
    filled = _Filled.empty(len(wanted), panel.n_units)
    x = np.column_stack([np.ones(panel.n_rows), panel.x])
    for k, cell in enumerate(wanted):
        if cell.time == cell.base:
            continue
        others = comparison(panel, cell)
        used = others | (panel.first == cell.group)
        rows = np.flatnonzero(((panel.time == cell.time) | (panel.time == cell.base)) & used[panel.unit])
        unit = panel.unit[rows]
        try:
            found = sections(panel.y[rows], panel.time[rows] == cell.time, ~others[unit], x[rows],
                             None if panel.weights is None else panel.weights[rows], estimator)
        except NoOverlap as why:
            filled.notes[k] = str(why)
            continue
        filled.estimate[k] = found.estimate[0]
        held = ~others[unit] & (panel.time[rows] == cell.time)
        filled.size[k] = held.sum() if panel.weights is None else panel.weights[rows][held].sum()
        filled.influence[k] = np.bincount(unit, found.influence[0], panel.n_units) * (panel.n_units / len(rows))
        filled.notes[k] = _said(int((~others[unit]).sum()), found.trimmed)
    return filled


def _by_mix(panel: Panel, wanted: list[Cell], fixed: FixedMix) -> _Filled:
    """Cells from means of rows that are weighted to one mix of people."""
    filled = _Filled.empty(len(wanted), panel.n_units)
    for k, cell in enumerate(wanted):
        if cell.time == cell.base:
            continue
        try:
            filled.estimate[k], influence, others = fixed.effect(cell)
        except NoOverlap as why:
            filled.notes[k] = str(why)
            continue
        held = (panel.first == cell.group)[panel.unit] & (panel.time == cell.time)
        filled.size[k] = fixed.weights[held].sum()
        filled.influence[k] = np.bincount(panel.unit, influence, panel.n_units) * panel.n_units
        filled.notes[k] = _said(int((~others & (panel.first == cell.group)).sum()), 0)
    return filled


def name_of(panel: Panel, group: int, time: int) -> str:
    """What the effect on a cohort in a period is called."""
    return f"ATT({panel.label(group)}, {panel.label(time)})"


def _said(treated: int, trimmed: int) -> str:
    parts = []
    if treated == 1:
        parts.append("one treated unit: no standard error can be had from it")
    if trimmed:
        parts.append(f"{trimmed} comparison units without a counterpart left out")
    return "; ".join(parts)


def _collected(
    panel: Panel, wanted: list[Cell], filled: _Filled, settings: str, notes: list[NotComputed]
) -> GroupTime:
    reference = np.array([cell.time == cell.base for cell in wanted])
    filled.estimate[reference] = 0.0
    missing = [k for k in range(len(wanted)) if not np.isfinite(filled.estimate[k])]
    named = {k: name_of(panel, wanted[k].group, wanted[k].time) for k in missing}
    notes += [NotComputed(what=name, reason=filled.notes[k]) for k, name in named.items()]
    kept = np.array([k for k in range(len(wanted)) if k not in set(missing)], dtype=np.intp)
    if not len(kept):
        door = Door()
        door.refuse("group_time", f"no cell can be computed: {listed(sorted(set(filled.notes)), 3)}",
                    "cells with treated and comparison units alike in covariates",
                    "Use fewer covariates, or another control.")
        door.close()
    influence = filled.influence if not missing else filled.influence[kept]
    chosen = [wanted[k] for k in kept]
    said = tuple(filled.notes[k] for k in kept)
    errors = np.sqrt(np.maximum(_variances(influence, panel), 0))
    errors[[k for k, text in enumerate(said) if text.startswith("one treated unit")]] = np.nan
    errors[reference[kept]] = np.nan
    starts = {group: start_of(panel, group) for group in {cell.group for cell in chosen}}
    return GroupTime(
        group=np.array([starts[c.group] for c in chosen]), time=np.array([panel.clock[c.time] for c in chosen]),
        estimate=filled.estimate[kept], std_error=errors, after=np.array([c.after for c in chosen]),
        reference=reference[kept], influence=influence, notes=said, panel=panel, settings=settings,
        cells=tuple(chosen), size=filled.size[kept], not_computed=tuple(notes))


def _variances(influence: Floats, panel: Panel) -> Floats:
    n = influence.shape[1]
    if panel.n_clusters == panel.n_units:
        return np.asarray(np.einsum("kn,kn->k", influence, influence) / n**2)
    summed = np.stack([np.bincount(panel.cluster, row) for row in influence])
    return np.asarray(np.einsum("kg,kg->k", summed, summed) / n**2)


