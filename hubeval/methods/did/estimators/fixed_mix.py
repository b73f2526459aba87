"""Effects of repeated cross-sections among one fixed mix of people, whoever answers in each group and period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.tailored import tailored
from hubeval.methods.did.estimators.cells import acting, comparison
from hubeval.methods.did.estimators.drdid import NoOverlap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.cells import Cell
    from hubeval.protocol.did import Mix

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Level:
    """The mean outcome of one group in one period, its people weighted to the fixed mix.

    Attributes
    ----------
    value : float
    own : (m,) float
        Influence of the group's own rows, `rows`; sums to zero.
    rows : (m,) int
    slope : (k,) float
        By how much the mean moves with the mix, a covariate each.
    """

    value: float
    own: Floats
    rows: NDArray[np.intp]
    slope: Floats


class FixedMix:
    """Means by group and period of a panel, all weighted to the same means of the covariates.

    Each mean's rows get the weights nearest to their own (in entropy) under which their covariates have the means of
    the target: entropy balancing. The influence of a mean counts that the weights are estimated, and of the target
    that it is.

    Parameters
    ----------
    panel : Panel
        Repeated cross-sections with covariates.
    mix : {"treated-before", "treated-after", "pooled"}
        Whose mix: treated areas before their (anticipated) start, from their start on, or all rows.
    anticipation : int

    References
    ----------
    Abadie, A. (2005). Semiparametric difference-in-differences estimators. Review of Economic Studies 72, 1-19.
    Hong, S.-H. (2013). Measuring the effect of Napster on recorded music sales. J. Applied Econometrics 28, 297-324.
    Hainmueller, J. (2012). Entropy balancing for causal effects. Political Analysis 20, 25-46.
    Sant'Anna, P. and Xu, Q. (2023). Difference-in-differences with compositional changes.

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.methods.did import read_panel
    >>> frame = pd.DataFrame({"area": list("AAAABBBB"), "year": [1, 1, 2, 2] * 2, "opened": [2] * 4 + [None] * 4,
    ...                       "lone": [0, 1] * 4, "stress": [5.0, 9.0, 3.0, 7.0, 4.0, 8.0, 4.0, 8.0]})
    >>> panel = read_panel(frame, outcome="stress", unit=None, time="year", start="opened", covariates=["lone"],
    ...                    cluster="area")
    >>> FixedMix(panel, "pooled", 0).level(panel.ever, "treated", 1).value
    5.0
    """

    def __init__(self, panel: Panel, mix: Mix, anticipation: int) -> None:
        self.panel = panel
        self.weights = np.ones(panel.n_rows) if panel.weights is None else panel.weights
        target = _target(panel, mix, anticipation)
        share = np.where(target, self.weights, 0.0)
        share = share / share.sum()
        self.centre = share @ panel.x
        self.drawn = share[:, None] * (panel.x - self.centre)  # (n, k): influence of the target's own means
        self._known: dict[tuple[object, int], Level] = {}

    def effect(self, cell: Cell) -> tuple[float, Floats, Mask]:
        """Effect of a cell, its influence by row (n,), summing to zero, and the comparison's units (N,)."""
        others = comparison(self.panel, cell)
        later = int((self.panel.start > cell.bar).sum()) if np.isfinite(cell.bar) else -1
        value, influence, slope = 0.0, np.zeros(self.panel.n_rows), np.zeros(self.panel.x.shape[1])
        for units, name, sign in ((self.panel.first == cell.group, ("cohort", cell.group), 1.0),
                                  (others, ("others", later, cell.group), -1.0)):
            for time, way in ((cell.time, sign), (cell.base, -sign)):
                one = self.level(units, name, time)
                value += way * one.value
                influence[one.rows] += way * one.own
                slope += way * one.slope
        return value, influence + self.drawn @ slope, others

    def level(self, units: Mask, name: object, time: int) -> Level:
        """The mean of `units` (N,) in a period; kept under `name`."""
        key = (name, time)
        if key not in self._known:
            rows = np.flatnonzero(units[self.panel.unit] & (self.panel.time == time))
            self._known[key] = _level(self.panel.y[rows], self.panel.x[rows] - self.centre, self.weights[rows], rows)
        return self._known[key]


def _target(panel: Panel, mix: Mix, anticipation: int) -> Mask:
    """Rows whose mix of people is held, (n,)."""
    if mix == "pooled":
        return np.ones(panel.n_rows, dtype=bool)
    if mix == "treated-after":
        return panel.treated
    early = panel.time < acting(panel, anticipation)[panel.unit]
    return np.asarray(early & panel.ever[panel.unit])


def _level(y: Floats, x: Floats, w: Floats, rows: NDArray[np.intp]) -> Level:
    """A mean under weights that bring the covariates, centred at the target, to zero."""
    if not len(rows):
        raise NoOverlap("no rows in one of its four groups")
    varies = np.ptp(x, axis=0) > 0
    if (np.abs(x[:, ~varies]) > 1e-9).any():
        raise NoOverlap("everybody in one of its four groups is alike in a covariate in which the fixed mix is not")
    stacked = np.column_stack([np.ones(len(rows) + 1), np.vstack([x[:, varies], np.zeros(int(varies.sum()))])])
    one = np.arange(len(rows) + 1) == len(rows)  # the target: one record, heavy as the group
    found = tailored(stacked, one, "ATT", np.append(w, w.sum()))
    if not found.converged:
        raise NoOverlap("the people in one of its four groups cannot be weighted to the fixed mix")
    weight = w * np.exp(found.eta[:-1])
    weight = weight / weight.sum()
    value = float(weight @ y)
    spread = (x * weight[:, None]).T @ x
    slope = np.linalg.pinv(spread, hermitian=True) @ (x.T @ (weight * (y - value)))
    return Level(value, weight * (y - value - x @ slope), rows, slope)
