"""What the calendar leaves a hub that opens on a given day: each state where it is true, and nowhere else."""

from __future__ import annotations

import json
from datetime import date

import pytest

from hubeval.data.calendar import calendar
from hubeval.errors import BadInput
from hubeval.profile import Fact, Profile, read_profile
from hubeval.readiness import assess
from hubeval.readiness.openings import ended, ways

TODAY = date(2026, 11, 28)


def asked(opens, sites=6, facts=()):
    readiness = assess(Profile(area="A", opens=opens, sites=sites, facts=tuple(facts)), today=TODAY)
    return {way.name: way for way in readiness.ways}, str(readiness)


def known(criterion, low, high):
    return Fact(criterion=criterion, low=low, high=high, kind="fact", quote="q", source="s", dated="2026")


def test_the_day_is_the_calendars():
    universal = [event for event in calendar().events if event.universal]
    assert ended().first == min(event.first for event in universal)


def test_a_hub_of_2027_has_no_area_without():
    found, text = asked("2027")
    assert {name: way.state for name, way in found.items()} == {
        "Areas without a hub": "no longer", "Sites that open later": "can", "Areas with hardly any of it": "ask",
        "Places just below a cut-off": "ask", "Its own past": "can"}
    assert "From 2026-04-01 no area of England is without" in found["Areas without a hub"].because
    assert not found["Areas without a hub"].record
    assert "hubeval rollout" in found["Sites that open later"].record
    assert "Start now: two years" in found["Its own past"].record
    assert "Record now, so that it can be compared later" in text
    assert "opens in 2027" in text


def test_a_hub_of_2023_had_some_and_its_past_is_behind_it():
    found, _ = asked("2023")
    areas = found["Areas without a hub"]
    assert areas.state == "until"
    assert "at least 27 months after an opening in 2023" in areas.because
    assert found["Areas with hardly any of it"].state == "cannot"
    assert "hubeval rollout" not in found["Sites that open later"].record
    assert "Start now" not in found["Its own past"].record


@pytest.mark.parametrize(("opens", "state"), [("2026-03-31", "until"), ("2026-04-01", "no longer"), ("2026-04", "no longer"),
                                              ("2026", "until"), ("2026-03", "until")])
def test_the_edge_is_a_day(opens, state):
    found, _ = asked(opens)
    assert found["Areas without a hub"].state == state
    if opens in {"2026", "2026-03"}:
        assert "hardly any time" in found["Areas without a hub"].because


def test_one_site_has_no_order_and_an_uncounted_number_is_asked():
    assert asked("2027", sites=1)[0]["Sites that open later"].state == "cannot"
    unknown = asked("2027", sites=None)[0]["Sites that open later"]
    assert unknown.state == "ask"
    assert "not in the profile" in unknown.because


def test_what_is_known_of_assignment_and_of_the_series_decides():
    assert asked("2027", facts=[known("CA2", 4, 4)])[0]["Places just below a cut-off"].state == "can"
    shut = asked("2027", facts=[known("CA2", 1, 2)])[0]["Places just below a cut-off"]
    assert shut.state == "cannot"
    assert not shut.record
    short = asked("2027", facts=[known("DS2", 1, 1)])[0]["Its own past"]
    assert short.state == "cannot"
    assert short.record


def test_without_a_day_nothing_is_said():
    readiness = assess(Profile(area="A"), today=TODAY)
    assert readiness.ways == ()
    assert "by the calendar" not in str(readiness)
    assert "Record now" not in str(readiness)
    assert ways(Profile(area="A"), (), TODAY) == ()


def test_a_day_is_read_from_a_file_and_kept(tmp_path):
    path = tmp_path / "profile.toml"
    path.write_text('area = "A"\nopens = 2027-09-01\n', encoding="utf-8")
    profile = read_profile(path)
    assert profile.opens == "2027-09-01"
    again = tmp_path / "profile.json"
    again.write_text(json.dumps(profile.to_dict()), encoding="utf-8")
    assert read_profile(again).opens == "2027-09-01"


@pytest.mark.parametrize("wrong", ['"soon"', '"2027-13"', "true", '"09/2027"', "[2027]"])
def test_a_day_that_is_none_is_refused(tmp_path, wrong):
    path = tmp_path / "profile.toml"
    path.write_text(f'area = "A"\nopens = {wrong}\n', encoding="utf-8")
    with pytest.raises(BadInput, match="opens"):
        read_profile(path)


def test_a_number_for_a_year_will_do(tmp_path):
    path = tmp_path / "profile.toml"
    path.write_text('area = "A"\nopens = 2027\n', encoding="utf-8")
    assert read_profile(path).opens == "2027"
