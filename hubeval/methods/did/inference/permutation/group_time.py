"""Permuted starts for group-time averages.

Without covariates the averages are linear in the cohorts' mean paths, with weights that permuting
leaves alone: a permuted estimate is a sum. With covariates the effects are made again, fewer times.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.estimators.aggregate import Shares
from hubeval.methods.did.inference.permutation.assignments import (
    ENUMERATE_UP_TO,
    assigned,
    drawn,
    enumerated,
    multinomial,
)
from hubeval.methods.did.inference.permutation.placebo import Placebo

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.group_time import GroupTime

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

REFITS = 499


def placebo_group_time(
    fit: GroupTime, refit: Callable[[Panel], GroupTime], keys: Floats, *, draws: int = 4_999, seed: int = 20261122
) -> Placebo:
    """Permute the starts of the simple average and of the averages at event times `keys`.

    Parameters
    ----------
    fit : GroupTime
    refit : function of Panel
        Makes the same effects on a panel with other starts; used with covariates or gaps.
    keys : (k,) float

    Returns
    -------
    Placebo
        The simple average first, then one column an event time. Where effects are made again, and before
        the start, intervals come from the spread of the draws, without the exact inversion.
    """
    panel = fit.panel
    over, codes = assigned(panel)
    starts = np.full(int(codes.max()) + 1, np.inf)
    starts[codes] = panel.start
    kinds = np.unique(starts[np.isfinite(starts)])
    sizes = [int((starts == kind).sum()) for kind in kinds]
    total = multinomial(len(starts), sizes)
    weights = averages(fit, keys)
    linear = is_linear(fit)
    refits = int(min(REFITS, max(99, 5e6 / panel.n_rows)))
    limit = ENUMERATE_UP_TO if linear else refits
    exact = total <= limit
    rng = np.random.default_rng(seed)
    chosen = (np.array(list(enumerated(len(starts), sizes)), dtype=np.intp) if exact
              else drawn(starts, kinds, draws if linear else refits, rng))
    kind = np.repeat(np.arange(len(kinds)), sizes)
    estimate = weights @ fit.estimate
    if linear:
        values, slope = _linear(fit, weights, codes, chosen, kind, kinds)
        slope[:, 1:][:, keys < 0] = 0.0  # no effect is taken out before the start
    else:
        values = _refitted(fit, refit, keys, codes, chosen, kinds[kind])
        slope = np.zeros_like(values)
    slope[np.isclose(values, estimate, rtol=1e-9, atol=0)] = 1.0  # the real starts reject nothing
    return Placebo(estimate=estimate, draws=values, slope=slope, exact=exact, assignments=total, over=over)


def is_linear(fit: GroupTime) -> bool:
    """Whether the averages are linear in the outcome under any starts, so that permuting is cheap."""
    return fit.panel.balanced and not fit.panel.x.shape[1]


def averages(fit: GroupTime, keys: Floats) -> Floats:
    """Weights on the cells: the simple average, then each event time in `keys`, (1 + k, K)."""
    shares = Shares.of(fit)
    event = fit.time - fit.group
    return np.stack([shares.cell_weights(fit.after)[0], *(shares.cell_weights(event == e)[0] for e in keys)])


def _linear(
    fit: GroupTime, weights: Floats, codes: Codes, chosen: Codes, kind: Codes, kinds: Floats
) -> tuple[Floats, Floats]:
    """Permuted averages of the outcome itself and of the treatment's own indicator, (m, 1 + k) both.

    The outcome is permuted as it is: taking estimated effects out first would take the treated units'
    noise with them, and the test would reject too often.
    """
    panel = fit.panel
    w = np.ones((panel.n_units, panel.n_periods)) if panel.weights is None else panel.matrix(panel.weights)
    w0 = w.mean(axis=1)
    load = np.einsum("ak,kct->act", weights, _cell_loads(fit, kinds, w0))  # (1 + k, S + 1, T)
    count = int(codes.max()) + 1
    mass = np.bincount(codes, w0, count).astype(np.float64)
    results = []
    for layer in (panel.matrix(panel.y), panel.matrix(panel.treated.astype(np.float64))):
        sums = np.zeros((count, panel.n_periods))
        np.add.at(sums, codes, w0[:, None] * layer)
        results.append(_permuted(sums, mass, load, chosen, kind, len(kinds)))
    return results[0], results[1]


def _permuted(sums: Floats, mass: Floats, load: Floats, chosen: Codes, kind: Codes, n_kinds: int) -> Floats:
    """Loads on cohort mean paths under each assignment, (m, a)."""
    m, t = len(chosen), sums.shape[1]
    rest, rest_mass = np.tile(sums.sum(axis=0), (m, 1)), np.full(m, mass.sum())
    value = np.zeros((m, load.shape[0]))
    for s in range(n_kinds):
        path, weight = np.zeros((m, t)), np.zeros(m)
        for j in np.flatnonzero(kind == s):
            path += sums[chosen[:, j]]
            weight += mass[chosen[:, j]]
        value += (path / weight[:, None]) @ load[:, s].T
        rest -= path
        rest_mass -= weight
    if (rest_mass > 0).all():
        value += (rest / rest_mass[:, None]) @ load[:, n_kinds].T
    return value


def _cell_loads(fit: GroupTime, kinds: Floats, weight: Floats) -> Floats:
    """Each cell as loads on the cohorts' mean paths, never-treated last, (K, S + 1, T)."""
    panel = fit.panel
    size = np.array([weight[panel.start == kind].sum() for kind in kinds] + [weight[~panel.ever].sum()])
    begin = np.append(kinds, np.inf)
    load = np.zeros((len(fit.group), len(begin), panel.n_periods))
    for k, cell in enumerate(fit.cells):
        mine = np.flatnonzero(begin == fit.group[k])[0]
        others = (begin > cell.bar) & (begin != fit.group[k]) if np.isfinite(cell.bar) else np.isinf(begin)
        share = others * size / (others * size).sum()
        for sign, period in ((1.0, cell.time), (-1.0, cell.base)):
            load[k, mine, period] += sign
            load[k, :, period] -= sign * share
    return load


def _refitted(
    fit: GroupTime, refit: Callable[[Panel], GroupTime], keys: Floats, codes: Codes, chosen: Codes, begin: Floats
) -> Floats:
    """The averages made again under each assignment; NaN where one cannot be made."""
    panel, result = fit.panel, np.full((len(chosen), 1 + len(keys)), np.nan)
    for i, who in enumerate(chosen):
        start = np.full(int(codes.max()) + 1, np.inf)
        start[who] = begin
        other = start[codes]
        first = np.searchsorted(panel.clock, other).astype(np.intp)
        try:
            again = refit(replace(panel, start=other, first=first))
            result[i] = averages(again, keys) @ again.estimate
        except (BadInput, ZeroDivisionError, FloatingPointError):
            continue
    return np.asarray(result[np.isfinite(result).all(axis=1)])
