"""Terms-of-reference text drawn from a readiness: what to ask of an evaluator, and what must be settled first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.readiness.rubric import load_rubric
from hubeval.readiness.standards import standard_lines
from hubeval.readiness.text import hangs_on, verdict_line
from hubeval.wording import counted

if TYPE_CHECKING:
    from hubeval.readiness.answer import Readiness

_APPROACH = {
    "ready": "A quasi-experimental evaluation, by one of the designs below, on a protocol registered before outcomes "
    "are seen. Implementation and theory of change are followed beside it: never the effect alone.",
    "provisional": "Two stages. First confirm the unknowns below, at a fixed price. Then a decision to go on or not: "
    "a quasi-experimental evaluation if a design opens, theory-based methods if none does.",
    "foundations": "Theory-based evaluation now, which claims contribution and no effect size, supported by Action "
    "Learning; and the foundations of a later quasi-experiment, laid during the same period.",
    "undecided": "A short evaluability study that answers the questions below. No impact evaluation is to be "
    "commissioned before it reports.",
}


_DELIVERABLES = (
    "The plan of the study, registered before outcomes are seen.",
    "A report that says what the result does not show, with one page for those who decide.",
    "The tables behind the report as a spreadsheet, and what is needed to make the result again.",
)
_BUDGET = "[To be set by whoever commissions. hubeval has no source for prices: ask each tender for a price by stage.]"


def terms_of_reference(readiness: Readiness) -> str:
    """Draft terms of reference as plain text, to be edited: every gap that the sources leave is marked as one.

    Examples
    --------
    >>> from hubeval.profile import Profile
    >>> from hubeval.readiness.assess import assess
    >>> print(terms_of_reference(assess(Profile(area="Anywhere"))).splitlines()[0])
    Terms of reference (draft): evaluation of Anywhere
    """
    lines = [f"Terms of reference (draft): evaluation of {readiness.area}"]
    for title, body in terms_sections(readiness):
        lines += ["", title, *(f"   - {line}" for line in body)]
    return "\n".join(lines) + "\n"


def terms_sections(readiness: Readiness) -> list[tuple[str, list[str]]]:
    """The sections of the terms of reference, each a numbered title with its lines; empty ones are left out.

    Examples
    --------
    >>> from hubeval.profile import Profile
    >>> from hubeval.readiness.assess import assess
    >>> terms_sections(assess(Profile(area="Anywhere")))[0][0]
    '1. Basis'
    """
    sections = (
        ("Basis", _basis(readiness)),
        ("Approach", _approach(readiness)),
        ("Outcomes", _outcomes(readiness)),
        ("To be settled first", _questions(readiness)),
        ("Foundations to be laid", _foundations(readiness)),
        ("Ethics and data", [f"{name}: {_said(readiness, name)}" for name in ("GE1", "GE2")]),
        ("Use", _use(readiness)),
        ("Deliverables", list(_DELIVERABLES)),
        ("Timetable", _timetable(readiness)),
        ("Budget", [_BUDGET]),
        ("Another approach", _other(readiness)),
    )
    kept = [(title, body) for title, body in sections if body]
    return [(f"{number}. {title}", body) for number, (title, body) in enumerate(kept, start=1)]


def _basis(readiness: Readiness) -> list[str]:
    version = f"criteria version {readiness.rubric_version}"
    return [
        f"Readiness assessed on {readiness.assessed}, {version}: {verdict_line(readiness)}.",
        f"It rests on {hangs_on(readiness)}",
        *readiness.cautions,
    ]


def _approach(readiness: Readiness) -> list[str]:
    rubric = load_rubric()
    lines = [_APPROACH[readiness.status]]
    if readiness.route == "quasi-experimental":
        for item in readiness.designs:
            if item.offered and item.status != "closed":
                rule = rubric.design(item.design)
                lines.append(f"{rule.name} ({item.status}). {rule.caveat}")
        lines += standard_lines(readiness)
    lines.append("The report says what the result does not show, and is published whatever it finds.")
    return lines


def _outcomes(readiness: Readiness) -> list[str]:
    named = [f"{outcome.label}: “{outcome.quote}” ({outcome.source})" for outcome in readiness.profile.outcomes]
    return named or ["[No outcome is named in the sources: to be agreed, with indicator, data source and time point.]"]


def _questions(readiness: Readiness) -> list[str]:
    return [f"{item.question} ({item.criterion}; {item.how}: {item.who})" for item in readiness.roadmap.find_out]


def _foundations(readiness: Readiness) -> list[str]:
    return [
        f"{item.what} ({item.criterion}; {item.months[0]} to {item.months[1]} months, our judgement)"
        for item in readiness.roadmap.build
    ]


def _use(readiness: Readiness) -> list[str]:
    return [
        f"GE3: {_said(readiness, 'GE3')}",
        f"GE4: {_said(readiness, 'GE4')}",
        f"Readiness is assessed again by {readiness.roadmap.recheck}. {readiness.roadmap.recheck_when}",
    ]


def _timetable(readiness: Readiness) -> list[str]:
    """When each stage could be done, counted from the assessment: our judgement, and said to be."""
    lines = []
    if readiness.roadmap.find_out:
        months = max(item.months for item in readiness.roadmap.find_out)
        lines.append(f"Questions above answered within {counted(months, 'month')} (our judgement).")
    if readiness.roadmap.build:
        low = max(item.months[0] for item in readiness.roadmap.build)
        high = max(item.months[1] for item in readiness.roadmap.build)
        lines.append(f"Foundations laid in {low} to {high} months (our judgement).")
    return [*lines, "[Dates of the start, the interim note and the report: to be set by whoever commissions.]"]


def _other(readiness: Readiness) -> list[str]:
    shut = [item for item in readiness.designs if item.status == "closed"]
    lines = ["A tender may propose another approach if it shows, with evidence, how the gates named here are met."]
    lines += [f"{item.design} is closed by {', '.join(item.closed_by)}." for item in shut]
    return lines


def _said(readiness: Readiness, criterion: str) -> str:
    finding = readiness.finding(criterion)
    return (
        f"{finding.question} {finding.because}" if finding.status != "unknown" else f"{finding.question} [Not known.]"
    )
