"""Truth tables and minimisation: what must hold for any data, checked by brute force; and what is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubeval.errors import BadInput
from hubeval.theory import qca
from hubeval.theory.qca.search import _smallest
from hubeval.theory.qca.table import chance_of_no_contradiction


def table(rows, levels=(2, 2, 2), **more):
    """A crisp table with output 1 in the configurations of `rows`, 0 or no case elsewhere."""
    cases = [(*config, value) for config, value in rows.items()]
    frame = pd.DataFrame(cases * 3, columns=[*"ABCDE"[: len(levels)], "Y"])
    return qca.truth_table(frame, outcome="Y", conditions=list("ABCDE"[: len(levels)]), **more)


def brute(rows, solution):
    """Every smallest set of prime implicants, by trying all sets of all terms."""
    k = len(next(iter(rows)))
    corners = list(product((0, 1), repeat=k))
    positive = {c for c in corners if rows.get(c) == 1}
    usable = positive | ({c for c in corners if c not in rows} if solution == "parsimonious" else set())

    def cover(term):
        return {c for c in corners if all(t in {-1, v} for t, v in zip(term, c, strict=True))}

    implicants = [t for t in product((-1, 0, 1), repeat=k) if cover(t) <= usable and cover(t) & positive]
    primes = [t for t in implicants if not any(cover(t) < cover(o) for o in implicants)]
    for size in range(1, len(primes) + 1):
        found = [set(s) for s in combinations(primes, size) if positive <= set().union(*map(cover, s))]
        if found:
            names = "ABCDE"
            return {frozenset("*".join(("" if v else "~") + names[j] for j, v in enumerate(t) if v != -1) for t in s)
                    for s in found}
    return set()


assignments = st.dictionaries(st.tuples(*[st.integers(0, 1)] * 3), st.integers(0, 1), min_size=2).filter(
    lambda rows: len(set(rows.values())) == 2)


@given(assignments, st.sampled_from(["conservative", "parsimonious"]))
@settings(deadline=None, max_examples=150)
def test_models_equal_a_brute_force_search(rows, solution):
    found = qca.minimise(table(rows), solution=solution)
    assert {frozenset(model.terms) for model in found.models} == brute(rows, solution)


@given(assignments)
@settings(deadline=None, max_examples=60)
def test_a_model_covers_every_positive_row_and_no_negative_one(rows):
    for solution in ("conservative", "parsimonious"):
        for model in qca.minimise(table(rows), solution=solution).models:
            assert model.fit.consistency == pytest.approx(1)
            assert model.fit.coverage == pytest.approx(1)


def test_reordering_cases_and_conditions_changes_nothing():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(rng.integers(0, 2, (24, 4)), columns=list("ABCY"))
    plain = qca.minimise(qca.truth_table(frame, outcome="Y", conditions=list("ABC"), consistency=0.6))
    turned = qca.minimise(qca.truth_table(frame.sample(frac=1, random_state=1), outcome="Y", conditions=list("CAB"),
                                          consistency=0.6))
    spread = [{frozenset(frozenset(t.split("*")) for t in m.terms) for m in s.models} for s in (plain, turned)]
    assert spread[0] == spread[1]


def test_building_a_table_leaves_the_frame_alone():
    frame = pd.DataFrame({"A": [1, 0], "Y": [1, 0]})
    before = frame.copy()
    qca.minimise(qca.truth_table(frame, outcome="Y", conditions=["A"]))
    pd.testing.assert_frame_equal(frame, before)


def test_lipset_intermediate_solution_warns_of_contradictory_assumptions(shared):
    frame = pd.read_csv(shared("reference/theory/qca/LF.csv"), index_col=0)
    built = qca.truth_table(frame, outcome="SURV", conditions=["DEV", "URB", "LIT", "IND", "STB"])
    short = qca.minimise(built, solution="parsimonious")
    assert str(short) == "M1: DEV*~IND + URB*STB => SURV"
    assert short.contradictory_assumptions == (10, 12, 14, 16, 17, 21, 25, 29)
    middle = qca.minimise(built, solution="intermediate", expectations=["DEV", "URB", "LIT", "IND", "STB"])
    assert set(middle.models[0].terms) == {"DEV*URB*LIT*STB", "DEV*LIT*~IND*STB"}
    assert not middle.contradictory_assumptions


def test_expectations_are_read_in_every_written_form():
    frame = pd.DataFrame([(1, 1, 1), (0, 0, 0), (0, 1, 0)], columns=["A", "B", "Y"])
    built = qca.truth_table(frame, outcome="Y", conditions=["A", "B"])
    forms = ({"A": 1, "B": 0}, {"A": [1], "B": [0]}, ["A", "~B"])
    assert len({str(qca.minimise(built, solution="intermediate", expectations=form)) for form in forms}) == 1


def test_robustness_ranges_hold_inside_and_break_outside():
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.uniform(0.02, 0.48, (30, 3)) + 0.5 * rng.integers(0, 2, (30, 3)), columns=["A", "B", "Y"])
    frame["Y"] = np.clip(np.minimum(frame["A"], frame["B"]) + 0.05, 0, 1)
    built = qca.truth_table(frame, outcome="Y", conditions=["A", "B"])
    found = qca.robustness(built)
    same = str(qca.minimise(built))

    def at(cut):
        return qca.truth_table(frame, outcome="Y", conditions=["A", "B"], consistency=cut)

    assert str(qca.minimise(at(found.consistency.low + 1e-6))) == same
    assert str(qca.minimise(at(found.consistency.high))) == same
    if found.consistency.low > 0:
        assert str(qca.minimise(at(found.consistency.low - 1e-6))) != same


def test_anchor_ranges_contain_the_anchor_used():
    raw = np.array([1.0, 2, 3, 4, 6, 7, 8, 9])
    anchors = (1, 5, 9)
    frame = pd.DataFrame({"A": qca.calibrate(raw, anchors=anchors), "Y": [0.1, 0.1, 0.2, 0.3, 0.8, 0.9, 0.9, 0.95]})
    built = qca.truth_table(frame, outcome="Y", conditions=["A"])
    same = str(qca.minimise(built))

    def models(points):
        moved = pd.DataFrame({"A": qca.calibrate(raw, anchors=points), "Y": frame["Y"]})
        try:
            return str(qca.minimise(qca.truth_table(moved, outcome="Y", conditions=["A"])))
        except BadInput:
            return ""

    cross = qca.anchor_ranges(built, raw, condition="A", anchors=anchors)[1]
    assert cross.low < 5 < cross.high
    assert models((1, cross.low, 9)) == models((1, cross.high, 9)) == same
    assert models((1, cross.low - 0.16, 9)) != same


def test_chance_of_no_contradiction_equals_a_simulation():
    rng = np.random.default_rng(2)
    n, size, positive = 10, 16, 4
    clear = 0
    for _ in range(20_000):
        cells = rng.integers(0, size, n)
        clear += not set(cells[:positive]) & set(cells[positive:])
    assert chance_of_no_contradiction(n, size, positive / n) == pytest.approx(clear / 20_000, abs=0.015)


def test_the_table_says_how_far_cases_carry_conditions():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame(rng.integers(0, 2, (12, 6)), columns=list("ABCDEY"))
    load = qca.truth_table(frame, outcome="Y", conditions=list("ABCDE")).load
    assert load.status == "caution"
    assert "32 configurations; 12 cases" in load.reading


FRAME = pd.DataFrame({"A": [0.9, 0.2, 0.8], "B": [0.1, 0.7, 0.6], "Y": [0.9, 0.1, 0.3]})


@pytest.mark.parametrize(("change", "line"), [
    ({"outcome": "y"}, "no column 'y'"), ({"conditions": ["A", "C"]}, "no column 'C'"),
    ({"conditions": ["A", "Y"]}, "is the outcome too"), ({"conditions": []}, "conditions: found none"),
    ({"consistency": 1.2}, "consistency: found 1.2"), ({"frequency": 0}, "frequency: found 0"),
    ({"frame": FRAME.assign(A=[0.5, 0.2, 0.8])}, "1 cases are at exactly 0.5"),
    ({"frame": FRAME.assign(A=[1.5, 0.2, 0.8])}, "values run from 0.2 to 1.5"),
    ({"frame": FRAME.assign(A=[None, 0.2, 0.8])}, "1 of 3 cases have no value"),
    ({"frame": FRAME.iloc[:0]}, "holds no cases"),
    ({"frame": FRAME.assign(A=["high", "low", None])}, "A: 2 of 3 values are not numbers"),
    ({"frame": FRAME.assign(A=pd.array([1, None, 0], dtype="Int64"))}, "A: 1 of 3 cases have no value"),
    ({"frame": pd.concat([FRAME, FRAME[["A"]]], axis=1)}, "columns named twice: A"),
])
def test_bad_tables_are_one_clear_line(change, line):
    call = {"frame": FRAME, "outcome": "Y", "conditions": ["A", "B"], **change}
    with pytest.raises(BadInput, match=line):
        qca.truth_table(call.pop("frame"), **call)


def test_too_many_conditions_are_refused_with_the_number_that_would_do():
    frame = pd.DataFrame(np.random.default_rng(1).integers(0, 2, (6, 8)), columns=list("ABCDEFGY"))
    with pytest.raises(BadInput, match=r"7 conditions make 128 configurations for 6 cases .*5 two-level"):
        qca.truth_table(frame, outcome="Y", conditions=list("ABCDEFG"))


@pytest.mark.parametrize(("given", "line"), [
    ({"solution": "complex"}, "solution: found 'complex'"),
    ({"solution": "intermediate"}, "expectations: none given"),
    ({"solution": "parsimonious", "expectations": ["A"]}, "do nothing for the parsimonious"),
    ({"solution": "intermediate", "expectations": ["Q"]}, "no condition 'Q'"),
    ({"solution": "intermediate", "expectations": {"A": 4}}, "A has no level 4"),
])
def test_bad_minimisations_are_one_clear_line(given, line):
    built = table({(1, 1, 1): 1, (0, 0, 0): 0})
    with pytest.raises(BadInput, match=line):
        qca.minimise(built, **given)


def test_no_positive_row_says_the_highest_consistency():
    with pytest.raises(BadInput, match="highest consistency is 0"):
        qca.minimise(table({(1, 1, 1): 0, (0, 0, 0): 0}))


@pytest.mark.parametrize(("given", "line"), [
    ({"anchors": [1, 5, 3]}, "anchors cross: exclusion, crossover, inclusion are 1, 5, 3"),
    ({"anchors": [1, 5]}, "found 2"), ({"anchors": [1, 2, 3, 6, 5, 7], "method": "linear"}, "anchors cross"),
    ({"anchors": [3, 1], "method": "crisp"}, "cut points are 3, 1"),
    ({"anchors": [1, 2, 3], "method": "fuzzy"}, "method: found 'fuzzy'"),
    ({"anchors": [1, 2, 3], "below": 2}, "do nothing under method 'logistic'"),
    ({"anchors": [1, 2, 3], "inclusion": 95}, "inclusion: found 95"),
])
def test_bad_calibrations_are_one_clear_line(given, line):
    with pytest.raises(BadInput, match=line):
        qca.calibrate([1, 2, 3], **given)


def test_a_gap_in_the_raw_measure_is_counted_not_scored():
    with pytest.raises(BadInput, match="1 of 3 values are missing"):
        qca.calibrate([1, float("nan"), 3], anchors=[1, 2, 3])


def test_noise_with_too_many_stories_is_refused_and_does_not_hang():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.integers(0, 2, (60, 9)), columns=list("ABCDEFGHY"))
    built = qca.truth_table(frame, outcome="Y", conditions=list("ABCDEFGH"))
    with pytest.raises(BadInput, match="8 conditions leave more than 5000 minimal models"):
        qca.minimise(built, solution="parsimonious")


@given(st.lists(st.integers(1, 255), min_size=1, max_size=7))
@settings(deadline=None, max_examples=150)
def test_every_smallest_cover_is_found_once(columns):
    found = list(_smallest(columns, 0, best := next(
        size for size in range(1, 9) if any(all(sum(1 << p for p in pick) & c for c in columns)
                                            for pick in combinations(range(8), size))), [10_000]))
    expected = {sum(1 << p for p in pick) for pick in combinations(range(8), best)
                if all(sum(1 << p for p in pick) & c for c in columns)}
    assert sorted(found) == sorted(expected)


def test_infinite_memberships_are_refused_and_one_case_can_be_left_out():
    from hubeval.theory.qca.table import truth_table

    frame = pd.DataFrame({"A": [1.0, 0.0], "B": [0.0, 1.0], "Y": [1.0, 0.0]})
    with pytest.raises(BadInput, match="infinite"):
        truth_table(frame.assign(A=[float("inf"), 0.0]), outcome="Y", conditions=["A", "B"])
    sets = truth_table(frame.iloc[:1], outcome="Y", conditions=["A"]).sets
    none = replace(sets, x=tuple(x[:, :0] for x in sets.x), y=sets.y[:0], cases=())
    assert none.corners().shape == (2, 0)
