"""Power of whole protocols: honest sizes, the floor said when it binds, seeds kept, nothing of the effect shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval import files
from hubeval.detectable import PUBLISHED, Settings, formula, planning_tables, power
from hubeval.errors import BadInput
from hubeval.protocol import DidDesign, ItsDesign, MatchingDesign, Outcome, Protocol, SynthDesign, read_protocol

QUICK = Settings(draws=300, curve_draws=0)
FEW = Settings(draws=100, curve_draws=0)


def declared(design, **outcome):
    given = {"column": "y", "label": "Outcome", "unit": "points", **outcome}
    return Protocol(area="Testshire", question="q", registered=date(2026, 1, 1), outcomes=(Outcome(**given),), design=design)


def did(**changes):
    return DidDesign(**{"unit": "u", "time": "t", "start": "s", "estimator": "two-way", **changes})


def panel(n=40, treated=20, t=8, start=4, sd=1.0, effect=0.0, seed=1):
    draw = np.random.default_rng(seed)
    y = sd * draw.normal(size=(n, t)) + 10
    y[:treated, start:] += effect
    opened = np.where(np.arange(n) < treated, str(2000 + start), "")
    return pd.DataFrame({"u": np.repeat([f"u{i:03d}" for i in range(n)], t), "t": np.tile([str(2000 + i) for i in range(t)], n),
                         "s": np.repeat(opened, t), "y": y.ravel()})


def analytic(n, treated, before, after, inference_df=None):
    """White noise, two-way: the variance of a difference of differences of means."""
    error = np.sqrt((1 / before + 1 / after) * (1 / treated + 1 / (n - treated)))
    return formula.multiplier(df=inference_df or float("inf")) * error


@pytest.mark.parametrize("inference", ["permutation", "cluster", "cr2"])
def test_white_noise_gives_the_textbook_size(inference):
    sizes = [power(declared(did(inference=inference)), panel(seed=s), settings=QUICK).smallest_detectable for s in range(12)]
    assert np.mean(sizes) == pytest.approx(analytic(40, 20, 4, 4, 39), rel=0.06)


def test_group_time_gives_its_own_textbook_size():
    """Against one base period: before counts as one."""
    protocol = declared(did(estimator="group-time", inference="welch"))
    sizes = [power(protocol, panel(seed=s), settings=QUICK).smallest_detectable for s in range(12)]
    assert np.mean(sizes) == pytest.approx(analytic(40, 20, 1, 4, 38), rel=0.07)


def test_an_effect_in_the_data_is_taken_out_and_not_shown():
    without, given = (power(declared(did(inference="cluster")), panel(effect=e), settings=QUICK) for e in (0.0, 7.0))
    assert given.smallest_detectable == pytest.approx(without.smallest_detectable, rel=1e-6)
    assert given.baseline == pytest.approx(without.baseline)
    assert "estimate" not in files.to_json(given.to_dict()).replace("the estimated effect taken out", "")


@pytest.mark.parametrize("estimator", ["two-way", "group-time"])
def test_scale_and_shift_and_order(estimator):
    protocol = declared(did(estimator=estimator, inference="permutation"))
    plain = power(protocol, panel(), settings=QUICK)
    scaled = power(protocol, panel().assign(y=lambda f: 100 - 3 * f["y"]), settings=QUICK)
    assert scaled.smallest_detectable == pytest.approx(3 * plain.smallest_detectable, rel=0.15)  # other tail, same draws
    again = power(protocol, panel().sample(frac=1, random_state=1), settings=QUICK)
    assert again.smallest_detectable == pytest.approx(plain.smallest_detectable)


def test_the_direction_declared_is_the_direction_looked_in():
    down = declared(did(inference="cluster"), direction="lower is better")
    mirrored = power(declared(did(inference="cluster")), panel().assign(y=lambda f: -f["y"]), settings=QUICK)
    assert power(down, panel(), settings=QUICK).smallest_detectable == pytest.approx(mirrored.smallest_detectable, rel=1e-6)


def test_seeds_are_kept_and_matter():
    protocol = declared(did(inference="permutation"))
    one, same, other = (power(protocol, panel(), settings=QUICK, seed=s) for s in (1, 1, 2))
    assert one == replace(same, dated=one.dated)
    assert one.seed == 1
    assert other.smallest_detectable != one.smallest_detectable


def test_the_floor_is_said_when_it_binds():
    found = power(declared(did(), smallest_worthwhile=1), panel(n=12, treated=1), settings=QUICK)
    assert found.floor == pytest.approx(1 / 12)
    assert found.floor_binds
    assert found.smallest_detectable is None
    assert "no p-value below 0.083" in found.not_computed[0].reason
    assert "no result could be significant" in str(found)
    assert [(f.criterion, f.low, f.high) for f in found.facts] == [("ST1", 1, 1)]


def test_the_floor_is_exact_where_all_assignments_are_tried():
    found = power(declared(did()), panel(n=10, treated=3), settings=QUICK)
    assert found.floor == pytest.approx(1 / 120)
    assert found.draws == 120
    assert not found.floor_binds


def test_more_units_and_longer_follow_up_find_less():
    found = power(declared(did(inference="permutation")), panel(n=40, t=16, start=6), settings=Settings(draws=300, curve_draws=200))
    units, periods = [p.smallest_detectable for p in found.units], [p.smallest_detectable for p in found.periods]
    assert units[0] > 1.2 * units[-1]
    assert units[0] / units[-1] == pytest.approx(np.sqrt(6), rel=0.25)  # six times the units
    assert periods[0] > periods[-1]
    assert [p.n_units for p in found.units] == [20, 30, 40, 60, 80, 120]
    assert {f.name for f in found.figures} == {"power-effect", "power-units", "power-periods"}


@pytest.mark.parametrize(("worth", "levels"), [(0.1, (1, 1)), (0.45, (2, 2)), (1.0, (3, 3)), (5.0, (3, 4))])
def test_st1_is_read_against_the_declared_change(worth, levels):
    found = power(declared(did(inference="cr2"), smallest_worthwhile=worth), panel(), settings=QUICK)
    assert 0.5 < found.smallest_detectable < 0.75
    fact = found.facts[0]
    assert (fact.low, fact.high) == levels
    assert fact.grade == 4
    assert found.power_at_worthwhile is not None


def test_incomplete_units_and_unused_columns_are_said():
    frame = panel()
    frame.loc[3, "y"] = np.nan
    frame["w"] = 1.0
    found = power(declared(did(inference="cr2", weights="w")), frame, settings=QUICK)
    assert any("1 unit(s)" in note for note in found.notes)
    assert any("weights are left out" in note for note in found.notes)
    assert found.n_units == 39


def test_inference_that_is_not_simulated_is_said():
    found = power(declared(did(inference="wild")), panel(), settings=QUICK)
    assert "wild" in found.not_computed[0].what
    assert "permutation" in found.inference


@pytest.mark.parametrize("estimator", ["imputation", "two-stage", "extended", "sun-abraham", "stacked"])
def test_the_family_of_estimators_is_simulated_on_one_wave_near_two_way(estimator):
    """One wave and no covariates: imputation is two-way; those that compare with one period before find less."""
    found = power(declared(did(estimator=estimator, inference="permutation")), panel(), settings=QUICK)
    known = power(declared(did(inference="permutation")), panel(), settings=QUICK)
    assert found.smallest_detectable is not None
    if estimator in {"imputation", "two-stage"}:
        assert found.smallest_detectable == pytest.approx(known.smallest_detectable, rel=1e-6)
    assert 0.9 * known.smallest_detectable < found.smallest_detectable < 3 * known.smallest_detectable


def test_inference_of_the_family_beyond_permutation_is_said():
    found = power(declared(did(estimator="imputation", inference="cluster")), panel(), settings=QUICK)
    assert "cluster" in found.not_computed[0].what


def test_an_estimator_that_is_not_linear_is_said(monkeypatch):
    from types import SimpleNamespace

    from hubeval.detectable import panels

    def odd(read, _):
        return SimpleNamespace(estimate=np.array([np.median(read.y)])), None

    monkeypatch.setitem(panels.FAMILY, "odd", odd)
    found = power(declared(did(estimator="odd", inference="permutation")), panel(), settings=QUICK)
    assert found.smallest_detectable is None
    assert "does not weigh units of one start alike" in found.not_computed[0].reason


def test_an_estimator_that_is_not_there_is_refused():
    with pytest.raises(BadInput, match="Did you mean 'two-way'"):
        power(declared(did(estimator="two-wy")), panel(), settings=QUICK)


def test_planning_tables_hold_only_numbers_and_words():
    for table in planning_tables():
        assert table.caption
        assert all(len(row) == len(table.columns) for row in table.rows)
    files.to_json(planning_tables())


def test_clusters_above_the_unit_are_not_pretended():
    frame = panel().assign(c=lambda f: f["u"].str[:2])
    found = power(declared(did(cluster="c")), frame, settings=QUICK)
    assert found.smallest_detectable is None
    assert "clusters" in found.not_computed[0].reason


def test_published_effects_stand_beside_with_their_source():
    gld = declared(did(inference="cr2"), measure="eyfsp-gld", label="Good level of development", unit="%")
    text = str(power(gld, panel().assign(y=lambda f: f["y"] + 57.2), settings=QUICK))
    assert "Doncaster family hubs: good level of development × 1.06" in text
    assert "National Centre for Family Hubs" in text
    assert {p.ratio for p in PUBLISHED} == {1.06, 1.02}


def test_progress_is_told():
    told = []
    power(declared(did(inference="cr2")), panel(), settings=Settings(draws=100, curve_draws=100), progress=told.append)
    assert "Reassigning the starts" in told
    assert len(told) > 5


def test_json_is_plain_and_whole():
    value = power(declared(did(inference="cr2")), panel(), settings=QUICK).to_dict()
    again = json.loads(files.to_json(value))
    assert again["schema"] == "hubeval-power/1"
    assert {"smallest_detectable", "points", "units", "periods", "figures", "floor", "floor_binds", "published", "facts", "seed"} <= set(again)


@pytest.mark.parametrize(
    "settings",
    [Settings(level=5), Settings(target=1), Settings(draws=10), Settings(curve_draws=5), Settings(effects=(-1.0,))],
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(BadInput):
        power(declared(did()), panel(), settings=settings)


def test_shipped_protocol_and_its_figures(root):
    protocol = read_protocol(root / "designs" / "essex-style" / "protocol.toml")
    found = power(protocol, root / "designs" / "essex-style" / protocol.data.file, settings=QUICK)
    assert 2 < found.smallest_detectable < 15
    assert found.points[3].power == pytest.approx(0.8, abs=0.01)


# --- one series ---------------------------------------------------------------------------------------------------


def series(n=48, rho=0.4, sd=2.0, seed=1):
    draw = np.random.default_rng(seed)
    e = np.zeros(n + 50)
    for i in range(1, n + 50):
        e[i] = rho * e[i - 1] + draw.normal() * np.sqrt(1 - rho**2)
    months = [f"{2014 + i // 12}-{i % 12 + 1:02d}" for i in range(n)]
    return pd.DataFrame({"t": months, "y": 50 + sd * e[50:]})


def test_a_series_needs_more_than_the_formula_that_takes_its_autocorrelation_as_known():
    protocol = declared(ItsDesign(time="t", start="2016-01"))
    sizes = [power(protocol, series(seed=s), settings=QUICK).smallest_detectable for s in range(6)]
    known = 2.0 * formula.multiplier(df=44) * formula.series_error(24, 24, 0.4, average=True)
    assert 1.1 * known < np.mean(sizes) < 2.5 * known


def test_an_effect_in_a_series_is_taken_out_whatever_its_size():
    protocol = declared(ItsDesign(time="t", start="2016-01"))
    moved = series()
    moved.loc[24:, "y"] -= 30
    one, two = (power(protocol, frame, settings=QUICK) for frame in (moved, series()))
    assert one.smallest_detectable == pytest.approx(two.smallest_detectable)


def test_a_short_series_has_no_power_to_state():
    found = power(declared(ItsDesign(time="t", start="2014-05")), series(n=10))
    assert found.smallest_detectable is None
    assert "4 periods before" in found.not_computed[0].reason


def test_a_plainer_impact_and_a_comparison_find_less():
    frame = series(n=72)
    shared = np.cumsum(np.random.default_rng(8).normal(size=72))
    frame["y"] += shared
    frame["beside"] = 40 + shared
    both = power(declared(ItsDesign(time="t", start="2017-01")), frame, settings=QUICK).smallest_detectable
    beside = ItsDesign(time="t", start="2017-01", control=("beside",))
    level = power(declared(ItsDesign(time="t", start="2017-01", impact="level")), frame, settings=QUICK)
    assert power(declared(beside), frame, settings=QUICK).smallest_detectable < both
    assert 0.3 * both < level.smallest_detectable <= both * 1.001


@pytest.mark.parametrize("impact", [{"impact": "slope"}, {"impact": "ramp", "over": 6}])
def test_other_shapes_are_those_declared(impact):
    found = power(declared(ItsDesign(time="t", start="2016-01", **impact)), series(), settings=QUICK)
    assert found.smallest_detectable > 0
    assert ("slope" if impact["impact"] == "slope" else "ramp") in found.method


def test_least_squares_shows_the_false_alarms_of_an_autocorrelated_series():
    design = ItsDesign(time="t", start="2017-01", inference="least-squares", errors="independent")
    found = power(declared(design), series(n=72, rho=0.7), settings=QUICK)
    assert found.false_alarms > 0.12


def test_evaluate_quotes_the_number_of_power(root):
    from hubeval.data.bind import bind as bind_table
    from hubeval.methods.its import room

    protocol = declared(ItsDesign(time="t", start="2016-01"), smallest_worthwhile=100)
    answer = room.answer(protocol, bind_table(protocol, series()), lambda _line: None)
    reading = next(d for d in answer.diagnostics if d.name == "Smallest detectable change")
    assert reading.statistic == power(protocol, series()).smallest_detectable
    assert reading.status == "pass"


def counts(mean=6.0, seed=3):
    return series().assign(y=np.random.default_rng(seed).poisson(mean, 48))


def test_counts_are_read_as_a_fall_or_a_rise_and_a_fall_is_never_more_than_all():
    level = {"time": "t", "start": "2016-01", "family": "poisson", "impact": "level"}
    down, up = (power(declared(ItsDesign(**level), direction=f"{way} is better"), counts(), settings=FEW)
                for way in ("lower", "higher"))
    assert (down.word, up.word) == ("fall", "rise")
    assert 0.4 < down.relative < 0.95
    assert down.relative < up.relative < 2
    assert "The smallest fall found 80% of the time" in str(down)


def test_no_percentage_of_a_level_that_is_not_clearly_above_zero():
    for base, given in ((0.05, False), (-50, False), (50, True)):
        found = power(declared(ItsDesign(time="t", start="2016-01")), series().assign(y=lambda f, b=base: f["y"] - 50 + b),
                      settings=QUICK)
        assert (found.relative is not None) is given, base
        assert ("%" in str(found).split("level is")[1].split("\n")[0]) is given, base


# --- donors and records -------------------------------------------------------------------------------------------


def donors(n, t=20, seed=2):
    draw = np.random.default_rng(seed)
    y = draw.normal(size=(n, t)) + draw.normal(size=(n, 1)) * 5
    return pd.DataFrame({"u": np.repeat([f"u{i:03d}" for i in range(n)], t), "t": np.tile([str(2000 + i) for i in range(t)], n), "y": y.ravel()})


def test_nine_donors_cannot_reach_five_per_cent():
    found = power(declared(SynthDesign(unit="u", time="t", treated="u000", start="2012")), donors(10))
    assert found.smallest_detectable is None
    assert found.floor == pytest.approx(0.1)
    assert found.floor_binds


def test_forty_donors_can_and_hold_their_size():
    found = power(declared(SynthDesign(unit="u", time="t", treated="u000", start="2012")), donors(41))
    assert found.smallest_detectable > 0
    assert found.false_alarms <= 0.05
    assert [p.power for p in found.points] == sorted(p.power for p in found.points)
    assert "Equal" in found.method or "equal-weight" in found.method


def records(n=2000, seed=4):
    draw = np.random.default_rng(seed)
    age = draw.normal(size=n)
    return pd.DataFrame({"id": range(n), "hub": (draw.random(n) < 0.2).astype(int), "age": age, "y": age + draw.normal(size=n), "c": draw.integers(0, 20, n)})


def test_matched_records_use_what_covariates_explain():
    frame = records()
    found = power(declared(MatchingDesign(unit="id", treated="hub", covariates=("age",))), frame)
    treated = int(frame["hub"].sum())
    assert found.smallest_detectable == pytest.approx(formula.two_groups_mde(1.0, treated, treated), rel=0.05)
    three = power(declared(MatchingDesign(unit="id", treated="hub", covariates=("age",), ratio=3)), frame)
    assert three.smallest_detectable < found.smallest_detectable


def test_clustering_of_records_costs_power():
    frame = records()
    effects = np.random.default_rng(5).normal(size=20)
    frame["y"] += effects[frame["c"]]
    plain = MatchingDesign(unit="id", treated="hub", covariates=("age",))
    together = power(declared(replace(plain, cluster="c")), frame)
    assert together.smallest_detectable > 2 * power(declared(plain), frame).smallest_detectable
    assert any("Correlation within c" in note for note in together.notes)


def test_rare_outcomes_say_the_fall_that_is_found():
    frame = records().assign(y=(np.random.default_rng(6).random(2000) < 0.05).astype(int))
    found = power(declared(MatchingDesign(unit="id", treated="hub", covariates=("age",))), frame)
    assert any("Rare events" in note for note in found.notes)


def test_records_without_comparison_have_no_power():
    found = power(declared(MatchingDesign(unit="id", treated="hub", covariates=("age",))), records().assign(hub=1))
    assert found.smallest_detectable is None
    assert "no comparison" in found.not_computed[0].reason
