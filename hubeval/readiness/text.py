"""The verdict in words: one area with its reasons and quotes, or many areas side by side without a ranking."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from hubeval.readiness.openings import record_lines, ways_lines
from hubeval.readiness.standards import standard_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hubeval.profile import Fact
    from hubeval.readiness.model import Assessed, Case, Finding, Path

GRADE_WORDS = {
    0: "nothing",
    1: "labels and assertions",
    2: "reported facts",
    3: "documents seen",
    4: "checks on data",
}
KIND_WORDS = {"label": "label", "fact": "reported fact", "document": "document seen", "data": "checked on data"}
MARKS = {"met": "+", "not met": "x", "unknown": "?", "conflict": "!", "open": "+", "closed": "x"}
WIDTH = 110


def cite(fact: Fact) -> str:
    """A fact as a quotation with its source, date and kind.

    Examples
    --------
    >>> from hubeval.profile import Fact
    >>> cite(Fact(criterion="IM1", low=3, high=4, kind="label", quote="a mature model", source="News", dated="2021"))
    '“a mature model” (News, 2021; label)'
    """
    if not fact.quote:
        return f"asserted without a quote ({', '.join(part for part in (fact.source, fact.dated) if part)})"
    return f"“{fact.quote}” ({fact.source}, {fact.dated}; {KIND_WORDS[fact.kind]})"


def verdict_line(readiness: Assessed) -> str:
    """Route and status in one phrase.

    Examples
    --------
    >>> from hubeval.profile import Profile
    >>> from hubeval.readiness.assess import assess
    >>> verdict_line(assess(Profile(area="Anywhere")))
    'not enough evidence'
    """
    if readiness.route == "not enough evidence":
        return "not enough evidence"
    if readiness.status == "foundations":
        return (
            "theory-based, with foundations"
            if readiness.reading == "foundations first"
            else (f"theory-based ({readiness.reading})")
        )
    return f"{readiness.route} ({readiness.status})"


def why(readiness: Assessed) -> str:
    """The whole verdict in plain words: reasons, designs, every finding with its quote, what to find out and build."""
    blocks = [
        _head(readiness),
        ["Designs, strongest first", *(f"  {line}" for line in design_lines(readiness))],
        [f"What a hub that opens in {readiness.profile.opens} can be compared with, by the calendar",
         *_wrapped(ways_lines(readiness.ways), hang=6)],
        ["Findings", *_findings(readiness.findings)],
        ["What published standards say of the designs still possible", *_wrapped(standard_lines(readiness), hang=6)],
        *_roadmap(readiness),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if len(block) > 1)


def _head(readiness: Assessed) -> list[str]:
    said = [*readiness.because]
    said += [
        f"The route hangs on one quote: “{pivot.quote}” ({pivot.source}). Without it: {pivot.route} ({pivot.status})."
        for pivot in readiness.pivotal
    ]
    if not readiness.pivotal and readiness.route != "not enough evidence":
        said.append("The route does not hang on any single quote.")
    said.append(f"Evidence behind the route: {GRADE_WORDS[readiness.grade]}.")
    best, worst = case_line(readiness.best), case_line(readiness.worst)
    said.append(f"If every unknown turns out well: {best}. Badly: {worst}.")
    said += [f"Note: {caution}" for caution in readiness.cautions]
    return [f"{readiness.area}: {verdict_line(readiness)}", *_wrapped(said)]


def case_line(case: Case) -> str:
    """A best or worst case in one phrase."""
    opened = f", open: {', '.join(case.open)}" if case.open and case.route == "quasi-experimental" else ""
    return f"{case.route} ({case.status}){opened}"


def design_lines(readiness: Assessed) -> list[str]:
    """One line for each design: open, closed by what, or not enough evidence for want of what."""
    lines = []
    for design in readiness.designs:
        if design.status == "open":
            state = "open"
        elif design.status == "closed":
            state = f"closed by {', '.join(design.closed_by)}"
            state += f"; {len(design.wanting)} more unknown" if design.wanting else ""
        else:
            state = f"not enough evidence: {len(design.wanting)} unknown ({', '.join(design.wanting)})"
        lines.append(f"{design.design:<5}{state}")
    return lines


def _findings(findings: Iterable[Finding]) -> list[str]:
    lines, dimension = [], ""
    for finding in findings:
        if finding.dimension != dimension:
            dimension = finding.dimension
            lines.append(f"  {dimension}")
        role = {"route": ", decides the route", "soft": ", shown only", "design": ""}[finding.role]
        stale = " [old]" if finding.stale else ""
        told = f"{MARKS[finding.status]} {finding.criterion} {finding.name}, {finding.status}{role}{stale}"
        lines += _wrapped([f"{told}: {finding.question}"], "    ", hang=6)
        lines += _wrapped([finding.because], "        ")
    return lines


def _roadmap(readiness: Assessed) -> list[list[str]]:
    roadmap = readiness.roadmap
    find_out = ["Find out (unknown is not a weakness)"]
    for item in roadmap.find_out:
        needed = ", ".join([*["the route"] * item.blocks_route, *item.blocks]) or "designs now closed"
        asked = f"{item.criterion} {item.question} {item.how.capitalize()}: {item.who}. Needed for {needed}."
        find_out += _wrapped([asked], "  ", hang=6)
        find_out += _wrapped([_reply(reply.low, reply.high, reply.effect) for reply in item.replies], "      ")
    build = ["Build (known to be lacking; times are our judgement)"]
    for part in roadmap.build:
        unlocks = f"{part.months[0]} to {part.months[1]} months. Unlocks {', '.join(part.unlocks)}."
        build += _wrapped([f"{part.criterion} {part.what} {unlocks}"], "  ", hang=6)
    way = ["The smallest set for each design, nearest first"]
    way += _wrapped([_path(path) for path in roadmap.paths], "  ", hang=8)
    way += [f"  {design}: not offered until {until}." for design, until in roadmap.not_offered]
    if roadmap.core:
        way += _wrapped([f"Needed by every one of them, so first: {', '.join(roadmap.core)}."])
    again = ["Assess again", f"  By {roadmap.recheck}. {roadmap.recheck_when}"]
    record = ["Record now, so that it can be compared later", *_wrapped(record_lines(readiness.ways), hang=6)]
    return [find_out, build, way, record, again]


def _reply(low: int, high: int, effect: str) -> str:
    return f"- if level {low}{f' to {high}' if high > low else ''}: {effect}"


def _path(path: Path) -> str:
    parts = [
        f"{word} {', '.join(names)}" for word, names in (("find out", path.find_out), ("build", path.build)) if names
    ]
    return f"{path.design}: {'; '.join(parts)}."


def grid(readinesses: Sequence[Assessed]) -> str:
    """Areas by gates as plain text, in the order given: no ranking, no score.

    ``+`` met or open, ``x`` not met or closed, ``?`` unknown (for a design, how many), ``!`` sources in conflict.
    """
    if not readinesses:
        return "No areas."
    gates = [finding.criterion for finding in readinesses[0].findings if finding.role == "route"]
    designs = [design.design for design in readinesses[0].designs]
    area_width = max(4, *(len(_named(item)) for item in readinesses)) + 2
    verdict_width = max(7, *(len(verdict_line(item)) for item in readinesses)) + 2
    header = f"{'Area':<{area_width}}{'Verdict':<{verdict_width}}"
    header += "".join(f"{name:<5}" for name in gates) + "  " + "".join(f"{name:<6}" for name in designs)
    lines = [header.rstrip(), "-" * len(header.rstrip())]
    for item in readinesses:
        row = f"{_named(item):<{area_width}}{verdict_line(item):<{verdict_width}}"
        row += "".join(f"{MARKS[item.finding(name).status]:<5}" for name in gates) + "  "
        row += "".join(f"{_mark(item, name):<6}" for name in designs)
        lines.append(row.rstrip())
    lines += ["", "+ met or open   x not met or closed   ? unknown (with how many)   ! sources in conflict", ""]
    lines += ["What each verdict hangs on"]
    for item in readinesses:
        lines += _wrapped([f"{_named(item)}: {hangs_on(item)}"], "  ", hang=4)
    return "\n".join(lines)


def _named(readiness: Assessed) -> str:
    return f"{readiness.area} (illustrative)" if readiness.profile.illustrative else readiness.area


def _mark(readiness: Assessed, name: str) -> str:
    design = readiness.design(name)
    return MARKS.get(design.status) or f"?{len(design.wanting)}"


def hangs_on(readiness: Assessed) -> str:
    """The facts a verdict rests on, in one line: a single quote where it hangs on one."""
    if readiness.pivotal:
        quotes = " or ".join(f"“{pivot.quote}” ({KIND_WORDS[pivot.kind]})" for pivot in readiness.pivotal)
        return f"one quote, {quotes}. Without it: {readiness.pivotal[0].route}."
    if readiness.route == "not enough evidence":
        asked = [item.criterion for item in readiness.findings if item.role == "route" and item.status != "met"]
        return f"what is not known: {', '.join(asked)}."
    failing = [
        item for item in readiness.findings for gate in item.gates if gate.gate == "route" and gate.status == "not met"
    ]
    deciding = failing or [item for item in readiness.findings if item.criterion == "IM1"]
    facts = [fact for fact in readiness.profile.facts if fact.criterion in {item.criterion for item in deciding}]
    quotes = "; ".join(dict.fromkeys(f"{fact.criterion} “{fact.quote}”" for fact in facts))
    return f"{quotes}. No single quote decides it." if quotes else "no single quote."


def _wrapped(lines: Iterable[str], indent: str = "  ", hang: int = 0) -> list[str]:
    """Lines folded to the width of a terminal."""
    after = " " * hang if hang else indent
    return [
        piece for line in lines for piece in textwrap.wrap(line, WIDTH, initial_indent=indent, subsequent_indent=after)
    ]
