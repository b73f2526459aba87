"""Sentences of a verdict: each is said where it is true and nowhere else."""

from __future__ import annotations

import pytest

from hubeval.data.checks import check
from hubeval.errors import BadInput
from hubeval.profile import CRITERIA, DESIGNS, Profile, parse_profile
from hubeval.protocol import read_protocol
from hubeval.readiness import assess, compare, load_rubric
from hubeval.readiness.verdict import COUNTERFACTUAL, decide, told

RUBRIC = load_rubric()
WANT = "no design has a credible comparison"


def test_no_single_answer_outside_comparison_is_called_a_want_of_comparison():
    for name in set(CRITERIA) - set(COUNTERFACTUAL) - {"IM1"}:
        for level in (1, 2, 3, 4):
            levels = {**dict.fromkeys(CRITERIA, (1, 4)), "IM1": (4, 4), name: (level, level)}
            verdict = decide(RUBRIC, levels)
            said = " ".join(told(RUBRIC, verdict))
            assert WANT not in said
            if verdict.reading == "designs closed":
                assert RUBRIC[name].label in said


@pytest.mark.parametrize("name", ["IM2", "TO2", "TO4", "DS4", "ST1", "ST2", "GE1", "GE2"])
def test_what_closes_every_design_is_named(area, name):
    readiness = area(rest=4, **{name: 1 if name in {"GE1", "GE2"} else 2})
    assert readiness.reading == "designs closed"
    assert f"What closes them: {RUBRIC[name].label}." in readiness.because
    assert WANT not in str(readiness)


def test_a_want_of_comparison_is_said_where_it_closes_every_design(area):
    readiness = area(rest=4, CA1=1, CA2=3, ST3=2)
    assert WANT in readiness.because[0]
    assert not any("What closes them" in line for line in readiness.because)


def test_one_phrase_does_not_make_a_quasi_experiment_the_right_route(area):
    readiness = area(IM1=(3, 4))
    assert readiness.status == "provisional"
    assert "could be the right route" in readiness.because[0]
    assert "Something is known of 1 of 25 criteria." in readiness.because
    assert "is the right route" not in str(readiness)


def test_the_top_of_a_range_is_explained_where_it_decides(area):
    rest = {name: 4 for name in CRITERIA if name != "TO2"}
    closed = area(**rest, TO2=(2, 2))
    said = [line for line in closed.because if "was read as level 2 at most" in line]
    assert len(said) == 1
    assert said[0].startswith(RUBRIC["TO2"].label)
    assert "level 2 to 4" in said[0]
    assert "quasi-experimental (provisional)" in said[0]
    for other in (area(**rest, TO2=(2, 4)), area(**rest, TO2=4), area()):
        assert not any("at most" in line for line in other.because)


def test_a_range_that_could_not_change_the_verdict_is_not_said_to_decide(area):
    readiness = area(rest=4, DS4=2, GE1=1)
    assert not any("at most" in line for line in readiness.because)


def test_comparison_names_what_parts_two_verdicts(fact):
    one = Profile(area="A", assessor="Ann", facts=(fact("IM1", 3, 4), fact("DS1", 3, 3)))
    other = Profile(area="A", assessor="Bea", facts=(fact("IM1", 1, 2), fact("DS1", 1, 2)))
    found = compare(one, other)
    assert found.parted_by == ("IM1",)
    assert "What parts the verdicts: IM1." in str(found)
    assert compare(one, one).parted_by == ()
    assert "parts the verdicts" not in str(compare(one, one))


def test_where_no_single_criterion_parts_two_verdicts_the_set_is_named(fact):
    four = [fact(name, 4, 4) for name in CRITERIA if name not in {"CA1", "CA2", "ST3"}]
    good = [fact(name, 4, 4) for name in ("CA1", "CA2", "ST3")]
    bad = [fact("CA1", 1, 1), fact("CA2", 3, 3), fact("ST3", 2, 2)]
    one = Profile(area="A", assessor="Ann", facts=(*four, *good))
    other = Profile(area="A", assessor="Bea", facts=(*four, *bad))
    assert set(compare(one, other).parted_by) == {"CA1", "CA2", "ST3"}
    assert assess(one).route != assess(other).route


def test_low_power_of_one_design_does_not_close_the_others(fact):
    rest = tuple(fact(name, 4, 4) for name in CRITERIA if name != "ST1")
    low = fact("ST1", 1, 1, kind="data", design="DiD")
    readiness = assess(Profile(area="A", facts=(*rest, low)))
    assert readiness.design("DiD").closed_by == ("ST1",)
    assert {d.design for d in readiness.designs if "ST1" in d.closed_by} == {"DiD"}
    assert "For DiD alone: level 1" in readiness.finding("ST1").because
    everywhere = assess(Profile(area="A", facts=(*rest, fact("ST1", 1, 1, kind="data"))))
    assert all("ST1" in d.closed_by for d in everywhere.designs)
    assert "alone" not in everywhere.finding("ST1").because


def test_a_fact_of_one_design_travels_through_a_saved_profile_and_a_wrong_name_is_refused(fact):
    profile = Profile(area="A", facts=(fact("ST1", 1, 1, design="DiD"), fact("IM1", 3, 4)))
    saved = profile.to_dict()
    assert "design" not in saved["facts"][1]
    assert parse_profile(saved).facts == profile.facts
    saved["facts"][0]["design"] = "Did"
    with pytest.raises(BadInput, match="Did you mean 'DiD'"):
        parse_profile(saved)


def test_the_designs_a_fact_may_name_are_those_of_the_model():
    assert set(DESIGNS) == {rule.id for rule in RUBRIC.designs}


def test_a_file_without_comparison_closes_only_the_design_it_was_checked_for(root):
    protocol = read_protocol(root / "designs" / "hub-series" / "protocol-alone.toml")
    found = check(protocol, root / "designs" / "hub-series" / protocol.data.file)
    own = {fact.criterion: fact.design for fact in found.facts}
    assert own["CA1"] == "ITS"
    assert own["DS2"] == ""
