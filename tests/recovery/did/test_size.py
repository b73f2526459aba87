"""Size of the default inference under a true null, and cover of intervals and bands.

Panels of 12 years, AR(1) errors with correlation .5, half the years treated. Monte Carlo bands are
three standard errors about [.03, .07].
"""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.methods.did.door.panel import Panel
from hubeval.methods.did.estimators.group_time import fit_group_time
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.methods.did.inference.rule import choose
from hubeval.methods.did.inference.two_way_read import fit_two_way
from hubeval.protocol import DidDesign

T = 12


def panel(seed, n, treated, *, waves=1, ratio=1.0, effect=0.0):
    """A panel without effect (or a constant one); the treated `ratio` times as noisy."""
    rng = np.random.default_rng(seed)
    e = rng.normal(size=(n, T))
    y = np.empty((n, T))
    y[:, 0] = e[:, 0] / np.sqrt(0.75)
    for t in range(1, T):
        y[:, t] = 0.5 * y[:, t - 1] + e[:, t]
    y[:treated] *= ratio
    start = np.full(n, np.inf)
    start[:treated] = T // 2 + 2.0 * (np.arange(treated) % waves)
    y += effect * (np.arange(T) >= start[:, None])
    return Panel(
        units=np.arange(n), periods=np.arange(T), clock=np.arange(T, dtype=float), unit=np.repeat(np.arange(n), T),
        time=np.tile(np.arange(T), n), y=y.ravel(), x=np.empty((n * T, 0)), start=start,
        first=np.searchsorted(np.arange(T), start).astype(np.intp), cluster=np.arange(n), balanced=True)


def two_way_p(p):
    return fit_two_way(p, inference="auto").reading.p_value[0]


def group_time_p(p):
    design = DidDesign(unit="u", time="t", start="s", estimator="group-time", window=(0, 0))
    return headline(p, settled(design, p, seed=1)).overall.p_value


def rejections(how, draws, n, treated, **options):
    return np.mean([how(panel([r, n, treated], n, treated, **options)) < 0.05 for r in range(draws)])


def inside(rate, draws):
    slack = 3 * np.sqrt(0.05 * 0.95 / draws)
    return 0.03 - slack <= rate <= 0.07 + slack


def by_last_wave(n, waves):
    """Which inference is chosen where nobody is never treated."""
    made = panel(1, n, n, waves=waves)
    return settled(DidDesign(unit="u", time="t", start="s", estimator="group-time", control="not-yet"), made).method


def test_where_nobody_is_never_treated_the_last_wave_stands_for_the_untreated():
    assert [by_last_wave(n, 2) for n in (8, 14, 18, 40)] == ["permutation", "permutation", "welch", "welch"]
    assert [by_last_wave(n, 3) for n in (14, 26, 27, 40)] == ["permutation", "permutation", "welch", "welch"]


def test_the_rule_is_the_stated_one():
    assert [choose(panel(1, 25, k))[0] for k in (1, 5, 8, 9, 12)] == ["permutation"] * 3 + ["welch"] * 2
    assert choose(panel(1, 25, 22))[0] == "permutation"  # three are untreated
    assert choose(panel(1, 25, 12, waves=3))[0] == "welch"
    assert choose(panel(1, 25, 12, waves=6))[0] == "permutation"  # cohorts of two are worth less


@pytest.mark.parametrize("treated", [1, 3, 12])
def test_size_of_25_in_short(treated):
    assert inside(rejections(two_way_p, 150, 25, treated), 150)


@pytest.mark.slow
@pytest.mark.parametrize("n", [25, 150])
@pytest.mark.parametrize("treated", [1, 2, 3, 5, 12])
def test_size_of_two_way(n, treated):
    assert inside(rejections(two_way_p, 600, n, treated), 600)


@pytest.mark.slow
@pytest.mark.parametrize("n", [25, 150])
@pytest.mark.parametrize(("treated", "waves"), [(1, 1), (2, 2), (3, 3), (5, 2), (6, 1), (8, 3), (12, 3)])
def test_size_of_group_time(n, treated, waves):
    rate = rejections(group_time_p, 400, n, treated, waves=waves)
    assert inside(rate, 400)


@pytest.mark.slow
@pytest.mark.parametrize("treated", [6, 12])
def test_unequal_variances_do_no_harm_from_six_treated_on(treated):
    assert inside(rejections(two_way_p, 600, 25, treated, ratio=2.0), 600)


@pytest.mark.slow
def test_unequal_variances_do_harm_below_and_that_is_why_they_are_looked_at():
    assert rejections(two_way_p, 300, 25, 3, ratio=2.0) > 0.12


def test_intervals_cover_a_true_effect():
    covered = []
    for r in range(150):
        reading = fit_two_way(panel([r, 7], 25, 3, effect=1.0)).reading
        covered.append(reading.conf_low[0] <= 1.0 <= reading.conf_high[0])
    assert 0.95 - 3 * np.sqrt(0.95 * 0.05 / 150) <= np.mean(covered)


@pytest.mark.parametrize("draws", [120, pytest.param(600, marks=pytest.mark.slow)])
def test_uniform_bands_cover_all_effects_together(draws):
    together, apart = [], []
    for r in range(draws):
        found = fit_group_time(panel([r, 9], 400, 160, waves=2, effect=1.0)).aggregate("event")
        truth = (found.keys >= 0).astype(float)
        distance = np.abs(found.estimate - truth) / found.std_error
        together.append(distance.max() <= found.critical_value(draws=2_000))
        apart.append(distance.max() <= 1.96)
    slack = 3 * np.sqrt(0.95 * 0.05 / draws)
    assert abs(np.mean(together) - 0.95) <= slack + 0.01
    assert np.mean(apart) < 0.9  # what pointwise intervals would do
