"""What another library is asked, and that it answers for every estimator it has: to rounding where the two are one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.methods import did, its, matching
from hubeval.methods.did.checks.cross_check import cross_check as of_did
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.methods.its.checks.cross_check import cross_check as of_series
from hubeval.methods.matching.checks.cross_check import cross_check as of_matching
from hubeval.methods.readings.cross_check import Found, compared
from hubeval.protocol import DidDesign, MatchingDesign
from hubeval.result import NotComputed


def panel(*, gaps, never=True):
    rng = np.random.default_rng(1)
    starts = np.repeat([3, 3, 4, 4, 5, 5, *([np.nan] * 6 if never else [6] * 6)], 7)
    unit, time = np.repeat(np.arange(12), 7), np.tile(np.arange(7), 12)
    y = rng.normal(size=84) + unit * 0.1 + time * 0.3 + 1.5 * (time >= starts)
    frame = pd.DataFrame({"u": unit, "t": time, "s": starts, "y": y, "x": rng.normal(size=84), "w": 0.5 + unit % 3})
    return frame.drop(index=[5, 17, 40, 41, 66]) if gaps else frame


def asked(frame, **how):
    design = DidDesign(unit="u", time="t", start="s", inference="cluster", **how)
    taken = did.read_panel(frame, outcome="y", unit="u", time="t", start="s", covariates=design.covariates,
                           weights=design.weights, anticipation=design.anticipation)
    plan = settled(design, taken)
    return taken, plan.design, headline(taken, plan).overall


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("how", [
    {"estimator": "two-way", "weights": "w", "covariates": ("x",)},
    {"estimator": "group-time", "weights": "w"},
    {"estimator": "group-time", "control": "not-yet", "anticipation": 1},
    {"estimator": "group-time", "gaps": "rows"},
    {"estimator": "group-time", "gaps": "drop", "base": "universal"},
    {"estimator": "sun-abraham", "covariates": ("x",), "anticipation": 1},
    {"estimator": "extended", "control": "not-yet"},
    {"estimator": "extended", "control": "never", "weights": "w"},
    {"estimator": "imputation", "covariates": ("x",), "weights": "w"},
    {"estimator": "two-stage", "anticipation": 1},
], ids=lambda how: "-".join(map(str, how.values())))
def test_every_estimator_that_a_library_has_is_found_again(gaps, how):
    taken, design, shown = asked(panel(gaps=gaps), **how)
    found = of_did(taken, design, shown)
    assert found.status == "pass", found.reading
    wrong = replace(shown, estimate=shown.estimate * 1.001)
    assert of_did(taken, design, wrong).status == "caution"


@pytest.mark.parametrize("name", ["imputation", "sun-abraham", "extended", "group-time"])
def test_waves_every_other_year_are_found_again(name):
    """Anticipation is counted in waves by some estimators and in years by others; the check reads it as they do."""
    frame = panel(gaps=False).assign(t=lambda f: 2 * f.t, s=lambda f: 2 * f.s)
    assert of_did(*asked(frame, estimator=name, anticipation=1)).status == "pass"


@pytest.mark.parametrize("name", ["imputation", "two-stage"])
def test_a_period_in_which_all_are_treated_is_left_out_by_both(name):
    assert of_did(*asked(panel(gaps=False, never=False), estimator=name)).status == "pass"


@pytest.mark.parametrize(("how", "why"), [
    ({"estimator": "stacked"}, "corrective weights"),
    ({"estimator": "group-time", "covariates": ("x",)}, "adjustment for covariates"),
])
def test_what_no_library_fits_is_said(how, why):
    frame = panel(gaps=False)
    found = of_did(*asked(frame.assign(x=frame["u"] % 2 + frame["u"] / 7), **how))
    assert isinstance(found, NotComputed)
    assert why in found.reason


def series(**how):
    t = np.arange(48)
    rng = np.random.default_rng(3)
    month = pd.period_range("2019-01", periods=48, freq="M").astype(str)
    frame = pd.DataFrame({"month": month, "visits": 50 + 0.3 * t + 6 * (t >= 24) + rng.normal(size=48),
                          "events": rng.poisson(60 * np.exp(0.2 * (t >= 24)))})
    return its.segmented(frame, outcome=how.pop("outcome", "visits"), time="month", start="2021-01", **how)


@pytest.mark.parametrize(("how", "said"), [
    ({"inference": "least-squares", "errors": "independent"}, "OLS"),
    ({"inference": "newey-west", "errors": "independent"}, "OLS"),
    ({"inference": "integrated"}, "GLS"),
    ({"inference": "kenward-roger"}, "The two agree"),
    ({"inference": "prais-winsten"}, "The two agree"),
    ({"inference": "arima"}, "The two agree"),
    ({"outcome": "events", "family": "poisson"}, "GLM, Poisson"),
    ({"outcome": "events", "family": "negative-binomial"}, "GLM,"),
])
def test_a_series_is_found_again(how, said):
    fit = series(**how)
    shown = fit.average().absolute
    found = of_series(fit, shown)
    assert found.status == "pass", found.reading
    assert said in found.reading
    wrong = replace(shown, estimate=shown.estimate + 1.5 * shown.std_error)
    assert of_series(fit, wrong).status == "caution"


@pytest.mark.parametrize("family", ["gaussian", "poisson"])
def test_sound_series_raise_no_caution(family):
    """20 seeded series whose errors hang together by 0.6; the measured distances are in the module."""
    far = []
    for draw in range(20):
        rng = np.random.default_rng(draw)
        noise = rng.normal(size=36)
        for i in range(1, 36):
            noise[i] = 0.6 * noise[i - 1] + 0.8 * noise[i]
        visits = 50 + noise if family == "gaussian" else rng.poisson(60 * np.exp(0.15 * noise))
        month = pd.period_range("2019-01", periods=36, freq="M").astype(str)
        fit = its.segmented(pd.DataFrame({"month": month, "visits": visits}), outcome="visits", time="month",
                            start="2020-07", family=family)
        far.append(of_series(fit, fit.average().absolute).status != "pass")
    assert sum(far) <= 1


def test_rare_counts_are_not_held_against_a_library_that_leaves_their_bias_in():
    t = np.arange(48)
    month = pd.period_range("2019-01", periods=48, freq="M").astype(str)
    frame = pd.DataFrame({"month": month, "events": np.random.default_rng(1).poisson(3, size=t.size)})
    fit = its.segmented(frame, outcome="events", time="month", start="2021-01", family="poisson")
    assert isinstance(of_series(fit, fit.average().absolute), NotComputed)


@pytest.mark.parametrize("outcome", ["contacts", "seen"])
@pytest.mark.parametrize("estimator", ["difference", "regression", "g-computation"])
@pytest.mark.parametrize("how", [{"caliper": 0.2}, {"replace": True}, {"method": "inverse-probability", "estimand": "ATE"}],
                         ids=["pairs", "re-used", "weights"])
def test_matching_is_found_again(how, estimator, outcome):
    rng = np.random.default_rng(3)
    need, age = rng.normal(size=(2, 300))
    hub = rng.random(300) < 1 / (1 + np.exp(1 - need))
    contacts = 2 * hub + need + rng.normal(size=300)
    frame = pd.DataFrame({"hub": hub, "need": need, "age": age, "contacts": contacts, "seen": (contacts > 1) * 1.0})
    frame.loc[[3, 50], "contacts"] = np.nan
    made = matching.match(frame, treated="hub", covariates=["need", "age"], **how)
    (shown,) = matching.effect(made, outcome=outcome, estimator=estimator)
    design = MatchingDesign(unit="id", treated="hub", covariates=("need", "age"), estimator=estimator)
    found = of_matching(made, outcome, design, shown)
    assert found.status == "pass", found.reading
    assert of_matching(made, outcome, design, replace(shown, estimate=shown.estimate * 1.01)).status == "caution"


def test_a_library_without_a_number_is_no_disagreement():
    _, _, shown = asked(panel(gaps=False), estimator="two-way")
    found = compared(shown, Found(estimate=float("nan"), library="statsmodels", how="OLS"))
    assert isinstance(found, NotComputed)


def test_no_error_no_distance():
    _, _, shown = asked(panel(gaps=False), estimator="two-way")
    found = compared(replace(shown, std_error=None), Found(estimate=1.0, library="statsmodels", how="OLS", differs="x", apart=0.3))
    assert found.status == "information"
