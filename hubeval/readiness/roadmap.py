"""The roadmap: what to find out apart from what to build, the smallest set for each design, and when to look again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise

from hubeval.readiness.evidence import Span, level_for
from hubeval.readiness.model import Build, FindOut, Path, Reply, Roadmap
from hubeval.readiness.rubric import COSTS, Criterion, Rubric
from hubeval.readiness.verdict import DesignStatus, Verdict, decide, reaches

Levels = Mapping[str, Span]


def plan_roadmap(rubric: Rubric, levels: Levels, verdict: Verdict, *, access: bool | None, today: date) -> Roadmap:
    """The roadmap from a verdict and the levels behind it.

    An unknown is never listed as a weakness. What to find out is ranked by whether the route cannot be told
    without it, whether it could close the route, how many designs it still blocks, and how cheap it is to find out.
    """
    find_out = [
        replace(question, replies=_replies(rubric[question.criterion], rubric, levels, verdict, access=access))
        for question in open_questions(rubric, levels, verdict)
    ]
    build = [_build(item, levels) for item in rubric.criteria if _lacking(item, levels)]
    build.sort(key=lambda item: ("route" not in item.unlocks, -len(item.unlocks), item.months))
    shut = [design for design in verdict.designs if design.status != "open" and design.offered]
    paths = sorted(
        (_path(design, rubric, levels, verdict) for design in shut), key=lambda path: (path.climb, path.months)
    )
    core = _core(rubric, paths)
    months, when = _recheck(rubric, verdict, core, tuple(build))
    return Roadmap(
        find_out=tuple(find_out),
        build=tuple(build),
        paths=tuple(paths),
        core=core,
        not_offered=tuple(
            (design.design, rubric.design(design.design).offered_if) for design in verdict.designs if not design.offered
        ),
        recheck=add_months(today, months),
        recheck_when=when,
    )


def _undecided(item: Criterion, levels: Levels) -> bool:
    return not item.soft and any(reaches(levels[item.id], level) is None for level in item.cuts)


def _lacking(item: Criterion, levels: Levels) -> bool:
    return not item.soft and any(reaches(levels[item.id], level) is False for level in item.cuts)


def open_questions(rubric: Rubric, levels: Levels, verdict: Verdict) -> list[FindOut]:
    """What is unknown and decides something, in the order in which to find it out; replies not yet worked out."""
    found = [_question(item, rubric, levels[item.id], verdict) for item in rubric.criteria if _undecided(item, levels)]
    must = {item.id for item in rubric.criteria if item.must_be_known}

    def order(item: FindOut) -> tuple[bool, bool, int, int]:
        return not (item.blocks_route and item.criterion in must), not item.blocks_route, -len(item.blocks), item.cost

    return sorted(found, key=order)


def _question(item: Criterion, rubric: Rubric, span: Span, verdict: Verdict) -> FindOut:
    return FindOut(
        criterion=item.id,
        question=item.question,
        who=item.who,
        cost=item.cost,
        how=COSTS[item.cost],
        months=rubric.find_out_months[item.cost - 1],
        blocks_route=item.route is not None and reaches(span, item.route) is None,
        blocks=tuple(d.design for d in verdict.designs if d.status != "closed" and item.id in d.wanting),
        replies=(),
    )


def _replies(
    item: Criterion, rubric: Rubric, levels: Levels, verdict: Verdict, *, access: bool | None
) -> tuple[Reply, ...]:
    """Every answer that is still possible, levels between two gates taken together, and what it would change."""
    span = levels[item.id]
    bounds = [1, *item.cuts, 5]
    bands = [(max(low, span[0]), min(high - 1, span[1])) for low, high in pairwise(bounds)]
    return tuple(
        Reply(
            low=low,
            high=high,
            means=item.anchor(low, high),
            effect=_effect(item.id, verdict, decide(rubric, {**levels, item.id: (low, high)}, access=access)),
        )
        for low, high in bands
        if low <= high
    )


def _effect(criterion: str, now: Verdict, then: Verdict) -> str:
    """What an answer changes: the verdict if it changes, and the designs it opens, closes or brings nearer."""
    parts = []
    if (then.route, then.status) != (now.route, now.status):
        parts.append(f"the verdict becomes {then.route} ({then.status})")
    if criterion in then.failing and criterion not in now.failing and now.failing:
        parts.append("one more gate in the way of the route")
    if criterion in now.unknown and criterion not in (*then.unknown, *then.failing):
        parts.append("this gate of the route is settled")
    pairs = list(zip(now.designs, then.designs, strict=True))
    for word, names in (
        ("opens", [b.design for a, b in pairs if b.status == "open" != a.status]),
        ("closes", [b.design for a, b in pairs if criterion in b.closed_by and criterion not in a.closed_by]),
        (
            "one question fewer for",
            [
                b.design
                for a, b in pairs
                if criterion in a.wanting and b.status != "open" and criterion not in (*b.wanting, *b.closed_by)
            ],
        ),
    ):
        if names:
            parts.append(f"{word} {', '.join(names)}")
    return "; ".join(parts) or "nothing changes but the certainty"


def _build(item: Criterion, levels: Levels) -> Build:
    span = levels[item.id]
    failing = [(gate, level) for gate, level in item.gates.items() if reaches(span, level) is False]
    if item.route and reaches(span, item.route) is False:
        failing.insert(0, ("route", item.route))
    return Build(
        criterion=item.id,
        what=item.build,
        high=span[1],
        needed=max(level for _, level in failing),
        months=item.build_months,
        unlocks=tuple(gate for gate, _ in failing),
    )


def _path(design: DesignStatus, rubric: Rubric, levels: Levels, verdict: Verdict) -> Path:
    """Route gates included: a design opens only on the quasi-experimental route."""
    gates = dict(rubric.design(design.design).gates)
    must = [item.id for item in rubric.route_gates if item.must_be_known and item.id in verdict.unknown]
    find_out = tuple(dict.fromkeys((*must, *design.wanting)))
    build = tuple(dict.fromkeys((*verdict.failing, *design.closed_by)))
    needed = {name: max(gates.get(name, 1), rubric[name].route or 1) for name in (*find_out, *build)}
    at = {name: level_for(levels, name, design.design) for name in needed}
    climb = sum(needed[name] - at[name][0] for name in find_out) + sum(needed[name] - at[name][1] for name in build)
    months = max(
        [rubric.find_out_months[rubric[name].cost - 1] for name in find_out]
        + [rubric[name].build_months[1] for name in build],
        default=0,
    )
    return Path(design=design.design, find_out=find_out, build=build, climb=climb, months=months)


def _core(rubric: Rubric, paths: list[Path]) -> tuple[str, ...]:
    """What stands in the way of every design worth pursuing, cheapest first."""
    if not paths:
        return ()
    shared = set.intersection(*({*path.find_out, *path.build} for path in paths))
    return tuple(item.id for item in sorted(rubric.criteria, key=lambda item: item.cost) if item.id in shared)


def _recheck(rubric: Rubric, verdict: Verdict, core: tuple[str, ...], build: tuple[Build, ...]) -> tuple[int, str]:
    """Months to the next assessment, never more than the rubric allows, and what would bring it forward."""
    if verdict.status == "ready":
        return rubric.recheck_months, "Or as soon as the model, the data or the comparison changes."
    if verdict.failing:
        slowest = max(item.months[0] for item in build if "route" in item.unlocks)
        return (
            max(1, min(slowest, rubric.recheck_months)),
            f"Or as soon as {' and '.join(verdict.failing)} can be shown to have changed.",
        )
    months = max((rubric.find_out_months[rubric[name].cost - 1] for name in core), default=1)
    return min(months, rubric.recheck_months), "Or as soon as the shared core of questions is answered."


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or the last day where that month is shorter.

    Examples
    --------
    >>> add_months(date(2026, 11, 30), 3)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return first.replace(day=min(day.day, (after - first).days))
