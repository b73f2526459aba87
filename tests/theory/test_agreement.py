"""Agreement coefficients equal outside packages'; what is undefined is said, not computed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from hubeval.errors import BadInput
from hubeval.result import NotComputed
from hubeval.theory import agreement


def test_alpha_equals_the_canonical_values(reference):
    canonical = reference("agreement.json")["canonical"]
    for level, value in canonical["alpha"].items():
        found = agreement.alpha(canonical["data"], level=level, draws=0)
        assert found.estimate.estimate == pytest.approx(value, abs=1e-9)


def test_alpha_equals_forty_seeded_tables_at_three_levels(reference):
    tables = reference("agreement.json")["alpha"]
    assert len(tables) == 40
    for table in tables:
        for level, value in table["alpha"].items():
            found = agreement.alpha(table["data"], level=level, draws=0).estimate
            assert found.estimate == pytest.approx(value, abs=1e-9)


def test_ac1_its_error_and_interval_equal_irrcac_to_its_printed_decimals(reference):
    for table in reference("agreement.json")["ac1"]:
        found = agreement.ac1(table["data"]).estimate
        assert found.estimate == pytest.approx(table["gwet_ac1"], abs=6e-6)
        assert found.std_error == pytest.approx(table["gwet_se"], abs=6e-6)
        assert (found.conf_low, found.conf_high) == pytest.approx(tuple(table["ci"]), abs=6e-6)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_equals_scikit_learn(weights):
    rng = np.random.default_rng(5)
    for _ in range(25):
        first = rng.integers(0, 4, 30)
        second = np.where(rng.random(30) < 0.6, first, rng.integers(0, 4, 30))
        theirs = cohen_kappa_score(first, second, weights=None if weights == "none" else weights)
        ours = agreement.cohen(first.tolist(), second.tolist(), weights=weights, draws=0).estimate.estimate
        assert ours == pytest.approx(theirs, abs=1e-12)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=3, max_size=20), st.permutations("abc")
)
@settings(deadline=None, max_examples=40)
def test_renaming_codes_and_swapping_coders_change_nothing(pairs, names):
    renamed = dict(zip("abc", names, strict=True))
    plain = agreement.alpha(list(zip(*pairs, strict=True)), draws=0).estimate
    turned = agreement.alpha([[renamed[b] for _, b in pairs], [renamed[a] for a, _ in pairs]], draws=0).estimate
    if isinstance(plain, NotComputed):
        assert isinstance(turned, NotComputed)
    else:
        assert turned.estimate == pytest.approx(plain.estimate)


def test_the_bootstrap_interval_covers_the_true_alpha_about_as_often_as_it_says():
    rng = np.random.default_rng(11)

    def draw(n):
        truth = rng.random(n) < 0.5
        return [np.where(rng.random(n) < 0.85, truth, ~truth).astype(int).tolist() for _ in range(2)]

    target = agreement.alpha(draw(200_000), draws=0).estimate.estimate
    hits = 0
    for seed in range(60):
        found = agreement.alpha(draw(60), draws=300, seed=seed).estimate
        hits += found.conf_low <= target <= found.conf_high
    assert hits >= 51  # 60 draws at a true 0.95 fall below 51 once in 5,000 times


def test_agreement_by_default_is_not_computed_where_chance_is_undefined():
    found = agreement.alpha([[1, 1, 1], [1, 1, 1]])
    assert isinstance(found.estimate, NotComputed)
    assert found.observed == 1
    assert isinstance(agreement.cohen([1, 1], [1, 1]).estimate, NotComputed)
    assert isinstance(agreement.ac1([[1, 1], [1, 1]]).estimate, NotComputed)


def test_the_same_seed_gives_the_same_interval():
    table = [[1, 2, 1, 2, 3, 1], [1, 2, 2, 2, 3, 3]]
    assert agreement.alpha(table) == agreement.alpha(table)


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: agreement.alpha([1, 2, 3]), "one row for each of two or more coders"),
        (lambda: agreement.alpha([["a", "b"], ["a", "b"]], level="ordinal"), "hold words at level 'ordinal'"),
        (lambda: agreement.alpha([[1, None], [None, 2]]), "no unit is coded by two coders"),
        (lambda: agreement.alpha([[1, 2], [1, 2]], level="nominl"), "Did you mean 'nominal'"),
        (lambda: agreement.cohen([1, 2], [1]), "1 units against 2"),
        (lambda: agreement.cohen([1, 2, None], [1, 2, 2]), "1 units lack a code"),
        (lambda: agreement.alpha([[1, 2], [1, 2]], draws=5), "draws: found 5"),
    ],
)
def test_bad_input_is_one_clear_line(call, line):
    with pytest.raises(BadInput, match=line):
        call()


@pytest.mark.parametrize("ratings", [[[], []], [[1], [0]], [[1, 2], [1, None]]])
def test_fewer_than_two_units_coded_twice_are_refused(ratings):
    for measure in (agreement.alpha, agreement.ac1):
        with pytest.raises(BadInput, match="unit is coded by two coders"):
            measure(ratings)


def test_infinite_ratings_have_no_distance():
    with pytest.raises(BadInput, match="infinite"):
        agreement.alpha([[1.0, np.inf, 2.0], [1.0, 2.0, 2.0]], level="interval")
