"""Group-time effects against R did 2.5.1 on every stored configuration, and DRDID 1.2.3 on its simulated cross-sections."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did import group_time
from hubeval.methods.did.estimators.drdid import sections

STORED = json.loads((Path(__file__).parent / "did251_mpdta.json").read_text(encoding="utf-8"))
KEYS = {"outcome": "lemp", "unit": "countyreal", "time": "year", "start": "start"}


@pytest.fixture(scope="module")
def mpdta(shared):
    data = pd.read_csv(shared("reference/did/data/mpdta.csv"))
    return data.assign(start=data["first.treat"].where(data["first.treat"] > 0), state=data["countyreal"] // 1000)


def options(key, data):
    """A stored configuration's name as the options that make it."""
    parts = key.split("_")
    if parts[1] == "rcs":
        return data, {"unit": None, "estimator": parts[3], "covariates": ("lpop",) * int(parts[4])}
    if parts[1] == "nonever":
        return data[data["start"].notna()], {
            "control": "not-yet", "estimator": parts[3], "covariates": ("lpop",) * int(parts[4])}
    chosen = {"control": "never" if parts[1] == "never" else "not-yet", "estimator": parts[2],
              "covariates": ("lpop",) * int(parts[3])}
    if parts[4] == "clusterstate":
        return data, {**chosen, "cluster": "state"}
    return data, {**chosen, "base": parts[4], "anticipation": int(parts[5])}


def numbers(values):
    return np.array([np.nan if v is None else v for v in values], dtype=float)


@pytest.mark.parametrize("key", list(STORED["configurations"]))
def test_effects_errors_and_pretest_equal_r_did(mpdta, key):
    data, chosen = options(key, mpdta)
    fit = group_time(data, **{**KEYS, **chosen})
    r = STORED["configurations"][key]["attgt"]
    assert fit.group.tolist() == r["group"]
    assert fit.time.tolist() == r["t"]
    np.testing.assert_allclose(fit.estimate, r["att"], atol=1e-8, rtol=0)
    np.testing.assert_allclose(fit.std_error, numbers(r["se"]), rtol=1e-6)
    assert fit.pretrend().statistic == pytest.approx(r["Wpval"], abs=6e-6)


@pytest.mark.parametrize("key", list(STORED["configurations"]))
@pytest.mark.parametrize(("kind", "theirs", "balance"), [
    ("simple", "simple", None), ("group", "group", None), ("event", "dynamic", None), ("calendar", "calendar", None),
    ("event", "dynamic_balance_e1", 1)])
def test_aggregates_equal_r_did(mpdta, key, kind, theirs, balance):
    r = STORED["configurations"][key]["agg"][theirs]
    data, chosen = options(key, mpdta)
    found = group_time(data, **{**KEYS, **chosen}).aggregate(kind, balance=balance)
    assert found.overall == pytest.approx(r["overall_att"], abs=1e-8)
    assert found.overall_error == pytest.approx(r["overall_se"], rel=1e-6)
    if r["att"]:
        assert found.keys.tolist() == r["egt"]
        np.testing.assert_allclose(found.estimate, r["att"], atol=1e-8, rtol=0)
        np.testing.assert_allclose(found.std_error, numbers(r["se"]), rtol=1e-6)


def test_uniform_band_equals_r_did_up_to_its_simulation(mpdta):
    fit = group_time(mpdta, **KEYS).aggregate("event")
    r = STORED["bootstrap_25000"]["cov0_seed1"]
    # R divides by an error from the quartiles, we by the analytic one; both draws have Monte Carlo error of about .02
    assert fit.critical_value(draws=25_000) == pytest.approx(r["crit_dyn"], abs=0.06)


# DRDID::drdid(panel = FALSE) on its sim_rc: att, se; "imp" is our "improved", "trad" our "dr"
@pytest.mark.parametrize(("estimator", "att", "se"), [
    ("improved", -0.208858635488296, 0.20023732771269), ("dr", -0.167795448013302, 0.200798695724222)])
def test_cross_sections_equal_drdid(shared, estimator, att, se):
    data = pd.read_csv(shared("reference/did/data/sim_rc.csv"))
    x = np.column_stack([np.ones(len(data)), data[["x1", "x2", "x3", "x4"]]])
    found = sections(data["y"].to_numpy(float), data["post"].to_numpy() == 1, data["d"].to_numpy() == 1, x, None, estimator)
    assert found.estimate[0] == pytest.approx(att, abs=1e-8)
    assert np.sqrt(np.sum(found.influence**2)) / len(data) == pytest.approx(se, rel=1e-6)
