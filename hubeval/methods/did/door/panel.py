"""One validated panel from a frame: what every difference-in-differences estimator here is given.

Rows are sorted by unit and time; units, periods, starts and clusters are codes. Whatever cannot be
used is refused at the door, all problems together; whatever is left out is counted in `flow`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.errors import Door, listed
from hubeval.methods.did.door.columns import (
    Codings,
    check_weights,
    clusters,
    covariate_columns,
    numbers,
    order,
    per_unit,
    periods,
    recode,
    refuse_absent,
    starts,
    units_of,
    zero_is_never,
)
from hubeval.methods.did.door.full_grid import full_grid
from hubeval.methods.did.door.left_out import late, vary_after_start, without_always, without_once, without_waiting
from hubeval.result import FlowStep

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.result import Diagnostic

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Rows that passed the door, as arrays. N units, T periods, n rows, k covariate columns.

    Attributes
    ----------
    units : (N,) labels
        As in the data. For repeated cross-sections every row is its own unit.
    periods : (T,) labels
        In order.
    clock : (T,) float
        The periods as numbers: their own values where they are whole numbers, else 0..T-1. Event
        time is a difference of clock values, so a period left out of the data still counts.
    unit, time : (n,) int
        Codes into `units` and `periods`; rows are sorted by them.
    y : (n,) float
    x : (n, k) float
        Covariates, text ones as 0/1 columns, without a constant.
    weights : (n,) float or None
    start : (N,) float
        First treated value of the clock; inf for never treated or after the last period.
    first : (N,) int
        Position of the first treated period in `periods`; T for never treated.
    cluster : (N,) int
        Codes 0..G-1 of the units' clusters (the units themselves unless a column was named).
    extra : mapping of str to (n,) float
        Further number columns an estimator asked for (a dose, a treatment status).
    balanced : bool
        Every unit is seen once in every period: ``matrix`` may be used.
    repeated : bool
        Repeated cross-sections: no unit is followed.
    made : bool
        The units are made up from sums of others: starts are not permuted among them.
    flow, cautions : tuple
        What was left out, counted; and what a reader must be told.
    """

    units: NDArray[Any]
    periods: NDArray[Any]
    clock: Floats
    unit: Codes
    time: Codes
    y: Floats
    x: Floats
    weights: Floats | None = None
    start: Floats
    first: Codes
    cluster: Codes
    outcome: str = ""
    covariates: tuple[str, ...] = ()
    cluster_name: str = "unit"
    extra: Mapping[str, Floats] = field(default_factory=dict)
    balanced: bool = False
    repeated: bool = False
    made: bool = False
    flow: tuple[FlowStep, ...] = ()
    cautions: tuple[Diagnostic, ...] = ()

    @property
    def n_units(self) -> int:
        """Number of units, N."""
        return len(self.units)

    @property
    def n_periods(self) -> int:
        """Number of periods, T."""
        return len(self.periods)

    @property
    def n_rows(self) -> int:
        """Number of rows, n."""
        return len(self.y)

    @property
    def n_clusters(self) -> int:
        """Number of clusters, G."""
        return int(self.cluster.max()) + 1

    @property
    def ever(self) -> Mask:
        """Units treated at some time within the window, (N,)."""
        return np.asarray(self.first < self.n_periods)

    @property
    def treated(self) -> Mask:
        """Rows under treatment, (n,)."""
        return np.asarray(self.time >= self.first[self.unit])

    @property
    def event(self) -> Floats:
        """Clock time since the start, (n,); -inf for units never treated."""
        return np.asarray(self.clock[self.time] - self.start[self.unit])

    @property
    def cohorts(self) -> Codes:
        """Positions of the first treated periods that occur, in order."""
        return np.unique(self.first[self.ever])

    @property
    def clusters_treated(self) -> int:
        """Number of clusters that hold a treated unit."""
        return int(np.count_nonzero(np.bincount(self.cluster[self.ever])))  # no hash: it slows down with its size

    @property
    def sides(self) -> tuple[int, int]:
        """How many are treated and how many never: units, or areas (clusters) of repeated cross-sections."""
        if self.repeated:
            return self.clusters_treated, self.n_clusters - self.clusters_treated
        treated = int(self.ever.sum())
        return treated, self.n_units - treated

    def matrix(self, values: Floats) -> Floats:
        """Row values as a matrix, (N, T); only for a balanced panel."""
        return values.reshape(self.n_units, self.n_periods)

    def label(self, position: int) -> Any:
        """A period's label as a plain Python value."""
        value = self.periods[position]
        return value.item() if isinstance(value, np.generic) else value


def read_panel(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str | None,
    time: str,
    start: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    cluster: str | None = None,
    extra: Sequence[str] = (),
    anticipation: int = 0,
    latecomers: bool = False,
) -> Panel:
    """Check a frame at the door and return it as a `Panel`; the frame is not changed.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period (or one per person, for repeated cross-sections).
    outcome, time, start : str
        Columns. `start` holds the unit's first treated period in the words of `time`; blank, NaN or
        inf means never treated, and so does 0 where the periods begin later (counted in `flow`).
    unit : str or None
        None for repeated cross-sections.
    covariates, weights, cluster : columns, optional
    extra : sequence of str
        Further number columns to carry.
    anticipation : int
        Periods before the start in which treatment may already act. A unit not seen before them is left
        out and counted; so are rows in which a unit that starts after the data may already act, and units seen in
        one period only. -1 keeps even units treated from the first period.
    latecomers : bool
        Keep units first seen after their own start, or once, as regressions elsewhere do; they show no change.

    Raises
    ------
    BadInput
        Every problem found, one line each.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AABB"), "year": [1, 2, 1, 2], "opened": [2, 2, None, None],
    ...                       "rate": [5.0, 3.0, 4.0, 4.0]})
    >>> panel = read_panel(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> panel.n_units, panel.balanced, panel.start.tolist()
    (2, True, [2.0, inf])
    """
    door = Door()
    asked = {"outcome": (outcome,), "unit": (unit,), "time": (time,), "start": (start,),
             "covariates": covariates, "weights": (weights,), "cluster": (cluster,), "extra": extra}
    wanted = {argument: tuple(c for c in columns if c is not None) for argument, columns in asked.items()}
    refuse_absent(frame, wanted, door)
    _not_itself(outcome, wanted, door)
    number = {c: numbers(frame, c, a, door) for a in ("outcome", "weights", "extra") for c in wanted[a]}
    x, names = covariate_columns(frame, wanted["covariates"], door)
    if weights is not None:
        check_weights(number[weights], door)
    raw, rows = _codings(frame, unit, time, start, cluster, door)
    usable = np.isfinite(number[outcome])
    for values in (*number.values(), *x.T):
        usable &= np.isfinite(values)
    if weights is not None:
        usable &= number[weights] > 0
    rows, flow = _used(raw, rows, usable, anticipation, followed=unit is not None and not latecomers)
    zero = zero_is_never(frame[start], raw.periods)
    if zero.any():
        n = len(np.unique(raw.unit[zero]))
        flow = (*flow, FlowStep(label="start written as 0", n_rows=len(rows), n_units=len(np.unique(raw.unit[rows])),
                                note=f"{n} {'unit' if n == 1 else 'units'}: read as never treated, as R's did does"))
    codes = recode(raw, rows, door)
    door.close()
    # a frame already in order is not gathered anew: that would be the dearest step
    taken: Any = slice(None) if len(rows) == len(frame) and (np.diff(rows) == 1).all() else rows
    changing = vary_after_start(x[taken], codes, names) if unit is not None else ()
    return Panel(
        **codes, y=number[outcome][taken], x=x[taken], outcome=outcome,
        weights=number[weights][taken] if weights else None, covariates=names,
        cluster_name=cluster or unit or "row",
        extra={c: number[c][taken] for c in extra}, repeated=unit is None, flow=flow,
        balanced=unit is not None and len(rows) == len(codes["units"]) * len(codes["periods"]),
        cautions=(*late(raw), *changing))


def whole_periods(anticipation: float, door: Door) -> None:
    """Refuse an anticipation that counts no periods."""
    if anticipation < 0 or int(anticipation) != anticipation:
        door.refuse("anticipation", f"found {anticipation}", "a whole number, 0 or more", "Count periods.")


def _not_itself(outcome: str, wanted: Mapping[str, Sequence[str]], door: Door) -> None:
    """Refuse an outcome that is to explain, weigh or group itself."""
    for argument in ("covariates", "weights", "cluster"):
        if outcome in wanted[argument]:
            door.refuse(argument, f"{outcome!r} is the outcome itself", "other columns", "Leave it out.")


def _codings(
    frame: pd.DataFrame, unit: str | None, time: str, start: str, cluster: str | None, door: Door
) -> tuple[Codings, Codes]:
    """The frame's codes, and its rows in the order of unit and time."""
    short = full_grid(frame, unit, time, start, door) if cluster is None else None
    if short is not None:
        door.close()
        return short, np.arange(len(frame))
    time_code, labels, clock = periods(frame[time], time, door)
    unit_code, units = units_of(frame, unit, door)
    begin = starts(frame[start], labels, clock, start, door)
    door.close()
    raw = Codings(
        unit=unit_code, time=time_code, units=units, periods=labels, clock=clock,
        start=per_unit(begin, unit_code, units, start, door),
        cluster=clusters(frame, cluster, unit_code, units, door))
    rows = order(raw, repeated=unit is None, door=door)
    door.close()
    return raw, rows


def _used(
    raw: Codings, rows: Codes, usable: Mask, anticipation: int, *, followed: bool
) -> tuple[Codes, tuple[FlowStep, ...]]:
    """The rows that enter, and the count of those that do not."""
    flow = [FlowStep(label="rows given", n_rows=len(rows), n_units=len(raw.units))]
    if not usable.all():
        rows = rows[usable[rows]]
        left = len(np.unique(raw.unit[rows]))
        flow.append(FlowStep(label="rows with outcome and covariates", n_rows=len(rows), n_units=left,
                             note="the others hold a blank, or weight 0: left out"))
    rows, dropped = without_always(raw, rows, anticipation, followed=followed)
    rows, waiting = without_waiting(raw, rows, anticipation)
    rows, once = without_once(raw, rows) if followed else (rows, [])
    return rows, (*flow, *dropped, *waiting, *once)


def restrict(panel: Panel, rows: Mask, start: Floats | None = None, *, anticipation: int = 0) -> Panel:
    """The part of a panel in `rows`, coded anew, with other starts where given.

    Parameters
    ----------
    panel : Panel
    rows : (n,) bool
        Rows to keep; must leave someone treated and two periods.
    start : (N,) float, optional
        New starts on the clock, for all units of `panel`.
    anticipation : int
        Units whose start now lies after the data serve as untreated, but for the periods in which they may
        already act.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AAABBB"), "year": [1, 2, 3] * 2, "opened": [3] * 3 + [None] * 3,
    ...                       "rate": [5.0, 3.0, 4.0, 4.0, 1.0, 2.0]})
    >>> panel = read_panel(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> restrict(panel, panel.time < 2, np.array([2.0, np.inf])).first.tolist()
    [1, 2]
    """
    if anticipation and rows.any():
        whose, clock = (panel.start if start is None else start)[panel.unit], panel.clock[panel.time]
        rows = rows & ~((whose > clock[rows].max()) & (clock + anticipation >= whose))
    unit, in_unit = np.unique(panel.unit[rows], return_inverse=True)
    time, in_time = np.unique(panel.time[rows], return_inverse=True)
    begin = (panel.start if start is None else start)[unit]
    clock = panel.clock[time]
    first = np.searchsorted(clock, begin).astype(np.intp)
    return replace(
        panel, units=panel.units[unit], periods=panel.periods[time], clock=clock, unit=in_unit, time=in_time,
        y=panel.y[rows], x=panel.x[rows], weights=None if panel.weights is None else panel.weights[rows],
        start=np.where(first < len(clock), begin, np.inf), first=first,
        cluster=np.unique(panel.cluster[unit], return_inverse=True)[1],
        extra={name: values[rows] for name, values in panel.extra.items()},
        balanced=not panel.repeated and len(in_unit) == len(unit) * len(time))


def start_from_treated(frame: pd.DataFrame, *, unit: str, time: str, treated: str) -> pd.Series[Any]:
    """Each row's `start` from a 0/1 treatment status, for data that hold a status and no start.

    Raises
    ------
    BadInput
        The status is not 0/1, or switches off again in some unit (named).

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AABB"), "year": [1, 2, 1, 2], "open": [0, 1, 0, 0]})
    >>> start_from_treated(frame, unit="la", time="year", treated="open").tolist()
    [2.0, 2.0, nan, nan]
    """
    door = Door()
    refuse_absent(frame, {"unit": (unit,), "time": (time,), "treated": (treated,)}, door)
    status = numbers(frame, treated, "treated", door)
    if not np.isin(status, (0.0, 1.0)).all():
        door.refuse(
            f"treated ({treated})", "holds values other than 0 and 1", "0 or 1 in every row", "Recode it."
        )
        door.close()
    ordered = frame[[unit, time]].assign(status=status).sort_values([unit, time], kind="stable")
    falls = ordered.groupby(unit, sort=False)["status"].diff() < 0
    if falls.any():
        who = ordered.loc[falls, unit].unique()
        door.refuse(
            f"treated ({treated})",
            f"treatment switches off again in {len(who)} units: {listed(who)}",
            "once treated, treated",
            "Use did.switching, which allows it.",
        )
    door.close()
    begins = ordered[ordered["status"] == 1].groupby(unit, sort=False)[time].first()
    return frame[unit].map(begins).rename("start")
