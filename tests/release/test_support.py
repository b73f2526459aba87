"""Every point, row and effect of every shipped design says what it is of and, where it counts, how many stand behind it."""

from __future__ import annotations

import pytest

from hubeval.protocol import read_protocol

DESIGNS = (
    "bristol", "cut-off-style", "dose-style", "essex-style", "families-style", "hub-series", "one-authority", "repeated-survey",
    "single-authority",
)  # fmt: skip
RESTS_ON_UNITS = {"mean", "share"}  # an effect of one authority, or on a series, may rest on one


def test_every_shipped_design_with_a_protocol_and_data_is_looked_at(root):
    """Not that of several councils, whose data are packets."""
    there = {path for path in root.glob("designs/*/protocol.toml") if (file := read_protocol(path).data.file) and (path.parent / file).is_file()}
    assert {path.parent.name for path in there} - {"councils"} == set(DESIGNS)


@pytest.mark.parametrize("design", DESIGNS)
def test_every_mark_says_what_it_stands_for_and_on_how_many_it_rests(answered, design):
    answer = answered(design).answer
    unsaid = [f"{figure.name}: {one.label}" for figure in answer.figures for one in figure.series if one.holds == "unsaid"]
    unsaid += [table.name for table in answer.tables if not table.holds or "unsaid" in table.holds]
    assert not unsaid
    bare = [
        f"{figure.name}: {one.label}" for figure in answer.figures for one in figure.series
        if one.holds in RESTS_ON_UNITS and any(y is not None and not n for y, n in zip(one.y, one.n or (None,) * len(one.y), strict=True))
    ]  # fmt: skip
    bare += [
        table.name for table in answer.tables
        if RESTS_ON_UNITS & set(table.holds) and (len(table.n) != len(table.rows) or any(n is None for n in table.n))
    ]  # fmt: skip
    assert not bare
    assert answer.estimates
    assert [e.term for e in answer.estimates if e.n_treated is None and e.support is None] == []
