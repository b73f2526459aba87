"""De Chaisemartin and D'Haultfoeuille's estimator for treatments that switch on, off, up or down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Door, Problem
from hubeval.methods.did.door.columns import numbers, refuse_absent
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.estimators.cell_regression import sums
from hubeval.methods.did.estimators.effects import Effects
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Mask = NDArray[np.bool_]

START = "first change of treatment"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data:
    """The panel as matrices (N units, T periods); NaN where a unit is not seen."""

    panel: Panel
    y: Floats
    dose: Floats
    weight: Floats
    base: Floats
    sign: Floats


@dataclass(slots=True)
class _Total:
    """What one event time adds up to, before any division.

    `dose` is the treatment accumulated up to it, `received` that of the period itself.
    """

    influence: Floats
    effect: float = 0.0
    dose: float = 0.0
    received: float = 0.0
    mass: float = 0.0
    units: int = 0
    alone: bool = False


def switching(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, treated: str, weights: str | None = None,
    cluster: str | None = None, effects: int | None = None, placebos: int = 0,
    switchers: Literal["all", "in", "out"] = "all", normalized: bool = False,
) -> Effects:
    """Effects of having had another treatment than at first, by periods since the first change.

    A unit whose treatment changes is compared, from its last period before the change, with units
    that started from the same treatment and have not changed yet. Treatment may be any number and
    may change more than once; for decreases the sign is turned, so effects are those of more
    treatment. Event time 0 is the period of the first change. For a treatment that switches on once
    this is the group-time estimator with not-yet treated controls, averaged by event time.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, time : str
        Columns.
    treated : str
        Treatment in the period: 0/1, or a number such as the share of sites open.
    weights, cluster : str, optional
        Clusters are the units unless named.
    effects : int, optional
        How many periods from the change on; as many as have comparisons by default.
    placebos : int
        How many periods before the reference to check, with the same comparisons.
    switchers : {"all", "in", "out"}
        All first changes, increases only, or decreases only.
    normalized : bool
        Divide each effect by the treatment accumulated up to it.

    Returns
    -------
    Effects
        By event time (reference -1); `overall` is the average effect per unit of treatment.

    Raises
    ------
    BadInput

    References
    ----------
    de Chaisemartin, C. & D'Haultfoeuille, X. (2024). Difference-in-differences estimators of
    intertemporal treatment effects. Review of Economics and Statistics.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("aaabbbccc"), "year": [1, 2, 3] * 3, "open": [0, 1, 0, 0, 0, 0, 0, 0, 0],
    ...                       "rate": [5.0, 3.0, 6.0, 4.0, 5.0, 6.0, 2.0, 3.0, 4.0]})
    >>> found = switching(frame, outcome="rate", unit="la", time="year", treated="open")
    >>> dict(zip(found.keys, found.estimate.tolist()))
    {0.0: -3.0, 1.0: -1.0}
    """
    _check_options(switchers, effects, placebos)
    data = _read(frame, outcome, unit, time, treated, weights, cluster)
    chosen = {"all": data.sign != 0, "in": data.sign > 0, "out": data.sign < 0}[switchers]
    totals: dict[float, _Total] = {}
    for ahead in range(data.panel.n_periods if effects is None else effects):
        total = _at(data, chosen, ahead, ahead)
        if total is not None:
            totals[float(ahead)] = total
    for back in range(1, placebos + 1):
        total = _at(data, chosen, back - 1, -1 - back)
        if total is not None:
            totals[float(-1 - back)] = total
    if not any(key >= 0 for key in totals):
        raise BadInput([Problem(f"treated ({treated})", "no change can be compared",
                                "units that start alike, of which some change later or never",
                                "Look for periods in which everybody changes at once.")])
    return _gather(data, dict(sorted(totals.items())), normalized)


def _read(
    frame: pd.DataFrame, outcome: str, unit: str, time: str, treated: str, weights: str | None, cluster: str | None
) -> _Data:
    """The panel, its start being each unit's first change of treatment."""
    door = Door()
    refuse_absent(frame, {"unit": (unit,), "time": (time,), "treated": (treated,)}, door)
    status = numbers(frame, treated, "treated", door)
    if np.isnan(status).any():
        door.refuse(f"treated ({treated})", f"{int(np.isnan(status).sum())} rows are blank", "a number in every row",
                    "Fill it in, or leave those rows out.")
    door.close()
    ordered = frame[[unit, time]].assign(_status=status).sort_values(time, kind="stable")
    first = ordered.groupby(unit, sort=False)["_status"].transform("first")
    begins = ordered[ordered["_status"] != first].groupby(unit, sort=False)[time].first()
    if not len(begins):
        door.refuse(f"treated ({treated})", "never changes within a unit", "units whose treatment changes",
                    "Check the column.")
    door.close()
    ready = frame.copy(deep=False)
    ready[START], ready[treated] = frame[unit].map(begins), status
    panel = read_panel(ready, outcome=outcome, unit=unit, time=time, start=START, weights=weights, cluster=cluster,
                       extra=(treated,))
    steps = np.diff(panel.clock)
    if len(steps) and (steps != steps[0]).any():
        door.refuse(f"time ({time})", "leaves out some periods, so time since a change cannot be counted",
                    "periods one step apart", "Add the missing periods, or write them as 1, 2, 3, ...")
    door.close()
    y, dose, mass = (np.full((panel.n_units, panel.n_periods), np.nan) for _ in range(3))
    y[panel.unit, panel.time] = panel.y
    dose[panel.unit, panel.time] = panel.extra[treated]
    mass[panel.unit, panel.time] = 1.0 if panel.weights is None else panel.weights
    # a row without outcome still says what the treatment was
    who = pd.Index(panel.units).get_indexer(pd.Index(ordered[unit]))
    when = pd.Index(panel.periods).get_indexer(pd.Index(ordered[time]))
    known = (who >= 0) & (when >= 0)
    dose[who[known], when[known]] = ordered["_status"].to_numpy()[known]
    base = ordered.assign(_first=first).groupby(unit, sort=False)["_first"].first().reindex(panel.units).to_numpy(float)
    after = ordered[ordered["_status"] != first].groupby(unit, sort=False)["_status"].first().reindex(panel.units)
    sign = np.where(panel.ever, np.sign(after.to_numpy(float) - base), 0.0)
    return _Data(panel=panel, y=y, dose=dose, weight=np.nanmean(mass, axis=1), base=base, sign=sign)


def _check_options(switchers: str, effects: int | None, placebos: int) -> None:
    door = Door()
    door.choice("switchers", switchers, ("all", "in", "out"))
    if effects is not None and effects < 1:
        door.refuse("effects", f"found {effects}", "1 or more", "Leave it out for as many as there are.")
    if placebos < 0:
        door.refuse("placebos", f"found {placebos}", "0 or more", "Correct it.")
    door.close()


def _at(data: _Data, chosen: Mask, ahead: int, to: int) -> _Total | None:
    """Sum over changers of signed differences, from the period before the change to `to` periods from it.

    Controls start from the same treatment and are unchanged `ahead` periods after the change.
    """
    panel = data.panel
    total = _Total(np.zeros(panel.n_units))
    changed = np.where(panel.ever, panel.first, panel.n_periods)
    for first in np.unique(changed[chosen]):
        last = first + ahead
        if last >= panel.n_periods or first < 1 or not 0 <= first + to < panel.n_periods:
            continue
        move = data.y[:, first + to] - data.y[:, first - 1]
        seen = np.isfinite(move) & np.isfinite(data.y[:, last]) & (data.weight > 0)
        for start in np.unique(data.base[chosen & (changed == first)]):
            alike = seen & (data.base == start)
            control = alike & (changed > last)
            for sign in (1.0, -1.0):
                inside = alike & chosen & (changed == first) & (data.sign == sign)
                if inside.any() and control.any():
                    _add(total, data, move, inside, control, sign, int(first), int(last))
    return total if total.mass > 0 else None


def _add(
    total: _Total, data: _Data, move: Floats, inside: Mask, control: Mask, sign: float, first: int, last: int
) -> None:
    """Add one cohort (same first treatment, change and direction) to the total."""
    w = data.weight
    mass, against = w[inside].sum(), w[control].sum()
    mean, other = w[inside] @ move[inside] / mass, w[control] @ move[control] / against
    path = data.dose[np.ix_(np.flatnonzero(inside), np.arange(first, last + 1))] - data.base[inside][:, None]
    total.effect += sign * mass * (mean - other)
    total.dose += float(sign * w[inside] @ np.nansum(path, axis=1))
    total.received += float(sign * w[inside] @ np.nan_to_num(path[:, -1]))
    total.mass += mass
    total.units += int(inside.sum())
    total.alone |= len(np.unique(data.panel.cluster[inside])) < 2 or len(np.unique(data.panel.cluster[control])) < 2
    # deviations are taken about means of n values, so n / (n - 1) makes their squares unbiased
    total.influence[inside] += sign * w[inside] * (move[inside] - mean) * _inflate(inside)
    total.influence[control] -= sign * mass * w[control] / against * (move[control] - other) * _inflate(control)


def _inflate(who: Mask) -> float:
    n = int(who.sum())
    return float(np.sqrt(n / (n - 1))) if n > 1 else 0.0


def _gather(data: _Data, totals: dict[float, _Total], normalized: bool) -> Effects:  # noqa: FBT001
    panel = data.panel
    scale = np.array([t.dose if normalized else t.mass for t in totals.values()])
    influence = np.column_stack([t.influence for t in totals.values()]) / scale
    summed = np.column_stack([sums(panel.cluster, column, panel.n_clusters) for column in influence.T])
    v = summed.T @ summed
    alone = np.array([t.alone for t in totals.values()])
    v[alone, :] = v[:, alone] = np.nan
    said = (NotComputed(what="standard errors of some event times", reason=(
        "some change rests on one cluster, or is compared with one, and one cannot show how much it varies")),)
    after = [t for key, t in totals.items() if key >= 0]
    found = Effects(
        method="de Chaisemartin-D'Haultfoeuille", by="event_time", keys=tuple(totals),
        estimand="effect of the treatment had since the first change, on units that changed"
                 + (", per unit of treatment" if normalized else ""),
        inference=f"influence functions, clustered by {panel.cluster_name}, normal",
        estimate=np.array([t.effect for t in totals.values()]) / scale, covariance=v,
        n_treated=after[0].units, n_comparison=int((~panel.ever).sum()), n_clusters=panel.n_clusters,
        n_observations=panel.n_rows, not_computed=said if alone.any() else (), flow=panel.flow,
        cautions=panel.cautions)
    return replace(found, overall=_overall(data, found, after))


def _overall(data: _Data, found: Effects, after: list[_Total]) -> Effects | None:
    """Average effect per unit of treatment: all effects over all the treatment that made them."""
    panel = data.panel
    dose = sum(t.received for t in after)
    if abs(dose) < 1e-12:
        return None
    influence = np.sum([t.influence for t in after], axis=0) / dose
    summed = sums(panel.cluster, influence, panel.n_clusters)
    variance = np.nan if any(t.alone for t in after) else float(summed @ summed)
    return replace(found, by="overall", keys=("average total effect",), covariance=np.array([[variance]]),
                   estimate=np.array([sum(t.effect for t in after) / dose]), overall=None,
                   estimand="effect per unit of treatment, on units that changed")
