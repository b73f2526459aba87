"""What hangs on our judgement: measured as the model's own notes measured it, on the five areas with a published verdict."""

from __future__ import annotations

import pytest

from hubeval.profile import Profile, read_profile
from hubeval.readiness import sensitivity, sensitivity_text
from hubeval.readiness.rubric import load_rubric
from hubeval.readiness.standards import load_standards, reachable, standard_lines

FIVE = ("essex", "leeds", "bristol", "sefton", "suffolk")


@pytest.fixture(scope="module")
def variants(root):
    profiles = [read_profile(root / "designs" / folder / "profile.toml") for folder in FIVE]
    return {variant.rule: variant for variant in sensitivity(profiles)}


def routes(variant):
    return {area: route for area, route, _ in variant.verdicts}


def test_one_gate_level_alone_reproduces_the_published_verdicts(variants):
    assert variants["the chosen rule"].reproduced == 5
    assert variants["IM1 gate at 2 (chosen: 3)"].reproduced == 4
    assert variants["IM1 gate at 4 (chosen: 3)"].reproduced == 4


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("the chosen rule", {}),
        ("IM1 gate at 2 (chosen: 3)", {"Suffolk": "not enough evidence"}),
        ("IM1 gate at 4 (chosen: 3)", {"Leeds": "not enough evidence"}),
        ("every route gate must be known to pass", {"Essex": "not enough evidence", "Leeds": "not enough evidence"}),
        ("an unknown route gate counts as failing", {"Essex": "theory-based", "Leeds": "theory-based"}),
        ("an unknown route gate counts as passing", {}),
        (
            "labels set aside: reported facts and better only",
            {"Leeds": "not enough evidence", "Suffolk": "not enough evidence"},
        ),
    ],
)
def test_each_other_rule_changes_what_was_measured(variants, rule, changes):
    assert {area: routes(variants[rule])[area] for area in variants[rule].changed} == changes


def test_every_route_gate_is_tried_at_every_other_level(variants):
    for item in load_rubric().route_gates:
        tried = {int(rule.split(" at ")[1][0]) for rule in variants if rule.startswith(f"{item.id} gate")}
        assert tried == {2, 3, 4} - {item.route}


def test_the_text_says_what_rests_on_judgement(variants):
    text = sensitivity_text(list(variants.values()))
    assert "hubeval's judgement" in text
    assert "regression test, not a validation" in text
    assert "Suffolk becomes not enough evidence" in text


def test_without_published_verdicts_nothing_is_claimed_about_them():
    assert "published verdicts]" not in sensitivity_text(sensitivity([Profile(area="A")]))


def test_standards_name_the_version_and_invent_no_level(area):
    readiness = area(rest=4)
    lines = standard_lines(readiness)
    assert any("3 (What Works Centre for Local Economic Growth" in line and "4 (magentabook" in line for line in lines)
    assert not any(line.startswith("CITS") and "Maryland" in line for line in lines)
    assert not any(name in line for line in lines for name in ("padlocks (0 to 5): 3", "padlocks (0 to 5): 4"))
    assert all(set(standard.levels) <= {rule.id for rule in load_rubric().designs} for standard in load_standards())


def test_a_theory_based_area_reaches_no_level_with_a_design_it_will_not_run(area):
    assert reachable(area(rest=4, IM1=1)) == {}


def test_a_closed_design_reaches_nothing(area):
    assert "ITS" not in reachable(area(rest=4, ST3=3))
    assert "DiD" in reachable(area(rest=4, ST3=3))
