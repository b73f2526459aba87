"""What a year is: said in the protocol, seen in the data, or asked; and every date placed by that one rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.data.calendar import crossings
from hubeval.data.clock import Clock, clock_for, placed
from hubeval.data.periods import Period
from hubeval.protocol import Caution, DataSource, DidDesign, ItsDesign


def years(said, **more):
    return {"data": DataSource(year=said), **more}


def opened(panel, when):
    return panel.assign(opened=np.where(panel["la"] == "A", when, ""))


@pytest.mark.parametrize(
    ("said", "when", "label"),
    [
        ("financial, named by its end", "2016-04-01", "2016/17"),
        ("financial, named by its end", "2017-03-31", "2016/17"),
        ("financial", "2017", "2016/17"),
        ("financial", "2016/17", "2016/17"),
        ("financial, named by its start", "2016-04-01", "2016/17"),
        ("financial, named by its start", "2016", "2016/17"),
        ("academic", "2016-04-01", "2015/16"),
        ("academic, named by its start", "2016-09-01", "2016/17"),
        ("calendar", "2016-04-01", "2016"),
    ],
)
def test_a_start_falls_in_the_year_that_the_protocol_says(protocol, panel, said, when, label):
    table = bind(protocol(**years(said)), opened(panel, when))
    assert table.periods[int(table.frame["opened"].max())] == label


def test_a_date_on_bare_years_is_asked_about_and_not_guessed(protocol, panel, said):
    for when in ("2016-04-01", "2016/17", "2016Q2"):
        message = said(bind, protocol(), opened(panel, when))
        assert "what they are is not said" in message
        assert '[data] year = "financial, named by its end"' in message


def test_bare_years_with_bare_starts_need_nothing_said(protocol, panel):
    assert bind(protocol(), panel).periods == ("2014", "2015", "2016", "2017")


def test_a_caution_and_a_single_start_follow_the_same_rule(protocol, panel):
    declared = protocol(
        **years("financial"), design=ItsDesign(unit="la", time="year", treated="A", start="2015-06-01"),
        cautions=(Caution(kind="shock", label="S", first="2016-04-01", last="2017-03-01", handling="drop the periods"),),
    )
    table = bind(declared, panel)
    assert table.periods == ("2013/14", "2014/15", "2015/16", "2016/17")
    assert table.start == 2
    assert table.frame["year"].tolist() == [0, 1, 2]
    written = placed(declared, table.clock)
    assert (written.design.start, written.cautions[0].first, written.cautions[0].last) == (
        "2015/16", "2016/17", "2016/17")


def test_the_departments_own_column_says_what_its_years_are(protocol, panel):
    table = bind(protocol(), opened(panel, "2016-09-01").assign(time_identifier="Academic year"))
    assert table.periods[int(table.frame["opened"].max())] == "2016/17"
    assert any("academic years" in note.reason for note in table.notes)


def test_dates_on_the_first_of_april_are_financial_years(protocol, panel):
    dated = panel.assign(year=panel["year"] + "-04-01")
    assert bind(protocol(), opened(dated, "2016-05-01")).periods == ("2014/15", "2015/16", "2016/17", "2017/18")


@pytest.mark.parametrize(("said_as", "times"), [("calendar", "2014/15 2015/16"), ("financial", "2014Q1 2014Q2")])
def test_a_meaning_that_the_periods_cannot_have_is_refused(protocol, said, said_as, times):
    frame = pd.DataFrame({"la": ["A"] * 2 + ["B"] * 2, "year": times.split() * 2, "opened": "", "rate": range(4)})
    assert "does not apply" in said(bind, protocol(**years(said_as)), frame)


def test_calendar_events_follow_the_same_rule(protocol):
    frame = pd.DataFrame({"la": np.repeat(["Leeds", "Kent"], 8), "year": list(map(str, range(2018, 2026))) * 2,
                          "opened": "", "rate": range(16)})
    declared = {said: protocol(**years(said)) for said in ("calendar", "financial")}
    first = {}
    for name, made in declared.items():
        found = {c.event.id: c.first for c in crossings(made, bind(made, frame))}
        first[name] = found["covid-19"]
    assert first == {"calendar": "2020", "financial": "2019/20"}


def test_a_clock_says_its_periods_in_full():
    assert clock_for("year", "academic").in_full(Period("financial year", 2017)) == (
        "academic year 2017/18, from 1 September 2017")
    assert Clock(frequency="month").in_full(Period("month", 2017 * 12)) == "2017-01"


@pytest.mark.parametrize(
    "times",
    [[f"2009{m:02d}" for m in range(1, 13)], ["200910", "200911"], ["2009-09", "2009-10"]],
)
def test_months_in_six_digits_are_months_among_months(protocol, times):
    frame = pd.DataFrame({"la": ["A"] * len(times), "year": times, "rate": range(len(times))})
    table = bind(protocol(design=ItsDesign(time="year", start=times[1])), frame)
    assert table.clock.frequency == "month"
    assert table.start == 1


def test_hyphened_years_are_years_among_years(protocol):
    times = ["2009-10", "2010-11", "2011-12"]
    frame = pd.DataFrame({"year": times, "rate": range(3)})
    assert bind(protocol(design=ItsDesign(time="year", start="2010-11")), frame).periods == (
        "2009/10", "2010/11", "2011/12")


@pytest.mark.parametrize("form", ["{} 13:45", "{}T09:00:00Z", "{} 23:30:00.000+01:00", "{} 00:00"])
def test_a_date_with_a_time_and_a_zone_is_its_day_and_said(protocol, form):
    times = [form.format(f"2019-0{m}-15") for m in range(1, 6)]
    table = bind(protocol(design=ItsDesign(time="year", start="2019-03")), pd.DataFrame({"year": times, "rate": range(5)}))
    assert table.periods[0] == "2019-01"
    assert any("times and zones are left aside" in note.reason for note in table.notes)


@pytest.mark.parametrize("year", ["1800", "0001-01-01", "2150"])
def test_years_that_cannot_be_are_refused(protocol, panel, said, year):
    dated = panel.assign(year=panel["year"] + ("-01-01" if "-" in year else ""))
    dated.loc[0, "year"] = year
    message = said(bind, protocol(), dated)
    assert "dated before 1900 or after 2100" in message or "not periods" in message


@pytest.mark.parametrize("word", ["no hub", "None", "n/a", "NA", "NaN", "tbc"])
def test_a_word_for_no_start_is_asked_about_with_its_units(protocol, panel, said, word):
    frame = panel.assign(opened=np.where(panel["la"] == "A", "2016", word))
    message = said(bind, protocol(), frame)
    assert f'8 row(s), 2 unit(s), of \'opened\' hold "{word}"' in message
    assert f'never_marks = ["{word}"]' in message
    table = bind(protocol(data=DataSource(never_marks=(word,))), frame)
    assert table.frame["opened"].isna().sum() == 8


def test_flags_in_a_start_column_are_told_from_coarse_dates(protocol, panel, said):
    flags = panel.assign(opened=np.where(panel["la"] == "A", "1", "0"))
    message = said(bind, protocol(), flags)
    assert "say that a unit is treated, and not since when" in message
    assert "that finely" not in message


def test_a_date_where_a_column_is_wanted_says_so(protocol, panel, said):
    message = said(bind, protocol(design=DidDesign(unit="la", time="year", start="2018")), panel)
    assert "is a date, and this design takes a column" in message


def test_a_wide_sheet_is_named_with_the_verb_that_tidies_it(protocol, said):
    wide = pd.DataFrame({"la": ["A", "B"], "2014/15": [1, 2], "2015/16": [1, 2], "2016/17": [3, 4]})
    message = said(bind, protocol(), wide)
    assert "looks like a wide sheet" in message
    assert "hubeval import" in message


@pytest.mark.parametrize("key", ["weights", "exposure"])
def test_the_year_is_no_weight(protocol, panel, said, key):
    design = DidDesign(unit="la", time="year", start="opened", weights="year") if key == "weights" else (
        ItsDesign(unit="la", time="year", treated="A", start="2016", exposure="year"))
    assert "given two parts" in said(bind, protocol(design=design), panel)


def test_linked_must_name_a_column(protocol, panel, said):
    assert "data.linked: no column 'liked'" in said(bind, protocol(data=DataSource(linked="liked")), panel)


def test_a_first_row_of_data_is_not_shown(protocol, tmp_path, said):
    path = tmp_path / "p.csv"
    path.write_text("JANE-DOE,1,-0.65,2.5\nB,0,0.1,3.5\n")
    message = said(bind, protocol(), path)
    assert "numbers where names of columns should stand" in message
    assert "JANE" not in message
