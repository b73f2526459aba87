"""Numbers from outside: R (nlme, sandwich, prais, MASS), NIST, and an independent integrated likelihood."""

from __future__ import annotations

import json
from functools import cache
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
DRAWN = json.loads((HERE / "drawn.json").read_text())
DEFINITION = json.loads((HERE / "drawn_definition.json").read_text())
SECOND = pytest.mark.second_witness
INTEGRATED = json.loads((HERE / "integrated_ar1.json").read_text())
KR = json.loads((HERE / "reml_kr.json").read_text())
NIST = json.loads((HERE / "nist_certified.json").read_text())


def dated(frame):
    return frame.assign(month_of=[f"{y}-{m:02d}" for y, m in zip(frame.year, frame.month, strict=True)])


@pytest.fixture(scope="module")
def bans(drawn, request):
    """The monthly counts of each witness."""
    return {"drawn": lambda: dated(drawn("ban")),
            "sicily": lambda: dated(pd.read_csv(request.getfixturevalue("shared")("reference/its/data/sicily.csv")))}


def columns_of(ban, belts, smoke):
    """The references' own designs: outcome, and columns in R's order."""

    def waves(month):
        return [f(2 * np.pi * j * month / 12) for j in (1, 2) for f in (np.sin, np.cos)]

    s, t = ban.time.to_numpy(float), belts.time.to_numpy(float)
    y = np.log(ban.aces / ban.stdpop).to_numpy()
    z = np.log(belts.drivers).to_numpy()
    law, after = belts.law.to_numpy(float), ban.smokban.to_numpy(float)
    year = smoke.year.to_numpy(float) - 1989
    one = np.ones
    return {
        "ban_step": (y, np.column_stack([one(59), s, after])),
        "ban_stepslope": (y, np.column_stack([one(59), s, after, np.maximum(s - 36, 0)])),
        "ban_harm2": (y, np.column_stack([one(59), s, after, *waves(ban.month.to_numpy())])),
        "belts_step": (z, np.column_stack([one(192), t, law])),
        "belts_stepslope": (z, np.column_stack([one(192), t, law, np.maximum(t - 169, 0)])),
        "belts_first_post": (z, np.column_stack([one(192), t, law, np.maximum(t - 170, 0)])),
        "belts_months": (
            z,
            np.column_stack([one(192), t, law, *[(belts.month == m).to_numpy(float) for m in range(2, 13)]]),
        ),
        "packs": (smoke.iloc[:, 1].to_numpy(), np.column_stack([one(31), year, year >= 0, np.maximum(year, 0)])),
    }


@pytest.fixture(scope="module")
def designs(drawn, request, bans):
    """A function from a witness to its designs."""

    @cache
    def made(witness):
        if witness == "drawn":
            smoke = drawn("donors").query("state == 'S03'")[["year", "packs"]]
            return columns_of(bans["drawn"](), drawn("belts"), smoke.sort_values("year"))
        shared = request.getfixturevalue("shared")
        smoke = pd.read_csv(shared("reference/its/data/smoking_tidysynth.csv"))
        smoke = smoke[smoke.state == "California"].sort_values("year")[["year", "cigsale"]]
        return columns_of(bans["sicily"](), pd.read_csv(shared("reference/its/data/seatbelts.csv")), smoke)

    return made


CASES = [
    pytest.param(witness, name, stored[room][key], id=f"{witness}-{name}", marks=marks)
    for witness, stored, marks in (("drawn", DRAWN, []), ("published", R, [SECOND]))
    for name, room, key in (
        ("ban_step", "sicily_gaussian_lograte", "step"), ("ban_stepslope", "sicily_gaussian_lograte", "stepslope"),
        ("belts_step", "seatbelts", "step"), ("belts_stepslope", "seatbelts", "stepslope"),
        ("belts_months", "seatbelts", "step_monthdummies"))
]


@pytest.mark.parametrize(("witness", "name", "expected"), CASES)
@pytest.mark.parametrize("method", ["REML", "ML"])
def test_generalised_least_squares_equals_nlme(designs, witness, name, expected, method):
    y, x = designs(witness)[name]
    q, basis = orthonormal(x)
    fit = fit_ar1(y[:, None], q, restricted=method == "REML")
    rho = float(fit.rho[0])
    # nlme stops its search near 1e-6 of the optimum in rho, which is where the tolerance comes from
    assert rho == pytest.approx(expected[f"gls_{method}"]["phi"], rel=2e-5)
    coef, model = basis @ fit.coef[0], float(fit.variance[0]) * basis @ small_sample(q, rho).model @ basis.T
    for j, value in enumerate(expected[f"gls_{method}"]["coef"].values()):
        assert coef[j] == pytest.approx(value["est"], rel=2e-5, abs=1e-8)
        assert np.sqrt(model[j, j]) == pytest.approx(value["se"], rel=2e-5)


@pytest.mark.parametrize(("witness", "name", "expected"), CASES)
def test_newey_west_equals_sandwich(designs, witness, name, expected):
    y, x = designs(witness)[name]
    fit = least_squares(y, x)
    for key, lag, adjust in (("NW_lag1_noadj", 1, False), ("NW_lag1_adj", 1, True), ("NW_lag3_adj", 3, True)):
        error = np.sqrt(np.diag(newey_west(x, fit.residuals, fit.bread, lag, adjust=adjust)))
        assert error == pytest.approx([v["se"] for v in expected[key].values()], rel=1e-7)


@pytest.mark.parametrize(("witness", "name", "expected"), CASES)
def test_prais_winsten_equals_prais(designs, witness, name, expected):
    y, x = designs(witness)[name]
    coef, covariance, rho = prais_winsten(y, x)
    # R's prais stops when rho moves by less than 1e-6; ours goes on to machine precision
    assert rho == pytest.approx(np.ravel(expected["prais"]["rho"])[0], abs=2e-5)
    assert coef == pytest.approx([v["est"] for v in expected["prais"]["coef"].values()], rel=2e-4, abs=1e-6)
    assert np.sqrt(np.diag(covariance)) == pytest.approx(
        [v["se"] for v in expected["prais"]["coef"].values()], rel=2e-4
    )


@pytest.mark.parametrize(("witness", "name", "expected"), CASES)
def test_maximum_likelihood_is_close_to_arima(designs, witness, name, expected):
    y, x = designs(witness)[name]
    q, basis = orthonormal(x)
    fit = fit_ar1(y[:, None], q, restricted=False)
    # R's optimiser stops early, and its errors come from a numerical Hessian of all parameters together
    values = list(expected["arima100_ML"]["coef"].values())
    assert float(fit.rho[0]) == pytest.approx(values[0]["est"], abs=2e-4)
    n, k = x.shape
    model = float(fit.variance[0]) * (n - k) / n * basis @ small_sample(q, float(fit.rho[0])).model @ basis.T
    assert (basis @ fit.coef[0])[2] == pytest.approx(values[3]["est"], rel=1e-3)
    assert np.sqrt(model[2, 2]) == pytest.approx(values[3]["se"], rel=0.03)


KIND = {"harmonics": "ban_harm2", "slope": "belts_first_post", "months": "belts_months", "short": "packs"}


def row_of(expected, columns):
    c = np.zeros(columns)
    for j, value in expected["contrast"].items():
        c[int(j)] = value
    return c


@pytest.mark.parametrize("case", list(DEFINITION["integrated"]))
def test_integrated_ar1_equals_its_definition(designs, case):
    y, x = designs("drawn")[KIND[case.split("_")[0]]]
    q, basis = orthonormal(x)
    found = posterior(y[:, None], q, error_grid(len(y), AR1))
    expected = DEFINITION["integrated"][case]
    answer = MixtureFit(found, basis).contrasts(row_of(expected, x.shape[1])[None])
    width = expected["hi"] - expected["lo"]
    for ours, theirs in ((answer.estimate, "mean"), (answer.low, "lo"), (answer.high, "hi")):
        assert float(ours[0]) == pytest.approx(expected[theirs], abs=1e-6 * width)
    assert float(answer.p_value[0]) == pytest.approx(expected["p_two"], rel=1e-4)
    assert float(found.autocorrelation[0]) == pytest.approx(expected["rho_mean"], abs=1e-6)


@SECOND
@pytest.mark.parametrize(
    ("case", "name", "contrast"),
    [
        ("sicily_lograte_step_harm2", "ban_harm2", {2: 1}),
        ("seatbelts_step_monthdummies", "belts_months", {2: 1}),
        ("seatbelts_stepslope_level", "belts_first_post", {2: 1}),
        ("prop99_itsa_level", "packs", {2: 1}),
        ("prop99_itsa_slope", "packs", {3: 1}),
        ("prop99_itsa_effect_2000", "packs", {2: 1, 3: 11}),
        ("prop99_itsa_avg", "packs", {2: 1, 3: 5.5}),
    ],
)
def test_integrated_ar1_equals_an_independent_implementation(designs, case, name, contrast):
    y, x = designs("published")[name]
    q, basis = orthonormal(x)
    found = posterior(y[:, None], q, error_grid(len(y), AR1))
    c = np.zeros((1, x.shape[1]))
    for j, value in contrast.items():
        c[0, j] = value
    answer, expected = MixtureFit(found, basis).contrasts(c), INTEGRATED[case]
    # on Proposition 99 the likelihood is highest at rho = 1, short of which the reference's grid stops
    tolerance = 0.03 if name == "packs" else 1e-6
    width = expected["hi"] - expected["lo"]
    for ours, theirs in ((answer.estimate, "mean"), (answer.low, "lo"), (answer.high, "hi")):
        assert float(ours[0]) == pytest.approx(expected[theirs], abs=tolerance * width)
    assert float(answer.p_value[0]) == pytest.approx(expected["p_two"], rel=0.03 if name == "packs" else 1e-4)
    assert float(found.autocorrelation[0]) == pytest.approx(
        expected["rho_mean"], abs=3e-3 if name == "packs" else 1e-6
    )


@pytest.mark.parametrize("case", list(DEFINITION["kenward_roger"]))
def test_kenward_roger_equals_its_definition(designs, case):
    y, x = designs("drawn")[KIND[case.split("_")[0]]]
    expected = DEFINITION["kenward_roger"][case]
    for ours, key in zip(small_sample_answer(y, x, row_of(expected, x.shape[1])), ("est", "se_reml", "se_kr", "df"), strict=True):
        assert ours == pytest.approx(expected[key], rel=2e-6), key


def small_sample_answer(y, x, c):
    """Estimate, its error under the model and adjusted, and degrees of freedom of one contrast."""
    q, basis = orthonormal(x)
    fit = fit_ar1(y[:, None], q)
    table = small_sample(q, float(fit.rho[0]))
    c = c @ basis
    s2 = float(fit.variance[0])
    gradient = np.array([c @ slope @ c for slope in table.slopes])
    df = 2 * float(c @ table.model @ c) ** 2 / float(gradient @ table.parameters @ gradient)
    return float(fit.coef[0] @ c), np.sqrt(s2 * c @ table.model @ c), np.sqrt(s2 * c @ table.adjusted @ c), df


@SECOND
@pytest.mark.parametrize(
    ("case", "key", "name", "contrast"),
    [
        ("sicily_lograte_step_harm2", "level", "ban_harm2", {2: 1}),
        ("seatbelts_log_drivers_step_slope", "level_at_first_post", "belts_first_post", {2: 1}),
        ("seatbelts_log_drivers_step_slope", "slope", "belts_first_post", {3: 1}),
        ("seatbelts_log_drivers_step_monthdummies", "level", "belts_months", {2: 1}),
        ("prop99_california_itsa", "level_1989", "packs", {2: 1}),
    ],
)
def test_kenward_roger_equals_an_independent_implementation(designs, case, key, name, contrast):
    y, x = designs("published")[name]
    c = np.zeros(x.shape[1])
    for j, value in contrast.items():
        c[j] = value
    # the reference's rho stops 1e-6 short of the optimum; at the boundary (Proposition 99) that is magnified
    loose = {"packs": 1e-4, "belts_months": 2e-5}.get(name, 1e-6)
    for ours, part in zip(small_sample_answer(y, x, c), ("est", "se_reml", "se_kr", "df"), strict=True):
        assert ours == pytest.approx(KR[case][key][part], rel=loose), part


COUNTS = [pytest.param("drawn", DRAWN["sicily"], id="drawn"), pytest.param("sicily", R["sicily"], id="sicily", marks=SECOND)]


@pytest.mark.parametrize(("witness", "stored"), COUNTS)
@pytest.mark.parametrize(("seasonality", "key"), [(None, "m2_quasi"), ("2 harmonics", "m3_quasi_harm2")])
def test_counts_equal_glm(bans, witness, stored, seasonality, key):
    fit = its.segmented(
        bans[witness](),
        outcome="aces",
        time="month_of",
        start=its.Interruption(at="2005-01", impact="level"),
        exposure="stdpop",
        family="poisson",
        errors="independent",
        inference="least-squares",
        seasonality=seasonality,
    )
    row, expected = fit.to_frame().iloc[0], stored[key]["coef"]["smokban"]
    # R's glm stops at 1e-8 of the deviance, ours at machine precision
    assert row.estimate == pytest.approx(expected["est"], rel=1e-7)
    assert row.std_error == pytest.approx(expected["se"], rel=1e-6)
    if seasonality:
        averted = stored["m3_counterfactual"]["averted"]
        assert -fit.cumulative().absolute.estimate == pytest.approx(averted, rel=1e-7)


@pytest.mark.parametrize(("witness", "stored"), COUNTS)
def test_counts_with_slope_equal_glm(bans, witness, stored):
    fit = its.segmented(
        bans[witness](),
        outcome="aces",
        time="month_of",
        start="2005-01",
        exposure="stdpop",
        family="poisson",
        errors="independent",
        inference="least-squares",
        seasonality="2 harmonics",
    )
    expected = stored["m4_quasi_harm2_slope"]["coef"]
    slope = expected["smokban:I(time - 36)"]
    rows = fit.to_frame().set_index("term")
    assert rows.loc["slope change", "estimate"] == pytest.approx(slope["est"], rel=1e-6)
    assert rows.loc["slope change", "std_error"] == pytest.approx(slope["se"], rel=1e-6)
    # R's level stands one month earlier, where its time - 36 is zero
    assert rows.loc["level change", "estimate"] == pytest.approx(expected["smokban"]["est"] + slope["est"], rel=1e-6)


@pytest.mark.parametrize(("witness", "stored"), COUNTS)
def test_negative_binomial_equals_mass(bans, witness, stored):
    fit = its.segmented(
        bans[witness](),
        outcome="aces",
        time="month_of",
        start=its.Interruption(at="2005-01", impact="level"),
        exposure="stdpop",
        family="negative-binomial",
        errors="independent",
        inference="least-squares",
        seasonality="2 harmonics",
    )
    expected = stored["nb_harm2"]
    assert 1 / fit.fitted.overdispersion == pytest.approx(expected["theta"], rel=1e-6)
    row = fit.to_frame().iloc[0]
    assert row.estimate == pytest.approx(expected["coef"]["smokban"]["est"], rel=1e-6)
    # MASS fixes the dispersion at 1; ours is Pearson's, so only their ratio's size is shared
    dispersion = max(float(fit.fitted.scaled @ fit.fitted.scaled) / (59 - 7), 1.0)
    assert row.std_error == pytest.approx(expected["coef"]["smokban"]["se"] * np.sqrt(dispersion), rel=1e-6)


@pytest.mark.parametrize(("data", "digits"), [("longley", 12), ("filip", 7.5)])
def test_least_squares_has_nist_digits(drawn, data, digits):
    frame = drawn(f"nist_{data}")  # not drawn: certified by NIST, in the public domain
    y = frame.y.to_numpy(float)
    x = (
        np.column_stack([np.ones(len(frame)), frame.iloc[:, 1:].to_numpy(float)])
        if data == "longley"
        else np.vander(frame.x.to_numpy(float), 11, increasing=True)
    )
    fit = least_squares(y, x, tolerance=1e-14)
    certified = np.array(NIST[data]["beta"])
    assert (-np.log10(np.abs(fit.coef / certified - 1))).min() >= digits


@pytest.mark.parametrize("witness", ["drawn", pytest.param("prop99", marks=SECOND)])
def test_one_unit_of_a_panel_equals_newey_west_by_hand(drawn, request, witness):
    if witness == "drawn":
        smoke, names, expected = drawn("donors"), {"outcome": "packs", "treated": "S03"}, DRAWN["prop99_itsa_single"]
    else:
        smoke = pd.read_csv(request.getfixturevalue("shared")("reference/its/data/smoking_tidysynth.csv"))
        names, expected = {"outcome": "cigsale", "treated": "California"}, R["prop99_itsa_single"]
    fit = its.segmented(smoke, **names, time="year", start=1989, unit="state", errors="independent", inference="newey-west")
    rows = fit.to_frame().set_index("term")
    for term, name in (("level change", "x"), ("slope change", "xt")):
        assert rows.loc[term, "estimate"] == pytest.approx(expected["coef"][name]["est"], rel=1e-8)
        assert rows.loc[term, "std_error"] == pytest.approx(expected["coef"][name]["se"], rel=1e-8)
    after = np.array([[0.0, 1.0, 0.0, 1.0]])
    found = fit.fitted.fit.contrasts(after)
    assert float(found.estimate[0]) == pytest.approx(expected["posttrend"]["est"], rel=1e-8)
    assert float(found.std_error[0]) == pytest.approx(expected["posttrend"]["se"], rel=1e-8)


def test_a_comparison_series_takes_out_what_it_shared(drawn):
    stored, plain = DRAWN["nations"], {"outcome": "north", "time": "year", "start": 1999}
    ols = {"errors": "independent", "inference": "least-squares"}
    for control, theirs in ((None, stored["alone"]), ("south", stored["beside"])):
        rows = its.segmented(drawn("nations"), **plain, **ols, control=control).to_frame()
        np.testing.assert_allclose(rows["estimate"], [theirs["level"]["est"], theirs["slope"]["est"]], rtol=1e-8)
        if control is None:
            np.testing.assert_allclose(rows["std_error"], [theirs["level"]["se"], theirs["slope"]["se"]], rtol=1e-8)


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
