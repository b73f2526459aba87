"""Two-way fixed effects and event study against fixest 0.14.2 (R 4.2.2), linearmodels, and published digits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from linearmodels import PanelOLS

from hubeval.methods.did import event_study, two_way

# fixest 0.14.2: feols(lemp ~ D | countyreal + year, mpdta, cluster = ~countyreal), D = year >= first.treat
FIXEST_STATIC = (-0.036548936674067, 0.0132651554293389, 0.00607895216361486)
# feols(lemp ~ i(rel, ref = c(-1, never)) | countyreal + year)
FIXEST_EVENT = {-4: 0.00354932691943231, -3: 0.0246235019864901, -2: 0.0233548148864028, 0: -0.0181439269665805,
                1: -0.0434723726285508, 2: -0.131794857754317, 3: -0.0922467941818833}
FIXEST_EVENT_SE_4 = 0.0228285814462781
# feols(l_homicide ~ post | sid + year, castle, cluster = ~sid); bacondecomp's weighted sum is the same number
CASTLE = (0.0818116169306461, 0.058874218079223)


@pytest.fixture(scope="module")
def mpdta(shared):
    data = pd.read_csv(shared("reference/did/data/mpdta.csv"))
    return data.assign(start=data["first.treat"].where(data["first.treat"] > 0))


KEYS = {"outcome": "lemp", "unit": "countyreal", "time": "year", "start": "start"}
STORED = json.loads((Path(__file__).parent / "drawn_regressions.json").read_text(encoding="utf-8"))
DRAWN = {"outcome": "y", "unit": "area", "time": "year", "start": "start", "inference": "cluster"}


@pytest.mark.parametrize(("key", "rows", "chosen"), [
    ("twfe_static", None, {}), ("twfe_static_weighted", None, {"weights": "weight"}), ("twfe_static_gaps", "kept", {}),
    ("twfe_static_region", None, {"cluster": "region"})])
def test_static_effect_equals_fixest_on_drawn_data(drawn, key, rows, chosen):
    data = drawn("staggered")
    data = data if rows is None else data[data[rows] == 1]
    row = two_way(data, **DRAWN, **chosen).to_frame().iloc[0]
    theirs = [STORED[key][part]["treated"] for part in ("coef", "se", "p")]
    np.testing.assert_allclose(row[["estimate", "std_error", "p_value"]].astype(float), theirs, rtol=1e-7)


def test_event_study_equals_fixest_on_drawn_data(drawn):
    fit = event_study(drawn("staggered"), **DRAWN)
    theirs = STORED["twfe_event"]
    assert [f"rel::{e:g}" for e in fit.event_times] == list(theirs["coef"])
    np.testing.assert_allclose(fit.estimate, list(theirs["coef"].values()), rtol=1e-7)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), list(theirs["se"].values()), rtol=1e-7)


def test_a_law_that_states_pass_equals_fixest_and_the_sum_of_its_comparisons(drawn):
    row = two_way(drawn("laws"), **{**DRAWN, "unit": "state"}).to_frame().iloc[0]
    theirs = STORED["laws"]
    np.testing.assert_allclose(row[["estimate", "std_error", "p_value"]].astype(float), [theirs[k]["post"] for k in ("coef", "se", "p")], rtol=1e-7)
    assert row["estimate"] == pytest.approx(STORED["bacon_laws"]["wavg"], rel=1e-7)


def test_static_effect_equals_fixest(mpdta):
    row = two_way(mpdta, **KEYS, inference="cluster").to_frame().iloc[0]
    np.testing.assert_allclose(row[["estimate", "std_error", "p_value"]].astype(float), FIXEST_STATIC, rtol=1e-9)


def test_event_study_equals_fixest(mpdta):
    fit = event_study(mpdta, **KEYS, inference="cluster")
    assert fit.event_times == tuple(FIXEST_EVENT)
    np.testing.assert_allclose(fit.estimate, list(FIXEST_EVENT.values()), rtol=1e-9)
    assert np.sqrt(fit.covariance[0, 0]) == pytest.approx(FIXEST_EVENT_SE_4, rel=1e-9)


def test_castle_doctrine_equals_fixest(shared):
    castle = pd.read_csv(shared("reference/did/data/castle.csv"))[["sid", "year", "post", "homicide"]]
    law = castle[castle["post"] == 1].groupby("sid")["year"].min()
    data = castle.assign(start=castle["sid"].map(law), l_homicide=np.log(castle["homicide"]))
    row = two_way(data, outcome="l_homicide", unit="sid", time="year", start="start", inference="cluster").to_frame()
    np.testing.assert_allclose(row[["estimate", "std_error"]].iloc[0].astype(float), CASTLE, rtol=1e-6)


@pytest.mark.parametrize("gaps", [False, True])
def test_equals_linearmodels_with_covariates_weights_and_gaps(gaps):
    rng = np.random.default_rng(4)
    n, t = 40, 8
    data = pd.DataFrame({"la": np.repeat(np.arange(n), t), "year": np.tile(np.arange(t), n)})
    data["start"] = data["la"].map(lambda j: {0: 3.0, 1: 5.0}.get(j % 4, np.nan))
    data["x"], data["w"] = rng.normal(size=n * t), 0.5 + rng.random(n * t)
    data["d"] = (data["year"] >= data["start"]).astype(float)
    data["y"] = data["d"] + data["x"] + rng.normal(size=n * t) + data["la"] % 3
    if gaps:
        data = data.sample(frac=0.9, random_state=1)
    fit = two_way(data, outcome="y", unit="la", time="year", start="start", covariates=("x",), weights="w",
                  inference="cluster")
    panel = data.set_index(["la", "year"]).sort_index()
    peer = PanelOLS(panel["y"], panel[["d", "x"]], weights=panel["w"], entity_effects=True, time_effects=True).fit(
        cov_type="clustered", cluster_entity=True, debiased=False)
    assert fit.estimate[0] == pytest.approx(peer.params["d"], rel=1e-9)
    # linearmodels scales by n / (n - all effects); fixest and we by G/(G-1) (n-1)/(n-K), units nested in clusters not in K
    rows = len(data)
    factor = (rows - n - t + 1) / rows * n / (n - 1) * (rows - 1) / (rows - 2 - t)
    assert fit.covariance[0, 0] == pytest.approx(peer.cov.loc["d", "d"] * factor, rel=1e-6)
