"""Cells that another reader would turn into a wrong number without a word: read rightly, or refused with its cure."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import numpy as np
import openpyxl
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.data.checks import check
from hubeval.data.columns import Columns
from hubeval.data.periods import parse
from hubeval.data.source import read_source
from hubeval.data.totals import is_total
from hubeval.errors import BadInput, Door
from hubeval.protocol import DidDesign, Outcome, Protocol


def numbers(texts, **options):
    read = Columns(pd.DataFrame({"y": pd.Series(texts, dtype=object)}), Door(), **options)
    return read, read.numbers("y")


def refusal(texts, **options):
    read, _ = numbers(texts, **options)
    with pytest.raises(BadInput) as stopped:
        read.door.close()
    return str(stopped.value)


def book(tmp_path, change, rows=8):
    made = openpyxl.Workbook()
    made.active.append(["area", "y"])
    for n in range(rows):
        made.active.append([f"A{n}", 0.25 + n / 100])
    change(made.active)
    made.save(tmp_path / "d.xlsx")
    return tmp_path / "d.xlsx"


def panel(**changed):
    rows = [(f"A{u}", 2000 + t, 2005 if u < 4 else "", 50 + (u * 7 + t * 3) % 11 + u / 10) for u in range(12) for t in range(9)]
    frame = pd.DataFrame(rows, columns=["area", "year", "opened", "y"]).astype(object)
    return frame.assign(**{name: change(frame) for name, change in changed.items()})


def protocol(**more):
    return Protocol(
        area="T", question="Q?", registered=date(2026, 1, 5), design=DidDesign(unit="area", time="year", start="opened"),
        outcomes=(Outcome(column="y", label="Score", unit="points"),), **more,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["0,412", "00,123", "12,3", "1.234,5"])
def test_a_decimal_comma_is_no_thousands_comma(text):
    assert "decimal point as a point" in refusal(["1234", text])


@pytest.mark.parametrize(
    ("text", "value"), [("1 234.5", 1234.5), ("12 345", 12345), ("1\u202f234", 1234), ("−12.5", -12.5), ("−1,234", -1234)]
)
def test_spaces_between_thousands_and_printed_minus_signs_are_read(text, value):
    read, values = numbers(["5", text])
    assert values.tolist() == [5, value]
    assert not read.door.problems


def test_a_decimal_comma_file_is_not_read_by_thousands_commas():
    assert "decimal point" in refusal(["5", "1,234"], decimal_comma=True)
    assert numbers(["5", "1 234"], decimal_comma=True)[1].tolist() == [5, 1234]


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("<5", "A range is no number"), ("5 to 9", "A range is no number"), ("(12.5)", "with a minus sign"), ("12.5-", "with a minus sign"),
        ("12.5*", "Take marks and notes off"), ("12.5 (p)", "Take marks and notes off"), ("12r", "Take marks and notes off"),
        ("[c]", 'missing_marks = ["[c]"]'), ("<NA>", 'missing_marks = ["<NA>"]'), ("—", 'missing_marks = ["—"]'),
    ],
)  # fmt: skip
def test_text_among_numbers_is_refused_with_its_own_cure(text, cure):
    assert cure in refusal(["5", text, "6"])


def test_a_truth_among_numbers_is_no_one():
    assert read_source(pd.DataFrame({"y": pd.Series([50.5, True, 1.0], dtype=object)})).frame["y"].tolist() == ["50.5", "TRUE", "1"]
    with pytest.raises(BadInput, match="hold text where a number should be"):
        bind(protocol(), panel(y=lambda f: f["y"].where(f.index != 3, other=True)))


@pytest.mark.parametrize("text", ["mayor 2008", "Augsep 2008", "Marzo 2008", "2008.1"])
def test_a_word_that_only_begins_like_a_month_is_none(text):
    assert parse(text) is None


def test_years_of_two_digits_are_those_of_a_spreadsheet():
    assert [str(parse(text)) for text in ("Mar-98", "Mar-08", "Sept 2008", "04/2008", "2008.10")] == [
        "1998-03", "2008-03", "2008-09", "2008-04", "2008-10",
    ]  # fmt: skip


def test_dates_as_a_spreadsheet_counts_them_are_refused_as_such():
    for column in ("year", "opened"):
        with pytest.raises(BadInput, match="dates as a spreadsheet counts them"):
            bind(protocol(), panel(**{column: lambda f: np.where(f["opened"] == "", "", "39539")}))


def test_the_order_of_day_and_month_is_said_where_it_could_be_another():
    table = bind(protocol(), panel(year=lambda f: "01/04/" + f["year"].astype(str), opened=lambda f: np.where(f["opened"] == "", "", "01/04/2005")))
    assert any("read day first" in note.reason for note in table.notes)
    table = bind(protocol(), panel(year=lambda f: "31/03/" + f["year"].astype(str), opened=lambda f: np.where(f["opened"] == "", "", "31/03/2005")))
    assert not any("read day first" in note.reason for note in table.notes)


def test_a_start_before_the_data_is_not_named_as_one_of_its_last_periods():
    found = check(protocol(), panel(opened=lambda f: f["opened"].where(f["area"] != "A0", 1998)))
    said = next(d.reading for d in found.diagnostics if d.name == "who started")
    assert "1 unit in a period before the data begin (2000)" in said
    assert "2007" not in said
    check(protocol(), panel(opened=lambda f: f["opened"].where(f["area"] != "A0", 1950)))


@pytest.mark.parametrize("word", ["TBD", "planned", "n.k.", "<NA>", "Not a hub"])
def test_words_for_no_start_ask_what_they_mean(word):
    with pytest.raises(BadInput, match="never_marks"):
        bind(protocol(), panel(opened=lambda f: f["opened"].where(f["area"] != "A5", word)))


@pytest.mark.parametrize("other", ["a3", "A3.", "A 3", "A03", "A3\u200b"])
def test_one_unit_written_two_ways_is_raised(other):
    found = check(protocol(), panel(area=lambda f: f["area"].where((f["area"] != "A3") | (f["year"] < 2004), other)))
    assert [d.status for d in found.diagnostics if d.name == "names"] == ["fail"]


def test_units_whose_names_differ_are_not_raised():
    for names in (lambda f: f["area"], lambda f: f["area"] + "-1.5", lambda f: "Ward " + f["area"].str[1:]):
        assert "names" not in {d.name for d in check(protocol(), panel(area=names)).diagnostics}


def test_totals_by_other_names_are_totals_and_can_be_named():
    assert all(map(is_total, ("All LAs", "Total (all areas)", "Regional average", "England.", "uk")))
    assert not any(map(is_total, ("All Saints", "Totalbridge", "Meanwood", "Sumner")))
    with pytest.raises(BadInput, match="Total among the 12 units"):
        check(protocol(), panel(area=lambda f: f["area"].where(f["area"] != "A9", "Total")))


@pytest.mark.parametrize("code", [-8, -1, 97, 999999])
def test_more_codes_for_no_value_are_raised(code):
    found = check(protocol(), panel(y=lambda f: f["y"].where(f.index % 17 != 3, code)))
    assert f'"{code}"' in next(d.reading for d in found.diagnostics if d.name == "codes for no value")


def test_one_value_below_nought_is_no_code():
    found = check(protocol(), panel(y=lambda f: f["y"].where(f.index != 3, -1)))
    assert "codes for no value" not in {d.name for d in found.diagnostics}


def test_percentages_of_a_workbook_are_one_column_or_none(tmp_path):
    def shown(rows):
        def change(sheet):
            for row in rows:
                sheet.cell(row, 2).number_format = "0.0%"

        return read_source(book(tmp_path, change))

    assert "percentages" in " ".join(shown(range(2, 10)).notes)
    assert shown(range(2, 10)).frame["y"][0] == "0.25"
    mixed = shown(range(2, 5))
    assert mixed.frame["y"].tolist()[:4] == ["25%", "26%", "27%", "0.28"]
    assert not mixed.notes


def test_rows_that_a_workbook_hides_are_counted(tmp_path):
    def change(sheet):
        for row in (3, 4, 8):
            sheet.row_dimensions[row].hidden = True

    assert "3 rows hidden in the workbook" in " ".join(read_source(book(tmp_path, change)).notes)
    assert not read_source(book(tmp_path, lambda _: None)).notes


def test_a_raised_note_mark_is_no_digit(tmp_path):
    path = book(tmp_path, lambda sheet: setattr(sheet["B3"], "value", "NOTED"))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    changes = {
        "xl/worksheets/sheet1.xml": (b't="inlineStr"><is><t>NOTED</t></is>', b't="s"><v>0</v>'),
        "[Content_Types].xml": (b"</Types>", f"<Override PartName='/xl/sharedStrings.xml' ContentType='{kind}'/></Types>".encode()),
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(*changes.get(name, (b"\0", b""))))
        new.writestr("xl/sharedStrings.xml", "<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><r><t>50</t></r>"
                     "<r><rPr><vertAlign val='superscript'/></rPr><t>1</t></r></si></sst>")  # fmt: skip
    path.write_bytes(out.getvalue())
    assert read_source(path).frame["y"][1] == "50 (1)"


def test_names_of_columns_are_read_without_marks_that_nobody_sees(tmp_path):
    (tmp_path / "d.csv").write_text("\u200barea,referrals\u00a0per 1k\nA,1\n", "utf-8")
    assert list(read_source(tmp_path / "d.csv").frame.columns) == ["area", "referrals per 1k"]


def test_codes_that_statistical_files_label_as_no_value_are_no_numbers(tmp_path):
    frame = pd.DataFrame({"area": ["A", "B", "C", "D"], "y": [51.5, -8.0, 49.0, -1.0]})
    pyreadstat = pytest.importorskip("pyreadstat")
    pyreadstat.write_sav(frame, str(tmp_path / "d.sav"), variable_value_labels={"y": {-8.0: "Don't know", -1.0: "Inapplicable"}})
    assert read_source(tmp_path / "d.sav").frame["y"].tolist() == ["51.5", "Don't know", "49", "Inapplicable"]
    pyreadstat.write_sav(frame, str(tmp_path / "m.sav"), missing_ranges={"y": [-8.0, -1.0]})
    read = read_source(tmp_path / "m.sav")
    assert (read.frame["y"].isna().tolist(), read.absent) == ([False, True, False, True], {"y": 2})


def test_a_start_that_the_file_declares_missing_is_not_never_treated(tmp_path):
    pyreadstat = pytest.importorskip("pyreadstat")
    frame = panel(opened=lambda f: f["opened"].replace("", -1).where(f["area"] != "A0", -8)).astype({"year": int, "opened": float, "y": float})
    pyreadstat.write_sav(frame, str(tmp_path / "d.sav"), missing_ranges={"opened": [-8, -1]})
    with pytest.raises(BadInput, match=r"81 cell.s. of 'opened' are declared missing in the file"):
        bind(protocol(), read_source(tmp_path / "d.sav"))
