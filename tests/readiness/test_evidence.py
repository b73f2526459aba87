"""Facts intersect; contradictions show; checks on data overrule claims; old facts are told from fresh ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from hubeval.profile import Fact, Profile
from hubeval.readiness import assess
from hubeval.readiness.evidence import is_stale, spans, weigh


def test_ranges_intersect(fact):
    found = weigh([fact("IM1", 1, 3), fact("IM1", 2, 4)])["IM1"]
    assert (found.low, found.high, found.conflict) == (2, 3, ())


def test_nothing_known_is_every_level(fact):
    assert (weigh([])["IM1"].low, weigh([])["IM1"].high, weigh([])["IM1"].grade) == (1, 4, 0)


def test_a_contradiction_returns_to_unknown_and_shows_both_quotes(fact, today):
    facts = (fact("IM1", 3, 4, quote="mature"), fact("IM1", 1, 2, quote="just begun"), fact("IM1", 2, 3, quote="some"))
    finding = assess(Profile(area="A", facts=facts), today=today).finding("IM1")
    assert finding.status == "conflict"
    assert (finding.low, finding.high) == (1, 4)
    assert "“mature”" in finding.because
    assert "“just begun”" in finding.because
    assert "some" not in finding.because
    assert finding.to_fix.startswith("Settle which source is right")


def test_a_check_on_data_overrules_the_claim_and_says_so(fact, today):
    facts = (fact("DS2", 4, 4, quote="ten years of data"), fact("DS2", 1, 2, kind="data", quote="2 periods found"))
    readiness = assess(Profile(area="A", facts=facts), today=today)
    finding = readiness.finding("DS2")
    assert (finding.low, finding.high, finding.grade) == (1, 2, 4)
    assert "Overruled by a check on data: “ten years of data”" in finding.because
    assert any("overrules “ten years of data”" in caution for caution in readiness.cautions)


def test_a_claim_that_fits_the_check_still_narrows_it(fact):
    found = weigh([fact("DS2", 2, 4, kind="data"), fact("DS2", 3, 4)])["DS2"]
    assert (found.low, found.high, found.overruled) == (3, 4, ())


def test_claims_that_contradict_one_another_leave_the_check_standing(fact):
    found = weigh([fact("DS2", 2, 4, kind="data"), fact("DS2", 4, 4), fact("DS2", 2, 3)])["DS2"]
    assert (found.low, found.high, found.conflict) == (2, 4, ())


def test_checks_that_contradict_one_another_are_a_conflict(fact):
    found = weigh([fact("DS2", 3, 4, kind="data"), fact("DS2", 1, 2, kind="data"), fact("DS2", 3, 3)])["DS2"]
    assert [item.kind for item in found.conflict] == ["data", "data"]


def test_the_grade_is_the_best_that_supports_the_same_range_alone(fact):
    label, told = fact("IM1", 3, 4, kind="label"), fact("IM1", 3, 4)
    assert weigh([label, told])["IM1"].grade == 2
    assert weigh([fact("IM1", 4, 4, kind="label"), told])["IM1"].grade == 1


def test_a_fact_is_old_after_three_years_at_the_best_reading_of_its_date(fact):
    made = fact("IM1", 3, 4)
    assert is_stale(replace(made, dated="2023-11-21"), 3, date(2026, 11, 22))
    assert not is_stale(replace(made, dated="2023-11-22"), 3, date(2026, 11, 22))
    assert not is_stale(replace(made, dated="2023"), 3, date(2026, 11, 22))


def test_an_old_fact_is_marked_and_changes_no_verdict(fact, today):
    fresh = Profile(area="A", facts=(fact("IM1", 3, 4),))
    old = Profile(area="A", facts=(replace(fact("IM1", 3, 4), dated="2019"),))
    assert assess(old, today=today).route == assess(fresh, today=today).route
    assert assess(old, today=today).finding("IM1").stale
    assert not assess(fresh, today=today).finding("IM1").stale
    assert any("1 of 1 facts are more than 3 years old" in caution for caution in assess(old, today=today).cautions)


ONE = st.builds(
    lambda criterion, pair, kind: Fact(
        criterion=criterion, low=min(pair), high=max(pair), kind=kind, quote="q", source="s", dated="2026"
    ),
    st.sampled_from(["IM1", "DS2"]),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.sampled_from(["label", "fact", "document", "data"]),
)


@given(st.lists(ONE, max_size=6), st.randoms())
def test_the_order_of_facts_does_not_matter(facts, random):
    shuffled = random.sample(facts, len(facts))
    assert spans(facts) == spans(shuffled)


@given(st.lists(ONE, max_size=6))
def test_telling_a_fact_twice_changes_nothing(facts):
    assert spans([*facts, *facts]) == spans(facts)


@given(st.lists(ONE, max_size=6))
def test_levels_and_evidence_agree(facts):
    weighed = weigh(facts)
    assert {name: (item.low, item.high) for name, item in weighed.items()} == spans(facts)
    assert all(1 <= item.low <= item.high <= 4 for item in weighed.values())
