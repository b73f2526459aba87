"""Nobody untreated: a programme that reaches every area ends a never-treated comparison, and only that."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.data.calendar import calendar, known, read_on, undeclared
from hubeval.data.checks import check
from hubeval.data.untreated import ended, require_untreated
from hubeval.errors import BadInput
from hubeval.protocol import Caution, DataSource, DidDesign, ItsDesign, MatchingDesign, SynthDesign

QUARTERS = [f"{y}Q{q}" for y in range(2022, 2028) for q in (1, 2, 3, 4)]
BEFORE = [q for q in QUARTERS if q < "2026Q2"]
DROP = Caution(kind="co-intervention", label="Best Start", first="2026Q2", handling="drop the periods", event="best-start-2026")
SHARED = Caution(kind="co-intervention", label="Best Start", first="2026Q2", handling="shared with the comparison", event="best-start-2026")
NOT_YET = DidDesign(unit="la", time="year", start="opened", control="not-yet")


def frame_of(periods, opened=("2024Q1", "", "")):
    units = ("A", "B", "C")
    rows = [(u, p, 10.0 + i + (u == "A"), o) for u, o in zip(units, opened, strict=True) for i, p in enumerate(periods)]
    return pd.DataFrame(rows, columns=["la", "year", "rate", "opened"])


def ends(one, periods, opened=("2024Q1", "", "")):
    return [item.event.id for item in ended(one, bind(one, frame_of(periods, opened)))]


def test_a_never_treated_comparison_ends_where_every_area_has_hubs(protocol):
    assert ends(protocol(), BEFORE) == []
    assert ends(protocol(), QUARTERS) == ["best-start-2026"]
    assert ends(protocol(), [*BEFORE, "2026Q2"]) == ["best-start-2026"]


def test_declaring_it_does_not_help_and_leaving_its_periods_out_does(protocol):
    assert ends(protocol(cautions=(SHARED,)), QUARTERS) == ["best-start-2026"]
    assert ends(protocol(cautions=(DROP,)), QUARTERS) == []


def test_units_that_have_not_opened_yet_are_no_never_treated(protocol):
    dated = ("2024Q1", "2026Q2", "2026Q2")
    assert ends(protocol(design=NOT_YET), QUARTERS, dated) == []
    assert ends(protocol(design=NOT_YET), QUARTERS, ("2024Q1", "2026Q2", "")) == ["best-start-2026"]


def test_sites_and_other_countries_are_left_alone(protocol):
    assert ends(protocol(data=DataSource(units="site")), QUARTERS) == []
    assert ends(protocol(country="Wales"), QUARTERS) == []


@pytest.mark.parametrize(
    ("design", "found"),
    [
        (SynthDesign(unit="la", time="year", treated="A", start="2024Q1"), ["best-start-2026"]),
        (SynthDesign(unit="la", time="year", treated="A", start="2024Q1", donors=("B",)), ["best-start-2026"]),
        (ItsDesign(unit="la", time="year", treated="A", start="2024Q1", control=("B", "C")), ["best-start-2026"]),
        (ItsDesign(unit="la", time="year", treated="A", start="2024Q1"), []),
    ],
)
def test_donors_and_control_series_are_comparisons_too(protocol, design, found):
    assert ends(protocol(design=design), QUARTERS) == found


def test_records_without_periods_cross_nothing(protocol):
    records = pd.DataFrame({"id": list("abcd"), "age": list("3456"), "used": list("1010"), "rate": list("1234")})
    one = protocol(design=MatchingDesign(unit="id", treated="used", covariates=("age",)))
    assert ended(one, bind(one, records)) == ()


def test_the_refusal_names_what_would_still_answer_and_its_lines_are_enough(protocol):
    one = protocol()
    with pytest.raises(BadInput) as refused:
        require_untreated(one, bind(one, frame_of(QUARTERS)))
    said = str(refused.value)
    for words in ("2 units are compared as untreated in 2026Q2 or after", "4 December 2025", "not-yet", "cut-off", "dose"):
        assert words in said
    assert 'first = "2026Q2"' in said
    assert 'handling = "drop the periods"' in said


def test_check_fails_what_evaluate_refuses_and_nothing_else(protocol):
    late = check(protocol(), frame_of(QUARTERS), today=date(2026, 11, 28))
    assert [d.status for d in late.diagnostics if d.name == "untreated comparison"] == ["fail"]
    early = check(protocol(), frame_of(BEFORE), today=date(2026, 11, 28))
    assert not [d for d in early.diagnostics if d.name == "untreated comparison"]


@pytest.mark.parametrize(
    ("last", "status"),
    [("2026Q3", "information"), ("2026Q4", "caution"), ("2027Q4", "caution")],
)
def test_a_window_past_the_day_the_calendar_was_checked_is_told(protocol, last, status):
    found = check(protocol(), frame_of([q for q in QUARTERS if q <= last]), today=date(2026, 11, 28))
    (told,) = [d for d in found.diagnostics if d.name == "calendar"]
    assert told.status == status
    assert calendar().read_on in told.reading
    assert ("the data run to" in told.reading) == (status == "caution")


OWN = """[[events]]
id = "flood"
kind = "shock"
label = "The flood"
first = "2023-11-01"
last = "2023-12-31"
handling = "drop the periods"
areas = ["B"]
source = "Council minutes"
dated = "2024-01-10"
"""


def test_a_calendar_of_ones_own_adds_to_the_shipped_one(protocol, tmp_path):
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    one = protocol(calendar="own.toml", folder=str(tmp_path))
    table = bind(one, frame_of(BEFORE))
    assert "flood" in [item.event.id for item in undeclared(one, table)]
    assert "flood" not in [item.event.id for item in undeclared(protocol(), table)]
    assert read_on(one) != read_on(protocol())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN.replace('id = "flood"', 'id = "covid-19"'), "stands twice"),
        (OWN + OWN, "stands twice"),
        (OWN.replace('"2023-11-01"', '"soon"'), "no day, month or year"),
        (OWN.replace('source = "Council minutes"\n', ""), "source"),
        (OWN.replace('"Council minutes"', '" "'), "no source"),
        (OWN.replace('kind = "shock"', 'kind = "storm"'), "kind"),
        ("", "is empty"),
        ("events = []\n", "no [[events]]"),
        ("[[event]]\nid = 1\n", "event"),
    ],
)
def test_a_bad_calendar_is_one_clear_refusal(protocol, tmp_path, text, said):
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        known(protocol(calendar="own.toml", folder=str(tmp_path)))
    assert said in str(refused.value)


def test_a_missing_calendar_is_refused(protocol, tmp_path):
    with pytest.raises(BadInput):
        known(protocol(calendar="none.toml", folder=str(tmp_path)))


def test_the_88_are_the_75_and_the_transformation_funds(protocol):
    areas = {e.id: set(e.areas) for e in calendar().events}
    assert len(areas["family-hubs-2025-26"]) == 88
    assert areas["family-hubs-2025-26"] == areas["start-for-life-75"] | areas["transformation-fund"] - {"Cumbria"}
