"""What a fit answers: known truths come back, and its parts agree with one another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubeval.errors import BadInput
from hubeval.methods import its
from hubeval.methods.its.door.options import INFERENCE


def series(n=48, level=5.0, slope=0.3, noise=1.0, seed=11, rho=0.4):
    draw = np.random.default_rng(seed)
    e = np.zeros(n)
    for t in range(n):
        e[t] = (rho * e[t - 1] if t else 0) + draw.normal() * noise
    t = np.arange(n)
    y = 20 + 0.1 * t + (t >= n // 2) * (level + slope * (t - n // 2)) + e
    return pd.DataFrame({"month": pd.period_range("2017-01", periods=n, freq="M").astype(str), "y": y, "e": e})


ASK = {"outcome": "y", "time": "month", "start": "2019-01"}


def test_without_noise_the_truth_comes_back():
    fit = its.segmented(series(noise=1e-6), **ASK)
    assert fit.to_frame().estimate.to_numpy() == pytest.approx([5, 0.3], abs=1e-4)
    assert fit.effect_at("2019-12").absolute.estimate == pytest.approx(5 + 0.3 * 11, abs=1e-4)
    assert fit.average().absolute.estimate == pytest.approx(5 + 0.3 * 11.5, abs=1e-4)
    assert fit.cumulative().absolute.estimate == pytest.approx(24 * (5 + 0.3 * 11.5), abs=1e-3)
    expected = 20 + 0.1 * 35
    assert fit.effect_at("2019-12").counterfactual.estimate == pytest.approx(expected, abs=1e-3)
    assert fit.effect_at("2019-12").relative.estimate == pytest.approx((5 + 0.3 * 11) / expected, abs=1e-4)


@pytest.mark.parametrize("inference", [name for name, one in INFERENCE.items() if "ar" in one.errors])
def test_every_inference_gives_an_interval_around_its_estimate(inference):
    fit = its.segmented(series(), **ASK, inference=inference)
    frame = fit.to_frame()
    assert (frame.conf_low < frame.estimate).all()
    assert (frame.estimate < frame.conf_high).all()
    assert "measured coverage" in fit.estimates[0].inference


@pytest.mark.parametrize("control", [0.0, 1.0])
def test_rare_counts_tell_the_effect_of_one_period_and_of_all_on_one_scale(control):
    draw = np.random.default_rng(8)
    months = pd.period_range("2014-01", periods=48, freq="M").astype(str)
    frame = pd.DataFrame({"month": months, "y": draw.poisson(np.where(np.arange(48) < 24, 3.0, 1.5)).astype(float)})
    frame["c"] = draw.poisson(control, 48).astype(float)
    fit = its.segmented(frame, outcome="y", time="month", start=its.Interruption(at=months[24], impact="level"),
                        family="poisson", **({"control": ["c"]} if control else {}))
    whole = fit.average()
    for month in months[24:]:
        one = fit.effect_at(month)
        assert one.absolute.conf_low <= one.absolute.estimate <= one.absolute.conf_high
        # a level change is one ratio; what is taken out of the counterfactual for its variance differs a little
        assert one.relative.estimate == pytest.approx(whole.relative.estimate, abs=0.25 if control else 0.05)
    seen = frame.y[24:].mean()
    assert whole.absolute.estimate + whole.counterfactual.estimate == pytest.approx(seen, rel=1e-6)


def seasons(after, swing, seed=3, rho=0.0):
    """Five years of months with a swing of 12, then `after` months with another."""
    t = np.arange(60 + after)
    e = np.random.default_rng(seed).normal(size=t.size)
    for i in range(1, t.size):
        e[i] += rho * e[i - 1]
    y = 100 + np.where(t >= 60, swing, 12) * np.cos(2 * np.pi * t / 12) + e
    frame = pd.DataFrame({"month": pd.period_range("2014-01", periods=t.size, freq="M").astype(str), "y": y})
    return frame, float(((swing - 12) * np.cos(2 * np.pi * t[60:] / 12)).mean())


@pytest.mark.parametrize("after", [24, 18, 30])
def test_a_season_that_changes_at_the_start_is_named_and_can_be_declared(after):
    frame, true = seasons(after, 4)
    ask = {"outcome": "y", "time": "month", "start": "2019-01"}
    steady = its.segmented(frame, **ask, seasonality="calendar")
    named = next(d for d in steady.diagnostics() if d.name == "Season changed at the start")
    assert named.status == "caution"
    assert ("not of a whole year" in named.reading) == (after % 12 != 0)
    for kind in ("calendar", "1 harmonic"):
        fit = its.segmented(frame, **ask, seasonality=f"{kind}, changing at the start")
        effect = fit.average().absolute
        assert effect.conf_low < true < effect.conf_high
        assert effect.conf_high - effect.conf_low < 4
        assert abs(fit.estimates[0].estimate) < 1  # the level change is that of a year
        assert not any(d.name == "Season changed at the start" for d in fit.diagnostics())


def test_a_steady_season_is_seldom_called_changed():
    said = 0
    for seed in range(40):
        frame, _ = seasons(24, 12, seed=seed, rho=0.4)
        fit = its.segmented(frame, outcome="y", time="month", start="2019-01", seasonality="calendar")
        said += any(d.status == "caution" for d in fit.diagnostics() if d.name == "Season changed at the start")
    assert said <= 6  # 5% of 40 is 2; more than 6 once in 300 times


def test_a_season_can_change_only_where_a_whole_year_follows():
    frame, _ = seasons(9, 4)
    with pytest.raises(BadInput, match="a whole year"):
        its.segmented(frame, outcome="y", time="month", start="2019-01", seasonality="calendar, changing at the start")


def test_intervals_widen_with_the_level_and_agree_with_p():
    from dataclasses import replace

    fit = its.segmented(series(level=1.5), **ASK)
    wide, narrow = (replace(fit, conf_level=level).average().absolute for level in (0.99, 0.9))
    assert wide.conf_low < narrow.conf_low < narrow.conf_high < wide.conf_high
    p = fit.average().absolute.p_value
    at = replace(fit, conf_level=1 - p).average().absolute
    assert min(abs(at.conf_low), abs(at.conf_high)) == pytest.approx(0, abs=1e-6)


def test_band_leaves_out_the_fit_where_the_effect_leaves_out_zero():
    fit = its.segmented(series(level=1.0, slope=0.1), **ASK)
    frame = fit.counterfactual().set_index("time")
    for month in frame.index[24:]:
        effect, row = fit.effect_at(month).absolute, frame.loc[month]
        assert (effect.conf_low > 0 or effect.conf_high < 0) == (not row.conf_low <= row.fitted <= row.conf_high)
        assert row.counterfactual - row.conf_low == pytest.approx(effect.conf_high - effect.estimate, abs=1e-9)


def test_known_shock_and_transition_take_their_periods_out():
    frame = series(seed=3)
    frame.loc[24:26, "y"] -= 30
    plain = its.segmented(frame, **ASK).average().absolute.estimate
    clean = its.segmented(frame, **ASK, transition=("2019-01", "2019-03")).average().absolute.estimate
    true = 5 + 0.3 * np.arange(3, 24).mean()
    assert abs(clean - true) < 2
    assert abs(plain - true) > 2
    frame = series(seed=3)
    frame.loc[5:9, "y"] += 25
    shock = its.Shock(label="flood", first="2017-06", last="2017-10")
    held = its.segmented(frame, **ASK, covariates=[shock])
    assert "flood" in held.columns.names
    assert abs(held.average().absolute.estimate - (5 + 0.3 * 11.5)) < 2


def test_several_interruptions_are_told_apart():
    frame = series(slope=0.0, noise=0.01)
    frame.loc[36:, "y"] += 7
    starts = [its.Interruption(at="2019-01", impact="level"), its.Interruption(at="2020-01", impact="level")]
    found = its.segmented(frame, **{**ASK, "start": starts}).to_frame().set_index("term").estimate
    assert found["level change at 2019-01"] == pytest.approx(5, abs=0.1)
    assert found["level change at 2020-01"] == pytest.approx(7, abs=0.1)


def test_a_ramp_reaches_its_plateau():
    frame = series(level=0, slope=0, noise=0.01)
    frame["y"] += 6 * np.clip((np.arange(48) - 24 + 1) / 6, 0, 1)
    fit = its.segmented(frame, **{**ASK, "start": its.Interruption(at="2019-01", impact="ramp", over=6)})
    assert fit.effect_at("2019-01").absolute.estimate == pytest.approx(1, abs=0.05)
    assert fit.effect_at("2020-12").absolute.estimate == pytest.approx(6, abs=0.05)


def test_effects_are_only_defined_after_the_start():
    fit = its.segmented(series(), **ASK, transition=("2019-01", "2019-02"))
    for time in ("2018-12", "2019-02", "2030-01"):
        with pytest.raises(BadInput, match="no effect is defined"):
            fit.effect_at(time)


@given(shift=st.floats(-100, 100), scale=st.floats(0.1, 50))
@settings(max_examples=10, deadline=None)
def test_location_and_scale_of_the_outcome_pass_through(shift, scale):
    frame = series()
    one = its.segmented(frame, **ASK).to_frame()
    two = its.segmented(frame.assign(y=shift + scale * frame.y), **ASK).to_frame()
    for column in ("estimate", "std_error", "conf_low", "conf_high"):
        assert two[column].to_numpy() == pytest.approx(scale * one[column].to_numpy(), rel=1e-6, abs=1e-8)
    assert two.p_value.to_numpy() == pytest.approx(one.p_value.to_numpy(), rel=1e-5, abs=1e-10)


@given(drift=st.floats(-5, 5), order=st.randoms())
@settings(max_examples=8, deadline=None)
def test_a_trend_added_and_rows_shuffled_change_nothing(drift, order):
    frame = series()
    one = its.segmented(frame, **ASK).to_frame().estimate.to_numpy()
    rows = list(frame.index)
    order.shuffle(rows)
    other = frame.assign(y=frame.y + drift * np.arange(48)).loc[rows]
    assert its.segmented(other, **ASK).to_frame().estimate.to_numpy() == pytest.approx(one, abs=1e-7)


def test_exposure_rescaled_changes_nothing():
    draw = np.random.default_rng(8)
    frame = series().assign(count=draw.poisson(50, 48), people=1000.0)
    ask = {**ASK, "outcome": "count", "family": "poisson", "exposure": "people"}
    one = its.segmented(frame, **ask)
    two = its.segmented(frame.assign(people=10.0), **ask)
    assert two.to_frame().estimate.to_numpy() == pytest.approx(one.to_frame().estimate.to_numpy(), abs=1e-8)
    assert two.cumulative().absolute.estimate == pytest.approx(one.cumulative().absolute.estimate, rel=1e-6)


def test_dispersion_is_never_below_one():
    draw = np.random.default_rng(1)
    frame = series().assign(count=30 + draw.integers(-1, 2, 48))
    fit = its.segmented(frame, **{**ASK, "outcome": "count", "family": "poisson"}, errors="ar1")
    level = fit.to_frame().iloc[0]
    # Poisson noise at a mean of 30 is the least there can be; the spread of these counts alone would give a sixth of it
    assert level.conf_high - level.conf_low > 3.5 * np.sqrt(1 / (30 * 24) + 1 / (30 * 24))
    alone = its.segmented(frame, **{**ASK, "outcome": "count"}, errors="ar1").to_frame().iloc[0]
    assert (alone.conf_high - alone.conf_low) / 30 < 0.4 * (level.conf_high - level.conf_low)


def test_counts_with_a_known_ratio_come_back():
    draw = np.random.default_rng(2)
    t = np.arange(60)
    mean = np.exp(6 + 0.005 * t + np.log(0.8) * (t >= 30))
    frame = pd.DataFrame({"t": t, "count": draw.poisson(mean)})
    for family in ("poisson", "negative-binomial"):
        fit = its.segmented(frame, outcome="count", time="t", start=its.Interruption(at=30, impact="level"), family=family)
        ratio = fit.to_frame(exponentiate=True).iloc[0]
        assert ratio.conf_low < 0.8 < ratio.conf_high
        assert fit.average().relative.estimate == pytest.approx(ratio.estimate - 1, abs=1e-9)
        averted = fit.cumulative()
        assert averted.absolute.estimate == pytest.approx(
            averted.counterfactual.estimate * averted.relative.estimate, rel=1e-9)


def test_a_shared_change_is_taken_out_by_the_comparison():
    frame = series(level=0, slope=0)
    draw = np.random.default_rng(9)
    shared = 8 * (np.arange(48) >= 24)
    frame["y"] += shared
    frame["other"] = 10 + shared + draw.normal(size=48)
    alone, beside = its.segmented(frame, **ASK), its.segmented(frame, **ASK, control="other")
    assert alone.average().absolute.conf_low > 0
    assert beside.average().absolute.conf_low < 0 < beside.average().absolute.conf_high
    counts = frame.assign(y=draw.poisson(40 + 4 * shared), other=draw.poisson(90 + 9 * shared))
    ratio = its.segmented(counts, **ASK, family="poisson", control="other").average().relative
    assert ratio.conf_low < 0 < ratio.conf_high


def test_boundary_is_guarded_in_the_plug_in_methods():
    draw = np.random.default_rng(5)
    frame = series().assign(y=np.cumsum(draw.normal(size=48)))
    fits = [its.segmented(frame.assign(y=np.cumsum(np.random.default_rng(s).normal(size=48))), **ASK,
                          inference="kenward-roger") for s in range(12)]
    guarded = [fit for fit in fits if fit.fitted.guarded]
    assert guarded
    assert all("cannot be separated" in fit.estimates[0].inference for fit in guarded)
    assert all(np.ptp(fit.to_frame()[["conf_low", "conf_high"]].to_numpy()) < 100 for fit in fits)


def test_everything_asked_of_a_result_comes_back_with_a_reading():
    fit = its.segmented(series(), **ASK)
    names = {check.name for check in (*fit.diagnostics(), *fit.probes())}
    assert {"Autocorrelation left over", "Seasonality left over", "Functional form", "Influence", "placebo starts",
            "Transition window", "Error model"} <= names
    assert all(len(check.reading) > 20 for check in (*fit.diagnostics(), *fit.probes()))
    assert [figure.name for figure in fit.figures()] == ["series", "placebo-dates", "residuals"]
    assert len(fit.placebo_dates()) == 13


def test_season_left_over_and_an_odd_month_are_found():
    frame = series(noise=0.5)
    frame["y"] += 4 * np.cos(2 * np.pi * np.arange(48) / 12)
    checks = {check.name: check for check in its.segmented(frame, **ASK).diagnostics()}
    assert checks["Seasonality left over"].status == "caution"
    held = {check.name: check for check in its.segmented(frame, **ASK, seasonality="1 harmonic").diagnostics()}
    assert held["Seasonality left over"].status == "pass"
    frame = series(noise=0.5)
    frame.loc[25, "y"] += 15
    odd = {check.name: check for check in its.segmented(frame, **ASK).diagnostics()}["Influence"]
    assert odd.status == "caution"
    assert "2019-02" in odd.reading


def test_a_bend_is_found():
    frame = series(level=0, slope=0, noise=0.5)
    frame["y"] += 0.01 * np.arange(48) ** 2
    checks = {check.name: check for check in its.segmented(frame, **ASK, errors="ar1").diagnostics()}
    assert checks["Functional form"].status == "caution"


def test_an_effect_is_a_frame_of_three_and_windows_can_be_named():
    fit = its.segmented(series(), **ASK)
    frame = fit.effect_at("2019-06").to_frame()
    assert frame.scale.tolist() == ["absolute", "relative", "counterfactual"]
    whole, part = fit.average().absolute.estimate, fit.average("2019-01", "2019-03").absolute.estimate
    slope = fit.to_frame().estimate[1]
    assert whole - part == pytest.approx(slope * (11.5 - 1), abs=1e-9)
    below_zero = its.segmented(series().assign(y=lambda d: d.y - 30), **ASK).average().relative
    assert "not clearly above zero" in below_zero.reason


@pytest.mark.parametrize(("declared", "said"), [
    (None, "Declare seasonality in the protocol"),
    ("1 harmonic", 'declare more harmonics, or seasonality = "calendar"'),
])
def test_a_season_declared_already_is_not_asked_for_again(declared, said):
    """A season with a spike in March, which one harmonic cannot follow."""
    t = np.arange(60)
    visits = 50 + 9 * (t % 12 == 2) + 0.3 * np.random.default_rng(2).normal(size=60)
    month = pd.period_range("2018-01", periods=60, freq="M").astype(str)
    frame = pd.DataFrame({"month": month, "visits": visits})
    fit = its.segmented(frame, outcome="visits", time="month", start="2020-07", seasonality=declared)
    readings = " ".join(d.reading for d in fit.diagnostics() if d.status == "caution")
    assert said in readings
    assert ("Declare seasonality" in readings) is (declared is None)
    if declared:
        assert "Consider a seasonal term" not in readings


@pytest.mark.parametrize("by", ["units", "columns"])
def test_a_comparison_series_with_a_blank_cell_is_left_out_and_said(by):
    """One blank month in one of four comparison areas costs that area, not the analysis."""
    rng = np.random.default_rng(5)
    month = pd.period_range("2018-01", periods=48, freq="M").astype(str)
    wide = pd.DataFrame({name: 50 + rng.normal(size=48) for name in ("Hub", "Ash", "Birch", "Cedar", "Elm")}, index=month)
    wide.loc["2019-05", "Birch"] = np.nan
    kept = ["Ash", "Cedar", "Elm"]

    def fitted(control):
        if by == "columns":
            frame = wide.rename_axis("month").reset_index()
            return its.segmented(frame, outcome="Hub", time="month", start="2020-01", control=control)
        frame = wide.rename_axis("month").reset_index().melt("month", var_name="area", value_name="visits")
        return its.segmented(frame, outcome="visits", time="month", start="2020-01", unit="area", treated="Hub",
                             control=control)

    found, without = fitted(["Ash", "Birch", "Cedar", "Elm"]), fitted(kept)
    assert found.model.controls == tuple(kept)
    assert found.average().absolute.estimate == without.average().absolute.estimate
    (said,) = found.not_computed
    assert "Birch" in said.what
    assert "1 period without a number" in said.reason
    assert not without.not_computed
    with pytest.raises(BadInput, match="each of 1 comparison series"):
        fitted(["Birch"])
