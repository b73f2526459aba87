"""What a funder reads of every worked design: headings in words, no empty row, nothing told twice, counts as they are said to be."""

from __future__ import annotations

import re

import pytest

from hubeval.release import release
from hubeval.report import render_html
from hubeval.report.flow import flow_of

DESIGNS = ("cut-off-style", "dose-style", "repeated-survey", "single-authority")


@pytest.mark.parametrize("design", DESIGNS)
def test_a_page_is_in_words_and_says_nothing_twice(worked, design):
    released = release(worked(f"{design}/protocol.toml"))[0]
    page, result = render_html(released), released.content
    headings = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', page)
    assert [name for name in headings if re.fullmatch(r"[a-z]+(_[a-z]+)+", name) and name in {
        column for table in result["tables"] for column in table["columns"]}] == []  # fmt: skip
    assert not re.search(r'<th scope="row">[^<]*</th><td></td>', page)
    assert "— to —" not in page
    captions = [table["caption"] for table in result["tables"]]
    assert len(captions) == len(set(captions))
    sentences = re.split(r"(?<=[.?!]) (?=[A-Z])", result["headline"]["text"])
    assert len(sentences) == len(set(sentences))
    assert "tests/" not in result["headline"]["text"]
    for item in result["not_computed"]:
        assert not re.search(r"\bis None\b|^(?:repeated|needs)\b", item["reason"]), item


@pytest.mark.parametrize(("design", "rounds"), [("repeated-survey", True), ("cut-off-style", False)])
def test_counts_are_rounded_where_that_is_said_and_only_there(worked, design, rounds):
    """Records of people are counted in rows and in units: both are rounded, or the one tells the other."""
    result = release(worked(f"{design}/protocol.toml"))[0].content
    assert ("nearest 5" in flow_of(result)["text"]) == rounds
    records = [step for step in result["sample"]["flow"] if step["n_units"] > 100]
    assert records
    if rounds:
        assert all(step[key] % 5 == 0 for step in records for key in ("n_rows", "n_units"))
