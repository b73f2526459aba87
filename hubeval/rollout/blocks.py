"""Sites that open together as one block, and whether a set of constraints can be met at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Whole = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Sites, by position, that open in one wave; the first and the last wave in which they can."""

    sites: tuple[int, ...]
    earliest: int
    latest: int


def blocks_of(
    groups: Iterable[Sequence[int]], earliest: Sequence[int], first: Iterable[int], n_waves: int
) -> tuple[Block, ...]:
    """Sites joined where a group names both.

    Parameters
    ----------
    groups : iterable of sequences of int
        Positions of sites that open together.
    earliest : (n,) int
    first : iterable of int
        Positions that must open in the first wave.
    n_waves : int

    Examples
    --------
    >>> [block.sites for block in blocks_of([(0, 2)], [0, 0, 1], [1], 3)]
    [(0, 2), (1,)]
    """
    root = list(range(len(earliest)))

    def top(site: int) -> int:
        while root[site] != site:
            root[site] = root[root[site]]
            site = root[site]
        return site

    for group in groups:
        for site in group[1:]:
            root[top(site)] = top(group[0])
    held: dict[int, list[int]] = {}
    for site in range(len(root)):
        held.setdefault(top(site), []).append(site)
    ahead = set(first)
    return tuple(
        Block(sites=tuple(sites), earliest=max(earliest[site] for site in sites),
              latest=0 if ahead.intersection(sites) else n_waves - 1)
        for sites in sorted(held.values()))


def packed(blocks: Sequence[Block], places: Sequence[int], rank: Sequence[int] | None = None) -> Whole | None:
    """A wave for each block within its places, early ranks early, (b,); None where there is no such order.

    Solved as an integer programme, for the rare case in which filling waves by lot leaves a block over.

    Examples
    --------
    >>> pairs = [Block(sites=(2 * i, 2 * i + 1), earliest=0, latest=1) for i in range(3)]
    >>> packed(pairs, [3, 3]) is None, packed(pairs, [4, 2]).tolist()
    (True, [0, 0, 1])
    """
    b, k = len(blocks), len(places)
    if any(block.earliest > block.latest for block in blocks):
        return None
    late = np.arange(b) if rank is None else np.asarray(rank)
    cost = (np.arange(k)[None, :] * (1 + (b - late)[:, None] / (4.0 * b))).ravel()
    row, column = np.repeat(np.arange(b), k), np.arange(b * k)
    once = coo_array((np.ones(b * k), (row, column)), shape=(b, b * k))
    size = np.array([len(block.sites) for block in blocks], dtype=np.float64)
    held = coo_array((np.repeat(size, k), (np.tile(np.arange(k), b), column)), shape=(k, b * k))
    wave = np.arange(k)[None, :]
    lowest = np.array([block.earliest for block in blocks])[:, None]
    highest = np.array([block.latest for block in blocks])[:, None]
    open_to = ((wave >= lowest) & (wave <= highest)).ravel().astype(np.float64)
    found = milp(cost, integrality=np.ones(b * k, dtype=np.int64), bounds=Bounds(0, open_to),
                 constraints=[LinearConstraint(once, 1, 1), LinearConstraint(held, -np.inf, np.array(places))],
                 options={"time_limit": 20.0, "mip_rel_gap": 0.01})
    if found.x is None:
        return None
    return np.asarray(found.x.reshape(b, k).argmax(axis=1), dtype=np.intp)
