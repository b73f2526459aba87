"""What `match` and `effect` take, a protocol can say: by the same names, checked, and carried to the answer."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.methods.matching import Options, effect, match
from hubeval.methods.matching.door.options import SCORES, SPACES
from hubeval.methods.matching.room import ROOM
from hubeval.protocol import MatchingDesign, read_protocol
from hubeval.synthetic.families import families

ELSEWHERE = {"frame", "options", "seed", "result", "outcome", "label", "conf_level"}  # data, outcomes, top level
HEAD = """area = "X"
question = "Did it?"
registered = 2026-01-02
[[outcomes]]
column = "need_score"
label = "Need"
unit = "points"
[design]
kind = "matching"
unit = "family"
treated = "hub"
covariates = ["prior_need", "deprivation", "lone_parent"]
estimator = "difference"
"""


@pytest.fixture(scope="module")
def frame():
    made = families(n=500, hubs=16, seed=9).frame
    rng = np.random.default_rng(2)
    return made.assign(own=rng.uniform(0.1, 0.9, len(made)), ward=rng.choice(["a", "b", "c"], len(made)))


def declared(folder, lines):
    path = folder / "protocol.toml"
    path.write_text(HEAD + lines, encoding="utf-8")
    return read_protocol(path)


def test_every_keyword_has_its_key(root):
    named = {*inspect.signature(match).parameters, *(f.name for f in fields(Options)), *inspect.signature(effect).parameters}
    keys = {f.name for f in fields(MatchingDesign)}
    assert named - keys <= ELSEWHERE
    assert keys - named == {"adjust_for"}
    page = (root / "docs/matching.md").read_text(encoding="utf-8")
    table = page[page.index("## In a protocol"):page.index("## Which estimate")]
    assert all(f"`{key}`" in table for key in keys)
    assert MatchingDesign.WORDS == SCORES + SPACES


SAME = [
    ("caliper = { logit = 0.5, prior_need = 0.8 }", {"caliper": {"logit": 0.5, "prior_need": 0.8}, "options": Options(link="logit")}),
    ('distance = "own"\ncaliper = 0.05\ncaliper_scale = "raw"', {"distance": "own", "caliper": 0.05, "caliper_scale": "raw"}),
    ('caliper = 1\nlink = "score"\nantiexact = ["ward"]\nexact = ["lone_parent"]',
     {"caliper": 1.0, "exact": ["lone_parent"], "options": Options(antiexact=("ward",))}),
    ('ratio = 2\nfewest = 1\nmost = 3\ncaliper = 3\norder = "smallest"',
     {"ratio": 2, "caliper": 3.0, "order": "smallest", "options": Options(link="logit", fewest=1, most=3)}),
    ('order = "random"\ncaliper = 1', {"order": "random", "caliper": 1.0, "seed": 20261122, "options": Options(link="logit")}),
    ('distance = "mahalanobis"\norder = "largest"\ncaliper = { logit = 1 }',
     {"distance": "mahalanobis", "order": "largest", "caliper": {"logit": 1.0}}),
    ('method = "full"\nfewest = 0.2\nmost = 6\ndiscard = "both"\nestimand = "ATE"',
     {"method": "full", "estimand": "ATE", "options": Options(link="logit", fewest=0.2, most=6, discard="both")}),
    ('method = "subclass"\nsubclasses = 4', {"method": "subclass", "options": Options(subclasses=4)}),
    ('method = "coarsened"\none_to_one = true\nbins = { prior_need = 4, deprivation = [3, 7.5] }',
     {"method": "coarsened", "options": Options(one_to_one=True, bins={"prior_need": 4, "deprivation": (3.0, 7.5)})}),
    ('method = "inverse-probability"\ntrim = [0.1, 0.9]\ntruncate = 0.95',
     {"method": "inverse-probability", "options": Options(trim=(0.1, 0.9), truncate=0.95)}),
    ('method = "cardinality"\ntolerance = { prior_need = 0.01, deprivation = 0.1 }\npaired = true\ndistance = "mahalanobis"\nexact = ["ward"]',
     {"method": "cardinality", "distance": "mahalanobis", "exact": ["ward"],
      "options": Options(tolerance={"prior_need": 0.01, "deprivation": 0.1}, paired=True)}),
    ('method = "cardinality"\nprofile = true\nseconds = 30\nestimand = "ATE"',
     {"method": "cardinality", "estimand": "ATE", "options": Options(profile=True, seconds=30)}),
    ('method = "genetic"\nevaluations = 30\ncaliper = { logit = 2 }',
     {"method": "genetic", "seed": 20261122, "caliper": {"logit": 2.0}, "options": Options(evaluations=30)}),
    ('method = "overlap"', {"method": "overlap"})]  # fmt: skip


@pytest.mark.parametrize(("lines", "keywords"), SAME, ids=[lines for lines, _ in SAME])
def test_a_protocol_gives_what_the_keywords_give(tmp_path, frame, lines, keywords):
    protocol = declared(tmp_path, lines)
    made = ROOM.answer(protocol, bind(protocol, frame), lambda _line: None)
    direct = match(frame, treated="hub", covariates=["prior_need", "deprivation", "lone_parent"], unit="family", **keywords)
    want = effect(direct, outcome="need_score", estimator="difference")[0]
    got = made.headline_terms[0]
    assert (got.term, got.n_treated, got.n_comparison) == (want.term, want.n_treated, want.n_comparison)
    assert got.estimate == pytest.approx(want.estimate, rel=1e-9)
    assert got.std_error == pytest.approx(want.std_error, rel=1e-6)


def test_the_estimate_is_made_as_asked(tmp_path, frame):
    direct = match(frame, treated="hub", covariates=["prior_need", "deprivation", "lone_parent"], caliper=0.5, unit="family",
                   options=Options(link="logit"))
    protocol = declared(tmp_path, 'caliper = 0.5\nvcov = "hc1"\nadjust_for = ["prior_need", "ward"]')
    protocol = replace(protocol, design=replace(protocol.design, estimator="regression"))
    made = ROOM.answer(protocol, bind(protocol, frame), lambda _line: None).headline_terms[0]
    want = effect(direct, outcome="need_score", estimator="regression", vcov="hc1", covariates=["prior_need", "ward"])[0]
    assert (made.estimate, made.std_error) == (pytest.approx(want.estimate), pytest.approx(want.std_error))
    assert "HC1" in made.inference


def test_a_measure_is_said_beside_the_headline(tmp_path, frame):
    protocol = declared(tmp_path, 'caliper = 0.5\nmeasure = "odds-ratio"')
    asked = replace(protocol, outcomes=(replace(protocol.outcomes[0], column="referred"),))
    made = ROOM.answer(asked, bind(asked, frame), lambda _line: None)
    assert made.headline_terms[0].unit == "points"
    assert [e.unit for e in made.estimates if "odds" in e.term] == ["odds-ratio"]
    with pytest.raises(BadInput, match=r"design.measure: 'need_score' is not 0/1"):
        ROOM.answer(protocol, bind(protocol, frame), lambda _line: None)


@pytest.mark.parametrize(("lines", "refusal"), [
    ("caliper = { logit = 0.5, prior_nede = 0.8 }", "design.caliper: no column 'prior_nede'"),
    ('antiexact = ["wrad"]', "design.antiexact: no column 'wrad'"), ('adjust_for = ["wrad"]', "design.adjust_for: no column"),
    ('distance = "onw"', "design.distance: found 'onw'"), ('adjust_for = ["ward"]', "design.adjust_for: do not apply to estimator"),
    ("truncate = 0.99", "design.truncate: does not apply to method 'nearest'"), ('truncate = 0.1\nmethod = "inverse-probability"', "design.truncate: found 0.1"),
    ("ratio = 2\nfewest = 3", "design.fewest, design.most: found 3 and 2"), ('vcov = "matches"', "design.vcov: 'matches' is for matching with replacement"),
    ("bins = { prior_need = 4 }", "design.bins: does not apply"), ("caliper = { ward = 0.5 }", "ward: "),
    ('method = "overlap"\nestimand = "ATT"', "design.estimand: 'ATT' is not defined")])  # fmt: skip
def test_slips_are_named_by_the_protocols_keys(tmp_path, frame, lines, refusal):
    protocol = declared(tmp_path, lines)
    with pytest.raises(BadInput) as caught:
        ROOM.answer(protocol, bind(protocol, frame), lambda _line: None)
    assert refusal in str(caught.value)


@pytest.mark.parametrize(("lines", "refusal"), [
    ("caliper = [0.2]", "design.caliper (line 14): found a list"), ("bins = 3", "design.bins (line 14): found a whole number 3 (a table)"),
    ("trim = [0.1]", "design.trim (line 14): found 1 values"), ('caliper = { logit = "wide" }', "design.caliper.logit: found text 'wide'"),
    ('score = "logit"', "design.score (line 14): is not a key")])  # fmt: skip
def test_kinds_are_checked_when_it_is_read(tmp_path, lines, refusal):
    with pytest.raises(BadInput) as caught:
        declared(tmp_path, lines)
    assert refusal in str(caught.value)


def test_truncated_weights_stop_at_their_quantile(good_match, families, asked):
    plain = good_match(families, **asked, method="inverse-probability", estimand="ATE")
    cut = good_match(families, **asked, method="inverse-probability", estimand="ATE", options=Options(truncate=0.9))
    for group in (families.hub == 1, families.hub == 0):
        most = np.quantile(plain.weights[group], 0.9)
        want = plain.weights[group].clip(upper=most)
        pd.testing.assert_series_equal(cut.weights[group], want / want.mean())
    assert (cut.parts[0].slope[plain.links.weights > np.where(families.hub == 1, np.quantile(plain.weights[families.hub == 1], 0.9),
                                                               np.quantile(plain.weights[families.hub == 0], 0.9))] == 0).all()  # fmt: skip
    assert effect(cut, outcome="score", estimator="difference")[0].std_error > 0
