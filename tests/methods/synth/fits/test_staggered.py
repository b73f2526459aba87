"""The column-of-starts form: one cohort is the plain estimator, several are their weighted average, errors by definition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods import synth


@pytest.fixture
def staggered(make_panel):
    frame = make_panel(n=24, effect=0.0)
    starts = {"Hub": 2016, "Donor A": 2016, "Donor B": 2012}
    frame["opened"] = frame["area"].map(starts)
    frame.loc[frame["year"] >= frame["opened"].fillna(9999), "rate"] -= 4
    return frame


COLUMNS = {"outcome": "rate", "unit": "area", "time": "year", "start": "opened"}


def test_one_cohort_is_the_plain_estimator(panel, names):
    frame = panel.assign(opened=panel["area"].map({"Hub": 2016}))
    fit, plain = synth.synthetic(frame, **COLUMNS), synth.synthetic_did(panel, **names)
    assert fit.estimate == pytest.approx(plain.estimate, rel=1e-12)
    assert fit.std_error == pytest.approx(plain.std_error, rel=1e-12)


def test_cohorts_are_fitted_against_the_never_treated_and_averaged_by_their_cells(staggered):
    fit = synth.synthetic(staggered, **COLUMNS, replications=20)
    never = staggered["opened"].isna()
    first = synth.synthetic_did(staggered[never | (staggered["area"] == "Donor B")], outcome="rate", unit="area", time="year",
                                treated="Donor B", start=2012)
    second = synth.synthetic_did(staggered[never | staggered["area"].isin(["Hub", "Donor A"])], outcome="rate", unit="area",
                                 time="year", treated=["Hub", "Donor A"], start=2016, replications=20)
    assert fit.estimate == pytest.approx((first.estimate * 12 + second.estimate * 16) / 28, rel=1e-12)
    assert fit.to_frame()["term"].tolist() == ["ATT", "ATT of 2012", "ATT of 2016"]
    assert fit.estimates()[0].n_treated == 3
    assert fit.estimates()[0].n_comparison == 21


@pytest.mark.parametrize("errors", ["placebo", "bootstrap"])
def test_errors_are_seeded_and_the_interval_holds_the_effect(staggered, errors):
    fit = synth.synthetic(staggered, **COLUMNS, errors=errors, replications=40)
    assert fit.std_error == synth.synthetic(staggered, **COLUMNS, errors=errors, replications=40).std_error
    assert len(fit.draws) == 40
    first = fit.estimates()[0]
    assert first.conf_low < -4 < first.conf_high
    if errors == "placebo":
        assert abs(np.mean(fit.draws)) < 4 * fit.std_error / np.sqrt(40)


def test_starts_must_be_one_a_unit_and_leave_a_comparison(staggered):
    mixed = staggered.copy()
    mixed.loc[3, "opened"] = 2013
    with pytest.raises(BadInput, match="1 unit\\(s\\) have more than one start \\(Hub\\)"):
        synth.synthetic(mixed, **COLUMNS)
    with pytest.raises(BadInput, match="0 unit\\(s\\) never treated"):
        synth.synthetic(staggered.assign(opened=2016), **COLUMNS)
    with pytest.raises(BadInput, match="no unit has a start"):
        synth.synthetic(staggered.assign(opened=np.nan), **COLUMNS)
    with pytest.raises(BadInput, match="Did you mean 'opened'"):
        synth.synthetic(staggered, **{**COLUMNS, "start": "openned"})
    with pytest.raises(BadInput, match="errors: found 'jackknife'"):
        synth.synthetic(staggered, **COLUMNS, errors="jackknife")


def test_too_few_never_treated_for_placebos_is_said(staggered):
    few = staggered[staggered["opened"].notna() | staggered["area"].isin(["Donor C", "Donor D", "Donor E"])]
    fit = synth.synthetic(few, **COLUMNS)
    assert fit.std_error is None
    assert "too few to stand in" in fit.not_computed()[0].reason


def test_text_and_blank_starts_read_as_in_difference_in_differences(staggered):
    words = staggered.assign(opened=staggered["opened"].map(lambda v: "never" if pd.isna(v) else str(int(v))))
    expected = synth.synthetic(staggered, **COLUMNS, replications=5).estimate
    assert synth.synthetic(words, **COLUMNS, replications=5).estimate == pytest.approx(expected, rel=1e-12)
