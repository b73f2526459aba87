"""The hot loops of greedy matching, on scores sorted by (block, score).

Positions, not rows: every array is in sorted order, so that "nearest" is a walk to the left or to the right.
Used comparison records are jumped over through compressed pointers (a union-find), which makes any fixed order
close to linear. Ties go as in MatchIt: to the left neighbour when both sides are equally near, and among equal
scores to the record beside the focal one in a stable sort.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@compiled
def pointers(free: Flags) -> tuple[Ints, Ints]:
    """Nearest free position at or left of each position, and at or right of it; shifted by 1, 0 and n + 1 mean none."""
    n = free.shape[0]
    left = np.zeros(n + 2, dtype=np.int64)
    right = np.full(n + 2, n + 1, dtype=np.int64)
    for q in range(1, n + 1):
        left[q] = q if free[q - 1] else left[q - 1]
    for q in range(n, 0, -1):
        right[q] = q if free[q - 1] else right[q + 1]
    return left, right


@compiled
def follow(link: Ints, q: int) -> int:
    """The end of the chain from `q`, halving the chain on the way."""
    while link[q] != q and link[q] != 0 and link[q] != link.shape[0] - 1:
        link[q] = link[link[q]]
        q = link[q]
    return int(link[q])


@compiled
def allowed(a: int, b: int, anti: Ints, cov: Floats, width: Floats) -> bool:
    """Whether positions `a` and `b` differ on every anti-exact code and lie within every covariate caliper."""
    for j in range(anti.shape[1]):
        if anti[a, j] == anti[b, j]:
            return False
    for j in range(width.shape[0]):  # noqa: SIM110 - plain loops compile best
        if abs(cov[a, j] - cov[b, j]) > width[j]:
            return False
    return True


@compiled
def nearest_free(
    p: int, s: Floats, block: Ints, left: Ints, right: Ints, caliper: float, anti: Ints, cov: Floats, width: Floats
) -> tuple[int, float]:
    """Nearest free, allowed position to `p` in its block, with its distance; -1 when there is none."""
    n = s.shape[0]
    checked = anti.shape[1] + width.shape[0] > 0
    low = follow(left, p)
    while low > 0 and checked and block[low - 1] == block[p] and s[p] - s[low - 1] <= caliper:
        if allowed(p, low - 1, anti, cov, width):
            break
        low = follow(left, low - 1)
    high = follow(right, p + 2)
    while high <= n and checked and block[high - 1] == block[p] and s[high - 1] - s[p] <= caliper:
        if allowed(p, high - 1, anti, cov, width):
            break
        high = follow(right, high + 1)
    down = s[p] - s[low - 1] if low > 0 and block[low - 1] == block[p] else np.inf
    up = s[high - 1] - s[p] if high <= n and block[high - 1] == block[p] else np.inf
    found = low - 1 if down <= up else high - 1
    distance = min(down, up)
    if not distance <= caliper or not np.isfinite(distance):
        return -1, np.inf
    return found, distance


@compiled
def match_in_order(
    queue: Ints, want: Ints, s: Floats, block: Ints, free: Flags, caliper: float, anti: Ints, cov: Floats, width: Floats
) -> tuple[Ints, Ints, Floats]:
    """Greedy matching without replacement, focal positions in the order of `queue`, in rounds of one match each."""
    left, right = pointers(free)
    total = want.sum()
    focal, other = np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int64)
    distance = np.empty(total)
    made = 0
    rounds = want.max() if want.shape[0] else 0
    for r in range(rounds):
        for i in range(queue.shape[0]):
            if want[i] <= r:
                continue
            p = queue[i]
            q, d = nearest_free(p, s, block, left, right, caliper, anti, cov, width)
            if q < 0:
                continue
            focal[made], other[made], distance[made] = p, q, d
            made += 1
            left[q + 1] = q
            right[q + 1] = q + 2
    return focal[:made], other[:made], distance[:made]


@compiled
def match_with_replacement(
    queue: Ints, want: Ints, s: Floats, block: Ints, free: Flags, caliper: float, anti: Ints, cov: Floats, width: Floats
) -> tuple[Ints, Ints, Floats]:
    """The `want` nearest comparison positions of each focal position, every one of them free for all."""
    left, right = pointers(free)
    n = s.shape[0]
    total = want.sum()
    focal, other = np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int64)
    distance = np.empty(total)
    made = 0
    for i in range(queue.shape[0]):
        p, got = queue[i], 0
        low, high = left[p], right[p + 2]
        while got < want[i]:
            down = s[p] - s[low - 1] if low > 0 and block[low - 1] == block[p] else np.inf
            up = s[high - 1] - s[p] if high <= n and block[high - 1] == block[p] else np.inf
            d = min(down, up)
            if not d <= caliper or not np.isfinite(d):
                break
            if down <= up:
                q = low - 1
                low = left[q]
            else:
                q = high - 1
                high = right[q + 2]
            if allowed(p, q, anti, cov, width):
                focal[made], other[made], distance[made] = p, q, d
                made += 1
                got += 1
    return focal[:made], other[:made], distance[:made]


@compiled
def before(d1: float, seq1: int, d2: float, seq2: int) -> bool:
    """Heap order: the smaller key first, then the smaller turn."""
    return d1 < d2 or (d1 == d2 and seq1 < seq2)


@compiled
def sift_up(key: Floats, seq: Ints, item: Ints, at: int) -> None:
    """Restore the heap upward from `at`."""
    while at > 0:
        up = (at - 1) // 2
        if not before(key[at], seq[at], key[up], seq[up]):
            break
        key[at], key[up] = key[up], key[at]
        seq[at], seq[up] = seq[up], seq[at]
        item[at], item[up] = item[up], item[at]
        at = up


@compiled
def sift_down(key: Floats, seq: Ints, item: Ints, size: int) -> None:
    """Restore the heap downward from the root."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and before(key[child + 1], seq[child + 1], key[child], seq[child]):
            child += 1
        if not before(key[child], seq[child], key[at], seq[at]):
            break
        key[at], key[child] = key[child], key[at]
        seq[at], seq[child] = seq[child], seq[at]
        item[at], item[child] = item[child], item[at]
        at = child


@compiled
def match_by_distance(
    queue: Ints,
    want: Ints,
    s: Floats,
    block: Ints,
    free: Flags,
    caliper: float,
    anti: Ints,
    cov: Floats,
    width: Floats,
    sign: float,
) -> tuple[Ints, Ints, Floats]:
    """Greedy matching without replacement, closest pair first (`sign` 1) or hardest first (-1).

    A focal record whose nearest comparison has gone is given a new nearest one when it comes up, and queues again,
    before those equally far (as MatchIt resolves these ties); the first time round, ties go in the order of the queue.
    """
    left, right = pointers(free)
    m, total = queue.shape[0], want.sum()
    focal, other = np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int64)
    distance = np.empty(total)
    key, seq, item = np.empty(m), np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
    choice = np.empty(m, dtype=np.int64)
    taken = ~free
    made, stamp = 0, 0
    for r in range(want.max() if m else 0):
        size = 0
        for i in range(m):
            if want[i] > r:
                choice[i], d = nearest_free(queue[i], s, block, left, right, caliper, anti, cov, width)
                if choice[i] >= 0:
                    key[size], seq[size], item[size] = sign * d, i, i
                    sift_up(key, seq, item, size)
                    size += 1
        while size > 0:
            i, d = item[0], sign * key[0]
            q = choice[i]
            if taken[q]:
                choice[i], d = nearest_free(queue[i], s, block, left, right, caliper, anti, cov, width)
                if choice[i] >= 0:  # further away now: let it sink to its place
                    stamp += 1
                    key[0], seq[0] = sign * d, -stamp
                    sift_down(key, seq, item, size)
                    continue
            else:
                taken[q] = True
                focal[made], other[made], distance[made] = queue[i], q, d
                made += 1
                left[q + 1] = q
                right[q + 1] = q + 2
            size -= 1
            key[0], seq[0], item[0] = key[size], seq[size], item[size]
            sift_down(key, seq, item, size)
    return focal[:made], other[:made], distance[:made]


@compiled
def scan(
    p: int, start: int, stop: int, z: Floats, row: Ints, free: Flags, anti: Ints, cov: Floats, width: Floats
) -> tuple[int, float]:
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
        if nearer and allowed(p, q, anti, cov, width):
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
    caliper: float,
    anti: Ints,
    cov: Floats,
    width: Floats,
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
                q, d = scan(queue[i], start[i], stop[i], z, row, open_, anti, cov, width)
                if q < 0 or np.sqrt(d) > caliper:
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
                q, d = scan(queue[i], start[i], stop[i], z, row, open_, anti, cov, width)
                if q >= 0 and np.sqrt(d) <= caliper:
                    focal[made], other[made], distance[made] = queue[i], q, np.sqrt(d)
                    made += 1
                    open_[q] = False
    return focal[:made], other[:made], distance[:made]
