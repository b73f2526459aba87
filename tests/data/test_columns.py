"""Cells as departments publish them: marks, signs and blanks where numbers should be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.data.cells import KNOWN_MARKS
from hubeval.data.columns import Columns
from hubeval.errors import BadInput, Door


def columns(values, marks=()):
    return Columns(pd.DataFrame({"rate": pd.Series(values, dtype=object)}), Door(), marks)


def refused(read):
    with pytest.raises(BadInput) as error:
        read.door.close()
    return str(error.value)


def test_numbers_are_read_as_written():
    read = columns(["1", "-2.5", "1e3", "007"])
    assert read.numbers("rate").tolist() == [1.0, -2.5, 1000.0, 7.0]
    read.door.close()


@pytest.mark.parametrize("mark", KNOWN_MARKS)
def test_an_undeclared_mark_is_named_with_the_line_that_declares_it(mark):
    read = columns(["1", mark, mark])
    read.numbers("rate")
    message = refused(read)
    assert "2 cell(s) hold a suppression mark" in message
    assert f'missing_marks = ["{mark}"]' in message
    assert "data row 2" in message


@pytest.mark.parametrize("mark", KNOWN_MARKS)
def test_a_declared_mark_is_missing_and_counted(mark):
    read = columns(["1", mark, ""], (mark,))
    values = read.numbers("rate")
    read.door.close()
    assert np.isnan(values[1:]).all()
    assert read.found["rate"] == {mark: 1}
    assert f"{mark} × 1" in read.marks_found("rate")


def test_blank_is_missing_and_is_no_mark():
    read = columns(["", "2"])
    assert np.isnan(read.numbers("rate")[0])
    assert read.marks_found("rate") == ""


@pytest.mark.parametrize("value", ["12%", "£3", "1,5"])
def test_signs_in_numbers_are_refused_with_the_cure_for_signs(value):
    read = columns(["1", value])
    read.numbers("rate")
    message = refused(read)
    assert ("the decimal point as a point" if "," in value else "Remove signs such as %") in message
    assert value not in message


def test_other_text_is_refused_without_being_shown():
    read = columns(["1", "Jane Doe"])
    read.numbers("rate")
    assert "Jane" not in refused(read)


def test_marks_and_text_are_two_problems_reported_together():
    read = columns(["c", "abc", "1"])
    read.numbers("rate")
    assert len(read.door.problems) == 2


def test_infinite_numbers_are_refused():
    read = columns(["inf", "1"])
    read.numbers("rate")
    assert "infinite" in refused(read)


def test_a_mark_that_reads_as_a_number_can_be_declared():
    read = columns(["-99", "1"], ("-99",))
    assert np.isnan(read.numbers("rate")[0])


def test_the_text_nan_is_a_mark_and_not_a_number():
    read = columns(["nan", "1"])
    read.numbers("rate")
    assert 'missing_marks = ["nan"]' in refused(read)


def test_a_covariate_of_labels_stays_text_and_one_of_numbers_becomes_numbers():
    assert columns(["urban", "rural", ""]).number_or_text("rate").tolist()[:2] == ["urban", "rural"]
    assert columns(["1", "", "3"]).number_or_text("rate").dtype == float


def test_ids_that_are_whole_numbers_lose_their_decimal():
    read = Columns(pd.DataFrame({"la": [301.0, 302.0]}), Door())
    assert read.text("la").tolist() == ["301", "302"]


def test_a_wrong_name_gets_the_nearest_one():
    read = columns(["1"])
    assert not read.present("outcomes", "ratte")
    assert "Did you mean 'rate'?" in refused(read)


def test_a_mark_or_a_word_among_numbers_does_not_turn_a_covariate_into_labels():
    many = [str(n) for n in range(30)]
    for spoilt, says in (
        ([*many, "x"], 'suppression mark ("x")'),
        (["0", "1", "x"], 'suppression mark ("x")'),
        ([*many, "about ten"], "text where a number should be"),
    ):
        made = columns(spoilt)
        made.number_or_text("rate")
        assert says in made.door.problems[0].found
    grouped = columns(["0", "1", "2", "3+"])
    assert grouped.number_or_text("rate").tolist() == ["0", "1", "2", "3+"]
    assert not grouped.door.problems


def test_a_covariate_without_any_value_is_refused():
    made = columns(["", "", ""])
    made.number_or_text("rate")
    assert "no value at all" in made.door.problems[0].found


def test_thousands_commas_are_read_and_said():
    read = columns(["1,234", "-12,345.5", "7"])
    assert read.numbers("rate").tolist() == [1234.0, -12345.5, 7.0]
    read.door.close()
    assert "2 cell(s) such as 1,234" in read.said["rate"]


def test_a_comma_that_may_be_the_decimal_point_is_refused():
    read = columns(["1,234", "7"])
    read.decimal_comma = True
    read.numbers("rate")
    assert "hold text where a number should be" in refused(read)


@pytest.mark.parametrize("words", [("Yes", "No"), ("Y", "N"), ("true", "FALSE")])
def test_yes_and_no_are_one_and_nought_and_said(words):
    read = columns([words[0], words[1], "", "c"], marks=("c",))
    assert read.numbers("rate").tolist()[:2] == [1.0, 0.0]
    read.door.close()
    assert "yes was read as 1" in read.said["rate"]


def test_yes_among_numbers_is_text():
    read = columns(["Yes", "0"])
    read.numbers("rate")
    assert "hold text" in refused(read)


@pytest.mark.parametrize("ask", ["numbers", "text", "number_or_text"])
@pytest.mark.parametrize(("cell", "words"), [("#N/A", "hold an error (#N/A)"), ("=A1+1", "never calculated")])
def test_a_spreadsheets_error_is_refused_in_any_part_it_plays(ask, cell, words):
    read = columns(["2014", cell, cell])
    getattr(read, ask)("rate")
    message = refused(read)
    assert words in message
    assert "data row 2" in message


def test_numbers_too_small_to_square_are_refused_and_zeros_are_not():
    door = Door()
    cells = {"tiny": ["1e-320", "2e-320", "0"], "none": ["0", "0", ""], "plain": ["1e-320", "1", "2"]}
    columns = Columns(pd.DataFrame(cells), door)
    columns.numbers("none")
    columns.numbers("plain")
    assert not door.problems
    columns.numbers("tiny")
    assert [problem.argument for problem in door.problems] == ["tiny"]
