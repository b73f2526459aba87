"""Optimal pairs and full sets under calipers, anti-exact columns and bounds, against dense solvers and enumeration."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from hubeval.errors import BadInput
from hubeval.methods.matching import Options, match
from hubeval.methods.matching.designs.distance import coordinates

CALIPERS = [
    {"caliper": {"age": 0.4}}, {"caliper": {"logit": 0.3, "age": 0.8, "distance": 0.25}},
    {"distance": "mahalanobis", "caliper": {"distance": 0.8}}, {"distance": "mahalanobis", "caliper": {"logit": 0.4, "need": 0.6}},
    {"options": Options(antiexact=("cell",))}, {"distance": "scaled-euclidean", "options": Options(antiexact=("cell",)), "exact": ["wing"]}]  # fmt: skip


def sample(seed, n=24, every=3):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"need": rng.normal(size=n), "age": rng.normal(size=n), "cell": rng.integers(0, 3, n), "wing": rng.integers(0, 2, n)})
    frame["hub"] = np.arange(n) % every == 0
    frame.loc[[0, every], ["need", "age"]] = [[-1.7, -1.5], [1.6, 1.4]]  # so that nothing divides the groups
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def table(made):
    """Distances of treated (rows) from comparison records (columns), infinite where a pair is not allowed."""
    request, study, on = made.request, made.study, made.study.treated
    if request.in_space:
        z = coordinates(study.terms, on, request.distance)
        cost = cdist(z[on], z[~on])
    else:
        cost = np.abs(made.score.value[on][:, None] - made.score.value[~on])
    allowed = study.block[on][:, None] == study.block[~on]
    for name, width in request.calipers.items():
        if name == "distance" and request.in_space:
            allowed &= cost <= width
            continue
        p = made.score.value if made.score is not None else None
        value = p if name == "distance" else np.log(p / (1 - p)) if name == "logit" else study.frame[name].to_numpy(float)
        allowed &= np.abs(value[on][:, None] - value[~on]) <= width * value.std(ddof=1)
    for name in request.options.antiexact:
        allowed &= study.frame[name].to_numpy()[on][:, None] != study.frame[name].to_numpy()[~on]
    return np.where(allowed, cost, np.inf)


@pytest.mark.parametrize("asked", CALIPERS, ids=str)
@pytest.mark.parametrize("ratio", [1, 2])
def test_pairs_are_as_many_as_can_be_and_then_nearest(good_match, asked, ratio):
    for seed in range(12):
        made = good_match(sample(seed), treated="hub", covariates=["need", "age"], method="optimal", ratio=ratio, **asked)
        cost = np.repeat(table(made), ratio, axis=0)
        big = 1e4  # a pair that is not allowed costs more than all that are
        rows, columns = linear_sum_assignment(np.where(np.isfinite(cost), cost, big))
        real = np.isfinite(cost[rows, columns])
        assert made.links.distance.size == real.sum()
        assert made.links.distance.sum() == pytest.approx(cost[rows, columns][real].sum())


@pytest.mark.parametrize("asked", CALIPERS, ids=str)
def test_full_sets_leave_out_only_whom_nobody_may_join(good_match, asked, cover):
    for seed in range(12):
        made = good_match(sample(seed), treated="hub", covariates=["need", "age"], method="full", **asked)
        cost = table(made)
        some = np.isfinite(cost)
        kept = cost[some.any(axis=1)][:, some.any(axis=0)]
        assert (made.links.weights > 0).sum() == sum(kept.shape)
        assert made.links.distance.sum() == pytest.approx(cover(kept))


def cheapest(cost, rows, columns, total=None):
    """Least cost of links with degrees inside the bounds, by trying every set of links."""
    allowed = [(i, j) for i in range(cost.shape[0]) for j in range(cost.shape[1]) if np.isfinite(cost[i, j])]
    best = np.inf
    for k in range(len(allowed) + 1) if total is None else [total]:
        for chosen in combinations(allowed, k):
            one = np.bincount([i for i, _ in chosen], minlength=cost.shape[0])
            two = np.bincount([j for _, j in chosen], minlength=cost.shape[1])
            if rows[0] <= one.min() and one.max() <= rows[1] and columns[0] <= two.min() and two.max() <= columns[1]:
                best = min(best, sum(cost[i, j] for i, j in chosen))
    return best


@pytest.mark.parametrize(("options", "rows", "columns"), [
    (Options(most=2), (1, 2), (1, 10)), (Options(fewest=0.5, most=3), (1, 3), (1, 2)), (Options(fewest=2), (2, 10), (1, 1))])
def test_bounded_sets_between_covariates_are_optimal(good_match, options, rows, columns):
    tried = 0
    for seed in range(14):
        asked = {"treated": "hub", "covariates": ["need", "age"], "method": "full", "distance": "mahalanobis"}
        frame = sample(seed, n=7, every=4 if options.fewest == 2 else 2 + seed % 2)
        best = cheapest(table(match(frame, **asked)), rows, columns)
        if not np.isfinite(best):
            with pytest.raises(BadInput, match="cannot be met among"):
                match(frame, **asked, options=options)
            continue
        made = good_match(frame, **asked, options=options)
        tried += 1
        assert made.links.distance.sum() == pytest.approx(best)
    assert tried > 5


def test_pairs_with_a_ratio_that_varies_are_optimal(good_match):
    for seed in range(6):
        frame = sample(seed, n=9, every=4)
        made = good_match(frame, treated="hub", covariates=["need", "age"], method="optimal", ratio=2,
                          distance="mahalanobis", options=Options(fewest=1, most=3))
        assert made.links.distance.sum() == pytest.approx(cheapest(table(made), (1, 3), (0, 1), total=6))
        assert made.pairs.groupby("treated").size().between(1, 3).all()


def test_a_caliper_that_allows_nobody_and_bounds_that_cannot_be(families, asked):
    with pytest.raises(BadInput, match=r"caliper: matches nobody"):
        match(families, **asked, method="full", caliper={"need": 1e-9})
    with pytest.raises(BadInput, match="antiexact: matches nobody"):
        match(families.assign(one=1), **asked, method="optimal", options=Options(antiexact=("one",)))
    with pytest.raises(BadInput, match=r"options\.fewest/most: cannot be met among"):
        match(families, **asked, method="full", caliper=0.2, options=Options(fewest=1, most=1))
    with pytest.raises(BadInput, match=r"options\.fewest/most: found 3 and 2"):
        match(families, **asked, method="optimal", ratio=2, options=Options(fewest=3))


def test_too_many_pairs_are_refused_not_tried(families, asked, monkeypatch):
    monkeypatch.setattr("hubeval.methods.matching.designs.restricted.PAIRS", 100)
    with pytest.raises(BadInput, match=r"caliper: .* pairs lie inside it \(up to 100\)"):
        match(families, **asked, method="full", caliper=0.5)
    monkeypatch.setattr("hubeval.methods.matching.designs.restricted.PAIRS", 10**6)
    monkeypatch.setattr("hubeval.methods.matching.designs.restricted.BOUNDED", 100)
    with pytest.raises(BadInput, match="pairs with bounds"):
        match(families, **asked, method="full", distance="mahalanobis", options=Options(most=9))
