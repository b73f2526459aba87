"""Ties, rare levels and survey weights: what the order of the rows, a level of two records or a design weight may not decide."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.matching import Options, effect, match
from hubeval.methods.matching.checks.ties import ties
from hubeval.methods.matching.designs.evened import even


@pytest.fixture
def tied():
    """Two covariates of three values each, so that nearly every record has equals."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"id": np.arange(300), **{c: rng.integers(0, 3, 300) for c in "ab"}})
    frame["z"] = rng.random(300) < 0.2 + 0.1 * frame.a
    return frame.assign(y=frame.a + rng.normal(size=300))


def difference(made, estimator="difference"):
    return effect(made, outcome="y", estimator=estimator)[0]


@pytest.mark.parametrize("unit", ["id", None])
@pytest.mark.parametrize("asked", [
    {}, {"replace": True}, {"method": "optimal"}, {"method": "full"}, {"distance": "mahalanobis", "order": "smallest"},
    {"method": "coarsened", "options": Options(one_to_one=True)}, {"order": "closest", "caliper": 0.2}],
    ids=["nearest", "again", "optimal", "full", "space", "thinned", "closest"])
def test_the_order_of_the_rows_decides_nothing(tied, unit, asked):
    frame = tied if unit else tied.drop(columns="id")
    found = []
    for seed in range(3):
        shuffled = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
        found.append(difference(match(shuffled, treated="z", covariates=["a", "b"], unit=unit, **asked)))
    assert len({round(e.estimate, 9) for e in found}) == 1
    assert len({round(e.std_error, 9) for e in found}) == 1


def test_rows_break_ties_only_where_they_are_asked_to(tied):
    twins = pd.DataFrame({"z": [1, 0, 0, 1, 0, 0], "a": [1.0, 1.0, 1.0, 5.0, 4.0, 0.0]})
    made = match(twins, treated="z", covariates=["a"], options=Options(ties="rows"))
    assert made.pairs.comparison.tolist()[0] == 1
    with pytest.raises(BadInput, match="ties"):
        match(tied, treated="z", covariates=["a"], method="entropy", options=Options(ties="rows"))


def test_a_wide_range_over_ties_is_said(tied):
    made = match(tied, treated="z", covariates=["a", "b"], unit="id")
    found = ties(made, difference(made), difference)
    assert found.status == "caution"
    assert "8 other lots" in found.reading
    rng = np.random.default_rng(1)
    made = match(tied.assign(a=rng.normal(size=300)), treated="z", covariates=["a"], unit="id")
    assert ties(made, difference(made), difference) is None


def test_full_matching_makes_as_many_sets_as_equals_allow(tied):
    made = match(tied, treated="z", covariates=["a"], method="full")
    cells = tied.groupby("a").z.agg(["sum", "size"])
    assert made.strata.nunique() == int(np.minimum(cells["sum"], cells["size"] - cells["sum"]).sum())
    assert made.pairs.distance.max() == 0
    assert made.strata.notna().all()


def test_even_sets_keep_their_links_to_other_values_and_the_total_distance():
    rng = np.random.default_rng(3)
    for _ in range(30):
        mine, theirs = (rng.integers(0, 4, (n, 1)).astype(float) for n in (12, 20))
        cost = np.abs(mine - theirs.T)
        one, two = cost.argmin(axis=0), np.arange(20)  # stars about treated records
        a, b, after = even(mine, theirs, one, two, cost[one, two])
        assert after.sum() == cost[one, two].sum()
        assert np.array_equal(np.abs(mine[a, 0] - theirs[b, 0]), after)
        assert set(b) == set(range(20))
        assert set(a) >= set(one)
        degree = np.bincount(a, minlength=12), np.bincount(b, minlength=20)
        assert not ((degree[0][a] > 1) & (degree[1][b] > 1)).any()


@pytest.mark.parametrize("link", ["logit", "probit"])
@pytest.mark.parametrize("level", ["aa", "zz"], ids=["set against", "other"])
def test_a_level_of_two_records_in_one_group_does_not_stop_the_score(link, level):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=300), "k": rng.choice(["bb", "cc", "dd"], 300)})
    frame["z"] = rng.random(300) < 1 / (1 + np.exp(1 - frame.x))
    frame["y"] = frame.x + rng.normal(size=300)
    frame.loc[frame.index[~frame.z][:2], "k"] = level
    made = match(frame, treated="z", covariates=["x", "k"], distance=link)
    (said,) = [n for n in made.not_computed if f"k={level}" in n.what]
    assert "2 comparison records" in said.reason
    assert f"k={level}" in made.balance().term.tolist()
    assert effect(made, outcome="y", seed=1)[0].std_error > 0


def test_groups_told_apart_by_more_than_a_rare_level_have_no_score():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=300), "k": np.repeat(["a", "b", "c"], 100)})
    frame["z"] = (frame.k == "c") | (rng.random(300) < 0.3) & (frame.k == "b")
    with pytest.raises(BadInput, match="predicts treatment perfectly") as said:
        match(frame, treated="z", covariates=["x", "k"], caliper=0.2)
    assert "ridge" not in str(said.value)
    assert "Widen" not in str(said.value)


@pytest.mark.parametrize("group", ["treated", "comparison"])
@pytest.mark.parametrize("asked", [{"method": "entropy"}, {"method": "cbps"}, {"method": "nearest", "distance": "cbps", "replace": True}], ids=["entropy", "cbps", "pairs"])
def test_a_level_of_one_record_does_not_stop_balancing_weights(asked, group):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=300), "k": rng.choice(["bb", "cc", "dd"], 300)})
    frame["z"] = rng.random(300) < 1 / (1 + np.exp(1 - frame.x))
    frame.loc[frame.index[frame.z == (group == "treated")][:1], "k"] = "zz"
    made = match(frame, treated="z", covariates=["x", "k"], estimand="ATT" if group == "treated" else "ATC", **asked)
    (said,) = [n for n in made.not_computed if "k=zz" in n.what]
    assert f"1 {group} record and no others" in said.reason
    assert np.isfinite(made.weights).all()
    assert "k=zz" in made.balance().term.tolist()


@pytest.mark.parametrize("asked", [{}, {"method": "entropy"}, {"method": "cbps"}, {"distance": "mahalanobis"}], ids=["logit", "entropy", "cbps", "space"])
@pytest.mark.parametrize("level", ["aa", "zz"], ids=["set against", "other"])
def test_a_level_that_is_all_treated_is_named(asked, level):
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=300), "k": rng.choice(["bb", "cc"], 300)})
    frame["z"] = rng.random(300) < 0.4
    frame.loc[frame.index[frame.z][:40], "k"] = level
    with pytest.raises(BadInput, match=f"k={level}") as said:
        match(frame, treated="z", covariates=["x", "k"], **asked)
    assert "Leave it out" in str(said.value)


def test_weights_from_a_ridge_score_balance_like_those_of_a_plain_one():
    """On folds they left three times the difference; a straight line needs no folds."""
    rng = np.random.default_rng(4)
    x = np.sqrt(0.3) * rng.normal(size=(500, 1)) + np.sqrt(0.7) * rng.normal(size=(500, 6))
    frame = pd.DataFrame(x, columns=list("abcdef")).assign(z=rng.random(500) < 1 / (1 + np.exp(1 - x.sum(axis=1) / 3)))
    left = {d: match(frame, treated="z", covariates=list("abcdef"), method="inverse-probability", distance=d).balance()
            for d in ("logit", "ridge")}
    worst = {d: table.set_index("term").smd_after.drop("distance").abs().max() for d, table in left.items()}
    assert worst["ridge"] < worst["logit"] + 0.05


SURVEY = [("A", 1, 80, 1.0), ("A", 0, 200, 4.0), ("B", 1, 80, 4.0), ("B", 0, 200, 1.0)]


@pytest.fixture
def surveyed():
    """The outcome hangs on the cell alone: a right weighting finds nothing, whatever the survey weights."""
    rows = [(float(k == "B"), z, s, 10.0 * (k == "B")) for k, z, n, s in SURVEY for _ in range(n)]
    frame = pd.DataFrame(rows, columns=["x", "z", "s", "y"])
    return frame.assign(y=frame.y + np.random.default_rng(0).normal(size=len(frame)) * 0.01)


@pytest.mark.parametrize("estimand", ["ATT", "ATC", "ATE"])
@pytest.mark.parametrize("asked", [{"method": "exact"}, {"method": "subclass", "options": Options(subclasses=2)}, {"method": "full"}],
                         ids=["exact", "subclass", "full"])
def test_survey_weights_that_differ_by_treatment_in_a_cell(surveyed, estimand, asked):
    made = match(surveyed, treated="z", covariates=["x"], weights="s", estimand=estimand, **asked)
    assert abs(made.balance().set_index("term").smd_after["x"]) < 1e-9
    assert abs(difference(made).estimate) < 0.02


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("estimator", ["difference", "regression"])
def test_survey_weights_that_differ_inside_a_pair(surveyed, again, estimator):
    made = match(surveyed, treated="z", covariates=["x"], weights="s", exact=["x"], replace=again)
    assert abs(difference(made, estimator).estimate) < 0.02
