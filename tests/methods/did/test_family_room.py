"""The family as the room asks for it: capability, inference by rule, readings and figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.decompose import decompose
from hubeval.methods.did.effects import Effects
from hubeval.methods.did.examples import staggered
from hubeval.methods.did.extended import extended
from hubeval.methods.did.family import FAMILY, fit_member
from hubeval.methods.did.honest import honest
from hubeval.methods.did.panel import read_panel
from hubeval.methods.did.permuted_family import _assignments, _by_loads, _by_refitting, placebo_family
from hubeval.methods.did.pretrends import pretrends
from hubeval.methods.did.readings import (
    cohort_figure,
    cohort_table,
    comparisons_figure,
    decomposition_diagnostic,
    honest_diagnostic,
    honest_figure,
    power_diagnostic,
    weights_figure,
)
from hubeval.protocol import DidDesign
from hubeval.result import Diagnostic, NotComputed

NAMES = {"outcome": "rate", "unit": "la", "time": "year", "start": "opened"}
DESIGN = DidDesign(unit="la", time="year", start="opened", control="not-yet", window=(-2, 1))


def panel_of(treated=(2, 2), units=20, effect=-1.0, seed=0):
    rng = np.random.default_rng(seed)
    area, year = (a.ravel() for a in np.meshgrid(np.arange(units), np.arange(2010, 2018), indexing="ij"))
    opened = np.full(units, np.nan)
    opened[: sum(treated)] = np.repeat([2013.0, 2015.0], treated)
    frame = pd.DataFrame({"la": area, "year": year, "opened": opened[area]})
    frame["rate"] = rng.normal(size=units)[area] + 0.2 * year + rng.normal(size=len(frame)) + effect * (year >= frame["opened"])
    return read_panel(frame, **NAMES)


@pytest.mark.parametrize("name", list(FAMILY))
def test_loads_and_refitting_permute_alike(name):
    panel = panel_of()
    member = FAMILY[name]
    overall, events = member.fit(panel, DESIGN)
    ways = replace(_assignments(panel, 15, 15, 1))
    layers = [panel.y, panel.treated.astype(float), (np.isfinite(panel.event) & (panel.event < -1)).astype(float)]

    def fit(other):
        return member.fit(other, DESIGN)

    fast, slow = (how(panel, fit, events, ways, layers) for how in (_by_loads, _by_refitting))
    np.testing.assert_allclose(fast, slow, atol=1e-9)
    # the first assignment is the real one: it gives the estimates, and an effect of one where treatment is the outcome
    np.testing.assert_allclose(fast[0, 0], [overall.estimate[0], *events.estimate], atol=1e-9)
    after = np.array([True, *(key >= 0 for key in events.keys)])
    np.testing.assert_allclose(fast[0, 1, after], 1, atol=1e-9)


@pytest.mark.parametrize("name", list(FAMILY))
def test_few_treated_are_read_by_permutation_and_say_so(name):
    panel = panel_of()
    found = fit_member(name, panel, DESIGN, 1)
    assert found.overall.std_error is None
    assert "permutation" in found.overall.inference
    assert "chosen because" in found.overall.inference
    assert found.overall.conf_low < found.overall.estimate < found.overall.conf_high
    assert isinstance(found.pretrend, Diagnostic)
    assert found.point(panel) == pytest.approx(found.overall.estimate)
    assert len(found.events) == len(found.event_times)


@pytest.mark.parametrize("name", list(FAMILY))
def test_many_treated_are_read_by_the_clustered_error(name):
    found = fit_member(name, panel_of((55, 55), 220), DESIGN, 1)
    assert found.overall.std_error > 0
    assert found.overall.p_value < 0.05
    assert isinstance(found.pretrend, Diagnostic)


def test_a_permutation_interval_holds_what_its_test_keeps():
    panel = panel_of((3, 0), 9)
    member = FAMILY["imputation"]
    overall, events = member.fit(panel, DESIGN)
    drawn = placebo_family(panel, lambda p: member.fit(p, DESIGN), overall, events)
    assert drawn.exact
    low, high = (float(end[0]) for end in drawn.intervals(0.9))

    def p_value(effect):
        shifted = replace(panel, y=panel.y - effect * panel.treated)
        first, rest = member.fit(shifted, DESIGN)
        return placebo_family(shifted, lambda p: member.fit(p, DESIGN), first, rest).p_values()[0]

    width = high - low
    assert p_value(low + 0.01 * width) > 0.1 >= p_value(low - 0.01 * width)
    assert p_value(high - 0.01 * width) > 0.1 >= p_value(high + 0.01 * width)


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


def test_power_readings_weigh_the_trend_against_the_effect():
    study = _study([-3, -2, 0, 1], [0, 0, 1, 1])
    assert power_diagnostic(pretrends(study), 0.2).status == "caution"
    assert power_diagnostic(pretrends(study), 20.0).status == "pass"


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
    parts, cells = decompose(staggered(), **NAMES), extended(staggered(), **NAMES)
    found = honest(_study([-3, -2, 0, 1], [0.05, -0.05, 3.0, 3.0]))
    drawn = [comparisons_figure(parts, "Referrals", "per 10,000"), weights_figure(parts, "Referrals"),
             cohort_figure(cells, "Referrals", "per 10,000"), honest_figure(found, "Referrals", "per 10,000")]
    for figure in drawn:
        assert figure.title.startswith("Referrals: ")
        assert figure.text
        for series in figure.series:
            assert len(series.x) == len(series.y)
    assert sum(len(series.x) for series in drawn[0].series) == len(parts.weight)
    table = cohort_table(cells, "Referrals", "per 10,000")
    assert [len(row) for row in table.rows] == [len(table.columns)] * 2
    assert table.rows[1][1] is None  # the later cohort has no effect yet


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
