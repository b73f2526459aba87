"""Greedy matching, nearest pair first: in one pass along the line where no two choices tie, by a queue where they do.

The nearest pair left always stands side by side on the line. A pair may be joined as soon as nobody else is as near to
either of its two, whatever happens elsewhere; so a pass from left to right with a stack of open gaps settles all pairs.
Where somebody is equally near the pass gives up, for then who goes first decides; the queue knows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.compiled import compiled
from hubeval.methods.matching.designs.kernels import (
    Joined,
    Lanes,
    Limits,
    checked,
    look,
    nearest,
    nearest_allowed,
    run_of,
    take,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]
    Side = NDArray[np.int8]

SIZE = 2048  # drawers of the queue: eight bytes of a distance, each with 256 values


@compiled
def tied(a: int, b: int, v: int, s: Floats, side: Side, before: Small, after: Small) -> bool:
    """Whether another focal record is as near to the comparison record of the pair ``a < b``, newcomer `v` included.

    Two comparison records as near to one focal record are no tie: it takes the one beside it, and the left of two.
    """
    gap, left, right = s[b] - s[a], before[a], after[b]
    if side[b] > 0:
        return bool(right >= 0 and s[right] - s[a] == gap)
    if left >= 0 and s[b] - s[left] == gap:
        return True
    if v == s.shape[0] or s[v] - s[b] != gap:
        return False
    return bool(side[v] > 0 or (v + 1 < s.shape[0] and s[v + 1] - s[b] == gap))


@compiled
def leave(a: int, b: int, before: Small, after: Small) -> int:
    """Take the neighbours `a` and `b` out of the line; who stood right of them, or -1."""
    left, right = before[a], after[b]
    if left >= 0:
        after[left] = right
    if right >= 0:
        before[right] = left
    return int(right)


@compiled
def match_untied(s: Floats, block: Ints, side: Side, caliper: float) -> tuple[Small, bool]:
    """Partner of every position (-1: none), closest pair first; False where a tie was met and nothing may be believed.

    Each newcomer first joins every pair on the stack that it is too far away to break. The unit on the right of a
    joined pair has then a new left neighbour, so it comes anew before the newcomer does.

    Parameters
    ----------
    s, block : (n,)
        The line, ascending.
    side : (n,) int
        1 for a focal record to be matched, -1 for a comparison record that is free, 0 for neither.
    """
    n = s.shape[0]
    before, after, mate = np.full(n, -1, dtype=np.int32), np.full(n, -1, dtype=np.int32), np.full(n, -1, dtype=np.int32)
    open_, todo = np.empty(n + 1, dtype=np.int32), np.empty(n + 1, dtype=np.int32)
    top, last = 0, -1
    for v in range(n + 1):
        if v < n and side[v] == 0:
            continue
        fence = v == n or (last >= 0 and block[v] != block[last])
        if last >= 0 and not fence:
            before[v], after[last] = last, v
        todo[0], depth, last = n if fence else v, 1, v
        while depth > 0:
            u, b = todo[depth - 1], open_[top - 1] if top > 0 else -1
            if b >= 0 and (u == n or s[u] - s[b] >= s[b] - s[before[b]]):
                a = before[b]
                if tied(a, b, u, s, side, before, after):
                    return mate, False
                mate[a], mate[b] = b, a
                top -= 2 if top > 1 and open_[top - 2] == a else 1
                right = leave(a, b, before, after)
                if right >= 0 and right != u:
                    todo[depth] = right
                    depth += 1
                continue
            depth -= 1
            if u < n and before[u] >= 0 and side[before[u]] != side[u] and s[u] - s[before[u]] <= caliper:
                open_[top] = u
                top += 1
    return mate, True


@compiled
def drawer(bits: int, floor: int) -> int:
    """Where the queue keeps a distance: by the first byte in which it differs from the smallest, and that byte."""
    level, differ = 0, bits ^ floor
    while differ > 255:
        differ >>= 8
        level += 1
    return level * 256 + ((bits >> 8 * level) & 255)


@compiled
def push(i: int, bits: Ints, follows: Small, drawers: Small) -> None:
    """Queue item `i`, before those as far."""
    d = drawer(bits[i], bits[-1])
    if drawers[d, 0] < 0:
        drawers[d, 1] = i
    follows[i], drawers[d, 0] = drawers[d, 0], i
    drawers[SIZE + (d >> 8), 0] += 1


@compiled
def first_drawer(bits: Ints, drawers: Small) -> int:
    """The drawer with the nearest items."""
    level = 0
    while drawers[SIZE + level, 0] == 0:
        level += 1
    d = level * 256 + ((bits[-1] >> 8 * level) & 255)
    while drawers[d, 0] < 0:
        d += 1
    return int(d)


@compiled
def spread(d: int, bits: Ints, follows: Small, drawers: Small) -> int:
    """Move the items of drawer `d` to finer ones, in their order, and say where the smallest went."""
    first, level = drawers[d, 0], SIZE + (d >> 8)
    drawers[d, 0] = -1
    i, least = first, bits[first]
    while i >= 0:
        least, i = min(least, bits[i]), follows[i]
    bits[-1], i = least, first
    while i >= 0:
        to, after = drawer(bits[i], least), follows[i]
        if drawers[to, 0] < 0:
            drawers[to, 0] = i
        else:
            follows[drawers[to, 1]] = i
        drawers[to, 1], follows[i] = i, -1
        drawers[level, 0] -= 1
        drawers[SIZE + (to >> 8), 0] += 1
        i = after
    return int(least & 255)


def match_by_queue(turn: Ints, lane: Lanes, limits: Limits, joined: Joined) -> Small:
    """One round of greedy matching without replacement, closest pair first: the entry each focal record gets, or 0.

    A focal record whose choice has gone is given a new nearest one when it comes up, and queues again, before those
    equally far (as MatchIt resolves these ties); the first time round, ties go in the order of `turn`. Distances taken
    off the queue never fall, so it is a radix heap (Ahuja, Mehlhorn, Orlin & Tarjan 1990), newest first among equals.
    """
    first, distance = look(lane, limits, joined)
    got = np.zeros_like(first)
    got[turn] = first[turn]
    drawers = np.full((SIZE + 8, 2), -1, dtype=np.int32)
    drawers[SIZE:] = 0
    serve(turn, got, np.append(distance, 0.0), np.empty_like(got), drawers, lane, limits, joined)
    return got


@compiled
def serve(
    turn: Ints,
    got: Small,
    key: Floats,
    follows: Small,
    drawers: Small,
    lane: Lanes,
    limits: Limits,
    joined: Joined,
) -> None:
    """Work the queue off: `got` holds choices and becomes what was got; the last `key` is the smallest in the queue."""
    score, gap, entry = lane.score, lane.gap, lane.entry
    parent, reach = joined
    bits, caliper, pick, waiting = key.view(np.int64), limits.caliper, checked(limits), 0
    for i in range(turn.shape[0] - 1, -1, -1):
        if got[turn[i]] > 0:
            push(turn[i], bits, follows, drawers)
            waiting += 1
    while waiting > 0:
        d = first_drawer(bits, drawers)
        if d > 255:
            d = spread(d, bits, follows, drawers)
        f = int(np.int64(drawers[d, 0]))  # of one width everywhere, so that callees compile once
        drawers[d, 0], bits[-1], e = follows[f], bits[f], int(np.int64(got[f]))
        drawers[SIZE, 0] -= 1
        if parent[e + 1] == e + 1:  # still there
            take(e, run_of(parent, e), parent, reach)
            waiting -= 1
            continue
        if pick:
            got[f], key[f] = nearest_allowed(f, lane, limits, joined)
        else:
            got[f], key[f] = nearest(score[f], gap[f], entry, parent, reach, caliper)
        if got[f] > 0:
            push(f, bits, follows, drawers)
        else:
            waiting -= 1
