"""Values and units that cannot be right are raised, and those that can are not."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.data.calendar import check_country
from hubeval.data.checks import check
from hubeval.detectable import power
from hubeval.errors import BadInput, Door
from hubeval.protocol import Caution, DataSource, ItsDesign, MatchingDesign, Outcome


@pytest.fixture
def world():
    """Twelve places over eight years, four of which open in the fifth."""
    rng = np.random.default_rng(1)
    la = np.repeat([f"Place {i}" for i in range(12)], 8)
    base = np.repeat(rng.normal(50, 5, 12), 8)
    return pd.DataFrame({"la": la, "year": np.tile(np.arange(2010, 2018), 12),
                         "opened": np.repeat([2014] * 4 + [0] * 8, 8), "rate": base + rng.normal(0, 1, 96)})


def raised(protocol, frame, unit="per 10,000", **more):
    worth = more.pop("worth", None)
    label = more.pop("label", "Referrals")
    outcome = Outcome(column="rate", label=label, unit=unit, smallest_worthwhile=worth)
    return {d.name: d for d in check(protocol(outcomes=(outcome,), **more), frame).diagnostics
            if d.status in {"fail", "caution"}}


NEW = {"range", "codes for no value", "weights", "records twice", "totals", "copies", "unit of measurement", "raw counts",
       "scale", "worthwhile"}


def test_nothing_is_raised_of_a_clean_panel(protocol, world):
    assert not NEW & set(raised(protocol, world, worth=2.0))


@pytest.mark.parametrize(("unit", "factor"), [("% of children", 3.0), ("share of referrals", 1.0), ("per 10,000", -1.0)])
def test_values_that_cannot_be(protocol, world, unit, factor):
    said = raised(protocol, world.assign(rate=world["rate"] * factor), unit=unit)
    assert said["range"].status == "fail"


def test_shares_called_percentages(protocol, world):
    assert "look like shares" in raised(protocol, world.assign(rate=world["rate"] / 100), unit="%")["range"].reading


@pytest.mark.parametrize("unit", ["percentage points", "mean score", "£ per child", "change in referrals"])
def test_what_may_be_negative_or_large_is_not_raised(protocol, world, unit):
    assert "range" not in raised(protocol, world.assign(rate=-10 * world["rate"]), unit=unit)


@pytest.mark.parametrize(("code", "status"), [(999.0, "caution"), (-99.0, "fail"), (-9.0, "fail")])
def test_codes_for_no_value(protocol, world, code, status):
    world.loc[[3, 40], "rate"] = code
    said = raised(protocol, world)["codes for no value"]
    assert said.status == status
    assert f'missing_marks = ["{code:g}"]' in said.reading


def test_a_high_number_among_high_numbers_is_no_code(protocol, world):
    frame = world.assign(rate=world["rate"].round() + 950)
    frame.loc[3, "rate"] = 999.0
    assert "codes for no value" not in raised(protocol, frame)


@pytest.mark.parametrize("name", ["England", "E92000001", "TOTAL", "North East", "E12000001", "Inner London", "All LAs"])
@pytest.mark.parametrize("verb", [bind, check, power])
def test_totals_among_places_are_refused_by_every_verb_until_they_are_left_out(protocol, world, name, verb):
    frame = world.replace("Place 11", name)
    with pytest.raises(BadInput, match="totals of places") as stopped:
        verb(protocol(), frame)
    lines = tomllib.loads("[[cautions]]" + str(stopped.value).partition("[[cautions]]")[2])["cautions"][0]
    caution = Caution(**(lines | {"areas": tuple(lines["areas"])}))
    assert name not in set(bind(protocol(cautions=(caution,)), frame).frame["la"])


def test_regions_among_regions_and_the_ids_of_persons_are_no_totals(protocol, world):
    names = ("London", "North East", "North West", "South East", "South West", "East Midlands", "West Midlands")
    regions = world.replace({f"Place {i}": name for i, name in enumerate(names)})
    assert set(names) <= set(bind(protocol(), regions).frame["la"])
    people = protocol(data=DataSource(units="person"))
    assert "England" in set(bind(people, world.replace("Place 11", "England")).frame["la"])


def test_a_total_that_the_protocol_names_is_its_choice(protocol, world):
    frame = world.replace("Place 11", "England")
    design = ItsDesign(unit="la", time="year", treated="Place 0", control=("England",), start="2014")
    assert "totals" not in raised(protocol, frame, design=design)


def test_one_place_under_two_names(protocol, world):
    world.loc[world["la"] == "Place 11", "rate"] = world.loc[world["la"] == "Place 10", "rate"].to_numpy()
    assert "copies" in raised(protocol, world)


@pytest.mark.parametrize("scale", [10, 100])
def test_half_the_units_in_another_unit_of_measurement(protocol, world, scale):
    late = world["la"].isin([f"Place {i}" for i in range(6)]) & (world["year"] >= 2015)
    said = raised(protocol, world.assign(rate=world["rate"].where(~late, world["rate"] * scale)))["unit of measurement"]
    assert said.status == "fail"
    assert f"about {scale}-fold in 50% of units" in said.reading


def test_a_halving_is_no_other_unit(protocol, world):
    late = world["year"] >= 2015
    assert "unit of measurement" not in raised(protocol, world.assign(rate=world["rate"].where(~late, world["rate"] / 2)))


def test_raw_counts_across_places_of_unlike_size(protocol, world):
    size = np.repeat(np.geomspace(1, 20, 12), 8)
    counts = world.assign(rate=(world["rate"] * size).round())
    assert "raw counts" in raised(protocol, counts, unit="referrals")
    assert "raw counts" not in raised(protocol, counts, unit="referrals per 10,000 children")
    assert "raw counts" not in raised(protocol, world.assign(rate=world["rate"].round()), unit="referrals")


def test_a_worthwhile_change_beyond_the_range(protocol, world):
    assert "worthwhile" in raised(protocol, world, worth=5000.0)


@pytest.mark.parametrize(("label", "is_log"), [("Log referrals", True), ("Referrals (ln)", True), ("Catalogue items", False)])
def test_a_logarithm_made_by_hand(protocol, world, label, is_log):
    assert ("scale" in raised(protocol, world, label=label)) == is_log


def test_two_logarithms_made_by_hand_are_told_in_one_sentence(protocol, world):
    frame = world.assign(ln_rate=np.log(world["rate"]), ln_more=np.log(world["rate"] + 1))
    logs = tuple(Outcome(column=name, label=label, unit="points") for name, label in (("ln_rate", "One"), ("ln_more", "Two")))
    said = [d for d in check(protocol(outcomes=logs), frame).diagnostics if d.name == "scale"]
    assert [d.reading.split(" look ")[0] for d in said] == ["One, Two"]


def test_every_record_twice(protocol):
    rng = np.random.default_rng(2)
    one = pd.DataFrame({"d": np.arange(40) % 2, "x": rng.normal(size=40), "rate": rng.normal(size=40)})
    design = MatchingDesign(unit="id", treated="d", covariates=("x",))
    said = raised(protocol, pd.concat([one, one]).assign(id=[f"r{i}" for i in range(80)]), unit="score", design=design)
    assert "stands 2 times" in said["records twice"].reading
    assert "records twice" not in raised(protocol, one.assign(id=[f"r{i}" for i in range(40)]), unit="score",
                                         design=design)


def test_weights_that_are_years(protocol):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"id": [f"r{i}" for i in range(40)], "d": np.arange(40) % 2, "x": rng.normal(size=40),
                          "w": 2010 + np.arange(40) % 3, "rate": rng.normal(size=40)})
    design = MatchingDesign(unit="id", treated="d", covariates=("x",), weights="w")
    assert "weights" in raised(protocol, frame, unit="score", design=design)


@pytest.mark.parametrize("country", ["england", "UK", "Engalnd", "ENGLAND ", "Great Britain"])
def test_a_slip_for_the_calendars_country_is_refused(protocol, panel, said, country):
    from hubeval.data.bind import bind

    assert 'Write country = "England"' in said(bind, protocol(country=country), panel)


def test_another_country_is_said(protocol, panel):
    found = check(protocol(country="Wales", data=DataSource(units="authority")), panel)
    assert any("ships the calendar of England only" in note.reason for note in found.notes)
    door = Door()
    assert check_country("Finland", door)
    assert not door.problems
