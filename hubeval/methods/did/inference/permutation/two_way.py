"""Permuted starts for a two-way regression.

The start vector is permuted over the units (or over whole clusters, where treatment came to whole
clusters) and the regression made again. All of it is sums over units kept by start, so a permuted
regression costs a few additions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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

    from hubeval.engine.fixed_effects import TwoWay
    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]


def placebo_two_way(
    panel: Panel, effects: TwoWay, design: Callable[[Floats], Floats], covariates: Floats, residuals: Floats,
    coef: Floats, *, draws: int = 4_999, seed: int = 20261122,
) -> Placebo:
    """Permute the starts of a two-way regression of the outcome on the columns of `design`.

    Parameters
    ----------
    panel : Panel
    effects : TwoWay
        The panel's unit (first) and period (second) effects.
    design : function
        From a start for every row, (n,), to the regressors, (n, k), of rows that started then.
    covariates : (n, q) float
        Other regressors, with the effects taken out.
    residuals : (n,) float
        Of the full regression under the real starts.
    coef : (k,) float
        Under the real starts.
    draws, seed : int
        Used when there are more than 20,000 assignments.

    Notes
    -----
    Fisher (1935); for difference-in-differences MacKinnon & Webb (2020), who show that it needs
    units alike in variance when few are treated.
    """
    over, codes = assigned(panel)
    starts = np.full(int(codes.max()) + 1, np.inf)
    starts[codes] = panel.start
    kinds = np.unique(starts[np.isfinite(starts)])
    sizes = [int((starts == kind).sum()) for kind in kinds]
    actual = effects.residuals(design(panel.start[panel.unit]))
    if covariates.shape[1]:
        weighted = covariates * effects.weights[:, None]
        actual -= covariates @ np.linalg.lstsq(weighted.T @ covariates, weighted.T @ actual, rcond=None)[0]
    targets = np.column_stack([residuals, actual])
    sums = _Sums.of(effects, [design(np.full(panel.n_rows, kind)) for kind in kinds], codes[panel.unit], covariates,
                    targets)
    total = multinomial(len(starts), sizes)
    exact = total <= ENUMERATE_UP_TO
    chosen = (np.array(list(enumerated(len(starts), sizes)), dtype=np.intp) if exact
              else drawn(starts, kinds, draws, np.random.default_rng(seed)))
    solved = sums.solve(chosen, np.repeat(np.arange(len(kinds)), sizes))  # (m, k, 1 + k)
    slope = np.einsum("mjj->mj", solved[:, :, 1:])
    return Placebo(estimate=coef, draws=solved[:, :, 0] + coef * slope, slope=slope, exact=exact,
                   assignments=total, over=over)


@dataclass(frozen=True, slots=True)
class _Sums:
    """What a permuted regression needs, summed within assignment unit c under start s; k regressors."""

    gram: Floats  # (C, S, k, k) within-unit products
    by_time: Floats  # (C, S, T, k)
    cross: Floats  # (C, S, q, k) with the covariates
    right: Floats  # (C, S, k, 1 + k) with the targets
    time_inverse: Floats
    covariate_inverse: Floats

    @classmethod
    def of(cls, effects: TwoWay, designs: list[Floats], codes: Codes, z: Floats, targets: Floats) -> _Sums:
        w, count, t = effects.weights, int(codes.max()) + 1, effects.shape[1]
        gram: list[Floats] = []
        by_time: list[Floats] = []
        cross: list[Floats] = []
        right: list[Floats] = []
        for d in designs:
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
        return cls(np.stack(gram, axis=1), np.stack(by_time, axis=1), np.stack(cross, axis=1),
                   np.stack(right, axis=1), effects.inverse, inverse)

    def solve(self, chosen: Codes, kind: Codes) -> Floats:
        """Coefficients (m, k, 1 + k) when column j of `chosen` (m, J) starts as `kind[j]`."""
        parts = []
        for block in np.array_split(chosen, max(1, len(chosen) // 2_000)):
            gram, by_time, cross, right = (
                sum(table[block[:, j], s] for j, s in enumerate(kind))
                for table in (self.gram, self.by_time, self.cross, self.right))
            gram = gram - np.einsum("mti,ts,msj->mij", by_time, self.time_inverse, by_time, optimize=True)
            gram = gram - np.einsum("mai,ab,mbj->mij", cross, self.covariate_inverse, cross, optimize=True)
            parts.append(np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ right)
        return np.concatenate(parts)


def _outer_sums(a: Floats, b: Floats, codes: Codes, count: int) -> Floats:
    """Sums of a_i b_j' by code, (count, i, j)."""
    result = np.empty((count, a.shape[1], b.shape[1]))
    for i in range(a.shape[1]):
        for j in range(b.shape[1]):
            result[:, i, j] = np.bincount(codes, a[:, i] * b[:, j], count)
    return result
