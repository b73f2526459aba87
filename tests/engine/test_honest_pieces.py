"""The pieces beneath honest bounds against definitions: minimisers, corners, coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from hubeval.engine.conditional import _corners, _steps, relative_tests
from hubeval.engine.fixed_length import fixed_length, folded_quantile, lasso_path


def _covariance(k, seed):
    a = np.random.default_rng(seed).normal(size=(k, 3 * k))
    return a @ a.T / (3 * k)


@pytest.mark.parametrize("seed", range(20))
def test_every_point_of_the_path_is_a_minimum(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 12))
    q, b = _covariance(k, seed), rng.normal(size=k)
    prices, corners = lasso_path(q, b)
    assert (np.diff(prices) < 0).all()
    assert prices[-1] == 0
    np.testing.assert_allclose(corners[-1], -np.linalg.solve(q, b), atol=1e-9)
    for i in range(1, len(prices)):
        for share in (0.0, 0.3, 1.0):  # corners and points between
            price = prices[i - 1] + share * (prices[i] - prices[i - 1])
            c = corners[i - 1] + share * (corners[i] - corners[i - 1])
            pull = q @ c + b
            assert (np.abs(pull) <= price + 1e-9).all()
            on = np.abs(c) > 1e-9
            np.testing.assert_allclose(pull[on], -price * np.sign(c[on]), atol=1e-9)


@pytest.mark.parametrize("limit", [0.0, 0.05, 0.5])
def test_fixed_length_cannot_be_shortened_and_holds_its_bias(limit):
    estimate, v = np.array([0.2, -0.1, 0.3, 1.0, 1.2]), 0.05 * _covariance(5, 3)
    average = np.array([0.5, 0.5])
    found = fixed_length(estimate, v, average, limit)
    assert (found.low + found.high) / 2 == pytest.approx(found.weights @ estimate)
    half = (found.high - found.low) / 2
    assert half == pytest.approx(folded_quantile(0.95, found.bias / found.std_error) * found.std_error)
    # largest bias by linear programming over paths that bend by no more than the limit
    bend = np.delete(np.diff(np.eye(6), 2, axis=0), 3, axis=1)

    def worst(weights):
        box = linprog(-weights, A_ub=np.vstack([bend, -bend]), b_ub=np.full(8, limit), bounds=[(None, None)] * 5)
        return -box.fun

    assert worst(found.weights) == pytest.approx(found.bias, abs=1e-9)
    rng = np.random.default_rng(0)
    distance = np.array([-3.0, -2.0, -1.0])
    for _ in range(200):  # other estimators that cancel straight lines are no shorter
        step = rng.normal(size=3) * 0.05
        step -= distance * (distance @ step) / (distance @ distance)
        other = found.weights + np.concatenate([step, [0, 0]])
        error = np.sqrt(other @ v @ other)
        assert folded_quantile(0.95, worst(other) / error) * error >= half - 1e-9


@pytest.mark.parametrize("average", [np.array([1.0, 0.0, 0.0]), np.array([1 / 3] * 3), np.array([0.0, 1.0, -1.0])])
def test_the_corners_give_the_least_violation(average):
    # the statistic is a linear programme over the nuisance; its dual's corners are written down, not searched
    rng = np.random.default_rng(1)
    before, after, limit = 2, 3, 1.5
    v, estimate = 0.1 * _covariance(5, 4), rng.normal(size=5)
    steps = _steps(before, after)
    bound = limit * steps[1]
    rows = np.vstack([steps[before:] - bound, -steps[before:] - bound])
    error = np.sqrt(np.diag(rows @ v @ rows.T))
    corners = _corners(average, error)
    # directions that leave the average alone
    nuisance = np.linalg.svd(average[None, :])[2][1:].T
    for theta in (-1.0, 0.0, 2.0):
        y = rows @ estimate - rows[:, before:] @ average / (average @ average) * theta
        x = rows[:, before:] @ nuisance
        primal = linprog(np.array([1.0, 0, 0]), A_ub=-np.column_stack([error, x]), b_ub=-y, bounds=[(None, None)] * 3)
        assert (corners @ y).max() == pytest.approx(primal.fun, abs=1e-9)


def test_the_relative_test_holds_its_level_at_the_edge():
    # trend as large as allowed, in the direction that hurts: the true value must be kept 95% of the time, and a
    # little more, for a value is kept if any pattern of the largest step keeps it
    rng = np.random.default_rng(2)
    v = 0.01 * _covariance(4, 5)
    deviation = np.array([0.0, -1.0, 1.0, 2.0])  # a step of 1 before the start, and one of the same size after it
    root = np.linalg.cholesky(v)
    kept = 0
    for _ in range(200):
        tests = relative_tests(deviation + root @ rng.normal(size=4), v, np.array([1.0, 0.0]), 1.0)
        kept += any(not test.rejects(np.zeros(1))[0] for test in tests)
    assert 0.93 <= kept / 200 <= 0.995
