"""Optimal matching on a line, exactly, in the time of a sort: what is sent across each gap is all that costs.

Points stand on a line, some supplying and some demanding; point i must send (or take) a whole number between
``low[i]`` and ``high[i]``. Carrying b across a gap costs ``gap * |b|``. The least cost so far, as a function of b, is
convex; it is held as its breakpoints in two heaps, and each point and each gap changes only their ends. Optimal pair
matching (exactly k for each treated, 0 or 1 for each comparison) and optimal full matching (at least 1 for each) are
special cases. Costs are minimised without ever building a distance matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MANY = np.int64(1) << 40  # stands for "as many as you like"


@compiled
def _push(at: Ints, weight: Floats, size: int, place: int, heft: float) -> int:
    """Put a breakpoint in a min-heap on `place`; the new size."""
    at[size], weight[size] = place, heft
    i = size
    while i > 0 and at[i] < at[(i - 1) // 2]:
        up = (i - 1) // 2
        at[i], at[up] = at[up], at[i]
        weight[i], weight[up] = weight[up], weight[i]
        i = up
    return size + 1


@compiled
def _pop(at: Ints, weight: Floats, size: int) -> int:
    """Take the root off; the new size."""
    size -= 1
    at[0], weight[0] = at[size], weight[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            return size
        if child + 1 < size and at[child + 1] < at[child]:
            child += 1
        if at[child] >= at[i]:
            return size
        at[i], at[child] = at[child], at[i]
        weight[i], weight[child] = weight[child], weight[i]
        i = child


@compiled
def _move(
    heft: float,
    from_at: Ints,
    from_weight: Floats,
    from_size: int,
    to_at: Ints,
    to_weight: Floats,
    to_size: int,
    shift: int,
) -> tuple[int, int]:
    """Move slope worth `heft` from the root of one heap to the other (which keeps mirrored places)."""
    while heft > 0 and from_size > 0:
        place, there = from_at[0], from_weight[0]
        part = min(heft, there)
        to_size = _push(to_at, to_weight, to_size, shift - place, part)
        heft -= part
        if there > part:
            from_weight[0] = there - part
        else:
            from_size = _pop(from_at, from_weight, from_size)
    return from_size, to_size


@compiled
def degrees(gap: Floats, supply: Ints, low: Ints, high: Ints) -> tuple[Ints, bool]:
    """How many each point sends or takes at the least total cost.

    Parameters
    ----------
    gap : (n - 1,) float
        Non-negative distances between consecutive points.
    supply : (n,) int
        1 where the point supplies (treated), -1 where it demands (comparison).
    low, high : (n,) int
        Fewest and most links of each point; `MANY` for no upper bound.

    Returns
    -------
    degree : (n,) int
    feasible : bool
        False where the bounds cannot be met together.
    """
    n = supply.shape[0]
    # left heap holds minus the place (a max-heap); both hold places less their running shift
    la, lw = np.empty(6 * n + 8, dtype=np.int64), np.empty(6 * n + 8)
    ra, rw = np.empty(6 * n + 8, dtype=np.int64), np.empty(6 * n + 8)
    ls = _push(la, lw, 0, 0, np.inf)
    rs = _push(ra, rw, 0, 0, np.inf)
    add_l, add_r = 0, 0
    least, most = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    for i in range(n):
        least[i] = add_l - la[0] if ls > 0 else -4 * MANY
        most[i] = add_r + ra[0] if rs > 0 else 4 * MANY
        down, up = (low[i], high[i]) if supply[i] > 0 else (-high[i], -low[i])
        add_l, add_r = add_l + down, add_r + up
        if down <= -MANY:
            ls, add_l = 0, 0
        if up >= MANY:
            rs, add_r = 0, 0
        if i < n - 1 and gap[i] > 0:
            ls = _push(la, lw, ls, add_l, gap[i])
            ls, rs = _move(gap[i], la, lw, ls, ra, rw, rs, add_l - add_r)
            rs = _push(ra, rw, rs, -add_r, gap[i])
            rs, ls = _move(gap[i], ra, rw, rs, la, lw, ls, add_l - add_r)
    degree = np.empty(n, dtype=np.int64)
    b = np.int64(0)
    for i in range(n - 1, -1, -1):
        if supply[i] > 0:
            pre = b - low[i]
            pre = pre if pre <= most[i] else max(most[i], b - high[i])
        else:
            pre = b + low[i]
            pre = pre if pre >= least[i] else min(least[i], b + high[i])
        degree[i] = abs(b - pre)
        b = pre
    return degree, b == 0


@compiled
def links(supply: Ints, degree: Ints) -> tuple[Ints, Ints]:
    """Who is joined to whom, first come first served along the line: (treated, comparison) positions."""
    n = supply.shape[0]
    total = 0
    for i in range(n):
        total += degree[i] if supply[i] > 0 else 0
    one, two = np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int64)
    queue, rest = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    head, tail, made = 0, 0, 0
    for i in range(n):
        need = degree[i]
        while need > 0 and head < tail and supply[queue[head]] != supply[i]:
            j = queue[head]
            one[made], two[made] = (i, j) if supply[i] > 0 else (j, i)
            made, need = made + 1, need - 1
            rest[head] -= 1
            if rest[head] == 0:
                head += 1
        if need > 0:
            if head == tail:
                head, tail = 0, 0
            queue[tail], rest[tail] = i, need
            tail += 1
    return one[:made], two[:made]


@compiled
def stars(one: Ints, two: Ints, n: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which links to keep so that no link joins two points that both have others: sets become stars, never dearer."""
    count = np.zeros(n, dtype=np.int64)
    for k in range(one.shape[0]):
        count[one[k]] += 1
        count[two[k]] += 1
    keep = np.ones(one.shape[0], dtype=np.bool_)
    for k in range(one.shape[0]):
        if count[one[k]] > 1 and count[two[k]] > 1:
            keep[k] = False
            count[one[k]] -= 1
            count[two[k]] -= 1
    return keep
