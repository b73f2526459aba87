"""An outcome on a logarithmic scale reads in per cent wherever it is said, in every room: no logarithm is shown."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.data.checks import check
from hubeval.data.scales import measured
from hubeval.detectable import Settings, power
from hubeval.errors import BadInput
from hubeval.files import plain, to_json
from hubeval.headline import write_headline
from hubeval.methods.readings.measure import read_back
from hubeval.methods.room import room_for
from hubeval.protocol import DidDesign, ItsDesign, MatchingDesign, Outcome, Protocol, SynthDesign, read_protocol
from hubeval.protocol.declared import DataSource

FALL = -65.0  # per cent: a logarithm of −1.05, which reads "105%" or "1.05" where it is not taken back
RATE = Outcome(column="rate", label="Referrals", unit="per 10,000", direction="lower is better", smallest_worthwhile=10.0,
               scale="log")


def panel(share: bool = False, units: int = 14, treated: int = 5, periods: int = 14) -> pd.DataFrame:
    """Places of unlike level, one of three of which falls by 65% (of the odds, where a share) from period 8 on."""
    rng = np.random.default_rng(3)
    log = rng.normal(0.0 if share else 5.0, 0.4, (units, 1)) + rng.normal(0, 0.03, (units, periods))
    log = log + 0.01 * np.arange(periods)
    log[:treated, 8:] += np.log(1 + FALL / 100)
    y = 1 / (1 + np.exp(-log)) if share else np.exp(log)
    return pd.DataFrame({"place": np.repeat([f"P{i:02d}" for i in range(units)], periods),
                         "year": np.tile(np.arange(2008, 2008 + periods), units),
                         "start": np.repeat(["2016"] * treated + [""] * (units - treated), periods), "rate": y.ravel()})


def records() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    need, hub = rng.normal(size=400), rng.random(400) < 0.4
    log = 3 + 0.3 * need + rng.normal(0, 0.2, 400) + np.where(hub, np.log(1 + FALL / 100), 0)
    return pd.DataFrame({"id": np.arange(400), "hub": hub.astype(int), "need": need, "rate": np.exp(log)})


PLACES = DataSource(units="authority", year="calendar")
DESIGNS = {
    "two-way": (DidDesign(unit="place", time="year", start="start", estimator="two-way"), panel()),
    "group-time": (DidDesign(unit="place", time="year", start="start", estimator="group-time"), panel()),
    "synthetic-control": (SynthDesign(unit="place", time="year", start="2016", treated="P00"), panel(treated=1, units=24)),
    "synthetic-did": (
        SynthDesign(unit="place", time="year", start="2016", treated="P00", estimator="synthetic-did"), panel(treated=1, units=24)),
    "its": (ItsDesign(unit="place", time="year", start="2016", treated="P00", control=("P01",), impact="level"),
            panel(units=2, treated=1)),
    "matching": (MatchingDesign(unit="id", treated="hub", covariates=("need",)), records()),
    "regression": (MatchingDesign(unit="id", treated="hub", covariates=("need",), estimator="regression"), records()),
}


def declared(design, outcome=RATE) -> Protocol:
    data = DataSource(units="person") if isinstance(design, MatchingDesign) else PLACES
    return Protocol(area="A", question="?", registered=date(2026, 1, 1), outcomes=(outcome,), design=design, data=data,
                    country="Scotland")


def answered(design, frame, outcome=RATE):
    protocol = declared(design, outcome)
    asked, table = measured(protocol, bind(protocol, frame))
    return protocol, read_back(room_for(design.kind).answer(asked, table, lambda _: None))


@pytest.fixture(scope="module", params=list(DESIGNS))
def found(request):
    return answered(*DESIGNS[request.param])


def test_the_headline_is_the_fall_in_per_cent_with_an_interval_that_cannot_pass_nought(found):
    protocol, answer = found
    first = answer.headline_terms[0]
    assert first.unit == "% change"
    assert abs(first.estimate - FALL) < 4
    assert first.conf_low is None or -100 < first.conf_low < FALL + 4
    said = write_headline(protocol, answer).text
    assert re.search(r"Referrals came out 6\d(\.\d)?% lower than expected \((average effect, )?95% interval [56]\d", said), said
    assert "smallest change declared worthwhile (10%)" in said


def test_no_logarithm_is_shown_anywhere(found):
    _, answer = found
    text = to_json(plain(answer))
    assert "log scale" not in text
    for part in (*answer.diagnostics, *answer.probes):
        assert not re.search(r"[−-]1\.0\d\b", part.reading), part.reading
    for figure in answer.figures:
        assert not re.search(r"[−-]1\.0\d\b", figure.text), figure.text


def test_effects_in_tables_and_figures_are_those_of_the_estimates(found):
    _, answer = found
    for figure in answer.figures:
        if figure.y_label == "% change":
            drawn = [v for s in figure.series for v in (*s.y, *s.low) if isinstance(v, float)]
            assert min(drawn) > -100
            assert min(drawn) < -50 or not any(s.holds == "effect" for s in figure.series)
    for table in answer.tables:
        if "estimate" in table.columns and "% change" in table.caption:
            values = [row[table.columns.index("estimate")] for row in table.rows]
            assert all(-100 < v < 100 for v in values if isinstance(v, float))


def test_levels_are_in_the_measures_own_unit(found):
    _, answer = found
    for figure in answer.figures:
        if figure.y_label == "per 10,000":
            first = next(v for s in figure.series for v in s.y if v is not None)
            assert first > 30


@pytest.mark.parametrize("name", ["two-way", "synthetic-control", "its", "matching"])
def test_power_reads_in_per_cent_of_nothing_else(name):
    design, frame = DESIGNS[name]
    made = power(declared(design), frame, settings=Settings(draws=100, curve_draws=0))
    assert made.unit == "% change"
    assert made.smallest_detectable is None or 0 < made.smallest_detectable < 100
    text = str(made)
    assert "of the level before" not in text
    assert "log scale" not in text
    assert made.baseline is None or made.baseline > 5
    assert made.relative is None or abs(made.relative - made.smallest_detectable / 100) < 1e-12


def test_a_share_reads_in_per_cent_of_the_odds():
    share = replace(RATE, unit="share of children", scale="log-odds", direction="higher is better")
    design = DidDesign(unit="place", time="year", start="start", estimator="two-way")
    protocol, answer = answered(design, panel(share=True), share)
    assert answer.headline_terms[0].unit == "% change in the odds"
    assert abs(answer.headline_terms[0].estimate - FALL) < 4
    said = write_headline(protocol, answer).text
    assert said.startswith("The odds of Referrals came out 6")
    levels = [f for f in answer.figures if f.y_label == "share of children"]
    assert levels
    assert all(0 < v < 1 for f in levels for s in f.series for v in s.y if v is not None)


def test_of_a_percentage_too():
    share = replace(RATE, unit="% of children", scale="log-odds")
    frame = panel(share=True)
    _, answer = answered(DidDesign(unit="place", time="year", start="start", estimator="two-way"),
                         frame.assign(rate=100 * frame.rate), share)
    assert abs(answer.headline_terms[0].estimate - FALL) < 4


@pytest.mark.parametrize(("values", "scale", "unit"), [
    ([0.0], "log", "per 10,000"), ([-1.0], "log", "per 10,000"), ([0.0], "log-odds", "share"), ([1.0], "log-odds", "share"),
    ([100.0], "log-odds", "%"), ([0.0], "log-odds", "%")])
def test_what_has_no_logarithm_is_refused_with_the_cure(values, scale, unit):
    frame = panel(share=unit != "per 10,000")
    frame["rate"] *= 100 if unit == "%" else 1
    frame.loc[[3], "rate"] = values
    outcome = replace(RATE, scale=scale, unit=unit)
    design = DidDesign(unit="place", time="year", start="start")
    for verb in (bind, check, power):
        with pytest.raises(BadInput, match="Adding a constant is no cure"):
            verb(declared(design, outcome), frame)


def test_a_dropped_period_need_not_have_a_logarithm():
    from hubeval.protocol import Caution

    frame = panel()
    frame.loc[frame.year == 2010, "rate"] = 0.0
    gone = Caution(kind="shock", label="flood", first="2010", last="2010", handling="drop the periods")
    protocol = replace(declared(DidDesign(unit="place", time="year", start="start")), cautions=(gone,))
    assert (bind(protocol, frame).frame.rate > 0).all()


@pytest.mark.parametrize(("outcome", "design", "said"), [
    ('scale = "log-odds"', "", "its unit is 'per 10,000'"),
    ('scale = "log"', 'family = "poisson"', "beside family = 'poisson'"),
    ('scale = "log"\nsmallest_worthwhile = 100', "", "in per cent"),
    ('scale = "logs"', "", "did you mean"),
])
def test_what_a_scale_does_not_go_with_is_refused(tmp_path, outcome, design, said):
    path = tmp_path / "p.toml"
    path.write_text(f'area = "A"\nquestion = "?"\nregistered = 2026-01-01\n[design]\nkind = "its"\ntime = "t"\n'
                    f'start = "2016"\n{design}\n[[outcomes]]\ncolumn = "y"\nlabel = "Y"\nunit = "per 10,000"\n'
                    f'direction = "lower is better"\n{outcome}\n')
    with pytest.raises(BadInput, match=f"(?i){re.escape(said)}"):
        read_protocol(path)


@pytest.mark.parametrize("name", list(DESIGNS))
@pytest.mark.parametrize(("column", "digits"), [("ln_rate", 12), ("rate", 12), ("rate", 6), ("logrefs", 2)])
def test_a_logarithm_made_by_hand_is_raised_and_no_percentage_is_made_of_it(name, column, digits):
    design, frame = DESIGNS[name]
    frame = frame.assign(**{column: np.log(frame.rate.round(1)).round(digits)})
    brought = replace(RATE, column=column, scale="level", smallest_worthwhile=None)
    protocol = declared(design, brought)
    assert "scale" in [d.name for d in check(protocol, frame).diagnostics if d.status == "caution"]
    asked, table = measured(protocol, bind(protocol, frame))
    assert asked.primary.unit == "log points"
    if (column, digits) == ("ln_rate", 12) and name in {"synthetic-control", "its"}:
        answer = room_for(design.kind).answer(asked, table, lambda _: None)
        assert not [e for e in answer.estimates if "relative" in e.term or "%" in e.unit]
        assert "log points lower than expected" in write_headline(protocol, answer).text
        made = power(protocol, frame, settings=Settings(draws=100, curve_draws=0))
        assert made.relative is None
        assert "% of the level" not in str(made)


@pytest.mark.parametrize("values", [
    np.random.default_rng(1).normal(8, 2, 300), np.random.default_rng(1).normal(8, 2, 300).round(2),
    np.random.default_rng(1).poisson(4, 300).astype(float), np.random.default_rng(1).integers(1, 6, 300) / 7,
    np.random.default_rng(1).beta(4, 2, 300), np.random.default_rng(2).gamma(2, 2, 300).round(3)])
@pytest.mark.parametrize("column", ["rate", "logins", "logistics", "catalogue", "lncoverage_", "long_stays"])
def test_what_is_no_logarithm_is_not_called_one(values, column):
    from hubeval.data.scales import by_hand

    assert not by_hand(replace(RATE, column=column, scale="level"), pd.Series(values))


@pytest.mark.parametrize(("worth", "raised"), [(10.0, False), (900.0, True)])
def test_a_worthwhile_change_in_per_cent_is_held_against_the_range_in_per_cent(worth, raised):
    outcome = replace(RATE, smallest_worthwhile=worth, direction="higher is better")
    found = check(declared(DidDesign(unit="place", time="year", start="start"), outcome),
                  panel().assign(rate=lambda f: f.rate.clip(100, 300) / 100))
    assert ("worthwhile" in {d.name for d in found.diagnostics if d.status == "caution"}) == raised
