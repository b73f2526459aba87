"""What an assessment returns: reasons with quotes, cautions, JSON that goes out without loss, a gate that holds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from hubeval.errors import BadInput
from hubeval.profile import Profile
from hubeval.readiness import assess, grid, opens, why

DESIGNS = ("PSM", "DiD", "ITS", "CITS", "SCM", "SDID", "RDD")


def test_a_ready_area_lists_its_designs_strongest_first_with_caveats(area):
    readiness = area(rest=4)
    assert (readiness.route, readiness.status, readiness.reading) == ("quasi-experimental", "ready", "designs open")
    assert [design.design for design in readiness.designs] == ["RDD", "SDID", "SCM", "DiD", "CITS", "PSM", "ITS"]
    assert any("passes for an effect" in line for line in readiness.because)
    assert readiness.grade == 2


def test_findings_say_the_gate_of_every_design_that_asks_for_more(area):
    finding = area(IM1=4, DS2=3).finding("DS2")
    assert (finding.status, finding.needed) == ("met", 2)
    assert {gate.gate: gate.status for gate in finding.gates} == {
        "DiD": "met", "ITS": "met", "CITS": "met", "SDID": "met", "SCM": "not met",
    }  # fmt: skip
    assert finding.to_fix.startswith("Build")


def test_soft_criteria_never_decide(area):
    low, high = (area(rest=4, IM4=n, CA4=n, GE3=n, GE4=n) for n in (1, 4))
    assert (low.route, low.status, low.designs) == (high.route, high.status, high.designs)
    assert low.finding("GE3").status == "not met"


def test_an_open_route_with_unknown_route_gates_is_cautioned(area):
    readiness = area(rest=4, IM3=None, TO3=None)
    assert readiness.status == "ready"
    assert any("IM3, TO3" in caution for caution in readiness.cautions)


def test_json_holds_plain_values_by_name(area):
    made = area(rest=4).to_dict()
    assert {"area", "route", "status", "designs", "findings", "pivotal", "roadmap", "rubric_version"} <= set(made)
    assert set(made["designs"]) == set(DESIGNS)
    assert len(made["findings"]) == 25
    assert json.loads(json.dumps(made)) == made


def test_assessing_does_not_touch_the_profile(fact, today):
    profile = Profile(area="A", facts=(fact("IM1", 3, 4),))
    before = repr(profile)
    assess(profile, today=today)
    assert repr(profile) == before


def test_a_profile_coded_against_another_version_is_cautioned(fact, today):
    profile = Profile(area="A", facts=(fact("IM1", 3, 4),), rubric_version="0.9")
    assert any("version 0.9" in caution for caution in assess(profile, today=today).cautions)


def test_an_illustrative_profile_says_so_on_its_verdict(fact, today):
    profile = Profile(area="A", facts=(fact("IM1", 3, 4),), illustrative=True)
    assert "An illustrative example: its facts are invented." in why(assess(profile, today=today)).replace("\n  ", " ")


def test_why_prints_every_criterion_with_reason_and_quote(fact, today):
    profile = Profile(area="A", facts=(fact("IM1", 3, 4, quote="open since 2018"),))
    readiness = assess(profile, today=today)
    assert str(readiness) == why(readiness)
    for finding in readiness.findings:
        assert finding.criterion in str(readiness)
    assert "“open since 2018” (s, 2026-01-31; reported fact)" in str(readiness).replace("\n        ", " ")


@pytest.mark.parametrize("design", DESIGNS)
def test_the_gate_opens_only_what_is_known_to_be_met(area, design):
    assert opens(area(rest=4), design).open
    assert not opens(area(rest=4, GE2=None), design).open
    assert not opens(area(rest=4, IM1=2), design).open
    assert not opens(area(rest=4, IM1=None), design).open


def test_the_gate_says_which_findings_stand_in_the_way(area):
    decision = opens(area(rest=4, IM1=2, DS2=1, CA1=None), "DiD")
    assert [reason.split(" ")[0] for reason in decision.reasons] == ["IM1", "DS2", "CA1"]
    assert "A is theory-based (foundations); difference-in-differences is closed" in decision.message


def test_a_ready_area_does_not_open_a_design_that_is_not_open_itself(area):
    readiness = area(rest=4, CA2=3)
    assert readiness.status == "ready"
    decision = opens(readiness, "RDD")
    assert not decision.open
    assert [reason.split(" ")[0] for reason in decision.reasons] == ["CA2"]


def test_unknown_route_gates_that_need_not_be_known_do_not_stand_in_the_way(area):
    assert opens(area(rest=4, IM3=None), "DiD").open


def test_an_unknown_design_is_refused_with_the_nearest(area):
    with pytest.raises(BadInput, match="Did you mean 'CITS'"):
        opens(area(rest=4), "CIT")


def test_a_quote_that_carries_two_facts_is_dropped_whole(fact, today):
    quote = "since 2018"
    profile = Profile(area="A", facts=(fact("IM1", 3, 4, quote=quote), fact("CA3", 2, 4, quote=quote)))
    pivot = assess(profile, today=today).pivotal[0]
    assert pivot.criteria == ("IM1", "CA3")
    assert pivot.route == assess(replace(profile, facts=()), today=today).route


def test_a_route_gate_known_to_fail_stands_in_the_way_and_an_unknown_one_does_not(area):
    assert [reason.split(" ")[0] for reason in opens(area(rest=4, IM3=1, DS2=1), "DiD").reasons] == ["IM3", "DS2"]
    assert [reason.split(" ")[0] for reason in opens(area(rest=4, IM3=None, DS2=1), "DiD").reasons] == ["DS2"]


def test_the_grid_marks_an_illustrative_area(fact, today):
    profile = Profile(area="A", facts=(fact("IM1", 3, 4),), illustrative=True)
    assert grid([assess(profile, today=today)]).splitlines()[2].startswith("A (illustrative)  ")
