"""Bad input: every problem in one message, each with its cure; nothing silently dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods import its


def made(n=36, seed=4, **more):
    draw = np.random.default_rng(seed)
    months = pd.period_range("2018-01", periods=n, freq="M").astype(str)
    columns = {"month": months, "visits": 40 + 0.2 * np.arange(n) + draw.normal(size=n),
               "counts": draw.poisson(30, n), "children": 1000 + np.arange(n)}
    return pd.DataFrame(columns).assign(**more)


def ask(frame, **more):
    return its.segmented(frame, **{"outcome": "visits", "time": "month", "start": "2019-07", **more})


def refused(frame, *parts, **more):
    with pytest.raises(BadInput) as caught:
        ask(frame, **more)
    for part in parts:
        assert part in str(caught.value), str(caught.value)
    assert all(problem.cure for problem in caught.value.problems)


def test_gaps_are_named_not_closed():
    frame = made()
    refused(frame.drop(index=[5, 9]), "2 missing months: 2018-06, 2018-10", "Shock")


def test_duplicate_months_are_named():
    frame = made()
    refused(pd.concat([frame, frame.iloc[[3]]]), "more than once: 2018-04")


def test_text_dates_are_read_day_first():
    frame = made()
    uk = frame.assign(month=[f"01/{m[5:]}/{m[:4]}" for m in frame.month])
    american = ask(frame).to_frame().estimate.to_numpy()
    assert ask(uk, start="01/07/2019").to_frame().estimate.to_numpy() == pytest.approx(american, rel=1e-12)
    assert ask(uk, start="2019-07").model.start == 18


def test_a_style_that_cannot_be_read_is_refused():
    refused(made().assign(month="soon"), "not periods it can read", "day first")


def test_start_outside_the_series():
    refused(made(), "2030-01 is not a period of the series", "2018-01 to 2020-12", start="2030-01")


@pytest.mark.parametrize(("start", "before", "after"), [("2018-03", 2, 34), ("2020-11", 34, 2)])
def test_fewer_than_three_a_side(start, before, after):
    refused(made(), f"{before} usable periods before and {after} after", "at least 3 each side", start=start)


def test_short_series_get_no_interval_and_are_told_why():
    fit = ask(made(n=24), start="2018-06")
    frame = fit.to_frame()
    assert frame.conf_low.isna().all()
    assert frame.std_error.isna().all()
    assert frame.p_value.isna().all()
    assert "5 periods before and 19 after" in fit.not_computed[0].reason
    assert fit.average().absolute.conf_low is None
    assert fit.counterfactual().conf_low.isna().all()
    assert ask(made(n=24), start="2018-07").not_computed == ()


def test_constant_series():
    refused(made(visits=3.0), "is the same in every period")


def test_missing_outcome_is_named_and_can_be_declared():
    frame = made()
    frame.loc[[7, 8], "visits"] = np.nan
    refused(frame, "missing in 2 period(s): 2018-08, 2018-09")
    declared = its.Shock(label="closed", first="2018-08", last="2018-09", each=True)
    with_gap = ask(frame, covariates=[declared], errors="ar1").to_frame().estimate
    # a term for each silent period is the same as any value there at all
    frame.loc[[7, 8], "visits"] = [1000.0, -3.0]
    again = ask(frame, covariates=[declared], errors="ar1").to_frame().estimate
    assert with_gap.to_numpy() == pytest.approx(again.to_numpy(), rel=1e-9)


@pytest.mark.parametrize(("column", "part"), [("zero", "zero, negative or missing in 1 period(s): 2018-05"),
                                              ("hole", "zero, negative or missing in 1 period(s): 2018-03")])
def test_zero_or_missing_exposure(column, part):
    frame = made()
    frame["zero"] = frame.children.where(frame.index != 4, 0)
    frame["hole"] = frame.children.where(frame.index != 2)
    refused(frame, part, outcome="counts", family="poisson", exposure=column)


def test_counts_must_be_counts():
    frame = made()
    refused(frame.assign(counts=frame.counts - 100), "negative counts", outcome="counts", family="poisson")
    refused(frame, "not whole", outcome="visits", family="poisson")


def test_exposure_without_counts_is_refused_not_ignored():
    refused(made(), "does nothing with family 'gaussian'", exposure="children")


def test_all_problems_come_together():
    with pytest.raises(BadInput) as caught:
        its.segmented(made(), outcome="vists", time="mnth", start="2019-07", family="normal", inference="magic")
    assert len(caught.value.problems) == 4
    assert "Did you mean 'visits'?" in str(caught.value)


def test_errors_and_inference_must_go_together():
    refused(made(), "does not go with inference 'integrated'", "least-squares", errors="independent")
    refused(made(), "does not go with inference 'least-squares'", inference="least-squares")


def test_a_control_of_other_length_is_refused():
    frame = pd.concat([made().assign(area="A"), made(seed=5).assign(area="B"), made(n=30, seed=6).assign(area="C")])
    common = {"unit": "area", "treated": "A"}
    refused(frame, "control (C): has 30 periods", "Cut both", **common, control=["B", "C"])
    refused(frame, "no rows for 'Bee'", "units: A, B, C", **common, control=["Bee"])
    refused(frame, "is the treated series", **common, control=["A"])
    refused(frame, "B named twice", "Remove one", **common, control=["B", "B"])
    assert ask(frame, **common, control=["B"]).model.controls == ("B",)


def test_transition_must_touch_the_start():
    refused(made(), "does not touch the start", transition=("2018-04", "2018-06"))
    refused(made(), "ends before it begins", transition=("2019-09", "2019-07"))


def test_seasonality_needs_a_calendar_and_room():
    frame = made(n=36).assign(week=np.arange(36))
    refused(frame, "neither months nor quarters", time="week", start=18, seasonality="calendar")
    refused(made(n=16), "periods for 15 terms", start="2018-09", seasonality="calendar")


def test_a_shock_that_is_the_effect_is_refused():
    refused(made(), "combination of the others", covariates=[its.Shock(label="same", first="2019-07")])


def test_text_in_a_number_column():
    frame = made()
    refused(frame.assign(visits=frame.visits.astype(str).where(frame.index != 3, "c")), "text that is not a number")


def test_the_frame_is_not_changed():
    frame = made()
    before = frame.copy(deep=True)
    ask(frame, seasonality="1 harmonic").diagnostics()
    pd.testing.assert_frame_equal(frame, before)


def test_a_series_without_noise_is_refused():
    refused(made(visits=np.arange(36) * 2.0 + 5 * (np.arange(36) >= 18)), "fitted exactly by the declared terms")
    refused(made(), "fitted exactly by the declared terms", control="visits")


def test_counts_need_events_before_the_start_and_none_after_it():
    frame = made()
    refused(frame.assign(counts=frame["counts"].where(frame.index >= 18, 0)), "no events before the start",
            outcome="counts", family="poisson")
    for impact in ("level", "level and slope"):
        gone = ask(frame.assign(counts=frame["counts"].where(frame.index < 18, 0)), outcome="counts", family="poisson",
                   start=its.Interruption(at="2019-07", impact=impact))
        effect = gone.average()
        assert effect.absolute.conf_low < effect.absolute.estimate < effect.absolute.conf_high < 0.1
        assert effect.relative.estimate < -0.9
        assert effect.relative.conf_low >= -1


def test_counts_that_would_run_off_to_infinity_stay_finite():
    frame = made().assign(counts=[9, 7, 11] * 6 + [6] + [0] * 17)
    found = ask(frame, outcome="counts", family="poisson")
    assert np.abs(found.to_frame().estimate).max() < 10
    assert -9 <= found.average().absolute.estimate < 0
    frame["counts"] = [9, 7, 11] * 6 + [3, 0, 0, 1, 0, 1] * 3
    level = its.Interruption(at="2019-07", impact="level")
    assert ask(frame, outcome="counts", family="poisson", start=level).average().relative.conf_high < -0.8


def test_a_large_level_costs_no_digits():
    frame = made()
    one, two = ask(frame).to_frame(), ask(frame.assign(visits=frame.visits + 1e9)).to_frame()
    for column in ("estimate", "conf_low", "conf_high"):
        assert two[column].to_numpy() == pytest.approx(one[column].to_numpy(), abs=1e-5)


def test_two_columns_of_one_name_and_shocks_backwards():
    frame = made()
    refused(pd.concat([frame, frame[["visits"]]], axis=1), "two columns are called 'visits'")
    refused(frame, "ends before it begins", covariates=[its.Shock(label="x", first="2019-01", last="2018-04")])


def test_columns_as_covariates_and_what_is_wrong_with_them():
    frame = made().assign(staff=np.r_[np.zeros(9), np.ones(27)])
    assert "staff" in ask(frame, covariates=["staff"]).columns.names
    refused(frame.assign(staff=frame.staff.where(frame.index != 2)), "missing values", covariates=["staff"])
    refused(frame, "no column 'stff'", "Did you mean 'staff'?", covariates=["stff"])


def test_unit_and_treated_go_together():
    frame = made().assign(area="A")
    refused(frame, "'treated' is given", treated="A")
    refused(frame, "no rows for 'B'", "units: A", unit="area", treated="B")


def test_options_of_options():
    from hubeval.methods.its import Interruption

    refused(made(), "a ramp over 0 periods", start=Interruption(at="2019-07", impact="ramp"))
    refused(made(), "names one period twice", start=["2019-07", "2019-07"])
    with pytest.raises(BadInput, match="is for counts"):
        ask(made()).to_frame(exponentiate=True)
    with pytest.raises(BadInput, match="later than 'last'"):
        ask(made()).average("2020-05", "2019-09")
