"""One notion of "before": declared anticipation, latecomers and starts between waves, in every estimator and reading."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.methods import did
from hubeval.methods.did.checks.diagnostics import change_before_start
from hubeval.methods.did.checks.probes import placebo_start
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.protocol import DidDesign

KEYS = {"outcome": "y", "unit": "u", "time": "t", "start": "s"}
FITS = ("group_time", "imputation", "two_stage", "sun_abraham", "extended")


def frame(starts, periods, effect):
    """No noise: `effect` of event time from wherever it is not zero."""
    n, t = len(starts), np.arange(periods) + 1.0
    y = np.arange(n)[:, None] * 0.3 + t * 0.2 + effect(t - np.asarray(starts)[:, None])
    return pd.DataFrame({"u": np.repeat(np.arange(n), periods), "t": np.tile(t, n), "y": y.ravel(), "s": np.repeat(starts, periods)})


def anticipated(event):
    return np.where(event >= 0, 5.0, np.where(event == -1, 3.0, 0.0))


def average(name, data, **options):
    fit = getattr(did, name)(data, **KEYS, **options)
    found = fit.aggregate("simple") if hasattr(fit, "aggregate") else fit
    return found.overall if isinstance(getattr(found, "overall", None), float) else float(found.estimate[0])


WORLDS = {
    "nobody never treated": np.repeat([3.0, 4, 5, 6, 7], 4),
    "some never treated": np.append(np.repeat([3.0, 4, 5, 6, 7], 4), np.full(4, np.inf)),
    "some start after the data": np.repeat([3.0, 4, 5, 8], 4),
}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", FITS)
def test_units_that_may_already_act_compare_with_nobody(world, name):
    data = frame(WORLDS[world], 7, anticipated)
    options = {"control": "not-yet"} if name == "group_time" else {}
    assert average(name, data, anticipation=1, **options) == pytest.approx(5.0, abs=1e-8)


@pytest.mark.parametrize("base", ["varying", "universal"])
def test_effects_inside_the_anticipation_are_against_the_period_before_it(base):
    data = frame(np.append(np.full(6, 8.0), np.full(8, np.inf)), 12, lambda e: np.where(e >= 0, 5.0, np.where(e >= -2, 2.0, 0.0)))
    found = did.group_time(data, **KEYS, anticipation=2, base=base).aggregate("event").to_frame().set_index("event_time")["estimate"]
    assert found[[-2.0, -1.0, 0.0]].tolist() == pytest.approx([2.0, 2.0, 5.0])


@pytest.mark.parametrize(("anticipation", "room"), [(1, 2), (2, 3), (2, 4), (4, 6), (4, 8), (4, 9)])
def test_few_periods_before_a_declared_anticipation_end_in_words_not_in_a_traceback(anticipation, room):
    rng = np.random.default_rng(1)
    starts = np.append(np.full(10, room + 1.0), np.full(14, np.inf))
    data = frame(starts, room + 4, lambda e: rng.normal(size=e.shape))
    panel = did.read_panel(data, **KEYS, anticipation=anticipation)
    design = DidDesign(unit="u", time="t", start="s", estimator="group-time", anticipation=anticipation)
    fitted = headline(panel, settled(design, panel))
    again = DidDesign(unit="u", time="t", start="s", estimator="group-time")
    assert placebo_start(panel, fitted, lambda p: headline(p, settled(again, p))).__class__.__name__ in {"Diagnostic", "NotComputed"}
    assert fitted.reference == -1 - anticipation


def test_readings_of_what_came_before_leave_the_anticipation_out():
    rng = np.random.default_rng(3)
    starts = np.append(np.full(12, 9.0), np.full(14, np.inf))
    data = frame(starts, 14, lambda e: 0.3 * rng.normal(size=e.shape) + np.where(e >= 0, 5.0, np.where(e >= -2, 3.0, 0.0)))
    panel = did.read_panel(data, **KEYS, anticipation=2)
    design = DidDesign(unit="u", time="t", start="s", estimator="group-time", anticipation=2)
    fitted = headline(panel, settled(design, panel))
    plain = DidDesign(unit="u", time="t", start="s", estimator="group-time")
    assert fitted.pretrend.status == "pass"
    assert change_before_start(panel, 2, anticipation=2).status == "pass"
    assert change_before_start(panel, 2).status == "fail"
    assert placebo_start(panel, fitted, lambda p: headline(p, settled(plain, p))).status == "pass"
    assert min(fitted.path().keys) == -6.0
    assert -3.0 not in fitted.path().keys


@pytest.mark.parametrize("name", ["group_time", "imputation", "sun_abraham"])
def test_a_unit_first_seen_after_its_own_start_counts_nowhere(name):
    starts = np.append(np.repeat([3.0, 5.0], [5, 7]), np.full(9, np.inf))
    data = frame(starts, 8, lambda e: np.where(e >= 0, 2.0 + (np.asarray(starts)[:, None] == 5) * 6, 0.0))
    late = data[~(data.u.isin([9, 10, 11]) & (data.t < 6))]
    assert average(name, late) == pytest.approx(average(name, data[~data.u.isin([9, 10, 11])]))
    panel = did.read_panel(late, **KEYS)
    assert "3 units left out: already treated when first seen" in [step.note for step in panel.flow]


def test_units_seen_once_are_neither_comparison_nor_clusters_nor_weigh_in_the_choice_of_inference():
    rng = np.random.default_rng(5)
    starts = np.append(np.full(12, 4.0), np.full(8, np.nan))
    data = frame(starts, 6, lambda e: rng.normal(size=e.shape))
    once = pd.DataFrame({"u": np.arange(100, 140), "t": 2.0, "y": rng.normal(size=40), "s": np.nan})
    design = DidDesign(unit="u", time="t", start="s")
    plain, padded = (did.read_panel(d, **KEYS) for d in (data, pd.concat([data, once])))
    assert "40 units left out: seen in one period only, which shows no change" in [step.note for step in padded.flow]
    assert settled(design, padded).because == settled(design, plain).because
    one, other = (headline(p, settled(design, p)).overall for p in (plain, padded))
    assert one == other
    assert (other.n_comparison, other.n_clusters) == (8, 20)
    assert did.read_panel(pd.concat([data, once]), **KEYS, latecomers=True).n_units == 60


def test_a_start_between_two_waves_counts_years_alike_in_every_estimator():
    years = np.array([2001, 2004, 2006, 2008, 2011, 2013])
    starts = np.append(np.full(6, 2007.0), np.full(8, np.nan))
    data = pd.DataFrame({"u": np.repeat(np.arange(14), 6), "t": np.tile(years, 14), "s": np.repeat(starts, 6)})
    data["y"] = data.u * 0.1 + np.where(data.t >= data.s, 2 + 0.5 * (data.t - data.s), 0)
    for name in ("group_time", "imputation", "sun_abraham", "extended"):
        events = getattr(did, name)(data, **KEYS).aggregate("event").to_frame().dropna(subset="event_time")
        after = events[events.event_time >= 0]
        assert after.event_time.tolist() == [1.0, 4.0, 6.0]
        assert after.estimate.tolist() == pytest.approx([2.5, 4.0, 5.0])


@pytest.mark.parametrize("name", [*FITS, "imputation_leads"])
def test_anticipation_is_counted_in_years_where_waves_are_uneven(name):
    """Three years declared, waves two to five years apart: counted in waves, all but the first would be left out."""
    years = np.array([2001, 2004, 2006, 2008, 2011, 2013, 2016])
    starts = np.concatenate([np.full(6, 2008.0), np.full(5, 2013.0), np.full(8, np.nan)])
    data = pd.DataFrame({"u": np.repeat(np.arange(19), 7), "t": np.tile(years, 19), "s": np.repeat(starts, 7)})
    rng = np.random.default_rng(2)
    own = rng.normal(size=7)[np.tile(np.arange(7), 19)] + data.u * 0.1
    data["y"] = own + np.where(data.t >= data.s, 5.0, np.where(data.t >= data.s - 3, 3.0, 0.0))
    if name == "imputation_leads":
        found = did.imputation_leads(data, **KEYS, anticipation=3, leads=2)
        assert found.keys == (-5.0, -4.0)
        assert found.estimate.tolist() == pytest.approx([0.0, 0.0], abs=1e-8)
        return
    assert average(name, data, anticipation=3) == pytest.approx(5.0, abs=1e-8)
    inside = data.assign(y=data.y.where(data.t != 2004, data.y + np.where(data.s == 2008, 7.0, 0.0)))  # the base of 2008
    assert average(name, inside, anticipation=3) < 4.0


def test_a_blank_outcome_at_the_switch_takes_away_that_horizon_only():
    start = np.append(np.full(16, 4.0), np.full(14, np.inf))
    size = np.where(np.arange(30) < 8, 2.0, 6.0)[:, None]
    data = frame(start, 8, lambda e: np.where(e >= 0, size, 0.0)).assign(d=lambda f: (f.t >= f.s).astype(float))
    blank = data.assign(y=data.y.where(~((data.u >= 8) & (data.u < 16) & (data.t == 4))))
    found = did.switching(blank, outcome="y", unit="u", time="t", treated="d", effects=3)
    assert found.estimate.tolist() == pytest.approx([2.0, 4.0, 4.0])
