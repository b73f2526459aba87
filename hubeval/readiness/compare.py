"""Two codings of one area compared and merged, and one assessment against the last. Disagreement is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hubeval import files
from hubeval.errors import BadInput, Problem, listed
from hubeval.profile import CRITERIA, Fact, Profile, parse_profile, read_profile
from hubeval.readiness.assess import assess
from hubeval.readiness.evidence import UNKNOWN, Span, spans
from hubeval.readiness.rubric import load_rubric
from hubeval.readiness.text import verdict_line
from hubeval.readiness.verdict import decide
from hubeval.shown import Shown

if TYPE_CHECKING:
    from hubeval.readiness.answer import Readiness

Agreement = Literal["same", "compatible", "contradictory", "one only", "neither"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """How two assessors read one criterion: the range each arrived at, and whether they agree."""

    criterion: str
    one: Span
    other: Span
    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Shown):
    """Two assessors' codings of one area, criterion by criterion.

    `both` counts criteria that both say something about; `same`, `compatible` and `contradictory` add up to it.
    `parted_by` names what parts two different verdicts: a criterion that, read as the other assessor does, gives the
    other verdict by itself; where there is none, a set of which none can be spared.
    No chance-corrected coefficient: with ranges on 25 unlike questions it would have no clear meaning.
    """

    area: str
    assessors: tuple[str, str]
    verdicts: tuple[str, str]
    codings: tuple[Coding, ...]
    parted_by: tuple[str, ...] = ()

    def count(self, agreement: Agreement) -> int:
        """How many criteria show this kind of agreement."""
        return sum(coding.agreement == agreement for coding in self.codings)

    @property
    def both(self) -> int:
        """Criteria that both assessors say something about."""
        return self.count("same") + self.count("compatible") + self.count("contradictory")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        counts = {name: self.count(name) for name in ("same", "compatible", "contradictory", "one only", "neither")}
        return {**files.plain(self), "both": self.both, "counts": counts}

    def __str__(self) -> str:
        lines = [f"{self.area}: {self.assessors[0]} and {self.assessors[1]}"]
        lines += [f"  {who}: {what}" for who, what in zip(self.assessors, self.verdicts, strict=True)]
        if self.parted_by:
            how = "Read as the other does, this alone" if len(self.parted_by) == 1 else "Read as the other does, these"
            lines.append(f"  What parts the verdicts: {', '.join(self.parted_by)}. {how} would give the other verdict.")
        lines.append(
            f"  Of {self.both} criteria both speak to: {self.count('same')} the same, "
            f"{self.count('compatible')} compatible, {self.count('contradictory')} contradictory. "
            f"{self.count('one only')} more rest on one of them only."
        )
        lines += [
            f"  {item.criterion} {item.agreement}: {_span(item.one)} against {_span(item.other)}"
            for item in self.codings
            if item.agreement in {"compatible", "contradictory", "one only"}
        ]
        return "\n".join(lines)


def compare(one: Profile, other: Profile) -> Comparison:
    """Set two assessors' codings of the same area side by side.

    Raises
    ------
    BadInput
        The two profiles are of different areas.
    """
    _same_area(one, other)
    ours, theirs = spans(one.facts), spans(other.facts)
    first, second = assess(one), assess(other)
    return Comparison(
        area=one.area,
        assessors=_names(one, other),
        verdicts=(verdict_line(first), verdict_line(second)),
        parted_by=_parted(first, second),
        codings=tuple(
            Coding(criterion=name, one=ours[name], other=theirs[name], agreement=_agreement(ours[name], theirs[name]))
            for name in CRITERIA
        ),
    )


def _parted(one: Readiness, other: Readiness) -> tuple[str, ...]:
    """Criteria that, read as the second assessor does, turn the first's verdict into the second's.

    Each is tried alone; where none does it, criteria are taken back one by one from all that differ.
    """
    rubric = load_rubric()
    ours, theirs = spans(one.profile.facts), spans(other.profile.facts)
    wanted = (other.route, other.status, other.reading)

    def turned(names: list[str]) -> bool:
        found = decide(rubric, {**ours, **{name: theirs[name] for name in names}}, access=other.profile.access)
        return (found.route, found.status, found.reading) == wanted

    differ = [name for name in CRITERIA if ours[name] != theirs[name]]
    if (one.route, one.status, one.reading) == wanted or not turned(differ):
        return ()
    alone = next((name for name in differ if turned([name])), "")
    if alone:
        return (alone,)
    for name in list(differ):
        fewer = [item for item in differ if item != name]
        differ = fewer if turned(fewer) else differ
    return tuple(differ)


def merge(one: Profile, other: Profile) -> Profile:
    """One profile from two codings, with the disagreement kept.

    The same quote read twice is one piece of evidence, not two: where the readings differ the merged range
    covers both, and a note says who read what. Different quotes stand side by side, so that a contradiction
    between them shows as a conflict.
    """
    _same_area(one, other)
    names = _names(one, other)
    theirs = {_key(fact): fact for fact in other.facts if fact.quote}
    merged = [_both(fact, theirs.pop(_key(fact)), names) if _key(fact) in theirs else fact for fact in one.facts]
    merged += [fact for fact in other.facts if not fact.quote or _key(fact) in theirs]
    same_verdict = one.reported_verdict == other.reported_verdict or other.reported_verdict is None
    outcomes = {outcome.label: outcome for outcome in (*one.outcomes, *other.outcomes)}
    return replace(
        one,
        facts=tuple(merged),
        outcomes=tuple(outcomes.values()),
        reported_verdict=one.reported_verdict if same_verdict else one.reported_verdict or other.reported_verdict,
        access=one.access if one.access == other.access else None,
        sites=one.sites if one.sites == other.sites else None,
        opens=one.opens if one.opens == other.opens else "",
        illustrative=one.illustrative or other.illustrative,
        assessor=f"{names[0]} and {names[1]}",
        sha256="",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Shown):
    """What has changed between two assessments of one area."""

    area: str
    before: date
    after: date
    verdicts: tuple[str, str]
    criteria: tuple[Coding, ...]
    designs: tuple[tuple[str, str, str], ...]
    answered: tuple[str, ...]
    built: tuple[str, ...]
    lost: tuple[str, ...]
    overdue: bool
    illustrative: bool
    rubrics: tuple[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        made: dict[str, Any] = files.plain(self)
        return made

    def __str__(self) -> str:
        was, now = self.verdicts
        lines = [f"{self.area}: {was} on {self.before}, {now} on {self.after}"]
        if self.before == self.after:  # an older profile rather than a saved assessment
            lines = [f"{self.area}: {was} before, {now} now"]
        if self.illustrative:
            lines.append("  An illustrative example: facts are invented.")
        if self.rubrics[0] != self.rubrics[1]:
            lines.append(f"  The criteria changed too: version {self.rubrics[0]}, then {self.rubrics[1]}.")
        if self.overdue:
            lines.append("  The re-assessment came later than the roadmap asked.")
        lines += [f"  {item.criterion}: {_span(item.one)}, now {_span(item.other)}" for item in self.criteria]
        lines += [f"  {design}: {before}, now {after}" for design, before, after in self.designs]
        for word, names in (("Found out", self.answered), ("Built", self.built), ("No longer met", self.lost)):
            if names:
                lines.append(f"  {word}: {', '.join(names)}.")
        return "\n".join(lines if len(lines) > 1 else [*lines, "  Nothing has changed."])


def diff(before: Readiness, after: Readiness) -> Change:
    """What changed since the last assessment: verdict, levels, designs, questions answered, things built or lost."""
    _same_area(before.profile, after.profile)
    pairs = list(zip(before.findings, after.findings, strict=True))
    return Change(
        area=after.area,
        before=before.assessed,
        after=after.assessed,
        verdicts=(verdict_line(before), verdict_line(after)),
        criteria=tuple(
            Coding(
                criterion=a.criterion,
                one=(a.low, a.high),
                other=(b.low, b.high),
                agreement=_agreement((a.low, a.high), (b.low, b.high)),
            )
            for a, b in pairs
            if (a.low, a.high) != (b.low, b.high)
        ),
        designs=tuple(
            (a.design, a.status, b.status)
            for a, b in zip(before.designs, after.designs, strict=True)
            if a.status != b.status
        ),
        answered=tuple(b.criterion for a, b in pairs if a.status in {"unknown", "conflict"} and b.status == "met"),
        built=tuple(b.criterion for a, b in pairs if a.status == "not met" and b.status == "met"),
        lost=tuple(b.criterion for a, b in pairs if a.status == "met" and b.status != "met"),
        illustrative=before.profile.illustrative or after.profile.illustrative,
        overdue=after.assessed > before.roadmap.recheck,
        rubrics=(before.profile.rubric_version or before.rubric_version, after.rubric_version),
    )


def earlier(path: str | Path, area: str) -> Readiness:
    """The last assessment of an area: from the JSON that ``hubeval assess --json`` saved, or from an older profile.

    A saved assessment is assessed again as of its own day with today's criteria, so that only evidence differs.
    """
    raw = files.read_json(path, "since") if Path(path).suffix.lower() == ".json" else None
    entries = raw if isinstance(raw, list) else [raw]
    saved = [item for item in entries if isinstance(item, dict) and {"profile", "assessed"} <= set(item)]
    if not saved:
        return assess(read_profile(path))
    found = next((item for item in saved if item.get("area") == area), None)
    if found is None:
        known = listed(item.get("area") for item in saved)
        raise BadInput(
            [Problem("since", f"no assessment of {area!r} in {path}", f"areas: {known}", "Name another file.")]
        )
    profile = parse_profile(found["profile"])
    saved_version = str(found.get("rubric_version", ""))
    return assess(replace(profile, rubric_version=saved_version), today=_day(found["assessed"], path))


def _day(written: object, path: str | Path) -> date:
    """The day on which a saved assessment says it was made."""
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        found = f"{path} says it was assessed on a day that is no date"
        raise BadInput([Problem("since", found, "2026-11-28", "Save the assessment again.")]) from None


def _both(fact: Fact, twin: Fact, names: tuple[str, str]) -> Fact:
    if (fact.low, fact.high, fact.kind) == (twin.low, twin.high, twin.kind):
        return fact
    readings = [
        f"{who} reads {_span((item.low, item.high))} ({item.kind})"
        for who, item in zip(names, (fact, twin), strict=True)
    ]
    said = f"{', '.join(readings)}."
    weaker = min((fact, twin), key=lambda item: item.grade)
    note = " ".join(part for part in (fact.note, said) if part)
    return replace(fact, low=min(fact.low, twin.low), high=max(fact.high, twin.high), kind=weaker.kind, note=note)


def _agreement(one: Span, other: Span) -> Agreement:
    if UNKNOWN in {one, other}:
        return "neither" if one == other else "one only"
    if one == other:
        return "same"
    return "compatible" if max(one[0], other[0]) <= min(one[1], other[1]) else "contradictory"


def _key(fact: Fact) -> tuple[str, str]:
    return fact.criterion, " ".join(fact.quote.split())


def _names(one: Profile, other: Profile) -> tuple[str, str]:
    first, second = one.assessor or "the first assessor", other.assessor or "the second assessor"
    return (first, second) if first != second else (f"{first} (1)", f"{second} (2)")


def _same_area(one: Profile, other: Profile) -> None:
    if one.area != other.area:
        found = f"one is of {one.area!r}, the other of {other.area!r}"
        raise BadInput([Problem("area", found, "the same area in both", "Give two profiles of one area.")])


def _span(span: Span) -> str:
    if span == UNKNOWN:
        return "unknown"
    return f"{span[0]}" if span[0] == span[1] else f"{span[0]}-{span[1]}"
