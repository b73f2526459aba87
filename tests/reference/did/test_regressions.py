"""Saturated regressions against fixest and etwfe, to the digits R printed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.sun_abraham import sun_abraham

REFERENCE = json.loads((Path(__file__).parent / "other_packages.json").read_text(encoding="utf-8"))
MPDTA = {"outcome": "lemp", "unit": "countyreal", "time": "year", "start": "first.treat"}


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


def _agrees(frame, key, prefix):
    theirs = REFERENCE[key]
    wanted = [name for name in theirs["coef"] if name.startswith(prefix)]
    for column, stored, rtol, atol in (("estimate", "coef", 0, 1e-8), ("std_error", "se", 1e-6, 0), ("p_value", "p", 1e-6, 0)):
        np.testing.assert_allclose(frame[column], [theirs[stored][name] for name in wanted], rtol=rtol, atol=atol)


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


def test_independent_errors_equal_fixest_on_base_stagg(base_stagg):
    from hubeval.engine.absorbed import absorbed
    from hubeval.engine.fixed_effects import two_way

    frame = base_stagg
    cells = [(g, t) for g in range(2, 11) for t in range(1, 11) if t != g - 1]
    x = np.column_stack([frame["x1"], *(((frame["start"] == g) & (frame["year"] == t)).astype(float) for g, t in cells)])
    fit = absorbed(frame["y"].to_numpy(), x, two_way(pd.factorize(frame["id"])[0], frame["year"].to_numpy() - 1))
    theirs = REFERENCE["sunab_base_stagg"]
    np.testing.assert_allclose(fit.covariance[0, 0] ** 0.5, theirs["se"]["x1"], rtol=1e-6)
    event = np.array([t - g for g, t in cells])
    for e in np.unique(event):
        share = np.r_[0, (event == e) / (event == e).sum()]  # cohorts are of equal size here
        np.testing.assert_allclose(np.sqrt(share @ fit.covariance @ share), theirs["se"][f"year::{e}"], rtol=1e-6)
