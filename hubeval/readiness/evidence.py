"""From facts to a range of levels on each criterion: ranges intersect, conflicts are shown, data overrule claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubeval.profile import CRITERIA, GRADES, Fact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

Span = tuple[int, int]
UNKNOWN: Span = (1, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the facts on one criterion come to.

    Parameters
    ----------
    criterion : str
    low, high : int
        The range left when all facts are taken together; 1 to 4 where nothing is known or facts conflict.
    conflict : tuple of Fact
        The two facts furthest apart, when no level satisfies all of them.
    facts : tuple of Fact
        All facts given.
    overruled : tuple of Fact
        Claims that a data check contradicts.
    grade : int
        The best grade of evidence that supports this same range on its own; 0 where nothing is known.
    """

    criterion: str
    low: int
    high: int
    conflict: tuple[Fact, ...] = ()
    facts: tuple[Fact, ...] = ()
    overruled: tuple[Fact, ...] = ()
    grade: int = 0


def weigh(facts: Iterable[Fact]) -> dict[str, Evidence]:
    """Evidence on every criterion, those without facts included.

    Examples
    --------
    >>> told = dict(criterion="IM1", quote="q", source="s", dated="2023")
    >>> facts = [Fact(low=2, high=4, kind="fact", **told), Fact(low=1, high=3, kind="label", **told)]
    >>> weigh(facts)["IM1"].low, weigh(facts)["IM1"].high
    (2, 3)
    """
    by_criterion: dict[str, list[Fact]] = {criterion: [] for criterion in CRITERIA}
    for fact in facts:
        if not fact.design:
            by_criterion[fact.criterion].append(fact)
    return {criterion: _weigh_one(criterion, tuple(found)) for criterion, found in by_criterion.items()}


def spans(facts: Iterable[Fact]) -> dict[str, Span]:
    """The range on every criterion and nothing else: what a verdict is computed from.

    Where facts speak of one design alone, the range for that design stands beside the area's under ``"ST1@DiD"``:
    what everyone knows and what is known of that design, taken together (`level_for` reads it).

    Examples
    --------
    >>> low = Fact(criterion="ST1", low=1, high=1, kind="data", quote="q", source="s", dated="2026", design="DiD")
    >>> found = spans([low])
    >>> found["ST1"], level_for(found, "ST1", "DiD"), level_for(found, "ST1", "ITS")
    ((1, 4), (1, 1), (1, 4))
    """
    shared: dict[str, list[Fact]] = {criterion: [] for criterion in CRITERIA}
    own: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        if fact.design:
            own.setdefault((fact.criterion, fact.design), []).append(fact)
        else:
            shared[fact.criterion].append(fact)
    levels = {criterion: _range(found)[0] if found else UNKNOWN for criterion, found in shared.items()}
    more = {f"{name}@{design}": _range([*shared[name], *found])[0] for (name, design), found in own.items()}
    return {**levels, **more}


def level_for(levels: Mapping[str, Span], criterion: str, design: str) -> Span:
    """The range on one criterion as one design is asked it."""
    return levels.get(f"{criterion}@{design}", levels[criterion])


def _weigh_one(criterion: str, facts: tuple[Fact, ...]) -> Evidence:
    if not facts:
        return Evidence(criterion=criterion, low=1, high=4)
    (low, high), conflict, overruled = _range(facts)
    grade = 0
    if (low, high) != UNKNOWN:
        grade = next(
            g
            for g in sorted(GRADES.values(), reverse=True)
            if _range([fact for fact in facts if fact.grade >= g])[0] == (low, high)
        )
    return Evidence(
        criterion=criterion, low=low, high=high, conflict=conflict, facts=facts, overruled=overruled, grade=grade
    )


def _range(facts: Iterable[Fact]) -> tuple[Span, tuple[Fact, ...], tuple[Fact, ...]]:
    """The range, the two facts in conflict if there are any, and the claims overruled.

    Checks on data come first: a claim that cannot be squared with them is set aside and said to be.
    Claims that can be are kept; if those contradict one another the checks stand alone.
    """
    facts = list(facts)
    checked = [fact for fact in facts if fact.grade == GRADES["data"]]
    if not checked:
        low, high = _intersect(facts)
        return ((low, high), (), ()) if low <= high else (UNKNOWN, _furthest(facts), ())
    low, high = _intersect(checked)
    if low > high:
        return UNKNOWN, _furthest(checked), ()
    claims = [fact for fact in facts if fact.grade < GRADES["data"]]
    overruled = tuple(fact for fact in claims if fact.low > high or fact.high < low)
    narrowed = _intersect([*checked, *(fact for fact in claims if fact not in overruled)])
    return (narrowed if narrowed[0] <= narrowed[1] else (low, high)), (), overruled


def _intersect(facts: Iterable[Fact]) -> Span:
    low, high = UNKNOWN
    for fact in facts:
        low, high = max(low, fact.low), min(high, fact.high)
    return low, high


def _furthest(facts: list[Fact]) -> tuple[Fact, Fact]:
    return max(facts, key=lambda fact: fact.low), min(facts, key=lambda fact: fact.high)


def is_stale(fact: Fact, years: int, today: date) -> bool:
    """Whether a fact is more than `years` old at best reading of its date; marked, never decided on."""
    last = fact.last_day
    return last is not None and (today.year - last.year, today.month, today.day) > (years, last.month, last.day)


def best(levels: Mapping[str, Span]) -> dict[str, Span]:
    """Every unknown turning out as well as it can."""
    return {criterion: (high, high) for criterion, (_, high) in levels.items()}


def worst(levels: Mapping[str, Span]) -> dict[str, Span]:
    """Every unknown turning out as badly as it can."""
    return {criterion: (low, low) for criterion, (low, _) in levels.items()}
