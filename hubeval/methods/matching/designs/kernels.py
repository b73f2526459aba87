"""The hot loops of greedy matching, on scores sorted by (block, score).

The comparison records stand in one lane, in ascending order, blocks fenced off by entries infinitely far away.
Every focal record lies in a gap of that lane: its nearest are the entries left and right of the gap. Taking a
comparison joins the gaps on its two sides (a union-find), which makes any fixed order close to linear. Ties go as in
MatchIt: to the left neighbour when both sides are equally near, and among equal scores to the record beside the focal
one in a stable sort. Small functions take arrays, not tuples of them: those would be counted at every call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hubeval.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]
    Flags = NDArray[np.bool_]


AHEAD = 64  # focal records whose surroundings are read together


class Lanes(NamedTuple):
    """m focal records and k comparison entries, both ascending; entry 0, the last, and those between blocks are fences.

    `gap` g lies between the entries g - 1 and g; `place` and `spot` are positions on the line (-1 for a fence).
    """

    score: Floats
    gap: Small
    place: Small
    entry: Floats
    spot: Small


class Limits(NamedTuple):
    """Largest distance, anti-exact codes (n, a), and covariates (n, c) with their calipers (c,), by position."""

    caliper: float
    anti: Ints
    cov: Floats
    width: Floats


def no_limits(n: int, caliper: float = np.inf) -> Limits:
    """Nothing but a caliper, if that, on a line of `n`."""
    return Limits(caliper, np.zeros((n, 0), dtype=np.int64), np.zeros((n, 0)), np.empty(0))


class Joined(NamedTuple):
    """Gaps joined so far: `parent` leads to the leftmost of a run, where `reach` is the entry right of the run."""

    parent: Small
    reach: Small


@compiled
def lanes(s: Floats, block: Ints, focal: Flags, free: Flags) -> Lanes:
    """Split a line into its two lanes."""
    n, m, k = s.shape[0], 0, 2
    for p in range(n):
        m += focal[p]
        k += free[p]
        k += p > 0 and block[p] != block[p - 1]
    score, gap, place = np.empty(m), np.empty(m, dtype=np.int32), np.empty(m, dtype=np.int32)
    entry, spot = np.full(k, np.inf), np.full(k, -1, dtype=np.int32)
    m, k = 0, 1
    for p in range(n):
        k += p > 0 and block[p] != block[p - 1]
        if focal[p]:
            score[m], gap[m], place[m] = s[p], k, p
            m += 1
        if free[p]:
            entry[k], spot[k] = s[p], p
            k += 1
    return Lanes(score, gap, place, entry, spot)


def untouched(k: int) -> Joined:
    """No gap joined to another yet, among `k` entries."""
    return Joined(np.arange(k, dtype=np.int32), np.arange(k, dtype=np.int32))


@compiled
def run_of(parent: Small, g: int) -> int:
    """The leftmost gap of the run that `g` is in, halving the chain on the way."""
    while parent[g] != g:
        parent[g] = parent[parent[g]]
        g = parent[g]
    return int(np.int64(g))


@compiled
def take(e: int, run: int, parent: Small, reach: Small) -> None:
    """Join the gaps on the two sides of entry `e`, which goes; where it is beside `run`, that need not be looked up."""
    left = run if e == reach[run] else run_of(parent, e)
    parent[e + 1] = left
    reach[left] = reach[e + 1]


@compiled
def nearer(s: float, low: int, high: int, entry: Floats, caliper: float) -> tuple[int, float]:
    """The nearer of the entries `low` and `high` to score `s`, with its distance; entry 0 when both are too far."""
    down, up = abs(s - entry[low]), abs(entry[high] - s)
    found, distance = (low, down) if down <= up else (high, up)
    if not distance <= caliper or distance == np.inf:
        return 0, np.inf
    return found, distance


@compiled
def nearest(s: float, g: int, entry: Floats, parent: Small, reach: Small, caliper: float) -> tuple[int, float]:
    """Nearest free entry to score `s` in gap `g`, with its distance; entry 0 when there is none."""
    run = run_of(parent, g)
    return nearer(s, run - 1, reach[run], entry, caliper)


@compiled
def allowed(a: int, b: int, limits: Limits) -> bool:
    """Whether positions `a` and `b` differ on every anti-exact code and lie within every covariate caliper."""
    for j in range(limits.anti.shape[1]):
        if limits.anti[a, j] == limits.anti[b, j]:
            return False
    for j in range(limits.width.shape[0]):  # noqa: SIM110 - plain loops compile best
        if abs(limits.cov[a, j] - limits.cov[b, j]) > limits.width[j]:
            return False
    return True


@compiled
def checked(limits: Limits) -> bool:
    """Whether `allowed` has anything to look at."""
    return bool(limits.anti.shape[1] + limits.width.shape[0] > 0)


@compiled
def nearest_allowed(f: int, lane: Lanes, limits: Limits, joined: Joined) -> tuple[int, float]:
    """As `nearest`, for focal record `f`, passing over entries that are not allowed."""
    entry, spot, parent, reach = lane.entry, lane.spot, joined.parent, joined.reach
    s, p, run = lane.score[f], lane.place[f], run_of(parent, lane.gap[f])
    low, high = run - 1, reach[run]
    while spot[low] >= 0 and abs(s - entry[low]) <= limits.caliper and not allowed(p, spot[low], limits):
        low = run_of(parent, low) - 1
    while spot[high] >= 0 and abs(entry[high] - s) <= limits.caliper and not allowed(p, spot[high], limits):
        high = reach[high + 1]
    return nearer(s, low, high, entry, limits.caliper)


@compiled
def match_in_order(turn: Ints, lane: Lanes, limits: Limits, joined: Joined) -> Small:
    """One round of matching without replacement in the order of `turn`: the entry each focal record gets, or 0."""
    score, gap, entry = lane.score, lane.gap, lane.entry
    parent, reach = joined
    m, caliper, pick = turn.shape[0], limits.caliper, checked(limits)
    got, ahead = np.zeros(score.shape[0], dtype=np.int32), np.empty(1)
    for i in range(m):
        if i % AHEAD == 0:  # read what the next ones need all at once, so that the waits for memory overlap
            for j in range(i, min(i + AHEAD, m)):
                ahead[0] = score[turn[j]] + entry[parent[gap[turn[j]]]] + reach[gap[turn[j]]]
        f, run = turn[i], run_of(parent, gap[turn[i]])
        if pick:
            e, _ = nearest_allowed(f, lane, limits, joined)
        else:
            e, _ = nearer(score[f], run - 1, reach[run], entry, caliper)
        got[f] = e
        if e > 0:
            take(e, run, parent, reach)
    return got


@compiled
def look(lane: Lanes, limits: Limits, joined: Joined) -> tuple[Small, Floats]:
    """The nearest entry of each focal record, or 0, and how far it is, nothing being taken."""
    score, gap, entry = lane.score, lane.gap, lane.entry
    parent, reach = joined
    m, caliper, pick = score.shape[0], limits.caliper, checked(limits)
    got, distance = np.empty(m, dtype=np.int32), np.empty(m)
    for f in range(m):
        if pick:
            got[f], distance[f] = nearest_allowed(f, lane, limits, joined)
        else:
            got[f], distance[f] = nearest(score[f], gap[f], entry, parent, reach, caliper)
    return got, distance


@compiled
def take_all(entries: Small, joined: Joined) -> None:
    """Take every one of `entries`."""
    for i in range(entries.shape[0]):
        e = int(np.int64(entries[i]))
        take(e, run_of(joined.parent, e), joined.parent, joined.reach)


@compiled
def match_with_replacement(want: Ints, lane: Lanes, limits: Limits) -> tuple[Small, Small, Floats]:
    """The `want` nearest entries of each focal record, all of them free for all: focal record, entry, distance."""
    total = want.sum()
    focal, got, distance = np.empty(total, dtype=np.int32), np.empty(total, dtype=np.int32), np.empty(total)
    made = 0
    for f in range(want.shape[0]):
        found, high = 0, lane.gap[f]
        low = high - 1
        while found < want[f]:
            down, up = abs(lane.score[f] - lane.entry[low]), abs(lane.entry[high] - lane.score[f])
            e, d = (low, down) if down <= up else (high, up)
            if not d <= limits.caliper or not np.isfinite(d):
                break
            low, high = (low - 1, high) if down <= up else (low, high + 1)
            if allowed(lane.place[f], lane.spot[e], limits):
                focal[made], got[made], distance[made] = f, e, d
                made += 1
                found += 1
    return focal[:made], got[:made], distance[:made]
