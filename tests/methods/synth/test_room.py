"""The room from protocol to answer: the worked example holds its truth, what does not apply is refused, nothing drops silently."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval import files
from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.evaluation import evaluate
from hubeval.methods import synth
from hubeval.methods.room import room_for
from hubeval.protocol import Caution, read_protocol


@pytest.fixture(scope="module")
def protocol(root):
    return read_protocol(root / "designs" / "single-authority" / "protocol.toml")


@pytest.fixture(scope="module")
def data(root):
    return pd.read_csv(root / "synthetic_data" / "single-authority" / "panel.csv")


@pytest.fixture(scope="module")
def truth(root):
    return tomllib.loads((root / "synthetic_data" / "single-authority" / "truth.toml").read_text())


@pytest.fixture(scope="module")
def evaluation(protocol):
    return evaluate(protocol, today=date(2026, 11, 22))


def answered(protocol, data, **design):
    changed = replace(protocol, design=replace(protocol.design, **design))
    return room_for("synth").answer(changed, bind(changed, data), lambda _line: None)


def test_the_worked_example_opens_its_gate_and_its_intervals_hold_the_truth(evaluation, truth):
    for term in evaluation.headline_terms:
        column = next(o.column for o in evaluation.protocol.outcomes if o.label == term.outcome)
        assert term.conf_low < truth[column]["att"] < term.conf_high, term
    assert evaluation.headline_terms[0].p_value == 1 / 40


def test_figures_and_tables_are_all_there_and_go_to_json(evaluation):
    names = [f.name for f in evaluation.figures]
    for wanted in ("paths-referrals_per_10k", "placebo-gaps-referrals_per_10k", "weights-referrals_per_10k",
                   "placebo-starts-referrals_per_10k", "paths-dental_per_10k"):
        assert wanted in names
    (band,) = [s for s in evaluation.figures[0].series if s.style == "band"]
    each = [e for e in evaluation.estimates if e.term.startswith("effect at") and e.outcome.startswith("Referrals")]
    observed = evaluation.figures[0].series[0].y[28:]
    assert band.low == tuple(o - e.conf_high for o, e in zip(observed, each, strict=True))
    for figure in evaluation.figures:
        assert figure.text
        for series in figure.series:
            assert len(series.x) == len(series.y)
    assert {t.name for t in evaluation.tables} == {
        "weights", "placebo-starts", "placebo-units", "leave-one-out", "checks-by-outcome", "level-before",
    }
    assert "NaN" not in files.to_json(evaluation.to_dict())


def test_every_question_has_a_reading(evaluation):
    asked = {d.name for d in evaluation.diagnostics}
    assert {"Fit before the start", "Donors against periods", "Within the donors' range", "Smallest p-value",
            "Optimality of the weights", "placebo outcomes", "Concentration of weights"} <= asked
    assert {d.name for d in evaluation.probes} == {"placebo units", "placebo starts", "leave one donor out", "other scale"}
    assert all(d.reading for d in (*evaluation.diagnostics, *evaluation.probes))


def test_room_and_direct_call_agree(evaluation, data):
    fit = synth.control(data, outcome="referrals_per_10k", unit="authority", time="quarter", treated="Hubcaster", start="2019Q1")
    first = evaluation.headline_terms[0]
    assert fit.estimate == pytest.approx(first.estimate, rel=1e-9)
    assert fit.estimates()[0].conf_low == pytest.approx(first.conf_low, rel=1e-9)


@pytest.mark.parametrize("estimator", ["augmented", "synthetic-did"])
def test_other_estimators_answer_too(protocol, data, truth, estimator):
    answer = answered(protocol, data, estimator=estimator)
    head = answer.headline_terms[0]
    assert head.conf_low < truth["referrals_per_10k"]["att"] < head.conf_high
    assert len(answer.figures) >= 3
    assert answer.probes
    assert answer.method


def test_conformal_answers_and_says_so(protocol, data):
    head = answered(protocol, data, inference="conformal").headline_terms[0]
    assert "cyclic shifts of the 40 periods" in head.inference


def test_donors_with_holes_are_left_out_counted_and_named(protocol, data):
    holed = data.copy()
    holed.loc[(holed["authority"] == "Kelcombe") & (holed["quarter"] == "2014Q3"), "referrals_per_10k"] = np.nan
    answer = answered(protocol, holed)
    (step,) = answer.flow
    assert step.note == "1 left out for missing cells: Kelcombe"
    assert step.n_units == 39
    assert answer.headline_terms[0].n_comparison == 38
    assert answer.headline_terms[1].n_comparison == 39  # the other outcome keeps it


def test_a_hole_in_the_treated_series_is_refused(protocol, data):
    holed = data.copy()
    holed.loc[(holed["authority"] == "Hubcaster") & (holed["quarter"] == "2014Q3"), "referrals_per_10k"] = np.nan
    with pytest.raises(BadInput, match="'Hubcaster' has periods without a value"):
        answered(protocol, holed)


@pytest.mark.parametrize(
    ("design", "message"),
    [
        ({"inference": "bayes"}, "does not offer 'bayes'"),
        ({"estimator": "augmented", "inference": "conformal"}, "does not offer 'conformal'"),
        ({"estimator": "synthetic-did", "predictors": ("dental_per_10k",)}, "does not read it"),
        ({"predictors": ("dental_per_10k",), "inference": "conformal"}, "refits the path"),
        ({"donors": ("Hubcaster", "Kelcombe", "Aldborough")}, "is the treated unit"),
        ({"start": "2012Q3"}, "2 period"),
    ],
)
def test_what_does_not_apply_is_refused(protocol, data, design, message):
    with pytest.raises(BadInput, match=message):
        answered(protocol, data, **design)


def test_cautions_that_cannot_be_modelled_are_refused_and_dropped_periods_are_gone(protocol, data):
    caution = Caution(kind="shock", label="strike", first="2015Q2", last="2015Q3", handling="model it")
    with pytest.raises(BadInput, match="cannot"):
        answered(replace(protocol, cautions=(caution,)), data)
    dropped = answered(replace(protocol, cautions=(replace(caution, handling="drop the periods"),)), data)
    assert dropped.sample.n_periods == 38
    assert "left out" in next(d for d in dropped.diagnostics if d.name == "declared shock: strike").reading


def test_declared_cautions_are_reported_by_how_near_the_start_they_fall(protocol, data):
    near = Caution(kind="measure break", label="new form", first="2018Q4", handling="shared with the comparison")
    far = replace(near, label="old form", first="2015Q1", last="2015Q2")
    found = {d.name: d for d in answered(replace(protocol, cautions=(near, far)), data).diagnostics}
    assert found["declared measure break: new form"].status == "caution"
    assert "within 4 periods of a start (2019Q1)" in found["declared measure break: new form"].reading
    assert found["declared measure break: old form"].status == "information"


def test_few_donors_named_by_the_protocol(protocol, data):
    donors = tuple(sorted(set(data["authority"]) - {"Hubcaster"})[:10])
    answer = answered(protocol, data, donors=donors)
    assert answer.headline_terms[0].conf_low is None
    assert any("11 units can give no p-value below" in n.reason for n in answer.not_computed)
    assert next(d for d in answer.diagnostics if d.name == "Smallest p-value").status == "caution"


def test_predictors_are_averaged_before_the_start(protocol, data):
    with_more = data.assign(need=data.groupby("authority")["referrals_per_10k"].transform("first") / 10)
    answer = answered(protocol, with_more, predictors=("need", "dental_per_10k"))
    assert any(n.what == "placebo starts" for n in answer.not_computed)
    direct = synth.control(with_more, outcome="referrals_per_10k", unit="authority", time="quarter", treated="Hubcaster",
                           start="2019Q1", predictors=["need", "dental_per_10k"])
    assert direct.estimate == pytest.approx(answer.headline_terms[0].estimate, rel=1e-9)


def test_overfit_leads_the_answer(protocol, data):
    short = data[data["quarter"] >= "2018Q2"]
    changed = replace(protocol, cautions=())
    answer = room_for("synth").answer(changed, bind(changed, short), lambda _line: None)
    assert next(d for d in answer.diagnostics if d.name == "Donors against periods").status == "fail"
    assert any("overfitted" in n.reason for n in answer.not_computed)
    assert answer.headline_terms[0].p_value is None


def test_a_predictor_that_never_varies_is_refused(protocol, data):
    with pytest.raises(BadInput, match="'one' is the same for every unit"):
        answered(protocol, data.assign(one=1), predictors=("one",))


def test_two_donors_are_augmented_without_a_regression_on_nothing(protocol, data):
    donors = tuple(sorted(set(data["authority"]) - {"Hubcaster"})[:2])
    found = answered(protocol, data, donors=donors, estimator="augmented").headline_terms[0]
    assert np.isfinite(found.estimate)
    assert found.conf_low is None


def test_the_other_scale_is_asked_by_every_estimator_and_left_open_where_nothing_could_be_found(protocol, data):
    for estimator in ("synthetic-control", "augmented", "synthetic-did"):
        made = answered(protocol, data, estimator=estimator)
        (scale,) = [d for d in made.probes if d.name == "other scale"]
        assert scale.reading.startswith("In the outcome's own unit it is"), estimator
    few = data[data.authority.isin(["Hubcaster", *data.authority.unique()[:9]])]
    made = answered(protocol, few)
    assert "other scale" not in {d.name for d in made.probes}
    (why,) = [n for n in made.not_computed if n.what == "other scale"]
    assert "so few donors" in why.reason
