"""Two assessors, and two dates: agreement counted, differences listed, disagreement kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from hubeval import files
from hubeval.errors import BadInput
from hubeval.profile import Profile, parse_profile, read_profile
from hubeval.readiness import assess, compare, diff, earlier, merge

TODAY = date(2026, 11, 22)


@pytest.fixture
def two(fact):
    one = Profile(
        area="A", assessor="Ann",
        facts=(fact("IM1", 3, 4, quote="open"), fact("TO1", 2, 4, quote="aim"), fact("DS1", 3, 3), fact("GE1", 2, 2)),
    )  # fmt: skip
    other = Profile(
        area="A", assessor="Bea",
        facts=(fact("IM1", 2, 4, quote="open"), fact("TO1", 2, 4, quote="aim"), fact("DS1", 1, 2), fact("CA3", 2, 4)),
    )  # fmt: skip
    return one, other


def test_agreement_is_told_criterion_by_criterion(two):
    comparison = compare(*two)
    kinds = {coding.criterion: coding.agreement for coding in comparison.codings if coding.agreement != "neither"}
    assert kinds == {
        "IM1": "compatible", "TO1": "same", "DS1": "contradictory", "GE1": "one only", "CA3": "one only",
    }  # fmt: skip
    assert (comparison.both, comparison.count("same")) == (3, 1)
    assert comparison.to_dict()["counts"]["contradictory"] == 1
    assert "DS1 contradictory: 3 against 1-2" in str(comparison)


def test_comparing_is_symmetric(two):
    forth, back = compare(*two), compare(*reversed(two))
    assert [c.agreement for c in forth.codings] == [c.agreement for c in back.codings]


def test_one_quote_read_twice_is_not_two_pieces_of_evidence(two):
    merged = merge(*two)
    im1 = [fact for fact in merged.facts if fact.criterion == "IM1"]
    assert [(fact.low, fact.high) for fact in im1] == [(2, 4)]
    assert "Ann reads 3-4 (fact), Bea reads 2-4 (fact)" in im1[0].note
    assert [fact.note for fact in merged.facts if fact.criterion == "TO1"] == [""]


def test_different_quotes_that_contradict_stay_a_conflict(two):
    assert assess(merge(*two), today=TODAY).finding("DS1").status == "conflict"


def test_merging_keeps_what_either_knew(two):
    merged = merge(*two)
    assert {fact.criterion for fact in merged.facts} == {"IM1", "TO1", "DS1", "GE1", "CA3"}
    assert merged.assessor == "Ann and Bea"


def test_merging_with_oneself_changes_no_verdict(root):
    for folder in ("essex", "suffolk", "sefton"):
        profile = read_profile(root / "designs" / folder / "profile.toml")
        merged = merge(profile, profile)
        assert merged.facts == profile.facts
        assert assess(merged, today=TODAY).findings == assess(profile, today=TODAY).findings


def test_a_merged_profile_is_read_again_from_its_json(two, tmp_path):
    merged = merge(*two)
    path = tmp_path / "merged.json"
    path.write_text(files.to_json(merged.to_dict()), encoding="utf-8")
    assert replace(read_profile(path, today=TODAY), sha256="") == merged


def test_two_areas_are_not_compared_nor_merged(two):
    for act in (compare, merge):
        with pytest.raises(BadInput, match="the same area in both"):
            act(two[0], replace(two[1], area="B"))


def test_a_diff_says_what_was_found_out_built_and_lost(area):
    before, after = area(IM1=2, TO1=3, GE3=3), area(IM1=3, TO1=1, GE3=3, CA3=4)
    change = diff(before, after)
    assert change.verdicts == ("theory-based, with foundations", "theory-based (evaluability work first)")
    assert (change.built, change.answered, change.lost) == (("IM1",), ("CA3",), ("TO1",))
    assert [coding.criterion for coding in change.criteria] == ["IM1", "TO1", "CA3"]
    assert "Built: IM1." in str(change)


def test_a_diff_with_itself_is_empty(area):
    readiness = area(IM1=3)
    assert str(diff(readiness, readiness)).endswith("Nothing has changed.")
    assert diff(readiness, readiness).criteria == ()


def test_a_late_reassessment_is_said(fact):
    profile = Profile(area="A", facts=(fact("IM1", 1, 1),))
    late = diff(assess(profile, today=date(2024, 1, 1)), assess(profile, today=TODAY))
    assert late.overdue
    assert not diff(assess(profile, today=date(2026, 10, 1)), assess(profile, today=TODAY)).overdue


def test_the_last_assessment_is_read_from_saved_json_or_from_an_older_profile(root, tmp_path):
    path = root / "designs" / "suffolk" / "profile.toml"
    was = assess(read_profile(path), today=date(2026, 1, 5))
    saved = tmp_path / "last.json"
    saved.write_text(json.dumps([was.to_dict()]), encoding="utf-8")
    again = earlier(saved, "Suffolk")
    assert (again.assessed, again.route, again.findings) == (was.assessed, was.route, was.findings)
    assert earlier(path, "Suffolk").route == was.route
    with pytest.raises(BadInput, match="no assessment of 'Essex'"):
        earlier(saved, "Essex")


def test_a_profile_goes_to_json_and_back(root):
    for path in sorted((root / "designs").glob("*/profile.toml")):
        profile = read_profile(path)
        again = parse_profile(json.loads(json.dumps(profile.to_dict())))
        assert replace(again, sha256=profile.sha256) == profile


def test_where_assessors_differ_on_the_kind_the_weaker_counts(fact):
    for ours, theirs in (("label", "fact"), ("fact", "label")):
        one = Profile(area="A", facts=(fact("IM1", 3, 4, kind=ours, quote="open"),))
        other = Profile(area="A", facts=(fact("IM1", 3, 4, kind=theirs, quote="open"),))
        assert [item.kind for item in merge(one, other).facts] == ["label"]
