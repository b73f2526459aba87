"""Does the placebo test hold its size, do the intervals cover, and is the effect recovered, where the truth is known?

Bands are those of the Monte Carlo error at the number of draws, four standard errors wide. The table of the long run
stands in docs/synthetic-control.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from hubeval.methods.synth.door.panel import Panel
from hubeval.methods.synth.fits.control import control_of
from hubeval.methods.synth.fits.synthetic_did import synthetic_did_of


def draw(rng, *, n=25, t0=20, t1=8, noise=0.5, rho=0.5, effect=0.0, exchangeable=True):
    """Two wandering factors, loadings of each unit, AR(1) noise. The first unit is treated.

    Exchangeable: its loadings are drawn like everyone's, the world of a placebo test. Otherwise they are the mean
    of three donors', the world in which a synthetic control exists.
    """
    t = t0 + t1
    factors = rng.normal(size=(t, 2)).cumsum(axis=0) * 0.3 + rng.normal(size=(t, 2)) * 0.5
    loadings, level = rng.normal(size=(n, 2)), rng.normal(size=n)
    if not exchangeable:
        loadings[0], level[0] = loadings[1:4].mean(axis=0), level[1:4].mean()
    e = rng.normal(size=(t + 30, n))
    for s in range(1, t + 30):
        e[s] = rho * e[s - 1] + np.sqrt(1 - rho**2) * e[s]
    y = 10 + level + factors @ loadings.T + noise * e[30:]
    y[t0:, 0] += effect
    return Panel(y=y, units=tuple(range(n)), times=tuple(range(t)), treated=(0,), t0=t0, x=np.empty((0, n)))


@dataclass
class Study:
    """Results of one cell, one entry a draw."""

    p: list[float]
    error: dict[str, list[float]]
    covered: dict[str, list[bool]]

    def size(self, level):
        return float(np.mean(np.array(self.p) <= level + 1e-12))


def run_study(draws, seed, *, conf_level=0.88, **world):
    """`draws` panels: placebo p-values, errors of three estimators, and coverage of their intervals.

    With 25 units the rank test has exact size .12 at conf_level .88 (3 of 25).
    """
    rng = np.random.default_rng(seed)
    effect = world.get("effect", 0.0)
    study = Study([], {k: [] for k in ("control", "augmented", "sdid")}, {k: [] for k in ("control", "sdid", "conformal")})
    for _ in range(draws):
        panel = draw(rng, **world)
        fit, more, did = control_of(panel), control_of(panel, augment=True), synthetic_did_of(panel)
        study.p.append(fit.tests.by_ratio.p_value)
        for name, made in (("control", fit), ("augmented", more), ("sdid", did)):
            study.error[name].append(made.estimate - effect)
        place = fit.tests.test(conf_level=conf_level)
        low = -np.inf if place.conf_low is None else place.conf_low
        high = np.inf if place.conf_high is None else place.conf_high
        study.covered["control"].append(bool(low <= effect <= high))
        first = did.estimates()[0]
        study.covered["sdid"].append(bool(first.conf_low <= effect <= first.conf_high))
        conformal = control_of(panel, inference="conformal", conf_level=0.8)._estimate(
            "ATT", np.arange(panel.t0, len(panel.times)), "", "")
        study.covered["conformal"].append(conformal.conf_low is None or conformal.conf_low <= effect <= conformal.conf_high)
    return study


# A treated unit inside the donors' range is fitted better before the start than placebo units at the edge are, so units are
# not exchangeable and the exact test is only nearly so: measured .93, .87, .84 against .88 at rho 0, .5, .8.
INSIDE = 0.84


def band(share, draws):
    return 4 * np.sqrt(share * (1 - share) / draws)


def holds_its_size(found, draws):
    for k in (1, 2, 3, 5, 10):
        level = k / 25
        assert found.size(level) == pytest.approx(level, abs=band(level, draws))


def covers(found, draws, *, floor=0.88):
    assert np.mean(found.covered["control"]) >= floor - band(floor, draws)
    # the other two lean on approximations: normality and exchangeability in time
    assert np.mean(found.covered["sdid"]) >= 0.88 - band(0.88, draws)
    assert np.mean(found.covered["conformal"]) >= 0.80 - band(0.80, draws)


def test_placebo_ranks_are_uniform_when_nothing_was_done():
    found = run_study(150, seed=1)
    holds_its_size(found, 150)
    covers(found, 150)


def test_a_unit_inside_the_donors_range_is_recovered_without_bias():
    found = run_study(150, seed=2, exchangeable=False, effect=1.0)
    for name, errors in found.error.items():
        assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(150) + 0.03, name
    covers(found, 150, floor=INSIDE)
    assert found.size(0.04) > 0.3  # power against an effect of two noise standard deviations


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
@pytest.mark.parametrize("noise", [0.5, 1.0])
def test_long_run_size_and_coverage(rho, noise):
    found = run_study(1000, seed=11, rho=rho, noise=noise)
    holds_its_size(found, 1000)
    covers(found, 1000)


@pytest.mark.slow
@pytest.mark.parametrize("n", [15, 25, 40])
def test_leaving_the_treated_unit_out_of_the_placebos_costs_little_size(n):
    rng = np.random.default_rng(5)
    p = np.array([control_of(draw(rng, n=n), pool="donors").tests.by_ratio.p_value for _ in range(1500)])
    for k in (1, 2, 3):
        assert (p <= k / n + 1e-9).mean() == pytest.approx(k / n, abs=0.01 + band(k / n, 1500))


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_long_run_recovery(rho):
    found = run_study(1000, seed=12, exchangeable=False, effect=1.0, rho=rho)
    for name, errors in found.error.items():
        assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(1000) + 0.03, name
    covers(found, 1000, floor=INSIDE)
