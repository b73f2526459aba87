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
def _push(heap: Floats, size: int, place: float, heft: float) -> int:
    """Put a breakpoint in a min-heap of (place, weight) rows; the new size."""
    i = size
    while i > 0 and place < heap[(i - 1) // 2, 0]:
        up = (i - 1) // 2
        heap[i, 0], heap[i, 1] = heap[up, 0], heap[up, 1]
        i = up
    heap[i, 0], heap[i, 1] = place, heft
    return size + 1


@compiled
def _pop(heap: Floats, size: int) -> int:
    """Take the root off; the new size."""
    size -= 1
    place, heft, i = heap[size, 0], heap[size, 1], 0
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size and heap[child + 1, 0] < heap[child, 0]:
            child += 1
        if heap[child, 0] >= place:
            break
        heap[i, 0], heap[i, 1] = heap[child, 0], heap[child, 1]
        i = child
    heap[i, 0], heap[i, 1] = place, heft
    return size


@compiled
def _move(heft: float, source: Floats, size: int, target: Floats, there: int, shift: float) -> tuple[int, int]:
    """Move slope worth `heft` from the root of one heap to the other (which keeps mirrored places); the new sizes."""
    while heft > 0 and size > 0:
        place, weight = source[0, 0], source[0, 1]
        part = min(heft, weight)
        there = _push(target, there, shift - place, part)
        heft -= part
        if weight > part:
            source[0, 1] = weight - part
        else:
            size = _pop(source, size)
    return size, there


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
    # places are whole numbers, exact as floats; the left heap holds minus the place (a max-heap), both less their shift
    left, right = np.empty((6 * n + 8, 2)), np.empty((6 * n + 8, 2))
    ls, rs = _push(left, 0, 0.0, np.inf), _push(right, 0, 0.0, np.inf)
    add_l, add_r = 0, 0
    least, most = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    for i in range(n):
        least[i] = add_l - np.int64(left[0, 0]) if ls > 0 else -4 * MANY
        most[i] = add_r + np.int64(right[0, 0]) if rs > 0 else 4 * MANY
        down, up = (low[i], high[i]) if supply[i] > 0 else (-high[i], -low[i])
        add_l, add_r = add_l + down, add_r + up
        if down <= -MANY:
            ls, add_l = 0, 0
        if up >= MANY:
            rs, add_r = 0, 0
        if i < n - 1 and gap[i] > 0:
            ls = _push(left, ls, add_l, gap[i])
            ls, rs = _move(gap[i], left, ls, right, rs, add_l - add_r)
            rs = _push(right, rs, -add_r, gap[i])
            rs, ls = _move(gap[i], right, rs, left, ls, add_l - add_r)
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
