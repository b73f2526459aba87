"""Synthetic control: placebo ranks and intervals checked by brute force, invariances, and what cannot be computed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.engine.simplex import simplex_fit
from hubeval.errors import BadInput
from hubeval.methods import synth
from hubeval.methods.synth.checks.diagnostics import overfit
from hubeval.methods.synth.door.frames import read_panel
from hubeval.methods.synth.door.panel import Panel, Predictor
from hubeval.methods.synth.estimators.donor_weights import fit_units
from hubeval.methods.synth.fits.control import control_of
from hubeval.methods.synth.inference import conformal
from hubeval.methods.synth.inference import placebo_units as placebo
from hubeval.result import NotComputed
from hubeval.wording import brief


def with_effect_removed(panel, effect):
    y = panel.y.copy()
    y[panel.t0 :, panel.treated[0]] -= effect
    return Panel(y=y, units=panel.units, times=panel.times, treated=panel.treated, t0=panel.t0, x=panel.x)


def test_weights_are_a_weighting_and_the_gap_adds_up(panel, names):
    fit = synth.control(panel, **names)
    assert fit.weights.min() >= 0
    assert fit.weights.sum() == pytest.approx(1, abs=1e-12)
    gap = fit.gap()
    wide = panel.pivot_table(index="year", columns="area", values="rate")
    np.testing.assert_allclose(gap["synthetic"], wide[fit.weights.index] @ fit.weights, rtol=1e-12)
    np.testing.assert_allclose(gap["observed"] - gap["synthetic"], gap["gap"], atol=1e-12)
    assert fit.estimate == pytest.approx(gap.loc[gap["after"], "gap"].mean())
    assert fit.relative_gap <= 1e-9


def test_frame_has_the_houses_columns(panel, names):
    frame = synth.control(panel, **names).to_frame()
    assert {"term", "estimate", "std_error", "conf_low", "conf_high", "p_value", "inference"} <= set(frame.columns)
    assert frame["term"].tolist()[:3] == ["ATT", "ATT, relative", "effect at 2016"]
    assert len(frame) == 2 + 8


def test_every_placebo_is_the_fit_of_that_unit(panel, names):
    tests = synth.control(panel, **names).placebos()
    other = synth.control(panel, **{**names, "treated": "Donor E"})
    column = tests.units.index("Donor E")
    np.testing.assert_allclose(tests.gaps[:, column], other.gap()["gap"], atol=1e-9)
    assert tests.to_frame()["unit"].nunique() == 12
    assert tests.smallest_p == 1 / 12


def test_rank_is_exact_and_ties_count_against_the_treated(panel, names):
    tests = synth.control(panel, **names).placebos()
    ratio = tests.post / tests.pre
    assert tests.by_ratio.rank == sum(r >= ratio[tests.treated] * (1 - 1e-9) for r in ratio)
    assert tests.by_ratio.p_value == tests.by_ratio.rank / 12


@pytest.mark.parametrize("effect", [-9.0, -6.1, -4.0, -1.0, 0.0, 2.5])
def test_inverted_test_gives_the_p_value_of_refitting_without_the_effect(panel, names, effect):
    got = read_panel(panel, **names)
    again, _ = placebo.in_space(with_effect_removed(got, effect))
    tests, _ = placebo.in_space(got)
    level = 0.3
    found = tests.test(conf_level=1 - level)
    assert (again.by_ratio.p_value > level) == (found.conf_low <= effect <= found.conf_high)


def test_interval_ends_are_where_the_decision_changes(make_panel, names):
    for seed in range(6):
        got = read_panel(make_panel(seed=seed, effect=-3), **names)
        tests, _ = placebo.in_space(got)
        found = tests.test(conf_level=0.7)
        grid = np.linspace(found.conf_low - 3, found.conf_high + 3, 121)
        kept = [e for e in grid if placebo.in_space(with_effect_removed(got, e))[0].by_ratio.p_value > 0.3]
        step = grid[1] - grid[0]
        assert found.conf_low <= kept[0] <= found.conf_low + step
        assert found.conf_high - step <= kept[-1] <= found.conf_high


def test_too_few_donors_for_an_interval_is_said(panel, names):
    fit = synth.control(panel, **names)
    assert fit.estimates()[0].conf_low is None
    assert fit.estimates()[0].p_value is not None
    assert fit.estimates()[0].inference.endswith("; no interval")
    (reason,) = fit.not_computed()
    assert "12 units can give no p-value below 0.083" in reason.reason


def test_an_effect_that_swings_has_no_constant_interval_and_says_so(make_panel, names):
    frame = make_panel(n=30, effect=0.0)
    after = (frame["area"] == "Hub") & (frame["year"] >= 2016)
    frame.loc[after, "rate"] += np.where(frame.loc[after, "year"] % 2, 60.0, -60.0)
    fit = synth.control(frame, **names)
    first = fit.estimates()[0]
    assert first.p_value == 1 / 30
    assert first.conf_low is None
    assert any("called constant" in n.reason for n in fit.not_computed())


def test_perfect_fit_with_more_donors_than_periods_is_named_overfit(make_panel, names):
    frame = make_panel(seed=2, n=60, t=12, start=3, noise=3.0)
    fit = synth.control(frame, **{**names, "start": 2003})
    assert fit.perfect
    assert fit.placebos().by_ratio is None
    first = fit.estimates()[0]
    assert first.p_value is None
    assert first.conf_low is None
    assert np.isfinite(first.estimate)
    assert any("overfitted" in n.reason and "59 donors can reproduce 3 periods" in n.reason for n in fit.not_computed())
    asked = overfit(fit)
    assert asked.status == "fail"
    low, high = fit.perfect_range()
    assert f"from {brief(low)} to {brief(high)}" in asked.reading
    assert low < fit.estimate < high
    frame = fit.placebos().to_frame().set_index("unit")
    assert frame["ratio"].isna()["Hub"]
    assert fit.placebos().by_gap.n == 60


def test_of_many_perfect_fits_the_most_even_is_taken_whatever_the_order(make_panel, names):
    frame = make_panel(seed=2, n=60, t=12, start=3, noise=3.0)
    fit = synth.control(frame, **{**names, "start": 2003})
    again = synth.control(frame.sample(frac=1, random_state=9), **{**names, "start": 2003})
    assert again.estimate == pytest.approx(fit.estimate, rel=1e-6)
    rng = np.random.default_rng(1)
    p = fit.panel.y[:3, list(fit.panel.donors)] - fit.panel.y[:3, [fit.treated]]
    square = float((fit.weights**2).sum())
    for _ in range(20):
        other = simplex_fit(p * rng.uniform(0.5, 2, (3, 1)), np.zeros(3)).weights[0]
        if np.abs(p @ other).max() < 1e-9:
            assert (other**2).sum() >= square - 1e-6


def test_the_range_is_not_asked_for_where_the_fit_is_not_perfect(panel, names):
    assert synth.control(panel, **names).perfect_range() is None


def test_a_perfect_placebo_counts_as_more_extreme(panel, names):
    twin = panel[panel["area"] == "Donor A"].assign(area="Twin")

    fit = synth.control(pd.concat([panel, twin]), **names)
    assert int(fit.placebos().perfect.sum()) == 2
    assert fit.placebos().by_ratio.rank >= 3


@pytest.mark.parametrize("estimator", [synth.control, synth.augmented, synth.synthetic_did])
def test_order_of_rows_and_units_and_scale_change_nothing(panel, names, estimator):
    fit = estimator(panel, **names)
    shuffled = estimator(panel.sample(frac=1, random_state=5), **names)
    assert shuffled.estimate == fit.estimate  # to the last bit
    scaled = estimator(panel.assign(rate=panel["rate"] * 1000), **names)
    assert scaled.estimate == pytest.approx(1000 * fit.estimate, rel=1e-8)
    lifted = panel.assign(rate=panel["rate"] + 1000)
    assert estimator(lifted, **names).estimate == pytest.approx(fit.estimate, rel=1e-7)


@pytest.mark.parametrize("estimator", [synth.control, synth.augmented])
def test_a_path_shared_by_all_units_changes_nothing(panel, names, estimator):
    shared = panel.assign(rate=panel["rate"] + 3 * np.sin(panel["year"]))
    assert estimator(shared, **names).estimate == pytest.approx(estimator(panel, **names).estimate, rel=1e-7)


def test_in_time_uses_nothing_from_the_true_start_on(panel, names):
    first = synth.control(panel, **names).in_time()
    later = panel.assign(rate=panel["rate"].where(panel["year"] < 2016, panel["rate"] * 5))
    second = synth.control(later, **names).in_time()
    np.testing.assert_allclose(first["estimate"], second["estimate"], rtol=1e-12)
    assert first["start"].tolist() == list(range(2008, 2016))
    again = synth.control(panel[panel["year"] < 2016], **{**names, "start": 2010})
    row = first[first["start"] == 2010].iloc[0]
    assert row["estimate"] == pytest.approx(again.estimate)
    assert row["rank"] == again.placebos().by_ratio.rank


def test_leave_one_out_is_the_fit_without_that_donor(panel, names):
    fit = synth.control(panel, **names)
    without = fit.leave_one_out()
    assert set(without["left_out"]) == set(fit.weights.index[fit.weights > 1e-6])
    dropped = without["left_out"].iloc[0]
    rest = [u for u in fit.weights.index if u != dropped]
    assert without["estimate"].iloc[0] == pytest.approx(synth.control(panel, **names, donors=rest).estimate, rel=1e-9)


def test_conformal_p_is_that_of_its_definition(panel, names):
    got = read_panel(panel, **names)
    y, t = got.y, got.y.shape[0]
    rows = np.arange(got.t0, t)
    effect = -4.0
    hub = got.treated[0]
    p = conformal.p_values(y, hub, rows, np.array([effect]))[0]
    null = with_effect_removed(got, effect)
    everything = Panel(y=null.y, units=got.units, times=got.times, treated=got.treated, t0=t, x=got.x)
    allowed = np.ones((1, y.shape[1]), dtype=bool)
    allowed[0, hub] = False
    w = fit_units(everything, np.array([hub]), allowed).weights[0]
    u = np.abs(null.y[:, hub] - null.y @ w)
    shifts = [np.roll(u, -k)[got.t0 :].mean() for k in range(t)]
    assert p == np.mean([s >= shifts[0] - 1e-12 for s in shifts])


def test_conformal_interval_ends_are_where_the_decision_changes(panel, names):
    fit = synth.control(panel, **names, inference="conformal", conf_level=0.8)
    first = fit.estimates()[0]
    y, rows = fit.panel.y, np.arange(16, 24)
    for end, outward in ((first.conf_low, -1e-6), (first.conf_high, 1e-6)):
        inside, outside = conformal.p_values(y, fit.treated, rows, np.array([end - 2 * outward, end + 2 * outward]))
        assert inside > 0.2 >= outside
    assert first.conf_low < first.conf_high
    assert "cyclic shifts" in first.inference


def test_relative_effect_is_the_effect_over_what_would_have_been(make_panel, names):
    fit = synth.control(make_panel(n=30), **names)
    mean, relative = fit.estimates()[:2]
    after = fit.gap()[lambda g: g["after"]]
    assert relative.estimate == pytest.approx(100 * after["gap"].sum() / after["synthetic"].sum())
    observed = after["observed"].mean()
    assert relative.conf_low == pytest.approx(100 * mean.conf_low / (observed - mean.conf_low))


def test_nested_weights_fit_no_better_than_the_path_and_no_worse_than_equal_ones(panel, names):
    frame = panel.assign(x=panel["rate"] + 0.1 * panel["year"] % 7, z=np.cos(panel["rate"]))
    predictors = ["x", "z", Predictor(column="rate", periods=(2004, 2005)), Predictor(column="rate", periods=(2014,))]
    fit = synth.control(frame, **names, predictors=predictors)
    path = synth.control(panel, **names)
    assert path.pre_rmspe <= fit.pre_rmspe <= 2 * path.pre_rmspe
    assert fit.predictor_weights.sum() == pytest.approx(1)
    assert fit.predictor_weights.index[2] == "rate 2004 to 2005"
    assert isinstance(fit.in_time(), NotComputed)
    again = synth.control(frame.sample(frac=1, random_state=4), **names, predictors=predictors)
    assert again.weights.equals(fit.weights)


def test_a_large_penalty_takes_the_ridge_step_away(make_panel, names):
    panel = make_panel(n=30)
    plain = synth.control(panel, **names)
    assert synth.augmented(panel, **names, penalty=1e12).estimate == pytest.approx(plain.estimate, rel=1e-6)
    close = synth.augmented(panel, **names, penalty=1e-3)
    assert close.pre_rmspe < 0.2 * plain.pre_rmspe
    assert close.weights.min() < 0


def test_path_weights_reproduce_the_effect_put_in(make_panel, names):
    assert synth.control(make_panel(noise=0.05), **names).estimate == pytest.approx(-5, abs=0.3)


def test_control_of_takes_a_panel_that_has_passed_the_door(panel, names):
    assert control_of(read_panel(panel, **names)).estimate == synth.control(panel, **names).estimate


def test_a_county_on_published_figures_is_called_overfit(shared):
    """Referrals in one county from 2013, hubs from April 2017: five years before, 139 whole series to draw on."""
    data = pd.read_csv(shared("data/dfe_csc_la_2013_2025.csv"))
    data = data[data.groupby("new_la_code")["referrals_per10k"].transform("count") == 13]
    fit = synth.control(data, outcome="referrals_per10k", unit="new_la_code", time="year", treated="E10000012", start=2018)
    assert fit.perfect
    assert fit.estimates()[0].p_value is None
    assert "the fit is overfitted" in fit.not_computed()[0].reason
    low, high = fit.perfect_range()
    assert high - low > 200  # referrals per 10,000: the data do not settle it
    assert low < fit.estimate < high


def test_a_pool_of_donors_keeps_the_treated_unit_out_of_the_placebos(make_panel, names):
    frame = make_panel(n=25, effect=-40.0)
    everyone, apart = synth.control(frame, **names), synth.control(frame, **names, pool="donors")
    assert apart.estimate == everyone.estimate
    assert (apart.fits.weights[:, apart.treated] == 0).all()
    assert apart.placebos().by_ratio.rank == 1
    alone = synth.control(frame[frame["area"] != "Hub"], **{**names, "treated": "Donor F"})
    column = apart.placebos().units.index("Donor F")
    np.testing.assert_allclose(apart.placebos().gaps[:, column], alone.gap()["gap"], atol=1e-9)
    assert "placebos without the treated unit" in apart.estimates()[0].inference
    first = synth.control(frame, **names, pool="donors", conf_level=0.9).estimates()[0]
    assert first.conf_low < -40 < first.conf_high
    with pytest.raises(BadInput, match="pool: found 'some'"):
        synth.control(frame, **names, pool="some")
