"""How group-time effects are averaged: which treated observations, or which treated units, count how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.cells import Cell

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

class CellsHeld(Protocol):
    """What is averaged: effects by cohort and period, as `GroupTime` holds them."""

    @property
    def group(self) -> Floats:
        """Clock values of the cohorts' starts, (K,)."""
        ...

    @property
    def time(self) -> Floats:
        """Clock values of the periods, (K,)."""
        ...

    @property
    def after(self) -> Mask:
        """From the start on, (K,)."""
        ...

    @property
    def size(self) -> Floats:
        """Treated observations, (K,)."""
        ...

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Which comparison each is."""
        ...

    @property
    def panel(self) -> Panel:
        """What was used."""
        ...


Averaging = Literal["observations", "units"]
AVERAGINGS = ("observations", "units")


def averages(fit: CellsHeld, keys: Floats, averaging: Averaging = "observations") -> Floats:
    """Weights on the cells: of the average from the start on, then of each event time in `keys`, (1 + k, K).

    Parameters
    ----------
    fit : GroupTime
    keys : (k,) float
    averaging : {"observations", "units"}
        Every treated observation (a unit in a period; a person of repeated cross-sections) counts once; or every
        treated unit (area of repeated cross-sections) in every period, however many of its rows are there.
    """
    event = fit.time - fit.group
    size = fit.size if averaging == "observations" else cohort_mass(fit)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([w / w.sum() for w in (size * which for which in (fit.after, *(event == e for e in keys)))])


def cohort_mass(fit: CellsHeld) -> Floats:
    """Units (areas of repeated cross-sections) of each cell's cohort, or their summed mean weights, (K,)."""
    panel = fit.panel
    mass = np.bincount(panel.first, unit_mass(panel), panel.n_periods + 1)
    return np.array([mass[cell.group] for cell in fit.cells])


def unit_mass(panel: Panel) -> Floats:
    """What each unit counts, (N,): its mean weight; of repeated cross-sections its share in its area, weight apart."""
    w = np.ones(panel.n_rows) if panel.weights is None else panel.weights
    if panel.repeated:
        return np.asarray(w / np.bincount(panel.cluster, w)[panel.cluster])
    return np.asarray(np.bincount(panel.unit, w) / np.bincount(panel.unit))


def mass_of(panel: Panel) -> Floats:
    """What each unit counts in its cohort's means, (N,)."""
    if panel.repeated:
        return np.ones(panel.n_units) if panel.weights is None else panel.weights
    return unit_mass(panel)
