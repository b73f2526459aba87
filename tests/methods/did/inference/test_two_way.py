"""Two-way fixed effects: the fast way equals the solver's, and inference options say what they do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.did import event_study, pretrend, two_way

KEYS = {"outcome": "y", "unit": "la", "time": "t", "start": "s"}


def panel(n=40, t=8, treated=16, seed=5, effect=1.0):
    rng = np.random.default_rng(seed)
    s = np.where(np.arange(n) < treated, 3.0 + np.arange(n) % 3, np.nan)
    data = pd.DataFrame({"la": np.repeat(np.arange(n), t), "t": np.tile(np.arange(t), n), "s": np.repeat(s, t)})
    data["y"] = rng.normal(size=n * t) + effect * (data["t"] >= data["s"]) + data["la"] % 5
    return data.assign(region=data["la"] % 10, one=1.0, size=1.0 + data["la"] % 4)


@pytest.mark.parametrize("cluster", [None, "region"])
def test_the_fast_way_equals_the_solver(cluster):
    data = panel()
    fast = two_way(data, **KEYS, cluster=cluster, inference="cluster")
    solved = two_way(data, **KEYS, cluster=cluster, inference="cluster", weights="one")  # weights go to the solver
    np.testing.assert_allclose(fast.estimate, solved.estimate, rtol=1e-12)
    np.testing.assert_allclose(fast.covariance, solved.covariance, rtol=1e-9)


@pytest.mark.parametrize("inference", ["cluster", "cr2", "cr3", "wild", "permutation", "conley-taber", "ferman-pinto"])
def test_every_inference_finds_a_large_effect_and_says_how(inference):
    fit = two_way(panel(effect=2.0), **KEYS, inference=inference,
                  weights="size" if inference == "ferman-pinto" else None)
    first = fit.estimates[0]
    assert first.p_value < 0.01
    assert 1.0 < first.conf_low < first.estimate < first.conf_high < 3.0
    words = {"cluster": "CR1", "cr2": "CR2", "cr3": "CR3", "wild": "wild cluster bootstrap", "permutation": "permutation",
             "conley-taber": "Conley-Taber", "ferman-pinto": "Ferman-Pinto"}
    assert words[inference] in first.inference


def test_bias_reduction_in_a_difference_of_means_is_welch():
    """With two periods and one start, CR2 and its degrees of freedom are those of Welch's unequal-variance t."""
    from scipy import stats

    rng = np.random.default_rng(8)
    n, treated = 30, 9
    change = rng.normal(size=n) * np.where(np.arange(n) < treated, 2.0, 1.0)
    data = pd.DataFrame({"la": np.repeat(np.arange(n), 2), "t": np.tile([0, 1], n),
                         "s": np.repeat(np.where(np.arange(n) < treated, 1.0, np.nan), 2), "y": 0.0})
    data.loc[data["t"] == 1, "y"] = change
    fit = two_way(data, **KEYS, inference="cr2")
    welch = stats.ttest_ind(change[:treated], change[treated:], equal_var=False)
    error = np.sqrt(change[:treated].var(ddof=1) / treated + change[treated:].var(ddof=1) / (n - treated))
    assert fit.reading.std_error[0] == pytest.approx(error, rel=1e-9)
    # Bell-McCaffrey's degrees of freedom take equal variances as working model, Welch's the estimated ones
    n1, n0 = treated, n - treated
    expected = (1 / n1 + 1 / n0) ** 2 / (1 / (n1**2 * (n1 - 1)) + 1 / (n0**2 * (n0 - 1)))
    t = fit.estimate[0] / error
    assert fit.reading.p_value[0] == pytest.approx(2 * stats.t.sf(abs(t), expected), rel=1e-6)
    assert t == pytest.approx(welch.statistic, rel=1e-9)


def test_wild_bootstrap_enumerates_when_clusters_are_few():
    data = panel(n=5, treated=2)
    fit = two_way(data, **KEYS, inference="wild")
    assert "all 7,776" in fit.reading.words


@pytest.mark.parametrize(("options", "says"), [
    ({"inference": "hc1"}, "inference"), ({"conf_level": 95}, "Write 0.95"), ({"inference": "ferman-pinto"}, "sizes")])
def test_options_that_are_not_there_are_refused(options, says):
    with pytest.raises(BadInput, match=says):
        two_way(panel(), **KEYS, **options)


def test_event_study_bins_its_ends_and_says_so():
    fit = event_study(panel(), **KEYS, window=(-2, 2))
    assert fit.event_times == (-2.0, 0.0, 1.0, 2.0)
    assert "ends binned at -2 and 2" in fit.estimand
    with pytest.raises(BadInput, match="window"):
        event_study(panel(), **KEYS, window=(0, 2))


def test_a_trend_before_the_start_is_seen():
    data = panel(effect=0.0)
    drift = data.assign(y=data["y"] + np.where(data["s"].notna(), 1.5 * data["t"], 0.0))
    assert pretrend(event_study(drift, **KEYS)).status == "fail"
    assert pretrend(event_study(data, **KEYS)).status == "pass"


def test_without_a_never_treated_unit_a_second_reference_is_said():
    data = panel(treated=40)
    fit = event_study(data, **KEYS, inference="cluster")
    assert "second reference" in fit.not_computed[0].reason
    assert np.isfinite(fit.estimate).all()


def test_a_covariate_that_never_changes_is_said_and_moves_nothing():
    data = panel(n=12, treated=3)
    plain = two_way(data, **KEYS)
    fixed = two_way(data, **KEYS, covariates=("size",))
    assert "covariate size" in fixed.not_computed[0].what
    np.testing.assert_allclose(fixed.estimate, plain.estimate, rtol=1e-12)
    assert fixed.reading.p_value[0] == plain.reading.p_value[0]
    np.testing.assert_allclose(fixed.reading.conf_low, plain.reading.conf_low, rtol=1e-8)


@pytest.mark.parametrize("lost", ["comparison", "before", "after"])
@pytest.mark.parametrize("fit", [two_way, event_study])
def test_an_effect_that_no_row_can_tell_from_the_fixed_effects_is_refused(lost, fit):
    data = panel(n=16, treated=8)
    data["s"] = np.where(data["s"].notna(), 4.0, np.nan)
    treated = data["s"].notna()
    gone = {"comparison": ~treated, "before": treated & (data["t"] < 4), "after": treated & (data["t"] >= 4)}[lost]
    if (fit, lost) == (event_study, "after"):
        assert all(np.isfinite(e.estimate) for e in fit(data[~gone], **KEYS).estimates)  # its leads are still there
        return
    with pytest.raises(BadInput, match=r"start|window"):
        fit(data[~gone], **KEYS)


def test_an_outcome_cannot_explain_itself():
    with pytest.raises(BadInput, match="covariates: 'y' is the outcome itself"):
        two_way(panel(), **KEYS, covariates=["y"])


@pytest.mark.parametrize("inference", ["cluster", "cr2", "cr3"])
def test_one_treated_cluster_gives_no_clustered_error_by_any_way(inference):
    rng = np.random.default_rng(1)
    data = pd.DataFrame({"la": np.repeat(np.arange(25), 12), "year": np.tile(np.arange(12), 25),
                         "opened": np.repeat(np.where(np.arange(25) == 0, 6.0, np.nan), 12), "y": rng.normal(size=300)})
    row = two_way(data, outcome="y", unit="la", time="year", start="opened", inference=inference).to_frame().iloc[0]
    assert not np.isfinite(row.p_value if row.p_value is not None else np.nan)
