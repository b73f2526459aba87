"""Numbers from outside: R (nlme, sandwich, prais, MASS), NIST, and an independent integrated likelihood."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubeval.engine.integrated import AR1, MixtureFit, error_grid, posterior
from hubeval.engine.least_squares import least_squares
from hubeval.engine.reml import fit_ar1, small_sample
from hubeval.engine.serial import newey_west, prais_winsten
from hubeval.methods import its
from hubeval.methods.its.estimators.error_models import orthonormal

HERE = Path(__file__).parent
R = json.loads((HERE / "r_reference.json").read_text())
INTEGRATED = json.loads((HERE / "integrated_ar1.json").read_text())
KR = json.loads((HERE / "reml_kr.json").read_text())
NIST = json.loads((HERE / "nist_certified.json").read_text())


@pytest.fixture(scope="module")
def sicily(shared):
    frame = pd.read_csv(shared("reference/its/data/sicily.csv"))
    return frame.assign(month_of=[f"{y}-{m:02d}" for y, m in zip(frame.year, frame.month, strict=True)])


@pytest.fixture(scope="module")
def designs(shared, sicily):
    """The references' own designs: outcome, columns, and the column of each of R's names."""
    belts = pd.read_csv(shared("reference/its/data/seatbelts.csv"))
    smoke = pd.read_csv(shared("reference/its/data/smoking_tidysynth.csv"))
    smoke = smoke[smoke.state == "California"].sort_values("year")

    def waves(month):
        return [f(2 * np.pi * j * month / 12) for j in (1, 2) for f in (np.sin, np.cos)]

    s, t = sicily.time.to_numpy(float), belts.time.to_numpy(float)
    y = np.log(sicily.aces / sicily.stdpop).to_numpy()
    z = np.log(belts.drivers).to_numpy()
    law, ban = belts.law.to_numpy(float), sicily.smokban.to_numpy(float)
    year = smoke.year.to_numpy(float) - 1989
    one = np.ones
    return {
        "sicily_step": (y, np.column_stack([one(59), s, ban])),
        "sicily_stepslope": (y, np.column_stack([one(59), s, ban, np.maximum(s - 36, 0)])),
        "sicily_harm2": (y, np.column_stack([one(59), s, ban, *waves(sicily.month.to_numpy())])),
        "belts_step": (z, np.column_stack([one(192), t, law])),
        "belts_stepslope": (z, np.column_stack([one(192), t, law, np.maximum(t - 169, 0)])),
        "belts_first_post": (z, np.column_stack([one(192), t, law, np.maximum(t - 170, 0)])),
        "belts_months": (
            z,
            np.column_stack([one(192), t, law, *[(belts.month == m).to_numpy(float) for m in range(2, 13)]]),
        ),
        "prop99": (
            smoke.cigsale.to_numpy(),
            np.column_stack([one(31), year, year >= 0, np.maximum(year, 0)]),
        ),
    }


CASES = [
    ("sicily_step", R["sicily_gaussian_lograte"]["step"]),
    ("sicily_stepslope", R["sicily_gaussian_lograte"]["stepslope"]),
    ("belts_step", R["seatbelts"]["step"]),
    ("belts_stepslope", R["seatbelts"]["stepslope"]),
    ("belts_months", R["seatbelts"]["step_monthdummies"]),
]


@pytest.mark.parametrize(("name", "expected"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_generalised_least_squares_equals_nlme(designs, name, expected, method):
    y, x = designs[name]
    q, basis = orthonormal(x)
    fit = fit_ar1(y[:, None], q, restricted=method == "REML")
    rho = float(fit.rho[0])
    # nlme stops its search near 1e-6 of the optimum in rho, which is where the tolerance comes from
    assert rho == pytest.approx(expected[f"gls_{method}"]["phi"], rel=2e-5)
    coef, model = basis @ fit.coef[0], float(fit.variance[0]) * basis @ small_sample(q, rho).model @ basis.T
    for j, value in enumerate(expected[f"gls_{method}"]["coef"].values()):
        assert coef[j] == pytest.approx(value["est"], rel=2e-5, abs=1e-8)
        assert np.sqrt(model[j, j]) == pytest.approx(value["se"], rel=2e-5)


@pytest.mark.parametrize(("name", "expected"), CASES, ids=[case[0] for case in CASES])
def test_newey_west_equals_sandwich(designs, name, expected):
    y, x = designs[name]
    fit = least_squares(y, x)
    for key, lag, adjust in (("NW_lag1_noadj", 1, False), ("NW_lag1_adj", 1, True), ("NW_lag3_adj", 3, True)):
        error = np.sqrt(np.diag(newey_west(x, fit.residuals, fit.bread, lag, adjust=adjust)))
        assert error == pytest.approx([v["se"] for v in expected[key].values()], rel=1e-7)


@pytest.mark.parametrize(("name", "expected"), CASES, ids=[case[0] for case in CASES])
def test_prais_winsten_equals_prais(designs, name, expected):
    y, x = designs[name]
    coef, covariance, rho = prais_winsten(y, x)
    # R's prais stops when rho moves by less than 1e-6; ours goes on to machine precision
    assert rho == pytest.approx(expected["prais"]["rho"][0][0], abs=2e-5)
    assert coef == pytest.approx([v["est"] for v in expected["prais"]["coef"].values()], rel=2e-4, abs=1e-6)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(
        [v["se"] for v in expected["prais"]["coef"].values()], rel=2e-4
    )


@pytest.mark.parametrize(("name", "expected"), CASES, ids=[case[0] for case in CASES])
def test_maximum_likelihood_is_close_to_arima(designs, name, expected):
    y, x = designs[name]
    q, basis = orthonormal(x)
    fit = fit_ar1(y[:, None], q, restricted=False)
    # R's optimiser stops early, and its errors come from a numerical Hessian of all parameters together
    values = list(expected["arima100_ML"]["coef"].values())
    assert float(fit.rho[0]) == pytest.approx(values[0]["est"], abs=2e-4)
    n, k = x.shape
    model = float(fit.variance[0]) * (n - k) / n * basis @ small_sample(q, float(fit.rho[0])).model @ basis.T
    assert (basis @ fit.coef[0])[2] == pytest.approx(values[3]["est"], rel=1e-3)
    assert np.sqrt(model[2, 2]) == pytest.approx(values[3]["se"], rel=0.03)


@pytest.mark.parametrize(
    ("case", "name", "contrast"),
    [
        ("sicily_lograte_step_harm2", "sicily_harm2", {2: 1}),
        ("seatbelts_step_monthdummies", "belts_months", {2: 1}),
        ("seatbelts_stepslope_level", "belts_first_post", {2: 1}),
        ("prop99_itsa_level", "prop99", {2: 1}),
        ("prop99_itsa_slope", "prop99", {3: 1}),
        ("prop99_itsa_effect_2000", "prop99", {2: 1, 3: 11}),
        ("prop99_itsa_avg", "prop99", {2: 1, 3: 5.5}),
    ],
)
def test_integrated_ar1_equals_an_independent_implementation(designs, case, name, contrast):
    y, x = designs[name]
    q, basis = orthonormal(x)
    found = posterior(y[:, None], q, error_grid(len(y), AR1))
    c = np.zeros((1, x.shape[1]))
    for j, value in contrast.items():
        c[0, j] = value
    answer, expected = MixtureFit(found, basis).contrasts(c), INTEGRATED[case]
    # on Proposition 99 the likelihood is highest at rho = 1, short of which the reference's grid stops
    tolerance = 0.03 if name == "prop99" else 1e-6
    width = expected["hi"] - expected["lo"]
    for ours, theirs in ((answer.estimate, "mean"), (answer.low, "lo"), (answer.high, "hi")):
        assert float(ours[0]) == pytest.approx(expected[theirs], abs=tolerance * width)
    assert float(answer.p_value[0]) == pytest.approx(expected["p_two"], rel=0.03 if name == "prop99" else 1e-4)
    assert float(found.autocorrelation[0]) == pytest.approx(
        expected["rho_mean"], abs=3e-3 if name == "prop99" else 1e-6
    )


@pytest.mark.parametrize(
    ("case", "key", "name", "contrast"),
    [
        ("sicily_lograte_step_harm2", "level", "sicily_harm2", {2: 1}),
        ("seatbelts_log_drivers_step_slope", "level_at_first_post", "belts_first_post", {2: 1}),
        ("seatbelts_log_drivers_step_slope", "slope", "belts_first_post", {3: 1}),
        ("seatbelts_log_drivers_step_monthdummies", "level", "belts_months", {2: 1}),
        ("prop99_california_itsa", "level_1989", "prop99", {2: 1}),
    ],
)
def test_kenward_roger_equals_an_independent_implementation(designs, case, key, name, contrast):
    y, x = designs[name]
    q, basis = orthonormal(x)
    fit = fit_ar1(y[:, None], q)
    table = small_sample(q, float(fit.rho[0]))
    c = np.zeros(x.shape[1])
    for j, value in contrast.items():
        c[j] = value
    c = c @ basis
    s2, expected = float(fit.variance[0]), KR[case][key]
    gradient = np.array([c @ slope @ c for slope in table.slopes])
    df = 2 * float(c @ table.model @ c) ** 2 / float(gradient @ table.parameters @ gradient)
    # the reference's rho stops 1e-6 short of the optimum; at the boundary (Proposition 99) that is magnified
    loose = {"prop99": 1e-4, "belts_months": 2e-5}.get(name, 1e-6)
    assert float(fit.coef[0] @ c) == pytest.approx(expected["est"], rel=loose)
    assert np.sqrt(s2 * c @ table.model @ c) == pytest.approx(expected["se_reml"], rel=loose)
    assert np.sqrt(s2 * c @ table.adjusted @ c) == pytest.approx(expected["se_kr"], rel=loose)
    assert df == pytest.approx(expected["df"], rel=loose)


@pytest.mark.parametrize(("seasonality", "key"), [(None, "m2_quasi"), ("2 harmonics", "m3_quasi_harm2")])
def test_sicily_counts_equal_glm(sicily, seasonality, key):
    fit = its.segmented(
        sicily,
        outcome="aces",
        time="month_of",
        start=its.Interruption(at="2005-01", impact="level"),
        exposure="stdpop",
        family="poisson",
        errors="independent",
        inference="least-squares",
        seasonality=seasonality,
    )
    row, expected = fit.to_frame().iloc[0], R["sicily"][key]["coef"]["smokban"]
    # R's glm stops at 1e-8 of the deviance, ours at machine precision
    assert row.estimate == pytest.approx(expected["est"], rel=1e-7)
    assert row.std_error == pytest.approx(expected["se"], rel=1e-6)
    if seasonality:
        averted = R["sicily"]["m3_counterfactual"]["averted"]
        assert -fit.cumulative().absolute.estimate == pytest.approx(averted, rel=1e-7)


def test_sicily_with_slope_equals_glm(sicily):
    fit = its.segmented(
        sicily,
        outcome="aces",
        time="month_of",
        start="2005-01",
        exposure="stdpop",
        family="poisson",
        errors="independent",
        inference="least-squares",
        seasonality="2 harmonics",
    )
    expected = R["sicily"]["m4_quasi_harm2_slope"]["coef"]
    slope = expected["smokban:I(time - 36)"]
    rows = fit.to_frame().set_index("term")
    assert rows.loc["slope change", "estimate"] == pytest.approx(slope["est"], rel=1e-6)
    assert rows.loc["slope change", "std_error"] == pytest.approx(slope["se"], rel=1e-6)
    # R's level stands one month earlier, where its time - 36 is zero
    assert rows.loc["level change", "estimate"] == pytest.approx(expected["smokban"]["est"] + slope["est"], rel=1e-6)


def test_sicily_negative_binomial_equals_mass(sicily):
    fit = its.segmented(
        sicily,
        outcome="aces",
        time="month_of",
        start=its.Interruption(at="2005-01", impact="level"),
        exposure="stdpop",
        family="negative-binomial",
        errors="independent",
        inference="least-squares",
        seasonality="2 harmonics",
    )
    expected = R["sicily"]["nb_harm2"]
    assert 1 / fit.fitted.overdispersion == pytest.approx(expected["theta"], rel=1e-6)
    row = fit.to_frame().iloc[0]
    assert row.estimate == pytest.approx(expected["coef"]["smokban"]["est"], rel=1e-6)
    # MASS fixes the dispersion at 1; ours is Pearson's, so only their ratio's size is shared
    dispersion = max(float(fit.fitted.scaled @ fit.fitted.scaled) / (59 - 7), 1.0)
    assert row.std_error == pytest.approx(expected["coef"]["smokban"]["se"] * np.sqrt(dispersion), rel=1e-6)


@pytest.mark.parametrize(("data", "digits"), [("longley", 12), ("filip", 7.5)])
def test_least_squares_has_nist_digits(shared, data, digits):
    frame = pd.read_csv(shared(f"reference/its/data/nist_{data}.csv"))
    y = frame.y.to_numpy(float)
    x = (
        np.column_stack([np.ones(len(frame)), frame.iloc[:, 1:].to_numpy(float)])
        if data == "longley"
        else np.vander(frame.x.to_numpy(float), 11, increasing=True)
    )
    fit = least_squares(y, x, tolerance=1e-14)
    certified = np.array(NIST[data]["beta"])
    assert (-np.log10(np.abs(fit.coef / certified - 1))).min() >= digits


def test_proposition_99_equals_itsa(shared):
    smoke = pd.read_csv(shared("reference/its/data/smoking_tidysynth.csv"))
    fit = its.segmented(smoke, outcome="cigsale", time="year", start=1989, unit="state", treated="California",
                        errors="independent", inference="newey-west")
    expected, rows = R["prop99_itsa_single"], fit.to_frame().set_index("term")
    for term, name in (("level change", "x"), ("slope change", "xt")):
        assert rows.loc[term, "estimate"] == pytest.approx(expected["coef"][name]["est"], rel=1e-8)
        assert rows.loc[term, "std_error"] == pytest.approx(expected["coef"][name]["se"], rel=1e-8)
    after = np.array([[0.0, 1.0, 0.0, 1.0]])
    found = fit.fitted.fit.contrasts(after)
    assert float(found.estimate[0]) == pytest.approx(expected["posttrend"]["est"], rel=1e-8)
    assert float(found.std_error[0]) == pytest.approx(expected["posttrend"]["se"], rel=1e-8)


def test_smallest_detectable_changes_equal_the_published_table(shared):
    del shared
    from hubeval.methods.its.checks.detectable import detectable
    from hubeval.methods.its.door.frames import bind
    from hubeval.methods.its.door.request import Request

    # computed independently from the known-rho covariance: level change and effect at month 12
    table = {(12, 12): ((2.55, 2.65, 2.47), (5.2, 5.9, 6.6)), (24, 24): ((1.88, 2.10, 2.15), (2.5, 2.9, 3.2)),
             (36, 12): ((2.05, 2.23, 2.19), (2.5, 3.0, 3.5)), (48, 24): ((1.62, 1.85, 1.97), None)}
    for (before, after), (level, later) in table.items():
        frame = pd.DataFrame({"t": np.arange(before + after), "y": np.random.default_rng(0).normal(size=before + after)})
        found = detectable(bind(frame, Request(outcome="y", time="t", start=before)))
        assert found.level == pytest.approx(level, abs=0.006)
        if later and after == 12:
            assert found.last == pytest.approx(later, abs=0.06)


def test_teenage_pregnancy_effect_disappears_with_scotland(shared):
    england, scotland = (
        pd.read_csv(shared(f"data/teenage-pregnancy/{c}.csv"))[["Year", "preg_rate"]].rename(columns={"preg_rate": c})
        for c in ("England", "Scotland")
    )
    frame = england.merge(scotland, on="Year")
    plain = {"outcome": "England", "time": "Year", "start": 1999}
    ols = {"errors": "independent", "inference": "least-squares"}
    alone = its.segmented(frame, **plain, **ols).to_frame().estimate.to_numpy()
    # the published least squares answers put the level one year before the start
    assert alone[1] == pytest.approx(-2.30, abs=0.005)
    assert alone[0] - alone[1] == pytest.approx(4.02, abs=0.005)
    beside = its.segmented(frame, **plain, **ols, control="Scotland").to_frame().estimate.to_numpy()
    assert beside[1] == pytest.approx(-0.46, abs=0.005)
    assert beside[0] - beside[1] == pytest.approx(0.44, abs=0.005)
    claimed = its.segmented(frame, **plain).average().absolute
    removed = its.segmented(frame, **plain, control="Scotland").average().absolute
    assert claimed.conf_high < 0 < removed.conf_high
    assert removed.conf_low < 0
    assert abs(removed.estimate) < abs(claimed.estimate) / 4
