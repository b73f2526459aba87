"""Formulas against outside numbers, and against plain simulation where the number outside is too kind."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from hubeval.detectable import formula
from hubeval.errors import BadInput


@pytest.fixture(scope="module")
def published(root):
    return json.loads((root / "tests" / "reference" / "power" / "readiness_model.json").read_text(encoding="utf-8"))


def test_sample_sizes_for_a_good_level_of_development(published):
    for row in published["sample_size_per_arm"]["rows"]:
        assert formula.sample_size_for_ratio(0.672, row["ratio"]) == pytest.approx(row["n"], abs=1)


def test_sample_size_against_statsmodels():
    from statsmodels.stats.power import NormalIndPower
    from statsmodels.stats.proportion import proportion_effectsize

    other = NormalIndPower().solve_power(proportion_effectsize(0.672 * 1.06, 0.672), alpha=0.05, power=0.8)
    assert formula.sample_size_for_ratio(0.672, 1.06) == pytest.approx(other, rel=0.01)


def test_clustered_effects(published):
    for row in published["clustered_mde"]["rows"]:
        assert round(formula.clustered_mde(row["clusters"], 50, 0.05), 2) == row["sd"]


def test_rare_events_by_the_short_formula(published):
    for row in published["rare_events"]["rows"]:
        assert round(formula.rare_event_ratio(row["events"], scale="log"), 2) == row["ratio"]


@pytest.mark.parametrize("events", [20, 50, 100, 400])
def test_rare_events_hold_their_power_on_the_square_root_and_not_on_the_log(events):
    draw = np.random.default_rng(21)

    def power(ratio):
        a, b = draw.poisson(events, 40_000), draw.poisson(events * ratio, 40_000)
        return float((np.abs(a - b) / np.sqrt(np.maximum(a + b, 1)) > 1.96).mean())

    assert power(formula.rare_event_ratio(events)) == pytest.approx(0.8, abs=0.015)
    if events <= 50:
        assert power(formula.rare_event_ratio(events, scale="log")) < 0.72


def test_cut_off_designs_need_three_to_four_times_a_trial():
    assert formula.cutoff_factor() == pytest.approx(1 / (1 - 2 / np.pi))
    assert formula.cutoff_factor(score="uniform") == pytest.approx(4)
    draw = np.random.default_rng(22)
    for score, values in (("normal", draw.normal(size=200_000)), ("uniform", draw.random(200_000))):
        past = (values > np.quantile(values, 0.3)).astype(float)
        r = np.corrcoef(values, past)[0, 1]
        assert formula.cutoff_factor(0.3, score=score) == pytest.approx(1 / (1 - r**2), rel=0.02)


def test_design_effect(published):
    assert formula.design_effect(40, 0.05) == pytest.approx(published["design_effect"]["value"])


def test_the_permutation_floor():
    assert formula.smallest_p(12, 1) == 1 / 12
    assert formula.smallest_p(25, 3) == 1 / 2300


def test_power_of_a_series_against_another_hands_simulation(published):
    """The design document's simulation differs from the exact t by up to two points in a hundred."""
    for row in published["series_power"]["rows"]:
        for effect, key in ((1, "one_sd"), (2, "two_sd")):
            assert formula.series_power(effect, row["n"], row["n"]) == pytest.approx(row[key], abs=0.02)


@pytest.mark.parametrize(("n", "effect"), [(8, 2.0), (12, 1.0), (24, 2.0)])
def test_power_of_a_series_against_our_simulation(n, effect):
    draw = np.random.default_rng(24)
    x = formula.series_design(n, n)
    bread = np.linalg.inv(x.T @ x)
    y = draw.normal(size=(20_000, 2 * n)) + effect * x[:, 2]
    coef = y @ x @ bread
    left = ((y - coef @ x.T) ** 2).sum(axis=1) / (2 * n - 4)
    found = np.abs(coef[:, 2]) / np.sqrt(left * bread[2, 2]) > stats.t.ppf(0.975, 2 * n - 4)
    assert formula.series_power(effect, n, n) == pytest.approx(found.mean(), abs=0.01)


@pytest.mark.parametrize("correlation", [0.0, 0.4])
def test_error_of_a_series_against_simulation(correlation):
    draw = np.random.default_rng(23)
    n = 24
    spread = correlation ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    y = draw.multivariate_normal(np.zeros(n), spread, 20_000)
    x = formula.series_design(12, 12)
    inverse = np.linalg.inv(spread)
    coef = y @ (np.linalg.inv(x.T @ inverse @ x) @ x.T @ inverse).T
    assert formula.series_error(12, 12, correlation) == pytest.approx(coef[:, 2].std(), rel=0.02)
    average = coef[:, 2] + 5.5 * coef[:, 3]
    assert formula.series_error(12, 12, correlation, average=True) == pytest.approx(average.std(), rel=0.02)


def test_two_groups_against_statsmodels():
    from statsmodels.stats.power import TTestIndPower

    other = TTestIndPower().solve_power(nobs1=100, ratio=3, alpha=0.05, power=0.8)
    assert formula.two_groups_mde(1.0, 100, 300) == pytest.approx(other, rel=0.005)


def test_multiplier_limits():
    assert formula.multiplier() == pytest.approx(stats.norm.ppf(0.975) + stats.norm.ppf(0.8))
    assert formula.multiplier(df=3) > formula.multiplier(df=30) > formula.multiplier()


@pytest.mark.parametrize(
    "call",
    [
        lambda: formula.multiplier(level=5),
        lambda: formula.sample_size_for_ratio(67.2, 1.06),
        lambda: formula.sample_size_for_ratio(0.95, 1.06),
        lambda: formula.sample_size_for_ratio(0.5, 1.0),
        lambda: formula.clustered_mde(1, 50, 0.05),
        lambda: formula.clustered_mde(5, 50, 1.0),
        lambda: formula.rare_event_ratio(0),
        lambda: formula.rare_event_ratio(10, scale="logs"),
        lambda: formula.cutoff_factor(50),
        lambda: formula.series_error(2, 10, 0.2),
        lambda: formula.series_error(10, 10, 1.0),
    ],
)
def test_numbers_out_of_range_are_refused(call):
    with pytest.raises(BadInput):
        call()
