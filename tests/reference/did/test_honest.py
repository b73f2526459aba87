"""Honest bounds against HonestDiD on the Medicaid event study, and pre-trend power against pretrends."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hubeval.methods.did.checks.trends.honest import honest
from hubeval.methods.did.checks.trends.pretrends import pretrends
from hubeval.methods.did.estimators.effects import Effects

REFERENCE = json.loads((Path(__file__).parent / "other_packages.json").read_text(encoding="utf-8"))


def _effects(keys, estimate, covariance):
    return Effects(method="event study", estimand="", inference="", by="event_time", keys=tuple(map(float, keys)),
                   estimate=np.array(estimate), covariance=np.array(covariance))


@pytest.fixture(scope="module")
def ehec():
    stored = REFERENCE["ehec_twfe"]  # 2008 to 2015, 2013 the reference, Medicaid expanded from 2014
    return _effects([-6, -5, -4, -3, -2, 0, 1], stored["beta"], stored["sigma"])


@pytest.mark.parametrize(("key", "horizon"), [("honest_ehec_rm", 0), ("honest_ehec_rm_avg", None)])
def test_relative_bounds_are_those_of_honestdid_within_its_grid(ehec, key, horizon):
    # R reports the first and last of 1,000 grid points that are kept (40 errors apart over the grid), and takes
    # its first-stage critical value from 1,000 draws: its ends lie up to two steps from the exact ones
    theirs = REFERENCE[key]
    found = honest(ehec, limits=theirs["Mbar"], horizon=horizon)
    weights = np.array([1.0, 0.0] if horizon == 0 else [0.5, 0.5])
    step = 40 * np.sqrt(weights @ ehec.covariance[5:, 5:] @ weights) / 999
    np.testing.assert_allclose(found.lows, theirs["lb"], atol=2 * step)
    np.testing.assert_allclose(found.highs, theirs["ub"], atol=2 * step)


def test_relative_tests_keep_exactly_rs_grid_points(ehec):
    from hubeval.engine.conditional import relative_tests

    theirs = REFERENCE["honest_ehec_rm"]
    error = np.sqrt(ehec.covariance[5, 5])
    grid = np.linspace(-20 * error, 20 * error, 1000)
    for limit, low, high in zip(theirs["Mbar"], theirs["lb"], theirs["ub"], strict=True):
        tests = relative_tests(ehec.estimate, ehec.covariance, np.array([1.0, 0.0]), limit)
        kept = grid[~np.all([test.rejects(grid) for test in tests], axis=0)]
        np.testing.assert_allclose([kept.min(), kept.max()], [low, high], atol=1e-12)


def test_smoothness_bounds_are_those_of_honestdid(ehec):
    theirs = REFERENCE["honest_ehec_sd"]
    found = honest(ehec, kind="smoothness", limits=theirs["M"], horizon=0)
    # R simulates the folded normal's quantile (seeded, 10^6 draws) and stops its search early: 1e-3 of the length
    length = np.array(theirs["ub"]) - np.array(theirs["lb"])
    assert (np.abs(found.lows - theirs["lb"]) < 1.2e-3 * length).all()
    assert (np.abs(found.highs - theirs["ub"]) < 1.2e-3 * length).all()
    # from M = .02 on the estimator is a corner, the same in both, so the centres agree to rounding
    np.testing.assert_allclose((found.lows + found.highs)[2:] / 2, ((np.array(theirs["lb"]) + theirs["ub"]) / 2)[2:], atol=1e-8)
    # and where the estimator is free, an interval at least as short as R's
    assert found.highs[0] - found.lows[0] <= length[0]


def test_usual_interval_is_that_of_honestdid(ehec):
    found = honest(ehec, horizon=0)
    np.testing.assert_allclose([found.low, found.high], np.ravel([REFERENCE["honest_ehec_orig"]["lb"], REFERENCE["honest_ehec_orig"]["ub"]]), atol=1e-8)


def test_breakdown_lies_where_the_stored_intervals_cross_zero(ehec):
    assert 1.5 < honest(ehec, horizon=0).breakdown < 2.0
    assert 0.02 < honest(ehec, kind="smoothness", limits=[0.0], horizon=0).breakdown < 0.03


def test_slopes_and_power_equal_pretrends():
    # the event study is that of fixest on drawn data, its covariance clustered by state
    stored = json.loads((Path(__file__).parent / "drawn_regressions.json").read_text(encoding="utf-8"))["pretrends"]
    effects = _effects(stored["event_time"], stored["estimate"], stored["covariance"])
    # R's multivariate normal probabilities carry an error of 1e-3
    found = pretrends(effects)
    np.testing.assert_allclose(found.slopes, [stored["slope50"], stored["slope80"]], rtol=2e-3)
    theirs, curve = stored["df_power"], stored["df"]
    found = pretrends(effects, slope=stored["slope50"])
    np.testing.assert_allclose(found.power, theirs["Power"], atol=1e-3)
    np.testing.assert_allclose(found.bayes_factor, theirs["Bayes.Factor"], rtol=5e-3)
    np.testing.assert_allclose(found.likelihood_ratio, theirs["Likelihood.Ratio"], rtol=1e-6)
    shown = np.array(curve["t"]) != -1
    np.testing.assert_allclose(found.deviation, np.array(curve["deltatrue"])[shown], atol=1e-8)
    np.testing.assert_allclose(found.deviation_if_passed, np.array(curve["meanAfterPretesting"])[shown], atol=2e-3)
