"""Subgroups: the room's own headline on each level's rows, honest differences, and nothing that a gate would hide."""

from __future__ import annotations

import datetime as dt
import gc
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hubeval.asking import by_subgroup as _by_subgroup
from hubeval.data.behind import Behind
from hubeval.data.bind import bind
from hubeval.errors import BadInput, Door
from hubeval.methods.did.room import ROOM
from hubeval.methods.readings.subgroups import Levels, difference, differing, read_levels
from hubeval.methods.room import room_for
from hubeval.protocol import DidDesign, ItsDesign, Outcome, Protocol, RddDesign, Subgroup, SynthDesign
from hubeval.protocol.rules import NO_GROUPS, _check_subgroups
from hubeval.release.levels import closed_levels
from hubeval.result import Answer, Estimate

PROTOCOL = Protocol(
    area="A place", question="Does it?", registered=dt.date(2026, 1, 5),
    outcomes=(Outcome(column="rate", label="Referrals", unit="per 10,000"),),
    design=DidDesign(unit="la", time="year", start="opened", covariates=()),
    subgroups=(Subgroup(column="urban", label="Town or country"),),
)


def quiet(_line):
    return None


def panel(effect_in_town=-6.0, effect_in_country=0.0):
    """40 areas over 6 years, half of either kind treated from 2014."""
    rng = np.random.default_rng(20261128)
    area, year = (a.ravel() for a in np.meshgrid(np.arange(40), np.arange(2011, 2017), indexing="ij"))
    treated, town = area % 2 == 0, area < 20
    effect = np.where(town, effect_in_town, effect_in_country) * (treated & (year >= 2014))
    rate = 50.0 + area + year - 2011 + effect + rng.normal(size=len(area))
    return pd.DataFrame({"la": [f"area {a}" for a in area], "year": year, "opened": np.where(treated, 2014, np.nan),
                         "rate": rate, "urban": np.where(town, "town", "country")})  # fmt: skip


def estimate(value, half=2.0, n=100):
    return Estimate(term="ATT", estimand="", outcome="Referrals", unit="visits", estimate=value, conf_low=value - half,
                    conf_high=value + half, inference="", n_treated=n, n_comparison=n)  # fmt: skip


def levels(*values, label="Sex", **more):
    made = tuple((f"level {i}", estimate(value, **more)) for i, value in enumerate(values))
    return Levels(subgroup=Subgroup(column=label, label=label), estimates=made, p_value=differing([e for _, e in made]))


@pytest.fixture(scope="module")
def found():
    table = bind(PROTOCOL, panel())
    return table, _by_subgroup(ROOM, PROTOCOL, table, Answer(estimates=(), headline_terms=()), quiet)


def test_each_level_is_the_room_s_own_headline_on_its_rows_alone(found):
    table, answer = found
    rows = {(row[1], row[2]): row for row in answer.tables[0].rows}
    own = table.frame[table.frame["subgroup: urban"] == "town"].reset_index(drop=True)
    alone = ROOM.answer(replace(PROTOCOL, subgroups=()), replace(table, frame=own), quiet).headline_terms[0]
    assert rows["town", "effect"][3:6] == (alone.estimate, alone.conf_low, alone.conf_high)
    assert rows["town", "less country"][3] == pytest.approx(-6.0, abs=1.0)
    assert "differs by Town or country by more than chance" in answer.diagnostics[0].reading
    assert "no difference" not in answer.diagnostics[0].reading


def test_a_level_that_cannot_carry_the_design_is_left_open_with_its_reason():
    frame = panel()
    frame.loc[(frame["urban"] == "country"), "opened"] = np.nan
    answer = _by_subgroup(ROOM, PROTOCOL, bind(PROTOCOL, frame), Answer(estimates=(), headline_terms=()), quiet)
    assert [row[1] for row in answer.tables[0].rows] == ["town"]
    assert any("cannot carry the design" in gap.reason for gap in answer.not_computed)
    assert "could not be tested" in answer.diagnostics[0].reading


@pytest.mark.parametrize(("change", "said"), [
    (lambda f: f.assign(urban=np.where(f["year"] > 2013, "town", "country")), "it changes within a unit"),
    (lambda f: f.assign(urban=f["la"]), "40 level(s)"),
    (lambda f: f.drop(columns="urban"), "no column 'urban'"),
])  # fmt: skip
def test_columns_that_are_no_groups_are_refused_without_naming_anybody(change, said):
    with pytest.raises(BadInput) as caught:
        bind(PROTOCOL, change(panel()))
    assert said in str(caught.value)
    assert "area 7" not in str(caught.value)


def test_levels_that_are_not_in_the_data_and_designs_of_one_series_are_refused():
    asked = replace(PROTOCOL, subgroups=(Subgroup(column="urban", label="Kind", levels=("town", "moor")),))
    with pytest.raises(BadInput, match="1 of those named are not in the data"):
        bind(asked, panel())
    door = Door()
    _check_subgroups(replace(PROTOCOL, design=ItsDesign(time="year", start="2014")), door)
    assert "a series is of a place as a whole" in door.problems[0].found
    assert "A series for each group" in door.problems[0].cure.replace("Bring a", "A")


@pytest.mark.parametrize("design", [
    ItsDesign(time="year", start="2014"),
    SynthDesign(unit="la", time="year", treated="area 1", start="2014"),
    DidDesign(unit="la", time="year", exposure="share", estimator="fixed-effects"),
])  # fmt: skip
def test_each_design_without_groups_says_why_and_what_to_do(design):
    door = Door()
    _check_subgroups(replace(PROTOCOL, design=design), door)
    why, cure = NO_GROUPS[design.kind]
    assert door.problems[0].found.endswith(why)
    assert door.problems[0].cure == cure


def test_records_at_a_cut_off_have_subgroups_too():
    door = Door()
    design = RddDesign(unit="la", running="score", cutoff=1.0, side="above")
    _check_subgroups(replace(PROTOCOL, design=design), door)
    assert not door.problems
    rng = np.random.default_rng(4)
    score = rng.uniform(-1, 1, 2000)
    kind = np.where(rng.random(2000) < 0.5, "town", "land")
    y = score + np.where(score >= 0, np.where(kind == "town", 3.0, 1.0), 0.0) + rng.normal(0, 0.5, 2000)
    frame = pd.DataFrame({"la": range(2000), "score": score, "urban": kind, "y": y})
    asked = replace(PROTOCOL, outcomes=(replace(PROTOCOL.primary, column="y"),), design=replace(design, cutoff=0.0, side="at or above"))
    table = bind(asked, frame)
    room = room_for("rdd")
    made = _by_subgroup(room, asked, table, room.answer(asked, table, quiet), quiet)
    rows = {(row[1], row[2]): row[3] for row in made.tables[-1].rows}
    assert rows["land", "effect"] == pytest.approx(1, abs=0.4)
    assert rows["town", "less land"] == pytest.approx(2, abs=0.5)


def test_a_difference_takes_each_interval_s_own_sides():
    one = replace(estimate(1.0), conf_low=0.0, conf_high=4.0)
    other = replace(estimate(5.0), conf_low=1.0, conf_high=6.0)
    assert difference(one, other) == pytest.approx((4.0, 4 - 5.0, 4 + 2**0.5))
    assert difference(replace(one, conf_low=None), other) is None


def test_no_difference_is_called_one_where_the_interval_holds_zero():
    _, said = read_levels([levels(-3.0, 0.5, half=2.6)])  # one level clear, the other not, and their interval holds 0
    assert "no difference in effect is shown" in said.reading
    assert "by more than chance" not in said.reading
    _, said = read_levels([levels(-6.0, 0.5)])
    assert "differs by Sex by more than chance" in said.reading


def test_among_many_subgroups_one_difference_that_chance_would_give_is_none():
    quiet_ones = [levels(0.0, 0.1, label=f"group {i}") for i in range(9)]
    just = levels(0.0, 2.9, label="just")
    assert just.p_value < 0.05
    assert "By just, group 0" in read_levels([just, *quiet_ones])[1].reading
    assert "by more than chance" not in read_levels([just, *quiet_ones])[1].reading


def test_where_levels_are_alike_any_is_called_different_in_at_most_five_of_a_hundred(monkeypatch):
    """1,000 studies with two subgroups of two levels and one of four: within three Monte Carlo errors of 5%."""
    monkeypatch.setattr(gc, "collect", lambda: 0)  # statsmodels collects garbage on every call
    rng = np.random.default_rng(20261128)
    called = 0
    for z in rng.normal(size=(1000, 8)):
        made = [levels(*z[:2], half=1.959964), levels(*z[2:4], half=1.959964), levels(*z[4:], half=1.959964)]
        called += "by more than chance" in read_levels(made)[1].reading
    assert 0.02 < called / 1000 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)


def gone(*sizes, persons=True, sides=()):
    made = [(("Sex", f"level {i}", "effect", n, 2 * n), n) for i, n in enumerate(sizes)]
    made += [(("Sex", f"level {i}", "less level 0", None, None), min(n, sizes[0])) for i, n in enumerate(sizes) if i]
    rules = SimpleNamespace(persons=persons, few=lambda n: n < 10, sides=sides, profile=SimpleNamespace(threshold=10),
                            behind=Behind())  # fmt: skip
    columns = ["subgroup", "level", "what", "treated", "comparison"]
    table = {"columns": columns, "rows": [list(row) for row, _ in made], "n": [n for _, n in made]}
    return sorted(made[i][0][1:3] for i in closed_levels(table, rules))


def test_few_of_whom_no_level_is_said_are_not_the_headline_less_the_levels():
    """Three treated of no level: 243 treated less 200 and 40. And two levels of 3 each would be six together."""
    assert gone(200, 40, sides=(240, 480)) == []
    assert gone(200, 40, sides=(237, 480)) == [("level 1", "effect"), ("level 1", "less level 0")]  # three more in levels
    assert gone(200, 40, sides=(243, 480)) == [("level 1", "effect"), ("level 1", "less level 0")]
    assert gone(200, 40, sides=(240, 489)) == [("level 1", "effect"), ("level 1", "less level 0")]
    assert gone(200, 40, sides=(280, 500)) == []
    assert gone(200, 40, 3, 3, sides=(246, 492)) == [
        *((f"level {i}", what) for i in (1, 2, 3) for what in ("effect", "less level 0"))
    ]


def test_a_thin_level_takes_the_next_thinnest_with_it_and_every_difference_of_either():
    assert gone(200, 40, 3) == [("level 1", "effect"), ("level 1", "less level 0"), ("level 2", "effect"),
                                ("level 2", "less level 0")]  # fmt: skip
    assert gone(3, 200) == [("level 0", "effect"), ("level 1", "effect"), ("level 1", "less level 0")]
    assert gone(200, 40, 30) == []
    assert gone(200, 3, persons=False) == []
