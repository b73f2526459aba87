"""What every method must pass, whichever it is: run on each worked protocol whose data ship."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from hubeval import files
from hubeval.data.bind import bind
from hubeval.methods.room import ROOMS, room_for
from hubeval.protocol import DidDesign, MatchingDesign, read_protocol
from hubeval.result import NotComputed
from hubeval.wording import brief
from tests.conftest import ROOT

# one protocol for each room, and every worked one beside it; Bristol's is Essex-style's data under a shut gate
WORKED = sorted(
    path.parent.name
    for path in (ROOT / "designs").glob("*/protocol.toml")
    if read_protocol(path).data.file and path.parent.name != "bristol"
)
PROTOCOLS = {name: read_protocol(ROOT / "designs" / name / "protocol.toml") for name in WORKED}
SCALED = [name for name, protocol in PROTOCOLS.items()  # elsewhere the outcome's scale is part of the model
          if getattr(protocol.design, "family", "gaussian") == "gaussian" and not isinstance(protocol.design, MatchingDesign)]
PANELS = [name for name, protocol in PROTOCOLS.items() if isinstance(protocol.design, DidDesign)]


def silent(_line):
    return None


@pytest.fixture(scope="module", params=WORKED)
def whole(request, answered):
    """All there is of one worked protocol."""
    return answered(request.param)


@pytest.fixture
def case(whole):
    """A worked protocol, its data as text, and its room's answer."""
    return whole.protocol, whole.frame, whole.answer


def answer_of(protocol, frame):
    return room_for(protocol.design.kind).answer(protocol, bind(protocol, frame), silent)


def same(one, other, factor=1.0):
    """The same terms, with numbers equal up to `factor`."""
    assert [(e.term, e.outcome) for e in one] == [(e.term, e.outcome) for e in other]
    for a, b in zip(one, other, strict=True):
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            x, y = getattr(a, name), getattr(b, name)
            assert (x is None) == (y is None), (a.term, name)
            if x is not None:
                assert y == pytest.approx(factor * x, rel=1e-6, abs=1e-9 * abs(factor)), (a.term, a.outcome, name)


def test_every_room_has_a_worked_protocol():
    assert {protocol.design.kind for protocol in PROTOCOLS.values()} == set(ROOMS)
    assert SCALED
    assert PANELS


def test_every_number_carries_what_must_travel_with_it(case):
    _, _, answer = case
    assert answer.method
    assert answer.headline_terms
    assert answer.limits
    for e in answer.estimates:
        assert all((e.term, e.estimand, e.outcome, e.unit, e.inference)), e
        assert math.isfinite(e.estimate)
        if e.conf_low is not None:
            assert e.conf_low <= e.estimate <= e.conf_high, e
        if e.p_value is not None:
            assert 0 <= e.p_value <= 1
    assert set(answer.headline_terms) <= set(answer.estimates)


def test_nothing_in_an_answer_is_nan(case):
    _, _, answer = case
    files.to_json(answer)


def test_checks_and_figures_can_be_read(case):
    _, _, answer = case
    assert answer.diagnostics
    assert answer.figures
    for check in (*answer.diagnostics, *answer.probes):
        assert check.question.endswith("?"), check.question
        assert len(check.reading) > 20, check
    for figure in answer.figures:
        assert len(figure.text) > 40, figure.name
        assert figure.x_label
        assert figure.y_label
        for series in figure.series:
            lengths = {len(series.x), len(series.y)}
            lengths |= {len(series.low), len(series.high)} - {0}
            assert len(lengths) == 1, (figure.name, series.label)
    names = [figure.name for figure in answer.figures]
    assert len(set(names)) == len(names)


def test_every_mark_says_what_it_stands_for_and_on_how_many(case):
    protocol, _, answer = case
    places = protocol.data.units == "authority"
    for figure in answer.figures:
        for series in figure.series:
            assert series.holds != "unsaid", (figure.name, series.label)
            assert len(series.n) in {0, len(series.x)}
            told = series.holds in {"model", "count"} or places
            assert told or (all(n is not None for n in series.n) and series.n), (figure.name, series.label)
    for table in answer.tables:
        assert len(table.holds) == len(table.columns), table.name
        assert len(table.n) in {0, len(table.rows)}
        told = places or set(table.holds) <= {"label", "model", "count"}
        assert told or (all(n is not None for n in table.n) and table.n), table.name
    for estimate in answer.estimates:
        assert estimate.support is not None or estimate.n_treated is not None or places, estimate.term


def test_row_order_and_the_names_of_units_change_nothing(case):
    protocol, frame, answer = case
    other = frame
    if isinstance(protocol.design, (DidDesign, MatchingDesign)):  # other protocols name their units
        column = getattr(protocol.design, "starter", protocol.design.unit)
        other = other.assign(**{column: "u " + frame[column]})
    if not isinstance(protocol.design, MatchingDesign) or getattr(protocol.design, "order", "") != "data":
        other = other.sample(frac=1, random_state=3)
    assert other is not frame
    same(answer.estimates, answer_of(protocol, other).estimates)


@pytest.mark.parametrize("whole", SCALED, indirect=True)
def test_another_scale_of_the_outcome_scales_the_estimate(case):
    protocol, frame, answer = case
    marks = {"", *protocol.data.missing_marks}
    scaled = frame.copy()
    for outcome in protocol.outcomes:
        text = frame[outcome.column]
        scaled[outcome.column] = [t if t in marks else repr(1000 * float(t)) for t in text]
    absolute = [e for e in answer.estimates if "%" not in e.unit]
    others = [e for e in answer_of(protocol, scaled).estimates if "%" not in e.unit]
    same(absolute, others, 1000.0)


def test_another_library_finds_the_headline_and_catches_a_wrong_one(case):
    protocol, frame, answer = case
    table, room, (shown, *_) = bind(protocol, frame), room_for(protocol.design.kind), answer.headline_terms
    found = room.cross_check(protocol, table, shown)
    if isinstance(found, NotComputed):
        assert "neither statsmodels nor linearmodels fits" in found.reason
        return
    assert found.status == "pass", found.reading
    assert brief(shown.estimate, 6) in found.reading
    wrong = room.cross_check(protocol, table, replace(shown, estimate=shown.estimate + (2 * shown.std_error if shown.std_error else 0.1)))
    assert wrong.status == "caution", wrong.reading


def test_the_table_is_left_alone(whole):
    pd.testing.assert_frame_equal(whole.table.frame, whole.before)


@pytest.mark.parametrize("whole", PANELS, indirect=True)
def test_a_missing_outcome_is_counted_not_filled(case):
    protocol, frame, _ = case
    holed = frame.copy()
    holed.loc[holed.index[[5, 400]], protocol.primary.column] = ""
    table = bind(protocol, holed)
    assert any("missing" in step.note for step in table.flow)
    n = {e.n_observations for e in answer_of(protocol, holed).headline_terms if e.outcome == protocol.primary.label}
    if getattr(protocol.design, "estimator", "") == "heterogeneous-adoption":  # a row there is a unit's change
        (rows,) = n
        assert 1 <= table.frame[protocol.design.unit].nunique() - rows <= 2
        return
    assert n == {int(table.frame[protocol.primary.column].notna().sum())}
