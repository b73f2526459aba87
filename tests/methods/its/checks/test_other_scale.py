"""The average effect on the other scale: heard where growth is in per cent, quiet where both agree, left out where it says nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hubeval.methods import its
from hubeval.methods.its.checks.other_scale import on_other_scale
from hubeval.result import NotComputed

MONTHS = pd.period_range("2015-01", periods=60, freq="M").astype(str)
T = np.arange(60)


def fit(y, **kw):
    frame = pd.DataFrame({"month": MONTHS[: len(y)], "y": y, **kw.pop("beside", {})})
    return its.segmented(frame, outcome="y", time="month", start=MONTHS[kw.pop("start", 36)], **kw)


def test_growth_in_per_cent_is_an_effect_on_one_scale_only():
    noise = np.random.default_rng(3).normal(0, 0.02, 60)
    found = on_other_scale(fit(50 * np.exp(0.03 * T + noise)))
    assert found.status == "caution"
    assert "hangs on the scale" in found.reading
    assert found.reading.startswith("In the outcome's own unit it is")


def test_an_effect_that_both_scales_see_passes():
    y = 100 + 40 * (T >= 36) + np.random.default_rng(4).normal(0, 2, 60)
    found = on_other_scale(fit(y))
    assert found.status == "pass"
    assert "Both find a change the same way" in found.reading


def test_a_comparison_series_goes_to_the_other_scale_too():
    draw = np.random.default_rng(5)
    shared = np.exp(0.03 * T + np.cumsum(draw.normal(0, 0.02, 60)))
    y, beside = (level * shared * np.exp(draw.normal(0, 0.01, 60)) for level in (50, 20))
    found = on_other_scale(fit(y, beside={"c": beside}, control=["c"]))
    assert found.status == "caution"  # the difference of levels grows; that of logarithms does not
    assert "Neither" not in found.reading
    below = on_other_scale(fit(y, beside={"c": beside - 100}, control=["c"]))
    assert isinstance(below, NotComputed)


def test_silent_periods_take_no_part():
    y = 100 + 40 * (T >= 36) + np.random.default_rng(4).normal(0, 2, 60)
    hole = its.Shock(label="closed", first=MONTHS[10], last=MONTHS[12], each=True)
    one, two = (on_other_scale(fit(np.where(np.isin(T, [10, 11, 12]), value, y), covariates=[hole]))
                for value in (0.0, 90.0))
    assert one.status == "pass"
    assert one.reading == two.reading


def test_where_nothing_can_be_said_it_is_not():
    y = np.random.default_rng(6).poisson(20, 60).astype(float)
    assert on_other_scale(fit(y, family="poisson")) is None
    assert isinstance(on_other_scale(fit(y - 20)), NotComputed)
    short = on_other_scale(fit(y[:10], start=5))
    assert isinstance(short, NotComputed)
    assert "neither an interval nor a test" in short.reason


def test_a_fall_in_logarithms_is_a_share_of_what_was_expected_and_no_ratio_of_logarithms():
    y = np.log(100 * np.where(T >= 36, 0.6, 1.0)) + np.random.default_rng(7).normal(0, 0.01, 60) - 6
    made = fit(y).named("visits", "visits [log scale]")  # their logarithms are below zero
    effect = made.average()
    assert effect.absolute.estimate < -0.4
    assert effect.relative.estimate == np.expm1(effect.absolute.estimate)
    assert effect.relative.conf_low == np.expm1(effect.absolute.conf_low)
