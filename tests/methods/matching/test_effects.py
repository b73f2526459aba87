"""Effects: each estimator against its formula written out, and errors that fit how the sample was made."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.engine.means import Means, contrast
from hubeval.errors import BadInput
from hubeval.methods.matching import Options, effect, match
from hubeval.methods.matching.effects.doubly_robust import augmented, overlapping


def one(*args, **kwargs):
    (made,) = effect(*args, **kwargs)
    return made


def test_difference_is_the_weighted_difference(families, asked):
    made = match(families, **asked, ratio=2, caliper=0.5)
    w, on = made.weights, families.hub == 1
    want = np.average(families.score[on], weights=w[on]) - np.average(families.score[~on], weights=w[~on])
    assert one(made, outcome="score", estimator="difference").estimate == pytest.approx(want)


def test_replacement_gets_abadie_imbens_unless_told_otherwise(families, asked):
    made = match(families, **asked, replace=True)
    assert "Abadie–Imbens" in one(made, outcome="score", estimator="difference").inference
    assert "two-way" in one(made, outcome="score", estimator="regression").inference
    pairs = made.pairs
    want = families.score[pairs.treated].to_numpy() - families.score[pairs.comparison].to_numpy()
    assert one(made, outcome="score", estimator="difference").estimate == pytest.approx(want.mean())


def test_abadie_imbens_sides_agree_with_their_means(families, asked):
    """ATC has the sign of treated less comparison too."""
    made = match(families, **asked, replace=True, estimand="ATC")
    pairs = made.pairs
    want = families.score[pairs.treated].to_numpy() - families.score[pairs.comparison].to_numpy()
    assert one(made, outcome="score", estimator="difference").estimate == pytest.approx(want.mean())


def test_clusters_above_the_pair_are_used(families, asked):
    made = match(families, **asked)
    plain, above = (one(made, outcome="score", estimator="difference", cluster=c) for c in (None, "place"))
    assert "matched set (CR1)" in plain.inference
    assert "matched set and place (CR1, two-way)" in above.inference
    assert above.estimate == plain.estimate
    assert above.n_clusters == 20
    headline = one(made, outcome="score", cluster="place")
    assert headline.n_clusters == 20
    assert "summed within place" in headline.inference


def test_survey_weights_reach_every_step(families, asked):
    """Whole weights act as copies of records: same difference, same balance."""
    counts = np.random.default_rng(1).integers(1, 4, len(families))
    weighted = match(families.assign(w=counts), **asked, method="entropy", weights="w")
    copies = families.loc[families.index.repeat(counts)].reset_index(drop=True)
    copied = match(copies, **asked, method="entropy")
    first, second = (one(m, outcome="score", estimator="difference").estimate for m in (weighted, copied))
    assert first == pytest.approx(second, rel=1e-6)
    np.testing.assert_allclose(weighted.balance().mean_comparison_after, copied.balance().mean_comparison_after, rtol=1e-6)


@pytest.mark.parametrize("estimator", ["difference", "g-computation", "doubly-robust"])
def test_ratios_are_those_of_the_two_means(families, asked, estimator):
    made = match(families, **asked, caliper=0.5)
    difference, ratio, odds = (one(made, outcome="seen", estimator=estimator, measure=m, seed=1)
                               for m in ("difference", "ratio", "odds-ratio"))
    top = ratio.estimate * difference.estimate / (ratio.estimate - 1)  # solve for the two means
    base = top - difference.estimate
    assert odds.estimate == pytest.approx(top / (1 - top) / (base / (1 - base)), rel=1e-6)
    assert ratio.conf_low < ratio.estimate < ratio.conf_high
    assert "log scale" in ratio.inference
    assert ratio.unit == "ratio"


def test_survey_weights_with_replacement_are_those_shown(families, asked):
    """The difference is that of `weights`, whichever error is asked for; Abadie and Imbens's knows no survey weights."""
    made = match(families, **asked, replace=True, ratio=2, weights="weight")
    w, on = made.weights, families.hub == 1
    want = np.average(families.score[on], weights=w[on]) - np.average(families.score[~on], weights=w[~on])
    found = one(made, outcome="score", estimator="difference")
    assert found.estimate == pytest.approx(want)
    assert "re-used record" in found.inference
    with pytest.raises(BadInput, match="not defined with survey weights"):
        effect(made, outcome="score", estimator="difference", vcov="abadie-imbens")


def test_a_ratio_with_replacement_has_an_error_of_both_means(families, asked):
    made = match(families, **asked, replace=True)
    assert "two-way" in one(made, outcome="seen", estimator="difference", measure="ratio").inference
    with pytest.raises(BadInput, match="error of a difference only"):
        effect(made, outcome="seen", estimator="difference", measure="ratio", vcov="abadie-imbens")


def test_no_ratio_of_a_mean_at_its_edge(families, asked):
    """Nobody, or everybody, in one group: the logarithm has no error."""
    made = match(families.assign(rare=np.where(families.hub == 1, families.seen, 0)), **asked, caliper=0.5)
    for measure in ("ratio", "odds-ratio"):
        for estimator in ("difference", "g-computation", "doubly-robust"):
            with pytest.raises(BadInput, match="measure: the mean of 'rare' is too near 0"):
                effect(made, outcome="rare", estimator=estimator, measure=measure)


def test_no_error_is_made_of_too_little(families, asked):
    few = pd.concat([families[families.hub == 1].head(1), families[families.hub == 0]])
    made = match(few, treated="hub", covariates=["need"], replace=True)
    with pytest.raises(BadInput, match="1 treated and 1 comparison records used"):
        effect(made, outcome="score", estimator="difference")
    same = match(families.assign(y=families.hub * 2.0), **asked)
    with pytest.raises(BadInput, match="leaves no spread"):
        effect(same, outcome="y", estimator="difference")


def test_cells_are_not_pieces_to_cluster_on(families, asked):
    """Three cells would give an error with two degrees of freedom; records are the pieces, or the hubs above them."""
    made = match(families, treated="hub", covariates=["area"], method="exact")
    assert "(HC3)" in one(made, outcome="score", estimator="difference").inference
    assert "clustered on place (CR1)" in one(made, outcome="score", estimator="difference", cluster="place").inference
    thinned = match(families, **asked, method="coarsened", options=Options(one_to_one=True))
    assert "matched set (CR1)" in one(thinned, outcome="score", estimator="difference").inference


def test_with_few_clusters_no_error_is_below_theirs(families, asked):
    """By hand: the larger of the two-way sum and the clusters' own."""
    for seed in range(12):
        place = np.random.default_rng(seed).integers(0, 6, len(families))
        made = match(families.assign(place=place), **asked, caliper=0.3, cluster="place")
        found = one(made, outcome="score", estimator="difference")
        alone = one(made, outcome="score", estimator="difference", vcov="cluster")
        assert found.std_error >= alone.std_error * (1 - 1e-9)
        assert found.n_clusters == 6


def test_a_rare_outcome_has_a_ratio_interval_above_zero():
    made = contrast(Means(one=0.02, two=0.01, covariance=np.diag([4e-5, 2e-5]), df=np.inf, clusters=500), "ratio")
    assert 0 < made.low < made.estimate < made.high


def test_counts_have_ratios(families, asked):
    made = match(families.assign(visits=np.random.default_rng(2).poisson(np.exp(0.3 * families.need + 0.4 * families.hub))),
                 **asked, caliper=0.5)
    found = one(made, outcome="visits", measure="ratio")
    assert found.conf_low < np.exp(0.4) < found.conf_high


def test_augmentation_is_its_formula():
    """Against the textbook sum for each estimand, with given predictions and weights."""
    rng = np.random.default_rng(5)
    y, t, p = rng.normal(size=50), rng.random(50) < 0.5, rng.uniform(0.2, 0.8, 50)
    m = {True: rng.normal(size=50), False: rng.normal(size=50)}
    w1, w0 = t / p, (1 - t) / (1 - p)
    a, b, influence = augmented(y, np.ones(50), m, {True: w1 / w1.sum(), False: w0 / w0.sum()})
    assert a == pytest.approx(m[True].mean() + (w1 * (y - m[True])).sum() / w1.sum())
    assert b == pytest.approx(m[False].mean() + (w0 * (y - m[False])).sum() / w0.sum())
    np.testing.assert_allclose(influence.sum(axis=0), 0, atol=1e-12)
    w = (1 - t) * p / (1 - p)
    a, b, influence = augmented(y, 2.0 * t, {False: m[False]}, {False: w / w.sum()})
    assert a == pytest.approx(y[t].mean())
    assert b == pytest.approx(m[False][t].mean() + (w * (y - m[False])).sum() / w.sum())
    np.testing.assert_allclose(influence.sum(axis=0), 0, atol=1e-12)


def test_overlap_augmentation_is_right_when_either_part_is():
    """400,000 records with a known answer: once with the wrong predictions and the right score, once the other way round."""
    rng = np.random.default_rng(6)
    x = rng.normal(size=400_000)
    p = 1 / (1 + np.exp(-x))
    t = rng.random(x.size) < p
    y = x + (1 + x) * t + rng.normal(size=x.size)
    truth = np.average(1 + x, weights=p * (1 - p))
    right, wrong = {True: 1 + 2 * x, False: x}, {True: np.full(x.size, 2.0), False: np.zeros(x.size)}
    one, two, influence = overlapping(y, t, p, wrong, np.ones(x.size))
    assert one - two == pytest.approx(truth, abs=0.03)
    one, two, influence = overlapping(y, t, p, right, np.ones(x.size))
    assert one - two == pytest.approx(truth, abs=0.02)
    np.testing.assert_allclose(influence.sum(axis=0), 0, atol=1e-10)


def test_overlap_weights_have_the_headline(families, asked):
    made = match(families, **asked, method="overlap")
    found, plain = one(made, outcome="score"), one(made, outcome="score", estimator="difference")
    assert found.term == "ATO"
    assert found.conf_low < plain.estimate < found.conf_high


def test_doubly_robust_is_repeated_by_its_seed(families, asked):
    made = match(families, **asked)
    first, second = (one(made, outcome="score", seed=3) for _ in range(2))
    assert first == second


def test_doubly_robust_uses_only_what_the_design_kept(families, asked):
    """Records outside the support cannot move it."""
    made = match(families, **asked, method="inverse-probability", options=Options(trim=(0.15, 0.7)))
    wild = families.score.where(made.usable, 1e6)
    assert one(made, outcome=wild).estimate == pytest.approx(one(made, outcome="score").estimate)


def test_too_few_for_learners_is_said(families, asked):
    few = pd.concat([families[families.hub == 1].head(8), families[families.hub == 0]])
    made = match(few, **{**asked, "covariates": ["need"]})
    with pytest.raises(BadInput, match="8 treated"):
        effect(made, outcome="score")


def test_estimand_says_who_was_left_out(families, asked):
    made = match(families, **asked, caliper=0.001)
    lost = int((families.hub == 1).sum() - (made.weights[families.hub == 1] > 0).sum())
    assert f"({lost} records could not)" in one(made, outcome="score", estimator="difference").estimand


def test_weights_are_what_a_did_call_can_take(families, asked):
    """Matched difference-in-differences: balance the history, hand the weights to the other room."""
    from hubeval.methods.did import two_way

    rng = np.random.default_rng(8)
    history = families.assign(before=families.need + 0.3 * rng.normal(size=len(families)))
    made = match(history, **{**asked, "covariates": ["before", "age"]}, method="entropy")
    later = history.before * 0.6 + history.need + 2.0 * history.hub + rng.normal(size=len(history))
    start = np.where(history.hub == 1, 1.0, np.nan)
    panel = pd.concat([history.assign(time=t, y=y, start=start, id=history.index) for t, y in ((0, history.before), (1, later))])
    panel = panel.join(made.weights)
    assert made.balance().smd_after.abs().max() < 1e-8
    found = two_way(panel.reset_index(drop=True), outcome="y", unit="id", time="time", start="start", weights="weights",
                    inference="cluster")
    mean = panel.groupby(["hub", "time"])[["y", "weights"]].apply(lambda g: np.average(g.y, weights=g.weights))
    by_hand = mean[1, 1] - mean[1, 0] - mean[0, 1] + mean[0, 0]
    assert found.to_frame().estimate[0] == pytest.approx(by_hand, rel=1e-6)
    assert by_hand == pytest.approx(2, abs=0.4)


@pytest.mark.parametrize("method", ["nearest", "entropy", "inverse-probability"])
@pytest.mark.parametrize("estimator", ["difference", "regression", "g-computation", "doubly-robust"])
def test_where_a_covariate_begins_is_nothing_to_the_effect(families, asked, method, estimator):
    """Far from zero, such as seconds since 1970, a covariate must not be taken for the constant."""
    near, far = (one(match(families.assign(age=families.age + shift), **asked, method=method), outcome="score", estimator=estimator)
                 for shift in (0.0, 1e10))
    assert far.estimate == pytest.approx(near.estimate, rel=1e-5)
    assert far.std_error == pytest.approx(near.std_error, rel=1e-5)


def test_counts_are_of_the_records_that_the_number_rests_on(families, asked):
    """The headline learns from every comparison record in support; the difference rests on the matched ones."""
    made = match(families, **asked, caliper=0.1)
    headline, plain = one(made, outcome="score", seed=1), one(made, outcome="score", estimator="difference")
    assert headline.n_comparison == int((families.hub == 0).sum()) > plain.n_comparison == len(made.pairs)
    assert headline.n_treated == plain.n_treated == len(made.pairs)


@pytest.mark.parametrize("estimator", ["regression", "g-computation"])
@pytest.mark.parametrize("vcov", ["auto", "hc3"])
def test_a_fit_without_residuals_is_refused(families, estimator, vcov):
    """Twelve records and a dozen covariates: residuals, and errors, of nearly nothing."""
    rng = np.random.default_rng(1)
    few = families.groupby("hub").head(8).assign(**{f"z{j}": rng.normal(size=16) for j in range(12)})
    made = match(few, treated="hub", covariates=["need"])
    with pytest.raises(BadInput, match=r"covariates: 1\d coefficients, treatment and constant among them, on 16 records"):
        effect(made, outcome="score", estimator=estimator, vcov=vcov, covariates=[f"z{j}" for j in range(12)])


def test_one_set_is_nothing_to_cluster_on(families):
    """One record alone in its cell leaves a single cell with both groups."""
    both = match(families[families.area == "north"].assign(odd=lambda f: (f.index == f.index[0]).astype(int)), treated="hub", covariates=["odd"], method="exact")
    assert both.links.stratum.max() == 0
    with pytest.raises(BadInput, match="vcov: one matched set holds every record used"):
        effect(both, outcome="score", estimator="difference", vcov="pair")
    assert "(HC3)" in one(both, outcome="score", estimator="difference").inference


@pytest.mark.parametrize("cluster", [None, "place"])
def test_the_order_of_the_file_does_not_move_the_headline(families, asked, cluster):
    shuffled = families.sample(frac=1, random_state=4)
    first, second = (one(match(f, **asked, method="entropy"), outcome="score", cluster=cluster) for f in (families, shuffled))
    assert second.estimate == pytest.approx(first.estimate, rel=1e-6)
    assert second.std_error == pytest.approx(first.std_error, rel=1e-6)
