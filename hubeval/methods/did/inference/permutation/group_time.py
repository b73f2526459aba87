"""Permuted starts for group-time averages.

Without covariates an effect is a difference between mean changes (or means, where nobody is followed), so a
permuted effect is made of sums kept by what is assigned. With covariates the effects are made again, fewer times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.estimators.averages import averages, unit_mass
from hubeval.methods.did.inference.permutation.assignments import DRAWS, ENUMERATE_UP_TO, assignments
from hubeval.methods.did.inference.permutation.layers import layers
from hubeval.methods.did.inference.permutation.noise import relative
from hubeval.methods.did.inference.permutation.placebo import Placebo, placebo_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.averages import Averaging
    from hubeval.methods.did.estimators.group_time import GroupTime
    from hubeval.methods.did.inference.permutation.assignments import Assignments

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

REFITS = 399
BLOCK = 500
HELD = 100_000_000  # bytes of sums by cohort held at a time: many cohorts take smaller blocks, not more memory
WORK = 4e9  # sums looked up in all: beyond, fewer ways are drawn, and how many is said
FEWEST = 999


def placebo_group_time(
    fit: GroupTime, refit: Callable[[Panel], GroupTime], keys: Floats, *, averaging: Averaging = "observations",
    anticipation: int = 0, seed: int = 20261122,
) -> Placebo:
    """Permute the starts of the average effect and of the averages at event times `keys`.

    Parameters
    ----------
    fit : GroupTime
    refit : function of Panel
        Makes the same effects on a panel with other starts; used with covariates.
    keys : (k,) float
    averaging : str
    anticipation : int

    Returns
    -------
    Placebo
        The average first, then one column an event time.
    """
    panel = fit.panel
    adjusted = bool(panel.x.shape[1])
    few = int(min(REFITS, max(99, 5e6 / panel.n_rows)))
    many = int(min(DRAWS, max(FEWEST, WORK / (5 * len(fit.cells) * (len(panel.cohorts) + 1)))))
    ways = assignments(panel, draws=few if adjusted else many, limit=few if adjusted else ENUMERATE_UP_TO, seed=seed)
    estimate = averages(fit, keys, averaging) @ fit.estimate
    made = layers(panel, keys, estimate[1:], anticipation)
    # of the average alone no effect by event time is taken out, and no trend before the start is asked about
    parts = [made.rest, made.treated, made.effect, made.trend][: 4 if len(keys) else 2]
    found = _Sums.of(fit, ways).estimates(ways, keys, averaging, parts)
    rest, slope = found[:, 0], found[:, 1]
    effect, drift = (found[:, 2], found[:, 3]) if len(keys) else (np.zeros_like(rest), None)
    slope = np.where(np.append(False, keys < 0), 0.0, slope)  # no effect is taken out before the start
    if adjusted:
        rest = _refitted(fit, refit, keys, averaging, ways, made.rest)
    ratio = relative(panel, ways, anticipation)
    return placebo_of(ways, ratio, estimate, rest + effect, slope, rest, rest, drift)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums by what is assigned: the mass and the mass times value of each pair of periods (or period), (A, P)."""

    fit: GroupTime
    code: Codes
    pair: Codes  # (K,) the pair of each cell
    mass: Floats  # (A, P); of repeated cross-sections (A, T)
    followed: bool

    @classmethod
    def of(cls, fit: GroupTime, ways: Assignments) -> _Sums:
        followed = not (fit.panel.repeated or fit.by_rows)
        pair = np.unique([c.time * fit.panel.n_periods + c.base for c in fit.cells], return_inverse=True)[1]
        made = cls(fit, ways.code, pair, np.empty((0, 0)), followed)
        return replace(made, mass=made.table(np.ones(fit.panel.n_rows), change=False))

    def table(self, values: Floats, *, change: bool = True) -> Floats:
        """Sums of weighted values (or of their changes between the periods of each pair), (A, P or T)."""
        panel, count = self.fit.panel, int(self.code.max()) + 1
        w = np.ones(panel.n_rows) if panel.weights is None else panel.weights
        code, t = self.code[panel.unit], panel.n_periods
        if not self.followed:
            return np.bincount(code * t + panel.time, w * values, count * t).reshape(count, t).astype(np.float64)
        grid, weight = np.full((panel.n_units, t), np.nan), np.full((panel.n_units, t), np.nan)
        grid[panel.unit, panel.time], weight[panel.unit, panel.time] = values, w
        cells = self.fit.cells
        first = np.unique(self.pair, return_index=True)[1]
        columns = []
        for cell in (cells[k] for k in first):
            moved = grid[:, cell.time] - grid[:, cell.base] if change else grid[:, cell.time] * grid[:, cell.base]
            seen = np.isfinite(moved)
            columns.append(np.bincount(self.code[seen], (weight[:, cell.base] * moved)[seen], count))
        return np.column_stack(columns).astype(np.float64)

    def estimates(self, ways: Assignments, keys: Floats, averaging: Averaging, layers: list[Floats]) -> Floats:
        """Averages of the layers in place of the outcome, under each way, (m, layers, 1 + k)."""
        stacked = np.stack([self.mass, *(self.table(layer) for layer in layers)], axis=1)  # (A, 1 + L, P)
        units = np.bincount(self.code, unit_mass(self.fit.panel)).astype(np.float64)
        flat = np.column_stack([stacked.reshape(len(stacked), -1), units])
        parts = []
        most = max(1, min(BLOCK, int(HELD / (8 * (len(ways.kinds) + 1) * flat.shape[1]))))
        for rows in np.array_split(np.arange(len(ways), dtype=np.intp), max(1, len(ways) // most)):
            block = replace(ways, chosen=ways.chosen[rows], kind=ways.kind[rows])
            found = block.sums(flat)
            whole = found[..., :-1].reshape(*found.shape[:2], *stacked.shape[1:])  # (m, S + 1, 1 + L, P)
            parts.append(self._averages(whole, found[..., -1], ways.kinds, keys, averaging))
        return np.concatenate(parts)

    def _averages(
        self, whole: Floats, units: Floats, kinds: Floats, keys: Floats, averaging: Averaging
    ) -> Floats:
        """From sums by cohort, (m, S + 1, 1 + L, P), and units by cohort, (m, S + 1), to averages, (m, L, 1 + k)."""
        fit, begin = self.fit, np.append(kinds, np.inf)
        sums = np.ascontiguousarray(whole.transpose(3, 1, 2, 0))  # (P, S + 1, 1 + L, m): what a cell asks lies together
        event = fit.time - fit.group
        masks = [fit.after, *(event == e for e in keys)]
        asked = np.flatnonzero(np.any(masks, axis=0))  # cells before the start are no part of the average
        effects, sizes = [], []
        for k in asked.tolist():
            cell = fit.cells[k]
            mine = begin == fit.group[k]
            others = (begin > cell.bar) & ~mine if np.isfinite(cell.bar) else np.isinf(begin)
            own, compare = (self._mean(sums, who, k) for who in (mine, others))
            effects.append(own - compare)
            held = sums[self.pair[k] if self.followed else cell.time, mine, 0][0]
            sizes.append(held if averaging == "observations" else units[:, mine][:, 0])
        effect, size = np.stack(effects), np.stack(sizes)  # (K, L, m), (K, m)
        seen = np.isfinite(effect[:, 0])
        size = size * seen
        effect = np.where(seen[:, None], effect, 0.0) * size[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            out = [effect[these[asked]].sum(axis=0) / size[these[asked]].sum(axis=0) for these in masks]
        return np.stack(out, axis=2).transpose(1, 0, 2)

    def _mean(self, sums: Floats, who: NDArray[np.bool_], k: int) -> Floats:
        """Mean change of the cohorts in `who` between the periods of cell k, (L, m); NaN where nobody is seen."""
        cell = self.fit.cells[k]
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.followed:
                held = _over(sums[self.pair[k]], who)
                return np.asarray(held[1:] / held[0])
            now, base = (_over(sums[t], who) for t in (cell.time, cell.base))
            return np.asarray(now[1:] / now[0] - base[1:] / base[0])


def _over(sums: Floats, who: NDArray[np.bool_]) -> Floats:
    """Sums over the cohorts in `who`, (1 + L, m), of sums by cohort."""
    found = np.flatnonzero(who)
    return np.asarray(sums[found[0]] if len(found) == 1 else sums[found].sum(axis=0))


def _refitted(
    fit: GroupTime, refit: Callable[[Panel], GroupTime], keys: Floats, averaging: Averaging, ways: Assignments,
    y: Floats,
) -> Floats:
    """The averages made again under each assignment, of an outcome without effects; NaN where one cannot be made."""
    panel, result = fit.panel, np.full((len(ways), 1 + len(keys)), np.nan)
    for row in range(len(ways)):
        other = ways.starts(row)
        first = np.searchsorted(panel.clock, other).astype(np.intp)
        try:
            again = refit(replace(panel, y=y, start=other, first=first))
            result[row] = averages(again, keys, averaging) @ again.estimate
        except (BadInput, ZeroDivisionError, FloatingPointError):
            continue
    return result
