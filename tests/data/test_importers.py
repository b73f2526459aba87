"""The three shapes that hubs and departments hold, with the traps really present in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.data.importers import (
    SCALES,
    area_by_period,
    explore_education_statistics,
    looks_like_management_information,
    management_information,
    score_pairs,
)
from hubeval.protocol import DataSource, DidDesign, Outcome

MARKS = ("c", "x", "z", "k", "u", "low", "~", "-", "..")


def department(**changes):
    """Two authorities, three school years, a national row, sex as a filter."""
    rows = [
        (p, "Academic year", level, code, name, sex, value)
        for p in ("201819", "202122", "202223")
        for level, code, name in (("National", "", ""), ("Local authority", "E06000023", "Bristol, City of"),
                                  ("Local authority", "E10000012", "Essex"))
        for sex, value in (("Total", "71.8"), ("Girls", "78.4"))
    ]
    columns = ["time_period", "time_identifier", "geographic_level", "new_la_code", "la_name", "sex", "gld_percent"]
    return pd.DataFrame(rows, columns=columns).assign(**changes)


def test_the_departments_layout_becomes_one_row_an_authority_and_year():
    out = explore_education_statistics(department(), indicators=["gld_percent"], where={"sex": "Total"})
    assert out.columns.tolist() == ["la_code", "la_name", "period", "gld_percent"]
    assert len(out) == 6
    assert out["period"].unique().tolist() == ["2018/19", "2021/22", "2022/23"]
    assert set(out["la_name"]) == {"Bristol, City of", "Essex"}


def test_repeated_rows_are_refused_with_the_column_that_tells_them_apart(said):
    message = said(explore_education_statistics, department(), indicators=["gld_percent"])
    assert "6 row(s) repeat" in message
    assert "Choose one value of sex" in message


def test_rows_that_repeat_for_no_reason_are_refused(said):
    frame = department()
    message = said(explore_education_statistics, pd.concat([frame, frame]), indicators=["gld_percent"], where={"sex": "Total"})
    assert "Remove the repeats" in message


def test_every_mark_is_kept_for_the_protocol_to_declare(protocol):
    frame = department()
    frame.loc[frame["sex"] == "Total", "gld_percent"] = [*MARKS]
    out = explore_education_statistics(frame, indicators=["gld_percent"], where={"sex": "Total"}).assign(opened="")
    kept = set(out["gld_percent"])
    assert kept <= set(MARKS)
    assert len(kept) == 6
    good = out.copy()
    good.loc[0, "gld_percent"] = "70"
    one = protocol(
        outcomes=(Outcome(column="gld_percent", label="GLD", unit="%"),),
        design=DidDesign(unit="la_name", time="period", start="opened"),
        data=DataSource(missing_marks=MARKS),
    )
    table = bind(one, good)
    assert table.frame["gld_percent"].isna().sum() == 5
    assert table.periods == ("2018/19", "2019/20", "2020/21", "2021/22", "2022/23")


def test_wrong_names_and_values_are_refused_with_the_nearest(said):
    assert "Did you mean 'gld_percent'?" in said(explore_education_statistics, department(), indicators=["gld_percnt"])
    message = said(explore_education_statistics, department(), indicators=["gld_percent"], where={"sex": "Totals"})
    assert "Did you mean 'Total'?" in message
    message = said(explore_education_statistics, department(), indicators=["gld_percent"], level="Local Authority")
    assert "Did you mean 'Local authority'?" in message
    assert "time_period" in said(explore_education_statistics, department().drop(columns="time_period"), indicators=["gld_percent"])


def test_terms_and_weeks_are_no_single_periods(said):
    frame = department(time_identifier="Autumn term")
    assert "not single periods" in said(explore_education_statistics, frame, indicators=["gld_percent"], where={"sex": "Total"})


@pytest.mark.parametrize(
    ("period", "identifier", "is_"),
    [("2021", "Reporting year", "2021"), ("2021", "Calendar year", "2021"), ("202021", "Financial year", "2020/21"),
     ("202021", "Financial year Q1", "2020Q2"), ("202021", "Financial year Q4", "2021Q1"),
     ("2021", "Calendar year Q3", "2021Q3"), ("2021", "May", "2021-05")],
)
def test_the_departments_periods(period, identifier, is_):
    frame = department(time_period=period, time_identifier=identifier)
    frame = frame[(frame["sex"] == "Total") & (frame["geographic_level"] == "Local authority")].drop_duplicates("la_name")
    assert explore_education_statistics(frame, indicators=["gld_percent"])["period"].unique().tolist() == [is_]


def test_years_of_two_kinds_are_not_mixed(said):
    frame = department()
    frame.loc[frame["time_period"] == "202223", ["time_period", "time_identifier"]] = ["2022", "Calendar year"]
    assert "together" in said(explore_education_statistics, frame, indicators=["gld_percent"], where={"sex": "Total"})


def test_the_callers_frame_is_not_touched():
    frame = department()
    before = frame.copy(deep=True)
    explore_education_statistics(frame, indicators=["gld_percent"], where={"sex": "Total"})
    pd.testing.assert_frame_equal(frame, before)


def test_a_file_in_windows_encoding_with_semicolons(tmp_path):
    path = tmp_path / "department.csv"
    path.write_bytes(department().replace({"Essex": "Essex – county"}).to_csv(index=False, sep=";").encode("cp1252"))
    out = explore_education_statistics(path, indicators=["gld_percent"], where={"sex": "Total"})
    assert "Essex – county" in set(out["la_name"])


def wide():
    return pd.DataFrame({"Council": ["A", "B"], "Region": ["N", "S"], "2013/14": [1.5, 3], "2014/15": ["c", 4], "2015/16": ["", 5]})


def test_wide_becomes_long_in_order_and_nothing_is_lost():
    out = area_by_period(wide(), unit="Council", value="rate", keep=["Region"])
    assert out.columns.tolist() == ["Council", "Region", "period", "rate"]
    assert out["rate"].tolist() == ["1.5", "c", "", "3", "4", "5"]
    assert out.loc[out["Council"] == "B", "period"].tolist() == ["2013/14", "2014/15", "2015/16"]


def test_long_binds_to_a_protocol(protocol):
    out = area_by_period(wide(), unit="Council", value="rate", keep=["Region"]).assign(opened="")
    design = DidDesign(unit="Council", time="period", start="opened")
    table = bind(protocol(design=design, marks=("c",)), out)
    assert np.isnan(table.frame["rate"][1])


def test_headings_that_are_no_periods_are_refused(said):
    message = said(area_by_period, wide(), unit="Council", value="rate")
    assert "Region" in message
    assert "keep" in message
    assert "no column is headed by a period" in said(area_by_period, wide()[["Council"]], unit="Council", value="rate")


def test_ranges_of_years_are_not_periods(said):
    assert "2014-16" in said(area_by_period, wide().rename(columns={"2014/15": "2014-16"}), unit="Council", value="rate", keep=["Region"])


def test_mixed_and_repeated_headings_are_refused(said):
    keep = {"unit": "Council", "value": "rate", "keep": ["Region"]}
    assert "mix" in said(area_by_period, wide().rename(columns={"2014/15": "2014"}), **keep)
    assert "same period" in said(area_by_period, wide().rename(columns={"2014/15": "201314"}), **keep)


def test_areas_stand_once_and_are_not_blank(said):
    keep = {"unit": "Council", "value": "rate", "keep": ["Region"]}
    assert "(A)" in said(area_by_period, pd.concat([wide(), wide().iloc[:1]]), **keep)
    assert "blank" in said(area_by_period, wide().assign(Council=["A", ""]), **keep)
    assert "another column" in said(area_by_period, wide(), unit="Council", value="Region", keep=["Region"])


def test_an_excel_sheet_of_areas_and_years(tmp_path):
    wide().to_excel(tmp_path / "w.xlsx", index=False, sheet_name="Rates")
    out = area_by_period(tmp_path / "w.xlsx", unit="Council", value="rate", keep=["Region"], sheet="Rates")
    assert out["rate"].tolist() == ["1.5", "c", "", "3", "4", "5"]


def users():
    return pd.DataFrame(
        {"id": ["1", "2", "3"], "ASQ-3 pre": ["30", "", "25"], "ASQ-3 post": ["35", "", "26"], "GAD7_pre_score": ["12", "8", ""],
         "GAD7_post_score": ["9", "", ""], "Sex": ["f", "m", "f"], "IDACI decile": ["1", "2", "9"]}
    )


def test_management_information_becomes_one_row_a_user_and_instrument():
    out = management_information(users(), user="id", keep=["Sex", "IDACI decile"])
    assert out.columns.tolist() == ["id", "Sex", "IDACI decile", "instrument", "pre", "post"]
    assert out[["id", "instrument"]].to_numpy().tolist() == [["1", "ASQ-3"], ["3", "ASQ-3"], ["1", "GAD-7"], ["2", "GAD-7"]]
    assert np.isnan(out["post"].iloc[-1])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("form", ["{} pre|{} post", "Pre {}|Post {}", "{}_baseline|{}_follow-up", "{} (pre)|{} (post)"])
def test_scales_are_known_however_they_are_headed(scale, form):
    columns = form.replace("{}", scale).split("|")
    assert score_pairs(columns) == {scale: tuple(columns)}
    assert looks_like_management_information(columns)


def test_words_that_only_contain_pre_are_no_pair():
    assert score_pairs(["presented", "posted", "preschool", "postcode"]) == {}
    assert not looks_like_management_information(["rate pre", "rate post"])


def test_management_information_doors(said):
    assert "no pair of columns" in said(management_information, users()[["id", "Sex"]], user="id", keep=["Sex"])
    message = said(management_information, pd.concat([users(), users()]), user="id", keep=["Sex", "IDACI decile"])
    assert "more than one row" in message
    assert "(1" not in message
    assert "text where a number" in said(management_information, users().replace({"12": "twelve"}), user="id", keep=["Sex", "IDACI decile"])
