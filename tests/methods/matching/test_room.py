"""The room: a protocol and a table in, an answer out, on the worked example and on variations of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.methods.matching.room import ROOM
from hubeval.protocol import Caution, read_protocol
from hubeval.synthetic.families import families


@pytest.fixture(scope="module")
def protocol(root):
    return read_protocol(root / "designs/families-style/protocol.toml")


@pytest.fixture(scope="module")
def table(answered):
    return answered("families-style").table


@pytest.fixture(scope="module")
def small(protocol):
    return bind(protocol, families(n=700, hubs=24, seed=5, missing=0.1).frame)


@pytest.fixture(scope="module")
def answer(answered):
    return answered("families-style").answer


def with_design(protocol, **change):
    return replace(protocol, design=replace(protocol.design, **change))


def test_the_interval_holds_the_truth_and_the_raw_difference_has_the_wrong_sign(answer):
    truth = families().truth
    best = answer.headline_terms[0]
    assert best.conf_low < truth.att_need < best.conf_high
    assert truth.raw_need > 0 > best.conf_high
    referred = next(e for e in answer.headline_terms if e.outcome.startswith("Referral"))
    assert referred.conf_low < truth.att_referral < referred.conf_high


def test_what_is_asked_and_tried(answer):
    assert [d.name for d in answer.diagnostics] == [
        "Smallest detectable change", "balance", "overlap", "effective sample", "left out",
        "what the learners miss", "clusters", "placebo outcomes",
        "downstream outcomes"]
    assert [d.name for d in answer.probes] == ["Rosenbaum bound", "E-value", "omitted variable", "another estimator"]
    status = {d.name: d.status for d in (*answer.diagnostics, *answer.probes)}
    assert status["balance"] == "pass"
    assert status["placebo outcomes"] == "pass"
    assert status["left out"] == "caution"


def test_figures_are_aggregates(answer):
    love, overlap = answer.figures
    assert {s.label for s in love.series} == {"before matching", "after matching"}
    assert len(love.series[0].x) == 14  # thirteen covariates and the score
    before, after = (max(s.y) for s in love.series)
    assert after < 0.1 < before
    assert all(value is None or value * 591 >= 9.5 for value in overlap.series[0].y if value != 0)


def test_the_whole_way_through_the_gate(worked):
    made = worked("families-style/protocol.toml")
    assert "lower than expected" in made.headline
    assert made.sample.n_treated == made.sample.n_comparison > 500
    assert [step.n_rows for step in made.sample.flow] == sorted((step.n_rows for step in made.sample.flow), reverse=True)


@pytest.mark.parametrize("change", [
    {"method": "full", "caliper": None}, {"method": "optimal", "caliper": None}, {"replace": True},
    {"distance": "mahalanobis", "caliper": {"logit": 0.3}}, {"method": "entropy", "caliper": None},
    {"method": "overlap", "caliper": None, "estimator": "difference", "estimand": None}, {"method": "cbps", "caliper": None, "estimand": "ATE"},
    {"method": "coarsened", "caliper": None, "covariates": ("deprivation", "lone_parent"), "estimator": "g-computation"},
    {"method": "subclass", "caliper": None, "estimator": "regression"}, {"caliper": {"prior_need": 0.2}},
    {"missing": "indicator"}, {"estimand": "ATC", "replace": True}], ids=str)
def test_every_design_answers(protocol, small, change):
    quick = {"estimator": "difference"} if "estimator" not in change else {}
    made = ROOM.answer(with_design(protocol, **{**quick, **change}), small, lambda _line: None)
    assert made.headline_terms[0].conf_low < made.headline_terms[0].conf_high
    assert all(np.isfinite(e.estimate) for e in made.estimates)
    assert any(d.name == "balance" for d in made.diagnostics)
    dropped = [step for step in made.flow if step.label == "complete cases"]
    assert bool(dropped) == (change.get("missing") != "indicator" and "covariates" not in change)


def test_multiple_imputation_keeps_everyone_and_widens(protocol, small):
    design = {"estimator": "difference", "missing": "multiple-imputation"}
    made = ROOM.answer(with_design(protocol, **design), small, lambda _line: None)
    assert "10 imputations combined by Rubin's rules" in made.headline_terms[0].inference
    assert "10 imputations" in made.method
    assert made.flow[0].n_rows <= 700
    assert not [step for step in made.flow if step.label == "complete cases"]


@pytest.mark.parametrize(("change", "line"), [
    ({"method": "nearst"}, "design.method: found 'nearst'"), ({"estimator": "magic"}, "design.estimator: found 'magic'"),
    ({"missing": "ignore"}, "design.missing: found 'ignore'"), ({"method": "entropy"}, "design.caliper: does not apply"),
    ({"distance": "logitt"}, "design.distance: found 'logitt'"), ({"caliper": None, "caliper_scale": "raw"}, "design.caliper_scale: there is no caliper"),
    ({"estimand": "ATE"}, "design.estimand: 'ATE' is not defined")])
def test_refusals_name_the_protocols_keys(protocol, small, change, line):
    with pytest.raises(BadInput) as caught:
        ROOM.answer(with_design(protocol, **change), small, lambda _line: None)
    assert line in str(caught.value)


def test_a_hidden_driver_is_caught_by_the_negative_control(protocol):
    """With an outcome that hubs cannot move but the hidden driver does, the placebo fails."""
    frame = families(n=2000, hidden=1.5, seed=3).frame
    rng = np.random.default_rng(1)
    frame["library_visits"] = frame.need_score * 0.5 + frame.hub + rng.normal(size=len(frame))
    asked = with_design(protocol, estimator="difference")
    made = ROOM.answer(asked, bind(protocol, frame), lambda _line: None)
    found = next(d for d in made.diagnostics if d.name == "placebo outcomes")
    assert found.status == "fail"


def test_cautions_are_told_and_those_that_records_cannot_carry_out_are_refused(protocol, small):
    other = Caution(kind="co-intervention", label="Family Nurse Partnership", first="2020", handling="shared with the comparison")
    asked = replace(with_design(protocol, estimator="difference"), cautions=(other,))
    made = ROOM.answer(asked, small, lambda _line: None)
    found = next(d for d in made.diagnostics if d.name == "declared co-intervention: Family Nurse Partnership")
    assert found.status == "caution"
    for handling in ("drop the periods", "model it"):
        with pytest.raises(BadInput, match="records have no periods"):
            ROOM.answer(replace(asked, cautions=(replace(other, handling=handling),)), small, lambda _line: None)


def test_capabilities_cover_every_method():
    from hubeval.methods.matching.door.options import METHODS

    assert set(ROOM.capabilities) == set(METHODS)
    assert "caliper" in ROOM.capabilities["nearest"].options


def test_what_is_blank_is_missing_and_counted(protocol):
    """A blank hub is not a hub of its own, and a blank treatment is nobody's."""
    frame = families(n=700, hubs=24, seed=5).frame
    frame["catchment"] = frame.catchment.astype(object).where(frame.index > 29, "")
    frame["hub"] = frame.hub.map({1: "Yes", 0: "No"}).where(frame.index < 690, "")
    made = ROOM.answer(with_design(protocol, estimator="difference"), bind(protocol, frame), lambda _line: None)
    notes = {step.label: step.note for step in made.flow}
    assert notes["treatment known"] == "10 records without a treatment status left out"
    assert "catchment 30" in notes["complete cases"]
    assert any("'yes' means treated and 'no' means comparison" in n.reason for n in made.not_computed)


def test_outcomes_lost_on_one_side_are_a_question_of_their_own(protocol):
    frame = families(n=700, hubs=24, seed=5).frame
    frame["need_score"] = frame.need_score.where((frame.hub == 0) | (np.arange(700) % 3 > 0))
    made = ROOM.answer(with_design(protocol, estimator="difference"), bind(protocol, frame), lambda _line: None)
    found = next(d for d in made.diagnostics if d.name == "outcome known")
    assert found.status == "fail"
    assert "0 of the comparison records (0%)" in found.reading
    last = made.flow[-1]
    assert (last.label, last.n_rows) == ("with the primary outcome", made.headline_terms[0].n_observations)


def test_a_design_without_a_score_says_that_overlap_is_not_shown(protocol, small):
    change = {"distance": "mahalanobis", "caliper": None, "estimator": "difference", "missing": "indicator"}
    made = ROOM.answer(with_design(protocol, **change), small, lambda _line: None)
    assert not [d for d in made.diagnostics if d.name == "overlap"]
    assert "overlap of scores" in [n.what for n in made.not_computed]


def test_a_known_covariate_does_not_look_harmless_because_it_was_matched_on(protocol, table):
    """The benchmark is drawn before matching, where prior need drives who comes."""
    made = ROOM.answer(with_design(protocol, estimator="difference"), table, lambda _line: None)
    shares = {row[0]: row[1] for row in next(t for t in made.tables if t.name == "omitted-variable").rows}
    assert max(shares.values()) > 0.01


def test_imputation_draws_no_cells_and_says_what_it_did_not_draw(protocol):
    frame = families(n=500, hubs=24, seed=5).frame
    frame["children"] = frame.children.where(np.arange(500) % 6 > 0)
    known = ("children", "lone_parent", "deprivation")
    design = {"estimator": "difference", "missing": "multiple-imputation", "caliper": 0.5, "covariates": known}
    with pytest.raises(BadInput, match=r"design.missing: children must agree exactly and has gaps"):
        ROOM.answer(with_design(protocol, **design, exact=("children",)), bind(protocol, frame), lambda _line: None)
    frame["lone_parent"] = frame.lone_parent.map({0: "no", 1: "yes"}).where(np.arange(500) % 7 > 0)
    made = ROOM.answer(with_design(protocol, **design), bind(protocol, frame), lambda _line: None)
    assert {"balance of every imputation", "imputation of lone_parent"} <= {n.what for n in made.not_computed}


def test_a_baseline_that_is_imputed_keeps_its_records(protocol):
    """The change is taken after the gap is filled, so nobody with an outcome is lost."""
    frame = families(n=500, hubs=24, seed=5).frame
    frame["prior_need"] = frame.prior_need.where(np.arange(500) % 5 > 0)
    outcomes = (replace(protocol.primary, baseline="prior_need"),)
    asked = replace(with_design(protocol, estimator="difference", missing="multiple-imputation", method="entropy", caliper=None,
                                covariates=("deprivation", "prior_need")), outcomes=outcomes)
    made = ROOM.answer(asked, bind(asked, frame), lambda _line: None)
    assert made.headline_terms[0].n_observations == 500
    left = ROOM.answer(with_missing(asked, "indicator"), bind(asked, frame), lambda _line: None)
    assert "100 matched records without the outcome left out" in left.headline_terms[0].inference


def with_missing(protocol, missing):
    return replace(protocol, design=replace(protocol.design, missing=missing))
