"""Fixed effects on a continuous exposure: linearmodels called directly, statsmodels with dummies, and who may not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from linearmodels.panel import PanelOLS

from hubeval.errors import BadInput
from hubeval.methods.did import fixed_effects

NAMES = {"outcome": "rate", "unit": "la", "time": "year", "exposure": "share"}


def panel(units=12, periods=8, seed=1, *, effect=-4.0, gaps=True):
    rng = np.random.default_rng(seed)
    la, year = np.repeat(np.arange(units), periods), np.tile(np.arange(2010, 2010 + periods), units)
    share = np.clip((year - 2012 - la % 4) * 0.05 * (1 + la % 3), 0, 1) * (la % 5 > 0)
    need = rng.normal(size=len(la))
    noise = rng.normal(size=len(la)) + np.repeat(rng.normal(size=units), periods)
    frame = pd.DataFrame({"la": la, "year": year, "share": share, "need": need, "w": 1.0 + la % 3, "region": la // 2})
    frame["rate"] = 20 + la + 0.5 * year + effect * share + need + noise
    return frame.drop(index=[3, 20, 57]) if gaps else frame


def direct(frame, **fit):
    f = frame.set_index(["la", "year"])
    return PanelOLS(f.rate, f[["share", "need"]], weights=f.w, entity_effects=True, time_effects=True).fit(
        debiased=True, **fit)


def test_equals_linearmodels_called_directly():
    frame = panel()
    for how, options in (("cluster", {"cov_type": "clustered", "cluster_entity": True, "group_debias": True}),
                         ("driscoll-kraay", {"cov_type": "kernel"})):
        theirs = direct(frame, **options)
        ours = fixed_effects(frame, **NAMES, covariates=["need"], weights="w", inference=how).estimate
        assert ours.estimate == pytest.approx(theirs.params["share"], rel=1e-10)
        assert ours.std_error == pytest.approx(theirs.std_errors["share"], rel=1e-10)


def test_equals_statsmodels_with_dummies():
    frame = panel()
    x = pd.get_dummies(frame[["la", "year"]].astype(str), dtype=float).drop(columns="year_2010")
    x = pd.concat([frame[["share", "need"]], x], axis=1)
    theirs = sm.WLS(frame.rate, x, weights=frame.w).fit(cov_type="cluster", cov_kwds={"groups": frame["la"]})
    ours = fixed_effects(frame, **NAMES, covariates=["need"], weights="w", inference="cluster").estimate
    assert ours.estimate == pytest.approx(theirs.params["share"], rel=1e-8)
    assert ours.std_error == pytest.approx(theirs.bse["share"], rel=1e-8)


def test_the_frame_is_left_alone_and_rows_with_blanks_are_counted():
    frame = panel()
    frame.loc[[5, 9], "share"] = np.nan
    before = frame.copy(deep=True)
    found = fixed_effects(frame, **NAMES)
    pd.testing.assert_frame_equal(frame, before)
    assert found.flow[-1].n_rows == len(frame) - 2 == found.estimate.n_observations


def test_another_scale_of_the_exposure_scales_the_number():
    frame = panel()
    one, per_cent = (fixed_effects(f, **NAMES).estimate for f in (frame, frame.assign(share=frame.share * 100)))
    assert per_cent.estimate == pytest.approx(one.estimate / 100)
    assert per_cent.p_value == pytest.approx(one.p_value)


def test_few_clusters_have_their_bias_taken_out_unless_plain_errors_are_asked_for():
    frame = panel()
    chosen, plain = fixed_effects(frame, **NAMES), fixed_effects(frame, **NAMES, inference="cluster")
    assert "CR2" in chosen.estimate.inference
    assert {c.name: c.status for c in chosen.cautions}["number of clusters or periods"] == "pass"
    assert {c.name: c.status for c in plain.cautions}["number of clusters or periods"] == "caution"
    many = fixed_effects(panel(60), **NAMES)
    assert "CR1" in many.estimate.inference
    short = fixed_effects(frame, **NAMES, inference="driscoll-kraay")
    assert short.cautions[1].status == "caution"


def test_negative_weights_are_those_of_a_regression_of_the_exposure():
    """Unit-level effects that differ move the number by exactly these weights."""
    frame = panel(gaps=False)
    said = fixed_effects(frame, **NAMES).cautions[0]
    x = pd.get_dummies(frame[["la", "year"]].astype(str), dtype=float).drop(columns="year_2010")
    own = sm.OLS(frame.share, x).fit().resid
    each = own * frame.share / (own * frame.share).sum()
    assert said.statistic == pytest.approx(-each[each < 0].sum())
    effects = np.random.default_rng(4).normal(size=len(frame))
    made = frame.assign(rate=frame.la + frame.year + effects * frame.share)
    assert fixed_effects(made, **NAMES).estimate.estimate == pytest.approx(float(each @ effects))
    assert said.status == ("caution" if said.statistic > 0.1 else "pass")


@pytest.mark.parametrize(("change", "options", "said"), [
    ({"share": 0.5}, {}, "already"),
    ({}, {"exposure": "rate"}, "is the outcome itself"),
    ({}, {"covariates": ["share"]}, "is the exposure"),
    ({}, {"inference": "hc1"}, "inference"),
    ({}, {"inference": "driscoll-kraay", "cluster": "region"}, "does not apply"),
    ({"rate": 1.0}, {}, "said exactly"),
    ({}, {"exposure": "nothing"}, "no column 'nothing'"),
])
def test_what_cannot_be_used_is_refused(change, options, said):
    with pytest.raises(BadInput, match=said):
        fixed_effects(panel().assign(**change), **{**NAMES, **options})


def test_intervals_with_few_clusters_hold_the_effect_about_as_often_as_they_say():
    """150 seeded panels of 12 units; the share lies within 3 Monte Carlo errors of 95% (0.90 to 1)."""
    held = 0
    for seed in range(150):
        made = fixed_effects(panel(seed=seed, gaps=False), **NAMES, covariates=["need"]).estimate
        held += made.conf_low < -4 < made.conf_high
    assert held / 150 > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 150)
