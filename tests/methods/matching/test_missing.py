"""Multiple imputation: Rubin's rules by hand, and less bias than complete cases where the gaps are not at random."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hubeval.errors import BadInput
from hubeval.methods.matching import effect, match
from hubeval.methods.matching.door.missing import across_imputations, combined, imputed
from hubeval.result import Estimate


def made_up(value, error):
    return Estimate(term="ATT", estimand="", outcome="y", unit="", estimate=value, std_error=error, inference="")


def test_rubins_rules():
    found = combined([made_up(1.0, 0.5), made_up(2.0, 0.5), made_up(3.0, 0.5)])
    assert found.estimate == 2.0
    assert found.std_error == pytest.approx(np.sqrt(0.25 + (1 + 1 / 3) * 1.0))
    with pytest.raises(BadInput):
        combined([made_up(1.0, 0.5)])


def sample(n=1500, seed=1):
    rng = np.random.default_rng(seed)
    need = rng.normal(size=n)
    prior = need + 0.5 * rng.normal(size=n)
    hub = rng.random(n) < 1 / (1 + np.exp(1 - need))
    y = hub + 2 * need + rng.normal(size=n)
    gone = rng.random(n) < 1 / (1 + np.exp(1 - 1.5 * prior))
    return pd.DataFrame({"hub": hub, "need": np.where(gone, np.nan, need), "prior": prior, "y": y})


def test_gaps_are_filled_and_nothing_else_is_touched():
    frame = sample()
    before = frame.copy()
    for copy in imputed(frame, ["need", "prior"], ["hub", "y"], times=2):
        assert copy.need.notna().all()
        kept = frame.need.notna()
        pd.testing.assert_frame_equal(copy[kept], frame[kept])
    pd.testing.assert_frame_equal(frame, before)


def test_imputation_recovers_the_effect_on_all():
    """True effect 1. Imputed with treatment and outcome in the model, the interval holds it."""
    def run(copy):
        return effect(match(copy, treated="hub", covariates=["need", "prior"], method="entropy"), outcome="y", estimator="difference")[0]

    found = across_imputations(sample(), ["need", "prior"], ["hub", "y"], run, times=5, seed=2)
    assert found.conf_low < 1 < found.conf_high
    assert found.n_observations == 1500


def test_ratios_are_combined_as_logarithms():
    """Their standard errors are of logarithms; by hand."""
    ratios = [Estimate(term="ATT", estimand="", outcome="y", unit="ratio", estimate=v, std_error=e, inference="",
                       conf_low=v * np.exp(-1.96 * e), conf_high=v * np.exp(1.96 * e)) for v, e in ((0.5, 0.2), (0.8, 0.3), (0.6, 0.25))]
    found, logs = combined(ratios), np.log([0.5, 0.8, 0.6])
    within, between = np.mean([0.04, 0.09, 0.0625]), logs.var(ddof=1)
    total = within + 4 / 3 * between
    df = 2 / (1 - within / total) ** 2
    assert found.estimate == pytest.approx(np.exp(logs.mean()))
    assert found.std_error == pytest.approx(np.sqrt(total))
    assert found.conf_low == pytest.approx(np.exp(logs.mean() - stats.t.ppf(0.975, df) * np.sqrt(total)), rel=1e-4)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(logs.mean()) / np.sqrt(total), df), rel=1e-3)


@pytest.mark.parametrize("spread", [0.0, 0.05, 0.5])
def test_few_clusters_stay_few(spread):
    """Barnard & Rubin (1999): with five degrees of freedom in each table there are never more in all."""
    made = []
    for v in (1 - spread, 1.0, 1 + spread):
        reach = 0.4 * stats.t.ppf(0.975, 5)
        made.append(Estimate(term="ATT", estimand="", outcome="y", unit="", estimate=v, std_error=0.4, inference="",
                             conf_low=v - reach, conf_high=v + reach))
    found = combined(made)
    between = spread**2
    total = 0.16 + 4 / 3 * between
    lost = 1 - 0.16 / total
    seen = 6 / 8 * 5 * (1 - lost)
    df = 1 / (1 / seen + lost**2 / 2) if spread else 5
    assert found.conf_high == pytest.approx(1 + stats.t.ppf(0.975, df) * np.sqrt(total), rel=1e-6)


@pytest.mark.parametrize(("change", "line"), [
    ({"need": np.nan}, "'need' has no value at all"), ({"need": np.inf}, "infinite values"),
    ({"prior": pd.Timestamp("2020-01-01")}, "'prior' holds dates or times")])
def test_what_cannot_be_imputed_is_refused(change, line):
    with pytest.raises(BadInput, match=line):
        imputed(sample().assign(**change), ["need", "prior"], ["hub", "y"])


def test_nullable_columns_are_completed():
    frame = sample().assign(flag=lambda f: (f.prior > 0).astype("boolean").mask(f.prior > 1), count=lambda f: f.prior.round().astype("Int64"))
    frame.loc[:9, "count"] = pd.NA
    (made,) = imputed(frame, ["need", "flag", "count"], ["hub", "y"], times=1)
    assert made[["need", "flag", "count"]].notna().all(axis=None)
    assert (made["count"][10:] == frame["count"][10:]).all()
