"""MatchIt 4.5.1 on random data: weights, pairs and balance, with and without survey weights.

Made with `matchit()` and `summary()` in the order of the data. Matching on the score is held to MatchIt given a matrix of score
differences: on the score itself that version does not take the nearest record left (brute force, and 4.7.2, do).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.matching import Options

CASES = json.loads(Path(__file__).with_name("random_matchit451.json").read_text(encoding="utf-8"))["cases"]
COLUMNS = ("mean_treated_after", "mean_comparison_after", "smd_after", "variance_ratio_after", "ks_after")


@pytest.mark.parametrize("number", range(len(CASES)))
def test_same(good_match, number):
    case = CASES[number]
    asked = dict(case["asked"])
    anti = asked.pop("antiexact", ())
    made = good_match(pd.DataFrame(case["data"]), treated="t", **asked, options=Options(antiexact=anti, ties="rows" if asked["method"] == "nearest" else "lot"))
    if "weights" in asked:
        as_by_definition(made, np.array(case["weights"]))
        return
    np.testing.assert_allclose(made.links.weights, case["weights"], atol=1e-7)
    if "pairs" in case:
        ours = made.pairs.groupby("treated").comparison.agg(sorted).to_dict()
        assert ours == dict(case["pairs"])
    table = made.balance().set_index("term")
    for term, row in case.get("balance", {}).items():
        for column, value in zip(COLUMNS, row, strict=True):
            if value is not None:
                assert table.loc[term, column] == pytest.approx(value, rel=1e-6, abs=1e-7), (term, column)


def as_by_definition(made, theirs):
    """MatchIt counts cells by heads even where records carry survey weights: the same cells, and within them the same weights.

    Ours give either group, by survey weights, the estimand's share of every cell, which heads do not.
    """
    study, cell, ours = made.study, made.links.stratum, made.links.weights
    assert ((ours > 0) == (theirs > 0)).all()
    for number in np.unique(cell[cell >= 0]):
        sums = []
        for side in (study.treated, ~study.treated):
            here = side & (cell == number)
            assert np.ptp(ours[here] / theirs[here]) < 1e-9
            sums.append(made.analysis_weights[here].sum() / made.analysis_weights[side].sum())
        assert sums[0] == pytest.approx(sums[1], abs=1e-9)
