"""The other ways in which the starts could have fallen: over what, how many, all of them or some at random."""

from __future__ import annotations

from itertools import combinations
from math import comb, lgamma, log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

ENUMERATE_UP_TO = 20_000


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
