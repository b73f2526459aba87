"""Honest bounds, the power of the pre-trend test and the decomposition, in words and as figures."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.checks.trends.asked import not_shown
from hubeval.methods.did.checks.trends.decompose import decompose
from hubeval.methods.did.checks.trends.figures import comparisons_figure, honest_figure, weights_figure
from hubeval.methods.did.checks.trends.honest import honest
from hubeval.methods.did.checks.trends.pretrends import pretrends
from hubeval.methods.did.checks.trends.words import decomposition_diagnostic, honest_diagnostic, power_of
from hubeval.methods.did.estimators.effects import Effects
from hubeval.methods.did.estimators.examples import staggered
from hubeval.methods.did.inference.trend_test import TrendTest
from hubeval.result import Estimate, NotComputed

NAMES = {"outcome": "rate", "unit": "la", "time": "year", "start": "opened"}


def _study(keys, estimate, scale=0.01):
    return Effects(method="m", estimand="e", inference="i", by="event_time", keys=tuple(map(float, keys)),
                   estimate=np.array(estimate, dtype=float), covariance=scale * np.eye(len(keys)))


@pytest.mark.parametrize(("estimate", "status", "words"), [
    ([0.05, -0.05, 3.0, 3.0], "pass", "holds until trends part"),
    ([1.0, -1.0, 1.5, 1.5], "caution", "no larger than what was seen before"),
    ([0.1, 0.1, 0.05, 0.02], "information", "no conclusion to overturn"),
])
def test_honest_readings_follow_the_breakdown(estimate, status, words):
    found = honest_diagnostic(honest(_study([-3, -2, 0, 1], estimate)))
    assert found.status == status
    assert words in found.reading


def test_few_treated_are_said_with_the_bounds():
    found = honest(_study([-3, -2, 0, 1], [0.05, -0.05, 3.0, 3.0]))
    assert "few treated clusters" in honest_diagnostic(found, few=True).reading
    assert "few treated clusters" not in honest_diagnostic(found).reading


def test_bounds_widen_with_the_departure_and_hold_the_usual_interval():
    for kind in ("relative", "smoothness"):
        found = honest(_study([-4, -3, -2, 0, 1], [0.1, 0.2, -0.1, 1.0, 1.5]), kind=kind)
        assert (np.diff(found.lows) <= 1e-9).all()
        assert (np.diff(found.highs) >= -1e-9).all()
    assert honest(_study([-2, 0], [0.1, 1.0]), limits=[0.0]).lows[0] == pytest.approx(1.0 - 0.196, abs=0.02)


def headline(found_at, value, margin=0.1):
    test = TrendTest(p_value=0.5, how="", periods=3, contrasts=1, power=lambda slope: float(slope >= found_at))
    made = Estimate(term="ATT", estimand="", outcome="y", unit="points", inference="", estimate=value,
                    conf_low=value - margin, conf_high=value + margin)
    return SimpleNamespace(trend_test=test, overall=made, event_times=(-2.0, 0.0, 1.0), reference=-1.0)


@pytest.mark.parametrize(("found_at", "effect", "margin", "status", "words"), [
    (0.1, 0.2, 0.1, "information", "could well pass unseen"),
    (0.1, 0.2, 0.5, "information", "No effect is claimed"),
    (0.1, 20.0, 0.1, "pass", "would probably be seen"),
    (np.inf, 20.0, 0.1, "information", "However steep"),
])
def test_power_readings_weigh_the_trend_against_the_effect(found_at, effect, margin, status, words):
    found = power_of(headline(found_at, effect, margin))
    assert found.status == status
    assert words in found.reading


@pytest.mark.parametrize(("found_at", "effect", "margin", "open_"), [
    (0.1, 0.2, 0.1, True), (np.inf, 20.0, 0.1, True), (0.1, 0.2, 0.5, False), (np.inf, 0.2, 0.5, False), (0.1, 20.0, 0.1, False)])
def test_what_a_weak_test_leaves_open_is_not_shown_where_an_effect_is_claimed(found_at, effect, margin, open_):
    made = headline(found_at, effect, margin)
    assert (len(not_shown([power_of(made)], made)) == 1) == open_
    failed = SimpleNamespace(**{**vars(made), "trend_test": replace(made.trend_test, p_value=0.01)})
    assert not not_shown([power_of(failed)], failed)


@pytest.mark.parametrize("kind", ["relative", "smoothness"])
def test_bounds_are_held_against_a_claim_alone(kind):
    bounds = honest(_study([-3, -2, 0, 1], [1.0, -1.0, 1.5, 1.5]), kind=kind)
    assert honest_diagnostic(bounds, claimed=True).status == ("caution" if kind == "relative" else "pass")
    silent = honest_diagnostic(bounds, claimed=False, few=True)
    assert silent.status == "information"
    assert "no sign is claimed" in silent.reading
    assert "few treated" not in silent.reading


def test_no_power_is_told_of_a_test_that_was_not_made():
    absent = NotComputed(what="pre-trend test", reason="too few periods")
    found = power_of(SimpleNamespace(trend_test=absent))
    assert isinstance(found, NotComputed)
    assert "too few periods" in found.reason


def test_power_of_independent_coefficients_is_the_product():
    from scipy.stats import norm

    study = _study([-4, -3, -2, 0], [0, 0, 0, 1], scale=0.04)
    slope = 0.15
    pre = slope * np.array([-3, -2, -1])
    kept = np.prod(norm.cdf((1.959964 * 0.2 - pre) / 0.2) - norm.cdf((-1.959964 * 0.2 - pre) / 0.2))
    found = pretrends(study, slope=slope)
    assert found.power == pytest.approx(1 - kept, abs=1e-5)
    assert found.bias == pytest.approx(slope)
    assert found.bayes_factor == pytest.approx(kept / 0.95**3, abs=1e-4)
    assert [pretrends(study, slope=s).power for s in found.slopes] == pytest.approx([0.5, 0.8], abs=1e-4)
    joint = pretrends(study, test="joint")
    assert pretrends(study, test="joint", slope=float(joint.slopes[1])).power == pytest.approx(0.8, abs=1e-6)
    # nothing ties these coefficients together, so passing the test does not move the bias
    assert found.bias_if_passed == pytest.approx(found.bias, abs=1e-12)


def test_decomposition_readings():
    parts = decompose(staggered(), **NAMES)
    assert decomposition_diagnostic(parts).status == "caution"
    once = decompose(staggered().query("opened != 2015"), **NAMES)
    assert decomposition_diagnostic(once).status == "pass"
    assert isinstance(comparisons_figure(decompose(staggered().iloc[1:], **NAMES), "Referrals", "per 10,000"), NotComputed)


def test_figures_carry_their_numbers():
    parts = decompose(staggered(), **NAMES)
    found = honest(_study([-3, -2, 0, 1], [0.05, -0.05, 3.0, 3.0]))
    drawn = [comparisons_figure(parts, "Referrals", "per 10,000"), weights_figure(parts, "Referrals"),
             honest_figure(found, "Referrals", "per 10,000")]
    for figure in drawn:
        assert figure.title.startswith("Referrals: ")
        assert figure.text
        for series in figure.series:
            assert len(series.x) == len(series.y)
    assert sum(len(series.x) for series in drawn[0].series) == len(parts.weight)


def test_bounds_read_every_event_study_of_the_room_and_refuse_a_varying_base():
    from hubeval.errors import BadInput
    from hubeval.methods import did

    rng = np.random.default_rng(3)
    area, year = (a.ravel() for a in np.meshgrid(np.arange(30), np.arange(2010, 2017), indexing="ij"))
    frame = pd.DataFrame({"la": area, "year": year, "opened": np.where(area < 12, 2013.0, np.nan), "rate": rng.normal(size=210)})
    group = did.group_time(frame, **NAMES, base="universal").aggregate("event")
    saturated = did.sun_abraham(frame, **NAMES).aggregate("event")
    two_way = did.event_study(frame, **NAMES, inference="cluster")
    one, two, three = (did.honest(study) for study in (group, saturated, two_way))
    assert one.estimate == pytest.approx(two.estimate) == pytest.approx(three.estimate)  # one start: the same numbers
    np.testing.assert_allclose(one.lows, two.lows, rtol=0.1)
    np.testing.assert_allclose(two.lows, three.lows, rtol=0.05, atol=0.02)
    with pytest.raises(BadInput, match="base='universal'"):
        did.honest(did.group_time(frame, **NAMES).aggregate("event"))
    with pytest.raises(BadInput, match="an event study"):
        did.honest(did.group_time(frame, **NAMES, base="universal").aggregate("calendar"))


@pytest.mark.parametrize(("p", "says", "status"), [(0.002, "The test found one here", "information"),
                                                   (0.4, "passing the test says little", "information")])
def test_passing_is_spoken_of_only_where_the_test_was_passed(p, says, status):
    test = TrendTest(p_value=p, how="permuted starts", periods=4, contrasts=1, power=lambda slope: min(1.0, slope))
    effect = Estimate(term="ATT", estimand="", outcome="rate", unit="visits a year", estimate=1.0, conf_low=0.5,
                      conf_high=1.5, inference="permutation")
    found = power_of(SimpleNamespace(overall=effect, trend_test=test, event_times=(-2.0, 0.0, 1.0), reference=-1.0))
    assert says in found.reading
    assert found.status == status
    assert ("passing the test" in found.reading) == (p > 0.05)
    assert "1 visit a year" in found.reading


@pytest.mark.parametrize(("seen", "low", "says"), [(0.3, 0.5, "is 30%."), (0.9, 0.5, None), (0.3, -0.5, None)])
def test_a_weak_test_says_its_own_power_against_a_trend_of_the_size_of_the_effect(seen, low, says):
    test = TrendTest(p_value=0.4, how="permuted starts", periods=4, contrasts=1, power=lambda slope: seen if slope <= 1.0 / 1.5 else 1.0)
    effect = Estimate(term="ATT", estimand="", outcome="rate", unit="visits", estimate=1.0, conf_low=low, conf_high=1.5, inference="permutation")
    reading = power_of(SimpleNamespace(overall=effect, trend_test=test, event_times=(-2.0, 0.0, 1.0), reference=-1.0)).reading
    assert ("Weak: its power against a trend of the size of the effect" in reading) == (says is not None)
    assert says is None or reading.endswith(says)


def test_power_where_a_few_clusters_carry_a_side_is_a_bound():
    for at_most in (False, True):
        test = TrendTest(p_value=0.4, how="", periods=4, contrasts=1, power=lambda slope: 0.3 if slope <= 1.0 else 1.0, at_most=at_most)
        made = SimpleNamespace(**{**vars(headline(0.1, 1.0, 0.1)), "trend_test": test})
        assert ("at most 80%" in power_of(made).reading) == ("is at most 30%" in power_of(made).reading) == at_most


def test_a_start_between_two_waves_is_counted_with_the_wave_it_first_shows_in():
    rng = np.random.default_rng(4)
    waves, starts = (2001, 2004, 2006, 2008, 2011, 2013), {0: 2007, 1: 2011}
    frame = pd.DataFrame([(u, t, starts.get(u % 3), rng.normal()) for u in range(24) for t in waves],
                         columns=["la", "year", "opened", "rate"])
    parts = decompose(frame, **NAMES)
    assert parts.units == {2008.0: 8, 2011.0: 8, float("inf"): 8}
    assert comparisons_figure(parts, "Rate", "per 10,000") is not None
