"""Fewer, larger groups where these keep more: bins of few go with the next, and of months it is said what quarters keep."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.data.behind import Behind
from hubeval.data.names import NOBODY
from hubeval.release.coarser import coarser, merged_neighbours
from hubeval.release.marks import figure
from hubeval.release.profiles import release_profile
from hubeval.release.rules import Rules


def rules(profile="ons", **behind):
    made = Behind(kind="person", declared=True, n_units=200, **behind)
    return Rules(profile=release_profile(profile), behind=made, cases=NOBODY)


def drawn(x, y, n, *, name="means-y", holds="mean", style="points", x_label="score"):
    series = {"label": "mean", "x": x, "y": y, "low": [], "high": [], "style": style, "holds": holds, "n": n, "of": ""}
    return {"name": name, "title": "", "x_label": x_label, "y_label": "points", "series": [series], "marks": [],
            "ticks": [], "horizontal": False, "text": "Means by score."}  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_bins_of_few_go_with_the_next_and_no_one_is_lost(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(0, 25, 12).tolist()
    y = rng.normal(5, 2, 12).tolist()
    _, mean, size = merged_neighbours(list(map(float, range(12))), y, n, 10)
    assert min(size) >= 10
    assert sum(size) == sum(n)
    assert np.isclose(np.dot(mean, size), np.dot(y, n))


def test_where_a_bin_was_withheld_it_now_stands_with_its_neighbour():
    made = figure(drawn([10.0, 20.0, 30.0], [1.2345, 2.3456, 3.4567], [40, 4, 30]), at := rules())
    (series,) = made["series"]
    assert (series["y"], series["n"]) == ([1.0, 3.0], [34, 34])
    assert all(len(f"{x:g}") <= 4 for x in series["x"])
    assert made["text"] == "Means by score."
    assert [one.action for one in at.log] == ["merged", "shown"]


def test_of_too_few_in_all_bins_together_nothing_stands():
    assert figure(drawn([10.0, 20.0], [1.0, 2.0], [3, 4]), rules()) is None


def test_bins_of_enough_stay_as_they_are():
    value = drawn([10.0, 20.0], [1.0, 2.0], [30, 40])
    assert coarser(value, rules()) == value


def test_what_quarters_would_keep_is_said_where_months_are_withheld_and_only_then():
    rng = np.random.default_rng(1)
    few, many = rng.poisson(8, 60).astype(float).tolist(), rng.poisson(90, 60).astype(float).tolist()
    x = list(map(float, range(60)))
    for counts, unit, said in ((few, "month", True), (many, "month", False), (few, "quarter", False)):
        at = rules()
        figure(drawn(x, counts, counts, name="series-y", holds="count", x_label=unit), at)
        asked = [one for one in at.asks if "quarters could be shown" in one]
        assert bool(asked) == said
        if said:
            assert "of 60 months of a series of counts are withheld" in asked[0]
            assert "20 of 20 quarters" in asked[0]
