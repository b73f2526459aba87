"""Saturated regressions against fixest and etwfe, to the digits R printed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.estimators.extended import extended
from hubeval.methods.did.estimators.imputation import imputation
from hubeval.methods.did.estimators.sun_abraham import sun_abraham
from hubeval.methods.did.estimators.switching import switching

HERE = Path(__file__).parent
REFERENCE = json.loads((HERE / "other_packages.json").read_text(encoding="utf-8"))
STORED = json.loads((HERE / "drawn_regressions.json").read_text(encoding="utf-8"))
MPDTA = {"outcome": "lemp", "unit": "countyreal", "time": "year", "start": "first.treat"}
DRAWN = {"outcome": "y", "unit": "area", "time": "year", "start": "start"}


@pytest.fixture(scope="module")
def mpdta(shared):
    frame = pd.read_csv(shared("reference/did/data/mpdta.csv"))
    frame["first.treat"] = frame["first.treat"].replace(0, np.nan)
    return frame


@pytest.fixture(scope="module")
def base_stagg(shared):
    frame = pd.read_csv(shared("reference/did/data/base_stagg.csv"))
    frame["start"] = frame["year_treated"].replace(10000, np.nan)
    return frame


def _agrees(frame, key, prefix, reference=REFERENCE):
    theirs = reference[key]
    wanted = [name for name in theirs["coef"] if name.startswith(prefix)]
    for column, stored, rtol, atol in (("estimate", "coef", 0, 1e-8), ("std_error", "se", 1e-6, 0), ("p_value", "p", 1e-6, 0)):
        np.testing.assert_allclose(frame[column], [theirs[stored][name] for name in wanted], rtol=rtol, atol=atol)


def test_sun_abraham_equals_fixest_on_drawn_data(drawn):
    cells = sun_abraham(drawn("staggered"), **DRAWN)
    event, group, simple = (cells.aggregate(kind) for kind in ("event", "group", "simple"))
    _agrees(event.to_frame(), "sunab", "year::", STORED)
    assert [f"year::{e:g}" for e in event.keys] == list(STORED["sunab"]["coef"])
    _agrees(group.to_frame(), "sunab_cohort", "cohort::", STORED)
    _agrees(simple.to_frame(), "sunab_att", "ATT", STORED)


def test_sun_abraham_with_a_covariate_equals_fixest_on_drawn_data(drawn):
    frame = drawn("cohorts").replace({"start": {10000: 0}})
    cells = sun_abraham(frame, outcome="y", unit="id", time="year", start="start", covariates=["x1"])
    theirs = STORED["sunab_covariate_clustered"]
    np.testing.assert_allclose(cells.covariates.estimate, [theirs["coef"]["x1"]], atol=1e-8)
    event = cells.aggregate("event")
    np.testing.assert_allclose(event.estimate, [theirs["coef"][f"year::{e:g}"] for e in event.keys], atol=1e-8)
    np.testing.assert_allclose(event.to_frame()["std_error"], [theirs["se"][f"year::{e:g}"] for e in event.keys], rtol=1e-6)
    np.testing.assert_allclose(cells.aggregate("simple").estimate, STORED["sunab_covariate_att"]["coef"]["ATT"], atol=1e-8)


def test_extended_equals_etwfe_on_drawn_data(drawn):
    cells = extended(drawn("staggered"), **DRAWN, effects="cohort")
    _agrees(cells.to_frame(), "etwfe", "cell::", STORED)
    simple = cells.aggregate("simple")
    np.testing.assert_allclose(simple.estimate, STORED["etwfe"]["att"], atol=1e-8)
    # R's average comes through a numerical derivative, hence the wider tolerance
    np.testing.assert_allclose(simple.std_error, STORED["etwfe"]["att_se"], rtol=1e-5)


@pytest.mark.parametrize("key", ["etwfe_units", "etwfe_units_gaps"])
def test_extended_with_unit_effects_equals_fixest_on_drawn_data(drawn, key):
    frame = drawn("staggered")
    frame = frame[frame["kept"] == 1] if key.endswith("gaps") else frame
    _agrees(extended(frame, **DRAWN, effects="unit").to_frame(), key, "cell::", STORED)


def test_extended_poisson_equals_fepois_on_drawn_data(drawn):
    frame = drawn("staggered")
    cells = extended(frame.assign(jobs=np.exp(frame["y"])), **(DRAWN | {"outcome": "jobs"}), family="poisson")
    theirs = STORED["etwfe_poisson"]
    np.testing.assert_allclose(cells.estimate, list(theirs["coef"].values()), atol=1e-8)
    # fepois takes its errors from weights one iteration old: they scatter by 3e-5 about the converged ones
    np.testing.assert_allclose(cells.std_error, list(theirs["se"].values()), rtol=5e-5)
    np.testing.assert_allclose(cells.to_frame()["p_value"], list(theirs["p"].values()), rtol=1e-3)


def test_imputation_equals_didimputation_on_drawn_data(drawn):
    # without the cohort seen untreated once: fixest drops units with a single row, so R would lose it (see below)
    frame = drawn("staggered")
    effect = imputation(frame[frame["start"] != 2004], **DRAWN).aggregate("simple")
    np.testing.assert_allclose(effect.estimate, STORED["imputation"]["estimate"], atol=1e-8)
    np.testing.assert_allclose(effect.std_error, STORED["imputation"]["std.error"], rtol=1e-6)


def test_weighted_imputation_equals_didimputation_and_its_error_the_definition(drawn, numbers):
    frame = drawn("staggered")
    effect = imputation(frame[frame["start"] != 2004], **DRAWN, weights="weight").aggregate("simple")
    np.testing.assert_allclose(effect.estimate, STORED["imputation_weighted"]["estimate"], atol=1e-8)
    # R weights its design twice in the error, which is then not that of its own estimate (0.06 per cent off here)
    theirs = numbers("did/drawn_definition.json")["imputation_weighted"]
    np.testing.assert_allclose(effect.estimate, theirs["estimate"], atol=1e-8)
    np.testing.assert_allclose(effect.std_error, theirs["std.error"], rtol=1e-8)


def test_imputation_by_clusters_equals_didimputation_on_drawn_data(drawn):
    cells = imputation(drawn("clustered"), outcome="y", unit="unit", time="year", start="start", cluster="state")
    simple, theirs = cells.aggregate("simple"), STORED["imputation_clustered"]
    np.testing.assert_allclose(simple.estimate, theirs["estimate"], atol=1e-8)
    np.testing.assert_allclose(simple.std_error, theirs["std.error"], rtol=1e-6)
    event, theirs = cells.aggregate("event"), STORED["imputation_clustered_event"]
    assert [f"{e:g}" for e in event.keys] == theirs["term"]
    np.testing.assert_allclose(event.estimate, theirs["estimate"], atol=1e-8)
    np.testing.assert_allclose(event.std_error, theirs["std.error"], rtol=1e-6)


def test_switching_on_once_equals_group_time_with_not_yet_treated_controls_on_drawn_data(drawn):
    frame = drawn("staggered")
    frame["law"] = ((frame["start"] > 0) & (frame["year"] >= frame["start"])).astype(int)
    found = switching(frame, outcome="y", unit="area", time="year", treated="law")
    runs = json.loads((HERE / "drawn.json").read_text(encoding="utf-8"))["configurations"]
    theirs = runs["drawn_nyt_dr_0_varying_0"]["agg"]["dynamic"]
    after = np.array(theirs["egt"]) >= 0
    np.testing.assert_array_equal(found.keys, np.array(theirs["egt"])[after])
    np.testing.assert_allclose(found.estimate, np.array(theirs["att"])[after], atol=1e-8)
    # R takes cohort sizes as estimated and divides by n where this divides by n - 1 within cohorts: errors differ by design
    np.testing.assert_allclose(found.std_error, np.array(theirs["se"])[after], rtol=0.05)


def test_sun_abraham_equals_fixest_on_mpdta(mpdta):
    cells = sun_abraham(mpdta, **MPDTA)
    event, group, simple = (cells.aggregate(kind) for kind in ("event", "group", "simple"))
    _agrees(event.to_frame(), "sunab_mpdta", "year::")
    assert [f"year::{e:g}" for e in event.keys] == list(REFERENCE["sunab_mpdta"]["coef"])
    _agrees(group.to_frame(), "sunab_mpdta_cohort", "cohort::")
    _agrees(simple.to_frame(), "sunab_mpdta_att", "ATT")


def test_sun_abraham_with_a_covariate_equals_fixest_on_base_stagg(base_stagg):
    # R's run took independent errors, so only the coefficients are those of the clustered one
    cells = sun_abraham(base_stagg, outcome="y", unit="id", time="year", start="start", covariates=["x1"])
    theirs = REFERENCE["sunab_base_stagg"]["coef"]
    np.testing.assert_allclose(cells.covariates.estimate, [theirs["x1"]], atol=1e-8)
    event = cells.aggregate("event")
    np.testing.assert_allclose(event.estimate, [theirs[f"year::{e:g}"] for e in event.keys], atol=1e-8)
    np.testing.assert_allclose(
        cells.aggregate("simple").estimate, REFERENCE["sunab_base_stagg_att"]["coef"]["ATT"], atol=1e-8)


@pytest.mark.parametrize("witness", ["drawn", pytest.param("base_stagg", marks=pytest.mark.second_witness)])
def test_independent_errors_equal_fixest(request, witness):
    from hubeval.engine.absorbed import absorbed
    from hubeval.engine.fixed_effects import two_way

    drawn = witness == "drawn"
    frame = request.getfixturevalue("drawn")("cohorts") if drawn else request.getfixturevalue("base_stagg")
    cells = [(g, t) for g in range(2, 11) for t in range(1, 11) if t != g - 1]
    x = np.column_stack([frame["x1"], *(((frame["start"] == g) & (frame["year"] == t)).astype(float) for g, t in cells)])
    fit = absorbed(frame["y"].to_numpy(), x, two_way(pd.factorize(frame["id"])[0], frame["year"].to_numpy() - 1))
    theirs = STORED["sunab_covariate"] if drawn else REFERENCE["sunab_base_stagg"]
    np.testing.assert_allclose(fit.covariance[0, 0] ** 0.5, theirs["se"]["x1"], rtol=1e-6)
    event = np.array([t - g for g, t in cells])
    for e in np.unique(event):
        share = np.r_[0, (event == e) / (event == e).sum()]  # cohorts are of equal size here
        np.testing.assert_allclose(np.sqrt(share @ fit.covariance @ share), theirs["se"][f"year::{e}"], rtol=1e-6)


def test_extended_equals_etwfe(mpdta):
    cells = extended(mpdta, **MPDTA, effects="cohort")
    _agrees(cells.to_frame(), "etwfe_mpdta_nocov", "gt::")
    theirs = REFERENCE["etwfe_mpdta_nocov"]
    simple = cells.aggregate("simple")
    np.testing.assert_allclose(simple.estimate, theirs["att"], atol=1e-8)
    # R's average comes through a numerical derivative, hence the wider tolerance
    np.testing.assert_allclose(simple.std_error, theirs["att_se"], rtol=1e-5)


def test_extended_poisson_equals_fepois(mpdta):
    frame = mpdta.assign(jobs=np.exp(mpdta["lemp"]))
    cells = extended(frame, **(MPDTA | {"outcome": "jobs"}), family="poisson")
    theirs = REFERENCE["poisson_etwfe_mpdta"]
    np.testing.assert_allclose(cells.estimate, list(theirs["coef"].values()), atol=1e-8)
    # fepois takes its errors from weights one iteration old: they scatter by 3e-5 about the converged ones
    np.testing.assert_allclose(cells.std_error, list(theirs["se"].values()), rtol=5e-5)
    np.testing.assert_allclose(cells.to_frame()["p_value"], list(theirs["p"].values()), rtol=1e-3)


def test_imputation_equals_didimputation_without_the_cohort_its_fixest_drops(mpdta):
    # fixest 0.14 drops units with a single row, so R loses the 2004 cohort, seen untreated once (2003);
    # the estimate over all cohorts is that of extended two-way fixed effects, which keeps them
    cells = imputation(mpdta[mpdta["first.treat"] != 2004], **MPDTA)
    theirs = REFERENCE["bjs_mpdta_static"]
    effect = cells.aggregate("simple")
    np.testing.assert_allclose(effect.estimate, theirs["estimate"], atol=1e-8)
    np.testing.assert_allclose(effect.std_error, theirs["std.error"], rtol=1e-6)
    whole = imputation(mpdta, **MPDTA).aggregate("simple").estimate
    np.testing.assert_allclose(whole, REFERENCE["etwfe_mpdta_nocov"]["att"], atol=1e-8)


def test_switching_on_once_equals_group_time_with_not_yet_treated_controls(mpdta):
    frame = mpdta.assign(law=(mpdta["year"] >= mpdta["first.treat"]).astype(int))
    found = switching(frame, outcome="lemp", unit="countyreal", time="year", treated="law")
    theirs = REFERENCE["did_mpdta_notyet_event"]
    np.testing.assert_array_equal(found.keys, theirs["egt"])
    np.testing.assert_allclose(found.estimate, theirs["att"], atol=1e-8)
    # R takes cohort sizes as estimated and divides by n where this divides by n - 1 within cohorts: errors differ by design
    np.testing.assert_allclose(found.std_error, theirs["se"], rtol=0.05)
