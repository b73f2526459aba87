"""Coverage of the intervals at a cut-off, on curves that bend: smooth scores, and scores of 20 values."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.methods.rdd import cut_at, honest_jump, jump
from hubeval.methods.rdd.checks.density import density_at
from hubeval.methods.rdd.inference.randomisation import in_window

WIDE = 2.6
BOUND = 8.4  # the largest second derivative of the curve below, on -1 to 1


def world(rng, n, step):
    x = rng.uniform(-1, 1, n)
    x = np.floor(x / step) * step if step else x
    y = 1 + 1.2 * x - 1.5 * x**2 + 0.9 * x**3 + 0.5 * (x >= 0) + rng.normal(0, 0.5, n)
    return cut_at(x, y)


WAYS = {
    "robust, smooth": (0.0, jump),
    "honest, smooth": (0.0, lambda cut: honest_jump(cut, bound=BOUND)),
    "honest by the rule of thumb, smooth": (0.0, honest_jump),
    "honest, 20 values": (0.1, lambda cut: honest_jump(cut, bound=BOUND)),
    "honest by the rule of thumb, 20 values": (0.1, honest_jump),
    "honest, 40 values": (0.05, lambda cut: honest_jump(cut, bound=BOUND)),
}


FEW = {"150 records": 150, "300 records": 300}


@pytest.mark.parametrize("how_many", FEW)
def test_few_records_are_held_by_the_interval_that_auto_takes(how_many):
    draws = 150
    held = covered("honest by the rule of thumb, smooth", draws, FEW[how_many])
    assert held >= 0.95 - 0.01 - WIDE * np.sqrt(0.05 * 0.95 / draws)


def covered(way, draws, n=500):
    step, made = WAYS[way]
    rng = np.random.default_rng(17)
    found = [made(world(rng, n, step)) for _ in range(draws)]
    return float(np.mean([one.low <= 0.5 <= one.high for one in found]))


@pytest.mark.parametrize("way", WAYS)
def test_intervals_hold_the_jump_as_often_as_they_say(way):
    draws = 150
    assert covered(way, draws) >= 0.95 - 0.01 - WIDE * np.sqrt(0.05 * 0.95 / draws)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_coverage_in_a_long_study(way):
    assert covered(way, 2000) >= 0.93


SCORES = {
    "even": lambda rng, n: rng.uniform(-1, 1, n),
    "normal": lambda rng, n: rng.normal(-0.3, 1, n),
    "skewed": lambda rng, n: rng.lognormal(0, 0.6, n) - 1,
}


@pytest.mark.parametrize("score", SCORES)
def test_a_smooth_density_is_seldom_said_to_jump(score):
    rng = np.random.default_rng(3)
    drawn = (SCORES[score](rng, 800) for _ in range(200))
    p = np.array([density_at(cut_at(x, x)).p_value for x in drawn])
    assert np.mean(p <= 0.05) <= 0.05 + WIDE * np.sqrt(0.05 * 0.95 / 200)


def test_without_an_effect_the_window_finds_one_in_twenty():
    rng = np.random.default_rng(5)
    p = [in_window(cut_at(rng.uniform(-1, 1, 150), rng.exponential(size=150)), 0.3, seed=i, draws=199).p_value
         for i in range(200)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + WIDE * np.sqrt(0.05 * 0.95 / 200)


@pytest.mark.slow
def test_the_page_says_how_often_robust_intervals_hold(root):
    """`pytest -m slow tests/recovery/rdd -s` prints the table of docs/rdd.md."""
    page = (root / "docs" / "rdd.md").read_text(encoding="utf-8")
    for step, n, words in ((0.0, 150, "150 records"), (0.0, 300, "300 records"), (0.0, 600, "600 records"),
                           (0.0, 1200, "1,200 records"), (0.1, 500, "500 records, 20 values"),
                           (0.05, 500, "500 records, 40 values")):
        rng = np.random.default_rng(29)
        found = [[way(cut) for way in (jump, honest_jump)] for cut in (world(rng, n, step) for _ in range(1000))]
        held = [np.mean([pair[i].low <= 0.5 <= pair[i].high for pair in found]) for i in (0, 1)]
        row = f"| {words} | {held[0]:.1%} | {held[1]:.1%} |"
        print(row)  # noqa: T201 - the table of the page
        assert row in page
