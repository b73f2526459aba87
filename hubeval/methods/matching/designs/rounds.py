"""Greedy matching on a line, one match for each focal record in a round, in any order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.matching.designs import closest, kernels
from hubeval.methods.matching.designs.sorting import grouped, ordered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hubeval.methods.matching.designs.kernels import Joined, Lanes, Limits
    from hubeval.methods.matching.designs.line import Line

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Small = NDArray[np.int32]
    Side = NDArray[np.int8]


def match_line(
    line: Line, lane: Lanes, want: Ints, limits: Limits, order: str, seed: int | None = None
) -> tuple[Small, Small, Floats]:
    """Greedy matching without replacement: positions on `line` of focal and comparison records, and their distances.

    Parameters
    ----------
    want : (m,) int
        How many matches each focal record is to have, in the order of the line.
    order, seed
        Who chooses first; see `match`.
    """
    if order == "closest":
        rounds = _closest_first(line, lane, want, limits)
    else:
        rounds = _in_turn(line, lane, want, limits, order, seed)
    none = np.empty(0, dtype=np.int32)
    one, two = none, none
    for more in rounds:
        if more[0].size == 0:
            break
        one, two = more if one.size == 0 else (np.concatenate([one, more[0]]), np.concatenate([two, more[1]]))
    return one, two, np.abs(line.s[one] - line.s[two])


def _in_turn(
    line: Line, lane: Lanes, want: Ints, limits: Limits, order: str, seed: int | None
) -> Iterator[tuple[Small, Small]]:
    """Pairs of each round, in an order settled at its start."""
    turn, joined = choosing_order(line, order, seed), kernels.untouched(lane.entry.size)
    for r in range(int(want.max(initial=0))):
        mine = turn if want.min() > r else turn[want[turn] > r]
        if order == "farthest":
            mine = _hardest_first(lane, mine, limits, joined)
        yield _positions(lane, kernels.match_in_order(mine, lane, limits, joined))


def _hardest_first(lane: Lanes, turn: Ints, limits: Limits, joined: Joined) -> Ints:
    """Farthest from anyone first. Whoever loses its choice is then farther still, so it keeps its turn."""
    got, distance = kernels.look(lane, limits, joined)
    some = turn if got.all() else turn[got[turn] > 0]
    return some[ordered(-distance[some])[0]]


def _closest_first(line: Line, lane: Lanes, want: Ints, limits: Limits) -> Iterator[tuple[Small, Small]]:
    """Pairs of each round, by one pass where that can decide and by the queue where it cannot."""
    side = line.focal.astype(np.int8) - line.free.astype(np.int8)
    for r in range(int(want.max(initial=0))):
        if want.min() <= r:
            side[lane.place[want <= r]] = 0
        decided = False
        if not kernels.checked(limits):
            mate, decided = closest.match_untied(line.s, line.block, side, limits.caliper)
        if decided:
            one = np.flatnonzero(line.focal & (mate >= 0)).astype(np.int32)
            two = mate[one]
        else:
            one, two = _by_queue(line, lane, side, limits)
        side[two] = 0
        yield one, two


def _by_queue(line: Line, lane: Lanes, side: Side, limits: Limits) -> tuple[Small, Small]:
    """A round of closest first by the queue, among the records that have a side left."""
    turn, joined = choosing_order(line, "data", None), kernels.untouched(lane.entry.size)
    gone = np.flatnonzero((lane.spot >= 0) & (side[lane.spot] == 0)).astype(np.int32)
    kernels.take_all(gone, joined)
    return _positions(lane, closest.match_by_queue(turn[side[lane.place[turn]] > 0], lane, limits, joined))


def _positions(lane: Lanes, got: Small) -> tuple[Small, Small]:
    """Positions on the line of the focal records that got an entry, and of those entries."""
    focal = np.flatnonzero(got)
    return lane.place[focal], lane.spot[got[focal]]


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
