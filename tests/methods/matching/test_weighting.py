"""Weighting designs: what they promise exactly, and errors that agree with what repeated samples show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.matching import Options, effect, match

from scipy.special import expit  # isort: skip


def means(made, group):
    w = made.analysis_weights[group]
    return np.average(made.study.terms[group], axis=0, weights=w)


@pytest.mark.parametrize("method", ["entropy", "cbps"])
@pytest.mark.parametrize("estimand", ["ATT", "ATC", "ATE"])
@pytest.mark.parametrize("survey", [None, "weight"])
def test_balance_is_exact(good_match, families, asked, method, estimand, survey):
    made = good_match(families, **asked, method=method, estimand=estimand, weights=survey)
    assert made.balance().smd_after.abs().max() < 1e-7
    w = np.ones(len(families)) if survey is None else families.weight.to_numpy()
    focal = {"ATT": made.study.treated, "ATC": ~made.study.treated}.get(estimand)
    if focal is not None:
        np.testing.assert_allclose(means(made, ~focal), np.average(made.study.terms[focal], axis=0, weights=w[focal]), atol=1e-7)
    elif method == "entropy":
        np.testing.assert_allclose(means(made, made.study.treated), np.average(made.study.terms, axis=0, weights=w), atol=1e-7)


def test_overlap_weights_of_a_logit_balance_exactly(good_match, families, asked):
    """A property of the logistic score (Li, Morgan & Zaslavsky 2018)."""
    assert good_match(families, **asked, method="overlap").balance().set_index("term").drop("distance").smd_after.abs().max() < 1e-9


def test_inverse_probability_weights_are_the_formula(good_match, families, asked):
    made = good_match(families, **asked, method="inverse-probability", estimand="ATE")
    p, t = made.scores.to_numpy(), families.hub.to_numpy() == 1
    raw = np.where(t, 1 / p, 1 / (1 - p))
    want = np.where(t, raw / raw[t].mean(), raw / raw[~t].mean())
    np.testing.assert_allclose(made.weights, want)


def test_no_weights_exist_without_overlap(families, asked):
    apart = families.assign(need=families.need + 8 * families.hub)
    with pytest.raises(BadInput, match=r"no weights balance|predicts treatment perfectly"):
        match(apart, **asked, method="entropy")


def test_trimming_leaves_records_out_and_says_so(good_match, families, asked):
    made = good_match(families, **asked, method="inverse-probability", estimand="ATE", options=Options(trim=(0.15, 0.6)))
    inside = made.scores.between(0.15, 0.6)
    assert made.weights[~inside].eq(0).all()
    (found,) = effect(made, outcome="score", estimator="difference")
    assert f"inside the common support kept ({int((~inside).sum())} left out)" in found.estimand


@pytest.mark.parametrize("ask", [
    {"method": "inverse-probability", "estimand": "ATT"}, {"method": "inverse-probability", "estimand": "ATE"},
    {"method": "overlap"}, {"method": "entropy", "estimand": "ATT"}, {"method": "entropy", "estimand": "ATE"},
    {"method": "cbps", "estimand": "ATE"}], ids=str)
def test_errors_allow_for_the_estimated_weights(ask):
    """Mean squared error of estimates over 300 samples against the mean of their squared errors; band +-20%.

    300 variances have a relative Monte Carlo error of sqrt(2/300) = 8%; the band is 2.5 of them.
    """
    found = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(300, 2))
        hub = rng.random(300) < expit(-0.3 + 0.6 * x[:, 0] - 0.3 * x[:, 1])
        y = hub + 2 * x[:, 0] + x[:, 1] + rng.normal(size=300)
        frame = pd.DataFrame({"hub": hub, "a": x[:, 0], "b": x[:, 1], "y": y})
        (made,) = effect(match(frame, treated="hub", covariates=["a", "b"], **ask), outcome="y", estimator="difference")
        found.append((made.estimate, made.std_error))
    estimates, errors = np.array(found).T
    assert np.mean(estimates) == pytest.approx(1, abs=0.06)
    assert np.sqrt(np.mean(errors**2)) == pytest.approx(estimates.std(ddof=1), rel=0.2)
