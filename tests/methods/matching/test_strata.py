"""Cells: exact, coarsened exact and subclasses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.matching import Options, match


def test_exact_cells_agree_on_everything(good_match, families):
    made = good_match(families, treated="hub", covariates=["area", "lone"], method="exact")
    together = families.assign(stratum=made.strata).dropna().groupby("stratum")
    assert together[["area", "lone"]].nunique().eq(1).all().all()


def test_coarsened_cells_follow_the_cut_points(good_match, families):
    made = good_match(families, treated="hub", covariates=["age", "lone"], method="coarsened",
                      options=Options(bins={"age": (1.0, 2.5), "lone": 0}))
    cell = np.searchsorted([1.0, 2.5], families.age, side="right") * 2 + families.lone
    assert families.assign(stratum=made.strata, cell=cell).dropna().groupby("cell").stratum.nunique().eq(1).all()
    assert made.strata.nunique() == len(set(cell))


def test_one_to_one_thinning_is_even(good_match, families, asked):
    made = good_match(families, **asked, method="coarsened", options=Options(one_to_one=True, bins={"need": 4, "age": 3}))
    counts = made.sample.set_index("sample").loc["matched"]
    assert counts.comparison == counts.treated > 0


@pytest.mark.parametrize("estimand", ["ATT", "ATC", "ATE"])
def test_subclasses_hold_equal_shares_of_their_group(good_match, families, asked, estimand):
    made = good_match(families, **asked, method="subclass", estimand=estimand, options=Options(subclasses=5))
    group = {"ATT": families.hub == 1, "ATC": families.hub == 0, "ATE": families.hub >= 0}[estimand]
    sizes = made.strata[group].value_counts()
    assert len(sizes) == 5
    assert sizes.max() - sizes.min() <= 2


def test_a_class_without_one_group_takes_its_nearest(good_match, families, asked):
    """Twenty classes leave some without a treated record at first; every class ends with both groups."""
    made = good_match(families, **asked, method="subclass", estimand="ATE", options=Options(subclasses=20))
    assert made.strata.nunique() == 20
    assert (made.links.weights > 0).all()


def test_too_many_classes_are_refused(families, asked):
    with pytest.raises(BadInput, match="cannot each hold both groups"):
        match(families, **asked, method="subclass", estimand="ATE", options=Options(subclasses=399))


def test_no_common_cell_is_refused(families):
    apart = families.assign(age=families.age + 10 * families.hub)
    with pytest.raises(BadInput, match="no cell holds both"):
        match(apart, treated="hub", covariates=["age"], method="exact")


def test_an_empty_class_takes_the_nearest_record_whatever_the_order_of_the_file():
    """One class has no treated record: the one that moves in is the nearest by score, not the first in the file."""
    rng = np.random.default_rng(2)
    treated = np.r_[np.zeros(60, dtype=int), np.ones(20, dtype=int)]
    score = np.r_[np.linspace(0.02, 0.6, 60), rng.uniform(0.2, 0.7, 20)]
    frame = pd.DataFrame({"t": treated, "x": rng.normal(size=80), "score": score}, index=[f"r{i}" for i in range(80)])
    for seed in range(4):
        shuffled = frame.sample(frac=1, random_state=seed)
        made = match(shuffled, treated="t", covariates=["x"], method="subclass", distance="score", estimand="ATC", options=Options(subclasses=5))
        moved = made.strata[(made.strata == 0) & (shuffled.t == 1)].index
        assert list(moved) == [frame.score[frame.t == 1].idxmin()]
