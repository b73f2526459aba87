"""Thousands at once is the same as one at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods import its


def panel(n=36, count=260, seed=2):
    draw = np.random.default_rng(seed)
    rho = draw.uniform(-0.2, 0.9, count)
    e = np.zeros((n, count))
    e[0] = draw.normal(size=count)
    for t in range(1, n):
        e[t] = rho * e[t - 1] + draw.normal(size=count)
    y = 10 + 3 * (np.arange(n)[:, None] >= 18) + e
    months = pd.period_range("2018-01", periods=n, freq="M").astype(str)
    return pd.DataFrame({"site": np.repeat(np.arange(count), n), "month": np.tile(months, count), "y": y.T.ravel()})


ASK = {"outcome": "y", "time": "month", "start": "2019-07"}


@pytest.mark.parametrize(
    ("inference", "errors"), [("integrated", "ar"), ("integrated", "ar1"), ("kenward-roger", "ar"), ("satterthwaite", "ar")]
)
def test_many_equals_one_by_one(inference, errors):
    frame = panel()
    many = its.segmented_many(frame.sample(frac=1, random_state=3), by="site", **ASK, inference=inference, errors=errors)
    table = many.to_frame().set_index(["site", "term"])
    for site in (0, 7, 31, 100, 259):
        one = its.segmented(frame[frame.site == site], **ASK, inference=inference, errors=errors)
        rows = one.to_frame().set_index("term")
        for term in rows.index:
            for column in ("estimate", "std_error", "conf_low", "conf_high"):
                # the plug-in batch reads small-sample tables; the integrated one differs only in a t table
                near = 2e-5 if inference != "integrated" else 1e-8
                ours = table.loc[(site, term), column]
                assert ours == pytest.approx(rows.loc[term, column], rel=near, abs=near)
        average = one.average().absolute
        assert table.loc[(site, "average effect"), "conf_low"] == pytest.approx(average.conf_low, rel=2e-5, abs=2e-5)


def test_counts_go_one_by_one():
    frame = panel(count=3).assign(y=lambda d: np.round(d.y.clip(lower=0) * 4))
    many = its.segmented_many(frame, by="site", **ASK, family="poisson")
    one = its.segmented(frame[frame.site == 1], **ASK, family="poisson").to_frame()
    assert many.estimate[1, :2] == pytest.approx(one.estimate.to_numpy())


def test_bad_series_are_named():
    frame = panel(count=5)
    with pytest.raises(BadInput, match="missing periods in 1 series: 3"):
        its.segmented_many(frame.drop(index=frame.index[frame.site == 3][4]), by="site", **ASK)
    with pytest.raises(BadInput, match="the same in every period in 1 series: 2"):
        its.segmented_many(frame.assign(y=frame.y.where(frame.site != 2, 7.0)), by="site", **ASK)
    with pytest.raises(BadInput, match="more than once in 1 series: 4"):
        its.segmented_many(pd.concat([frame, frame[frame.site == 4].tail(1)]), by="site", **ASK)


def test_a_series_without_noise_is_named():
    frame = panel(count=5)
    line = frame.groupby("site").cumcount() * 1.5
    with pytest.raises(BadInput, match="fitted exactly by the declared terms in 1 series: 3"):
        its.segmented_many(frame.assign(y=frame.y.where(frame.site != 3, line)), by="site", **ASK)


def test_short_series_get_no_interval():
    many = its.segmented_many(panel(count=3), by="site", outcome="y", time="month", start="2018-05")
    assert np.isnan(many.conf_low).all()
    assert "too few periods" in many.not_computed


def test_quantiles_from_the_compiled_table_equal_the_exact_ones():
    from hubeval.engine.batch import mixture_quantiles
    from hubeval.engine.mixture import mixture_cdf

    draw = np.random.default_rng(0)
    weight = draw.dirichlet(np.ones(40), size=300)
    mean, scale = draw.normal(size=(300, 40)), np.exp(draw.normal(size=(300, 40)))
    for df in (3, 8, 44, 300):
        for p in (0.025, 0.5, 0.975):
            x = mixture_quantiles(p, weight, mean, scale, df)
            assert mixture_cdf(x, weight, mean, scale, df) == pytest.approx(np.full(300, p), abs=1e-9)


def test_both_ends_at_once_are_the_ends_one_by_one():
    from hubeval.engine.batch import mixture_intervals
    from hubeval.engine.mixture import mixture_quantile

    draw = np.random.default_rng(1)
    weight = draw.dirichlet(np.ones(30), size=4)
    mean, scale = draw.normal(size=(4, 30)), np.exp(draw.normal(size=(4, 30)))
    for df in (3, 44):
        for end, p in zip(mixture_intervals(0.025, weight, mean, scale, df), (0.025, 0.975), strict=True):
            np.testing.assert_allclose(end, mixture_quantile(p, weight, mean, scale, df), rtol=1e-12)
