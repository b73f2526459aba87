"""Several outcomes read together: who is counted, what is said, and how often nothing is called something."""

from __future__ import annotations

import gc
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from hubeval.errors import Door
from hubeval.methods.readings.several import adjusted, families, several
from hubeval.methods.readings.several import together as _together
from hubeval.protocol import Outcome
from hubeval.protocol.rules import _check_families
from hubeval.release.gate import _known_checks
from hubeval.result import Answer, Estimate


def outcome(label, role="secondary", **more):
    return Outcome(column=label, label=label, unit="visits", role=role, **more)


def estimate(label, p, term="ATT"):
    return Estimate(term=term, estimand="", outcome=label, unit="visits", estimate=1.0, p_value=p, inference="")


def test_placebo_outcomes_are_never_in_the_family_and_one_outcome_is_none():
    made = [outcome("a", "primary"), outcome("b"), outcome("c", "downstream"), outcome("d", "placebo")]
    assert [one.label for one in families(made)[""]] == ["a", "b", "c"]
    assert families([made[0], made[2], made[3]]) == {}
    assert several([made[0], made[3]], [estimate("a", 0.01), estimate("d", 0.01)]) == (None, ())


def test_a_named_family_is_read_alone():
    made = [outcome("a", "primary"), outcome("b", family="school"), outcome("c", family="school")]
    table, said = several(made, [estimate("a", 0.001), estimate("b", 0.02), estimate("c", 0.2)])
    assert [row[0] for row in table.rows] == ["b", "c"]
    assert len(said) == 1
    assert "(school)" in said[0].reading


def test_holm_and_benjamini_hochberg_by_hand():
    holm, found = adjusted((0.01, 0.02, 0.03, 0.5))
    assert holm == pytest.approx((0.04, 0.06, 0.06, 0.5))
    assert found == pytest.approx((0.04, 0.04, 0.04, 0.5))


def test_what_is_clear_alone_and_not_among_all_is_a_caution_and_named():
    made = [outcome("a", "primary"), outcome("b"), outcome("c")]
    _, said = several(made, [estimate("a", 0.6), estimate("b", 0.04), estimate("c", 0.5)])
    assert said[0].status == "caution"
    assert "none is clear. By itself b would be clear too" in said[0].reading
    _, said = several(made, [estimate("a", 0.001), estimate("b", 0.4), estimate("c", 0.5)])
    assert said[0].status == "information"
    assert "clear are a." in said[0].reading
    assert "would be clear too" not in said[0].reading


def test_all_clear_says_nothing_of_what_is_not():
    made = [outcome("a", "primary"), outcome("b")]
    _, said = several(made, [estimate("a", 0.001), estimate("b", 0.002)])
    assert "may still have moved" not in said[0].reading


def test_an_outcome_without_a_p_value_stays_in_the_count():
    made = [outcome("a", "primary"), outcome("b")]
    table, said = several(made, [estimate("a", 0.03), estimate("b", None)])
    assert table.rows[0][4] == pytest.approx(0.06)
    assert table.rows[1][3:] == (None, None, None)
    assert "1 outcome could not be tested" in said[0].reading


def test_the_first_estimate_of_an_outcome_is_its_headline():
    made = [outcome("a", "primary"), outcome("b")]
    table, _ = several(made, [estimate("a", 0.2), estimate("b", 0.3), estimate("a", 0.0001, "event time 2")])
    assert [row[3] for row in table.rows] == [0.2, 0.3]


@pytest.mark.parametrize("shared", [0.0, 0.6])
def test_where_nothing_moved_any_outcome_is_called_clear_in_at_most_five_of_a_hundred(shared, monkeypatch):
    """2,000 studies of six outcomes with one cause in common: within three Monte Carlo errors of 5%, or below."""
    monkeypatch.setattr(gc, "collect", lambda: 0)  # statsmodels collects garbage on every call
    rng = np.random.default_rng(20261128)
    made = [outcome("a", "primary"), *(outcome(c) for c in "bcdef")]
    z = np.sqrt(shared) * rng.normal(size=(2000, 1)) + np.sqrt(1 - shared) * rng.normal(size=(2000, 6))
    alone = called = 0
    for p in 2 * stats.norm.sf(np.abs(z)):
        table, _ = several(made, [estimate(o.label, float(v)) for o, v in zip(made, p, strict=True)])
        called += any(row[4] <= 0.05 for row in table.rows)
        alone += any(row[3] <= 0.05 for row in table.rows)
    assert called / 2000 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)
    assert alone / 2000 > 0.10  # so the test can fail: unadjusted p-values would


def test_every_room_s_answer_carries_it_to_the_evaluation():
    protocol = SimpleNamespace(outcomes=(outcome("a", "primary"), outcome("b")))
    heads = (estimate("a", 0.01), estimate("b", 0.2))
    made = _together(protocol, Answer(estimates=heads, headline_terms=heads[:1]))
    assert [one.name for one in made.tables] == ["several-outcomes"]
    assert made.diagnostics[-1].name == "several outcomes"
    assert _together(SimpleNamespace(outcomes=protocol.outcomes[:1]), made).tables == made.tables


@pytest.mark.parametrize(("more", "found"), [({"role": "placebo", "family": "x"}, "a placebo outcome"),
                                             ({"role": "secondary", "family": "x"}, "'x' is named by one outcome")])
def test_a_family_of_one_and_one_with_a_placebo_are_refused(more, found):
    door = Door()
    _check_families(SimpleNamespace(outcomes=(outcome("a", "primary"), outcome("b", **more))), door)
    assert found in door.problems[0].found


def test_the_release_gate_knows_the_check():
    assert "several outcomes" in _known_checks()[0]
