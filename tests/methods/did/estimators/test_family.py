"""The family of estimators against brute force, closed forms and one another."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.did.checks.trends.decompose import decompose
from hubeval.methods.did.estimators.dose import dose
from hubeval.methods.did.estimators.examples import staggered
from hubeval.methods.did.estimators.extended import extended
from hubeval.methods.did.estimators.imputation import imputation, imputation_leads
from hubeval.methods.did.estimators.stacked import stacked
from hubeval.methods.did.estimators.sun_abraham import sun_abraham
from hubeval.methods.did.estimators.switching import switching
from hubeval.methods.did.estimators.triple import triple
from hubeval.methods.did.estimators.two_stage import two_stage

NAMES = {"outcome": "rate", "unit": "la", "time": "year", "start": "opened"}


def draw(seed=0, units=24, periods=6, missing=0.0):
    """A noisy staggered panel with a covariate, weights, and clusters of three units."""
    rng = np.random.default_rng(seed)
    area, year = (a.ravel() for a in np.meshgrid(np.arange(units), np.arange(2011, 2011 + periods), indexing="ij"))
    begins = np.array([2013.0, 2015.0, np.nan])[np.arange(units) % 3]
    frame = pd.DataFrame({"la": area, "year": year, "opened": begins[area], "region": area // 3})
    frame["x"] = rng.normal(size=len(frame)) + area / units
    frame["w"] = rng.uniform(0.5, 2.0, units)[area]
    event = frame["year"] - frame["opened"]
    frame["rate"] = (rng.normal(size=units)[area] + 0.3 * (year - 2011) + 0.5 * frame["x"]
                     + np.where(event >= 0, -1 - 0.2 * event, 0) + rng.normal(size=len(frame)) * 0.3)
    return frame[rng.random(len(frame)) >= missing].reset_index(drop=True)


def dummies(values):
    return (np.asarray(values)[:, None] == np.unique(values)).astype(float)


@pytest.mark.parametrize("estimator", [sun_abraham, extended, imputation])
def test_a_noiseless_panel_gives_back_its_effect(estimator):
    cells = estimator(staggered(), **NAMES)
    event = cells.aggregate("event").to_frame()
    after = event[event["event_time"] >= 0]
    np.testing.assert_allclose(after["estimate"], [-1, -2, -3, -4], atol=1e-10)
    np.testing.assert_allclose(event[event["event_time"] < 0]["estimate"], 0, atol=1e-10)


def _imputed_by_hand(frame, covariates, weights, cluster):
    """Imputation and its conservative error from dense matrices: Borusyak et al., eq. 6 to 8."""
    treated = (frame["year"] >= frame["opened"]).to_numpy()
    w = frame[weights].to_numpy() if weights else np.ones(len(frame))
    z = np.hstack([dummies(frame["la"]), dummies(frame["year"]), frame[covariates].to_numpy()])
    z0, w0, y = z[~treated], w[~treated], frame["rate"].to_numpy()
    gram = np.linalg.pinv((z0 * w0[:, None]).T @ z0)
    gap = y - z @ (gram @ (z0 * w0[:, None]).T @ y[~treated])
    share = np.where(treated, w, 0) / w[treated].sum()
    v = -w[:, None] * z @ gram @ (z[treated].T @ share[treated])[:, None]
    v = np.where(treated, share, v[:, 0])
    cell = frame["opened"] * 10000 + frame["year"]
    centred = gap.copy()
    for key in cell[treated].unique():
        inside = treated & (cell == key).to_numpy()
        centred[inside] -= (v[inside] ** 2 @ gap[inside]) / (v[inside] ** 2).sum()
    total = pd.Series(v * centred).groupby(frame[cluster].to_numpy()).sum()
    return share @ gap, np.sqrt((total**2).sum()), gap, share, v, treated


@pytest.mark.parametrize(("covariates", "weights", "cluster", "missing"), [
    ([], None, "la", 0.0), (["x"], None, "la", 0.2), (["x"], "w", "region", 0.2)])
def test_imputation_and_its_errors_equal_dense_matrices(covariates, weights, cluster, missing):
    frame = draw(1, missing=missing)
    estimate, error, *_ = _imputed_by_hand(frame, covariates, weights, cluster)
    found = imputation(frame, **NAMES, covariates=covariates, weights=weights, cluster=cluster).aggregate("simple")
    np.testing.assert_allclose(found.estimate, estimate, rtol=1e-9)
    np.testing.assert_allclose(found.std_error, error, rtol=1e-8)


def test_two_stage_errors_equal_the_method_of_moments_written_out():
    frame = draw(2, missing=0.1)
    treated = (frame["year"] >= frame["opened"]).to_numpy()
    x1 = np.hstack([dummies(frame["la"]), dummies(frame["year"])[:, 1:], frame[["x"]].to_numpy()])
    x10 = x1 * ~treated[:, None]
    y = frame["rate"].to_numpy()
    gram = np.linalg.inv(x10.T @ x10)
    gap = y - x1 @ (gram @ x10.T @ y)
    x2 = treated.astype(float)[:, None]
    effect = gap[treated].mean()
    scores = x2 * (gap - effect * x2[:, 0])[:, None] - (x10 * gap[:, None]) @ gram @ (x1.T @ x2)
    total = pd.DataFrame(scores).groupby(frame["la"].to_numpy()).sum().to_numpy()
    found = two_stage(frame, **NAMES, covariates=["x"])
    np.testing.assert_allclose(found.estimate, effect, rtol=1e-9)
    np.testing.assert_allclose(found.std_error, np.sqrt(total.T @ total)[0] / treated.sum(), rtol=1e-8)


def test_two_stage_event_study_shares_its_effects_with_imputation():
    frame = draw(3)
    event = two_stage(frame, **NAMES, second="event")
    after = np.array(event.keys) >= 0
    np.testing.assert_allclose(event.estimate[after], imputation(frame, **NAMES).aggregate("event").estimate, atol=1e-10)


def test_extended_equals_imputation_on_a_balanced_panel():
    frame = draw(4)
    a, b = extended(frame, **NAMES), imputation(frame, **NAMES)
    np.testing.assert_allclose(a.estimate, b.estimate, atol=1e-10)
    both = extended(frame, **NAMES, effects="cohort")
    np.testing.assert_allclose(both.estimate, a.estimate, atol=1e-10)


def test_extended_with_a_fixed_covariate_equals_its_long_regression():
    frame = draw(5)
    frame["size"] = frame.groupby("la")["x"].transform("mean")
    cells = extended(frame, **NAMES, covariates=["size"])
    # written out: unit and period dummies, covariate by period, cells, cells by covariate about its cohort's mean
    cell = np.column_stack([(frame["opened"] == g) & (frame["year"] == t) for g, t in zip(cells.group, cells.time, strict=True)])
    centred = frame["size"] - frame.groupby("opened")["size"].transform("mean")
    z = np.hstack([cell, cell * np.nan_to_num(centred.to_numpy())[:, None], dummies(frame["la"]), dummies(frame["year"]),
                   dummies(frame["year"]) * frame[["size"]].to_numpy()])
    coef = np.linalg.lstsq(z, frame["rate"], rcond=None)[0]
    np.testing.assert_allclose(cells.estimate, coef[:len(cells.group)], atol=1e-8)


def test_without_never_treated_the_last_cohort_compares():
    frame = draw(6).dropna(subset=["opened"])
    cells = sun_abraham(frame, **NAMES)
    assert set(cells.group) == {2013.0}
    assert cells.time.max() == 2014
    wide = frame.pivot_table(index="la", columns="year", values="rate")
    early = frame.drop_duplicates("la").set_index("la")["opened"] == 2013
    change = wide[2014] - wide[2012]
    by_hand = change[early].mean() - change[~early].mean()
    np.testing.assert_allclose(cells.estimate[cells.time == 2014], by_hand, atol=1e-10)


def test_anticipation_moves_the_reference():
    frame = draw(7)
    cells = sun_abraham(frame, **NAMES, anticipation=1)
    assert not np.isin(-2.0, cells.event_time)
    assert np.isin(-1.0, cells.event_time)
    moved = sun_abraham(frame.assign(opened=frame["opened"] - 1), **NAMES)
    np.testing.assert_allclose(cells.estimate, moved.estimate, atol=1e-12)


def test_poisson_effect_is_the_ratio_of_ratios():
    # one cohort, saturated: log ratio of means, differenced
    rng = np.random.default_rng(8)
    area, year = (a.ravel() for a in np.meshgrid(np.arange(20), [1, 2], indexing="ij"))
    frame = pd.DataFrame({"la": area, "year": year, "opened": np.where(area < 8, 2.0, np.nan), "people": rng.integers(50, 99, 40)})
    frame["rate"] = rng.poisson(5 + 3 * year)
    names = NAMES | {"outcome": "rate"}
    mean = frame.groupby([frame["opened"].notna(), "year"])["rate"].mean()
    ratio = (mean[True, 2] / mean[True, 1]) / (mean[False, 2] / mean[False, 1])
    np.testing.assert_allclose(extended(frame, **names, family="poisson").estimate, np.log(ratio), rtol=1e-10)
    apart = extended(frame, **names, family="poisson", scale="outcome")
    np.testing.assert_allclose(apart.estimate, mean[True, 2] - mean[True, 2] / ratio, rtol=1e-10)
    total = frame.groupby([frame["opened"].notna(), "year"])[["rate", "people"]].sum()
    rate = total["rate"] / total["people"]
    per = extended(frame, **names, family="poisson", exposure="people").estimate
    np.testing.assert_allclose(per, np.log((rate[True, 2] / rate[True, 1]) / (rate[False, 2] / rate[False, 1])), rtol=1e-10)


def test_poisson_errors_are_the_delta_method_written_out():
    rng = np.random.default_rng(9)
    area, year = (a.ravel() for a in np.meshgrid(np.arange(20), [1, 2], indexing="ij"))
    frame = pd.DataFrame({"la": area, "year": year, "opened": np.where(area < 8, 2.0, np.nan), "rate": rng.poisson(5 + 3 * year)})
    wide = frame.pivot_table(index="la", columns="year", values="rate")
    before, after = wide[1].to_numpy(float), wide[2].to_numpy(float)
    inside = np.arange(20) < 8
    a, b, c, d = after[inside].mean(), before[inside].mean(), after[~inside].mean(), before[~inside].mean()
    # one coefficient a cell, two cohorts and one period: four parameters, twenty clusters
    factor = 20 / 19 * 39 / (40 - 4)
    log = np.where(inside, (after - a) / a / 8 - (before - b) / b / 8, -(after - c) / c / 12 + (before - d) / d / 12)
    np.testing.assert_allclose(extended(frame, **NAMES, family="poisson").std_error, np.sqrt(factor * (log**2).sum()), rtol=1e-8)
    apart = np.where(inside, (after - a) / 8 - c / d * (before - b) / 8, -b / d * (after - c) / 12 + b * c / d**2 * (before - d) / 12)
    found = extended(frame, **NAMES, family="poisson", scale="outcome")
    # the treated mean is what was observed, so its own spread enters both ways alike
    np.testing.assert_allclose(found.std_error, np.sqrt(factor * (apart**2).sum()), rtol=1e-8)


def test_stacked_is_the_average_of_each_cohorts_own_experiment():
    frame = draw(10)
    found = stacked(frame, **NAMES, window=(-2, 1))
    wide = frame.pivot_table(index="la", columns="year", values="rate")
    begins = frame.drop_duplicates("la").set_index("la")["opened"]
    for e in (-2, 0, 1):
        parts, sizes = [], []
        for g in (2013, 2015):
            change = wide[g + e] - wide[g - 1]
            clean = begins.isna() | (begins > g + 1)
            parts.append(change[begins == g].mean() - change[clean].mean())
            sizes.append((begins == g).sum())
        np.testing.assert_allclose(found.estimate[found.keys.index(e)], np.average(parts, weights=sizes), atol=1e-10)
    np.testing.assert_allclose(found.overall.estimate, found.estimate[[1, 2]].mean())


def test_triple_difference_equals_the_regression_with_three_sets_of_effects():
    rng = np.random.default_rng(11)
    base = draw(11)[["la", "year", "opened"]]
    base["opened"] = base["opened"].replace(2015.0, np.nan)  # one start: the classic regression is right
    frame = pd.concat([base.assign(young=k, rate=rng.normal(size=len(base))) for k in (0, 1)], ignore_index=True)
    found = triple(frame, **NAMES, eligible="young").aggregate("simple")
    d = ((frame["year"] >= frame["opened"]) & (frame["young"] == 1)).to_numpy(float)
    z = np.hstack([dummies(frame["la"].astype(str) + "/" + frame["year"].astype(str)),
                   dummies(frame["young"] * 10000 + frame["year"]), dummies(frame["young"] * 1000 + frame["la"])])
    coef = np.linalg.lstsq(np.column_stack([d, z]), frame["rate"], rcond=None)[0][0]
    np.testing.assert_allclose(found.estimate, coef, atol=1e-8)


def test_triple_difference_is_blind_to_local_shocks():
    young = staggered().assign(young=1)
    shock = (young["year"] >= 2013) & young["la"].isin(["area 1", "area 2"])
    young["rate"] += 10 * shock
    older = staggered().assign(young=0, rate=7.0 + 10 * shock)
    event = triple(pd.concat([young, older]), **NAMES, eligible="young").aggregate("event")
    np.testing.assert_allclose(event.estimate, [-1, -2, -3, -4], atol=1e-9)
    assert abs(extended(young, **NAMES).aggregate("event").estimate[0] + 1) > 0.5


def _switching_by_hand(frame, ahead):
    """Loops over units, straight from the definition."""
    wide, dose_of = (frame.pivot_table(index="la", columns="year", values=c) for c in ("rate", "dose"))
    years = list(wide.columns)
    changed = {la: next((k for k, t in enumerate(years) if row[t] != row[years[0]]), None) for la, row in dose_of.iterrows()}
    total, units, cumulated = 0.0, 0, 0.0
    for la, k in changed.items():
        if k is None or k + ahead >= len(years):
            continue
        sign = np.sign(dose_of.loc[la, years[k]] - dose_of.loc[la, years[0]])
        controls = [o for o, j in changed.items() if dose_of.loc[o, years[0]] == dose_of.loc[la, years[0]] and (j is None or j > k + ahead)]
        if not controls:
            continue
        change = wide[years[k + ahead]] - wide[years[k - 1]]
        total += sign * (change[la] - change[controls].mean())
        cumulated += abs(sum(dose_of.loc[la, years[k + j]] - dose_of.loc[la, years[0]] for j in range(ahead + 1)))
        units += 1
    return total / units, total / cumulated


def test_switching_equals_its_definition_with_treatments_that_go_on_and_off():
    rng = np.random.default_rng(12)
    area, year = (a.ravel() for a in np.meshgrid(np.arange(30), np.arange(6), indexing="ij"))
    path = {0: [0, 1, 1, 0, 0, 0], 1: [1, 1, 0, 0, 0, 0], 2: [0, 0, 0, 0, 0, 0], 3: [1, 1, 1, 1, 1, 1], 4: [0, 0, 2, 2, 2, 2]}
    frame = pd.DataFrame({"la": area, "year": year, "dose": [path[a % 5][t] for a, t in zip(area, year, strict=True)]})
    frame["rate"] = rng.normal(size=len(frame)) + 2 * frame["dose"]
    plain = switching(frame, outcome="rate", unit="la", time="year", treated="dose")
    each = switching(frame, outcome="rate", unit="la", time="year", treated="dose", normalized=True)
    for place, ahead in enumerate(plain.keys):
        by_hand = _switching_by_hand(frame, int(ahead))
        np.testing.assert_allclose([plain.estimate[place], each.estimate[place]], by_hand, atol=1e-10)
    assert np.isfinite(plain.std_error).all()


def test_switching_reads_the_same_from_decreases():
    frame = staggered()
    frame["open"] = (frame["year"] >= frame["opened"]).astype(int)
    on = switching(frame, outcome="rate", unit="la", time="year", treated="open", placebos=1)
    off = switching(frame.assign(open=1 - frame["open"], rate=-frame["rate"]), outcome="rate", unit="la", time="year", treated="open", placebos=1)
    np.testing.assert_allclose(on.estimate, off.estimate, atol=1e-12)
    np.testing.assert_allclose(on.estimate, [0, -1, -2, -3, -4], atol=1e-12)
    # four areas hold treatment for four years and four for two: all effects over all the treatment had
    np.testing.assert_allclose(on.overall.estimate, [(4 * (-1 - 2 - 3 - 4) + 4 * (-1 - 2)) / (4 * 4 + 4 * 2)])


def test_dose_of_a_noiseless_line_is_the_line():
    area, year = (a.ravel() for a in np.meshgrid(np.arange(16), np.arange(5), indexing="ij"))
    share = np.where(area < 12, (area % 6 + 1) / 10, 0.0)
    opened = np.where(area < 6, 2.0, np.where(area < 12, 3.0, np.nan))
    frame = pd.DataFrame({"la": area, "year": year, "opened": opened, "share": share})
    frame["rate"] = area + 0.5 * year**2 - np.where(year >= opened, 4 * share + 10 * share**2, 0)
    found = dose(frame, **NAMES, exposure="share", shape="quadratic")
    np.testing.assert_allclose(found.level.estimate, [-(4 * d + 10 * d**2) for d in found.level.keys], atol=1e-9)
    np.testing.assert_allclose(found.slope.estimate, [-(4 + 20 * d) for d in found.slope.keys], atol=1e-8)
    levels = dose(frame, **NAMES, exposure="share", shape="levels", control="never")
    np.testing.assert_allclose(levels.level.estimate, found.level.estimate, atol=1e-9)
    assert levels.slope is None


def test_leads_find_a_trend_that_is_there():
    frame = draw(13)
    quiet = imputation_leads(frame, **NAMES, leads=1)
    frame["rate"] += np.where(frame["opened"].notna(), 2.0 * (frame["year"] - 2011), 0)
    loud = imputation_leads(frame, **NAMES, leads=1)
    assert abs(quiet.estimate[0] / quiet.std_error[0]) < 3 < loud.estimate[0] / loud.std_error[0]


def test_weights_of_two_way_turn_negative_when_early_cohorts_serve_as_controls():
    area, year = (a.ravel() for a in np.meshgrid(np.arange(4), np.arange(5), indexing="ij"))
    frame = pd.DataFrame({"la": area, "year": year, "opened": np.where(area < 2, 1.0, 4.0)})
    effect = np.where(year >= frame["opened"], -(year - frame["opened"] + 1), 0)
    parts = decompose(frame.assign(rate=effect), **NAMES)
    assert parts.negative < 0
    assert parts.forbidden > 0
    truth = pd.Series({(g, t): -(t - g + 1) for g, t in zip(parts.cell_group, parts.cell_time, strict=True)})
    np.testing.assert_allclose(parts.cell_weight @ truth.to_numpy(), parts.two_way, atol=1e-12)
    np.testing.assert_allclose(parts.cell_weight.sum(), 1)


def test_an_unbalanced_panel_keeps_its_weights_and_says_why_pairs_are_absent():
    parts = decompose(draw(14, missing=0.2), **NAMES)
    assert not len(parts.weight)
    assert "unbalanced" in parts.not_computed[0].reason
    np.testing.assert_allclose(parts.cell_weight.sum(), 1)


@pytest.mark.parametrize("estimator", [sun_abraham, extended, imputation])
def test_a_cohort_of_one_has_an_effect_but_no_error(estimator):
    frame = staggered()
    frame.loc[frame["la"].isin(["area 1", "area 2", "area 3"]), "opened"] = np.nan
    cells = estimator(frame, **NAMES)
    alone = cells.group == 2013
    assert np.isnan(cells.std_error[alone]).all()
    assert np.isfinite(cells.std_error[~alone]).all()
    assert np.isfinite(cells.estimate).all()
    assert any("2013" in missing.what for missing in cells.not_computed)
    assert np.isnan(cells.aggregate("simple").std_error).all()
    if estimator is imputation:
        assert np.isfinite(imputation(frame, **NAMES, pool="event").std_error).all()


def test_uniform_bands_cover_jointly():
    from scipy.stats import norm

    from hubeval.methods.did.estimators.effects import Effects

    for k in (1, 4):
        apart = Effects(method="m", estimand="e", inference="i", by="event_time", keys=tuple(range(k)), estimate=np.zeros(k), covariance=np.eye(k))
        # independent effects: the product of the pointwise coverages
        assert apart.critical_value() == pytest.approx(norm.ppf((1 + 0.95 ** (1 / k)) / 2), abs=0.03)
    together = Effects(method="m", estimand="e", inference="i", by="event_time", keys=(0, 1), estimate=np.zeros(2), covariance=np.ones((2, 2)))
    assert together.critical_value() == pytest.approx(1.96, abs=0.03)
    event = sun_abraham(draw(17), **NAMES).aggregate("event")
    narrow, wide = event.to_frame(), event.to_frame(bands="uniform")
    assert (wide["conf_high"] > narrow["conf_high"]).all()
    with pytest.raises(BadInput, match="bands: found"):
        event.to_frame(bands="joint")


def test_nothing_given_is_changed():
    frame = draw(15)
    frame["open"], frame["share"], frame["young"] = (frame["year"] >= frame["opened"]).astype(int), frame["opened"].notna() * (frame["la"] + 1.0), frame["la"] % 2
    before = frame.copy(deep=True)
    for run in (sun_abraham, extended, imputation, two_stage, decompose):
        run(frame, **NAMES)
    stacked(frame, **NAMES, window=(-1, 1))
    switching(frame, outcome="rate", unit="la", time="year", treated="open")
    dose(frame, **NAMES, exposure="share")
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(("call", "words"), [
    (lambda f: extended(f, **NAMES, exposure="w"), "exposure: does not apply to family='linear'"),
    (lambda f: extended(f, **(NAMES | {"unit": None})), "Add effects='cohort'"),
    (lambda f: extended(f, **NAMES, control="neither"), "control: found 'neither'"),
    (lambda f: extended(f.assign(rate=-1.0), **NAMES, family="poisson"), "rows are negative"),
    (lambda f: imputation(f, **NAMES, pool="region"), "pool: found 'region'"),
    (lambda f: two_stage(f, **NAMES, second="third"), "second: found 'third'"),
    (lambda f: stacked(f, **NAMES, window=(-30, 2)), "do not hold its whole window"),
    (lambda f: stacked(f, **NAMES, window=(0, 2)), "first below 0"),
    (lambda f: triple(f, **NAMES, eligible="w"), "holds values other than 0 and 1"),
    (lambda f: triple(f, **NAMES, eligible="yung"), "no column 'yung'"),
    (lambda f: triple(f, **NAMES, eligible="young", covariates=["x"]), "Choose one of those"),
    (lambda f: switching(f, outcome="rate", unit="la", time="year", treated="opened"), "rows are blank"),
    (lambda f: switching(f.assign(d=1), outcome="rate", unit="la", time="year", treated="d"), "never changes"),
    (lambda f: switching(f[f["year"] != 2014].assign(d=f["year"] >= f["opened"]).astype({"d": int}), outcome="rate", unit="la", time="year", treated="d"), "leaves out some periods"),
    (lambda f: dose(f, **NAMES, exposure="x"), "varies over time"),
    (lambda f: imputation_leads(f, **NAMES, leads=9), "leads: found 9"),
    (lambda f: sun_abraham(f.assign(opened=np.nan), **NAMES), "no unit with usable rows starts treatment"),
])
def test_what_cannot_be_used_is_refused_in_one_line(call, words):
    with pytest.raises(BadInput) as refused:
        call(draw(16))
    assert words in str(refused.value)


@pytest.mark.parametrize("run", [
    lambda f: sun_abraham(f, **NAMES), lambda f: extended(f, **NAMES).aggregate("event"), lambda f: imputation(f, **NAMES),
    lambda f: imputation_leads(f, **NAMES, leads=1), lambda f: two_stage(f, **NAMES), lambda f: stacked(f, **NAMES, window=(-1, 1))])
def test_what_is_left_out_is_counted(run):
    frame = draw(18)
    frame.loc[frame["la"] == 0, "opened"] = 2011.0  # treated from the first period: nothing to compare it with before
    frame.loc[frame.index[-3:], "rate"] = np.nan
    found = run(frame)
    assert found.flow[0].n_rows == len(frame)
    assert found.flow[-1].n_units == 23
    assert any(step.n_rows == len(frame) - 3 for step in found.flow)
    assert found.n_treated + found.n_comparison <= 23
