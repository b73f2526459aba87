"""Bad input ends in one clear line a problem, with its cure; nothing is dropped or closed up silently."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods import synth
from hubeval.methods.synth.door.frames import read_panel
from hubeval.methods.synth.door.panel import Predictor


def refused(frame, names, **changes):
    with pytest.raises(BadInput) as caught:
        synth.control(frame, **{**names, **changes})
    for problem in caught.value.problems:
        assert problem.cure or problem.allowed, problem
    return str(caught.value)


def test_a_misspelt_column_is_named_with_the_nearest(panel, names):
    assert "Did you mean 'rate'?" in refused(panel, names, outcome="ratte")


def test_all_problems_come_together(panel, names):
    message = refused(panel, names, treated="Hubb", start=1990, donors=["Donor A", "Nowhere", "Donor C"])
    assert "no unit 'Hubb'" in message
    assert "Did you mean 'Hub'?" in message
    assert "no unit 'Nowhere'" in message
    assert "1990 is outside the series (2000 to 2023)" in message


def test_a_gap_in_time_is_named_not_closed(panel, names):
    assert "no rows at all for 2005, 2009" in refused(panel[~panel["year"].isin([2005, 2009])], names)


def test_duplicate_periods_are_refused(panel, names):
    message = refused(pd.concat([panel, panel[panel["area"] == "Donor B"].head(1)]), names)
    assert "1 row(s) repeat a unit and period (Donor B)" in message


def test_a_donor_of_other_length_is_named(panel, names):
    short = panel[~((panel["area"] == "Donor C") & (panel["year"] > 2020))]
    assert "1 unit(s) have periods without a value of 'rate' (Donor C)" in refused(short, names)
    keep = [u for u in panel["area"].unique() if u not in {"Donor C", "Hub"}]
    assert "Donor C" not in synth.control(short, **names, donors=keep).weights.index


def test_missing_and_infinite_cells_are_refused(panel, names):
    for hole in (np.nan, np.inf):
        broken = panel.copy()
        broken.loc[3, "rate"] = hole
        assert "(Hub)" in refused(broken, names)


def test_marks_of_suppression_are_counted_not_read_as_numbers(panel, names):
    broken = panel.astype({"rate": object})
    broken.loc[[5, 40], "rate"] = "c"
    assert "2 row(s) of 'rate' are not numbers" in refused(broken, names)


def test_start_needs_three_periods_before_it(panel, names):
    assert "2 period(s) before 2002 (3 or more)" in refused(panel, names, start=2002)
    assert "outside the series" in refused(panel, names, start=2024)
    assert "not a period" in refused(panel, names, start="soon")


def test_one_unit_treated_twice(panel, names):
    assert "Hub is named twice" in refused(panel, names, treated=["Hub", "Hub"])


def test_a_treated_donor_is_refused(panel, names):
    assert "Hub is treated" in refused(panel, names, donors=["Hub", "Donor A", "Donor B"])


def test_two_donors_at_least(panel, names):
    assert "1 unit(s) besides the treated (2 donors or more)" in refused(panel, names, donors=["Donor A"])


def test_a_constant_treated_series_has_no_path_to_match(panel, names):
    flat = panel.copy()
    flat.loc[(flat["area"] == "Hub") & (flat["year"] < 2016), "rate"] = 7.0
    assert "'Hub' is constant before the start" in refused(flat, names).replace("Hub is", "'Hub' is")


def test_several_treated_units_are_sent_elsewhere(panel, names):
    assert "synthetic_did" in refused(panel, names, treated=["Hub", "Donor A"])


@pytest.mark.parametrize(("option", "value"), [("inference", "bayes"), ("conf_level", 95), ("conf_level", 0)])
def test_options_are_checked(panel, names, option, value):
    assert refused(panel, names, **{option: value}).startswith(option)


def test_options_that_do_not_apply_are_refused_not_ignored(panel, names):
    assert "conformal" in refused(panel, names, predictors=["rate"], inference="conformal")
    with pytest.raises(BadInput, match="penalty: found 0"):
        synth.augmented(panel, **names, penalty=0)
    with pytest.raises(BadInput, match="errors: found 'robust'"):
        synth.synthetic_did(panel, **names, errors="robust")


def test_predictors_must_be_measured_before_the_start_and_vary(panel, names):
    assert "2018 is not before the start" in refused(panel, names, predictors=[Predictor(column="rate", periods=(2010, 2018))])
    assert "same for every unit" in refused(panel.assign(one=1.0), names, predictors=["one"])
    assert "no value for Donor A" in refused(
        panel.assign(x=panel["rate"].where(panel["area"] != "Donor A")), names, predictors=["x"])


def written(panel, how):
    months = pd.period_range("2019-03", periods=24, freq="M")
    return panel.assign(year=[how(months[y - 2000]) for y in panel["year"]]), how(months[16])


@pytest.mark.parametrize(
    "how",
    [lambda p: p.strftime("%d/%m/%Y"), lambda p: p.strftime("%Y-%m"), lambda p: p.strftime("%b %Y"), lambda p: p.start_time,
     lambda p: int(p.strftime("%Y%m")), lambda p: p.strftime("%Y-%m-%d")],
)
def test_dates_in_uk_order_and_other_spellings_give_the_same_answer(panel, names, how):
    frame, start = written(panel, how)
    shuffled = frame.sample(frac=1, random_state=3)
    fit = synth.control(shuffled, **{**names, "start": start})
    assert fit.estimate == pytest.approx(synth.control(panel, **names).estimate, rel=1e-9)
    assert next(iter(fit.gap()["time"])) == frame["year"][0]


def test_dates_in_american_order_are_refused(panel, names):
    frame, _ = written(panel, lambda p: f"{p.month:02d}/28/{p.year}")
    assert "day first" in refused(frame, {**names, "start": "07/28/2020"})


def test_weekly_and_biennial_series_are_evenly_spaced_and_their_gaps_are_named(panel, names):
    weekly = panel.assign(year=[pd.Timestamp("2000-01-03") + pd.Timedelta(weeks=y - 2000) for y in panel["year"]])
    fit = synth.control(weekly, **{**names, "start": "2000-04-24"})
    assert fit.estimate == pytest.approx(synth.control(panel, **names).estimate, rel=1e-9)
    every_other = panel.assign(year=2 * panel["year"])
    assert synth.control(every_other, **{**names, "start": 4032}).panel.t0 == 16
    assert "no rows at all for 4010" in refused(every_other[every_other["year"] != 4010], {**names, "start": 4032})


@pytest.mark.parametrize(
    ("frame", "changes", "message"),
    [
        (None, {}, "frame: found a NoneType"),
        ("empty", {}, "frame: it has no rows"),
        ("twice", {}, "2 columns are called 'rate'"),
        ("as it is", {"donors": "Donor A"}, "donors: found the text 'Donor A' \\(a list\\)"),
        ("as it is", {"predictors": "rate"}, "predictors: found the text 'rate'"),
        ("as it is", {"donors": [["Donor A"]]}, "no unit \\['Donor A'\\]"),
        ("as it is", {"treated": None}, "no unit None"),
        ("as it is", {"start": None}, "not a period"),
    ],
)
def test_nothing_odd_ends_in_a_traceback(panel, names, frame, changes, message):
    made = {"empty": panel.iloc[:0], "twice": pd.concat([panel, panel[["rate"]]], axis=1), "as it is": panel}.get(frame)
    with pytest.raises(BadInput, match=message):
        synth.control(made, **{**names, **changes})


def test_mixed_kinds_of_period_are_refused(panel, names):
    mixed = panel.astype({"year": object})
    mixed["year"] = [str(y) if i % 2 else f"{y}Q1" for i, y in enumerate(mixed["year"])]
    assert "mixes quarter, year" in refused(mixed, {**names, "start": "2016"})


def test_the_callers_frame_is_left_alone(panel, names):
    before = panel.copy(deep=True)
    synth.control(panel, **names)
    synth.synthetic_did(panel, **names)
    pd.testing.assert_frame_equal(panel, before)


def test_panel_holds_what_the_frame_holds(panel, names):
    got = read_panel(panel.sample(frac=1, random_state=2), **names)
    for unit in ("Hub", "Donor D"):
        mine = panel[panel["area"] == unit].sort_values("year")["rate"]
        np.testing.assert_array_equal(got.y[:, got.units.index(unit)], mine)
    assert got.t0 == 16
    assert got.n_post == 8
