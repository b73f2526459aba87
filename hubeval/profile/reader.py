"""Plain tables into the values of a profile, every problem noted at the door."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

from hubeval import files
from hubeval.errors import Door, did_you_mean, listed
from hubeval.profile.dates import days
from hubeval.profile.facts import CRITERIA, DESIGNS, GRADES, Fact, Kind, NamedOutcome, ReportedVerdict, Route

VERDICT_WORDS = (
    r"\b(quasi-?\s?experiment\w*|QEDs?|theory-based methods?|mixed-method evaluations?)\b.{0,80}"
    r"\b(feasible|appropriate|viable|suitable)\b"
    r"|\bwill adopt theory-based\b|\bprospective (future )?(QED|quasi-?experiment\w*)\b"
)
"""Words in which a published verdict speaks; a quote that matches is a verdict, not evidence for one."""

TOP: dict[str, type] = {
    "area": str, "assessor": str, "rubric_version": str, "notes": str, "illustrative": bool, "access": bool,
    "sites": int, "opens": object, "facts": list, "outcomes": list, "reported_verdict": dict,
}  # fmt: skip
FACT: dict[str, type] = {
    "criterion": str, "low": int, "high": int, "kind": str, "quote": str, "source": str, "dated": str, "note": str,
    "design": str,
}  # fmt: skip
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # a terminal would act on some of them
_NAMES = {str: "text", bool: "true or false", int: "a whole number"}


@dataclass(slots=True)
class ProfileReader:
    """Turns plain tables into the values above, noting every problem at the door."""

    text: str
    door: Door
    today: date

    def facts(self, tables: Any, verdict: ReportedVerdict | None) -> tuple[Fact, ...]:
        """Every fact that is whole."""
        read = [self.fact(table, f"facts[{n}]", verdict) for n, table in self.tables(tables, "facts")]
        return tuple(fact for fact in read if fact is not None)

    def fact(self, table: dict[str, Any], place: str, verdict: ReportedVerdict | None) -> Fact | None:
        """One fact, or None where something in it is refused."""
        before = len(self.door.problems)
        self.keys(table, place, FACT)
        values = {key: self.typed(table, place, key, kind) for key, kind in FACT.items() if key != "dated"}
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
        if values["design"] and values["design"] not in DESIGNS:
            self.refuse(
                place,
                "design",
                _found(values["design"]),
                f"allowed: {listed(DESIGNS)}",
                did_you_mean(str(values["design"]), DESIGNS) or "Leave it out where the fact is true of every design.",
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
        """The outcomes that the area's sources name."""
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
        """What somebody else has published, kept apart."""
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
            first, _ = days(text)
        except ValueError:
            self.refuse(place, "dated", f"found {text!r}", "2021-11-17, 2021-11 or 2021", "Correct the date.")
            return None
        if first > self.today:
            self.refuse(place, "dated", f"{text} is in the future", f"a date up to {self.today}", "Correct the date.")
        return text

    def opens(self, value: Any) -> str | None:
        """When the hub opens, as ISO text: a day, a month or a year, which may lie ahead."""
        if value is None:
            return None
        text = value.isoformat() if isinstance(value, date) else str(value)
        try:
            days(text)
        except ValueError:
            self.refuse("", "opens", f"found {text!r}", "2027-09-01, 2027-09 or 2027", "Correct the date.")
            return None
        return text

    def tables(self, tables: Any, name: str) -> list[tuple[int, dict[str, Any]]]:
        """A list of tables with their numbers, from 1."""
        if tables is None:
            return []
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.door.refuse(
                name, "is not a list of tables", f"[[{name}]] tables", f"Write [[{name}]] with two brackets."
            )
            return []
        return list(enumerate(tables, start=1))

    def keys(self, table: dict[str, Any], place: str, known: Any) -> None:
        """Refuse keys that nobody reads."""
        self.door.unknown(table, known, lambda key: self.at(place, key))

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
        """Note one problem at its place."""
        self.door.refuse(self.at(place, key), found, allowed, cure)

    def at(self, place: str, key: str) -> str:
        """Where a key stands, with its line where there is one."""
        table, _, n = place.rstrip("]").partition("[")
        nth = int(n or 1)
        line = files.line_of(self.text, key, table=table, nth=nth) or files.line_of(self.text, table, nth=nth)
        return f"{place}.{key}".lstrip(".") + (f" (line {line})" if line else "")


def _is_verdict(quote: str, verdict: ReportedVerdict | None) -> bool:
    if re.search(VERDICT_WORDS, quote, flags=re.IGNORECASE):
        return True
    if verdict is None:
        return False
    ours, theirs = (" ".join(words.lower().split()) for words in (quote, verdict.quote))
    return bool(theirs) and (ours in theirs or theirs in ours)


def _found(value: Any) -> str:
    return "is missing" if value is None else f"found {value!r}"
