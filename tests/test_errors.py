"""Every problem at once, each in one line that ends in its cure."""

from __future__ import annotations

import pytest

from hubeval.errors import BadInput, Door, HubevalError, MissingExtra, NotReady, Problem, did_you_mean, listed


def test_door_reports_all_problems_together():
    door = Door()
    door.refuse("a", "is wrong", "right", "Mend it.")
    door.choice("b", "dod", ["did", "its"])
    with pytest.raises(BadInput) as caught:
        door.close()
    assert [p.argument for p in caught.value.problems] == ["a", "b"]
    assert str(caught.value).splitlines() == [
        "a: is wrong (right). Mend it.",
        "b: found 'dod' (allowed: did, its). Did you mean 'did'?",
    ]


def test_an_open_door_lets_through():
    Door().close()


def test_everything_raised_on_purpose_has_one_base():
    for error in (BadInput([Problem("a", "b")]), NotReady("no"), MissingExtra("x", "y", "z")):
        assert isinstance(error, HubevalError)


def test_missing_extra_says_what_to_type():
    assert "pip install 'hubeval[excel]'" in str(MissingExtra("Reading", "openpyxl", "excel"))


def test_nothing_near_gives_no_hint():
    assert did_you_mean("zzz", ["outcome"]) == ""


def test_long_lists_are_counted():
    assert listed(range(12), limit=3) == "0, 1, 2 and 9 more"
