"""Greedy matching against a slow reading of its definition, on many small made-up samples."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.matching import Options

SETTINGS = [
    {},
    {"order": "smallest"},
    {"order": "data"},
    {"ratio": 2},
    {"replace": True, "ratio": 3},
    {"caliper": 0.1},
    {"caliper": {"distance": 0.3, "age": 0.5}},
    {"exact": ["cell"]},
    {"options": Options(antiexact=("cell",))},
    {"caliper": 0.2, "replace": True},
    {"caliper": {"logit": 0.2}, "options": Options(antiexact=("cell",))},
]


def slow(frame, made):
    """Pairs by looking at every comparison record for every treated one; scores are distinct, so no ties."""
    ask = made.request
    score = made.scores.to_numpy()
    treated = np.flatnonzero(frame.hub == 1)
    rest = np.flatnonzero(frame.hub == 0)
    order = {"largest": treated[np.argsort(-score[treated])], "smallest": treated[np.argsort(score[treated])], "data": treated}[ask.order]
    free, pairs = set(rest), []
    values = {"distance": score, "logit": np.log(score / (1 - score)), "age": frame.age.to_numpy()}

    def fits(i, j):
        if any(abs(values[k][i] - values[k][j]) > w * values[k].std(ddof=1) for k, w in ask.calipers.items()):
            return False
        cell = frame.cell.to_numpy()
        return not (ask.exact and cell[i] != cell[j]) and not (ask.options.antiexact and cell[i] == cell[j])

    for _ in range(1 if ask.replace else ask.ratio):
        for i in order:
            could = sorted((abs(score[i] - score[j]), j) for j in (rest if ask.replace else free) if fits(i, j))
            for _, j in could[: ask.ratio if ask.replace else 1]:
                pairs.append((i, j))
                free.discard(j)
    return sorted(pairs)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_pairs_are_those_of_the_definition(good_match, setting):
    for seed in range(12):
        rng = np.random.default_rng(seed)
        n = 60
        frame = pd.DataFrame({"need": rng.normal(size=n), "age": rng.normal(size=n), "cell": rng.integers(0, 2, n)})
        frame["hub"] = (rng.random(n) < 1 / (1 + np.exp(1.0 - frame.need))).astype(int)
        caliper = {"caliper": 5.0} if "caliper" not in setting and not setting.get("replace") else {}
        made = good_match(frame, treated="hub", covariates=["need", "age"], **caliper, **setting)
        assert sorted(zip(made.links.treated.tolist(), made.links.comparison.tolist(), strict=True)) == slow(frame, made)


def test_closest_takes_the_nearest_pair_left(good_match, families, asked):
    """Taking the smallest entry of the whole table of distances, again and again."""
    made = good_match(families, **asked, order="closest")
    score, on = made.score.value, made.study.treated
    table = np.abs(score[on][:, None] - score[~on][None])
    distances = []
    for _ in range(on.sum()):
        i, j = np.unravel_index(table.argmin(), table.shape)
        distances.append(table[i, j])
        table[i], table[:, j] = np.inf, np.inf
    np.testing.assert_allclose(np.sort(made.links.distance), np.sort(distances), atol=1e-12)


def test_farthest_serves_the_hardest_first(good_match, families, asked):
    hardest = good_match(families, **asked, order="farthest", caliper=2.0)
    easiest = good_match(families, **asked, order="closest", caliper=2.0)
    assert hardest.pairs.distance.max() <= easiest.pairs.distance.max()


def test_random_order_is_repeated_by_its_seed(good_match, families, asked):
    one, two, three = (good_match(families, **asked, order="random", seed=s).pairs for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(three)


def test_variable_ratio_keeps_its_bounds_and_total(good_match, families, asked):
    made = good_match(families, **asked, ratio=2, options=Options(fewest=1, most=4))
    count = np.bincount(made.links.treated, minlength=len(families))[families.hub.to_numpy() == 1]
    assert count.min() >= 1
    assert count.max() <= 4
    assert count.sum() == 2 * (families.hub == 1).sum()


@pytest.mark.parametrize("distance", ["mahalanobis", "robust-mahalanobis", "scaled-euclidean"])
def test_covariate_distances_stay_inside_a_score_caliper(good_match, families, asked, distance):
    good_match(families, **asked, distance=distance, caliper={"logit": 0.3})
    good_match(families, **asked, distance=distance, order="largest", exact=["area"], caliper={"score": 0.2, "age": 0.5})
    good_match(families, **asked, distance=distance, replace=True, ratio=2)


def test_space_takes_the_nearest_by_its_own_distance(good_match, families, asked):
    from hubeval.methods.matching.designs.distance import coordinates

    made = good_match(families, **asked, distance="mahalanobis", replace=True)
    z = coordinates(made.study.terms, made.study.treated, "mahalanobis")
    rest = np.flatnonzero(~made.study.treated)
    nearest = [np.linalg.norm(z[rest] - z[i], axis=1).min() for i in made.links.treated]
    np.testing.assert_allclose(made.links.distance, nearest)


def test_atc_matches_the_comparison_side(good_match, families, asked):
    made = good_match(families, **asked, estimand="ATC", replace=True)
    assert set(made.pairs.comparison) == set(families.index[families.hub == 0])


PLAIN = """
import hashlib, sys
sys.path.insert(0, "tests/methods/matching")
from conftest import make_families
from hubeval.methods.matching import Options, match
frame = make_families(300)
ask = dict(treated="hub", covariates=["need", "age", "area", "lone"])
for more in ({}, {"order": "closest"}, {"order": "farthest"}, {"replace": True, "ratio": 2},
             {"order": "random", "seed": 1}, {"order": "closest", "exact": ["lone"], "caliper": {"distance": .5, "age": .6}}, {"caliper": {"score": .1, "age": .6}},
             {"exact": ["area"], "caliper": .5}, {"distance": "mahalanobis"}, {"method": "optimal"}, {"method": "full"},
             {"method": "full", "options": Options(fewest=.2, most=6)}, {"method": "coarsened", "options": Options(one_to_one=True)}):
    made = match(frame, **ask, **more)
    print(hashlib.sha256(made.pairs.round(9).to_csv().encode()).hexdigest())
"""


def test_plain_loops_and_compiled_ones_agree(root):
    pytest.importorskip("numba")
    said = [
        subprocess.run([sys.executable, "-c", PLAIN], cwd=root, capture_output=True, text=True, check=True,
                       env={**os.environ, "PYTHONPATH": str(root), "NUMBA_DISABLE_JIT": off}).stdout
        for off in ("0", "1")]
    assert said[0] == said[1]
    assert len(set(said[0].split())) == 13
