"""The room's answer on a made-up roll-out: what it says, what it raises unasked, what it refuses."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.files import to_json
from hubeval.methods.did.room import ROOM
from hubeval.protocol import Caution, DataSource, DidDesign, Outcome, Protocol
from hubeval.synthetic.panel import staggered_panel

PROTOCOL = Protocol(
    area="Essex-style", question="Do hubs lower referrals?", registered=dt.date(2026, 1, 5),
    outcomes=(Outcome(column="referrals_per_10k", label="Referrals", unit="per 10,000 children"),
              Outcome(column="plans_per_10k", label="Plans", unit="per 10,000 children", role="downstream"),
              Outcome(column="dental_per_10k", label="Dental checks", unit="per 10,000 children", role="placebo")),
    design=DidDesign(unit="area", time="quarter", start="hub_opened", window=(-8, 8), estimator="two-way"),
    data=DataSource(missing_marks=("c",)))


def answer(protocol, frame):
    return ROOM.answer(protocol, bind(protocol, frame), lambda _: None)


def named(found, name):
    return next(d for d in found if d.name == name)


@pytest.fixture(scope="module")
def made():
    return staggered_panel()


@pytest.fixture(scope="module")
def answered(made):
    return answer(PROTOCOL, made.frame)


def test_the_true_effect_lies_in_the_interval_and_everything_is_plain_json(made, answered):
    first = answered.headline_terms[0]
    assert first.conf_low < made.truth.att < first.conf_high
    assert json.loads(to_json(answered))["method"].startswith("Difference-in-differences")
    assert len({figure.name for figure in answered.figures}) == len(answered.figures)


def test_it_asks_of_parallel_trends_placebos_downstream_and_dependence(answered):
    assert {d.name for d in answered.diagnostics} >= {
        "pre-trend", "change before the start", "downstream outcomes", "placebo outcomes", "number treated",
        "variability of the treated", "two-way fixed-effects weights", "power of the pre-trend test"}
    assert {d.name for d in answered.probes} == {
        "placebo starts", "leave one treated unit out", "choice of comparison units", "other scale"}
    assert named(answered.diagnostics, "placebo outcomes").status == "pass"


def one_treated(before: float, after: float) -> pd.DataFrame:
    """40 authorities, 12 years, one with hubs from year 7: a fall in the year before, another at the start."""
    rng = np.random.default_rng(11)
    n, t = 40, 12
    y = rng.normal(0, 3, (n, 1)) + rng.normal(0, 0.3, (n, t))
    y[0, 6:] -= before
    y[0, 7:] -= after
    return pd.DataFrame({"la": np.repeat([f"A{j}" for j in range(n)], t), "year": np.tile(np.arange(2012, 2012 + t), n),
                         "start": np.repeat(["2019"] + [""] * (n - 1), t), "y": y.ravel(),
                         "z": rng.normal(size=n * t)})


SOLO = replace(PROTOCOL, data=DataSource(), design=DidDesign(unit="la", time="year", start="start", estimator="two-way"), outcomes=(
    Outcome(column="y", label="Referrals", unit="rate"),
    Outcome(column="z", label="Protection plans", unit="rate", role="downstream")))


def test_a_fall_before_the_start_and_a_still_downstream_outcome_are_raised_unasked():
    found = answer(SOLO, one_treated(before=4.0, after=1.0))
    change = named(found.diagnostics, "change before the start")
    assert change.status == "fail"
    assert change.statistic == pytest.approx(0.8, abs=0.1)
    assert named(found.diagnostics, "downstream outcomes").status == "caution"


def test_a_fall_at_the_start_raises_nothing_of_the_kind():
    found = answer(SOLO, one_treated(before=0.0, after=5.0))
    assert named(found.diagnostics, "change before the start").status == "pass"
    assert named(found.diagnostics, "pre-trend").status == "pass"


def test_one_treated_cluster_is_never_read_by_cluster_robust_t():
    first = answer(SOLO, one_treated(before=0.0, after=5.0)).headline_terms[0]
    assert first.inference.startswith("permutation")
    assert first.p_value == pytest.approx(1 / 40)
    assert "One place is treated" in answer(SOLO, one_treated(0.0, 5.0)).limits[-1]


@pytest.mark.parametrize(("changes", "says"), [
    ({"estimator": "two-wya"}, "Did you mean 'two-way'?"),
    ({"inference": "hac"}, "design.inference"),
    ({"anticipation": 1, "estimator": "two-way"}, "design.anticipation: 'two-way' does not read it"),
])
def test_options_that_do_not_apply_are_refused(made, changes, says):
    protocol = replace(PROTOCOL, design=replace(PROTOCOL.design, **changes))
    with pytest.raises(BadInput, match=says.replace("?", r"\?")):
        answer(protocol, made.frame)


def test_a_caution_to_be_modelled_is_refused(made):
    caution = Caution(kind="shock", label="a flood", first="2018Q1", handling="model it")
    with pytest.raises(BadInput, match="model it"):
        answer(replace(PROTOCOL, cautions=(caution,)), made.frame)


def test_a_programme_near_a_start_is_a_caution(made):
    caution = Caution(kind="co-intervention", label="Troubled Families", first="2017Q1",
                      handling="shared with the comparison")
    found = answer(replace(PROTOCOL, cautions=(caution,)), made.frame)
    assert named(found.diagnostics, "declared co-intervention: Troubled Families").status == "caution"


def test_staggered_starts_are_answered_by_group_time_effects(made):
    protocol = replace(PROTOCOL, design=replace(PROTOCOL.design, estimator="auto"))
    found = answer(protocol, made.frame)
    first = found.headline_terms[0]
    assert "group-time" in found.method
    assert "Welch" in first.inference
    assert first.conf_low < made.truth.att < first.conf_high
    assert {e.term for e in found.estimates} >= {"event time -1", "event time 0", "event time 8"}
    assert found.tables[0].columns == ("group", "time", "estimate", "std_error", "note")
    assert {row[0] for row in found.tables[0].rows} == {"2017Q1", "2017Q4", "2018Q3"}
    cohorts = next(f for f in found.figures if f.name.startswith("cohorts"))
    assert len(cohorts.series) == 3
    json.loads(to_json(found))


def test_one_start_is_answered_by_two_way():
    protocol = replace(SOLO, design=replace(SOLO.design, estimator="auto"))
    assert "two-way" in answer(protocol, one_treated(0.0, 5.0)).method


def test_the_event_study_has_a_band_and_few_treated_a_placebo_figure():
    found = answer(SOLO, one_treated(0.0, 5.0))
    study = next(f for f in found.figures if f.name.startswith("event-study"))
    points, band = study.series
    assert band.style == "band"
    widths = [(b - a, d - c) for a, b, c, d in zip(points.low, points.high, band.low, band.high, strict=True)
              if None not in (a, b)]
    assert all(wide >= narrow - 1e-9 for narrow, wide in widths)
    spread = next(f for f in found.figures if f.name.startswith("placebo"))
    assert sum(spread.series[0].y) == 40
    assert "1 of 40" in spread.title


def test_a_move_the_other_way_before_the_start_is_no_share_of_the_change():
    """"100% of that change came before the start" was said of a rise before and a fall after."""
    found = named(answer(SOLO, one_treated(-3.0, 1.0)).diagnostics, "change before the start")
    assert "moved further before the start than after it, and the other way" in found.reading
    assert "% of that change" not in found.reading
    same = named(answer(SOLO, one_treated(3.0, 1.0)).diagnostics, "change before the start")
    assert "% of that change came before the start" in same.reading


def test_one_treated_of_eighteen_has_no_interval_no_band_and_plain_json():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame([(f"A{a:02d}", y, "2018" if a == 0 else "", 50 + rng.normal()) for a in range(18)
                          for y in range(2013, 2026)], columns=["area", "year", "opened", "rate"])
    protocol = replace(PROTOCOL, outcomes=(Outcome(column="rate", label="Rate", unit="per 10,000"),),
                       design=DidDesign(unit="area", time="year", start="opened"), data=DataSource(year="calendar"))
    found = answer(protocol, frame)
    first = found.headline_terms[0]
    assert first.conf_low is None
    assert "no interval: the test can reject nothing" in first.inference
    assert "inversion" not in first.inference
    assert "Infinity" not in to_json(found)
    assert "band" not in {series.style for figure in found.figures for series in figure.series}
