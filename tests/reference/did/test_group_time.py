"""Group-time effects against R did 2.5.1 on every stored configuration, and DRDID 1.2.3 on cross-sections and pairs of periods.

First on data drawn for this purpose (`tests/reference/make`), where weights and gaps are tried too; then on the published panel.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did import group_time, two_by_two
from hubeval.methods.did.estimators.drdid import sections

HERE = Path(__file__).parent
FILES = {"drawn": "drawn.json", "mpdta": "did251_mpdta.json"}
STORED = {name: json.loads((HERE / file).read_text(encoding="utf-8")) for name, file in FILES.items()}
KEYS = {"drawn": {"outcome": "y", "unit": "area", "time": "year", "start": "start"},
        "mpdta": {"outcome": "lemp", "unit": "countyreal", "time": "year", "start": "start"}}
CONFIGURATIONS = [
    pytest.param(key, marks=[pytest.mark.second_witness] if name == "mpdta" else [])
    for name, stored in STORED.items() for key in stored["configurations"]]
AGGREGATES = [("simple", "simple", None), ("group", "group", None), ("event", "dynamic", None), ("calendar", "calendar", None),
              ("event", "dynamic_balance_e1", 1)]


@pytest.fixture(scope="module")
def panels(drawn, request):
    """The panel of each witness, read when asked for."""

    @cache
    def read(name):
        if name == "drawn":
            return drawn("staggered")
        data = pd.read_csv(request.getfixturevalue("shared")("reference/did/data/mpdta.csv"))
        return data.assign(start=data["first.treat"].where(data["first.treat"] > 0), state=data["countyreal"] // 1000)

    return read


def options(key, data):
    """A stored configuration's name as the options that make it."""
    parts = key.split("_")
    if parts[1] == "rcs":
        kept = data[data["kept"] == 1] if "kept" in data else data
        return kept, {"unit": None, "estimator": parts[3], "covariates": ("lpop",) * int(parts[4])}
    if parts[1] == "nonever":
        return data[data["start"].fillna(0) > 0], {
            "control": "not-yet", "estimator": parts[3], "covariates": ("lpop",) * int(parts[4])}
    if parts[1] == "weighted":
        return data, {"estimator": parts[3], "covariates": ("lpop",) * int(parts[4]), "weights": "weight"}
    if parts[1].startswith("gaps"):
        return data[data["kept"] == 1], {
            "estimator": parts[3], "covariates": ("lpop",) * int(parts[4]), "gaps": parts[1].removeprefix("gaps")}
    chosen = {"control": "never" if parts[1] == "never" else "not-yet", "estimator": parts[2],
              "covariates": ("lpop",) * int(parts[3])}
    if parts[4].startswith("cluster"):
        return data, {**chosen, "cluster": parts[4].removeprefix("cluster")}
    return data, {**chosen, "base": parts[4], "anticipation": int(parts[5])}


@pytest.fixture(scope="module")
def fitted(panels):
    """The fit of a stored configuration, made once."""

    @cache
    def fit(key):
        name = key.split("_")[0]
        data, chosen = options(key, panels(name))
        return group_time(data, **{**KEYS[name], **chosen})

    return fit


def stored(key):
    return STORED[key.split("_")[0]]["configurations"][key]


def numbers(values):
    return np.array([np.nan if v is None else v for v in values], dtype=float)


@pytest.mark.parametrize("key", CONFIGURATIONS)
def test_effects_errors_and_pretest_equal_r_did(fitted, key):
    fit = fitted(key)
    r = stored(key)["attgt"]
    assert fit.group.tolist() == r["group"]
    assert fit.time.tolist() == r["t"]
    np.testing.assert_allclose(fit.estimate, numbers(r["att"]), atol=1e-8, rtol=0)
    np.testing.assert_allclose(fit.std_error, numbers(r["se"]), rtol=1e-6)
    assert fit.pretrend().statistic == pytest.approx(r["Wpval"], abs=6e-6)


@pytest.mark.parametrize("key", CONFIGURATIONS)
def test_aggregates_equal_r_did(fitted, key):
    for kind, theirs, balance in AGGREGATES:
        r = stored(key)["agg"][theirs]
        found = fitted(key).aggregate(kind, balance=balance)
        assert found.overall == pytest.approx(r["overall_att"], abs=1e-8), (kind, balance)
        assert found.overall_error == pytest.approx(r["overall_se"], rel=1e-6), (kind, balance)
        if r["att"]:
            assert found.keys.tolist() == r["egt"]
            np.testing.assert_allclose(found.estimate, r["att"], atol=1e-8, rtol=0)
            np.testing.assert_allclose(found.std_error, numbers(r["se"]), rtol=1e-6)


@pytest.mark.parametrize("name", ["drawn", pytest.param("mpdta", marks=pytest.mark.second_witness)])
def test_uniform_band_equals_r_did_up_to_its_simulation(panels, name):
    fit = group_time(panels(name), **KEYS[name]).aggregate("event")
    boot = STORED[name]["bootstrap_25000"]
    theirs = boot["crit_dyn"] if name == "drawn" else boot["cov0_seed1"]["crit_dyn"]
    # R divides by an error from the quartiles, we by the analytic one; both draws have Monte Carlo error of about .02
    assert fit.critical_value(draws=25_000) == pytest.approx(theirs, abs=0.06)


@pytest.mark.parametrize("asked", list(STORED["drawn"]["sections"]))
def test_cross_sections_equal_drdid(drawn, asked):
    data = drawn("sections")
    estimator, weighted = asked.removesuffix("_weighted"), asked.endswith("_weighted")
    theirs = STORED["drawn"]["sections"][asked]
    fit = two_by_two(data.assign(start=np.where(data["d"] == 1, 1.0, np.nan)), outcome="y", time="post", start="start", unit=None,
                     covariates=("x1", "x2", "x3", "x4"), estimator=estimator, weights="weight" if weighted else None)
    assert fit.estimate == pytest.approx(theirs["att"], abs=1e-8)
    assert fit.std_error == pytest.approx(theirs["se"], rel=1e-6)


@pytest.mark.parametrize("asked", list(STORED["drawn"]["pairs"]))
def test_pairs_of_periods_equal_drdid(drawn, asked):
    data = drawn("staggered")
    data = data[data["year"].isin([2003, 2004]) & data["start"].isin([0, 2004])]
    estimator, weighted = asked.removesuffix("_weighted"), asked.endswith("_weighted")
    theirs = STORED["drawn"]["pairs"][asked]
    fit = two_by_two(data, **KEYS["drawn"], covariates=("lpop",), estimator=estimator, weights="weight" if weighted else None)
    assert fit.estimate == pytest.approx(theirs["att"], abs=1e-8)
    assert fit.std_error == pytest.approx(theirs["se"], rel=1e-6)


# DRDID::drdid(panel = FALSE) on its sim_rc: att, se; "imp" is our "improved", "trad" our "dr"
@pytest.mark.parametrize(("estimator", "att", "se"), [
    ("improved", -0.208858635488296, 0.20023732771269), ("dr", -0.167795448013302, 0.200798695724222)])
def test_published_cross_sections_equal_drdid(shared, estimator, att, se):
    data = pd.read_csv(shared("reference/did/data/sim_rc.csv"))
    x = np.column_stack([np.ones(len(data)), data[["x1", "x2", "x3", "x4"]]])
    found = sections(data["y"].to_numpy(float), data["post"].to_numpy() == 1, data["d"].to_numpy() == 1, x, None, estimator)
    assert found.estimate[0] == pytest.approx(att, abs=1e-8)
    assert np.sqrt(np.sum(found.influence**2)) / len(data) == pytest.approx(se, rel=1e-6)
