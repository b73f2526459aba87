"""Bad input at the door of matching: one clear line each, all together, nothing dropped unsaid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.matching import Options, effect, match


def refused(frame, **ask):
    with pytest.raises(BadInput) as caught:
        match(frame, **ask)
    return str(caught.value)


@pytest.mark.parametrize(("change", "line"), [
    ({"treated": "hubb"}, "treated: no column 'hubb'"),
    ({"covariates": ["need", "agee"]}, "Did you mean 'age'?"),
    ({"covariates": []}, "covariates: none given"),
    ({"covariates": ["need", "hub"]}, "covariates: hold the treated column 'hub'"),
    ({"method": "nearst"}, "method: found 'nearst'"),
    ({"estimand": "ATE"}, "estimand: 'ATE' is not defined for method 'nearest'"),
    ({"method": "full", "ratio": 2}, "ratio: does not apply to method 'full'"),
    ({"method": "exact", "distance": "ridge"}, "distance: does not apply to method 'exact'"),
    ({"method": "entropy", "caliper": 0.2}, "caliper: does not apply to method 'entropy'"),
    ({"method": "subclass", "options": Options(bins={"age": 3})}, "bins: does not apply"),
    ({"ratio": 0}, "ratio: found 0"),
    ({"ratio": 50}, "matches asked of"),
    ({"caliper": -1}, "caliper: found -1"),
    ({"caliper": {"ages": 1}}, "caliper: no column 'ages'"),
    ({"caliper": {"area": 1}}, "caliper: 'area' is not numeric"),
    ({"caliper": 1e-12}, "caliper: matches nobody"),
    ({"caliper": 1e-12, "method": "full"}, "caliper: matches nobody"),
    ({"order": "random"}, "seed: none given with order='random'"),
    ({"order": "closest", "distance": "mahalanobis"}, "order: 'closest' needs a score"),
    ({"replace": True, "order": "smallest"}, "replace: order, fewest and most mean nothing"),
    ({"distance": "logitt"}, "Did you mean 'logit'?"),
    ({"options": Options(trim=(0.9, 0.1))}, "options.trim: found (0.9, 0.1)"),
    ({"options": Options(trim=(0.999, 1.0))}, "nobody is left in one of the groups"),
    ({"options": Options(fewest=3, most=4)}, "options.fewest/most: found 3 and 4 around ratio=1"),
    ({"method": "full", "options": Options(most=0.001, fewest=0.0005)}, "options.fewest/most: cannot be met"),
    ({"weights": "area"}, "weights: 'area' is not numeric"),
])
def test_one_clear_line(families, asked, change, line):
    said = refused(families, **{**asked, **change})
    assert line in said
    assert said.count("\n") == 0


def test_every_problem_at_once(families, asked):
    said = refused(families, **{**asked, "treated": "hubb", "order": "biggest", "ratio": -1, "exact": ["aera"]})
    assert said.count("\n") == 3


@pytest.mark.parametrize(("make", "line"), [
    (lambda f: f.assign(hub=range(len(f))), "0/1, True/False or Yes/No"),
    (lambda f: f.assign(hub=0), "no treated record is left"),
    (lambda f: f.assign(hub=1), "no comparison record is left"),
    (lambda f: f.assign(hub="perhaps"), "other than yes and no"),
    (lambda f: f.assign(age=3.0), "'age' is constant"),
    (lambda f: f.assign(area="north"), "'area' is constant"),
    (lambda f: f.assign(age=np.nan), "'age' has no value at all"),
    (lambda f: f.assign(age=np.where(f.lone == 1, np.inf, f.age)), "'age' holds infinite values"),
    (lambda f: f.assign(age=f.hub * 2.0 + 1), "age predicts treatment perfectly"),
    (lambda f: f.assign(area=np.where(f.hub == 1, "north", f.area)), "predicts treatment perfectly"),
    (lambda f: pd.concat([f, f.iloc[:3]]), "3 repeated ids in the frame's index"),
    (lambda f: f.assign(weight=-1.0), "negative or infinite values"),
    (lambda f: f.assign(area=f.index), "holds 400 different labels"),
    (lambda f: pd.concat([f, f[["age"]]], axis=1), "more than one column is named age"),
])
def test_what_the_data_may_not_hold(families, asked, make, line):
    said = refused(make(families), **asked, weights="weight")
    assert line in said
    assert said.count("\n") == 0


def test_a_single_name_may_stand_by_itself(good_match, families):
    made = good_match(families, treated="hub", covariates="need", exact="area", replace=True)
    assert made.study.x_names == ("need",)
    assert made.request.exact == ("area",)


def test_hours_of_work_are_refused(families, asked, monkeypatch):
    monkeypatch.setattr("hubeval.methods.matching.nearest.LOOKS", 1000)
    assert "distances between covariates would have to be looked at" in refused(families, **asked, distance="mahalanobis")


def test_repeated_units_are_counted(families, asked):
    assert "repeated ids in unit 'place'" in refused(families, **asked, unit="place")


@pytest.mark.parametrize("write", [
    lambda h: h.astype(bool), lambda h: h.map({1: "Yes", 0: "No"}), lambda h: h.map({1: "1", 0: "0"}), lambda h: h.astype(float),
    lambda h: h.map({1: True, 0: False}).astype("boolean")])
def test_ways_of_writing_treated(good_match, families, asked, write):
    first = good_match(families, **asked)
    second = good_match(families.assign(hub=write(families.hub)), **asked)
    pd.testing.assert_frame_equal(first.pairs, second.pairs)


def test_what_was_dropped_is_counted(good_match, families, asked):
    holed = families.copy()
    holed.loc[holed.index[:7], "age"] = np.nan
    holed.loc[holed.index[5:9], "area"] = None
    made = good_match(holed, **asked)
    assert made.study.n == len(holed) - 9
    assert made.study.flow[-1].note.startswith("9 records with something missing left out")
    assert "age 7, area 4" in made.study.flow[-1].note
    assert made.weights.loc[holed.index[:9]].eq(0).all()


def test_indicators_keep_everyone(good_match, families, asked):
    holed = families.copy()
    holed.loc[holed.index[:40], "age"] = np.nan
    holed.loc[holed.index[20:60], "area"] = None
    made = good_match(holed, **asked, options=Options(missing="indicator"))
    assert made.study.n == len(holed)
    assert {"age missing", "area missing"} <= set(made.study.x_names)


def test_dependent_columns_leave_the_score_and_are_said(good_match, families, asked):
    double = families.assign(twice=2 * families.age + 1)
    made = good_match(double, **{**asked, "covariates": [*asked["covariates"], "twice"]})
    assert made.study.x_names == good_match(families, **asked).study.x_names
    assert made.study.notes[0].what == "coefficient of twice"
    np.testing.assert_allclose(made.scores, good_match(families, **asked).scores)


def test_no_value_of_a_record_is_printed(good_match, families, asked):
    made = good_match(families, **asked)
    for shown in (made, made.study, made.links, made.score):
        assert len(repr(shown)) < 200


@pytest.mark.parametrize(("change", "line"), [
    ({"outcome": "scor"}, "Did you mean 'score'?"),
    ({"outcome": "need"}, "was matched on"),
    ({"outcome": "area" }, "was matched on"),
    ({"estimator": "best"}, "estimator: found 'best'"),
    ({"vcov": "bootstrap"}, "vcov: found 'bootstrap'"),
    ({"vcov": "hc3"}, "does not apply to estimator 'doubly-robust'"),
    ({"estimator": "difference", "vcov": "cluster"}, "no cluster column was given"),
    ({"estimator": "difference", "vcov": "abadie-imbens"}, "is for matching with replacement"),
    ({"estimator": "difference", "vcov": "influence"}, "for weighting designs"),
    ({"measure": "odds-ratio"}, "'score' is not 0/1"),
    ({"measure": "ratio"}, "a ratio means nothing"),
    ({"estimator": "regression", "measure": "ratio", "outcome": "seen"}, "a regression coefficient is a difference"),
    ({"conf_level": 95}, "conf_level: found 95"),
    ({"cluster": "plac"}, "Did you mean 'place'?"),
])
def test_effects_refuse_in_one_line(families, asked, change, line):
    made = match(families, **asked)
    with pytest.raises(BadInput) as caught:
        effect(made, **{"outcome": "score", **change})
    assert line in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_an_outcome_missing_for_some_is_counted(families, asked):
    made = match(families, **asked)
    holed = families.score.copy()
    holed[made.pairs.treated[:3]] = np.nan
    (found,) = effect(made, outcome=holed, estimator="difference")
    assert "3 matched records without the outcome left out" in found.inference
