"""Outcomes without treatment, fitted on rows not (yet) treated: what imputation and two-stage share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.fixed_effects import TwoWay, column_sums, two_way
from hubeval.engine.least_squares import least_squares
from hubeval.errors import BadInput, Problem, listed
from hubeval.methods.did.estimators.cell_regression import useless
from hubeval.methods.did.estimators.cells import acting
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStage:
    """Unit and period effects (and slopes) fitted on the untreated rows, carried to every row it can reach.

    Attributes
    ----------
    untreated : (m,) int
        Rows of the panel that the fit rests on.
    reached : (n,) bool
        Rows whose unit and period effects are both known.
    gap : (n,) float
        Outcome less its fitted value without treatment; zero where not reached.
    weights : (n,) float
    not_computed : tuple of NotComputed
    """

    panel: Panel
    effects: TwoWay
    untreated: Codes
    unit_code: Codes
    time_code: Codes
    x: Floats
    inside: Floats
    bread: Floats
    reached: NDArray[np.bool_]
    gap: Floats
    weights: Floats
    not_computed: tuple[NotComputed, ...]

    def influence(self, rows: Codes, shares: Floats, centre: Floats) -> Floats:
        """Cluster sums of the influence on weighted means of `gap`, (G, k).

        The share of a mean that rests on fitted effects is traced back to the untreated rows by
        least squares itself (Borusyak, Jaravel & Spiess 2024, eq. 6; Gardner 2022, the GMM form).

        Parameters
        ----------
        rows : (m,) int
            Rows of the panel, all reached.
        shares : (m, k) float
            Weights of the means.
        centre : (m, k) float
            What each row's gap is taken about.
        """
        panel = self.panel
        unit, time = self.unit_code[panel.unit[rows]], self.time_code[panel.time[rows]]
        a, b = self.effects.shape
        traced = self.effects.spread(column_sums(unit, shares, a), column_sums(time, shares, b))
        if self.x.shape[1]:
            rest = self.x[rows].T @ shares - self.x[self.untreated].T @ traced
            traced = traced + self.effects.weights[:, None] * (self.inside @ (self.bread @ rest))
        own = shares * (self.gap[rows, None] - centre)
        back = traced * self.gap[self.untreated, None]
        cluster = panel.cluster[panel.unit]
        own_sums = column_sums(cluster[rows], own, panel.n_clusters)
        return own_sums - column_sums(cluster[self.untreated], back, panel.n_clusters)


def first_stage(panel: Panel, anticipation: int = 0) -> FirstStage:
    """Fit unit and period effects and covariate slopes on the rows before (anticipated) treatment."""
    weights = np.ones(panel.n_rows) if panel.weights is None else panel.weights
    begin = acting(panel, anticipation)[panel.unit]
    untreated = np.flatnonzero((panel.time < begin) & (weights > 0))
    if not len(untreated):
        raise BadInput([Problem("start", "no row lies before treatment", "rows of units not yet treated",
                                "Check the start column.")])
    units, unit = np.unique(panel.unit[untreated], return_inverse=True)
    times, time = np.unique(panel.time[untreated], return_inverse=True)
    effects = two_way(unit, time, weights[untreated])
    kept, inside, bread, slopes = _slopes(panel, effects, untreated)
    x = panel.x[:, kept]
    alpha, gamma = effects.effects((panel.y[untreated] - x[untreated] @ slopes)[:, None])
    unit_code, time_code = _codes(units, panel.n_units), _codes(times, panel.n_periods)
    reached = _reached(panel, effects, unit_code, time_code) & (weights > 0)
    fitted = alpha[unit_code[panel.unit], 0] + gamma[time_code[panel.time], 0] + x @ slopes
    return FirstStage(
        panel=panel, effects=effects, untreated=untreated, unit_code=unit_code, time_code=time_code, x=x,
        inside=inside, bread=bread, reached=reached, gap=np.where(reached, panel.y - fitted, 0.0),
        weights=weights, not_computed=(*_unreached(panel, reached, weights), *useless(panel.covariates, kept)))


def _slopes(
    panel: Panel, effects: TwoWay, untreated: Codes
) -> tuple[NDArray[np.bool_], Floats, Floats, Floats]:
    """Which covariates vary within units and periods; the same less the effects; their bread and slopes."""
    inside = effects.residuals(panel.x[untreated])
    size = np.abs(panel.x[untreated]).max(axis=0, initial=0.0)
    varying = np.abs(inside).max(axis=0, initial=0.0) > 1e-9 * size
    inside = inside[:, varying]
    if not varying.any():
        return varying, inside, np.empty((0, 0)), np.empty(0)
    fit = least_squares(effects.residuals(panel.y[untreated]), inside, effects.weights)
    used = list(fit.kept)
    kept = np.isin(np.arange(len(varying)), np.flatnonzero(varying)[used])
    return kept, inside[:, used], fit.bread, fit.coef[used]


def _codes(labels: Codes, size: int) -> Codes:
    codes = np.full(size, -1, dtype=np.intp)
    codes[labels] = np.arange(len(labels))
    return codes


def _reached(panel: Panel, effects: TwoWay, unit_code: Codes, time_code: Codes) -> NDArray[np.bool_]:
    """Rows whose unit and period effect are known relative to one another: both in one connected part."""
    part_of_unit, part_of_time = effects.parts
    unit, time = unit_code[panel.unit], time_code[panel.time]
    known = (unit >= 0) & (time >= 0)
    return np.asarray(known & (part_of_unit[unit] == part_of_time[time]))


def _unreached(panel: Panel, reached: NDArray[np.bool_], weights: Floats) -> tuple[NotComputed, ...]:
    lost = ~reached & panel.treated & (weights > 0)
    if not lost.any():
        return ()
    periods = listed(panel.label(t) for t in np.unique(panel.time[lost]))
    return (NotComputed(
        what=f"effects in {int(lost.sum())} treated rows ({periods})",
        reason="no untreated row fixes their unit's level or their period's level"),)
