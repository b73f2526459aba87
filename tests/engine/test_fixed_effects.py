"""Two-way effects against dummy-variable least squares, balanced, unbalanced, weighted and disconnected."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.engine.fixed_effects import two_way


def _dummies(codes):
    return (codes[:, None] == np.arange(codes.max() + 1)).astype(float)


def _draw(seed, drop=0.3, weighted=True):
    rng = np.random.default_rng(seed)
    unit, time = (a.ravel() for a in np.meshgrid(np.arange(12), np.arange(5), indexing="ij"))
    keep = rng.random(60) > drop
    unit, time = np.unique(unit[keep], return_inverse=True)[1], np.unique(time[keep], return_inverse=True)[1]
    weights = rng.uniform(0.5, 2, keep.sum()) if weighted else None
    return unit, time, weights, rng.normal(size=(keep.sum(), 2))


@pytest.mark.parametrize(("drop", "weighted"), [(0.0, False), (0.0, True), (0.4, False), (0.4, True)])
def test_residuals_equal_dummy_regression(drop, weighted):
    unit, time, weights, values = _draw(3, drop, weighted)
    z = np.hstack([_dummies(unit), _dummies(time)])
    root = np.ones(len(unit)) if weights is None else np.sqrt(weights)
    coef = np.linalg.lstsq(z * root[:, None], values * root[:, None], rcond=None)[0]
    effects = two_way(unit, time, weights)
    np.testing.assert_allclose(effects.residuals(values), values - z @ coef, atol=1e-11)
    np.testing.assert_allclose(effects.residuals(values[:, 0]), effects.residuals(values)[:, 0], atol=1e-14)
    assert effects.rank == np.linalg.matrix_rank(z)


def test_a_full_grid_takes_the_short_way_to_the_same_answer():
    unit, time, _, values = _draw(4, 0.0, weighted=False)
    order = np.random.default_rng(0).permutation(len(unit))
    short, long = two_way(unit, time), two_way(unit[order], time[order])
    assert short.table is None
    assert long.table is not None
    assert short.rank == long.rank
    np.testing.assert_allclose(short.residuals(values)[order], long.residuals(values[order]), atol=1e-12)
    by_unit, by_time = np.zeros((12, 1)), np.zeros((5, 1))
    by_unit[3], by_time[2] = 1.0, 1.0
    np.testing.assert_allclose(short.spread(by_unit, by_time)[order], long.spread(by_unit, by_time), atol=1e-12)


def test_disconnected_parts_are_counted_and_still_exact():
    unit = np.array([0, 0, 1, 1, 2, 2, 3, 3])
    time = np.array([0, 1, 0, 1, 2, 3, 2, 3])
    y = np.random.default_rng(0).normal(size=8)
    effects = two_way(unit, time)
    assert effects.components == 2
    z = np.hstack([_dummies(unit), _dummies(time)])
    np.testing.assert_allclose(effects.residuals(y), y - z @ np.linalg.lstsq(z, y, rcond=None)[0], atol=1e-12)


def test_spread_represents_combinations_of_effects():
    unit, time, weights, values = _draw(5)
    effects = two_way(unit, time, weights)
    rng = np.random.default_rng(1)
    # a combination of fitted values at rows is estimable whatever the normalisation
    rows = rng.normal(size=len(unit))
    by_unit = np.bincount(unit, rows)[:, None]
    by_time = np.bincount(time, rows)[:, None]
    fitted = values - effects.residuals(values)
    np.testing.assert_allclose(effects.spread(by_unit, by_time).T @ values, (rows @ fitted)[None, :], atol=1e-10)
