"""The assessment: a profile in, a readiness out, with a reason and a quote for every finding."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hubeval.profile import GRADES, Fact, Profile
from hubeval.readiness.answer import Readiness
from hubeval.readiness.evidence import Evidence, Span, best, is_stale, level_for, spans, weigh, worst
from hubeval.readiness.model import Case, Finding, FindingStatus, GateState, Pivot
from hubeval.readiness.openings import ways
from hubeval.readiness.roadmap import plan_roadmap
from hubeval.readiness.rubric import COSTS, Criterion, Rubric, load_rubric
from hubeval.readiness.text import cite
from hubeval.readiness.verdict import Verdict, closers, decide, reaches, told

if TYPE_CHECKING:
    from collections.abc import Mapping


def assess(profile: Profile, *, rubric: Rubric | None = None, today: date | None = None) -> Readiness:
    """Say whether an area can be evaluated with a quasi-experiment, by which design, and what it would take.

    Facts on a criterion intersect; a contradiction is a conflict and counts as unknown; data checks
    overrule claims. Route gates decide the family of methods and design gates the designs, in Kleene's
    three values. There is no score. `profile.reported_verdict` is not read.

    Parameters
    ----------
    profile : Profile
    rubric : Rubric, optional
        By default the shipped model.
    today : date, optional
        The day against which facts count as old and re-assessment is dated; by default the day it is run.

    Examples
    --------
    >>> from hubeval.profile import Profile
    >>> blank = assess(Profile(area="Anywhere"))
    >>> blank.route, blank.status
    ('not enough evidence', 'undecided')
    """
    rubric = rubric or load_rubric()
    today = today or date.today()  # noqa: DTZ011 - a calendar day
    evidence = weigh(profile.facts)
    levels = spans(profile.facts)
    verdict = decide(rubric, levels, access=profile.access)
    findings = tuple(_finding(item, evidence[item.id], rubric, today, profile, levels) for item in rubric.criteria)
    return Readiness(
        profile=profile,
        route=verdict.route,
        status=verdict.status,
        reading=verdict.reading,
        because=(*_because(rubric, verdict, findings), *_ceilings(rubric, verdict, levels, access=profile.access)),
        findings=findings,
        designs=verdict.designs,
        pivotal=_pivotal(profile, rubric, verdict),
        best=_case(decide(rubric, best(levels), access=profile.access)),
        worst=_case(decide(rubric, worst(levels), access=profile.access)),
        grade=_grade(profile, rubric, verdict),
        cautions=_cautions(profile, rubric, verdict, evidence, today),
        roadmap=plan_roadmap(rubric, levels, verdict, access=profile.access, today=today),
        rubric_version=rubric.version,
        assessed=today,
        ways=ways(profile, verdict.designs, today),
    )


def _finding(
    item: Criterion, evidence: Evidence, rubric: Rubric, today: date, profile: Profile, levels: Mapping[str, Span]
) -> Finding:
    span = (evidence.low, evidence.high)
    gates = tuple(
        GateState(
            gate=gate,
            level=level,
            status=_state(level_for(levels, item.id, gate), level, conflict=bool(evidence.conflict)),
        )
        for gate, level in [*([("route", item.route)] if item.route else []), *item.gates.items()]
    )
    status = _state(span, item.needed, conflict=bool(evidence.conflict))
    return Finding(
        criterion=item.id,
        name=item.name,
        dimension=item.dimension,
        question=item.question,
        role="soft" if item.soft else "route" if item.route else "design",
        status=status,
        low=span[0],
        high=span[1],
        needed=item.needed,
        because=" ".join((_reason(item, evidence), *_of_one_design(item, profile, levels))),
        to_fix=_to_fix(item, status, gates),
        gates=gates,
        grade=evidence.grade,
        stale=bool(evidence.facts) and all(is_stale(fact, rubric.stale_after_years, today) for fact in evidence.facts),
    )


def _state(span: Span, level: int, *, conflict: bool) -> FindingStatus:
    if conflict:
        return "conflict"
    passed = reaches(span, level)
    return "unknown" if passed is None else "met" if passed else "not met"


def _reason(item: Criterion, evidence: Evidence) -> str:
    if not evidence.facts:
        return "Nothing is known."
    if evidence.conflict:
        high, low = evidence.conflict
        return (
            f"The sources contradict one another, so this counts as unknown: {_supports(high)}, but {_supports(low)}."
        )
    quotes = "; ".join(cite(fact) for fact in evidence.facts if fact not in evidence.overruled)
    parts = [f"{_range(evidence.low, evidence.high)} ({item.anchor(evidence.low, evidence.high)}): {quotes}."]
    parts += [f"{fact.note}" for fact in evidence.facts if fact.note]
    parts += [f"Overruled by a check on data: {cite(fact)}." for fact in evidence.overruled]
    return " ".join(parts)


def _of_one_design(item: Criterion, profile: Profile, levels: Mapping[str, Span]) -> list[str]:
    """What is known of this criterion for one design alone."""
    own = [fact for fact in profile.facts if fact.criterion == item.id and fact.design]
    return [
        f"For {design} alone: {_range(*level_for(levels, item.id, design)).lower()} "
        f"({'; '.join(cite(fact) for fact in own if fact.design == design)})."
        for design in dict.fromkeys(fact.design for fact in own)
    ]


def _supports(fact: Fact) -> str:
    return f"{cite(fact)} supports {_range(fact.low, fact.high).lower()}"


def _range(low: int, high: int) -> str:
    return f"Level {low}" if low == high else f"Level {low} to {high}"


def _to_fix(item: Criterion, status: FindingStatus, gates: tuple[GateState, ...]) -> str:
    if status == "conflict":
        return (
            f"Settle which source is right ({COSTS[item.cost]}; {item.who} can say). "
            "Leave out a fact that was true once and is no longer."
        )
    if status == "unknown" or any(gate.status == "unknown" for gate in gates):
        return f"Find out ({COSTS[item.cost]}; {item.who} can say): {item.question}"
    if status == "not met" or any(gate.status == "not met" for gate in gates):
        return f"Build ({item.build_months[0]} to {item.build_months[1]} months, our judgement): {item.build}"
    return ""


def _because(rubric: Rubric, verdict: Verdict, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    by_id = {finding.criterion: finding for finding in findings}
    lines = [*told(rubric, verdict)]
    lines += [
        f"{rubric[name].label} needs level {rubric[name].route} and is not met. {by_id[name].because}"
        for name in verdict.failing
    ]
    if verdict.reading == "not enough evidence":
        lines += [
            f"{rubric[name].label} must be known to reach level {rubric[name].route}. {by_id[name].because}"
            for name in verdict.unknown
            if rubric[name].must_be_known
        ]
    elif not verdict.failing:
        lines += [
            f"{item.label} reaches level {item.route}. {by_id[item.id].because}"
            for item in rubric.route_gates
            if item.must_be_known
        ]
    if verdict.reading in {"no credible counterfactual", "designs closed"}:
        lines += [f"{rubric.design(d.design).name} is closed by {', '.join(d.closed_by)}." for d in verdict.designs]
    if verdict.reading == "designs open":
        lines += [
            f"{rubric.design(d.design).name} is open. {rubric.design(d.design).caveat}"
            for d in verdict.designs
            if d.status == "open"
        ]
    return tuple(lines)


def _ceilings(
    rubric: Rubric, verdict: Verdict, levels: Mapping[str, Span], *, access: bool | None
) -> tuple[str, ...]:
    """Where a verdict hangs on the top of a range: what was read as ruled out, and what else it could be."""
    asked = verdict.failing or (closers(verdict.designs) if verdict.reading == "designs closed" else ())
    lines = []
    for name in asked:
        low, high = levels[name]
        other = decide(rubric, {**levels, name: (low, 4)}, access=access)
        if high < 4 and (other.route, other.status) != (verdict.route, verdict.status):
            lines.append(
                f"{rubric[name].label} was read as level {high} at most, and that decides. If the evidence does not "
                f"rule out more (level {low} to 4), the verdict would be {other.route} ({other.status})."
            )
    return tuple(lines)


def _pivotal(profile: Profile, rubric: Rubric, verdict: Verdict) -> tuple[Pivot, ...]:
    """Every quote that, dropped alone, would change the route."""
    found = []
    for quote in dict.fromkeys(fact.quote for fact in profile.facts if fact.quote):
        fewer = decide(rubric, spans(profile.without(quote).facts), access=profile.access)
        if fewer.route != verdict.route:
            dropped = [fact for fact in profile.facts if fact.quote == quote]
            found.append(
                Pivot(
                    quote=quote,
                    source=dropped[0].source,
                    kind=dropped[0].kind,
                    criteria=tuple(dict.fromkeys(fact.criterion for fact in dropped)),
                    route=fewer.route,
                    status=fewer.status,
                )
            )
    return tuple(found)


def _case(verdict: Verdict) -> Case:
    return Case(
        route=verdict.route,
        status=verdict.status,
        open=tuple(design.design for design in verdict.designs if design.status == "open"),
    )


def _grade(profile: Profile, rubric: Rubric, verdict: Verdict) -> int:
    """The best grade whose facts reach the same route on their own: the weakest of the gates that decide."""
    if verdict.route == "not enough evidence":
        return 0
    for grade in sorted(GRADES.values(), reverse=True):
        levels = spans(fact for fact in profile.facts if fact.grade >= grade)
        if decide(rubric, levels, access=profile.access).route == verdict.route:
            return grade
    return 0


def _cautions(
    profile: Profile, rubric: Rubric, verdict: Verdict, evidence: Mapping[str, Evidence], today: date
) -> tuple[str, ...]:
    lines = []
    if profile.illustrative:
        lines.append("An illustrative example: its facts are invented.")
    stale = [fact for fact in profile.facts if is_stale(fact, rubric.stale_after_years, today)]
    if stale:
        oldest = min(fact.dated for fact in stale)
        lines.append(
            f"{len(stale)} of {len(profile.facts)} facts are more than {rubric.stale_after_years} years old "
            f"(the oldest {oldest}): confirm that they still hold."
        )
    lines += [f"{name}: the sources contradict one another." for name, item in evidence.items() if item.conflict]
    lines += [
        f"{name}: a check on data overrules {cite(fact)}." for name, item in evidence.items() for fact in item.overruled
    ]
    if verdict.route == "quasi-experimental" and verdict.unknown:
        lines.append(
            f"The route also rests on what is not known: {', '.join(verdict.unknown)}. "
            "Unknown is not failing; any of them could still close it."
        )
    if profile.rubric_version and profile.rubric_version != rubric.version:
        lines.append(f"Coded against version {profile.rubric_version} of the criteria; assessed with {rubric.version}.")
    if profile.facts and all(fact.grade == GRADES["label"] for fact in profile.facts):
        lines.append("No fact is more than a label or an assertion: no date, count or document is behind the verdict.")
    return tuple(lines)
