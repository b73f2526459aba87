"""The spine end to end: gated, recovered, dated, and the same every time."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from hubeval import files
from hubeval.errors import BadInput, NotReady
from hubeval.evaluation import _as_read, _short_of, evaluate
from hubeval.profile import read_profile
from hubeval.protocol import read_protocol
from hubeval.readiness import assess
from hubeval.result import NotComputed


@pytest.fixture(scope="module")
def protocol(root):
    return read_protocol(root / "designs" / "essex-style" / "protocol.toml")


@pytest.fixture(scope="module")
def evaluation(worked):
    return worked("essex-style/protocol.toml")


@pytest.fixture(scope="module")
def shuffled(protocol, root):
    """The example's rows in another order, as they were before they were evaluated and after, and the evaluation."""
    frame = pd.read_csv(root / "synthetic_data" / "essex-style" / "panel.csv", dtype=str, keep_default_na=False)
    frame = frame.sample(frac=1, random_state=1)
    before = frame.copy(deep=True)
    return before, frame, evaluate(protocol, frame, today=date(2026, 11, 22))


@pytest.fixture(scope="module")
def truth(root):
    return tomllib.loads((root / "synthetic_data" / "essex-style" / "truth.toml").read_text())


def test_the_interval_of_the_shipped_example_holds_the_truth(evaluation, truth):
    for term in evaluation.headline_terms:
        column = next(o.column for o in evaluation.protocol.outcomes if o.label == term.outcome)
        assert term.conf_low < truth[column]["att"] < term.conf_high, term


def test_estimates_carry_what_must_travel_with_them(evaluation):
    for estimate in evaluation.estimates:
        assert estimate.unit
        assert estimate.estimand
        assert estimate.inference
        assert estimate.n_treated
    frame = evaluation.to_frame()
    assert {"term", "estimate", "std_error", "conf_low", "conf_high", "p_value"} <= set(frame.columns)


def test_an_evaluation_shows_itself_in_few_words(evaluation):
    assert evaluation.headline in repr(evaluation)
    assert len(repr(evaluation)) < len(evaluation.headline) + 200
    assert "<strong>Essex-style example" in evaluation._repr_html_()
    assert len(evaluation._repr_html_()) < len(evaluation.headline) * 2 + 300


def test_suppressed_cells_are_counted_not_filled(evaluation):
    notes = " ".join(step.note for step in evaluation.sample.flow)
    assert "suppressed" in notes
    assert "c ×" in notes


def test_the_same_data_and_protocol_give_the_same_bytes(protocol, evaluation):
    again = evaluate(protocol, today=date(2026, 11, 22))
    assert files.to_json(again.to_dict()) == files.to_json(evaluation.to_dict())


def test_row_order_changes_nothing(evaluation, shuffled):
    first, second = evaluation.to_dict(), shuffled[2].to_dict()
    for value in (first, second):
        value["provenance"]["data_sha256"] = ""
    for one, other in zip(first["estimates"], second["estimates"], strict=True):
        assert one["term"] == other["term"]
        assert one["estimate"] == pytest.approx(other["estimate"], rel=1e-9)


def test_the_callers_frame_is_left_alone(shuffled):
    before, frame, _ = shuffled
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("area", ["bristol", "sefton", "suffolk", "leeds"])
def test_an_area_that_is_not_ready_is_turned_away(root, protocol, area):
    profile = read_profile(root / "designs" / area / "profile.toml")
    with pytest.raises(NotReady) as caught:
        evaluate(replace(protocol, area=profile.area), readiness=assess(profile))
    assert caught.value.reasons
    assert profile.area in caught.value.message


def test_going_on_despite_is_printed(root):
    protocol = read_protocol(root / "designs" / "bristol" / "protocol.toml")
    evaluation = evaluate(protocol, despite="trying the method on synthetic data")
    assert "trying the method on synthetic data" in evaluation.headline
    assert evaluation.provenance.despite


def test_a_blank_reason_does_not_open_the_gate(root):
    with pytest.raises(NotReady):
        evaluate(read_protocol(root / "designs" / "bristol" / "protocol.toml"), despite="  ")


def test_profile_and_protocol_must_be_of_one_area(root, protocol):
    with pytest.raises(BadInput, match="the protocol is of"):
        evaluate(protocol, readiness=assess(read_profile(root / "designs" / "leeds" / "profile.toml")))


def test_the_gate_stands_before_the_data(root):
    with pytest.raises(NotReady):
        evaluate(read_protocol(root / "designs" / "bristol" / "protocol.toml"), "no-such-file.csv")


def test_a_cross_check_is_made_where_asked_and_its_library_named(root):
    """In a process of its own: provenance lists what was imported, no more."""
    code = (
        "import hubeval as he\n"
        "protocol = he.read_protocol('designs/one-authority/protocol.toml')\n"
        "for asked in (False, True):\n"
        "    made = he.evaluate(protocol, cross_check=asked)\n"
        "    found = [d.status for d in made.diagnostics if d.name == 'cross-check']\n"
        "    print(found, sorted({'linearmodels', 'statsmodels'} & set(made.provenance.packages)))\n"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == ["[] []", "['pass'] ['linearmodels', 'statsmodels']"]


def test_where_no_library_fits_the_headline_that_is_said(root):
    protocol = read_protocol(root / "designs" / "single-authority" / "protocol.toml")
    missing = {n.what: n.reason for n in evaluate(protocol, cross_check=True).not_computed}
    assert "neither statsmodels nor linearmodels" in missing["cross-check"]


def test_a_library_that_cannot_fit_costs_the_cross_check_and_not_the_evaluation(root, monkeypatch):
    def broken(*_given):
        raise np.linalg.LinAlgError("singular matrix")

    from hubeval.methods.synth import room

    monkeypatch.setattr(room, "ROOM", replace(room.ROOM, cross_check=broken))
    protocol = read_protocol(root / "designs" / "single-authority" / "protocol.toml")
    made = evaluate(protocol, cross_check=True)
    assert {n.what: n.reason for n in made.not_computed}["cross-check"].endswith("(LinAlgError)")
    assert made.headline_terms


def test_what_nobody_knows_is_not_called_refuted_by_the_data():
    def finding(name, criterion, because):
        return SimpleNamespace(name=name, criterion=criterion, because=because)

    findings = (finding("Power", "ST1", "Nothing is known."),
                finding("Comparison", "CA1", "Level 2 to 4: “24 units” (hubeval check of x.csv; checked on data)."),
                finding("Number of units", "CA5", "Level 1 (“1 treated” (checked on data))"))
    said = _short_of(SimpleNamespace(findings=findings), SimpleNamespace(closed_by=("CA5",), wanting=("ST1", "CA1")))
    assert "speaks against what the design needs: Number of units (CA5)" in said
    assert "does not settle what the design needs: Comparison (CA1)" in said
    assert said.endswith("Nothing given shows that the design's other needs are met: Power (ST1).")


def test_how_the_data_were_read_is_no_thing_that_was_not_computed():
    notes = (NotComputed(what="Reading", reason="column 'year': years are financial years"),
             NotComputed(what="Calendar", reason="another country"))
    absent, read = _as_read(SimpleNamespace(notes=notes))
    assert [one.what for one in absent] == ["Calendar"]
    assert [(one.status, one.reading) for one in read] == [("information", "column 'year': years are financial years.")]
