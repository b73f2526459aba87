"""The scan for shared jumps finds what was put in, and seldom what was not."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.data.breaks import median, shared_jumps


def autocorrelated(draw, n, t, rho=0.4):
    noise = draw.normal(size=(n, t + 30))
    out = np.zeros_like(noise)
    for i in range(1, t + 30):
        out[:, i] = rho * out[:, i - 1] + noise[:, i]
    return out[:, 30:] + 0.1 * np.arange(t)


@pytest.mark.parametrize(
    ("n", "t", "frequency"),
    [(36, 28, "quarter"), (150, 13, "year"), (10, 60, "month"), (1, 38, "month"), (1, 48, "month"), (5, 7, "year"),
     (20, 10, "year"), (12, 16, "quarter")],
)  # fmt: skip
def test_clean_panels_seldom_raise_one(n, t, frequency):
    draw = np.random.default_rng(11)
    found = sum(bool(shared_jumps(autocorrelated(draw, n, t), frequency=frequency)) for _ in range(200))
    assert found <= 18  # 5 in 100, and what 200 draws leave to chance


@pytest.mark.parametrize(("n", "t", "frequency"), [(36, 28, "quarter"), (150, 13, "year")])
def test_a_lasting_jump_is_found_where_it_is(n, t, frequency):
    draw = np.random.default_rng(12)
    hits = 0
    for _ in range(50):
        y = autocorrelated(draw, n, t)
        y[:, 8:] += 3
        first = shared_jumps(y, frequency=frequency)[:1]
        hits += bool(first) and first[0].position == 8 and first[0].lasting and first[0].size > 2
    assert hits >= 47


def test_a_passing_shock_is_told_from_a_lasting_change():
    y = autocorrelated(np.random.default_rng(13), 40, 30)
    y[:, 20] += 8
    jumps = {jump.position: jump.lasting for jump in shared_jumps(y)}
    assert jumps[20] is False


def test_a_jump_in_a_few_units_is_not_shared():
    y = autocorrelated(np.random.default_rng(14), 40, 20)
    y[:10, 10:] += 10
    assert shared_jumps(y) == ()


def test_a_season_is_no_jump():
    y = autocorrelated(np.random.default_rng(15), 40, 32) + 10 * (np.arange(32) % 4 == 3)
    assert shared_jumps(y, frequency="quarter") == ()


def test_shift_and_scale_change_nothing_but_the_size():
    y = autocorrelated(np.random.default_rng(16), 30, 24)
    y[:, 12:] += 6
    one, two = shared_jumps(y)[0], shared_jumps(100 - 5 * y)[0]
    assert (one.position, one.lasting) == (two.position, two.lasting)
    assert two.size == pytest.approx(-5 * one.size)
    assert two.unusual == pytest.approx(one.unusual)


@pytest.mark.parametrize("shape", [(1, 3), (3, 5), (2, 40)])
def test_nothing_to_see_is_nothing_said(shape):
    assert shared_jumps(np.full(shape, np.nan)) == ()
    assert shared_jumps(np.ones(shape)) == ()


def test_median_leaves_missing_out():
    values = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]])
    assert median(values, axis=1).tolist()[0] == 2
    assert np.isnan(median(values, axis=1)[1])
    assert median(values, axis=0)[0] == 1
