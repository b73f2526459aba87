"""Least squares, covariances and logit equal statsmodels, and say what they had to drop."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from hubeval.engine.covariance import clustered, covariance
from hubeval.engine.least_squares import least_squares
from hubeval.engine.logit import logit


def made(seed=0, n=120, k=4):
    draw = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), draw.normal(size=(n, k - 1))])
    y = x @ draw.normal(size=k) + draw.normal(size=n) * (1 + abs(x[:, 1]))
    return draw, x, y


def test_coefficients_equal_statsmodels():
    draw, x, y = made()
    w = draw.uniform(0.2, 3, len(y))
    np.testing.assert_allclose(least_squares(y, x).coef, sm.OLS(y, x).fit().params, rtol=1e-10)
    np.testing.assert_allclose(least_squares(y, x, w).coef, sm.WLS(y, x, weights=w).fit().params, rtol=1e-10)


@pytest.mark.parametrize("kind", ["hc0", "hc1", "hc2", "hc3"])
def test_heteroskedastic_covariances_equal_statsmodels(kind):
    _, x, y = made(1)
    fit = least_squares(y, x)
    ours = covariance(x, fit.residuals, fit.bread, kind=kind)
    np.testing.assert_allclose(ours, sm.OLS(y, x).fit(cov_type=kind.upper()).cov_params(), rtol=1e-9)


def test_classical_covariance_equals_statsmodels_with_weights():
    draw, x, y = made(2)
    w = draw.uniform(0.2, 3, len(y))
    fit = least_squares(y, x, w)
    ours = covariance(x, fit.residuals, fit.bread, kind="classical", weights=w)
    np.testing.assert_allclose(ours, sm.WLS(y, x, weights=w).fit().cov_params(), rtol=1e-9)


def test_clustered_covariance_equals_statsmodels():
    draw, x, y = made(3)
    groups = draw.integers(0, 15, len(y))
    fit = least_squares(y, x)
    theirs = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": groups}).cov_params()
    np.testing.assert_allclose(clustered(x, fit.residuals, fit.bread, groups), theirs, rtol=1e-9)


def test_a_later_collinear_column_is_dropped_and_named():
    _, x, y = made(4)
    x = np.column_stack([x, x[:, 1] - 2 * x[:, 2]])
    fit = least_squares(y, x)
    assert fit.dropped == (4,)
    assert np.isnan(fit.coef[4])
    np.testing.assert_allclose(fit.coef[:4], sm.OLS(y, x[:, :4]).fit().params, rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-6, 1e6), st.floats(-100, 100))
def test_rescaling_a_column_rescales_its_coefficient(seed, scale, shift):
    _, x, y = made(seed, n=40, k=3)
    moved = x.copy()
    moved[:, 1] = scale * (x[:, 1] + shift)
    one, other = least_squares(y, x), least_squares(y, moved)
    assert other.coef[1] * scale == pytest.approx(one.coef[1], rel=1e-5, abs=1e-7)
    np.testing.assert_allclose(one.residuals, other.residuals, atol=1e-6)


def test_logit_equals_statsmodels():
    draw, x, y = made(5, n=400)
    binary = (x @ np.array([0.2, 0.8, -0.5, 0.1]) + draw.logistic(size=len(y)) > 0).astype(float)
    fit = logit(binary, x)
    theirs = sm.Logit(binary, x).fit(disp=0, tol=1e-14)
    assert fit.converged
    np.testing.assert_allclose(fit.coef, theirs.params, rtol=1e-9)
    np.testing.assert_allclose(fit.bread, theirs.cov_params(), rtol=1e-6)


def test_logit_converges_to_the_score_equations():
    draw, x, y = made(6, n=300)
    binary = (x[:, 1] + draw.logistic(size=len(y)) > 0.3).astype(float)
    w = draw.uniform(0, 2, len(y))
    fit = logit(binary, x, w)
    assert np.abs(x.T @ (w * (binary - fit.probability))).max() < 1e-9


@pytest.mark.parametrize("scale", [1.0, 1e5, 1e-4])
def test_logit_names_separation(scale):
    x = np.column_stack([np.ones(20), scale * np.arange(20.0)])
    fit = logit((np.arange(20) >= 10).astype(float), x)
    assert fit.separated
    assert not fit.converged


def test_logit_names_separation_by_one_cell():
    x = np.column_stack([np.ones(40), np.r_[np.ones(8), np.zeros(32)]])
    y = np.r_[np.ones(8), np.tile([0.0, 1.0], 16)]
    fit = logit(y, x)
    assert fit.separated
