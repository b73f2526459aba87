"""Randomisation inference: how far the estimate stands out among other assignments of the starts.

The start vector is permuted over the units (or over whole clusters, where treatment came to whole
clusters) and the regression made again. All of it is sums over units kept by start, so a permuted
regression costs a few additions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb, lgamma, log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from hubeval.engine.fixed_effects import TwoWay
    from hubeval.methods.did.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

ENUMERATE_UP_TO = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebo:
    """Estimates under other assignments of the starts, the real one among them.

    Attributes
    ----------
    estimate : (k,) float
        Under the real starts.
    draws : (m, k) float
        Under permuted starts, no effect assumed.
    slope : (m, k) float
        How far a draw moves when an effect of one is taken out of the outcome: it makes the
        inversion of the test exact.
    exact : bool
        Every assignment was tried.
    assignments : float
        How many different assignments there are.
    over : str
        What was permuted: ``"units"``, or the cluster column's name.
    """

    estimate: Floats
    draws: Floats
    slope: Floats
    exact: bool
    assignments: float
    over: str

    @property
    def floor(self) -> float:
        """The smallest p-value that any estimate could get."""
        return 1 / (self.assignments if self.exact else len(self.draws))

    def p_values(self) -> Floats:
        """Two-sided p-values for no effect, (k,): the share of draws at least as large.

        The real starts are among the draws, so the floor holds whatever rounding does to that tie.
        """
        tiny = 1e-9 * np.abs(self.estimate) + 1e-300
        share = (np.abs(self.draws) >= np.abs(self.estimate) - tiny).mean(axis=0)
        return np.asarray(np.maximum(share, self.floor))

    def intervals(self, conf_level: float) -> tuple[Floats, Floats]:
        """Constant effects that the test does not reject, (k,) and (k,); infinite where it rejects none."""
        gap = self.estimate - self.draws
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.stack([gap / (1 - self.slope), (self.estimate + self.draws) / (1 + self.slope)])
        ends[:, np.abs(self.slope) >= 1 - 1e-10] = np.nan
        low = np.where(np.isnan(ends).any(axis=0), -np.inf, ends.min(axis=0))
        high = np.where(np.isnan(ends).any(axis=0), np.inf, ends.max(axis=0))
        m = len(self.draws)
        rejected = int(np.floor((1 - conf_level) * m + 1e-9))
        return np.sort(low, axis=0)[rejected], np.sort(high, axis=0)[m - 1 - rejected]

    def joint_p_value(self, which: NDArray[np.bool_]) -> float:
        """p-value for no effect in all of `which` together, by a distance scaled by the draws' own spread."""
        draws, estimate = self.draws[:, which], self.estimate[which]
        spread = np.linalg.pinv(draws.T @ draws / len(draws), rcond=1e-10, hermitian=True)
        distance = np.einsum("ij,jk,ik->i", draws, spread, draws)
        return float((distance >= estimate @ spread @ estimate * (1 - 1e-9)).mean())

    def quiet(self) -> Floats:
        """The draws with the effect itself taken out of them, (m, k)."""
        return np.asarray(self.draws - np.nan_to_num(self.slope) * self.estimate)

    def band(self, which: NDArray[np.bool_], conf_level: float) -> tuple[Floats, Floats]:
        """Ends of a band that holds all of `which` together, by the largest of the scaled draws."""
        quiet = self.quiet()[:, which]
        scale = np.sqrt(np.mean(quiet**2, axis=0))
        scale[scale == 0] = 1.0
        reach = np.quantile(np.abs(quiet / scale).max(axis=1), conf_level) * scale
        return self.estimate[which] - reach, self.estimate[which] + reach

    def words(self) -> str:
        """How it was done, for `Estimate.inference`."""
        how = f"all {self.assignments:,.0f} assignments" if self.exact else f"{len(self.draws):,} random assignments"
        return (f"permutation of the start dates over {self.over} ({how}; smallest attainable p "
                f"{self.floor:.2g}); interval by inversion of the test")


def placebo(
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


def assigned(panel: Panel) -> tuple[str, Codes]:
    """What treatment was given to: whole clusters where every cluster has one start, else units."""
    lowest, highest = np.full(panel.n_clusters, np.inf), np.full(panel.n_clusters, -np.inf)
    np.minimum.at(lowest, panel.cluster, panel.start)
    np.maximum.at(highest, panel.cluster, panel.start)
    if panel.n_clusters < panel.n_units and np.array_equal(lowest, highest):
        return panel.cluster_name, panel.cluster
    return "units", np.arange(panel.n_units)


def multinomial(n: int, sizes: list[int]) -> float:
    """In how many ways groups of these sizes can be picked from n.

    Examples
    --------
    >>> multinomial(5, [1, 2])
    30.0
    """
    rest = n - sum(sizes)
    if lgamma(n + 1) - sum(lgamma(s + 1) for s in (*sizes, rest)) > log(1e15):
        return float(np.exp(min(700.0, lgamma(n + 1) - sum(lgamma(s + 1) for s in (*sizes, rest)))))
    ways = 1
    for size in sizes:
        ways *= comb(n, size)
        n -= size
    return float(ways)


def enumerated(n: int, sizes: list[int]) -> Iterator[tuple[int, ...]]:
    """Every way to pick groups of these sizes from 0..n-1, the groups one after another.

    Examples
    --------
    >>> list(enumerated(3, [1, 1]))
    [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    """

    def pick(left: tuple[int, ...], rest: list[int]) -> Iterator[tuple[int, ...]]:
        if not rest:
            yield ()
            return
        for group in combinations(left, rest[0]):
            others = tuple(i for i in left if i not in group)
            for tail in pick(others, rest[1:]):
                yield (*group, *tail)

    return pick(tuple(range(n)), sizes)


def drawn(starts: Floats, kinds: Floats, draws: int, rng: np.random.Generator) -> Codes:
    """Random assignments, the real one first."""
    real = np.concatenate([np.flatnonzero(starts == kind) for kind in kinds])
    random = [rng.permutation(len(starts))[: len(real)] for _ in range(draws)]
    return np.vstack([real, *random]).astype(np.intp)
