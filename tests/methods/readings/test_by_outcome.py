"""The other outcomes' checks: each in a table, and together held against what chance raises."""

from __future__ import annotations

from hubeval.methods.readings.by_outcome import by_outcome
from hubeval.result import Diagnostic, NotComputed


def check(status):
    return Diagnostic(name="pre-trend", question="?", status=status, reading=f"It is {status}.")


def test_one_outcome_needs_no_table():
    assert by_outcome({"referrals": [check("fail")]}, "referrals") == (None, None)


def test_every_check_stands_in_the_table_and_what_was_not_computed_too():
    table, said = by_outcome({"referrals": [check("pass")], "plans": [check("pass"), NotComputed(what="x", reason="y")]}, "referrals")
    assert [row[:3] for row in table.rows] == [
        ("referrals", "pre-trend", "pass"), ("plans", "pre-trend", "pass"), ("plans", "x", "not computed"),
    ]
    assert said.status == "pass"


def test_a_failure_of_another_outcome_is_a_caution_and_the_primary_own_is_not_counted():
    assert by_outcome({"a": [check("pass")], "b": [check("fail")]}, "a")[1].status == "caution"
    assert by_outcome({"a": [check("fail")], "b": [check("pass")]}, "a")[1].status == "pass"


def test_as_many_cautions_as_chance_raises_are_none_and_more_are_one():
    some = [check("caution")] + [check("pass")] * 9
    assert by_outcome({"a": [check("pass")], "b": some}, "a")[1].status == "pass"
    many = [check("caution")] * 3 + [check("pass")] * 7
    said = by_outcome({"a": [check("pass")], "b": many}, "a")[1]
    assert said.status == "caution"
    assert "Of 10 checks on the other outcomes 3 raised something and 0 of those failed" in said.reading
