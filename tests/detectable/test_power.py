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

QUICK = Settings(draws=100, curve_draws=0)


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


@pytest.mark.parametrize("inference", ["cluster", "cr2"])
def test_white_noise_gives_the_textbook_size(inference):
    sizes = [power(declared(did(inference=inference)), panel(seed=s), settings=QUICK).smallest_detectable for s in range(2)]
    assert np.mean(sizes) == pytest.approx(analytic(40, 20, 4, 4, 39), rel=0.25)


def test_group_time_gives_its_own_textbook_size():
    """Against one base period: before counts as one."""
    protocol = declared(did(estimator="group-time", inference="welch"))
    sizes = [power(protocol, panel(seed=s), settings=QUICK).smallest_detectable for s in range(2)]
    assert np.mean(sizes) == pytest.approx(analytic(40, 20, 1, 4, 38), rel=0.25)


def test_an_effect_in_the_data_is_taken_out_and_not_shown():
    without, given = (power(declared(did(inference="cluster")), panel(effect=e), settings=QUICK) for e in (0.0, 7.0))
    assert given.smallest_detectable == pytest.approx(without.smallest_detectable, rel=1e-6)
    assert given.baseline == pytest.approx(without.baseline)
    assert "estimate" not in files.to_json(given.to_dict()).replace("group-time estimator", "").replace("estimator and", "")


@pytest.mark.parametrize("estimator", ["two-way", "group-time"])
def test_scale_and_shift_and_order(estimator):
    protocol = declared(did(estimator=estimator, inference="cluster"))
    plain = power(protocol, panel(), settings=QUICK)
    scaled = power(protocol, panel().assign(y=lambda f: 100 - 3 * f["y"]), settings=QUICK)
    assert scaled.smallest_detectable == pytest.approx(3 * plain.smallest_detectable, rel=0.2)  # other draws
    again = power(protocol, panel().sample(frac=1, random_state=1), settings=QUICK)
    assert again.smallest_detectable == pytest.approx(plain.smallest_detectable)


def test_the_direction_declared_is_the_direction_looked_in():
    down = declared(did(inference="cluster"), direction="lower is better")
    mirrored = power(declared(did(inference="cluster")), panel().assign(y=lambda f: -f["y"]), settings=QUICK)
    assert power(down, panel(), settings=QUICK).smallest_detectable == pytest.approx(mirrored.smallest_detectable, rel=1e-6)


def test_seeds_are_kept_and_matter():
    protocol = declared(did(inference="permutation"))
    one, same, other = (power(protocol, panel(n=12, treated=5), settings=QUICK, seed=s) for s in (1, 1, 2))
    assert one == replace(same, dated=one.dated)
    assert one.seed == 1
    assert other.smallest_detectable != one.smallest_detectable


def test_the_floor_is_said_when_it_binds():
    found = power(declared(did(), smallest_worthwhile=1), panel(n=12, treated=1), settings=QUICK)
    assert found.floor == pytest.approx(1 / 12)
    assert found.floor_binds
    assert not found.points  # a table of noughts says nothing
    assert "of any size would be found" in str(found)
    assert found.smallest_detectable is None
    assert "no p-value below 0.083" in found.not_computed[0].reason
    assert "nan" not in str(found)
    assert "no result could be significant" in str(found)
    assert [(f.criterion, f.low, f.high) for f in found.facts] == [("ST1", 1, 1)]


def test_the_floor_is_exact_where_all_assignments_are_tried():
    found = power(declared(did()), panel(n=10, treated=3), settings=QUICK)
    assert found.floor == pytest.approx(1 / 120)
    assert not found.floor_binds


def test_more_units_and_longer_follow_up_find_less():
    found = power(declared(did(inference="cluster")), panel(n=40, t=16, start=6), settings=Settings(draws=100, curve_draws=100))
    units, periods = [p.smallest_detectable for p in found.units], [p.smallest_detectable for p in found.periods]
    assert units[0] / units[-1] == pytest.approx(np.sqrt(6), rel=0.3)  # six times the units
    assert periods[0] > periods[-1]
    assert [p.n_units for p in found.units] == [20, 40, 80, 120]
    own = [p.smallest_detectable for p in (*found.units, *found.periods) if (p.n_units, p.n_periods) == (40, 16)]
    assert set(own) == {found.smallest_detectable}  # one design, one number
    assert len(own) == 2
    assert {f.name for f in found.figures} == {"power-effect", "power-units", "power-periods"}


@pytest.mark.parametrize(("worth", "levels"), [(0.1, (1, 1)), (0.45, (2, 2)), (1.0, (3, 3)), (5.0, (3, 4))])
def test_st1_is_read_against_the_declared_change(worth, levels):
    found = power(declared(did(inference="cr2"), smallest_worthwhile=worth), panel(), settings=QUICK)
    assert 0.5 < found.smallest_detectable < 0.75
    fact = found.facts[0]
    assert (fact.low, fact.high) == levels
    assert fact.grade == 4
    assert found.power_at_worthwhile is not None


def test_panels_with_gaps_and_weights_are_drawn_as_they_are():
    frame = panel()
    frame.loc[3, "y"] = np.nan
    frame["w"] = 1.0
    found = power(declared(did(inference="cluster", weights="w")), frame, settings=QUICK)
    assert found.n_units == 40
    assert found.smallest_detectable == pytest.approx(analytic(40, 20, 4, 4, 39), rel=0.3)


@pytest.mark.parametrize("inference", ["wild", "conley-taber"])
def test_every_inference_that_evaluate_offers_is_asked(inference):
    found = power(declared(did(inference=inference)), panel(n=12, treated=6), settings=QUICK)
    assert found.not_computed == ()
    assert ("wild" if inference == "wild" else "Conley-Taber") in found.inference


@pytest.mark.parametrize("estimator", ["imputation", "two-stage", "stacked"])
def test_the_family_of_estimators_is_asked_by_its_own_inference(estimator):
    """One wave and no covariates: imputation is two-way; stacking compares with one period before and finds less."""
    found, known = (power(declared(did(estimator=one, inference="cluster")), panel(), settings=QUICK).smallest_detectable
                    for one in (estimator, "two-way"))
    assert found == pytest.approx(known, rel=0.1) if estimator != "stacked" else 0.9 * known < found < 3 * known


def test_an_estimator_that_is_not_there_is_refused():
    with pytest.raises(BadInput, match="Did you mean 'two-way'"):
        power(declared(did(estimator="two-wy")), panel(), settings=QUICK)


def test_one_start_with_an_option_of_group_time_is_asked_of_group_time():
    found = power(declared(did(estimator="auto", control="not-yet")), panel(), settings=QUICK)
    assert "group-time estimator" in found.method
    assert found.smallest_detectable == pytest.approx(analytic(40, 20, 1, 4, 38), rel=0.3)


def test_declared_anticipation_moves_the_base_and_costs_nothing_where_noise_is_white():
    """One period before counts, whichever: over panels the size is the textbook's, with and without a declared window."""
    plain, early = (
        [power(declared(did(estimator="group-time", inference="cluster", anticipation=a)), panel(seed=s), settings=QUICK).smallest_detectable
         for s in range(4)] for a in (0, 2)
    )  # fmt: skip
    assert np.mean(early) == pytest.approx(np.mean(plain), rel=0.2)
    assert np.mean(early) == pytest.approx(analytic(40, 20, 1, 4, 38), rel=0.2)
    assert all(one != other for one, other in zip(plain, early, strict=True))


def test_treated_units_that_are_noisier_are_drawn_noisier():
    frame = panel(n=36, treated=12)
    calm = power(declared(did(inference="cr2")), frame, settings=QUICK).smallest_detectable
    noisy = frame.assign(y=np.where(frame["s"] != "", 10 + 3 * (frame["y"] - 10), frame["y"]))
    found = power(declared(did(inference="cr2")), noisy, settings=QUICK)
    assert found.smallest_detectable > 2 * calm
    said = "noise of the treated is taken to be that of the others"
    for treated, taken in ((1, True), (4, False)):  # one shows nothing of its own; four over eight periods do
        few = power(declared(did(inference="permutation")), panel(n=24, treated=treated), settings=QUICK)
        assert any(said in note for note in few.notes) is taken


def test_four_noisy_treated_units_are_drawn_noisier_too():
    frame = panel(n=24, treated=4)
    noisy = frame.assign(y=np.where(frame["s"] != "", 10 + 3 * (frame["y"] - 10), frame["y"]))
    calm, loud = (power(declared(did(inference="permutation")), one, settings=QUICK).smallest_detectable for one in (frame, noisy))
    assert loud > 1.8 * calm


def test_an_inference_that_noisier_treated_units_mislead_shows_its_false_alarms():
    """Conley and Taber put the errors of the untreated in the treated units' place; permuted starts allow for the noise."""
    frame = panel(n=36, treated=8, t=6, start=3)
    noisy = frame.assign(y=np.where(frame["s"] != "", 10 + 4 * (frame["y"] - 10), frame["y"]))
    assert power(declared(did(inference="conley-taber")), noisy, settings=QUICK).false_alarms > 0.12
    assert power(declared(did(inference="permutation")), noisy, settings=QUICK).false_alarms < 0.12


def clustered(treated=6, others=6, size=5, icc=0.5, seed=7):
    draw = np.random.default_rng(seed)
    frame = panel(n=(treated + others) * size, treated=treated * size)
    frame["c"] = "c" + (frame["u"].str[1:].astype(int) // size).astype(str)
    shock = {c: draw.normal(size=8) for c in sorted(frame["c"].unique())}
    shared = np.array([shock[c][int(t) - 2000] for c, t in zip(frame["c"], frame["t"], strict=True)])
    frame["y"] = np.sqrt(icc) * shared + np.sqrt(1 - icc) * (frame["y"] - 10)
    return frame


def test_clusters_above_the_unit_are_drawn_whole():
    frame = clustered()
    together = power(declared(did(cluster="c", inference="cluster")), frame, settings=QUICK)
    alone = power(declared(did(inference="cluster")), frame, settings=QUICK)
    right = np.sqrt(0.5 + 0.5 / 5) * np.sqrt((1 / 4 + 1 / 4) * (1 / 6 + 1 / 6)) * formula.multiplier(df=11)
    assert together.smallest_detectable == pytest.approx(right, rel=0.35)
    assert together.smallest_detectable > 1.3 * alone.smallest_detectable


def test_people_asked_once_are_drawn_in_their_areas():
    frame = clustered().drop(columns="u").rename(columns={"c": "area"})
    found = power(declared(did(unit=None, cluster="area", estimator="auto")), frame, settings=QUICK)
    assert (found.n_units, found.n_treated) == (12, 6)
    assert 0.5 < found.smallest_detectable < 4


def test_an_outcome_that_only_cohorts_and_periods_move_has_one_clear_answer():
    found = power(declared(did()), panel().assign(y=lambda f: f["t"].astype(float)), settings=QUICK)
    assert found.smallest_detectable is None
    assert "does not vary" in found.not_computed[0].reason
    assert "nan" not in str(found)
    with pytest.raises(BadInput, match="the same number in every row"):
        power(declared(did()), panel().assign(y=3.0), settings=QUICK)


def test_everyone_treated_at_once_is_refused_as_evaluate_refuses_it():
    with pytest.raises(BadInput, match="starts in the same period"):
        power(declared(did()), panel(n=20, treated=20), settings=QUICK)


def test_the_outcome_as_its_own_covariate_is_refused():
    with pytest.raises(BadInput, match="is the outcome itself"):
        power(declared(did(covariates=("y",))), panel(), settings=QUICK)


def test_planning_tables_hold_only_numbers_and_words():
    for table in planning_tables():
        assert table.caption
        assert all(len(row) == len(table.columns) for row in table.rows)
    files.to_json(planning_tables())


def test_published_effects_stand_beside_with_their_source():
    gld = declared(did(inference="cr2"), measure="eyfsp-gld", label="Good level of development", unit="%")
    text = str(power(gld, panel().assign(y=lambda f: f["y"] + 57.2), settings=QUICK))
    assert "Doncaster family hubs: good level of development × 1.06" in text
    assert "National Centre for Family Hubs" in text
    assert {p.ratio for p in PUBLISHED} == {1.06, 1.02}


def test_progress_is_told():
    told = []
    power(declared(did(inference="cluster")), panel(), settings=Settings(draws=100, curve_draws=100), progress=told.append)
    assert "Drawing data like these, and asking the headline of each" in told
    assert len(told) > 5


def test_json_is_plain_and_whole():
    value = power(declared(did(inference="cr2")), panel(), settings=QUICK).to_dict()
    again = json.loads(files.to_json(value))
    assert again["schema"] == "hubeval-power/1"
    assert {"smallest_detectable", "points", "units", "periods", "figures", "floor", "floor_binds", "published", "facts", "seed"} <= set(again)


@pytest.mark.parametrize(
    "settings",
    [Settings(level=5), Settings(level=0.1), Settings(target=1), Settings(draws=10), Settings(curve_draws=5), Settings(effects=(-1.0,))],
)
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(BadInput):
        power(declared(did()), panel(), settings=settings)


def test_shipped_protocol_and_its_figures(root):
    protocol = read_protocol(root / "designs" / "essex-style" / "protocol.toml")
    found = power(protocol, root / "designs" / "essex-style" / protocol.data.file, settings=QUICK)
    assert 2 < found.smallest_detectable < 15
    assert found.points[3].power == pytest.approx(0.8, abs=0.02)


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
    sizes = [power(protocol, series(seed=s), settings=QUICK).smallest_detectable for s in range(3)]
    known = 2.0 * formula.multiplier(df=44) * formula.series_error(24, 24, 0.4, average=True)
    assert 1.05 * known < np.mean(sizes) < 3 * known


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
    assert 0.2 * both < level.smallest_detectable < both


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
    down, up = (power(declared(ItsDesign(**level), direction=f"{way} is better"), counts(), settings=QUICK)
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


def synth(estimator="synthetic-control", **changes):
    return declared(SynthDesign(unit="u", time="t", treated="u000", start="2012", estimator=estimator, **changes))


def test_nine_donors_cannot_reach_five_per_cent_by_rank():
    found = power(synth(), donors(10))
    assert found.smallest_detectable is None
    assert found.floor == pytest.approx(0.1)
    assert found.floor_binds
    assert "no p-value below 0.1" in found.not_computed[0].reason


def test_forty_donors_can_and_hold_their_size():
    found = power(synth(), donors(41))
    assert found.smallest_detectable > 0
    assert found.false_alarms <= 0.05
    assert [p.power for p in found.points] == sorted(p.power for p in found.points)
    assert "Each of 41 units took its turn" in found.method


def test_the_threshold_of_a_turn_is_the_headlines_own():
    """An effect put into the treated unit is found by its own fit from the size on at which its turn finds it."""
    from hubeval.data.bind import bind as bind_table
    from hubeval.methods.synth import room
    from hubeval.methods.synth.door.protocols import panel_of

    table = bind_table(synth(), donors(25))
    panel, _ = panel_of(table, synth().design, "y")
    turns = room.detect(synth(), table, draws=1, seed=1).power.__self__
    reach = -turns.low[panel.treated[0]]
    estimate = room._fit(panel, synth().design, 1).estimate
    for more, found in ((0.98, False), (1.02, True)):
        y = panel.y.copy()
        y[panel.t0 :, panel.treated[0]] += reach * more - estimate
        one = room._fit(replace(panel, y=y), synth().design, 1).estimates()[0]
        assert (one.conf_low is not None and one.conf_low > 0) is found


def test_synthetic_did_has_power_where_a_rank_has_none():
    found = power(synth("synthetic-did"), donors(10))
    assert found.smallest_detectable > 0
    assert found.floor is None


def test_what_was_found_less_often_than_stated_is_said_where_it_is_stated():
    """`tests/recovery/headline/test_power.py` measures it; only the cell that is worst says so itself, others stand in docs/power.md."""
    from hubeval.data.bind import bind as bind_table
    from hubeval.methods.readings.detectable import smallest_change
    from hubeval.methods.synth import room

    for design, n, weak in ((synth("synthetic-did"), 20, True), (synth("synthetic-did"), 21, False), (synth(), 20, False)):
        frame = donors(n)
        made = room.detect(design, bind_table(design, frame), draws=1, seed=design.seed)
        assert any("were found 75% of the time" in note for note in made.notes) is weak, (design.design.estimator, n)
        if made.power is not None and n == 20:
            read = smallest_change(made, design.primary).reading
            assert ("take it for a lower bound" in read) is weak
            assert any("lower bound" in note for note in power(design, frame).notes) is weak


def test_the_augmented_form_says_why_there_is_none():
    found = power(synth("augmented"), donors(20))
    assert found.smallest_detectable is None
    assert "accident of these data" in found.not_computed[0].reason


def test_a_treated_unit_that_is_less_steady_needs_more():
    frame = donors(25)
    rough = frame.assign(y=np.where(frame["u"] == "u000", 3 * frame["y"], frame["y"]))
    plain, other = (power(synth("synthetic-did"), f) for f in (frame, rough))
    assert other.smallest_detectable > 1.5 * plain.smallest_detectable
    assert "moved" in other.notes[0]


def records(n=800, seed=4):
    draw = np.random.default_rng(seed)
    age = draw.normal(size=n)
    return pd.DataFrame({"id": range(n), "hub": (draw.random(n) < 0.2).astype(int), "age": age, "y": age + draw.normal(size=n), "c": draw.integers(0, 20, n)})


def matching(**changes):
    return declared(MatchingDesign(**{"unit": "id", "treated": "hub", "covariates": ("age",), "estimator": "regression", **changes}))


def test_matched_records_are_read_by_the_headlines_own_interval():
    from hubeval.data.bind import bind as bind_table
    from hubeval.methods.matching import room

    frame = records()
    found = power(matching(), frame)
    one = room.answer(matching(), bind_table(matching(), frame), lambda _line: None).headline_terms[0]
    assert found.smallest_detectable == pytest.approx(2.8 * one.std_error, rel=0.02)
    assert (found.n_treated, found.draws) == (one.n_treated, 0)
    assert found.seed is None
    treated = int(frame["hub"].sum())
    assert found.smallest_detectable == pytest.approx(formula.two_groups_mde(1.0, treated, treated), rel=0.25)
    assert power(matching(ratio=3), frame).smallest_detectable < found.smallest_detectable


def test_whole_clusters_of_records_need_far_more():
    frame = records()
    frame["c"] = frame["id"] % 8
    frame["hub"] = (frame["c"] < 4).astype(int)
    frame["y"] += 0.5 * np.random.default_rng(5).normal(size=8)[frame["c"]]
    together, alone = (power(matching(cluster=c), frame) for c in ("c", None))
    assert together.smallest_detectable > 3 * alone.smallest_detectable
    assert "degrees of freedom" in together.method


def test_records_without_comparison_are_refused_as_evaluate_refuses_them():
    with pytest.raises(BadInput):
        power(matching(), records().assign(hub=1))


def test_one_treated_record_is_refused_in_one_line():
    with pytest.raises(BadInput) as refused:
        power(matching(estimator="doubly-robust"), records().assign(hub=lambda f: (f["id"] == 3).astype(int)))
    assert len(refused.value.problems) == 1
    assert "nan" not in str(refused.value)


# --- one floor ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("waves", "cluster"), [((3, 4), None), ((3, 3), None), ((3, 4), "c")])
def test_check_power_and_evaluate_say_one_floor(waves, cluster):
    from hubeval.data.bind import bind as bind_table
    from hubeval.data.grid import grid
    from hubeval.methods.did.inference.headline import headline, settled
    from hubeval.methods.did.room import panel_for

    frame = panel(n=12, treated=4)
    frame["c"] = "c" + (frame["u"].str[1:].astype(int) // 2).astype(str)
    later = frame["u"].isin(["u002", "u003"]) & (frame["s"] != "")
    frame.loc[frame["s"] != "", "s"] = str(2000 + waves[0])
    frame.loc[later, "s"] = str(2000 + waves[1])
    protocol = declared(did(estimator="auto", cluster=cluster))
    table = bind_table(protocol, frame)
    read, design = panel_for(protocol, table)
    placebo = headline(read, settled(design, read)).placebo
    expected = {(3, 4): 1 / 30 if cluster else 1 / 2970, (3, 3): 1 / 495}[waves]
    assert grid(protocol, table).floor == pytest.approx(expected)
    assert power(protocol, frame, settings=QUICK).floor == pytest.approx(expected)
    assert placebo.floor == pytest.approx(expected)


LEVEL_ONLY = {
    "level, 24 and 24": ({}, 24, 24, "70% to 75%"),
    "level, 12 and 12": ({}, 12, 12, "found 79%"),
    "level, 60 and 60": ({}, 60, 60, "was not measured"),
    "level, 40 and 8": ({}, 40, 8, "was not measured"),
    "level, one autocorrelation alone": ({"errors": "ar1"}, 24, 24, "was not measured"),
    "level, counts on the plain scale": ({"counts": True}, 24, 24, "was not measured"),
    "level and slope": ({"impact": "level and slope"}, 24, 24, None),
}


@pytest.mark.parametrize("name", LEVEL_ONLY)
def test_a_level_change_alone_says_how_often_its_size_was_found_where_that_was_measured(name):
    from hubeval.methods.its.door.axis import axis_of
    from hubeval.methods.its.door.model import Break, SeriesModel
    from hubeval.methods.its.inference.detection import detect

    asked, before, after, said = LEVEL_ONLY[name]
    n, rng = before + after, np.random.default_rng(1)
    axis, _ = axis_of(range(n))
    y = rng.poisson(20, n).astype(float) if "counts" in asked else rng.normal(size=n)
    model = SeriesModel(outcome="y", axis=axis, y=y, offset=np.zeros(n), terms=(),
                        breaks=(Break(position=before, impact=asked.get("impact", "level")),), transition=None, silent=np.zeros(n, bool),
                        seasonality=None, family="gaussian", errors=asked.get("errors", "ar"), inference="integrated")
    notes = detect(model, draws=100).notes
    assert (said is None) == (notes == ())
    assert said is None or said in notes[0]
