"""Numbers worked out again another way: loops, general solvers, other packages, the bootstrap of weighting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize, stats

from hubeval.engine.means import by_cluster
from hubeval.methods.matching import effect, match
from hubeval.methods.matching.checks.sensitivity import omitted_variable


def one(made, **ask):
    return effect(made, **{"outcome": "score", "estimator": "difference", **ask})[0]


def test_error_of_pairs_is_the_spread_of_their_differences(families, asked):
    made = match(families, **asked, caliper=0.3)
    d = families.score[made.pairs.treated].to_numpy() - families.score[made.pairs.comparison].to_numpy()
    g = d.size
    found = one(made)
    assert found.estimate == pytest.approx(d.mean())
    factor = g / (g - 1) * (2 * g - 1) / (2 * g - 2)
    assert found.std_error == pytest.approx(np.sqrt(factor * ((d - d.mean()) ** 2).sum()) / g)


def test_two_way_error_is_sets_plus_hubs_less_both(families, asked):
    made = match(families, **asked, caliper=0.3, cluster="place")
    used = made.weights > 0
    y, t = families.score[used].to_numpy(), families.hub[used].to_numpy() == 1
    influence = np.where(t, (y - y[t].mean()) / t.sum(), -(y - y[~t].mean()) / (~t).sum())
    sets, place = made.strata[used].astype(int).to_numpy(), families.place[used].to_numpy()
    n, total = y.size, 0.0
    for codes, sign in ((sets, 1), (place, 1), ([*zip(sets, place, strict=True)], -1)):
        sums = {}
        for code, value in zip(codes, influence, strict=True):
            sums[code] = sums.get(code, 0.0) + value
        g = len(sums)
        total += sign * g / (g - 1) * (n - 1) / (n - 2) * sum(v**2 for v in sums.values())
    codes = np.unique(place, return_inverse=True)[1]
    assert min(np.unique(codes[side]).size for side in (t, ~t)) < 20  # then not below the hubs' own error
    shares = np.column_stack([np.bincount(codes, side) for side in (t, ~t)])
    alone = by_cluster(shares)[0] @ np.bincount(codes, influence) ** 2
    assert one(made).std_error == pytest.approx(np.sqrt(max(total, alone)))


@pytest.mark.parametrize("ratio", [1, 3])
@pytest.mark.parametrize("estimand", ["ATT", "ATC"])
def test_abadie_imbens_in_loops(families, asked, ratio, estimand):
    made = match(families, **asked, replace=True, ratio=ratio, estimand=estimand)
    p, y, t = made.scores.to_numpy(), families.score.to_numpy(), families.hub.to_numpy() == 1
    focal = t if estimand == "ATT" else ~t
    uses, gaps = np.zeros(y.size), []
    for i in np.flatnonzero(focal):
        others = np.flatnonzero(~focal)
        near = others[np.argsort(np.abs(p[others] - p[i]), kind="stable")[:ratio]]
        uses[near] += 1
        gaps.append(y[i] - y[near].mean())
    spread = np.zeros(y.size)
    for i in range(y.size):
        others = np.flatnonzero((t == t[i]) & (np.arange(y.size) != i))
        spread[i] = np.var(y[[i, *others[np.argsort(np.abs(p[others] - p[i]), kind="stable")[:2]]]], ddof=1)
    gaps, m = np.array(gaps), ratio
    extra = ((uses / m) ** 2 - uses / m**2) * spread
    variance = (((gaps - gaps.mean()) ** 2).sum() + extra[~focal].sum()) / focal.sum() ** 2
    found = one(made)
    assert found.estimate == pytest.approx(gaps.mean() * (1 if estimand == "ATT" else -1))
    assert found.std_error == pytest.approx(np.sqrt(variance))


def test_entropy_balancing_is_the_least_change_that_balances(families):
    """Against a general solver of the problem as first written: least divergence from equal weights, means as the treated's."""
    few = families.groupby("hub").head(30)
    made = match(few, treated="hub", covariates=["need", "age"], method="entropy")
    x = few.loc[few.hub == 0, ["need", "age"]].to_numpy()
    goal = few.loc[few.hub == 1, ["need", "age"]].mean().to_numpy()
    tied = [{"type": "eq", "fun": lambda w: w.sum() - 1}, {"type": "eq", "fun": lambda w: w @ x - goal}]
    solved = optimize.minimize(lambda w: (w * np.log(w * len(w))).sum(), np.full(len(x), 1 / len(x)), constraints=tied,
                               bounds=[(1e-9, 1)] * len(x), method="SLSQP", options={"ftol": 1e-14, "maxiter": 500})
    assert solved.success
    np.testing.assert_allclose(made.weights[few.hub == 0] / len(x), solved.x, atol=2e-5)


@pytest.mark.parametrize("estimand", ["ATT", "ATC", "ATE"])
def test_covariate_balancing_scores_meet_their_moments(families, asked, estimand):
    made = match(families, **asked, method="inverse-probability", distance="cbps", estimand=estimand)
    p, t = made.scores.to_numpy(), families.hub.to_numpy()
    x = np.column_stack([np.ones(t.size), made.study.x])
    moment = {"ATT": t - (1 - t) * p / (1 - p), "ATC": t * (1 - p) / p - (1 - t), "ATE": t / p - (1 - t) / (1 - p)}[estimand]
    np.testing.assert_allclose(moment @ x / t.size, 0, atol=1e-7)


@pytest.mark.parametrize("measure", ["difference", "ratio", "odds-ratio"])
def test_logistic_g_computation_by_statsmodels_and_a_numerical_derivative(families, asked, measure):
    families = families.assign(high=(families.score > 2.5).astype(int))
    made = match(families, **asked, caliper=0.3)
    used = (made.weights > 0).to_numpy()
    t, y, cov = families.hub.to_numpy()[used].astype(float), families.high.to_numpy()[used], made.study.x[used]
    cov = cov - cov.mean(axis=0)
    x = np.column_stack([np.ones(t.size), t, cov, cov * t[:, None]])
    fit = sm.Logit(y, x).fit(disp=0, tol=1e-12, cov_type="cluster", cov_kwds={"groups": made.strata[used].astype(int).to_numpy()})
    mine = cov[t == 1]
    sides = [np.column_stack([np.ones(len(mine)), np.full(len(mine), v), mine, mine * v]) for v in (1.0, 0.0)]

    def contrast(beta):
        a, b = (float((1 / (1 + np.exp(-side @ beta))).mean()) for side in sides)
        return {"difference": a - b, "ratio": np.log(a / b), "odds-ratio": np.log(a / (1 - a) / (b / (1 - b)))}[measure]

    slope = optimize.approx_fprime(fit.params, contrast, 1e-6)
    found = one(made, outcome="high", estimator="g-computation", measure=measure)
    assert "logistic" in found.inference
    assert (found.estimate if measure == "difference" else np.log(found.estimate)) == pytest.approx(contrast(fit.params), rel=1e-6)
    assert found.std_error == pytest.approx(np.sqrt(slope @ fit.cov_params() @ slope), rel=1e-4)


@pytest.mark.parametrize(("ask", "measure"), [
    ({"method": "inverse-probability"}, "ratio"), ({"method": "inverse-probability", "estimand": "ATE"}, "odds-ratio"),
    ({"method": "entropy"}, "ratio"), ({"method": "overlap"}, "odds-ratio")], ids=str)
def test_ratios_under_weights_against_the_bootstrap(families, ask, measure):
    """Valid here, as weighting is smooth: 150 resamples, each weighted anew; their relative error is 6%, the band 4 of them."""
    families = families.assign(high=(families.score > 2.5).astype(int))
    given = {"treated": "hub", "covariates": ["need", "age"], **ask}
    found = one(match(families, **given), outcome="high", measure=measure)
    rng, again = np.random.default_rng(4), []
    for _ in range(150):
        drawn = families.iloc[rng.integers(0, len(families), len(families))].reset_index(drop=True)
        again.append(np.log(one(match(drawn, **given), outcome="high", measure=measure).estimate))
    assert found.std_error == pytest.approx(np.std(again, ddof=1), rel=0.24)


def test_omitted_variable_bounds_are_the_papers_formulas(families, asked):
    """Cinelli & Hazlett (2020), section 4.4, from partial R-squared by statsmodels."""
    t, y = families.hub.to_numpy().astype(float), families.score.to_numpy()
    names = ("need", "age", "lone")
    x = families[list(names)].to_numpy(dtype=float)
    made = omitted_variable(y, t, x, names, np.ones(t.size))
    whole = sm.OLS(y, sm.add_constant(np.column_stack([t, x]))).fit()
    for j, name in enumerate(names):
        dx = sm.OLS(t, sm.add_constant(x)).fit()
        r2d = dx.tvalues[j + 1] ** 2 / (dx.tvalues[j + 1] ** 2 + dx.df_resid)
        r2y = whole.tvalues[j + 2] ** 2 / (whole.tvalues[j + 2] ** 2 + whole.df_resid)
        d_z, z_x = r2d / (1 - r2d), r2d**2 / (1 - r2d) ** 2
        y_z = ((1 + np.sqrt(z_x)) / np.sqrt(1 - z_x)) ** 2 * r2y / (1 - r2y)
        left = whole.params[1] - whole.bse[1] * np.sqrt(whole.df_resid * y_z * d_z / (1 - d_z))
        found = next(b for b in made.benchmarks if b.covariate == name)
        assert (found.with_treatment, found.with_outcome, found.estimate) == pytest.approx((d_z, min(y_z, 1), left))
    f = whole.tvalues[1] / np.sqrt(whole.df_resid)
    assert made.robustness == pytest.approx((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


def test_few_matched_sets_have_few_degrees_of_freedom(families):
    """Abadie and Imbens's law is of large samples: with four treated records the interval is Student's, not the normal's."""
    few = families[families.hub == 1].head(4)
    made = match(pd.concat([few, families[families.hub == 0]]), treated="hub", covariates=["need"], replace=True)
    found = one(made)
    assert (found.conf_high - found.estimate) / found.std_error == pytest.approx(stats.t.ppf(0.975, 3))
