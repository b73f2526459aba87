"""Inference when few units are treated and many are not: the untreated show how far such an estimate strays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.inference.rule import Reading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.fixed_effects import TwoWay
    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]

ENUMERATE_UP_TO = 20_000


def few_treated(
    panel: Panel, effects: TwoWay, residuals: Floats, coef: float, *, by_size: bool = False, conf_level: float = 0.95,
    draws: int = 9_999, seed: int = 20261122,
) -> Reading:
    """Conley-Taber inference for a two-way estimate, or Ferman-Pinto's where units differ in size.

    The estimate's error is a known combination of the treated units' errors over time. Units never
    treated give draws of that combination. With `by_size` its variance is fitted as
    ``a + b / size`` over the untreated, and draws are rescaled to the treated units' sizes.

    Parameters
    ----------
    panel : Panel
        With weights (the units' sizes) for `by_size`.
    effects : TwoWay
        Unit and period effects.
    residuals : (n,) float
        Of the full regression.
    coef : float

    Notes
    -----
    Conley & Taber (2011); Ferman & Pinto (2019).
    """
    others = np.flatnonzero(~panel.ever)
    treated = np.flatnonzero(panel.ever)
    kinds, kind = np.unique(panel.start[treated], return_inverse=True)
    combined, mass, weight = _combinations(panel, effects, residuals, kinds)
    error = combined[others]  # (N0, S)
    size = np.ones(panel.n_units) if panel.weights is None or not by_size else (
        np.bincount(panel.unit, panel.weights) / np.bincount(panel.unit))
    error = error - error.mean(axis=0)
    scale = np.ones((len(treated), len(others)))
    if by_size:
        fitted = [_variance(error[:, s], size[others]) for s in range(len(kinds))]
        at = [(fitted[s][0] + fitted[s][1] / size) for s in range(len(kinds))]
        scale = np.array([np.sqrt(at[s][i] / at[s][others]) for i, s in zip(treated, kind, strict=True)])
    # (N1, N0): what untreated unit j would add in treated unit i's place
    table = weight[treated][:, None] * scale * error[:, kind].T
    total = float((weight[treated] * mass[treated, kind]).sum())
    exact = len(others) ** len(treated) <= ENUMERATE_UP_TO
    if exact:
        picks = np.indices((len(others),) * len(treated)).reshape(len(treated), -1)
    else:
        picks = np.random.default_rng(seed).integers(0, len(others), (len(treated), draws))
    strayed = table[np.arange(len(treated))[:, None], picks].sum(axis=0) / total
    low, high = np.quantile(strayed, [(1 - conf_level) / 2, (1 + conf_level) / 2])
    # the real estimate counts as one of the draws
    p = (1 + float((np.abs(strayed) >= abs(coef) * (1 - 1e-9)).sum())) / (1 + len(strayed))
    name = "Ferman-Pinto (variance fitted by unit size)" if by_size else "Conley-Taber"
    how = f"all {len(strayed):,}" if exact else f"{len(strayed):,} random"
    words = f"{name}: errors of {len(others)} untreated units in the place of {len(treated)} treated ({how} choices)"
    return Reading(std_error=np.array([strayed.std()]), conf_low=np.array([coef - high]),
                   conf_high=np.array([coef - low]), p_value=np.array([p]), words=words)


def _combinations(
    panel: Panel, effects: TwoWay, residuals: Floats, kinds: Floats
) -> tuple[Floats, Floats, Floats]:
    """Each unit's residuals as the estimate combines them, and their mass, (N, S); its weight, (N,)."""
    clock, w = panel.clock[panel.time], effects.weights
    combined, mass = [], []
    for start in kinds:
        d = (clock >= start).astype(np.float64)
        d -= (np.bincount(panel.unit, w * d) / effects.mass)[panel.unit]
        combined.append(np.bincount(panel.unit, w * d * residuals, panel.n_units))
        mass.append(np.bincount(panel.unit, w * d * d, panel.n_units))
    # per unit of weight, so that untreated units of another weight can stand in
    weight = effects.mass / np.bincount(panel.unit, minlength=panel.n_units)
    return np.column_stack(combined) / weight[:, None], np.column_stack(mass) / weight[:, None], weight


def _variance(error: Floats, size: Floats) -> tuple[float, float]:
    """Least squares of squared errors on ``a + b / size``, both kept from going below zero."""
    x = np.column_stack([np.ones_like(size), 1 / size])
    a, b = np.linalg.lstsq(x, error**2, rcond=None)[0]
    if b < 0:
        return float((error**2).mean()), 0.0
    if a < 0:
        return 0.0, float((error**2 / size).sum() / (1 / size**2).sum())
    return float(a), float(b)
