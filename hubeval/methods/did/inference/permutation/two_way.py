"""Permuted starts for a two-way regression.

The starts are permuted and the regression made again. All of it is sums over units kept by start, so a
permuted regression costs a few additions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.inference.permutation.assignments import assignments
from hubeval.methods.did.inference.permutation.noise import relative
from hubeval.methods.did.inference.permutation.placebo import Placebo, placebo_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.fixed_effects import TwoWay
    from hubeval.methods.did.estimators.two_way import Columns, TwoWayFit
    from hubeval.methods.did.inference.permutation.assignments import Assignments

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

BLOCK = 2_000


def placebo_two_way(found: TwoWayFit, *, times: Floats | None = None, seed: int = 20261122) -> Placebo:
    """Permute the starts of a two-way regression.

    Parameters
    ----------
    found : TwoWayFit
    times : (k,) float, optional
        Event times of the terms, where it is an event study.
    seed : int
        Used when there are more than 20,000 assignments.

    Notes
    -----
    Fisher (1935); for difference-in-differences MacKinnon & Webb (2020). Under the other starts each term takes the
    others' effects as estimated.
    """
    panel, effects, coef = found.panel, found.effects, found.coef
    ways = assignments(panel, seed=seed)
    k = len(coef)
    covariates = effects.residuals(panel.x) if panel.x.shape[1] else panel.x
    covariates = covariates[:, [j - k for j in found.fit.kept if j >= k]]
    actual = effects.residuals(found.columns(panel.start[panel.unit]))
    if covariates.shape[1]:
        weighted = covariates * effects.weights[:, None]
        actual -= covariates @ np.linalg.lstsq(weighted.T @ covariates, weighted.T @ actual, rcond=None)[0]
    targets = np.column_stack([found.fit.residuals, actual])
    sums = _Sums.of(effects, found.columns, ways, ways.code[panel.unit], covariates, targets)
    solved = sums.solve(ways)  # (m, k, 1 + k)
    quiet, moved = solved[:, :, 0], solved[:, :, 1:]
    slope = np.einsum("mjj->mj", moved)
    before = np.zeros(k, dtype=bool) if times is None else times < -1
    earlier = quiet + moved[:, :, before] @ np.nan_to_num(coef[before])
    drift = None if times is None else moved[:, :, before] @ (times[before] + 1)
    return placebo_of(ways, relative(panel, ways), coef, quiet + coef * slope, slope, quiet, earlier, drift)


@dataclass(frozen=True, slots=True)
class _Sums:
    """What a permuted regression needs, summed within what is assigned (A) under each start (S); k regressors."""

    gram: Floats  # (S, A, k, k) within-unit products
    by_time: Floats  # (S, A, T, k)
    cross: Floats  # (S, A, q, k) with the covariates
    right: Floats  # (S, A, k, 1 + k) with the targets
    time_inverse: Floats
    covariate_inverse: Floats

    @classmethod
    def of(
        cls, effects: TwoWay, columns: Columns, ways: Assignments, codes: Codes, z: Floats, targets: Floats
    ) -> _Sums:
        w, count, t = effects.weights, int(codes.max()) + 1, effects.shape[1]
        gram: list[Floats] = []
        by_time: list[Floats] = []
        cross: list[Floats] = []
        right: list[Floats] = []
        for kind in ways.kinds:
            d = columns(np.full(len(codes), kind))
            means = np.column_stack([np.bincount(effects.first, w * c) for c in d.T]) / effects.mass[:, None]
            inside = w[:, None] * (d - means[effects.first])
            gram.append(_outer_sums(inside, d, codes, count))
            cell = codes * t + effects.second
            summed = np.column_stack([np.bincount(cell, c, count * t) for c in inside.T])
            by_time.append(summed.reshape(count, t, -1).astype(np.float64))
            weighted = w[:, None] * d
            cross.append(_outer_sums(z, weighted, codes, count))
            right.append(_outer_sums(weighted, targets, codes, count))
        inverse = np.asarray(np.linalg.pinv((z * w[:, None]).T @ z, hermitian=True)) if z.shape[1] else np.eye(0)
        return cls(np.stack(gram), np.stack(by_time), np.stack(cross), np.stack(right), effects.inverse, inverse)

    def solve(self, ways: Assignments) -> Floats:
        """Coefficients under each way, (m, k, 1 + k)."""
        whole = [_chosen(ways, table) for table in (self.gram, self.by_time, self.cross, self.right)]
        parts = []
        for block in np.array_split(np.arange(len(ways)), max(1, len(ways) // BLOCK)):
            gram, by_time, cross, right = (table[block] for table in whole)
            gram = gram - np.einsum("mti,ts,msj->mij", by_time, self.time_inverse, by_time, optimize=True)
            gram = gram - np.einsum("mai,ab,mbj->mij", cross, self.covariate_inverse, cross, optimize=True)
            parts.append(np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ right)
        return np.concatenate(parts)


def _chosen(ways: Assignments, table: Floats) -> Floats:
    """Sums of a table by start over what starts then, (m, …)."""
    flat = table.reshape(*table.shape[:2], -1)
    ones = np.ones(table.shape[1])
    total = sum(ways.picks(s, ones) @ flat[s] for s in range(len(flat)))
    return np.asarray(total).reshape(len(ways), *table.shape[2:])


def _outer_sums(a: Floats, b: Floats, codes: Codes, count: int) -> Floats:
    """Sums of a_i b_j' by code, (count, i, j)."""
    result = np.empty((count, a.shape[1], b.shape[1]))
    for i in range(a.shape[1]):
        for j in range(b.shape[1]):
            result[:, i, j] = np.bincount(codes, a[:, i] * b[:, j], count)
    return result
