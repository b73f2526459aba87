"""Two-way fixed effects: unit and period effects beside columns made of the starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.absorbed import Absorbed, absorbed
from hubeval.engine.fixed_effects import TwoWay
from hubeval.engine.fixed_effects import two_way as unit_and_period
from hubeval.errors import Door, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Columns = Callable[[Floats], Floats]

ESTIMAND = ("average effect on treated unit-periods as two-way fixed effects weights them; the average effect on the "
            "treated if effects do not differ by cohort or time")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoWayFit:
    """A fitted two-way regression, before anything is inferred from it.

    Attributes
    ----------
    panel : Panel
    effects : TwoWay
        Unit (first) and period (second) effects.
    columns : function
        From a start for every row, (n,), to the k regressors, (n, k).
    terms : tuple of str
        One a regressor.
    fit : Absorbed
        Coefficients of the regressors, then of the covariates.
    """

    panel: Panel
    effects: TwoWay
    columns: Columns
    terms: tuple[str, ...]
    fit: Absorbed

    @property
    def coef(self) -> Floats:
        """Coefficients of the terms, (k,)."""
        return np.asarray(self.fit.coef[: len(self.terms)])


    @property
    def influence(self) -> Floats:
        """Influence of each term, by unit, (k, N): its mean square over N is the variance without any correction."""
        panel, k = self.panel, len(self.terms)
        kept = list(self.fit.kept)
        x = self.effects.residuals(np.column_stack([self.columns(panel.start[panel.unit]), panel.x])[:, kept])
        w = self.effects.weights
        bread = np.linalg.pinv((x * w[:, None]).T @ x, hermitian=True)
        rows = (x * (w * self.fit.residuals)[:, None]) @ bread
        found = np.full((k, panel.n_units), np.nan)
        for place, j in enumerate(kept):
            if j < k:
                found[j] = np.bincount(panel.unit, rows[:, place], panel.n_units) * panel.n_units
        return found


def fit_columns(panel: Panel, columns: Columns, terms: tuple[str, ...]) -> TwoWayFit:
    """Regress the outcome on what `columns` makes of the starts, on the covariates, and on unit and period effects.

    Raises
    ------
    BadInput
        Unit and period effects already say what a term would, or covariates reproduce the outcome.
    """
    effects = unit_and_period(panel.unit, panel.time, panel.weights)
    x = np.column_stack([columns(panel.start[panel.unit]), panel.x])
    fit = absorbed(panel.y, x, effects, panel.cluster[panel.unit])
    _identified(fit, terms)
    _noisy(panel, fit)
    return TwoWayFit(panel=panel, effects=effects, columns=columns, terms=terms, fit=fit)


def treatment(panel: Panel) -> Columns:
    """One column: under treatment."""
    return lambda start: (panel.clock[panel.time] >= start).astype(float)[:, None]


def _identified(fit: Absorbed, terms: tuple[str, ...]) -> None:
    """Refuse terms that unit and period effects already say: rows before, after or beside them are not there."""
    door = Door()
    if lost := [terms[j] for j in fit.dropped if j < len(terms)]:
        door.refuse("start", f"no usable row tells {listed(lost)} from the effects of units and periods",
                    "treated units seen before and after their start, and others not yet treated at the same time",
                    "Bring those rows, or units that start later or never.")
    door.close()


def _noisy(panel: Panel, fit: Absorbed) -> None:
    """Refuse covariates that reproduce the outcome: what is left is rounding, and would get a p-value."""
    door = Door()
    scale = float(np.abs(panel.y - panel.y.mean()).max())
    if panel.x.shape[1] and float(np.abs(fit.residuals).max()) <= 1e-9 * scale:
        door.refuse("covariates", f"{listed(panel.covariates)} reproduce {panel.outcome!r} exactly",
                    "covariates measured apart from the outcome", "Leave out the one that is a copy of it.")
    door.close()


def within(effects: TwoWay, values: Floats) -> Floats:
    """`values` less their (weighted) unit means, (n,) or (n, k) as given."""
    columns = values[:, None] if values.ndim == 1 else values
    means = np.column_stack([np.bincount(effects.first, effects.weights * c) for c in columns.T])
    return np.asarray(columns - (means / effects.mass[:, None])[effects.first]).reshape(values.shape)
