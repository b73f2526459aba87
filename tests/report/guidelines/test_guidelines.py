"""Reporting guidelines: whole, filled only with what the result holds, and open about what is left to write."""

from __future__ import annotations

import copy

import pytest

from hubeval.release import release
from hubeval.report.guidelines.facts import FACTS
from hubeval.report.guidelines.fill import SHIPPED, applicable, filled, guideline
from hubeval.report.html import render_html
from hubeval.report.office.guidelines import guideline_grids


@pytest.fixture(scope="module")
def released_families(worked):
    return release(worked("families-style/protocol.toml"))[0]


SIZES = {"target": 21, "robins-i": 7, "trend": 22, "strobe": 22, "tidier": 12}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_published_item_is_there_once_and_says_what_is_given_or_left_to_write(name):
    items = guideline(name).items
    assert [one.id for one in items] == [str(i + 1) for i in range(SIZES[name])]
    assert all(one.facts or one.write for one in items)
    assert {fact for one in items for fact in one.facts} <= set(FACTS)


def test_no_fact_is_left_unused():
    assert {fact for name in SHIPPED for one in guideline(name).items for fact in one.facts} == set(FACTS)


def test_fifteen_items_of_target_are_filled_on_linked_families_with_no_typing(released_families):
    made = filled(released_families.content, "target")
    assert sum(bool(one.given) for one in made) == 16  # as docs/deliverables.md says
    by_hand = {one.item.id for one in made if not one.given}
    assert {"2", "17", "20", "21"} <= by_hand  # what no result can know
    assert all(one.item.write for one in made if not one.given)


def test_what_a_result_does_not_hold_is_not_given(released_families):
    result = copy.deepcopy(released_families.content)
    result["tables"], result["sample"]["flow"], result["headline_terms"] = [], [], []
    given = {one.item.id: one.given for one in filled(result, "target")}
    assert given["8"] == given["9"] == given["13"] == given["10"] == ""


def test_what_the_numbers_of_target_were_held_against_is_said_wherever_they_stand(released_families):
    note = guideline("target").note
    assert "not against the published tables" in note
    assert note in render_html(released_families).replace("&#39;", "'")
    grids = {grid.name: grid.note for grid in guideline_grids(released_families.content)}
    assert grids["TARGET"] == note
    assert "held against" not in grids["STROBE"]


def test_target_s_items_stand_in_the_published_order():
    """By a word of each, in the order of the summary that target.toml names."""
    words = ["short", "known already", "causal question", "Why a target trial", "data come from", "target trial:", "emulated in",
             "assessed", "at the start", "followed", "missing", "outcomes in", "precision", "hangs on", "means", "Limits", "Ethics",
             "Registration", "code", "paid", "interests"]  # fmt: skip
    assert all(word in item.asks for word, item in zip(words, guideline("target").items, strict=True))


def test_target_is_only_for_designs_that_emulate_a_trial():
    for kind in ("did", "its", "synth", "rdd"):
        assert "target" not in applicable({"protocol": {"design": {"kind": kind}}})


def test_the_report_and_the_workbook_carry_the_annex(released_families):
    page = render_html(released_families)
    assert "What a reporting guideline asks" in page
    assert "Funders and their part." in page
    tables = guideline_grids(released_families.content)
    assert [table.name for table in tables] == ["TARGET", "ROBINS-I V2", "TREND", "STROBE", "TIDieR"]
    assert all(cell not in (None, "") for table in tables for row in table.rows for cell in row)


def test_a_check_that_raised_something_stands_among_the_limits_and_none_is_said_where_none_did(released_families):
    result = copy.deepcopy(released_families.content)
    result["probes"] = []
    result["diagnostics"] = [{"name": "overlap", "status": "caution"}]
    assert "Raised by the checks: overlap." in FACTS["limitations"](result)
    result["diagnostics"] = [{"name": "overlap", "status": "pass"}]
    assert "The checks raised nothing." in FACTS["limitations"](result)
