"""Optimal and full matching proved optimal against general solvers on thousands of small instances."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linear_sum_assignment, linprog

from hubeval.engine.line_transport import MANY, degrees, links, stars
from hubeval.methods.matching import Options

BOUNDLESS = 10**6


def on_line(x, treated, low, high):
    """Cost and links of the line solver."""
    order = np.argsort(x, kind="stable")
    s, supply = x[order], np.where(treated[order], 1, -1).astype(np.int64)
    pick = [np.where(supply > 0, a, b).astype(np.int64) for a, b in (low, high)]
    degree, feasible = degrees(np.diff(s), supply, *pick)
    one, two = links(supply, degree)
    return s, one, two, feasible


@pytest.mark.parametrize("ties", [False, True])
def test_pairs_are_optimal(ties):
    rng = np.random.default_rng(11)
    for _ in range(1500):
        n1, k = int(rng.integers(1, 8)), int(rng.integers(1, 4))
        n0 = int(rng.integers(n1 * k, n1 * k + 8))
        x = rng.integers(0, 12, n1 + n0).astype(float) if ties else rng.normal(size=n1 + n0)
        treated = np.arange(n1 + n0) < n1
        s, one, two, feasible = on_line(x, treated, (k, 0), (k, 1))
        cost = np.repeat(np.abs(x[:n1, None] - x[None, n1:]), k, axis=0)
        best = cost[linear_sum_assignment(cost)].sum()
        assert feasible
        assert one.size == n1 * k
        assert np.unique(two).size == two.size
        assert (np.bincount(one)[np.unique(one)] == k).all()
        assert np.abs(s[one] - s[two]).sum() == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("most", [(BOUNDLESS, BOUNDLESS), (3, 2), (1, 4), (2, 2)])
def test_full_sets_are_optimal(most):
    rng = np.random.default_rng(12)
    for rep in range(250):
        n1, n0 = rng.integers(1, 8, 2)
        x = rng.integers(0, 12, n1 + n0).astype(float) if rep % 2 else rng.normal(size=n1 + n0)
        treated = np.arange(n1 + n0) < n1
        s, one, two, feasible = on_line(x, treated, (1, 1), tuple(MANY if m == BOUNDLESS else m for m in most))
        rows, columns = np.kron(np.eye(n1), np.ones(n0)), np.kron(np.ones(n1), np.eye(n0))
        answer = linprog(np.abs(x[:n1, None] - x[None, n1:]).ravel(), A_ub=np.vstack([-rows, -columns, rows, columns]),
                         b_ub=np.r_[-np.ones(n1 + n0), np.full(n1, most[0]), np.full(n0, most[1])], bounds=(0, 1))
        assert feasible == (answer.status == 0)
        if feasible:
            keep = stars(one, two, s.size)
            one, two = one[keep], two[keep]
            assert np.unique(np.r_[one, two]).size == n1 + n0  # nobody is left out
            degree = np.bincount(np.r_[one, two])
            assert np.minimum(degree[one], degree[two]).max() == 1  # every set is a star
            assert np.abs(s[one] - s[two]).sum() == pytest.approx(answer.fun, abs=1e-8)


def sample(seed, n=26):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"need": rng.normal(size=n), "age": rng.normal(size=n), "cell": rng.integers(0, 2, n)})
    frame["hub"] = np.arange(n) % 3 == 0
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def test_full_matching_between_covariates_is_optimal(good_match, cover):
    from scipy.spatial.distance import cdist

    from hubeval.methods.matching.designs.distance import coordinates

    for seed in range(40):
        made = good_match(sample(seed), treated="hub", covariates=["need", "age"], method="full", distance="mahalanobis")
        z = coordinates(made.study.terms, made.study.treated, "mahalanobis")
        best = cover(cdist(z[made.study.treated], z[~made.study.treated]))
        assert made.links.distance.sum() == pytest.approx(best)
        assert made.sample.set_index("sample").loc["unmatched"].eq(0).all()


def test_full_matching_within_a_caliper_is_optimal(good_match, cover):
    for seed in range(40):
        made = good_match(sample(seed), treated="hub", covariates=["need", "age"], method="full", caliper=0.15, caliper_scale="raw")
        p, on = made.score.value, made.study.treated
        cost = np.abs(p[on][:, None] - p[~on][None])
        cost[cost > 0.15] = np.inf
        some = np.isfinite(cost)
        kept = cost[some.any(axis=1)][:, some.any(axis=0)]
        assert made.links.distance.sum() == pytest.approx(cover(kept))
        assert (made.links.weights > 0).sum() == some.any(axis=1).sum() + some.any(axis=0).sum()


def test_pair_matching_between_covariates_is_optimal_within_cells(good_match, families, asked):
    made = good_match(families, **asked, method="optimal", distance="mahalanobis", exact=["lone"])
    greedy = good_match(families, **asked, method="nearest", distance="mahalanobis", order="data", exact=["lone"])
    assert made.links.distance.sum() < greedy.links.distance.sum()


def test_optimal_never_loses_to_greedy(good_match, families, asked):
    best = good_match(families, **asked, method="optimal").links.distance.sum()
    for order in ("largest", "smallest", "closest", "farthest", "data"):
        assert best <= good_match(families, **asked, order=order).links.distance.sum() + 1e-12


def test_full_matching_keeps_its_bounds(good_match, families, asked):
    made = good_match(families, **asked, method="full", options=Options(fewest=1 / 3, most=5))
    per_set = made.pairs.groupby("stratum").agg(one=("treated", "nunique"), two=("comparison", "nunique"))
    assert (per_set.two / per_set.one).between(1 / 3, 5).all()


def test_full_matching_leaves_a_lonely_cell_unmatched(good_match, families, asked):
    alone = families.assign(cell=np.where((families.hub == 0) & (families.need < 0), 1, 0))
    made = good_match(alone, **asked, method="full", exact=["cell"])
    assert made.weights[alone.cell == 1].eq(0).all()
    assert made.sample.set_index("sample").loc["unmatched", "comparison"] == (alone.cell == 1).sum()
