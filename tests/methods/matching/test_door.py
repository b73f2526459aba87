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
    ({"method": "subclass", "distance": "mahalanobis"}, "distance: 'mahalanobis' lies between covariates"),
    ({"method": "overlap", "distance": "scaled-euclidean"}, "and method 'overlap' needs a score"),
    ({"covariates": 3}, "covariates: no column 3"),
    ({"covariates": [["need"]]}, "covariates: found list among the names"),
    ({"weights": ["weight"]}, "weights: found list"),
    ({"cluster": ["place"]}, "cluster: found list"),
    ({"treated": ["hub"]}, "treated: found list"),
    ({"exact": ["boxes"]}, "exact: 'boxes' holds neither numbers nor labels"),
    ({"cluster": "boxes"}, "cluster: 'boxes' holds neither numbers nor labels"),
    ({"caliper": {"wild": 0.2}}, "caliper: 'wild' holds infinite values"),
    ({"caliper": {"flat": 0.2}}, "caliper: 'flat' is constant"),
    ({"caliper_scale": "raw"}, "caliper_scale: there is no caliper"),
    ({"seed": -1}, "seed: found -1"),
    ({"seed": 1.5}, "seed: found 1.5"),
    ({"options": {"link": "logit"}}, "options: found dict"),
    ({"options": Options(trim="a")}, "options.trim: found a"),
    ({"options": Options(trim=(0.1,))}, "options.trim: found (0.1,)"),
    ({"method": "full", "options": Options(most="all")}, "options.most: found 'all'"),
    ({"method": "coarsened", "options": Options(bins={"age": -3})}, "options.bins: found -3 for 'age'"),
    ({"method": "coarsened", "options": Options(bins={"age": 2.5})}, "options.bins: found 2.5 for 'age'"),
    ({"method": "coarsened", "options": Options(bins={"age": (1, np.nan)})}, "options.bins: found (1, nan) for 'age'"),
    ({"method": "coarsened", "options": Options(bins={"area": 3})}, "options.bins: 'area' is not numeric"),
    ({"method": "coarsened", "options": Options(bins=[3])}, "options.bins: found list"),
    ({"covariates": None}, "covariates: none given"),
    ({"exact": ["hub"]}, "exact: names the treated column 'hub'"),
    ({"cluster": "hub"}, "cluster: names the treated column 'hub'"),
    ({"distance": "hub"}, "distance: names the treated column"),
    ({"distance": np.zeros(400)}, "distance: found ndarray"),
    ({"distance": "area"}, "distance: the score 'area' is not numeric"),
])
def test_one_clear_line(families, asked, change, line):
    odd = {"boxes": [[1]] * 400, "wild": np.where(families.lone == 1, np.inf, 1.0), "flat": 1.0}
    said = refused(families.assign(**odd), **{**asked, **change})
    assert line in said
    assert said.count("\n") == 0


def test_every_problem_at_once(families, asked):
    said = refused(families, **{**asked, "treated": "hubb", "order": "biggest", "ratio": -1, "exact": ["aera"]})
    assert said.count("\n") == 3


@pytest.mark.parametrize(("make", "line"), [
    (lambda f: f.assign(hub=range(len(f))), "0/1, True/False or Yes/No"),
    (lambda f: f.assign(hub=0), "no treated record is left"),
    (lambda f: f.assign(hub=1), "no comparison record is left"),
    (lambda f: f.assign(hub="perhaps"), "holds 1 words other than yes and no, in 400 records"),
    (lambda f: f.assign(hub=f.hub + 1), "2 different values, 1 of them neither 0 nor 1"),
    (lambda f: f.iloc[:0], "frame: found 0 rows"),
    (lambda f: f.assign(age=pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(400) % 6, unit="D")), "'age' holds dates or times"),
    (lambda f: f.assign(age=[[1]] * 400), "'age' holds neither numbers nor labels"),
    (lambda f: f.assign(age=f.age + 1j), "'age' holds complex numbers"),
    (lambda f: f.assign(age=f.age.round().astype(object)), "'age' holds numbers kept as objects"),
    (lambda f: f.assign(age=1e200 * f.age), "'age' is too large or too narrow"),
    (lambda f: f.assign(age=1e-200 * f.age), "'age' is too large or too narrow"),
    (lambda f: f.assign(logit=f.age), "distance: 'logit' is a way to make a score and a column as well"),
    (lambda f: f.assign(weight=0.0), "'weight' holds no value above 0"),
    (lambda f: f.assign(weight=np.where(f.hub == 1, 0.0, 1.0)), "no treated record is left"),
    (lambda f: f.assign(weight=f.hub == 0), "weights: 'weight' is not numeric"),
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


@pytest.mark.parametrize("ask", [
    {"distance": "mahalanobis", "order": "data"}, {"distance": "ridge"}, {"distance": "boosting"}, {"distance": "forest", "method": "overlap"},
    {"method": "entropy"}, {"method": "cbps"}, {"method": "coarsened"}], ids=str)
def test_no_method_lets_a_copy_of_treatment_in(families, asked, ask):
    """Distances and learners do not notice by themselves that nobody is comparable."""
    said = refused(families.assign(age=families.hub + 0.01 * families.need.clip(-1, 1)), **{**asked, **ask})
    assert "predicts treatment perfectly" in said or "no weights balance" in said or "no cell holds both" in said
    assert said.count("\n") == 0


def test_repeated_labels_are_refused_whatever_the_unit(families, asked):
    twice = pd.concat([families, families.iloc[:3]]).assign(id=range(403))
    assert "3 repeated ids in the frame's index" in refused(twice, **asked, unit="id")
    assert "2 missing ids in 'id'" in refused(families.assign(id=[None, None, *range(398)]), **asked, unit="id")


@pytest.mark.parametrize(("own", "line"), [
    (lambda s: pd.concat([s, s]), "repeats 400 ids"), (lambda s: s.where(s > s.median()), "is missing for 200 of 400 records"),
    (lambda s: s.where(s > s.median(), np.inf), "is infinite for 200 records"), (lambda s: s * 0, "is the same for all records")])
def test_scores_brought_along_are_checked(families, asked, own, line):
    assert line in refused(families, **asked, distance=own(families.need))


def test_records_of_no_weight_are_left_out_and_counted(good_match, families, asked):
    some = families.assign(weight=np.where(families.lone == 1, 0.0, families.weight))
    made = good_match(some, **{**asked, "covariates": ["need", "age"]}, weights="weight")
    lost = int((families.lone == 1).sum())
    treated = int(((families.lone == 1) & (families.hub == 1)).sum())
    assert made.study.n == 400 - lost
    assert made.study.flow[-1].note == f"{lost} records with survey weight 0 left out ({treated} treated)"


def test_a_covariate_left_constant_by_what_was_dropped_is_said(good_match, families, asked):
    """Complete on `need` only where `lone` is 1."""
    holed = families.assign(need=families.need.where(families.lone == 1))
    made = good_match(holed, **asked, distance="mahalanobis", order="data")
    assert [n.what for n in made.study.notes] == ["effects on records left out", "balance of lone"]
    assert made.balance(interactions=True, squares=True).drop(columns=["variance_ratio_before", "variance_ratio_after"]).notna().all(axis=None)
    with pytest.raises(BadInput, match="none varies among the records kept"):
        match(holed, treated="hub", covariates=["lone"], exact=["need"])


def test_words_for_treatment_are_said(families, asked):
    made = match(families.assign(hub=families.hub.map({1: "Yes", 0: "no"})), **asked)
    (note,) = made.study.notes
    assert (note.what, note.reason) == ("other readings of 'hub'", "'yes' means treated and 'no' means comparison, in capitals or not")
    assert not match(families, **asked).study.notes


def test_covariates_far_from_zero_are_not_taken_for_the_constant(families, asked):
    """1e12 plus an age is as good as the age, to the digits that are left of it."""
    near, far = (match(families.assign(age=families.age + shift), **asked).scores for shift in (0.0, 1e12))
    np.testing.assert_allclose(far, near, atol=1e-3)


@pytest.mark.parametrize("names", [{"need": 0, "age": 1}, {"need": ("a", "b")}], ids=str)
def test_columns_may_be_named_by_anything(families, asked, names):
    renamed = families.rename(columns=names)
    made = match(renamed, treated="hub", covariates=[names.get("need"), names.get("age", "age")])
    assert len(made.balance(interactions=True)) == 4
    assert effect(made, outcome="score", estimator="difference")[0].n_treated > 50


def test_too_few_to_go_round_is_said(good_match, families, asked):
    made = good_match(families, **asked, ratio=2, caliper=0.05)
    got = made.pairs.groupby("treated").size()
    assert 0 < (got < 2).sum() == made.short
    assert f"{made.short} matched records got fewer" in next(n for n in made.not_computed if n.what == "2 matches for each").reason


@pytest.mark.parametrize("kind", ["numpy_nullable", "pyarrow"])
def test_other_columns_of_pandas(families, asked, kind):
    if kind == "pyarrow":
        pytest.importorskip("pyarrow")
    first = match(families, **asked)
    second = match(families.convert_dtypes(dtype_backend=kind), **asked)
    pd.testing.assert_series_equal(first.weights, second.weights)
    one, two = (effect(m, outcome="score", estimator="g-computation")[0].estimate for m in (first, second))
    assert one == pytest.approx(two)


def test_a_single_name_may_stand_by_itself(good_match, families):
    made = good_match(families, treated="hub", covariates="need", exact="area", replace=True)
    assert made.study.x_names == ("need",)
    assert made.request.exact == ("area",)
    for names in (families.columns[1:3], np.array(["need", "age"]), {"need": 0, "age": 0}):
        assert match(families, treated="hub", covariates=names).study.covariates == ("need", "age")


def test_hours_of_work_are_refused(families, asked, monkeypatch):
    monkeypatch.setattr("hubeval.methods.matching.designs.nearest.LOOKS", 1000)
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
    ({"outcome": "hub"}, "outcome: 'hub' has another part in the design"),
    ({"outcome": np.zeros(400)}, "outcome: found ndarray"),
    ({"outcome": pd.Series(np.arange(400.0), name="y")}, "400 of 400 ids are not in the matched frame"),
    ({"outcome": pd.Series(np.arange(800.0), index=[f"f{i % 400}" for i in range(800)], name="y")}, "outcome: 400 repeated ids"),
    ({"outcome": "flat"}, "'flat' is the same for all"),
    ({"covariates": ["score"], "estimator": "regression"}, "covariates: hold the outcome 'score'"),
    ({"covariates": ["need", "hub"]}, "covariates: hold the treatment 'hub'"),
    ({"covariates": []}, "covariates: none, for learners"),
    ({"covariates": ["wild"], "estimator": "regression"}, "'wild' holds infinite values"),
    ({"covariates": ["flat"], "estimator": "regression"}, "'flat' is constant"),
    ({"covariates": ["name"], "estimator": "regression"}, "holds 400 different labels"),
    ({"cluster": "holed"}, "records used have no 'holed'"),
    ({"cluster": "flat"}, "treated records used stand in 1 and comparison records in 1 clusters of 'flat'"),
    ({"estimator": "difference", "vcov": "hc3", "cluster": "place"}, "vcov: 'hc3' takes no account of cluster='place'"),
    ({"covariates": 3}, "covariates: no column 3"),
    ({"cluster": ["place"]}, "cluster: found list"),
    ({"label": "Need"}, "label: found str"),
    ({"seed": -1}, "seed: found -1"),
    ({"conf_level": "high"}, "conf_level: found high"),
    ({"outcome": "seen", "estimator": "g-computation", "vcov": "hc3"}, "'hc3' is not offered for logistic"),
])
def test_effects_refuse_in_one_line(families, asked, change, line):
    extra = {"flat": 1.0, "wild": np.where(families.lone == 1, np.inf, 1.0), "holed": families.place.where(families.lone == 1)}
    made = match(families.assign(**extra, name=families.index), **asked)
    with pytest.raises(BadInput) as caught:
        effect(made, **{"outcome": "score", **change})
    assert line in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_an_outcome_missing_for_some_is_counted(families, asked):
    made = match(families, **asked)
    holed = families.score.copy()
    holed[made.pairs.treated[:3]] = np.nan
    (found,) = effect(made, outcome=holed, estimator="difference")
    assert "3 matched records without the outcome left out (3 treated, 0 comparison)" in found.inference


def test_no_message_holds_a_value(families, asked):
    """An outcome handed over as bare numbers is named by its type."""
    with pytest.raises(BadInput) as caught:
        effect(match(families, **asked), outcome=families.score.to_numpy())
    assert len(str(caught.value)) < 120


def test_gaps_in_what_is_adjusted_for_are_marked_and_counted(families, asked):
    holed = families.assign(extra=families.age.where(families.lone == 1), label=families.area.where(families.lone == 0))
    made = match(holed, **{**asked, "covariates": ["need"]})
    (found,) = effect(made, outcome="score", estimator="regression", covariates=["extra", "label"])
    assert f"covariates missing in {int((made.weights > 0).sum())} records filled at the mean and marked" in found.inference
    (one,) = effect(made, outcome="score", estimator="regression", covariates="need")
    assert one.estimate == effect(made, outcome="score", estimator="regression", covariates=["need"])[0].estimate


def test_nothing_used_in_the_matching_is_an_outcome(families, asked):
    for ask, column in (({"exact": ["seen"]}, "seen"), ({"distance": "weight"}, "weight"), ({"caliper": {"weight": 0.5}}, "weight")):
        made = match(families, **asked, **ask)
        with pytest.raises(BadInput, match="was matched on"):
            effect(made, outcome=column, estimator="difference")
    made = match(families, **asked, caliper={"score": 0.2})  # the word, not the column of that name
    assert effect(made, outcome="score", estimator="difference")


def test_learners_need_both_groups_in_every_part(families, asked):
    """One treated record, or all of them in one place, leave a fold with nothing to tell apart."""
    single = pd.concat([families[families.hub == 1].head(1), families[families.hub == 0]])
    assert "'forest' is fitted on parts of the records, and 1 in the smaller group" in refused(single, treated="hub", covariates=["need"], distance="forest")
    gathered = families.assign(place=np.where(families.hub == 1, 0, families.place + 1))
    assert "too few clusters" in refused(gathered, **asked, distance="forest", cluster="place")


def test_trimming_needs_a_probability(families, asked):
    said = refused(families, **asked, distance=3 * families.need, options=Options(trim=(0.1, 0.9)))
    assert said == "options.trim: the score brought is not a probability (a score between 0 and 1). Bring a probability."
