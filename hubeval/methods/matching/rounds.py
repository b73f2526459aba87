"""Greedy matching on a line, one match for each focal record in a round, in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.matching import closest, kernels
from hubeval.methods.matching.sorting import grouped, ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.kernels import Joined, Lanes, Limits
    from hubeval.methods.matching.nearest import Line

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]


def match_line(
    line: Line, lane: Lanes, turn: Ints, want: Ints, limits: Limits, order: str
) -> tuple[Small, Small, Floats]:
    """Greedy matching without replacement: positions on `line` of focal and comparison records, and their distances.

    Parameters
    ----------
    turn, want : (m,) int
        Focal records, as `lane` numbers them, in the order they choose, and how many matches each is to have.
    order : str
        ``"closest"`` and ``"farthest"`` choose by distance, `turn` deciding ties; any other by `turn`.
    """
    joined = kernels.untouched(lane.entry.size)
    found: list[tuple[Small, Small, Floats]] = []
    for r in range(int(want.max(initial=0))):
        mine = turn if want.min() > r else turn[want > r]
        if order == "closest":
            got = _closest(line, lane, mine, limits, joined)
        else:
            if order == "farthest":
                mine = _hardest_first(lane, mine, limits, joined)
            got = kernels.match_in_order(mine, lane, limits, joined)
        focal = np.flatnonzero(got)
        if focal.size == 0:
            break
        entry = got[focal]
        found.append((lane.place[focal], lane.spot[entry], np.abs(lane.score[focal] - lane.entry[entry])))
    if len(found) == 1:
        return found[0]
    none = np.empty(0, dtype=np.int32)
    one, two, distance = zip(*found, strict=True) if found else ((none,), (none,), (np.empty(0),))
    return np.concatenate(one), np.concatenate(two), np.concatenate(distance)


def _hardest_first(lane: Lanes, turn: Ints, limits: Limits, joined: Joined) -> Ints:
    """Farthest from anyone first. Whoever loses its choice is then farther still, so it keeps its turn."""
    got, distance = kernels.look(lane, limits, joined)
    some = turn if got.all() else turn[got[turn] > 0]
    return some[ordered(-distance[some])[0]]


def _closest(line: Line, lane: Lanes, turn: Ints, limits: Limits, joined: Joined) -> Small:
    """One pass where that can decide, the queue where it cannot."""
    if not kernels.checked(limits):
        side = np.zeros(line.s.size, dtype=np.int8)
        side[lane.place[turn]] = 1
        free = np.flatnonzero(joined.parent[1:] == np.arange(1, joined.parent.size))
        side[lane.spot[free[lane.spot[free] >= 0]]] = -1
        mate, decided = closest.match_untied(line.s, line.block, side, limits.caliper)
        if decided:
            return _as_entries(mate, lane, joined)
    return closest.match_by_queue(turn, lane, limits, joined)


def _as_entries(mate: Small, lane: Lanes, joined: Joined) -> Small:
    """The entry each focal record got, from the partner of each position, and those entries taken."""
    number = np.zeros(mate.size + 1, dtype=np.int32)  # position to entry; one more for fences and for nobody, at -1
    number[lane.spot] = np.arange(lane.spot.size)
    number[-1] = 0
    got = number[mate[lane.place]]
    kernels.take_all(got[got > 0], joined)
    return got


def choosing_order(line: Line, order: str, seed: int | None) -> Ints:
    """Focal records, numbered along the line, in the order they choose; equal scores go in the order of the data."""
    up = np.flatnonzero(line.focal)
    number = np.arange(up.size)
    if order == "smallest":
        return number
    if order == "largest":  # runs of equal scores from the last to the first, each run left in its order
        s, block = line.s[up], line.block[up]
        run = np.cumsum(np.r_[False, (s[1:] != s[:-1]) | (block[1:] != block[:-1])])
        return grouped(number, run[-1] - run) if up.size else number
    place = np.full(line.row.size, -1, dtype=np.int32)
    place[line.row[up]] = number
    by_row = place[np.flatnonzero(place >= 0)].astype(np.int64)
    return np.asarray(np.random.default_rng(seed).permutation(by_row)) if order == "random" else by_row
