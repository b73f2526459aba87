"""Rows of units over time with an exposure of any size, checked: for estimators that ask for no start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.errors import Door
from hubeval.methods.did.door.columns import (
    Codings,
    check_weights,
    clusters,
    covariate_columns,
    numbers,
    order,
    periods,
    refuse_absent,
    units_of,
)
from hubeval.result import FlowStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """Checked rows, sorted by unit and time.

    Attributes
    ----------
    unit, time, cluster : (n,) int
        Codes 0, 1, ... of what has usable rows.
    y, exposure : (n,) float
    x : (n, k) float
        Covariates.
    weights : (n,) float or None
    cluster_name : str
    covariates : tuple of str
    flow : tuple of FlowStep
    """

    unit: Codes
    time: Codes
    cluster: Codes
    y: Floats
    exposure: Floats
    x: Floats
    weights: Floats | None
    cluster_name: str
    covariates: tuple[str, ...] = ()
    flow: tuple[FlowStep, ...] = ()


def read_exposed(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, exposure: str, covariates: Sequence[str] = (),
    weights: str | None = None, cluster: str | None = None,
) -> Exposed:
    """Check a frame at the door; the frame is not changed, and rows with a blank are left out and counted.

    Raises
    ------
    BadInput
        Every problem found, one line each.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AABB"), "year": [1, 2] * 2, "share": [0, .5, 0, 0], "rate": [5., 3, 4, None]})
    >>> rows = read_exposed(frame, outcome="rate", unit="la", time="year", exposure="share")
    >>> rows.exposure.tolist(), rows.flow[-1].n_rows
    ([0.0, 0.5, 0.0], 3)
    """
    door = Door()
    one = {"outcome": outcome, "unit": unit, "time": time, "exposure": exposure, "weights": weights, "cluster": cluster}
    wanted = {argument: (column,) for argument, column in one.items() if column is not None}
    refuse_absent(frame, {**wanted, "covariates": tuple(covariates)}, door)
    for argument, columns in (("exposure", (exposure,)), ("covariates", tuple(covariates)), ("weights", (weights,))):
        if outcome in columns:
            door.refuse(argument, f"{outcome!r} is the outcome itself", "another column", "Name another.")
    if exposure in covariates:
        door.refuse("covariates", f"{exposure!r} is the exposure", "other columns", "Leave it out.")
    door.close()
    y, dose = numbers(frame, outcome, "outcome", door), numbers(frame, exposure, "exposure", door)
    w = None if weights is None else numbers(frame, weights, "weights", door)
    x, names = covariate_columns(frame, tuple(covariates), door)
    if w is not None:
        check_weights(w, door)
    when, labels, clock = periods(frame[time], time, door)
    who, units = units_of(frame, unit, door)
    door.close()
    raw = Codings(unit=who, time=when, units=units, periods=labels, clock=clock, start=np.full(len(units), np.inf),
                  cluster=clusters(frame, cluster, who, units, door))
    rows = order(raw, repeated=False, door=door)
    door.close()
    usable = np.isfinite(y) & np.isfinite(dose) & np.isfinite(x).all(axis=1)
    usable &= True if w is None else np.isfinite(w) & (w > 0)
    flow = [FlowStep(label="rows given", n_rows=len(rows), n_units=len(units))]
    rows = rows[usable[rows]]
    if not usable.all():
        flow.append(FlowStep(label="rows with outcome, exposure and covariates", n_rows=len(rows),
                             n_units=len(np.unique(who[rows])), note="the others hold a blank, or weight 0: left out"))
    return Exposed(
        unit=_dense(who[rows]), time=_dense(when[rows]), cluster=_dense(raw.cluster[who[rows]]), y=y[rows],
        exposure=dose[rows], x=x[rows], weights=None if w is None else w[rows], cluster_name=cluster or unit,
        covariates=names, flow=tuple(flow))


def _dense(codes: NDArray[Any]) -> Codes:
    return np.unique(codes, return_inverse=True)[1].astype(np.intp)
