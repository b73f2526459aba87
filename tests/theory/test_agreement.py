"""Agreement coefficients equal outside packages'; what is undefined is said, not computed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from hubeval.errors import BadInput
from hubeval.result import NotComputed
from hubeval.theory import agreement


def test_alpha_equals_the_canonical_values(reference):
    canonical = reference("agreement.json")["canonical"]
    for level, value in canonical["alpha"].items():
        found = agreement.alpha(canonical["data"], level=level)
        assert found.estimate.estimate == pytest.approx(value, abs=1e-9)


def test_alpha_equals_forty_seeded_tables_at_three_levels(reference):
    tables = reference("agreement.json")["alpha"]
    assert len(tables) == 40
    for table in tables:
        for level, value in table["alpha"].items():
            found = agreement.alpha(table["data"], level=level).estimate
            assert found.estimate == pytest.approx(value, abs=1e-9)


def test_ac1_and_its_error_equal_irrcac_to_its_printed_decimals(reference):
    for table in reference("agreement.json")["ac1"]:
        found = agreement.ac1(table["data"]).estimate
        assert found.estimate == pytest.approx(table["gwet_ac1"], abs=6e-6)
        assert found.std_error == pytest.approx(table["gwet_se"], abs=6e-6)
        units = sum(any(v is not None and v == v for v in codes) for codes in zip(*table["data"], strict=True))  # noqa: PLR0124
        half = stats.t.ppf(0.975, units - 1) * found.std_error
        assert (found.estimate - half, min(1, found.estimate + half)) == pytest.approx(tuple(table["ci"]), abs=2e-5)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_equals_scikit_learn(weights):
    rng = np.random.default_rng(5)
    for _ in range(25):
        first = rng.integers(0, 4, 30)
        second = np.where(rng.random(30) < 0.6, first, rng.integers(0, 4, 30))
        theirs = cohen_kappa_score(first, second, weights=None if weights == "none" else weights)
        ours = agreement.cohen(first.tolist(), second.tolist(), weights=weights).estimate.estimate
        assert ours == pytest.approx(theirs, abs=1e-12)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=3, max_size=20), st.permutations("abc")
)
@settings(deadline=None, max_examples=40)
def test_renaming_codes_and_swapping_coders_change_nothing(pairs, names):
    renamed = dict(zip("abc", names, strict=True))
    plain = agreement.alpha(list(zip(*pairs, strict=True))).estimate
    turned = agreement.alpha([[renamed[b] for _, b in pairs], [renamed[a] for a, _ in pairs]]).estimate
    if isinstance(plain, NotComputed):
        assert isinstance(turned, NotComputed)
    else:
        assert turned.estimate == pytest.approx(plain.estimate)


def drawn(rng, units, agree, share, coders=2, codes=2):
    """Codes that are the same draw with probability `agree` and separate draws else: every coefficient's truth."""
    chances = [share, *[(1 - share) / (codes - 1)] * (codes - 1)]
    together = rng.random(units) < agree
    one = rng.choice(codes, units, p=chances)
    return [np.where(together, one, rng.choice(codes, units, p=chances)).tolist() for _ in range(coders)]


@pytest.mark.parametrize(("units", "agree", "share", "coders", "codes"), [
    (8, 0.8, 0.5, 2, 2), (12, 0.95, 0.5, 2, 2), (12, 0.8, 0.2, 2, 2), (20, 0.95, 0.4, 2, 4), (20, 0.8, 0.5, 3, 2),
    (60, 0.7, 0.5, 2, 2),
])
def test_the_interval_holds_with_few_units_and_when_all_agree(units, agree, share, coders, codes):
    rng = np.random.default_rng([units, coders, codes])
    held, known = 0, 0
    for _ in range(300):
        ratings = drawn(rng, units, agree, share, coders, codes)
        found = agreement.alpha(ratings).estimate
        if isinstance(found, NotComputed):
            continue
        known += 1
        held += found.conf_low <= agree <= found.conf_high
        assert found.conf_low < found.conf_high
        if coders == 2:
            kappa = agreement.cohen(*ratings).estimate
            assert kappa.conf_low < kappa.estimate <= kappa.conf_high
    assert held / known >= 0.93


def test_all_agreed_is_never_an_interval_of_one_to_one():
    same = [["a", "b", "a", "b", "a"]] * 2
    for found in (agreement.alpha(same), agreement.ac1(same), agreement.cohen(*same)):
        assert found.estimate.estimate == pytest.approx(1)
        assert found.estimate.conf_high == pytest.approx(1)
        assert found.estimate.conf_low < 0.2
    many = [["a", "b"] * 60] * 2
    assert 0.9 < agreement.alpha(many).estimate.conf_low < 0.97


def test_agreement_by_default_is_not_computed_where_chance_is_undefined():
    found = agreement.alpha([[1, 1, 1], [1, 1, 1]])
    assert isinstance(found.estimate, NotComputed)
    assert found.observed == 1
    assert isinstance(agreement.cohen([1, 1], [1, 1]).estimate, NotComputed)
    assert isinstance(agreement.ac1([[1, 1], [1, 1]]).estimate, NotComputed)


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: agreement.alpha([1, 2, 3]), "one row for each of two or more coders"),
        (lambda: agreement.alpha([["a", "b"], ["a", "b"]], level="ordinal"), "hold words at level 'ordinal'"),
        (lambda: agreement.alpha([[1, None], [None, 2]]), "no unit is coded by two coders"),
        (lambda: agreement.alpha([[1, 2], [1, 2]], level="nominl"), "Did you mean 'nominal'"),
        (lambda: agreement.cohen([1, 2], [1]), "1 units against 2"),
        (lambda: agreement.cohen([1, 2, None], [1, 2, 2]), "1 units lack a code"),
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
