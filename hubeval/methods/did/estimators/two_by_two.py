"""The 2x2: two periods, one start, covariates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import Door
from hubeval.methods.did.door.panel import Panel, read_panel
from hubeval.methods.did.estimators.drdid import ESTIMATORS, Estimator, NoOverlap, followed, sections
from hubeval.methods.did.estimators.influence import by_cluster, normal_frame
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LABELS = {"dr": "doubly robust (traditional)", "improved": "doubly robust (improved)", "reg": "outcome regression",
          "ipw": "inverse probability weighting"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoByTwo(Shown):
    """The effect on the treated between two periods.

    Attributes
    ----------
    estimate, std_error : float
    influence : (N,) float
        By unit (by row for repeated cross-sections); mean zero.
    trimmed : int
        Comparison units left out for want of a counterpart.
    method : str
    """

    estimate: float
    std_error: float
    influence: Floats = field(repr=False)
    trimmed: int
    method: str
    n_treated: int
    n_comparison: int

    def to_frame(self, conf_level: float = 0.95) -> pd.DataFrame:
        """One row, in broom's columns; a normal interval."""
        frame = normal_frame(np.array([self.estimate]), np.array([self.std_error]), conf_level)
        frame.insert(0, "term", ["ATT"])
        return frame


def two_by_two(
    frame: pd.DataFrame, *, outcome: str, unit: str | None, time: str, start: str, covariates: Sequence[str] = (),
    estimator: Estimator = "improved", weights: str | None = None, cluster: str | None = None,
) -> TwoByTwo:
    """Doubly robust difference-in-differences with two periods (Sant'Anna & Zhao 2020).

    Parameters
    ----------
    frame : DataFrame
        Two periods; treated units start in the second.
    outcome, unit, time, start, covariates, weights, cluster : columns
        As everywhere in this room (`read_panel`); ``unit=None`` for repeated cross-sections. Covariates are
        read in the first period where units are followed.
    estimator : {"improved", "dr", "reg", "ipw"}

    Raises
    ------
    BadInput
        More than two periods, units seen once, no overlap.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AABBCCDD"), "year": [1, 2] * 4, "opened": [2] * 4 + [None] * 4,
    ...                       "rate": [5.0, 3.0, 4.0, 3.0, 2.0, 2.5, 2.0, 2.5]})
    >>> two_by_two(frame, outcome="rate", unit="la", time="year", start="opened").estimate
    -2.0
    """
    door = Door()
    door.choice("estimator", estimator, ESTIMATORS)
    door.close()
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                       weights=weights, cluster=cluster, latecomers=True)
    if panel.n_periods != 2:
        door.refuse("time", f"holds {panel.n_periods} periods", "two", "Use group_time for more.")
    if not panel.repeated and not panel.balanced:
        door.refuse("unit", "some units are seen in one period only", "both periods for every unit",
                    "Leave those out, or give unit=None to compare cross-sections.")
    door.close()
    try:
        return _fit(panel, estimator)
    except NoOverlap as why:
        door.refuse("covariates", str(why), "treated and comparison units that overlap", "Use fewer covariates.")
        door.close()
        raise


def _fit(panel: Panel, estimator: Estimator) -> TwoByTwo:
    ever = panel.ever
    if panel.repeated:
        x = np.column_stack([np.ones(panel.n_rows), panel.x])
        found = sections(panel.y, panel.time == 1, ever[panel.unit], x, panel.weights, estimator)
    else:
        x = np.column_stack([np.ones(panel.n_units), panel.x[::2]])
        change = np.diff(panel.matrix(panel.y), axis=1).T
        found = followed(change, ever, x, None if panel.weights is None else panel.weights[::2], estimator)
    influence = found.influence[0]
    if panel.repeated:
        influence = np.bincount(panel.unit, influence, panel.n_units)
    summed = by_cluster(influence[None, :], panel.cluster)[0]
    return TwoByTwo(
        estimate=float(found.estimate[0]), std_error=float(np.sqrt(summed @ summed) / panel.n_units),
        influence=influence, trimmed=found.trimmed, method=f"2x2, {LABELS[estimator]}", n_treated=int(ever.sum()),
        n_comparison=int((~ever).sum()))
