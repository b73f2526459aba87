"""Pooling over sites: closed forms where there are some, and never more certain than had all sites one effect."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hubeval.engine.random_effects import pool


def test_with_equal_errors_it_is_the_t_interval_of_the_mean_and_the_spread_is_what_is_left_of_the_variance():
    effects = np.array([1.0, 2.0, 3.0, 6.0])
    found = pool(effects, np.full(4, 0.5))
    half = stats.t.ppf(0.975, 3) * effects.std(ddof=1) / 2
    assert (found.low, found.high) == pytest.approx((3 - half, 3 + half))
    assert found.spread**2 == pytest.approx(effects.var(ddof=1) - 0.25)
    assert found.p_value == pytest.approx(stats.ttest_1samp(effects, 0).pvalue)
    assert found.q == pytest.approx(((effects - 3) ** 2).sum() / 0.25)
    assert found.weights == pytest.approx(np.full(4, 0.25))
    assert found.new_low < found.low < 3 < found.high < found.new_high


def test_the_fixed_effect_is_the_inverse_variance_mean():
    effects, errors = np.array([1.0, 2.0, 4.0]), np.array([0.5, 1.0, 2.0])
    found = pool(effects, errors)
    weight = 1 / errors**2
    assert found.common == pytest.approx(weight @ effects / weight.sum())
    assert found.common_error == pytest.approx(weight.sum() ** -0.5)


def test_sites_that_agree_by_luck_are_no_more_certain_than_one_effect_for_all():
    found = pool(np.array([2.0, 2.0, 2.0001]), np.ones(3))
    assert found.std_error == pytest.approx(found.common_error)
    assert found.std_error > 1000 * found.hartung_knapp
    assert found.high - found.low > found.common_high - found.common_low
    assert found.p_value == pytest.approx(2 * stats.t.sf(found.estimate * np.sqrt(3), 2))
    assert found.spread == 0
    assert found.share == 0


def test_what_sites_share_widens_the_interval_by_as_much_and_what_cancels_does_not_narrow_it():
    effects, errors = np.array([1.0, 2.0, 3.0, 6.0]), np.full(4, 0.5)
    alone, shared = pool(effects, errors), pool(effects, errors, np.full((4, 4), 0.125))
    assert shared.shared == pytest.approx(0.125 * 12 / 16)
    assert shared.std_error**2 == pytest.approx(alone.std_error**2 + shared.shared)
    assert pool(effects, errors, np.full((4, 4), -0.1)).low == alone.low


def test_the_interval_holds_with_few_sites_that_differ():
    rng = np.random.default_rng(5)
    for k, spread in ((3, 1.0), (5, 0.0), (8, 2.0)):
        held = []
        for _ in range(300):
            errors = rng.uniform(0.5, 2.0, k)
            found = pool(spread * rng.normal(size=k) + errors * rng.normal(size=k), errors)
            held.append(found.low <= 0 <= found.high)
        assert np.mean(held) > 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / 300)
