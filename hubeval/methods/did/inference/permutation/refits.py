"""Permuted starts for any estimator that is linear in the outcome.

On a balanced panel without weights and covariates such an estimator is a sum of cohort mean paths,
with loads that permuting leaves alone: they are read off once from small fits. Otherwise the
estimator is made again under each assignment, fewer times.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.fixed_effects import column_sums
from hubeval.errors import BadInput
from hubeval.methods.did.inference.permutation.assignments import DRAWS, ENUMERATE_UP_TO, assignments
from hubeval.methods.did.inference.permutation.layers import layers
from hubeval.methods.did.inference.permutation.noise import relative
from hubeval.methods.did.inference.permutation.placebo import Placebo, placebo_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.effects import Effects
    from hubeval.methods.did.inference.permutation.assignments import Assignments

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Fit = Callable[[Panel], tuple[Effects, Effects]]

REFITS = 199


def placebo_family(
    panel: Panel, fit: Fit, overall: Effects, events: Effects, *, anticipation: int = 0, seed: int = 20261122
) -> Placebo:
    """Permute the starts and estimate again, the average first and then each event time.

    A draw moves when a constant effect from the start on is taken out of the outcome; by linearity that is the same
    estimator on the treatment itself, so intervals are exact inversions of the test.

    Parameters
    ----------
    panel : Panel
    fit : function of Panel
        Average effect and effects by event time.
    overall, events : Effects
        Under the real starts.
    anticipation : int
    seed : int
        Where there are too many assignments to try all.
    """
    linear = panel.balanced and panel.weights is None and not panel.x.shape[1]
    ways = assignments(panel, draws=DRAWS if linear else REFITS, limit=ENUMERATE_UP_TO if linear else REFITS, seed=seed)
    keys = np.array([float(key) for key in events.keys])
    made = layers(panel, keys, events.estimate, anticipation)
    found = (_by_loads if linear else _by_refitting)(panel, fit, events, ways, [made.rest, made.effect, made.treated,
                                                                                made.trend])
    rest, effect, slope, drift = (found[:, j] for j in range(4))
    slope = np.where(np.append(False, keys < 0), 0.0, slope)
    estimate = np.concatenate([overall.estimate, events.estimate])
    return placebo_of(ways, relative(panel, ways, anticipation), estimate, rest + effect, slope, rest, rest, drift)


def _by_loads(panel: Panel, fit: Fit, events: Effects, ways: Assignments, values: list[Floats]) -> Floats:
    """Estimates (m, layers, 1 + k) as loads on the cohorts' mean paths."""
    never = bool((~panel.ever).any())
    cohorts = np.append(ways.kinds, np.inf) if never else ways.kinds
    load = _loads(panel, fit, events, cohorts)
    count = int(ways.code.max()) + 1
    mass = np.bincount(ways.code, minlength=count).astype(np.float64)
    paths = np.stack([column_sums(ways.code, panel.matrix(v), count) for v in values], axis=1)  # (A, L, T)
    whole, size = ways.sums(paths), ways.sums(mass)
    found = np.zeros((len(ways), len(values), load.shape[0]))
    for c in range(len(cohorts)):
        found += np.einsum("mlt,kt->mlk", whole[:, c] / size[:, c, None, None], load[:, c])
    return found


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


def _by_refitting(panel: Panel, fit: Fit, events: Effects, ways: Assignments, values: list[Floats]) -> Floats:
    """Estimates (m, layers, 1 + k) made again under each assignment; NaN where one cannot be made."""
    found = np.full((len(ways), len(values), 1 + len(events.keys)), np.nan)
    for row in range(len(ways)):
        start = ways.starts(row)
        other = replace(panel, start=start, first=np.searchsorted(panel.clock, start).astype(np.intp))
        try:
            for j, value in enumerate(values):
                found[row, j] = _aligned(fit(replace(other, y=value)), events.keys)
        except BadInput:
            continue
    return found


def _aligned(found: tuple[Effects, Effects], keys: tuple[float | str, ...]) -> Floats:
    """The average and the effects at `keys`; NaN where one is absent."""
    at = dict(zip(found[1].keys, found[1].estimate, strict=True))
    return np.array([found[0].estimate[0], *(at.get(key, np.nan) for key in keys)])
