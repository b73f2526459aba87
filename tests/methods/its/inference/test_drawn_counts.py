"""Drawn counts fitted at once say of every draw what the headline's own fit, one at a time, says of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hubeval.engine.counts import working_problem, working_problems
from hubeval.engine.integrated import AR1, AR2, error_grid, posterior
from hubeval.engine.own_designs import own_posteriors
from hubeval.methods.its.door.axis import axis_of
from hubeval.methods.its.door.model import Break, Comparison, SeriesModel
from hubeval.methods.its.estimators.error_models import orthonormal
from hubeval.methods.its.estimators.series import fit_series
from hubeval.methods.its.inference.drawn_counts import interval, told

N, AT = 36, 20


def model(mean=60.0, impact="level", controls=0, **asked):
    rng = np.random.default_rng(3)
    axis, _ = axis_of(range(N))
    beside, offset = None, np.zeros(N)
    if controls:
        beside = Comparison(series=rng.poisson(mean, (controls, N)).astype(float), exposure=np.ones((controls, N)),
                            own=np.zeros(N), start=AT)
        offset = beside.offset(log_link=True)
    made = {"seasonality": None, "family": "poisson", "errors": "ar", "inference": "integrated"} | asked
    return SeriesModel(outcome="y", axis=axis, y=rng.poisson(mean, N).astype(float), offset=offset, terms=(),
                       breaks=(Break(position=AT, impact=impact),), transition=None, silent=np.zeros(N, bool),
                       controls=tuple(f"c{j}" for j in range(controls)), comparison=beside, **made)


def draws(made, ratio, count=40):
    rng = np.random.default_rng(4)
    mean = made.y.mean() * np.where(np.arange(N) >= AT, ratio, 1.0)
    return rng.negative_binomial(mean / 2, 1 / 3, (count, N)).astype(float)


CASES = {
    "alone": model(),
    "one order": model(errors="ar1"),
    "with a slope": model(impact="level and slope"),
    "beside others": model(controls=3),
    "rare, some of them": model(mean=10.0),
    "beside rare ones": model(controls=1, mean=8.0),
    "negative binomial": model(family="negative-binomial"),
    "another interval": model(inference="kenward-roger", errors="ar1"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_draw_is_told_as_its_own_fit_tells_it(name):
    made = CASES[name]
    columns, y = fit_series(made).columns, draws(made, 1.25, 12 if "bin" in name else 40)
    found, fitted = told(made, columns, y)
    for i, one in enumerate(y):
        low, high = interval(replace(made, y=one), columns)
        assert found[i] == (low > 0 or high < 0)
        assert fitted[i] == np.isfinite(low)
    if name in {"alone", "one order", "beside others"}:
        assert 0 < found.mean() < 1


def test_a_draw_without_an_event_after_the_start_goes_by_itself():
    made = model()
    y = draws(made, 1.0, 3)
    y[1, AT:] = 0
    columns = fit_series(made).columns
    low, high = interval(replace(made, y=y[1]), columns)
    found, fitted = told(made, columns, y)
    assert (found[1], fitted[1]) == (low > 0 or high < 0, np.isfinite(low))


def test_working_problems_are_those_of_each():
    made = model(impact="level and slope")
    x, y = fit_series(made).columns.x, draws(made, 0.6)
    many = working_problems(y, x, made.offset)
    for i, one in enumerate(y):
        alone = working_problem(one, x, made.offset)
        assert many.converged[i] == alone.converged
        for part in ("y", "x", "coef", "mean"):
            np.testing.assert_allclose(getattr(many, part)[i], getattr(alone, part), rtol=1e-10, atol=1e-10)


def test_working_problems_that_run_off_are_not_said_to_have_converged():
    x = np.column_stack([np.ones(6), np.arange(6) > 2])
    many = working_problems(np.array([[3.0, 2, 4, 0, 0, 0], [3.0, 2, 4, 1, 2, 1]]), x, np.zeros(6))
    assert many.converged.tolist() == [False, True]
    doubled = np.column_stack([x, x[:, 1]])
    assert not working_problems(np.array([[3.0, 2, 4, 1, 2, 1]]), doubled, np.zeros(6)).converged.any()


@pytest.mark.parametrize("prior", [AR1, AR2])
def test_own_posteriors_are_those_of_each(prior):
    rng = np.random.default_rng(5)
    y, x, c = rng.normal(size=(5, 30)), rng.normal(size=(5, 30, 4)), rng.normal(size=(5, 4))
    grid = error_grid(30, prior)
    many = own_posteriors(y, x, grid, floor=1.0)
    for i in range(5):
        q, basis = orthonormal(x[i])
        alone = posterior(y[i][:, None], q, grid, floor=1.0)
        np.testing.assert_allclose(many.coef[i], basis @ (alone.weight[0] @ alone.location[0]), rtol=1e-10)
        ends = alone.summary(c[i] @ basis)
        for end, share in ((ends.low, 0.025), (ends.high, 0.975)):
            below = many.below(c, np.full(5, end[0]))[i]
            assert below == pytest.approx(share, abs=1e-10)
