"""The orders themselves: whose turn comes first, and waves filled in that turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.rollout.blocks import blocks_of, packed
from hubeval.rollout.lots import lot
from hubeval.rollout.reading import earliest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.rollout.blocks import Block
    from hubeval.rollout.declared import Kind, RolloutCase

    Whole = NDArray[np.intp]
    Turn = tuple[float, str]

BANDS = 3  # of need, where none are given


def blocks(case: RolloutCase) -> tuple[Block, ...]:
    """The sites that open together, of a checked case."""
    at = {site.id: i for i, site in enumerate(case.sites)}
    return blocks_of([[at[name] for name in table.sites] for table in case.together], earliest(case),
                     [at[name] for name in case.first], len(case.waves.openings))


def draw(case: RolloutCase, kind: Kind, made: Sequence[Block], number: int = 0) -> Whole:
    """One order: the wave of each site, (n,).

    Turns are given by lot (see `hubeval.rollout.lots`), and each wave is filled in turn with sites that are ready
    until its places are taken, so that nobody waits beside an empty place; ``"stepped"`` fills waves evenly instead.

    Parameters
    ----------
    case : RolloutCase
    kind : {"lottery", "stratified", "stepped", "need"}
    made : sequence of Block
        From `blocks`.
    number : int
        Which draw of this seed; 0 is the one that counts.

    Examples
    --------
    >>> from hubeval.rollout.declared import RolloutCase, Site, Waves
    >>> sites = tuple(Site(id=name, ready="2026Q3") for name in "ABCD")
    >>> case = RolloutCase(area="X", question="?", sites=sites, first=("D",),
    ...                    waves=Waves(openings=("2026Q3", "2026Q4"), capacity=2))
    >>> order = draw(case, "lottery", blocks(case))
    >>> sorted(order.tolist()), int(order[3])
    ([0, 0, 1, 1], 0)
    """
    turn = _turns(case, kind, number)
    whose = []
    for block in made:  # one lot a block: the smallest of several would put blocks before single sites
        place, one = turn[min(block.sites, key=lambda i: case.sites[i].id)]
        whose.append((min(turn[i][0] for i in block.sites) if kind == "need" else place, one))
    rank = np.argsort(np.array(sorted(range(len(made)), key=lambda b: whose[b])), kind="stable")
    places = case.waves.places
    for allowed in [*(_even(len(turn), places) if kind == "stepped" else ()), places]:
        waves = _filled(made, rank, allowed)
        if waves is not None:
            break
    else:
        waves = packed(made, places, rank.tolist())
    assert waves is not None, "checked at the door"
    out = np.empty(len(turn), dtype=np.intp)
    for block, wave in zip(made, waves, strict=True):
        out[list(block.sites)] = wave
    return out


def strata(case: RolloutCase) -> tuple[str, ...]:
    """The stratum of each site: as declared, or thirds of need; empty where neither is there.

    Examples
    --------
    >>> from hubeval.rollout.declared import RolloutCase, Site, Waves
    >>> sites = tuple(Site(id=str(i), ready="2026Q3", need=float(i)) for i in range(3))
    >>> strata(RolloutCase(area="X", question="?", sites=sites, waves=Waves(openings=("2026Q3",), capacity=3)))
    ('need 3 of 3', 'need 2 of 3', 'need 1 of 3')
    """
    if case.sites[0].stratum:
        return tuple(site.stratum for site in case.sites)
    return tuple(f"need {band + 1} of {BANDS}" for band in bands(case))


def bands(case: RolloutCase) -> tuple[int, ...]:
    """The third of need of each site, 0 for the greatest; empty where need is not declared. Ties share a band."""
    need = np.array([site.need for site in case.sites if site.need is not None], dtype=np.float64)
    if len(need) < len(case.sites):
        return ()
    above = len(need) - np.searchsorted(np.sort(need), need, side="right")
    return tuple(int(number * BANDS // len(need)) for number in above)


def _turns(case: RolloutCase, kind: Kind, number: int) -> list[Turn]:
    """What sites are sorted by; smaller goes earlier."""
    lots = [lot(case.seed, kind, number, site.id) for site in case.sites]
    if kind == "need":
        return [(float(band), one) for band, one in zip(bands(case), lots, strict=True)]
    if kind != "stratified":
        return [(0.0, one) for one in lots]
    held: dict[str, list[int]] = {}
    for i, name in enumerate(strata(case)):
        held.setdefault(name, []).append(i)
    turn: list[Turn] = [(0.0, "")] * len(lots)
    for members in held.values():
        for place, i in enumerate(sorted(members, key=lambda i: lots[i])):
            turn[i] = ((place + 0.5) / len(members), lots[i])
    return turn


def _filled(made: Sequence[Block], rank: Whole, places: Sequence[int]) -> Whole | None:
    """Waves filled in turn, those that must go first before all; None where a block is left over or goes too late."""
    out = np.full(len(made), -1, dtype=np.intp)
    waiting = sorted(range(len(made)), key=lambda b: (made[b].latest > 0, rank[b]))
    for wave, room in enumerate(places):
        left, later = room, []
        for b in waiting:
            size = len(made[b].sites)
            if made[b].earliest <= wave <= made[b].latest and size <= left:
                out[b] = wave
                left -= size
            else:
                later.append(b)
        waiting = later
    return None if waiting else out


def _even(n: int, places: Sequence[int]) -> list[tuple[int, ...]]:
    """Places cut to even waves, loosened one at a time until they are the declared ones."""
    cut = -(-n // len(places))
    return [tuple(min(size, one) for one in places) for size in range(cut, max(places))]
