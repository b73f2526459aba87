"""A profile: what is reported about one area, fact by fact, each with its quote, source and date.

Unknown is absent. A published verdict is kept beside the facts and never used as one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from hubeval import files
from hubeval.errors import BadInput, Door, Problem, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

Kind = Literal["label", "fact", "document", "data"]
Route = Literal["quasi-experimental", "theory-based", "not enough evidence"]

GRADES: dict[str, int] = {"label": 1, "fact": 2, "document": 3, "data": 4}
"""How far a kind of fact can be leaned on: 1 asserted, 2 reported, 3 document seen, 4 checked on data."""

CRITERIA = (
    "IM1", "IM2", "IM3", "IM4", "TO1", "TO2", "TO3", "TO4", "DS1", "DS2", "DS3", "DS4", "DS5",
    "CA1", "CA2", "CA3", "CA4", "CA5", "ST1", "ST2", "ST3", "GE1", "GE2", "GE3", "GE4",
)  # fmt: skip
"""The ids a fact may speak to; `hubeval.readiness` says what each means."""

VERDICT_WORDS = (
    r"\b(quasi-?\s?experiment\w*|QEDs?|theory-based methods?|mixed-method evaluations?)\b.{0,80}"
    r"\b(feasible|appropriate|viable|suitable)\b"
    r"|\bwill adopt theory-based\b|\bprospective (future )?(QED|quasi-?experiment\w*)\b"
)
"""Words in which a published verdict speaks; a quote that matches is a verdict, not evidence for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known about an area, and the range of levels on one criterion that it supports.

    Parameters
    ----------
    criterion : str
        One of `CRITERIA`.
    low, high : int
        Lowest and highest level (1 to 4) that the quote is compatible with.
    kind : {"label", "fact", "document", "data"}
        A stage word or judgement; a reported specific fact; a document seen; checked on data.
    quote, source, dated : str
        Words taken verbatim, where they stand, and when they were true: ``2021-11-17``, ``2021-11`` or ``2021``.
    note : str
        How the quote was read, where that is not plain.

    Examples
    --------
    >>> fact = Fact(criterion="IM1", low=3, high=4, kind="fact", quote="open since 2018", source="LGA", dated="2023")
    >>> fact.grade
    2
    """

    criterion: str
    low: int
    high: int
    kind: Kind
    quote: str = ""
    source: str = ""
    dated: str = ""
    note: str = ""

    @property
    def grade(self) -> int:
        """1 to 4, from the kind: a claim cannot grade itself."""
        return GRADES[self.kind]

    @property
    def last_day(self) -> date | None:
        """The latest day the date can mean, for telling old facts from fresh ones."""
        return _days(self.dated)[1] if self.dated else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOutcome:
    """An outcome the area's own sources name, in their words."""

    label: str
    quote: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedVerdict:
    """What somebody else has published about the area. Kept for comparison; never an input."""

    route: Route
    quote: str
    source: str
    dated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of one area. Read one with `read_profile`.

    Parameters
    ----------
    area : str
    facts : tuple of Fact
    outcomes : tuple of NamedOutcome
    reported_verdict : ReportedVerdict or None
        Never an input: no function of `hubeval.readiness` that reaches a verdict reads it.
    access : bool or None
        Whether an evaluator can reach the people and the documents; None when not known.
    sites : int or None
        How many hubs or sites there are to compare, where a source counts them.
    assessor : str
        Who read the sources; two assessors' profiles can be compared and merged.
    rubric_version : str
        The version of the criteria the facts were coded against, where the file says so.
    illustrative : bool
        True for an invented example; every output says so.
    notes, sha256 : str
    """

    area: str
    facts: tuple[Fact, ...] = ()
    outcomes: tuple[NamedOutcome, ...] = ()
    reported_verdict: ReportedVerdict | None = None
    access: bool | None = None
    sites: int | None = None
    assessor: str = ""
    rubric_version: str = ""
    illustrative: bool = False
    notes: str = ""
    sha256: str = ""

    def adding(self, facts: Sequence[Fact]) -> Profile:
        """The same area with more facts known, such as those of a data check."""
        return replace(self, facts=(*self.facts, *facts))

    def to_dict(self) -> dict[str, Any]:
        """Plain values that, saved as JSON, `read_profile` reads again; what is not known is left out."""
        made: dict[str, Any] = files.plain(self)
        del made["sha256"]
        return {key: value for key, value in made.items() if value not in (None, "", []) and (key, value) != _NOT_SAID}

    def without(self, quote: str) -> Profile:
        """The same area as if one quote had never been found."""
        return replace(self, facts=tuple(fact for fact in self.facts if fact.quote != quote))


def read_profile(path: str | Path, *, today: date | None = None) -> Profile:
    """Read and check an area's profile: TOML, or the JSON that the funder's form saves.

    Parameters
    ----------
    path : str or Path
        A file that ends in ``.json`` is read as JSON, any other as TOML.
    today : date, optional
        The day after which a date counts as future; by default the day it is run.

    Raises
    ------
    BadInput
        Every problem at once, each with its line (TOML) or place in the list (JSON), and its cure.
    """
    is_json = Path(path).suffix.lower() == ".json"
    raw = files.read_json(path, "profile") if is_json else files.read_toml(path, "profile")
    if isinstance(raw, dict) and "design" in raw:
        found = f"{path} is a protocol, not a profile"
        raise BadInput([Problem("profile", found, "a profile.toml", "Give a protocol to 'hubeval evaluate'.")])
    text = files.read_text(path, "profile")
    profile = parse_profile(raw, text="" if is_json else text, today=today)
    return replace(profile, sha256=files.sha256(text))


def parse_profile(raw: Any, *, text: str = "", today: date | None = None) -> Profile:
    """A `Profile` from plain values, checked; `text` is the TOML they came from, for line numbers."""
    reader = _Reader(text, Door(), today or date.today())  # noqa: DTZ011 - a calendar day
    if not isinstance(raw, dict):
        reader.door.refuse("profile", "is not a table of keys", "area, facts, ...", "Start from the template.")
        reader.door.close()
    reader.keys(raw, "", _TOP)
    verdict = reader.verdict(raw.get("reported_verdict"))
    facts = reader.facts(raw.get("facts"), verdict)
    outcomes = reader.outcomes(raw.get("outcomes"))
    plain = {key: reader.typed(raw, "", key, kind) for key, kind in _TOP.items() if kind in {str, bool, int}}
    if not str(plain["area"] or "").strip():
        reader.door.refuse("area", "is missing", "the area's name", 'Add area = "..." at the top.')
    if "\n" in str(plain["area"] or ""):
        reader.refuse("", "area", "runs over more than one line", "a name on one line", "Shorten it.")
    if isinstance(plain["sites"], int) and plain["sites"] < 1:
        reader.refuse("", "sites", f"found {plain['sites']}", "a whole number above 0", "Leave it out when not known.")
    reader.door.close()
    given = {key: value for key, value in plain.items() if value is not None}
    return Profile(facts=facts, outcomes=outcomes, reported_verdict=verdict, **given)


_TOP: dict[str, type] = {
    "area": str, "assessor": str, "rubric_version": str, "notes": str, "illustrative": bool, "access": bool,
    "sites": int, "facts": list, "outcomes": list, "reported_verdict": dict,
}  # fmt: skip
_FACT: dict[str, type] = {
    "criterion": str, "low": int, "high": int, "kind": str, "quote": str, "source": str, "dated": str, "note": str,
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # a terminal would act on some of them
_NOT_SAID = ("illustrative", False)
_NAMES = {str: "text", bool: "true or false", int: "a whole number"}


@dataclass(slots=True)
class _Reader:
    """Turns plain tables into the values above, noting every problem at the door."""

    text: str
    door: Door
    today: date

    def facts(self, tables: Any, verdict: ReportedVerdict | None) -> tuple[Fact, ...]:
        read = [self.fact(table, f"facts[{n}]", verdict) for n, table in self.tables(tables, "facts")]
        return tuple(fact for fact in read if fact is not None)

    def fact(self, table: dict[str, Any], place: str, verdict: ReportedVerdict | None) -> Fact | None:
        before = len(self.door.problems)
        self.keys(table, place, _FACT)
        values = {key: self.typed(table, place, key, kind) for key, kind in _FACT.items() if key != "dated"}
        values["dated"] = self.dated(table, place)
        if values["criterion"] not in CRITERIA:
            self.refuse(
                place,
                "criterion",
                _found(values["criterion"]),
                f"allowed: {listed(CRITERIA, 25)}",
                did_you_mean(str(values["criterion"]), CRITERIA) or "Name the criterion.",
            )
        if values["kind"] not in GRADES:
            hint = (
                "Put it under [reported_verdict]: a verdict is never evidence." if values["kind"] == "verdict" else ""
            )
            self.refuse(
                place,
                "kind",
                _found(values["kind"]),
                f"allowed: {listed(get_args(Kind))}",
                hint or did_you_mean(str(values["kind"]), GRADES),
            )
        self.levels(table, place, values)
        self.words(place, values, verdict)
        if len(self.door.problems) > before:
            return None
        return Fact(**{key: value for key, value in values.items() if value is not None})

    def levels(self, table: dict[str, Any], place: str, values: dict[str, Any]) -> None:
        """Both levels from 1 to 4, low no higher than high."""
        for key in ("low", "high"):
            if table.get(key) is None:
                self.refuse(place, key, "is missing", "a level from 1 to 4", "Say which levels the quote supports.")
            elif isinstance(values[key], int) and values[key] not in {1, 2, 3, 4}:
                self.refuse(place, key, f"found {values[key]}", "a level from 1 to 4", "Use the criterion's anchors.")
        low, high = values["low"], values["high"]
        if isinstance(low, int) and isinstance(high, int) and low > high:
            self.refuse(place, "low", f"low {low} is above high {high}", "low <= high", "Swap them.")

    def words(self, place: str, values: dict[str, Any], verdict: ReportedVerdict | None) -> None:
        """The quote, its source, and whether it is a verdict in disguise."""
        quote, source, kind = (values[key] or "" for key in ("quote", "source", "kind"))
        if quote and not source:
            self.refuse(place, "source", "a quote without its source", "the document it stands in", "Name the source.")
        if kind in {"fact", "document", "data"} and not quote:
            self.refuse(
                place,
                "quote",
                f"a {kind!r} without its words",
                "the words or the check's reading",
                'Add the quote, or call it kind = "label": asserted only.',
            )
        elif kind == "data" and not source:
            self.refuse(place, "source", "a data check without its source", "the check or file", "Name the source.")
        if quote and _is_verdict(quote, verdict):
            self.refuse(
                place,
                "quote",
                "is a published verdict offered as evidence",
                "facts about the service",
                "Move it to [reported_verdict]; a verdict is never an input.",
            )

    def outcomes(self, tables: Any) -> tuple[NamedOutcome, ...]:
        read = []
        for n, table in self.tables(tables, "outcomes"):
            place, keys = f"outcomes[{n}]", ("label", "quote", "source")
            self.keys(table, place, keys)
            values = {key: self.typed(table, place, key, str) or "" for key in keys}
            if not values["label"]:
                self.refuse(place, "label", "is missing", "the outcome in words", "Name it.")
            if values["quote"] and not values["source"]:
                self.refuse(place, "source", "a quote without its source", "", "Name the source.")
            read.append(NamedOutcome(**values))
        return tuple(read)

    def verdict(self, table: Any) -> ReportedVerdict | None:
        if table is None:
            return None
        place, keys = "reported_verdict", ("route", "quote", "source")
        if not isinstance(table, dict):
            self.door.refuse(place, "is not a table", "[reported_verdict]", "Write it as a table.")
            return None
        self.keys(table, place, (*keys, "dated"))
        values = {key: self.typed(table, place, key, str) or "" for key in keys}
        for key in keys:
            if not values[key]:
                self.refuse(place, key, "is missing", "", "Add it.")
        if values["route"]:
            self.door.choice(self.at(place, "route"), values["route"], get_args(Route))
        return ReportedVerdict(**values, dated=self.dated(table, place) or "")  # type: ignore[arg-type]

    def dated(self, table: dict[str, Any], place: str) -> str | None:
        """The date as ISO text; a year alone, or a year and month, will do where that is all that is known."""
        value = table.get("dated")
        if value is None:
            self.refuse(
                place, "dated", "is missing", "a date, a month or a year", "Say when it was true; the year will do."
            )
            return None
        text = value.isoformat() if isinstance(value, date) else str(value)
        try:
            first, _ = _days(text)
        except ValueError:
            self.refuse(place, "dated", f"found {text!r}", "2021-11-17, 2021-11 or 2021", "Correct the date.")
            return None
        if first > self.today:
            self.refuse(place, "dated", f"{text} is in the future", f"a date up to {self.today}", "Correct the date.")
        return text

    def tables(self, tables: Any, name: str) -> list[tuple[int, dict[str, Any]]]:
        if tables is None:
            return []
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.door.refuse(
                name, "is not a list of tables", f"[[{name}]] tables", f"Write [[{name}]] with two brackets."
            )
            return []
        return list(enumerate(tables, start=1))

    def keys(self, table: dict[str, Any], place: str, known: Any) -> None:
        for key in files.unknown_keys(table, known):
            self.refuse(
                place, key, "is not a key hubeval reads", f"allowed here: {listed(known, 20)}", did_you_mean(key, known)
            )

    def typed(self, table: dict[str, Any], place: str, key: str, kind: type) -> Any:
        """The value if it is of its kind; None, and a refusal, if it is not."""
        value = table.get(key)
        if isinstance(value, str) and _CONTROL.search(value):
            self.refuse(place, key, "holds control characters", "plain text", "Copy the words again, as text.")
            return None
        if value is None or (isinstance(value, kind) and not (kind is int and isinstance(value, bool))):
            return value.strip() if isinstance(value, str) else value
        self.refuse(place, key, f"found {value!r}", _NAMES.get(kind, "a table"), "Correct it.")
        return None

    def refuse(self, place: str, key: str, found: str, allowed: str, cure: str) -> None:
        self.door.refuse(self.at(place, key), found, allowed, cure)

    def at(self, place: str, key: str) -> str:
        table, _, n = place.rstrip("]").partition("[")
        nth = int(n or 1)
        line = files.line_of(self.text, key, table=table, nth=nth) or files.line_of(self.text, table, nth=nth)
        return f"{place}.{key}".lstrip(".") + (f" (line {line})" if line else "")


def _days(text: str) -> tuple[date, date]:
    """First and last day that an ISO date, month or year can mean."""
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text):
        raise ValueError(text)
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    if day:
        return date(year, month, day), date(year, month, day)
    if month:
        after = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), date.fromordinal(after.toordinal() - 1)
    return date(year, 1, 1), date(year, 12, 31)


def _is_verdict(quote: str, verdict: ReportedVerdict | None) -> bool:
    if re.search(VERDICT_WORDS, quote, flags=re.IGNORECASE):
        return True
    if verdict is None:
        return False
    ours, theirs = (" ".join(words.lower().split()) for words in (quote, verdict.quote))
    return bool(theirs) and (ours in theirs or theirs in ours)


def _found(value: Any) -> str:
    return "is missing" if value is None else f"found {value!r}"
