"""The gate for what is made of words: portfolios of areas, theory plans and what several of them share."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from typing import Protocol as Shape

from hubeval import files
from hubeval.errors import BadInput, Problem
from hubeval.release import released as made
from hubeval.release.evidence import evidence_as_it_may_leave
from hubeval.release.profiles import rulebook_of
from hubeval.release.quotes import Cleared, quotes_not_cleared
from hubeval.release.refusals import of_persons
from hubeval.release.released import Decision, Released
from hubeval.release.rounding import shown_count, shown_mean, significant
from hubeval.release.words import HASHES, counts_in, counts_said, found_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hubeval.detectable import Power
    from hubeval.economics import Answer
    from hubeval.profile import Fact
    from hubeval.protocol import Protocol
    from hubeval.readiness import Readiness
    from hubeval.rollout import Rollout
    from hubeval.theory.across import LearningReport
    from hubeval.theory.plan import TheoryPlan



class _Plain(Shape):
    """What says itself as plain values."""

    def to_dict(self) -> dict[str, Any]:
        """Everything in it."""


T = TypeVar("T")
S = TypeVar("S", bound=_Plain)
_ROWS = re.compile(r"(\d[\d,]*) rows, (\d[\d,]*) units")
_DECLARED = {"smallest_worthwhile", "level", "target", "published"}
_PRINTED, _STATISTIC = 3, 2  # significant digits
_NOBODYS = {"n_periods", "n_rows"}  # numbers that are not of persons; rows go with the persons whose they are


def release_portfolio(
    readinesses: Sequence[Readiness], cleared: Cleared | None = None
) -> Released[Sequence[Readiness]]:
    """Assessments of areas as they may leave: nothing in them may name or reach a person.

    Raises
    ------
    BadInput
        A profile holds a postcode, an address, a number of a person or the like; where, but not what.

    Examples
    --------
    >>> release_portfolio([]).content
    []
    """
    for readiness in readinesses:
        _require_clean(readiness.area, readiness.to_dict(), cleared)
    return _passed(list(readinesses), (Decision(output="portfolio", action="shown", rule="words: no personal detail"),))


def release_plan(plan: TheoryPlan, cleared: Cleared | None = None) -> Released[TheoryPlan]:
    """A theory plan as it may leave: no personal detail, and what rests on few persons by none of its tables or words.

    Parameters
    ----------
    plan : TheoryPlan
    cleared : Cleared, optional
        The recorded clearances of quotes, from `hubeval.release.quotes.read_cleared`.

    Raises
    ------
    BadInput
        It holds a postcode, an address, a number of a person or the like, or somebody's words that nobody has cleared;
        where, but not what.
    """
    _require_clean(plan.area, plan.to_dict(), cleared)
    shown, log = evidence_as_it_may_leave(plan)
    return _passed(shown, log)


def release_value(answer: Answer) -> Released[Answer]:
    """A value case as it may leave: it rests on a released result and on figures of no person.

    Raises
    ------
    BadInput
        A label, note or source holds a postcode, an address, a number of a person or the like; where, but not what.
    """
    from hubeval.economics.plain import to_dict  # noqa: PLC0415 - it counts with numpy, which assessments do without

    _require_clean(answer.case.area, to_dict(answer))
    return _passed(answer, (Decision(output="value", action="shown", rule="words: no personal detail"),))


def release_rollout(found: Rollout) -> Released[Rollout]:
    """A roll-out as it may leave: sites and sizes of waves, and of the history no more than what could be found in it.

    Raises
    ------
    BadInput
        A site, question or label holds a postcode, an address, a number of a person or the like; where, but not what.
    """
    _require_clean(found.case.area, found.to_dict())
    return _passed(found, (Decision(output="rollout", action="shown", rule="words: no personal detail"),))


def release_synthesis(found: S) -> Released[S]:
    """Councils' results together as they may leave: every one of them has passed the gate before.

    Raises
    ------
    BadInput
        A label or method holds a postcode, an address, a number of a person or the like; where, but not what.
    """
    _require_clean("synthesis", found.to_dict())
    return _passed(found, (Decision(output="synthesis", action="shown", rule="released before: no personal detail"),))


def release_learning(report: LearningReport) -> Released[LearningReport]:
    """What several plans share, as it may leave: no personal detail.

    Raises
    ------
    BadInput
        It holds one; where, but not what.
    """
    _require_clean("learning", report.to_dict())
    return _passed(report, (Decision(output="learning", action="shown", rule="words: no personal detail"),))


def release_power(found: Power, protocol: Protocol) -> Released[tuple[dict[str, Any], str]]:
    """A power calculation as it may leave: as other readings, and its level before with the digits of a mean."""
    if of_persons(protocol) and found.baseline is not None:
        profile = rulebook_of(protocol, protocol.data.units or "")
        ends = (found.baseline, found.baseline_low)
        level, low = (None if end is None else shown_mean(end, found.n_treated, profile) for end in ends)
        found = replace(found, baseline=level, baseline_low=low)
    return release_reading(found.to_dict(), str(found), protocol)


def release_reading(value: dict[str, Any], text: str, protocol: Protocol) -> Released[tuple[dict[str, Any], str]]:
    """What a check of data or a power calculation says, as values and in words, as it may leave.

    Parameters
    ----------
    value : dict
    text : str
    protocol : Protocol
        Whose units say whether counts are of persons.
    """
    plain = files.plain(value)
    if not of_persons(protocol):
        open_data = protocol.data.units == "authority"
        if open_data:
            return _passed((plain, text), ())
        return _passed((_said(plain, lambda one: HASHES.sub("", one)), HASHES.sub("", text)), ())
    profile = rulebook_of(protocol, protocol.data.units or "")
    if profile.open:
        return _passed((plain, text), ())
    from hubeval.release.counts import settled  # noqa: PLC0415 - scipy: words alone do without

    shown = settled(_counts(plain, text), profile)

    def show(n: int) -> int | None:
        return shown[n] if n in shown else shown_count(n, profile)

    def rows(match: re.Match[str]) -> str:
        n, units = (int(number.replace(",", "")) for number in match.groups())
        least = _rows(n, units, show)
        return f"{'some' if least is None else format(least, ',')} rows, {units:,} units"

    def said(one: str) -> str:
        return counts_said(_ROWS.sub(rows, HASHES.sub("", one)), show, profile.threshold)

    log = (
        Decision(output="reading", action="reworded", rule="counts of persons in words are said as they may be shown"),
    )
    return _passed((_no_finer(_said(plain, said, show), show), said(text)), log)


def released_before(result: dict[str, Any]) -> Released[dict[str, Any]]:
    """A result that passed the gate once and was written, to be drawn again and held against what stands beside it.

    Raises
    ------
    BadInput
        It does not say by which rules it was released.
    """
    if not isinstance(result.get("release"), dict):
        found = "no 'release' key: it did not pass the gate"
        raise BadInput([Problem("result.json", found, "a released result", "Evaluate it again.")])
    return _passed(result, ())


def release_facts(facts: Sequence[Fact], protocol: Protocol) -> tuple[Fact, ...]:
    """What a check of data gives a profile, as it may leave: as other readings."""
    told = [{"quote": fact.quote, "source": fact.source, "note": fact.note} for fact in facts]
    value, _ = release_reading({"facts": told}, "", protocol).content
    return tuple(replace(fact, **said) for fact, said in zip(facts, value["facts"], strict=True))


def _counts(value: Any, text: str) -> set[int]:
    """Every count of persons in nested values and in words."""
    found = set(counts_in(text))

    def noted(n: int) -> int:
        found.add(n)
        return n

    def read(one: str) -> str:
        found.update(counts_in(one))
        return one

    _said(value, read, noted)
    return found


def _rows(n: int, units: int, show: Callable[[int], int | None]) -> int | None:
    """Rows as coarse as the persons whose they are: divided by periods they would give the exact number of persons."""
    shown = show(units)
    return n if shown == units or not units else None if shown is None else round(n / units) * shown


def _said(one: Any, words: Callable[[str], str], number: Callable[[int], int | None] = int) -> Any:
    """Values with their words and their counts of persons put as the functions say, and no hash of the records.

    A number beside a reading is a count of persons where the reading itself says it as one.
    """
    if isinstance(one, dict):
        made = {
            key: "" if key.endswith("data_sha256")
            else number(item) if key.startswith("n_") and key not in _NOBODYS and isinstance(item, int)
            else _said(item, words, number)
            for key, item in one.items()
        }  # fmt: skip
        if isinstance(one.get("n_rows"), int) and isinstance(one.get("n_units"), int):
            made["n_rows"] = _rows(one["n_rows"], one["n_units"], number)
        statistic = made.get("statistic")
        if isinstance(statistic, (int, float)) and statistic > 1 and float(statistic).is_integer():
            told = counts_in(str(one.get("reading", "")))
            made["statistic"] = number(int(statistic)) if int(statistic) in told else statistic
        return made
    if isinstance(one, (list, tuple)):
        return [_said(item, words, number) for item in one]
    return words(one) if isinstance(one, str) else one


def _no_finer(one: Any, number: Callable[[int], int | None]) -> Any:
    """Numbers of a reading on persons to the digits that it is printed with.

    To the last digit, a mean or a share tells the number of persons it was divided by, and so do the law's degrees of
    freedom in a row of powers. What the protocol declares stays as it is written there.
    """
    if isinstance(one, dict):
        of_units = one.get("name") == "power-units"  # whose x are numbers of units
        made = {key: item if key in _DECLARED else _no_finer(item, number) for key, item in one.items()}
        if of_units:
            made["series"] = [{**s, "x": [number(round(x)) for x in s["x"]]} for s in one["series"]]
            made["series"] = [{**s, "y": _no_finer(s["y"], number)} for s in made["series"]]
        if "floor" in one:
            made["floor"] = None  # one in so many ways to choose the treated: it tells how many there are
        if isinstance(one.get("statistic"), float):
            made["statistic"] = significant(one["statistic"], _STATISTIC)
        return made
    if isinstance(one, list):
        return [_no_finer(item, number) for item in one]
    return significant(one, _PRINTED) if isinstance(one, float) and math.isfinite(one) else one


def _require_clean(whose: str, value: Any, cleared: Cleared | None = None) -> None:
    """Refuse words that hold a personal detail and quotes that nobody has cleared, each with its place."""
    problems = [
        Problem(f"{whose}: {place}", f"it holds {kind}", "words that name or reach nobody", "Take it out there.")
        for place, text in _texts(value, "")
        for kind in found_in(text)
    ]
    problems += quotes_not_cleared(whose, value, cleared or Cleared())
    if problems:
        raise BadInput(problems)


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text in nested values, with where it stands."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{place}.{key}" if place else str(key))
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from _texts(item, f"{place} {i + 1}")


def _passed(content: T, log: tuple[Decision, ...]) -> Released[T]:
    return Released(content, log, seal=made._SEAL)  # noqa: SLF001 - the gate alone
