"""The smallest detectable effect of a series, where a formula gives it: so long that the errors' law is as good as known.

There the effect is a contrast c'b of generalised least squares with variance c'(X'V^-1 X)^-1 c, and what is found 80% of
the time is (z(.975) + z(.8)) of its standard errors; by least squares with few periods, the quantile of a noncentral t.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import toeplitz
from statsmodels.tsa.arima_process import ArmaProcess

from hubeval.engine.autoregression import coefficients
from hubeval.methods.its.door.axis import axis_of
from hubeval.methods.its.door.model import Break, SeriesModel
from hubeval.methods.its.estimators.series import fit_series
from hubeval.methods.its.inference.detection import _noise, detect


def model(n, at, impact, seed=5, **kw):
    axis, _ = axis_of(range(n))
    y = np.random.default_rng(seed).normal(0, 2, n)
    made = {"seasonality": None, "family": "gaussian", "errors": "ar", "inference": "integrated"} | kw
    return SeriesModel(outcome="y", axis=axis, y=y, offset=np.zeros(n), terms=(), breaks=(Break(position=at, impact=impact),),
                       transition=None, silent=np.zeros(n, bool), **made)


def parts_of(made, impact):
    """The regression by hand, and the average effect after the start as a combination of its coefficients."""
    t, at = np.arange(made.n), made.start
    on = (t >= at).astype(float)
    x = np.column_stack([np.ones(made.n), t - at, on, on * (t - at)][: 4 if impact == "level and slope" else 3])
    return x, np.array([0, 0, 1, (t[at:] - at).mean()])[: x.shape[1]]


def least_squares(made, impact):
    """Standard error of the average effect after the start, and the degrees of freedom."""
    x, c = parts_of(made, impact)
    df = made.n - x.shape[1]
    left = made.y - x @ np.linalg.lstsq(x, made.y, rcond=None)[0]
    return float(np.sqrt(left @ left / df * (c @ np.linalg.inv(x.T @ x) @ c))), df


def known_covariance(made, impact):
    """Standard error of the average effect by generalised least squares, the errors' law known: by statsmodels' ARMA process."""
    fit = fit_series(made)
    noise = _noise(made, fit.columns, fit.fitted)
    phi = coefficients(noise.partial[None, :]).ravel()
    gamma = ArmaProcess(np.r_[1.0, -phi], [1.0]).acovf(made.n)
    inverse = np.linalg.inv(toeplitz(gamma / gamma[0]) * noise.variance)
    x, c = parts_of(made, impact)
    return float(np.sqrt(c @ np.linalg.inv(x.T @ inverse @ x) @ c))


@pytest.mark.parametrize("impact", ["level", "level and slope"])
def test_a_long_series_is_that_of_the_formula_for_known_variance(impact):
    made = model(300, 150, impact)
    by_formula = (stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * known_covariance(made, impact)
    found = detect(made, draws=600).smallest(0.8, 1)
    assert found == pytest.approx(by_formula, rel=0.1)  # 5% of it Monte Carlo, the rest for the autocorrelation not known


def test_least_squares_of_few_periods_is_that_of_the_noncentral_t():
    made = replace(model(60, 36, "level"), errors="independent", inference="least-squares")
    error, df = least_squares(made, "level")
    found = detect(made, draws=200)
    for size in (1.5, 2.8, 4.0):
        inside = stats.nct.cdf(stats.t.ppf(0.975, df), df, size) - stats.nct.cdf(stats.t.ppf(0.025, df), df, size)
        assert found.power(size * error) == pytest.approx(1 - inside, abs=2.6 * np.sqrt(0.25 / 200) + 0.03)
