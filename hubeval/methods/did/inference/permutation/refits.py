"""Permuted starts for any estimator that is linear in the outcome.

On a balanced panel without weights and covariates such an estimator is a sum of cohort mean paths,
with loads that permuting leaves alone: they are read off once from small fits. Otherwise the
estimator is made again under each assignment, fewer times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.fixed_effects import column_sums
from hubeval.errors import BadInput
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
    from hubeval.methods.did.estimators.effects import Effects

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Fit = Callable[[Panel], tuple[Effects, Effects]]

REFITS = 199


@dataclass(frozen=True, slots=True, kw_only=True)
class _Assignments:
    """Every way, or many, in which the starts could have fallen; J treated things, m ways."""

    codes: Codes  # (N,) what each unit was assigned with
    begin: Floats  # (J,) start of each treated thing
    chosen: Codes  # (m, J)
    exact: bool
    total: float
    over: str

    def starts(self, row: int) -> Floats:
        """Each unit's start in one way, (N,)."""
        permuted = np.full(int(self.codes.max()) + 1, np.inf)
        permuted[self.chosen[row]] = self.begin
        return np.asarray(permuted[self.codes])


def placebo_family(
    panel: Panel, fit: Fit, overall: Effects, events: Effects, *, draws: int = 4_999, seed: int = 20261122
) -> Placebo:
    """Permute the starts and estimate again, the average first and then each event time.

    A draw moves when a constant effect from the start on (or a constant difference before it) is
    taken out of the outcome; by linearity that is the same estimator on the treatment itself, so
    intervals are exact inversions of the test.

    Parameters
    ----------
    panel : Panel
    fit : function of Panel
        Average effect and effects by event time.
    overall, events : Effects
        Under the real starts.
    draws, seed : int
        Where there are too many assignments to try all.
    """
    linear = panel.balanced and panel.weights is None and not panel.x.shape[1]
    ways = _assignments(panel, draws if linear else REFITS, ENUMERATE_UP_TO if linear else REFITS, seed)
    event = panel.event
    layers = [panel.y, panel.treated.astype(np.float64), (np.isfinite(event) & (event < -1)).astype(np.float64)]
    found = (_by_loads if linear else _by_refitting)(panel, fit, events, ways, layers)
    before = np.array([False, *(float(key) < -1 for key in events.keys)])
    slope = np.where(before, found[:, 2], found[:, 1])
    whole = np.isfinite(found[:, 0]).all(axis=1) & np.isfinite(slope).all(axis=1)
    return Placebo(estimate=np.concatenate([overall.estimate, events.estimate]), draws=found[whole, 0],
                   slope=slope[whole], exact=ways.exact, assignments=ways.total, over=ways.over)


def _assignments(panel: Panel, draws: int, limit: int, seed: int) -> _Assignments:
    over, codes = assigned(panel)
    starts = np.full(int(codes.max()) + 1, np.inf)
    starts[codes] = panel.start
    kinds = np.unique(starts[np.isfinite(starts)])
    sizes = [int((starts == kind).sum()) for kind in kinds]
    total = multinomial(len(starts), sizes)
    exact = total <= limit
    chosen = (np.array(list(enumerated(len(starts), sizes)), dtype=np.intp) if exact
              else drawn(starts, kinds, draws, np.random.default_rng(seed)))
    return _Assignments(codes=codes, begin=np.repeat(kinds, sizes), chosen=chosen, exact=exact, total=total, over=over)


def _by_loads(panel: Panel, fit: Fit, events: Effects, ways: _Assignments, layers: list[Floats]) -> Floats:
    """Estimates (m, layers, 1 + k) as loads on the cohorts' mean paths."""
    kinds = np.unique(ways.begin)
    cohorts = np.append(kinds, np.inf) if (~panel.ever).any() else kinds
    load = _loads(panel, fit, events, cohorts)
    count = int(ways.codes.max()) + 1
    mass = np.bincount(ways.codes, minlength=count).astype(np.float64)
    paths = np.stack([column_sums(ways.codes, panel.matrix(layer), count) for layer in layers], axis=1)  # (C, L, T)
    m = len(ways.chosen)
    rest, rest_mass = np.tile(paths.sum(axis=0), (m, 1, 1)), np.full(m, mass.sum())
    value = np.zeros((m, len(layers), load.shape[0]))
    for c, kind in enumerate(kinds):
        mine = ways.chosen[:, ways.begin == kind]
        inside, weight = paths[mine].sum(axis=1), mass[mine].sum(axis=1)
        value += np.einsum("mlt,kt->mlk", inside / weight[:, None, None], load[:, c])
        rest -= inside
        rest_mass -= weight
    if len(cohorts) > len(kinds):
        value += np.einsum("mlt,kt->mlk", rest / rest_mass[:, None, None], load[:, -1])
    return value


def _loads(panel: Panel, fit: Fit, events: Effects, cohorts: Floats) -> Floats:
    """Loads of the average and of each event time on the cohorts' mean paths, (1 + k, cohorts, T).

    Read off one at a time from a panel with one row a cohort and period, weighted by the cohort's size.
    """
    t, c = panel.n_periods, len(cohorts)
    size = np.array([(panel.start == cohort).sum() for cohort in cohorts], dtype=np.float64)
    small = replace(
        panel, units=np.arange(c), unit=np.repeat(np.arange(c), t), time=np.tile(np.arange(t), c),
        x=np.empty((c * t, 0)), weights=np.repeat(size, t), start=cohorts,
        first=np.searchsorted(panel.clock, cohorts).astype(np.intp),
        cluster=np.arange(c), cluster_name="cohort", extra={})
    load = np.zeros((1 + len(events.keys), c * t))
    for j, unit_vector in enumerate(np.eye(c * t)):
        load[:, j] = _aligned(fit(replace(small, y=unit_vector)), events.keys)
    return load.reshape(-1, c, t)


def _by_refitting(panel: Panel, fit: Fit, events: Effects, ways: _Assignments, layers: list[Floats]) -> Floats:
    """Estimates (m, layers, 1 + k) made again under each assignment; NaN where one cannot be made."""
    found = np.full((len(ways.chosen), len(layers), 1 + len(events.keys)), np.nan)
    for row in range(len(ways.chosen)):
        start = ways.starts(row)
        other = replace(panel, start=start, first=np.searchsorted(panel.clock, start).astype(np.intp))
        try:
            for j, layer in enumerate(layers):
                found[row, j] = _aligned(fit(replace(other, y=layer)), events.keys)
        except BadInput:
            continue
    return found


def _aligned(found: tuple[Effects, Effects], keys: tuple[float | str, ...]) -> Floats:
    """The average and the effects at `keys`; NaN where one is absent."""
    at = dict(zip(found[1].keys, found[1].estimate, strict=True))
    return np.array([found[0].estimate[0], *(at.get(key, np.nan) for key in keys)])
