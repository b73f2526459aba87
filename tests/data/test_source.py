"""Files as councils send them: every way a table can fail to be one ends in one line with its cure."""

from __future__ import annotations

import numpy as np
import openpyxl
import pandas as pd
import pytest

from hubeval.data.source import read_source


def write(tmp_path, text, name="panel.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def test_a_missing_file_names_its_neighbours(tmp_path, said):
    write(tmp_path, "a,b\n1,2\n", "pannel.csv")
    assert "pannel.csv" in said(read_source, tmp_path / "panel.csv")


def test_a_folder_is_not_a_file(tmp_path, said):
    assert "is a folder" in said(read_source, tmp_path)


@pytest.mark.parametrize("text", ["", "   \n\n"])
def test_an_empty_file_is_refused(tmp_path, said, text):
    assert "is empty" in said(read_source, write(tmp_path, text))


def test_a_header_without_rows_is_refused(tmp_path, said):
    assert "a header and no rows" in said(read_source, write(tmp_path, "la,year\n"))


def test_another_kind_of_file_is_refused(tmp_path, said):
    assert ".csv, .txt, .tsv, .xlsx" in said(read_source, write(tmp_path, "x", "panel.pdf"))


def test_a_column_named_twice_is_refused(tmp_path, said):
    assert "more than one column named 'rate'" in said(read_source, write(tmp_path, "la,rate,rate\nA,1,2\n"))


def test_lines_of_another_width_are_refused_with_the_first_line(tmp_path, said):
    message = said(read_source, write(tmp_path, "la,rate\nA,1\nB,2,3\nC\n"))
    assert "2 line(s)" in message
    assert "first at line 3" in message


def test_an_unquoted_comma_in_a_name_is_caught_as_a_ragged_line(tmp_path, said):
    assert "another number of fields" in said(read_source, write(tmp_path, "la,rate\nBristol, City of,1\n"))


def test_a_quoted_comma_and_a_line_break_in_a_cell_are_read(tmp_path):
    source = read_source(write(tmp_path, 'la,rate\n"Bristol, City of",1\n"two\nlines",2\n'))
    assert source.frame["la"].tolist() == ["Bristol, City of", "two\nlines"]


@pytest.mark.parametrize(("separator", "said_as"), [(";", "';'"), ("\t", "tabs"), ("|", "'|'")])
def test_other_separators_are_read_and_said(tmp_path, separator, said_as):
    source = read_source(write(tmp_path, f"la{separator}rate\nA{separator}1,5\n"))
    assert source.frame.columns.tolist() == ["la", "rate"]
    assert source.frame["rate"].tolist() == ["1,5"]
    assert any(said_as in note for note in source.notes)


def test_windows_encoding_is_read_and_said(tmp_path):
    source = read_source(write(tmp_path, "la,rate\nCafé – north,1\n", encoding="cp1252"))
    assert source.frame["la"].tolist() == ["Café – north"]
    assert any("Windows-1252" in note for note in source.notes)


def test_a_byte_order_mark_is_not_part_of_a_name(tmp_path):
    assert read_source(write(tmp_path, "la,rate\nA,1\n", encoding="utf-8-sig")).frame.columns.tolist() == ["la", "rate"]


def test_excels_unicode_text_is_read(tmp_path):
    source = read_source(write(tmp_path, "la\trate\nCafé\t1\n", "panel.txt", encoding="utf-16"))
    assert source.frame.to_numpy().tolist() == [["Café", "1"]]


def test_nothing_is_guessed_while_reading(tmp_path):
    source = read_source(write(tmp_path, "la,rate\nNA,007\n-,1e5\n"))
    assert source.frame.to_numpy().tolist() == [["NA", "007"], ["-", "1e5"]]


def test_blank_cells_are_blank_text(tmp_path):
    assert read_source(write(tmp_path, "la,rate\n A ,  \n")).frame.to_numpy().tolist() == [["A", ""]]


def test_blank_lines_at_the_end_are_not_rows(tmp_path):
    assert len(read_source(write(tmp_path, "la,rate\nA,1\n\n\n")).frame) == 1


def test_an_unclosed_quote_is_refused_without_a_traceback(tmp_path, said):
    assert said(read_source, write(tmp_path, 'la,rate\n"A,1\nB,2\n'))


def test_an_index_column_without_a_name_does_no_harm(tmp_path):
    assert read_source(write(tmp_path, ",la,rate\n0,A,1\n")).frame["rate"].tolist() == ["1"]


def test_a_frame_is_copied_and_never_changed():
    frame = pd.DataFrame({"la": ["A", None], "year": [2014.0, 2015.0], "on": [pd.Timestamp("2017-04-01"), pd.NaT]})
    before = frame.copy(deep=True)
    source = read_source(frame)
    source.frame.iloc[0, 0] = "changed"
    pd.testing.assert_frame_equal(frame, before)
    assert read_source(frame).frame["on"].tolist() == ["2017-04-01", ""]
    assert read_source(frame).frame["la"].tolist() == ["A", ""]


def test_a_frame_with_nullable_numbers_keeps_missing_as_missing():
    source = read_source(pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}))
    assert source.frame["n"].tolist()[0] == 1.0
    assert np.isnan(source.frame["n"].tolist()[1])


def test_cells_of_mixed_kinds_are_written_as_people_write_them():
    mixed = pd.DataFrame({"x": pd.Series([np.float64(1.5), 3, np.True_, "c", None, np.int64(7), 2.0], dtype=object)})
    assert read_source(mixed).frame["x"].tolist() == ["1.5", "3", "TRUE", "c", "", "7", "2"]


def test_the_same_bytes_have_the_same_hash(tmp_path):
    one, two = write(tmp_path, "a,b\n1,2\n", "1.csv"), write(tmp_path, "a,b\n1,2\n", "2.csv")
    assert read_source(one).sha256 == read_source(two).sha256


def test_excel_and_parquet_give_what_csv_gives(tmp_path):
    frame = pd.DataFrame({"la": ["A", "B"], "year": [2014, 2015], "rate": [1.5, None]})
    frame.to_excel(tmp_path / "p.xlsx", index=False)
    frame.to_parquet(tmp_path / "p.parquet")
    for name in ("p.xlsx", "p.parquet"):
        read = read_source(tmp_path / name).frame
        assert [str(value) for value in read["la"]] == ["A", "B"]
        assert [float(value) for value in read["year"]] == [2014, 2015]


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path, said):
    pd.DataFrame({"la": ["A"]}).to_excel(tmp_path / "p.xlsx", index=False, sheet_name="Data")
    assert "sheets: Data" in said(read_source, tmp_path / "p.xlsx", sheet="data")


def test_a_file_that_only_looks_like_excel_is_refused(tmp_path, said):
    assert "not a readable Excel workbook" in said(read_source, write(tmp_path, "la,rate", "p.xlsx"))


def test_a_broken_parquet_file_is_refused(tmp_path, said):
    assert "not a readable Parquet file" in said(read_source, write(tmp_path, "PAR1", "p.parquet"))


def book(tmp_path, sheets, states=()):
    """A workbook of these sheets, written cell by cell."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
        page.sheet_state = dict(states).get(name, "visible")
    made.save(tmp_path / "p.xlsx")
    return tmp_path / "p.xlsx"


@pytest.mark.parametrize("word", ["#N/A", "#REF!", "N/A", "NA", "None", "null", "nan"])
def test_a_workbooks_words_are_never_read_as_blank(tmp_path, word):
    path = book(tmp_path, {"a": [["la", "opened"], ["A", word], ["B", None]]})
    assert read_source(path).frame["opened"].tolist() == [word, ""]


def test_a_formula_that_was_never_calculated_keeps_its_text(tmp_path):
    path = book(tmp_path, {"a": [["la", "rate"], ["A", "=1+1"]]})
    assert read_source(path).frame["rate"].tolist() == ["=1+1"]


def test_a_workbooks_repeated_heading_is_refused_as_in_csv(tmp_path, said):
    path = book(tmp_path, {"a": [["la", "rate", "rate"], ["A", 1, 2]]})
    assert "more than one column named 'rate'" in said(read_source, path)


def test_a_hidden_first_sheet_is_not_read_unasked(tmp_path):
    path = book(tmp_path, {"draft": [["la"], ["old"]], "final": [["la"], ["new"]]}, {"draft": "hidden"})
    read = read_source(path)
    assert read.frame["la"].tolist() == ["new"]
    assert read.notes == ("sheet 'final' was read",)
    asked = read_source(path, sheet="draft")
    assert asked.frame["la"].tolist() == ["old"]
    assert any("is hidden" in note for note in asked.notes)


def test_of_several_sheets_one_must_be_named(tmp_path, said):
    path = book(tmp_path, {"2023": [["la"], ["A"]], "2024": [["la"], ["B"]]})
    message = said(read_source, path)
    assert "2 sheets, and none is named" in message
    assert 'sheet = "2023" under [data]' in message
    assert '--sheet "2023" for hubeval import' in message  # who tidies a sheet has no protocol yet
    assert read_source(path, sheet="2024").frame["la"].tolist() == ["B"]


def test_cells_under_no_heading_are_refused_and_an_empty_spacer_is_not(tmp_path, said):
    assert "2 columns hold cells under no heading" in said(read_source, book(tmp_path, {"a": [["la"], ["A", 1, 2]]}))
    spaced = read_source(book(tmp_path, {"a": [["la", None, "rate"], ["A", None, 2]]}))
    assert list(spaced.frame.columns) == ["la", "rate"]


def test_a_stray_cell_in_the_last_column_does_not_widen_the_table(tmp_path):
    made = openpyxl.Workbook()
    for row in (["la", "rate"], ["A", 1], ["B", 2]):
        made.active.append(row)
    made.active["XFD3"] = "note"
    made.save(tmp_path / "p.xlsx")
    assert read_source(tmp_path / "p.xlsx").frame.shape == (2, 3)


@pytest.mark.parametrize("name", ["old.xls", "open.ods", "binary.xlsb"])
def test_other_spreadsheets_are_refused_with_the_cure(tmp_path, said, name):
    assert "save it as .xlsx or .csv" in said(read_source, write(tmp_path, "x", name))


def test_a_sheet_named_for_a_csv_is_refused(tmp_path, said):
    assert "is no workbook" in said(read_source, write(tmp_path, "la\nA\n"), sheet="Data")


def test_stata_labels_stand_where_every_code_has_one(tmp_path):
    frame = pd.DataFrame({"hub": [0, 1, 1], "age": [1, 2, 40], "la": ["A", "B", "C"]})
    frame.to_stata(
        tmp_path / "p.dta", write_index=False, value_labels={"hub": {0: "No", 1: "Yes"}, "age": {1: "under two"}}
    )
    read = read_source(tmp_path / "p.dta")
    assert read.frame["hub"].tolist() == ["No", "Yes", "Yes"]
    assert read.frame["age"].tolist() == [1.0, 2.0, 40.0]
    assert read.frame["la"].tolist() == ["A", "B", "C"]
    assert any("label only some" in note for note in read.notes)


def test_spss_labels_and_declared_missing_values(tmp_path):
    spss = pytest.importorskip("pyreadstat")
    frame = pd.DataFrame({"hub": [0.0, 1.0, 1.0], "score": [5.0, 99.0, 7.0]})
    spss.write_sav(
        frame,
        str(tmp_path / "p.sav"),
        variable_value_labels={"hub": {0: "No", 1: "Yes"}},
        missing_ranges={"score": [99]},
    )
    read = read_source(tmp_path / "p.sav").frame
    assert read["hub"].tolist() == ["No", "Yes", "Yes"]
    assert read["score"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("name", ["p.dta", "p.sav"])
def test_a_file_that_only_looks_like_one_of_a_statistics_package_is_refused(tmp_path, said, name):
    assert "is not a readable" in said(read_source, write(tmp_path, "not one", name))


def test_an_open_quote_that_swallows_rows_is_refused_with_its_lines(tmp_path, said):
    text = 'la,year,note\nA,2014,"opened\nB,2014,x\nC,2014,y\nD,2014,"\nE,2014,z\n'
    message = said(read_source, write(tmp_path, text))
    assert "a quote opened in line 2 closes only in line 5" in message
    assert "2 whole row(s)" in message


def test_a_comment_over_several_lines_is_one_cell(tmp_path):
    text = 'la,year,note\nA,2014,"first, then\nmore words\nand an end"\n'
    assert len(read_source(write(tmp_path, text)).frame) == 1
