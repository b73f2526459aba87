"""Triple difference: the effect on those eligible, against the ineligible of the same place and period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hubeval.errors import Door
from hubeval.methods.did.door.columns import numbers, refuse_absent
from hubeval.methods.did.estimators.extended import extended
from hubeval.methods.did.estimators.imputation import imputation
from hubeval.methods.did.estimators.sun_abraham import sun_abraham
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubeval.methods.did.estimators.effects import CellEffects

ESTIMATORS: dict[str, Callable[..., CellEffects]] = {
    "extended": extended, "imputation": imputation, "sun-abraham": sun_abraham}


def triple(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, eligible: str,
    covariates: Sequence[str] = (), weights: str | None = None, cluster: str | None = None, anticipation: int = 0,
    estimator: Literal["extended", "imputation", "sun-abraham"] = "extended",
) -> CellEffects:
    """Difference-in-differences of the gap between eligible and ineligible within each unit and period.

    Whatever moves both groups of a place alike (a local shock, a recording change) drops out; what
    is assumed is that the gap would have moved in parallel. On a balanced panel this is the
    regression with unit-by-period, eligible-by-period and unit-by-eligible effects, kept right for
    staggered starts.

    Parameters
    ----------
    frame : DataFrame
        One or more rows per unit, period and group (or persons): they are averaged first.
    outcome, unit, time, start : str
        Columns; `start` is the unit's first treated period, blank for never treated.
    eligible : str
        Column of 1 for those treatment is meant for and 0 for the others.
    covariates : sequence of str
        Averaged and differenced like the outcome.
    weights : str, optional
        Weights in the averages; a unit and period then counts by its eligible weight.
    cluster : str, optional
    anticipation : int
    estimator : {"extended", "imputation", "sun-abraham"}
        For the gaps.

    Returns
    -------
    CellEffects

    Raises
    ------
    BadInput

    References
    ----------
    Gruber, J. (1994). American Economic Review 84, 622-641. Olden, A. & Moen, J. (2022). The triple
    difference estimator. Econometrics Journal 25, 531-553. Ortiz-Villavicencio, M. & Sant'Anna, P.
    (2025). Better understanding triple differences estimators. arXiv:2505.09942.

    Examples
    --------
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> young, older = staggered().assign(young=1), staggered().assign(young=0, rate=lambda d: d["year"] - 2000)
    >>> both = pd.concat([young, older])
    >>> cells = triple(both, outcome="rate", unit="la", time="year", start="opened", eligible="young")
    >>> cells.aggregate("event").to_frame()["estimate"].round(6).tolist()
    [-1.0, -2.0, -3.0, -4.0]
    """
    door = Door()
    door.choice("estimator", estimator, tuple(ESTIMATORS))
    if covariates and estimator == "extended":
        door.refuse("covariates", "are gaps that vary over time, which 'extended' does not take",
                    "estimator='imputation' or 'sun-abraham'", "Choose one of those.")
    named = {"outcome": (outcome,), "unit": (unit,), "time": (time,), "start": (start,), "eligible": (eligible,),
             "covariates": tuple(covariates), "weights": (weights,) if weights else (),
             "cluster": (cluster,) if cluster else ()}
    refuse_absent(frame, named, door)
    group = numbers(frame, eligible, "eligible", door)
    if not np.isin(group[np.isfinite(group)], (0.0, 1.0)).all():
        door.refuse(f"eligible ({eligible})", "holds values other than 0 and 1", "0 or 1", "Recode it.")
    columns = {c: numbers(frame, c, a, door) for a in ("outcome", "covariates", "weights") for c in named[a]}
    door.close()
    keys = [unit, time]
    mass = columns[weights] if weights else np.ones(len(frame))
    gaps, lost = _gaps(frame[keys], columns, group, mass, [outcome, *covariates])
    first = frame.groupby(keys, sort=False)[[c for c in (start, cluster) if c and c not in keys]].first()
    ready = gaps.join(first).reset_index()
    if weights:
        ready[weights] = ready.pop("_mass")
    cells = ESTIMATORS[estimator](ready, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                                  weights=weights, cluster=cluster, anticipation=anticipation)
    absent = NotComputed(what=f"{lost} units and periods", reason="eligible or ineligible rows are absent")
    said = (absent,) if lost else ()
    return replace(cells, method=f"triple difference, {cells.method}", not_computed=(*cells.not_computed, *said),
                   estimand="average effect on the eligible of treated units, by cohort and period")


def _gaps(
    keys: pd.DataFrame, columns: dict[str, np.ndarray], group: np.ndarray, mass: np.ndarray, wanted: list[str]
) -> tuple[pd.DataFrame, int]:
    """Weighted means of the eligible less those of the others, by unit and period; and how many lack one side."""
    known = np.isfinite(group) & np.isfinite(mass) & (mass > 0)
    known &= np.all([np.isfinite(columns[c]) for c in wanted], axis=0)
    by = list(keys.columns)
    table = keys.assign(_mass=mass, _group=group, **{f"_{i}": mass * columns[c] for i, c in enumerate(wanted)})[known]
    sides = []
    for side in (1.0, 0.0):
        total = table[table["_group"] == side].groupby(by)[["_mass", *(f"_{i}" for i in range(len(wanted)))]].sum()
        sides.append(pd.DataFrame({c: total[f"_{i}"] / total["_mass"] for i, c in enumerate(wanted)}
                                  | {"_mass": total["_mass"]}))
    both = sides[0].index.intersection(sides[1].index)
    gaps = sides[0].loc[both] - sides[1].loc[both]
    gaps["_mass"] = sides[0].loc[both, "_mass"]
    return gaps, len(sides[0].index.union(sides[1].index)) - len(both)
