"""What the verdicts would be under other rules: the levels are our judgement, so what hangs on them is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hubeval.profile import GRADES
from hubeval.readiness.evidence import best, spans, worst
from hubeval.readiness.rubric import Rubric, load_rubric
from hubeval.readiness.verdict import Verdict, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubeval.profile import Profile, Route
    from hubeval.readiness.verdict import Status

HONESTY = (
    "The level anchors and the gate levels are hubeval's judgement; the sources give the topics, not the cut points.",
    "The published verdicts are a regression test, not a validation: the levels were chosen knowing them.",
    "A second coder should code the sources blind; one person read these.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The verdicts under one rule.

    Parameters
    ----------
    rule : str
    verdicts : tuple of (area, route, status)
    changed : tuple of str
        Areas whose route is not the one under the chosen rule.
    reproduced, published : int
        How many of the published verdicts the rule gives again. They are read here and nowhere else.
    """

    rule: str
    verdicts: tuple[tuple[str, Route, Status], ...]
    changed: tuple[str, ...]
    reproduced: int
    published: int


def sensitivity(profiles: Sequence[Profile], *, rubric: Rubric | None = None) -> tuple[Variant, ...]:
    """The verdict on each area under the chosen rule and under each other: gate levels, and how unknowns count.

    Examples
    --------
    >>> from hubeval.profile import Fact, Profile
    >>> mature = Fact(criterion="IM1", low=3, high=4, kind="label", quote="mature", source="News", dated="2021")
    >>> variants = sensitivity([Profile(area="Leeds", facts=(mature,))])
    >>> [variant.rule for variant in variants if variant.changed][:2]
    ['IM1 gate at 4 (chosen: 3)', 'every route gate must be known to pass']
    """
    rubric = rubric or load_rubric()
    rules = _rules(rubric)
    chosen = [rules[0][1](profile) for profile in profiles]
    return tuple(_variant(name, [rule(profile) for profile in profiles], profiles, chosen) for name, rule in rules)


def _variant(name: str, verdicts: list[Verdict], profiles: Sequence[Profile], chosen: list[Verdict]) -> Variant:
    published = [
        (verdict.route, profile.reported_verdict.route)
        for profile, verdict in zip(profiles, verdicts, strict=True)
        if profile.reported_verdict
    ]
    return Variant(
        rule=name,
        verdicts=tuple((p.area, v.route, v.status) for p, v in zip(profiles, verdicts, strict=True)),
        changed=tuple(p.area for p, v, was in zip(profiles, verdicts, chosen, strict=True) if v.route != was.route),
        reproduced=sum(ours == theirs for ours, theirs in published),
        published=len(published),
    )


def _rules(rubric: Rubric) -> list[tuple[str, Callable[[Profile], Verdict]]]:
    """The chosen rule first, then one rule for each thing that could have been chosen otherwise."""
    rules: list[tuple[str, Callable[[Profile], Verdict]]] = [("the chosen rule", _under(rubric))]
    for item in rubric.route_gates:
        for level in (2, 3, 4):
            if level != item.route:
                name = f"{item.id} gate at {level} (chosen: {item.route})"
                rules.append((name, _under(rubric.changed(item.id, route=level))))
    strict = rubric
    for item in rubric.route_gates:
        strict = strict.changed(item.id, must_be_known=True)
    gates = {item.id for item in rubric.route_gates}
    return [
        *rules,
        ("every route gate must be known to pass", _under(strict)),
        ("an unknown route gate counts as failing", lambda profile: _counting(rubric, profile, gates, good=False)),
        ("an unknown route gate counts as passing", lambda profile: _counting(rubric, profile, gates, good=True)),
        ("labels set aside: reported facts and better only", lambda profile: _under(rubric)(_hard(profile))),
    ]


def _under(rubric: Rubric) -> Callable[[Profile], Verdict]:
    return lambda profile: decide(rubric, spans(profile.facts), access=profile.access)


def _counting(rubric: Rubric, profile: Profile, gates: set[str], *, good: bool) -> Verdict:
    levels = spans(profile.facts)
    settled = best(levels) if good else worst(levels)
    levels = {name: settled[name] if name in gates else span for name, span in levels.items()}
    return decide(rubric, levels, access=profile.access)


def _hard(profile: Profile) -> Profile:
    return replace(profile, facts=tuple(fact for fact in profile.facts if fact.grade >= GRADES["fact"]))


def sensitivity_text(variants: Sequence[Variant]) -> str:
    """Rule by rule: whose route changes and to what, and how many published verdicts it gives again."""
    lines = ["What the route would be under other rules", *(f"  {line}" for line in HONESTY), ""]
    for variant in variants:
        routes = {area: route for area, route, _ in variant.verdicts}
        changes = "; ".join(f"{area} becomes {routes[area]}" for area in variant.changed)
        again = f" [{variant.reproduced} of {variant.published} published verdicts]" if variant.published else ""
        lines.append(f"  {variant.rule}{again}: {changes or 'no route changes'}")
    return "\n".join(lines)
