"""What one page says of an area, or of many: the verdict, why, what to ask whom by when, what to commission next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.readiness.roadmap import add_months
from hubeval.readiness.rubric import load_rubric
from hubeval.report.brief.page import Brief, Section, set_page
from hubeval.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from hubeval.readiness import Readiness
    from hubeval.readiness.model import Finding

VERDICTS = {
    "ready": "Yes. A study that compares like with like can be done now.",
    "provisional": "Perhaps. A study that compares like with like may be possible. Some facts must be found out first.",
    "foundations": "Not yet. A study that compares like with like would not give a sound answer now. "
    "Other methods can say how the service helps, and the ground can be laid for later.",
    "undecided": "We cannot tell. Too little is known of the area to say which kind of study fits.",
}
NEXT = {
    "ready": "An evaluation that compares, on a plan that is written and registered before the results are seen.",
    "provisional": "A short first stage at a fixed price that answers the questions above. Then decide about the rest.",
    "foundations": "A study of how the service helps, which claims no size of effect. Beside it, record what a later "
    "study will need.",
    "undecided": "A short study that answers the questions above. Do not pay for a study of effects before it reports.",
}
_ORDER = {"not met": 0, "conflict": 1, "unknown": 2, "met": 3}
_SAID = {
    "met": "Enough for a study that compares.",
    "not met": "Not enough for a study that compares.",
    "unknown": "Not known. That is not a weakness.",
    "conflict": "The sources do not agree.",
}
_PRICES = (
    "Times are the judgement of hubeval's authors. No prices are shown: hubeval has no source for them. "
    "Ask for them in the tender."
)
_MOST_AREAS = 24  # that one page has room for
_SHOWN = 3


def area_brief(readiness: Readiness, more: str) -> str:
    """``brief.html`` of one area; `more` says where the rest stands."""
    return set_page(Brief(
        kicker=f"One page for those who decide · {readiness.area} · assessed {readiness.assessed}",
        title=f"Can the effect of family hubs in {readiness.area} be measured?",
        notice="An illustrative example: its facts are invented." if readiness.profile.illustrative else "",
        answer=VERDICTS[readiness.status],
        sections=(
            Section(title="Why: three reasons", lines=_reasons(readiness)),
            _questions(readiness),
            _options(readiness),
            Section(title="What to commission next", lines=(NEXT[readiness.status], _again(readiness))),
            Section(title="A paragraph for the council", text=council(readiness)),
        ),
        more=more,
    ))  # fmt: skip


def portfolio_brief(readinesses: Sequence[Readiness]) -> str:
    """``brief.html`` of several areas, in the order given: the verdict, how much is known, the next step."""
    shown = readinesses[:_MOST_AREAS]
    rows = tuple((r.area, _short(r), known(r), next_step(r)) for r in shown)
    left = len(readinesses) - len(shown)
    tally = [
        f"{VERDICTS[status].split('.', 1)[0]}: {counted(n, 'area')}."
        for status in VERDICTS
        if (n := sum(r.status == status for r in readinesses))
    ]
    days = sorted({r.assessed for r in readinesses})
    return set_page(Brief(
        kicker=f"One page for those who decide · {counted(len(readinesses), 'area')}"
        f"{f' · assessed {days[-1]}' if days else ''}",
        title="Where can the effect of family hubs be measured?",
        answer=" ".join(tally) or "No area was given.",
        sections=(
            Section(title="Area by area", columns=("Area", "Can it be measured?", "Known", "Next step"), rows=rows),
            Section(title="How to read it", lines=(
                *((f"{counted(left, 'more area')} in index.html.",) if left else ()),
                "Areas stand in the order given. Nothing is ranked, and what is not known is not a weakness.",
                "“Known” counts the questions of the readiness model on which the sources say something.",
            )),
        ),
        more="Each area has a page of its own; index.html shows them side by side. The levels that are asked for are "
        "the judgement of hubeval's authors.",
    ))  # fmt: skip


def council(readiness: Readiness) -> str:
    """A paragraph that a report to members can take as it stands."""
    first = readiness.roadmap.find_out[:1]
    asked = f" The first question is: {first[0].question} It is for {first[0].who} to answer." if first else ""
    return (
        f"We looked at whether the effect of family hubs in {readiness.area} can be measured. "
        f"{VERDICTS[readiness.status]} This rests on {known(readiness)} questions, answered from the sources on file."
        f"{asked} {_again(readiness)}"
    )


def next_step(readiness: Readiness) -> str:
    """The one thing to do next in an area, in a line."""
    if readiness.status == "ready":
        return "Write and register the plan of the evaluation."
    if readiness.roadmap.find_out and readiness.status != "foundations":
        first = readiness.roadmap.find_out[0]
        return f"Ask {first.who}: {first.question}"
    if readiness.roadmap.build:
        return f"Build: {readiness.roadmap.build[0].what}"
    return "Start a study of how the service helps."


def _short(readiness: Readiness) -> str:
    return VERDICTS[readiness.status].split(".", 1)[0]


def known(readiness: Readiness) -> str:
    """How many of the model's questions the sources say something on: ``"4 of 25"``."""
    told = sum(f.status != "unknown" for f in readiness.findings)
    return f"{told} of {len(readiness.findings)}"


def _again(readiness: Readiness) -> str:
    return f"Look at the area again by {_day(readiness.roadmap.recheck)}."


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _reasons(readiness: Readiness) -> tuple[str, ...]:
    """What decides the route, what speaks against it first."""
    gates = sorted((f for f in readiness.findings if f.role == "route"), key=lambda f: _ORDER[f.status])
    return tuple(_reason(f) for f in gates[:_SHOWN])


def _reason(finding: Finding) -> str:
    level = load_rubric()[finding.criterion].anchors
    found = finding.status in {"met", "not met"} and finding.low == finding.high and finding.grade
    words = f" What they show: {level[finding.low - 1].partition(':')[0].lower()}." if found else ""
    return f"{finding.question} {_SAID[finding.status]}{words}"


def _questions(readiness: Readiness) -> Section:
    rows = tuple(
        (item.question, item.who, _day(add_months(readiness.assessed, item.months)))
        for item in readiness.roadmap.find_out[:_SHOWN]
    )
    if not rows:
        return Section(title="Questions", lines=("None is open that would change the answer.",))
    return Section(title="Questions to ask first", columns=("Question", "Who can answer", "By"), rows=rows)


def _options(readiness: Readiness) -> Section:
    """The designs that are offered, with the time until each could start: our judgement. No price is invented."""
    rubric, months = load_rubric(), {path.design: path.months for path in readiness.roadmap.paths}
    rows = []
    for design in [d for d in readiness.designs if d.offered][:4]:
        state = {"open": "Open", "closed": "Closed for now"}.get(
            design.status, counted(len(design.wanting), "fact") + " to find out"
        )
        months_to = f"About {months[design.design]} months" if design.design in months else "Not known"
        wait = "Now" if design.status == "open" else months_to
        if design.status == "open" and readiness.route != "quasi-experimental":
            state, wait = "Waits for the reasons above", "Not known"
        rows.append((rubric.design(design.design).name, state, wait))
    rows.append(("Theory-based evaluation (how it helps, no size of effect)", "Open", "Now"))
    return Section(title="Options", columns=("Kind of study", "State", "Could start in"),
                   rows=tuple(rows), text=_PRICES)  # fmt: skip
