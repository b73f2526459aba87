"""Evidence is weighed in ranges; numbers equal Bayes by definition and the urn of Lopez and Bowers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubeval.errors import BadInput
from hubeval.theory.tracing import Evidence, update, urn_odds, urn_p_value


def one(sensitivity, type_one, **more):
    return Evidence(label="e", sensitivity=sensitivity, type_one=type_one, **more)


def test_posteriors_equal_bayes_by_definition(reference):
    for case in reference("tracing.json")["bayes"]:
        item = one((case["sens"],) * 2, (case["typeI"],) * 2)
        found = update([item], account="a", prior=(case["prior"],) * 2)
        assert found.posterior == pytest.approx((case["post"],) * 2, abs=1e-9)


def test_urn_p_values_equal_drbristol_on_48_settings(reference):
    grid = reference("tracing.json")["urn"]
    assert len(grid) == 48
    for case in grid:
        found = urn_p_value(case["obs_support"], case["total_obs"], odds=case["odds"])
        assert found == pytest.approx(case["p"], abs=1e-9)


def test_urn_with_one_double_weight_equals_drbristol(reference):
    value = reference("tracing.json")["urn_weights_7_of_10_first_double"]
    assert urn_p_value(7, 10, weights=(2, 1, 1, 1, 1, 1, 1)) == pytest.approx(value, abs=1e-9)


def test_urn_odds_bring_the_p_value_to_the_threshold():
    assert urn_p_value(7, 10, odds=urn_odds(7, 10)) == pytest.approx(0.05, abs=1e-9)
    assert urn_odds(3, 6) is None


@pytest.mark.parametrize(("sensitivity", "type_one", "kind"), [
    ((0.95, 0.98), (0.5, 0.6), "hoop"), ((0.3, 0.4), (0.01, 0.02), "smoking gun"),
    ((0.95, 0.98), (0.01, 0.02), "doubly decisive"), ((0.6, 0.7), (0.5, 0.6), "straw in the wind"),
    ((0.3, 0.4), (0.02, 0.2), "straw in the wind, perhaps smoking gun"),
])
def test_the_kind_of_test_follows_from_the_ranges(sensitivity, type_one, kind):
    assert one(sensitivity, type_one).kind() == kind


def test_a_failed_hoop_hurts_and_a_missing_smoking_gun_hardly_does():
    hoop = update([one((0.95, 0.98), (0.5, 0.6), found=False)], account="a").posterior
    gun = update([one((0.2, 0.3), (0.01, 0.02), found=False)], account="a").posterior
    assert hoop[1] < 0.15
    assert gun[0] > 0.40


spans = st.tuples(st.floats(0.02, 0.98), st.floats(0.02, 0.98)).map(lambda s: (min(s), max(s)))
items = st.lists(st.builds(one, spans, spans, found=st.booleans()), min_size=1, max_size=4)


@given(items, spans)
def test_the_interval_holds_every_answer_from_inside_the_ranges(evidence, prior):
    found = update(evidence, account="a", prior=prior)
    for pick in (0, 1):
        ratio = 1.0
        for item in evidence:
            p, q = item.sensitivity[pick], item.type_one[1 - pick]
            ratio *= p / q if item.found else (1 - p) / (1 - q)
        middle = prior[pick] * ratio / (prior[pick] * ratio + 1 - prior[pick])
        assert found.posterior[0] - 1e-9 <= middle <= found.posterior[1] + 1e-9


@given(items)
def test_grouping_evidence_never_narrows_the_interval(evidence):
    apart = update(evidence, account="a").posterior
    together = update([one(e.sensitivity, e.type_one, found=e.found, group="g") for e in evidence], account="a").posterior
    assert together[0] <= apart[0] + 1e-12
    assert together[1] >= apart[1] - 1e-12


def test_the_prior_needed_to_be_convinced_does_convince():
    evidence = [one((0.6, 0.8), (0.1, 0.2)), one((0.5, 0.7), (0.1, 0.3))]
    low, high = update(evidence, account="a").prior_needed
    assert update(evidence, account="a", prior=(low, low)).posterior[1] == pytest.approx(0.95)
    assert update(evidence, account="a", prior=(high, high)).posterior[0] == pytest.approx(0.95)


def test_leaving_out_the_only_package_leaves_the_prior():
    found = update([one((0.9, 0.95), (0.1, 0.2), group="g"), one((0.9, 0.95), (0.1, 0.2), group="g")], account="a")
    assert found.without == (("g", (0.5, 0.5)),)
    assert found.to_table().rows[0][1].startswith("doubly decisive") or found.to_table().rows[0][1]


@pytest.mark.parametrize(("call", "line"), [
    (lambda: update([one((0.5, 1.2), (0.1, 0.2))], account="a"), "sensitivity: found 0.5 to 1.2"),
    (lambda: update([one(0.8, (0.1, 0.2))], account="a"), "a range of two numbers"),
    (lambda: update([one((0.8, 0.6), (0.1, 0.2))], account="a"), "is crossed"),
    (lambda: update([one((0.8, 0.9), (0, 0.2))], account="a"), "no room for doubt"),
    (lambda: update([], account="a"), "evidence: none given"),
    (lambda: update([one((0.8, 0.9), (0.1, 0.2))], account=" "), "account: is empty"),
    (lambda: urn_p_value(2, 9), "7 rival observations against 2"),
    (lambda: urn_p_value(3, 3, odds=0), "odds: found 0"),
    (lambda: urn_p_value(3, 3, weights=(1,)), "3 whole numbers"),
])
def test_bad_input_is_one_clear_line(call, line):
    with pytest.raises(BadInput, match=line):
        call()
