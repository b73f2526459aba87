"""A protocol meets its data: every bad line of the issue ends in one sentence with its cure, and nothing is filled in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.protocol import Caution, DataSource, DidDesign, ItsDesign, MatchingDesign, Outcome, SynthDesign


def with_cell(panel, row, column, value):
    changed = panel.copy()
    changed.loc[row, column] = value
    return changed


def caution(first, last="", handling="drop the periods"):
    return Caution(kind="shock", label="Closure", first=first, last=last, handling=handling)


def test_a_good_panel_is_bound_to_positions(protocol, panel):
    table = bind(protocol(), panel)
    assert table.periods == ("2014", "2015", "2016", "2017")
    assert table.frame["year"].tolist() == [0, 1, 2, 3] * 3
    assert table.frame.groupby("la")["opened"].first().tolist()[0] == 2.0
    assert table.frame.loc[table.frame["la"] != "A", "opened"].isna().all()
    assert table.frame["rate"].dtype == float


def test_the_callers_frame_is_not_touched(protocol, panel):
    before = panel.copy(deep=True)
    bind(protocol(), panel)
    pd.testing.assert_frame_equal(panel, before)


def test_order_of_rows_does_not_matter(protocol, panel):
    shuffled = panel.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(bind(protocol(), panel).frame, bind(protocol(), shuffled).frame)


def test_every_wrong_column_is_named_at_once(protocol, panel, said):
    wrong = protocol(
        design=DidDesign(unit="laa", time="yaer", start="openned", covariates=("poverty",), weights="weight"),
        outcomes=(Outcome(column="ratte", label="R", unit="u"),),
    )
    message = said(bind, wrong, panel)
    for near in ("'la'", "'year'", "'opened'", "'rate'"):
        assert f"Did you mean {near}?" in message
    assert "design.weights" in message
    assert "poverty" in message


def test_a_repeated_unit_and_period_is_refused(protocol, panel, said):
    message = said(bind, protocol(), pd.concat([panel, panel[panel["la"] == "B"]]))
    assert "4 row(s) repeat a unit and period" in message


def test_one_council_four_times_a_year_is_refused(protocol, panel, said):
    """Published quarterly rows under one yearly label: a trap really present in the department's files."""
    message = said(bind, protocol(), pd.concat([panel] * 4))
    assert "36 row(s) repeat" in message
    assert "Remove or add up" in message


def test_text_in_a_number_column_is_refused(protocol, panel, said):
    assert "text where a number should be" in said(bind, protocol(), with_cell(panel, 3, "rate", "ten"))


def test_marks_are_refused_until_declared_then_counted(protocol, panel, said):
    marked = with_cell(panel, 3, "rate", "c")
    assert 'missing_marks = ["c"]' in said(bind, protocol(), marked)
    table = bind(protocol(marks=("c",)), marked)
    assert table.frame["rate"].isna().sum() == 1
    assert "c × 1" in table.flow[-1].note
    assert "not filled in" in table.flow[-1].note


def test_a_column_without_any_number_is_refused(protocol, panel, said):
    assert "no number at all" in said(bind, protocol(marks=("c",)), panel.assign(rate="c"))


def test_a_start_after_the_last_period_is_refused_by_name(protocol, panel, said):
    late = panel.assign(opened=np.where(panel["la"] == "A", "2020", ""))
    message = said(bind, protocol(), late)
    assert "1 unit(s) start after the last period 2017 (A)" in message


@pytest.mark.parametrize("never", ["", "0", "0.0", "inf", "Inf", "never", "Never"])
def test_the_ways_of_writing_never(protocol, panel, never):
    table = bind(protocol(), panel.assign(opened=np.where(panel["la"] == "A", "2016", never)))
    assert table.frame["opened"].isna().sum() == 8
    assert any("read as never treated" in step.note for step in table.flow) == never.startswith("0")


def test_two_starts_of_one_unit_are_refused(protocol, panel, said):
    assert "more than one start (A)" in said(bind, protocol(), with_cell(panel, 0, "opened", "2015"))


def test_a_start_that_is_no_period_is_refused(protocol, panel, said):
    message = said(bind, protocol(), panel.assign(opened=np.where(panel["la"] == "A", "soon", "")))
    assert "4 row(s), 1 unit(s), of 'opened' cannot be read as a period" in message


def test_a_start_dated_more_finely_than_the_data_is_placed(protocol, panel):
    dated = panel.assign(opened=np.where(panel["la"] == "A", "01/04/2016", ""))
    assert bind(protocol(data=DataSource(year="calendar")), dated).frame["opened"].max() == 2


def test_a_start_dated_more_coarsely_than_the_data_is_refused(protocol, said):
    months = pd.DataFrame({"la": ["A"] * 3 + ["B"] * 3, "year": ["2016-01", "2016-02", "2016-03"] * 2,
                           "opened": ["2016"] * 3 + [""] * 3, "rate": range(6)})
    assert "Date the starts at least that finely" in said(bind, protocol(), months)


def test_periods_that_are_none_are_refused_with_their_first_row(protocol, panel, said):
    for text in ("0", "2014-16", "2013/14-15/16", "whenever"):
        assert "are not periods, first in data row 2" in said(bind, protocol(), with_cell(panel, 1, "year", text))
    assert "(blank)" in said(bind, protocol(), with_cell(panel, 1, "year", ""))


def test_mixed_kinds_of_period_are_refused(protocol, panel, said):
    assert "mixes" in said(bind, protocol(), with_cell(panel, 1, "year", "2015Q1"))


def test_blank_units_are_refused(protocol, panel, said):
    message = said(bind, protocol(), with_cell(panel, 1, "la", ""))
    assert "1 row(s) of 'la' are blank" in message


def test_dates_a_month_apart_are_months(protocol):
    frame = pd.DataFrame({"la": ["A"] * 3 + ["B"] * 3, "year": ["01/04/2017", "01/05/2017", "01/06/2017"] * 2,
                          "opened": ["2017-05-01"] * 3 + [""] * 3, "rate": range(6)})
    assert bind(protocol(), frame).periods == ("2017-04", "2017-05", "2017-06")


def test_dates_a_quarter_apart_are_quarters(protocol):
    frame = pd.DataFrame({"la": ["A"] * 3 + ["B"] * 3, "year": ["2017-03-31", "2017-06-30", "2017-09-30"] * 2,
                          "opened": ["2017-05-01"] * 3 + [""] * 3, "rate": range(6)})
    assert bind(protocol(), frame).periods == ("2017Q1", "2017Q2", "2017Q3")


def test_several_dates_in_one_month_are_refused(protocol, panel, said):
    days = panel.assign(year=["2017-04-01", "2017-04-08", "2017-04-15", "2017-04-22"] * 3, opened="")
    assert "several dates in one month" in said(bind, protocol(), days)


def test_a_year_absent_from_every_unit_is_left_a_gap_and_said(protocol, panel):
    table = bind(protocol(), panel[panel["year"] != "2015"])
    assert table.periods == ("2014", "2015", "2016", "2017")
    assert set(table.frame["year"]) == {0, 2, 3}
    assert "2015" in table.notes[0].reason


def test_departments_financial_years(protocol, panel):
    table = bind(protocol(), panel.assign(year=["201314", "201415", "201516", "201617"] * 3, opened=""))
    assert table.periods[0] == "2013/14"


def test_declared_periods_are_dropped_and_said(protocol, panel):
    table = bind(protocol(cautions=(caution("2015"),)), panel[panel["year"] != "2017"])
    assert set(table.frame["year"]) == {0}, "a caution without a last period goes on to the end"
    table = bind(protocol(cautions=(caution("2015", "2015"),)), panel)
    assert set(table.frame["year"]) == {0, 2, 3}
    assert "left out, as declared" in table.flow[-1].note


def test_dropping_every_period_is_refused(protocol, panel, said):
    assert "no row is left" in said(bind, protocol(cautions=(caution("2010", "2030"),)), panel)


def test_a_caution_that_cannot_be_placed_is_refused(protocol, panel, said):
    assert "Write its periods as in the data" in said(bind, protocol(cautions=(caution("spring"),)), panel)


def test_a_caution_that_ends_before_it_begins_is_refused(protocol, panel, said):
    assert "ends before it begins" in said(bind, protocol(cautions=(caution("2016", "2015"),)), panel)


def test_one_column_in_two_parts_is_refused(protocol, panel, said):
    wrong = protocol(outcomes=(Outcome(column="year", label="Y", unit="u"),))
    assert "is given two parts" in said(bind, wrong, panel)


def test_a_semicolon_file_in_windows_encoding_binds(protocol, panel, tmp_path):
    path = tmp_path / "panel.csv"
    path.write_bytes(panel.replace({"la": {"A": "Café"}}).to_csv(index=False, sep=";").encode("cp1252"))
    table = bind(protocol(), path)
    assert "Café" in set(table.frame["la"])
    assert {note.what for note in table.notes} == {"Reading"}


def test_declared_marks_apply_to_every_number_column(protocol, panel):
    design = DidDesign(unit="la", time="year", start="opened", weights="pop", covariates=("poverty",))
    table = bind(
        protocol(marks=("x",), design=design),
        panel.assign(pop=["100", "x"] * 6, poverty=["1", "x"] * 6),
    )
    assert table.frame["pop"].isna().sum() == 6
    assert table.frame["poverty"].isna().sum() == 6


def test_interrupted_series_of_one_unit(protocol, panel):
    design = ItsDesign(time="year", start="2016", unit="la", treated="A", control=("B",))
    table = bind(protocol(design=design), panel)
    assert set(table.frame["la"]) == {"A", "B"}
    assert table.start == 2


@pytest.mark.parametrize(("start", "words"), [("2014", "not after the first"), ("2030", "after the last"), ("x", "cannot be placed")])
def test_a_single_start_must_lie_inside_the_data(protocol, panel, said, start, words):
    design = ItsDesign(time="year", start=start, unit="la", treated="A")
    assert words in said(bind, protocol(design=design), panel)


def test_units_that_are_not_there_are_named(protocol, panel, said):
    design = SynthDesign(unit="la", time="year", treated="Z", start="2016")
    assert "no unit 'Z'" in said(bind, protocol(design=design), panel)


def test_one_series_with_a_repeated_period_is_refused(protocol, panel, said):
    assert "repeat a period" in said(bind, protocol(design=ItsDesign(time="year", start="2016")), panel)


def test_records_bind_with_one_row_a_person(protocol, said):
    design = MatchingDesign(unit="id", treated="hub", covariates=("age",))
    frame = pd.DataFrame({"id": ["1", "2", "3"], "hub": ["1", "0", "0"], "age": ["3", "", "4"], "rate": ["1", "2", "c"]})
    matching = protocol(design=design, data=DataSource(missing_marks=("c",)))
    table = bind(matching, frame)
    assert table.periods == ()
    assert np.isnan(table.frame["age"][1])
    assert "repeat an id" in said(bind, matching, pd.concat([frame, frame]))
    assert "are blank" in said(bind, matching, with_cell(frame, 0, "id", ""))


def test_several_problems_come_together(protocol, panel):
    bad = with_cell(with_cell(panel, 0, "rate", "c"), 1, "opened", "soon")
    with pytest.raises(BadInput) as error:
        bind(protocol(), bad)
    assert len(error.value.problems) == 2


def test_the_same_data_have_the_same_hash_from_a_frame(protocol, panel):
    assert bind(protocol(), panel).sha256 == bind(replace(protocol()), panel.copy()).sha256
