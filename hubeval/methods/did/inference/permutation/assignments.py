"""The other ways in which the starts could have fallen: over what, how many, all of them or some at random."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb, lgamma, log
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from hubeval.methods.did.estimators.cells import start_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

ENUMERATE_UP_TO = 20_000
DRAWS = 4_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignments:
    """Every way, or many, in which the starts could have fallen over A things; m ways, at most J things start in each.

    Attributes
    ----------
    code : (N,) int
        The thing that each unit is, or belongs to.
    kinds : (S,) float
        The starts, one a cohort.
    chosen, kind : (m, J) int
        What starts, and as which of `kinds`; a `kind` of S stands for nothing.
    real : int
        Which of the ways is the real one.
    exact : bool
        Every way is there.
    total : float
        How many ways there are.
    over : str
        What was permuted, in words.
    things : int
        How many clusters or units that is.
    mass : (A,) float
        What each thing weighs: its rows, or their summed weights.
    """

    code: Codes
    kinds: Floats
    chosen: Codes
    kind: Codes
    real: int
    exact: bool
    total: float
    over: str
    things: int
    mass: Floats

    def __len__(self) -> int:
        """How many ways are tried, m."""
        return len(self.chosen)

    def starts(self, row: int) -> Floats:
        """Each unit's start in one way, (N,)."""
        begin = np.full(int(self.code.max()) + 1, np.inf)
        begin[self.chosen[row]] = np.append(self.kinds, np.inf)[self.kind[row]]
        return np.asarray(begin[self.code])

    def picks(self, cohort: int, weight: Floats, group: Codes | None = None) -> csr_array:
        """What starts as `cohort` in each way, (m, A): `weight` where it does, summed over `group` where given."""
        row, place = np.nonzero(self.kind == cohort)
        thing = self.chosen[row, place]
        column = thing if group is None else group[thing]
        width = len(weight) if group is None else int(group.max()) + 1
        found = csr_array((weight[thing], (row, column)), shape=(len(self.chosen), width))
        found.sum_duplicates()
        return found

    def sums(self, table: Floats) -> Floats:
        """Sums of a table (A, …) over what starts as each cohort, and over the rest last, (m, S + 1, …)."""
        flat = table.reshape(len(table), -1)
        ones = np.ones(len(table))
        parts = [np.asarray(self.picks(s, ones) @ flat) for s in range(len(self.kinds))]
        rest = flat.sum(axis=0) - np.sum(parts, axis=0)
        return np.stack([*parts, rest], axis=1).reshape(len(self), len(self.kinds) + 1, *table.shape[1:])


def assignments(panel: Panel, *, draws: int = DRAWS, limit: int = ENUMERATE_UP_TO, seed: int = 20261122) -> Assignments:
    """The ways in which this panel's starts could have fallen.

    Over whole clusters where every cluster has one start; over units where units are the clusters. Where
    clusters hold both treated and untreated units, the clusters' shares are given to other clusters, and units
    picked at random within them.

    Parameters
    ----------
    panel : Panel
    draws : int
        Random ways, where there are more than `limit`.
    limit : int
    seed : int
    """
    kinds = np.array([start_of(panel, int(c)) for c in panel.cohorts])
    kind = np.searchsorted(panel.cohorts, panel.first)  # S for never
    if panel.n_clusters < panel.n_units and not _whole(panel):
        return _in_two_stages(panel, kinds, kind, draws, seed)
    whole = panel.n_clusters < panel.n_units
    code = panel.cluster if whole else np.arange(panel.n_units)
    of = np.full(int(code.max()) + 1, len(kinds), dtype=np.intp)
    of[code] = kind
    sizes = [int((of == s).sum()) for s in range(len(kinds))]
    total = multinomial(len(of), sizes)
    exact = total <= limit
    real = np.concatenate([np.flatnonzero(of == s) for s in range(len(kinds))])
    if exact:
        chosen = _all_ways(len(of), tuple(sizes))
        place = int(np.flatnonzero((chosen == real).all(axis=1))[0])
    else:
        chosen = np.vstack([real, _random_ways(len(of), len(real), draws, seed)])
        place = 0
    every = np.broadcast_to(np.repeat(np.arange(len(kinds)), sizes), chosen.shape)
    return Assignments(code=code, kinds=kinds, chosen=chosen, kind=every, real=place, exact=exact, total=total,
                       over=panel.cluster_name if whole else "units", things=len(of), mass=_mass(panel, code))


@lru_cache(maxsize=4)  # power asks for the same ways on every panel it draws
def _all_ways(n: int, sizes: tuple[int, ...]) -> Codes:
    """Every way to pick groups of these sizes from n, (m, J); not to be written to."""
    found = np.array(list(enumerated(n, list(sizes))), dtype=np.intp)
    found.flags.writeable = False
    return found


@lru_cache(maxsize=4)
def _random_ways(n: int, size: int, draws: int, seed: int) -> Codes:
    """Random ways to pick `size` of n in order, (draws, size); not to be written to."""
    rng = np.random.default_rng(seed)
    found = np.stack([rng.permutation(n)[:size] for _ in range(draws)]).astype(np.intp)
    found.flags.writeable = False
    return found


def _mass(panel: Panel, code: Codes) -> Floats:
    """What each thing weighs, (A,)."""
    rows = np.ones(panel.n_rows) if panel.weights is None else panel.weights
    return np.bincount(code, np.bincount(panel.unit, rows, panel.n_units)).astype(np.float64)


def _whole(panel: Panel) -> bool:
    """Whether every cluster has one start."""
    lowest, highest = np.full(panel.n_clusters, np.inf), np.full(panel.n_clusters, -np.inf)
    np.minimum.at(lowest, panel.cluster, panel.start)
    np.maximum.at(highest, panel.cluster, panel.start)
    return bool(np.array_equal(lowest, highest))


def _in_two_stages(panel: Panel, kinds: Floats, kind: Codes, draws: int, seed: int) -> Assignments:
    """Clusters exchange their shares of units that start; which units, is drawn within the cluster."""
    rng = np.random.default_rng(seed)
    g, s = panel.n_clusters, len(kinds)
    members = [np.flatnonzero(panel.cluster == c) for c in range(g)]
    share = np.stack([np.bincount(kind[m], minlength=s + 1)[:s] / len(m) for m in members])  # (G, S)
    real = np.concatenate([np.flatnonzero(kind == k) for k in range(s)])
    ways = [(real, kind[real])]
    for _ in range(draws):
        given = rng.permutation(g)
        picked = []
        for c in np.flatnonzero(share[given].any(axis=1)):
            count = _counts(share[given[c]], len(members[c]))
            picked.append((rng.permutation(members[c])[: count.sum()], np.repeat(np.arange(s), count)))
        ways.append((np.concatenate([p for p, _ in picked]), np.concatenate([k for _, k in picked])))
    width = max(len(units) for units, _ in ways)
    chosen, every = np.zeros((len(ways), width), dtype=np.intp), np.full((len(ways), width), s, dtype=np.intp)
    for row, (units, starts) in enumerate(ways):
        chosen[row, : len(units)], every[row, : len(units)] = units, starts
    patterns = np.unique(share, axis=0, return_counts=True)[1]
    inside = sum(log(multinomial(len(m), np.bincount(kind[m], minlength=s + 1)[:s].tolist())) for m in members)
    total = float(np.exp(min(700.0, log(multinomial(g, patterns[1:].tolist())) + inside)))
    return Assignments(code=np.arange(panel.n_units), kinds=kinds, chosen=chosen, kind=every, real=0, exact=False,
                       total=total, over=f"{panel.cluster_name}, and over units within each", things=g,
                       mass=_mass(panel, np.arange(panel.n_units)))


def _counts(share: Floats, size: int) -> Codes:
    """Units of a cluster of `size` that start in each cohort, by another cluster's shares; at least one where any."""
    count = np.round(share * size).astype(np.intp)
    count[(share > 0) & (count == 0)] = 1
    while count.sum() > size:
        count[int(np.argmax(count))] -= 1
    return np.asarray(count)


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
