"""Whether any order meets the constraints, and the smallest set of them that conflicts where none does."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubeval.errors import BadInput, Problem, listed
from hubeval.rollout.blocks import blocks_of, packed
from hubeval.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hubeval.rollout.declared import RolloutCase

_CURE = "Move one of them: a date, a number of places, a pair, or who goes first."


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Constraints that no order can meet together, in words; `size` counts them."""

    size: int
    words: tuple[str, ...]


def require_feasible(case: RolloutCase, earliest: Sequence[int]) -> None:
    """Refuse constraints that no order can meet, and name the smallest set that conflicts.

    Without sites that open together, an order exists exactly where every stretch of waves has places for the sites
    that can open in no other (Hall 1935, for intervals). With them it is also a matter of packing: an integer
    programme settles it, and constraints are left out in turn until each that is left is needed (Junker 2004).

    Raises
    ------
    BadInput
    """
    found = sorted(_plain(case, earliest), key=lambda one: one.size)
    if not found and case.together:
        found = list(_packing(case, earliest))
    if found:
        said = "; ".join(found[0].words)
        raise BadInput([Problem("sites", f"no order meets these {found[0].size} constraints together: {said}",
                                "constraints that some order meets", _CURE)])


def _plain(case: RolloutCase, earliest: Sequence[int]) -> Iterator[Conflict]:
    """Conflicts that show without packing."""
    opened, at = case.waves.openings, {site.id: i for i, site in enumerate(case.sites)}
    for i, site in enumerate(case.sites):
        if earliest[i] == len(opened):
            yield Conflict(size=2, words=(f"{site.id} is ready from {site.ready}", f"the last wave opens {opened[-1]}"))
    for name in case.first:
        for other, links in _linked(case, name):
            if earliest[at[other]]:
                when = f"{other} is ready from {case.sites[at[other]].ready}"
                pairs = tuple(f"{listed(case.together[link].sites)} open together" for link in links)
                yield Conflict(size=2 + len(links), words=(f"{name} must go first", *pairs, when))
    if (goes := len(case.first)) > (room := case.waves.places[0]):
        who = f"{goes} sites must go first ({room + 1} of them suffice)"
        yield Conflict(size=room + 2, words=(who, _places(case, 0, 1)))
    for wave in range(len(opened)):
        late = [site.id for site, first in zip(case.sites, earliest, strict=True) if wave <= first < len(opened)]
        room = sum(case.waves.places[wave:])
        if len(late) > room:
            who = f"all {len(late)} sites open" if not wave else (
                f"{counted(len(late), 'site')} ready too late for any wave before {opened[wave]} "
                f"({room + 1} of them suffice): {listed(late)}")
            size = len(opened) - wave + (room + 1 if wave else 1)
            yield Conflict(size=size, words=(who, _places(case, wave, len(opened))))


def _places(case: RolloutCase, start: int, end: int) -> str:
    """The places of some waves in words."""
    opened, places = case.waves.openings[start:end], case.waves.places[start:end]
    what = counted(sum(places), "place")
    return f"{what} in {opened[0]}" if len(opened) == 1 else f"{what} in the {len(opened)} waves from {opened[0]}"


def _linked(case: RolloutCase, name: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A site and all that open with it, each with the fewest tables of `together` that tie the two."""
    seen, queue = {name: ()}, deque([name])
    while queue:
        here = queue.popleft()
        yield here, seen[here]
        for link, table in enumerate(case.together):
            if here in table.sites:
                for other in table.sites:
                    if other not in seen:
                        seen[other] = (*seen[here], link)  # type: ignore[assignment]
                        queue.append(other)


def _packing(case: RolloutCase, earliest: Sequence[int]) -> Iterator[Conflict]:
    """What keeps blocks from fitting: one set of pairs, dates and first places of which none can be left out."""
    at, n = {site.id: i for i, site in enumerate(case.sites)}, len(case.waves.openings)
    groups = [[at[name] for name in table.sites] for table in case.together]
    parts: list[tuple[str, int]] = [("together", i) for i in range(len(groups))]
    parts += [("first", at[name]) for name in case.first]
    parts += [("ready", i) for i, first in enumerate(earliest) if first]

    def fits(kept: Sequence[tuple[str, int]]) -> bool:
        held = set(kept)
        days = [first if ("ready", i) in held else 0 for i, first in enumerate(earliest)]
        made = blocks_of([g for i, g in enumerate(groups) if ("together", i) in held], days,
                         [i for what, i in held if what == "first"], n)
        return packed(made, case.waves.places) is not None

    if fits(parts):
        return
    needed = smallest_part(parts, fits)
    words = [_said(case, what, i) for what, i in needed]
    yield Conflict(size=len(needed) + n, words=(*words, _each(case)))


def _said(case: RolloutCase, what: str, i: int) -> str:
    if what == "together":
        return f"{listed(case.together[i].sites)} open together"
    site = case.sites[i]
    return f"{site.id} must go first" if what == "first" else f"{site.id} is ready from {site.ready}"


def _each(case: RolloutCase) -> str:
    return "places in the waves: " + ", ".join(map(str, case.waves.places))


def smallest_part(
    parts: Sequence[tuple[str, int]], fits: Callable[[Sequence[tuple[str, int]]], bool]
) -> list[tuple[str, int]]:
    """A part of `parts` that does not fit and of which nothing can be left out.

    Halves are tried before single parts (QuickXplain; Junker 2004), so few of many are found in few trials.

    Examples
    --------
    >>> bad = {("a", 2), ("a", 5)}
    >>> smallest_part([("a", i) for i in range(8)], lambda kept: not bad <= set(kept))
    [('a', 2), ('a', 5)]
    """
    def explain(base: list[tuple[str, int]], rest: list[tuple[str, int]], *, grew: bool) -> list[tuple[str, int]]:
        if grew and not fits(base):
            return []
        if len(rest) <= 1:
            return rest
        half = len(rest) // 2
        second = explain(base + rest[:half], rest[half:], grew=True)
        first = explain(base + second, rest[:half], grew=bool(second))
        return first + second

    return explain([], list(parts), grew=False) if fits([]) else []
