"""Balance written out by hand, and what it must not depend on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.matching import match
from hubeval.methods.matching.checks.balance import reading


def test_by_hand(good_match, families, asked):
    made = good_match(families, **asked, caliper=0.3)
    row = made.balance().set_index("term").loc["need"]
    on, w = families.hub == 1, made.weights
    spread = families.need[on].std()
    assert row.smd_before == pytest.approx((families.need[on].mean() - families.need[~on].mean()) / spread)
    after = np.average(families.need[on], weights=w[on]) - np.average(families.need[~on], weights=w[~on])
    assert row.smd_after == pytest.approx(after / spread)
    grid = np.sort(families.need.unique())
    gaps = [abs((families.need[on] <= v).mean() - (families.need[~on] <= v).mean()) for v in grid]
    assert row.ks_before == pytest.approx(max(gaps))
    assert row.ecdf_mean_before == pytest.approx(np.mean(gaps))


def test_the_denominator_is_fixed_before_matching(good_match, families, asked):
    """The same difference in means has the same standardised size, however few records are left."""
    for caliper in (0.5, 0.05):
        row = good_match(families, **asked, caliper=caliper).balance().set_index("term").loc["need"]
        gap = row.mean_treated_after - row.mean_comparison_after
        assert gap / row.smd_after == pytest.approx(families.need[families.hub == 1].std())


def test_squares_and_interactions(good_match, families, asked):
    table = good_match(families, **asked).balance(interactions=True, squares=True)
    assert {"need²", "need × age", "need × area=east", "area=east × lone"} <= set(table.term)
    assert not {"lone²", "area=east × area=north"} & set(table.term)
    plain = good_match(families.assign(both=families.need * families.age), **asked)
    on = families.hub == 1
    product = families.need * families.age
    want = (product[on].mean() - product[~on].mean()) / product[on].std()
    assert table.set_index("term").loc["need × age"].smd_before == pytest.approx(want)
    assert plain.study.n == len(families)


def test_within_groups(good_match, families, asked):
    made = good_match(families, **asked, method="subclass")
    by_class = made.balance_by()
    assert by_class.group.nunique() == 6
    north = made.balance_by("area").query("group == 'north' and term == 'need'").iloc[0]
    inside, on = families.area == "north", families.hub == 1
    want = (families.need[inside & on].mean() - families.need[inside & ~on].mean()) / families.need[on].std()
    assert north.smd_before == pytest.approx(want)
    with pytest.raises(BadInput, match="Did you mean 'area'"):
        made.balance_by("aera")
    with pytest.raises(BadInput, match="no strata"):
        match(families, **asked, method="entropy").balance_by()


@pytest.mark.parametrize(("smd", "words"), [
    ([0.01, -0.04], "all are within 0.05"), ([0.01, 0.08], "no term differs by more than 0.1"),
    ([0.2, 0.0], "1 of 2 terms differs by more than 0.1"), ([0.2, 0.3], "1 by more than 0.25, where adjustment is not trusted")])
def test_the_reading_names_its_thresholds(smd, words):
    assert words in reading(np.array(smd))


@pytest.mark.parametrize("kind", ["ridge", "boosting", "forest", "cbps"])
def test_every_score_balances(good_match, families, asked, kind):
    made = good_match(families, **asked, distance=kind, method="full", seed=1)
    again = match(families, **asked, distance=kind, method="full", seed=1)
    pd.testing.assert_series_equal(made.scores, again.scores)
    table = made.balance().set_index("term").drop("distance")
    # a flexible cross-fitted score need not balance as a logit does; it must still bring the groups nearer
    assert table.loc["need"].smd_before > 0.3
    assert abs(table.loc["need"].smd_after) < 0.8 * table.loc["need"].smd_before
    assert made.scores.between(0, 1, inclusive="neither").all()


def test_a_score_of_ones_own(good_match, families, asked):
    first = good_match(families, **asked)
    for own in (first.scores, "mine"):
        made = good_match(families.assign(mine=first.scores), **asked, distance=own)
        pd.testing.assert_frame_equal(made.pairs, first.pairs)
    with pytest.raises(BadInput, match="missing for 5 of 400 records"):
        match(families, **asked, distance=first.scores.iloc[5:])


@pytest.mark.parametrize("method", ["exact", "coarsened", "subclass", "nearest", "full", "entropy", "inverse-probability"])
def test_no_distance_is_silently_missing(families, method):
    """A distance within pairs or cells is a number, or None with its reason said; never NaN."""
    made = match(families, treated="hub", covariates=["lone"] if method == "exact" else ["age", "lone"], method=method)
    found = made.balance().pair_distance.tolist()
    said = {note.what for note in made.not_computed}
    if method in {"entropy", "inverse-probability"}:
        assert found == [None] * len(found)
        assert "distance within pairs" in said
    else:
        assert np.isfinite(found).all()
        assert "distance within pairs" not in said
    assert made.pairs.notna().all(axis=None)
    assert made.pairs.empty == bool(said & {"a list of pairs", "distance within pairs"})


def test_distance_within_cells_is_the_mean_over_all_their_pairs(families):
    made = match(families, treated="hub", covariates=["need", "age"], method="subclass")
    apart = [
        abs(a - b)
        for _, cell in families.assign(stratum=made.strata).dropna().groupby("stratum")
        for a in cell.need[cell.hub == 1]
        for b in cell.need[cell.hub == 0]
    ]
    expected = np.mean(apart) / families.need[families.hub == 1].std()
    assert made.balance().set_index("term").pair_distance["need"] == pytest.approx(expected)


def test_shares_stay_shares_however_two_values_are_written(families, asked):
    """A column of 0 and 10 has the Kolmogorov-Smirnov distance of the same column of 0 and 1."""
    plain = match(families, **asked).balance(interactions=True).set_index("term")
    tens = match(families.assign(lone=10 * families.lone), **asked).balance(interactions=True).set_index("term")
    for column in ("ks_before", "ks_after", "ecdf_mean_before", "smd_before", "smd_after"):
        np.testing.assert_allclose(tens.loc["lone", column], plain.loc["lone", column])
        np.testing.assert_allclose(tens.loc["area=north × lone", column], plain.loc["area=north × lone", column])
    assert plain[["ks_before", "ks_after"]].max(axis=None) <= 1


def test_codes_of_one_and_two_are_not_products_of_flags(families, asked):
    coded = families.assign(lone=families.lone + 1, other=(families.age > 2) + 1)
    table = match(coded, **{**asked, "covariates": ["need", "lone", "other"]}).balance(interactions=True).set_index("term")
    assert not table.binary["lone × other"]
    assert np.isfinite(table.variance_ratio_before["lone × other"])
