"""Files as councils send them: every way a table can fail to be one ends in one line with its cure."""

from __future__ import annotations

import numpy as np
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
    assert ".csv, .xlsx, .parquet" in said(read_source, write(tmp_path, "x", "panel.sav"))


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
    assert read_source(mixed).frame["x"].tolist() == ["1.5", "3", "1", "c", "", "7", "2"]


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
