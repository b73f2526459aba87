"""The hot loops of greedy matching between covariates: each focal record looks at every comparison in its window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.compiled import compiled
from hubeval.methods.matching.designs.kernels import Limits, allowed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@compiled
def scan(p: int, start: int, stop: int, z: Floats, row: Ints, free: Flags, limits: Limits) -> tuple[int, float]:
    """Nearest free position to `p` in ``start..stop`` by squared distance in `z`; ties to the earliest row."""
    best, found = np.inf, -1
    for q in range(start, stop):
        if not free[q] or q == p:
            continue
        d = 0.0
        for j in range(z.shape[1]):
            d += (z[q, j] - z[p, j]) ** 2
            if d > best:
                break
        nearer = d < best or (d == best and found >= 0 and row[q] < row[found])
        if nearer and allowed(p, q, limits):
            best, found = d, q
    return found, best


@compiled
def match_in_space(
    queue: Ints,
    want: Ints,
    start: Ints,
    stop: Ints,
    z: Floats,
    row: Ints,
    free: Flags,
    limits: Limits,
    replace: int,
) -> tuple[Ints, Ints, Floats]:
    """Greedy matching on a distance in several dimensions, each focal position looking at its own window."""
    total = want.sum()
    focal, other = np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int64)
    distance = np.empty(total)
    open_ = free.copy()
    made = 0
    if replace > 0:
        for i in range(queue.shape[0]):
            first = made
            for _ in range(want[i]):
                q, d = scan(queue[i], start[i], stop[i], z, row, open_, limits)
                if q < 0 or np.sqrt(d) > limits.caliper:
                    break
                focal[made], other[made], distance[made] = queue[i], q, np.sqrt(d)
                made += 1
                open_[q] = False
            for k in range(first, made):
                open_[other[k]] = True
        return focal[:made], other[:made], distance[:made]
    rounds = want.max() if want.shape[0] else 0
    for r in range(rounds):
        for i in range(queue.shape[0]):
            if want[i] > r:
                q, d = scan(queue[i], start[i], stop[i], z, row, open_, limits)
                if q >= 0 and np.sqrt(d) <= limits.caliper:
                    focal[made], other[made], distance[made] = queue[i], q, np.sqrt(d)
                    made += 1
                    open_[q] = False
    return focal[:made], other[:made], distance[:made]
