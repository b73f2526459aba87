"""Sensitivity analyses against published numbers and exact enumeration."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from hubeval.methods.matching import effect, match
from hubeval.methods.matching.checks.probes import e_values
from hubeval.methods.matching.checks.sensitivity import (
    critical_gamma,
    e_value,
    omitted_variable,
    robustness_value,
    signed_rank_bound,
)
from hubeval.result import Diagnostic, NotComputed
from hubeval.synthetic.families import families


def test_no_hidden_bias_is_the_ordinary_test():
    d = np.random.default_rng(1).normal(0.4, 1, 60)
    plain = stats.wilcoxon(d, method="asymptotic", correction=False).pvalue
    assert signed_rank_bound(d, 1.0) == pytest.approx(plain, rel=1e-9)


@pytest.mark.parametrize("gamma", [1.0, 1.5, 2.5])
def test_bound_is_the_exact_worst_case(gamma):
    """Each of 70 pairs positive with chance gamma / (1 + gamma): the exact law of the rank sum, built up pair by pair."""
    d = np.random.default_rng(3).normal(0.4, 1, 70)
    rank = stats.rankdata(np.abs(d)).astype(int)
    p, law = gamma / (1 + gamma), np.zeros(rank.sum() + 1)
    law[0] = 1.0
    for r in rank:
        law = (1 - p) * law + p * np.r_[np.zeros(r), law[:-r]]
    exact = law[rank[d > 0].sum():].sum()
    assert signed_rank_bound(d, gamma) == pytest.approx(min(1, 2 * exact), abs=0.015)


def test_critical_gamma_is_where_the_bound_passes():
    d = np.random.default_rng(4).normal(0.5, 1, 80)
    gamma = critical_gamma(d)
    assert signed_rank_bound(d, gamma - 1e-6) < 0.05 <= signed_rank_bound(d, gamma + 1e-6)
    assert critical_gamma(np.array([1.0, -1.0, 2.0, -2.0])) == 1.0


def test_e_values_of_the_paper():
    """VanderWeele & Ding (2017): smoking and lung cancer, and breastfeeding and infant death (RR 3.9, 95% CI 1.8 to 8.7)."""
    assert e_value(10.73) == pytest.approx(20.9, abs=0.06)
    assert e_value(3.9) == pytest.approx(7.26, abs=0.01)
    assert e_value(1.8) == pytest.approx(3.0, abs=0.01)
    assert e_value(1 / 3.9) == pytest.approx(e_value(3.9))


def test_robustness_value_of_the_paper():
    """Cinelli & Hazlett (2020), Darfur: t = 4.18 on 783 degrees of freedom, robustness value 13.9%."""
    assert robustness_value(4.18, 783) == pytest.approx(0.139, abs=0.0005)


def test_bounds_contain_what_an_equally_strong_confounder_does():
    """Two exchangeable covariates: leaving one out moves the estimate about as far as the benchmark of the other says."""
    rng = np.random.default_rng(6)
    n = 40_000
    x = rng.normal(size=(n, 2))
    t = (0.7 * x[:, 0] + 0.7 * x[:, 1] + rng.normal(size=n) > 0).astype(float)
    y = t + x[:, 0] + x[:, 1] + rng.normal(size=n)
    full = omitted_variable(y, t, x, ("a", "b"), np.ones(n))
    short = omitted_variable(y, t, x[:, :1], ("a",), np.ones(n))
    assert full.estimate == pytest.approx(1, abs=0.05)
    # from the short regression, a confounder like "a" must bring the estimate at least down to the truth
    assert short.benchmarks[0].estimate <= full.estimate + 0.02
    assert short.benchmarks[0].estimate == pytest.approx(full.estimate, abs=0.45)


def test_an_estimate_many_spreads_wide_has_no_e_value():
    made = families(n=400, hubs=20, seed=3).frame
    result = match(made, treated="hub", covariates=["prior_need", "deprivation"], caliper=0.2, caliper_scale="sd")
    found = effect(result, outcome="need_score", estimator="difference")[0]
    wild = replace(found, estimate=-1e5, conf_low=-3e5, conf_high=1e5)
    assert isinstance(e_values(result, "need_score", wild, None), NotComputed)
    assert isinstance(e_values(result, "need_score", found, None), Diagnostic)
