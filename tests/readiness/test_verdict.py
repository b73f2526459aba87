"""The logic of the verdict, tested against an independent reading of it and for what must always hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubeval.profile import CRITERIA
from hubeval.readiness import load_rubric
from hubeval.readiness.evidence import best, worst
from hubeval.readiness.verdict import decide

RUBRIC = load_rubric()
SPANS = [(1, 4), (1, 4), *((low, high) for low in range(1, 5) for high in range(low, 5))]
LEVELS = st.lists(st.sampled_from(SPANS), min_size=25, max_size=25).map(
    lambda spans: dict(zip(CRITERIA, spans, strict=True))
)

# The gates as readiness-model.md prints them, typed in again so that a slip in criteria.toml is seen.
ALL = {"IM2": 3, "TO2": 3, "TO4": 3, "DS4": 3, "ST1": 3, "ST2": 3, "GE2": 2}
GATES = {
    "PSM": ALL | {"DS1": 3, "DS3": 2, "DS5": 3, "CA1": 3, "CA2": 2, "GE1": 3},
    "DiD": ALL | {"DS2": 2, "CA1": 3, "CA3": 2, "CA5": 2, "GE1": 2},
    "ITS": ALL | {"DS2": 3, "CA3": 3, "ST3": 4, "GE1": 2},
    "CITS": ALL | {"DS2": 3, "CA1": 3, "CA3": 3, "ST3": 3, "GE1": 2},
    "SCM": ALL | {"DS2": 4, "CA1": 3, "CA3": 2, "CA5": 2, "ST3": 3, "GE1": 2},
    "RDD": ALL | {"DS1": 3, "DS3": 2, "CA2": 4, "GE1": 3},
}
ROUTE = {"IM1": 3, "IM3": 2, "TO1": 2, "TO2": 2, "TO3": 2}


def kleene(levels, gates):
    """The worst of the gates' answers, by brute force over every level that each range allows."""
    answers = []
    for name, level in gates.items():
        possible = {value >= level for value in range(levels[name][0], levels[name][1] + 1)}
        answers.append({frozenset({True}): 2, frozenset({False}): 0}.get(frozenset(possible), 1))
    return min(answers)


def test_the_gates_are_those_of_the_model():
    for design, gates in GATES.items():
        assert dict(RUBRIC.design(design).gates) == gates
    assert {item.id: item.route for item in RUBRIC.route_gates} == ROUTE
    assert [item.id for item in RUBRIC.criteria if item.must_be_known] == ["IM1"]
    assert [item.id for item in RUBRIC.criteria if item.soft] == ["IM4", "CA4", "GE3", "GE4"]


def test_synthetic_did_asks_the_stricter_of_its_parents_except_for_the_length_of_the_series():
    did, scm, sdid = (dict(RUBRIC.design(name).gates) for name in ("DiD", "SCM", "SDID"))
    stricter = {name: max(did.get(name, 1), scm.get(name, 1)) for name in {*did, *scm}}
    assert sdid == stricter | {"DS2": 3}


@given(LEVELS)
def test_the_verdict_is_the_one_the_model_prints(levels):
    verdict = decide(RUBRIC, levels)
    route = {name: kleene(levels, {name: level}) for name, level in ROUTE.items()}
    designs = {rule.id: kleene(levels, dict(rule.gates)) for rule in RUBRIC.designs}
    if 0 in route.values():
        expected = ("theory-based", "foundations")
    elif route["IM1"] == 1:
        expected = ("not enough evidence", "undecided")
    elif 2 in designs.values():
        expected = ("quasi-experimental", "ready")
    elif set(designs.values()) == {0}:
        expected = ("theory-based", "foundations")
    else:
        expected = ("quasi-experimental", "provisional")
    assert (verdict.route, verdict.status) == expected
    states = {0: "closed", 1: "not enough evidence", 2: "open"}
    assert {item.design: item.status for item in verdict.designs} == {name: states[v] for name, v in designs.items()}


@given(LEVELS, st.sampled_from(CRITERIA), st.integers(1, 4))
def test_learning_more_never_overturns_what_is_known_of_a_design(levels, name, level):
    low, high = levels[name]
    sharper = {**levels, name: (max(low, min(level, high)),) * 2}
    for before, after in zip(decide(RUBRIC, levels).designs, decide(RUBRIC, sharper).designs, strict=True):
        if before.status != "not enough evidence":
            assert after.status == before.status


@given(LEVELS)
def test_best_and_worst_case_leave_nothing_unknown(levels):
    for case in (best(levels), worst(levels)):
        verdict = decide(RUBRIC, case)
        assert verdict.route != "not enough evidence"
        assert verdict.status != "provisional"


def test_a_blank_area_is_not_enough_evidence_never_a_middling_score(area):
    blank = area()
    assert (blank.route, blank.status, blank.grade) == ("not enough evidence", "undecided", 0)
    assert {finding.status for finding in blank.findings} == {"unknown"}
    assert blank.best.status == "ready"
    assert (blank.worst.route, blank.worst.status) == ("theory-based", "foundations")


def test_mature_without_a_credible_counterfactual_is_told_apart(area):
    readiness = area(rest=4, CA1=1, CA2=3, ST3=2)
    assert (readiness.route, readiness.status) == ("theory-based", "foundations")
    assert readiness.reading == "no credible counterfactual"
    assert all(design.status == "closed" for design in readiness.designs)
    assert "CA1" in str(readiness)


def test_without_an_aim_or_access_evaluability_work_comes_first(area):
    assert area(IM1=1).reading == "foundations first"
    assert area(IM1=1, TO1=1).reading == "evaluability work first"
    assert area(IM1=1, access=False).reading == "evaluability work first"
    assert area(IM1=1, access=True).reading == "foundations first"


def test_regression_discontinuity_and_synthetic_control_are_offered_only_when_reported(area):
    def offered(**levels):
        return {design.design for design in area(**levels).designs if design.offered}

    assert offered() == {"DiD", "CITS", "PSM", "ITS"}
    assert offered(CA2=(3, 4)) == offered() | {"RDD"}
    assert offered(CA5=(2, 4)) == offered() | {"SCM", "SDID"}


def test_every_criterion_has_a_short_name_of_its_own():
    names = [item.name for item in RUBRIC.criteria]
    assert len(set(names)) == 25
    assert max(map(len, names)) < 30
