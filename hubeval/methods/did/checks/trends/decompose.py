"""What the two-way fixed-effects coefficient is made of: its 2x2 comparisons and its weights on effects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.engine.fixed_effects import two_way
from hubeval.errors import Door
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.estimators.cell_regression import check_panel, sums
from hubeval.result import NotComputed
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

KINDS = ("treated against never treated", "earlier against later treated", "later against earlier treated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decomposition(Shown):
    """The two-way fixed-effects coefficient taken apart.

    Attributes
    ----------
    two_way : float
        The coefficient on treatment.
    treated, untreated : (p,) float
        Clock value of the start of the treated and of the comparison cohort of each 2x2 (inf: never).
    kind : tuple of str
        One of ``KINDS`` for each 2x2; the last kind uses units already treated as comparison.
    estimate, weight : (p,) float
        The 2x2 difference-in-differences and its weight; weights sum to 1.
    cell_group, cell_time : (c,) float
        Cohort start and period of each treated cell.
    cell_weight : (c,) float
        Weight of the cell's effect in the coefficient; they sum to 1 and some may be negative.
    cell_size : (c,) float
        Treated rows in the cell, or their summed weights.
    units : mapping of float to int
        Units in each cohort, by the clock value of its start (inf: never).
    not_computed : tuple of NotComputed
    """

    two_way: float
    treated: Floats
    untreated: Floats
    kind: tuple[str, ...]
    estimate: Floats
    weight: Floats
    cell_group: Floats
    cell_time: Floats
    cell_weight: Floats
    cell_size: Floats
    units: Mapping[float, int] = field(default_factory=dict)
    not_computed: tuple[NotComputed, ...] = ()

    @property
    def forbidden(self) -> float:
        """Share of weight on comparisons with units already treated."""
        return float(self.weight[np.array([kind == KINDS[2] for kind in self.kind], dtype=bool)].sum())

    @property
    def negative(self) -> float:
        """Sum of the negative weights on cells (0 where there are none)."""
        return float(self.cell_weight[self.cell_weight < 0].sum())

    @property
    def fragile_at(self) -> float:
        """Smallest standard deviation of effects between cells with which the true average could be zero.

        de Chaisemartin & D'Haultfoeuille (2020), corollary 1. Infinite where the weights are those
        of the plain average.
        """
        share = self.cell_size / self.cell_size.sum()
        spread = float(np.sqrt(share @ (self.cell_weight / share - 1) ** 2))
        return abs(self.two_way) / spread if spread > 1e-12 else np.inf

    def to_frame(self) -> pd.DataFrame:
        """One row a 2x2 comparison."""
        return pd.DataFrame({"treated": self.treated, "untreated": self.untreated, "kind": self.kind,
                             "estimate": self.estimate, "weight": self.weight})

    def summary(self) -> pd.DataFrame:
        """Weight and weighted mean estimate by kind of comparison."""
        frame = self.to_frame()
        frame["part"] = frame["estimate"] * frame["weight"]
        total = frame.groupby("kind", sort=False)[["weight", "part"]].sum().reset_index()
        return total.assign(estimate=total["part"] / total["weight"])[["kind", "weight", "estimate"]]

    def weights_frame(self) -> pd.DataFrame:
        """One row a treated cell: its weight in the coefficient beside its weight in the plain average."""
        return pd.DataFrame({"group": self.cell_group, "time": self.cell_time, "weight": self.cell_weight,
                             "plain_weight": self.cell_size / self.cell_size.sum()})


def decompose(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, weights: str | None = None,
) -> Decomposition:
    """Take the two-way fixed-effects coefficient apart.

    Goodman-Bacon's 2x2 comparisons need a balanced panel and weights fixed over time; the weights
    on cohort-by-period effects are given for any panel.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, time, start : str
        Columns; `start` is the first treated period, blank for never treated.
    weights : str, optional

    Returns
    -------
    Decomposition
        Empty comparisons, with the reason in `not_computed`, where the panel is unbalanced.

    Raises
    ------
    BadInput

    References
    ----------
    Goodman-Bacon, A. (2021). Difference-in-differences with variation in treatment timing. Journal
    of Econometrics 225, 254-277.
    de Chaisemartin, C. & D'Haultfoeuille, X. (2020). Two-way fixed effects estimators with
    heterogeneous treatment effects. American Economic Review 110, 2964-2996.

    Examples
    --------
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> parts = decompose(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> bool(abs(parts.weight @ parts.estimate - parts.two_way) < 1e-12), round(parts.forbidden, 3)
    (True, 0.167)
    """
    return decompose_panel(read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, weights=weights))


def decompose_panel(panel: Panel) -> Decomposition:
    """`decompose` on a panel that is already read; its covariates are left aside."""
    check_panel(panel)
    mass = np.ones(panel.n_rows) if panel.weights is None else panel.weights
    rest = _treatment_residual(panel, mass)
    coefficient = float((mass * rest) @ panel.y / ((mass * rest) @ panel.treated))
    unit_mass = sums(panel.unit, mass, panel.n_units) / panel.n_periods
    fixed = bool(np.allclose(mass, unit_mass[panel.unit], rtol=1e-12)) if panel.balanced else False
    pairs = _pairs(panel, unit_mass) if fixed else None
    reason = "the panel is unbalanced" if not panel.balanced else "weights change over time"
    group, period, weight, size = _cell_weights(panel, mass, rest)
    empty, clock = np.empty(0), np.append(panel.clock, np.inf)
    return Decomposition(
        two_way=coefficient, cell_group=group, cell_time=period, cell_weight=weight, cell_size=size,
        treated=pairs[0] if pairs else empty, untreated=pairs[1] if pairs else empty,
        kind=pairs[2] if pairs else (), estimate=pairs[3] if pairs else empty,
        weight=pairs[4] if pairs else empty,
        units={float(clock[first]): int((panel.first == first).sum()) for first in np.unique(panel.first)},
        not_computed=() if pairs else (NotComputed(what="Goodman-Bacon decomposition", reason=reason),))


def _treatment_residual(panel: Panel, mass: Floats) -> Floats:
    """Treatment less unit and period effects, (n,)."""
    used = mass > 0
    unit, time = (np.unique(codes[used], return_inverse=True)[1] for codes in (panel.unit, panel.time))
    rest = np.zeros(panel.n_rows)
    rest[used] = two_way(unit, time, mass[used]).residuals(panel.treated[used].astype(np.float64))
    door = Door()
    if float(np.abs(rest).max()) < 1e-10:
        door.refuse("start", "treatment is a combination of unit and period effects",
                    "units that start at different times, or never", "A comparison group is missing.")
    door.close()
    return rest


def _cell_weights(panel: Panel, mass: Floats, rest: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    rows = np.flatnonzero(panel.treated & (mass > 0))
    group = panel.first[panel.unit[rows]]
    pairs, cell = np.unique(group * panel.n_periods + panel.time[rows], return_inverse=True)
    part = sums(cell, (mass * rest)[rows], len(pairs))
    return (panel.clock[pairs // panel.n_periods], panel.clock[pairs % panel.n_periods], part / part.sum(),
            sums(cell, mass[rows], len(pairs)))


def _pairs(panel: Panel, mass: Floats) -> tuple[Floats, Floats, tuple[str, ...], Floats, Floats]:
    """Every 2x2 with its estimate and weight; Goodman-Bacon (2021), equations 7 to 10."""
    cohorts = np.unique(panel.first)
    size = sums(np.searchsorted(cohorts, panel.first), mass, len(cohorts))
    share = size / size.sum()
    y = panel.matrix(panel.y)
    means = np.vstack([mass[panel.first == c] @ y[panel.first == c] / mass[panel.first == c].sum()
                       for c in cohorts])
    last = panel.n_periods
    found: list[tuple[int, int, str, float, float]] = []
    for i, k in enumerate(cohorts[cohorts < last]):
        for j in range(i + 1, len(cohorts)):
            later = int(cohorts[j])
            both = share[i] + share[j]
            odds = share[i] * share[j] / both**2
            kind = KINDS[1] if later < last else KINDS[0]
            found.append((k, later, kind, _two_by_two(means[i], means[j], 0, k, later),
                          (both * later / last) ** 2 * odds * ((later - k) / later) * (k / later)))
            if later < last:
                window = last - k
                timing = ((last - later) / window) * ((later - k) / window)
                found.append((later, k, KINDS[2], _two_by_two(means[j], means[i], k, later, last),
                              (both * window / last) ** 2 * odds * timing))
    clock = np.append(panel.clock, np.inf)
    weight = np.array([row[4] for row in found])
    treated, untreated = clock[[row[0] for row in found]], clock[[row[1] for row in found]]
    estimate = np.array([row[3] for row in found])
    return treated, untreated, tuple(row[2] for row in found), estimate, weight / weight.sum()


def _two_by_two(treated: Floats, other: Floats, begin: int, start: int, end: int) -> float:
    """Change from [begin, start) to [start, end) in one cohort less that in another."""
    gap = treated - other
    return float(gap[start:end].mean() - gap[begin:start].mean())
