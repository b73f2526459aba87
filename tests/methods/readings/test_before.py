"""Effects beside the level before: one rule for per cent, none of a share, and one unit's own level is its value."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.data.levels import level_before
from hubeval.data.table import Table
from hubeval.methods.matching.room import answer as matched
from hubeval.methods.readings.before import beside_comparison, beside_level
from hubeval.protocol import DidDesign, ItsDesign, MatchingDesign, Outcome, Protocol, SynthDesign
from hubeval.report.brief.evaluated import _before
from hubeval.result import Estimate

VISITS = Outcome(column="y", label="Visits", unit="visits")
FRAME = pd.DataFrame({"u": list("aaabbb"), "t": [0, 1, 2] * 2, "s": [2.0] * 3 + [None] * 3, "y": [4.0, 6.0, 9, 1, 1, 1]})
HEAD = Estimate(term="ATT", estimand="", outcome="Visits", unit="visits", estimate=-2.0, conf_low=-3.0, conf_high=-1.0,
                inference="")  # fmt: skip


def protocol(design, outcome=VISITS):
    return Protocol(area="A", question="?", registered=date(2026, 1, 1), outcomes=(outcome,), design=design)


@pytest.mark.parametrize("design", [
    DidDesign(unit="u", time="t", start="s"),
    ItsDesign(unit="u", time="t", start="2", treated="a", control=("b",)),
    SynthDesign(unit="u", time="t", start="2", treated="a"),
])  # fmt: skip
def test_the_level_is_that_of_the_treated_before_they_started_in_every_design(design):
    assert level_before(protocol(design), Table(frame=FRAME, start=2), VISITS) == (5.0, 1)


def test_records_stand_beside_the_level_of_their_comparison_by_the_same_rule():
    table = beside_comparison([VISITS], [HEAD], {"Visits": (8.0, 20)})
    assert table.name == "level-of-comparison"
    assert table.columns[3] == "level of the comparison"
    assert table.rows[0][1:] == (-2.0, "visits", 8.0, "visits", -25.0, -37.5, -12.5)
    assert beside_comparison([VISITS], [HEAD], {}) is None


def test_matching_says_where_its_comparison_stands_and_not_for_a_change():
    rng = np.random.default_rng(2)
    x = rng.normal(size=300)
    z = (rng.random(300) < 1 / (1 + np.exp(1 - x))).astype(int)
    frame = pd.DataFrame({"u": range(300), "z": z, "x": x, "before": x, "y": 10 + x - 2 * z + rng.normal(size=300)})
    design = MatchingDesign(unit="u", treated="z", covariates=("x",), caliper=0.2, estimator="difference")
    asked = protocol(design)
    made = matched(asked, bind(asked, frame), lambda _line: None)
    head, (level, n) = made.headline_terms[0], made.levels["Visits"]
    assert head.estimate + level == pytest.approx(frame.y[(frame.z == 1)].mean(), abs=0.5)
    assert n == min(head.n_treated, head.n_comparison)
    changed = protocol(design, replace(VISITS, baseline="before"))
    assert matched(changed, bind(changed, frame), lambda _line: None).levels == {}


def test_the_brief_says_which_level_it_is():
    row = ["Visits", -2.0, "visits", 8.0, "visits", -25.0, -37.5, -12.5]
    shown = {"tables": [{"name": "level-of-comparison", "rows": [row]}], "headline_terms": [{"outcome": "Visits", "unit": "visits"}]}
    assert _before(shown)[0].startswith("In the comparison, as it was weighted and adjusted, the level is 8 visits")


def test_records_have_no_level_before():
    design = MatchingDesign(unit="u", treated="s", covariates=("t",))
    assert level_before(protocol(design), Table(frame=FRAME), VISITS) is None


def test_a_share_gets_no_percentage_and_a_level_of_nothing_neither():
    share = replace(VISITS, unit="% of children")
    row = beside_level([share], [HEAD], {"Visits": (40.0, 20)}).rows[0]
    assert row[3:] == (40.0, "% of children", None, None, None)
    assert beside_level([VISITS], [HEAD], {"Visits": (0.0, 20)}).rows[0][5:] == (None, None, None)
    assert beside_level([VISITS], [HEAD], {}) is None


def test_a_level_of_one_unit_is_that_unit_s_value_to_the_gate():
    assert beside_level([VISITS], [HEAD], {"Visits": (8.0, 1)}).holds[3] == "value"
    assert beside_level([VISITS], [HEAD], {"Visits": (8.0, 20)}).holds[3] == "mean"


def result(unit, row):
    return {"tables": [{"name": "level-before", "rows": [row]}], "headline_terms": [{"outcome": "Visits", "unit": unit}]}


def test_the_brief_says_it_once_and_only_where_the_number_is_not_in_per_cent_already():
    row = ["Visits", -2.0, "visits", 8.0, "visits", -25.0, -37.5, -12.5]
    assert _before(result("visits", row)) == [
        "Before the start the level was 8 visits; in per cent of that the interval is −37.5% to −12.5%."
    ]
    assert _before(result("% change", row)) == []
    assert _before(result("visits", [*row[:5], None, None, None])) == []
    assert _before({**result("visits", row), "tables": []}) == []
