"""Synthetic difference-in-differences: donor weights, time weights, and the double difference between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.simplex import simplex_fit
from hubeval.methods.synth.door.panel import Panel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights of a synthetic difference-in-differences.

    Attributes
    ----------
    omega : (n,) float
        One a donor, in the order of the donors; they sum to one.
    lam : (t0,) float
        One a period before the start; they sum to one.
    zeta : float
        Regularisation of `omega`, in the outcome's unit.
    relative_gap : float
        The larger of the two duality gaps, as a share of its objective.
    """

    omega: Floats
    lam: Floats
    zeta: float
    relative_gap: float


def fit_weights(panel: Panel, zeta: float | None = None) -> Weights:
    """Exact donor and time weights; `zeta` is the paper's, from the donors' first differences, if None."""
    y, t0 = panel.y, panel.t0
    donors, treated = y[:, list(panel.donors)], y[:, list(panel.treated)].mean(axis=1)
    noise = float(np.diff(donors[:t0], axis=0).std(ddof=1))
    if zeta is None:
        zeta = float((len(panel.treated) * panel.n_post) ** 0.25 * noise)
    omega = simplex_fit(_centred(donors[:t0]), _centred(treated[:t0, None])[:, 0], ridge=zeta**2 * t0)
    before, after = donors[:t0].T, donors[t0:].mean(axis=0)
    lam = simplex_fit(_centred(before), _centred(after[:, None])[:, 0], ridge=(1e-6 * noise) ** 2 * len(before))
    return Weights(
        omega=omega.weights[0],
        lam=lam.weights[0],
        zeta=zeta,
        relative_gap=float(max(omega.relative_gap[0], lam.relative_gap[0])),
    )


def _centred(a: Floats) -> Floats:
    """Columns with their means taken out: the intercept of both problems."""
    return np.asarray(a - a.mean(axis=0), dtype=float)


def curve(donors: Floats, treated: Floats, omega: Floats, lam: Floats) -> Floats:
    """The treated path less the weighted donors', moved so that its weighted mean before the start is zero."""
    gap = treated - np.einsum("tn,n->t", donors, omega)
    return np.asarray(gap - np.einsum("t,t->", gap[: len(lam)], lam))


def effect(panel: Panel, donors: Ints, treated: Ints, omega: Floats, lam: Floats) -> float:
    """The mean effect from the start on, with given units in both roles and given weights."""
    path = curve(panel.y[:, donors], panel.y[:, treated].mean(axis=1), omega, lam)
    return float(path[panel.t0 :].mean())


def unsteadiness(panel: Panel, donors: Ints, treated: Ints, omega: Floats) -> float:
    """Standard deviation, before the start, of the treated path about its weighted donors'."""
    before = panel.y[: panel.t0]
    return float((before[:, treated].mean(axis=1) - np.einsum("tn,n->t", before[:, donors], omega)).std())


def refit(panel: Panel, donors: Ints, treated: Ints, zeta: float) -> tuple[float, float]:
    """The estimate with other units in both roles, weights fitted anew; and how unsteady those treated were before."""
    order = np.concatenate([donors, treated])
    moved = Panel(
        y=panel.y[:, order],
        units=tuple(range(len(order))),
        times=panel.times,
        t0=panel.t0,
        x=panel.x[:0],
        treated=tuple(range(len(donors), len(order))),
    )
    found = fit_weights(moved, zeta)
    return effect(panel, donors, treated, found.omega, found.lam), unsteadiness(panel, donors, treated, found.omega)
