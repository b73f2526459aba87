"""Repeated cross-sections by protocol: the truth is found, areas carry the errors, what needs followed units is said."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pandas as pd
import pytest

from hubeval.checking import check as asked
from hubeval.data.bind import bind
from hubeval.data.checks import check
from hubeval.detectable import Settings, power
from hubeval.errors import BadInput
from hubeval.evaluation import evaluate
from hubeval.methods.did import group_time
from hubeval.methods.did.room import answer
from hubeval.protocol import read_protocol


@pytest.fixture(scope="module")
def protocol(root):
    return read_protocol(root / "designs" / "repeated-survey" / "protocol.toml")


@pytest.fixture(scope="module")
def frame(root):
    return pd.read_csv(root / "synthetic_data" / "repeated-survey" / "survey.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def evaluation(protocol):
    return evaluate(protocol)


def test_the_intervals_hold_the_truth(root, evaluation):
    truth = tomllib.loads((root / "synthetic_data" / "repeated-survey" / "truth.toml").read_text())
    for found, column in zip(evaluation.headline_terms, ("stress", "isolation", "library_visits"), strict=True):
        assert found.conf_low < truth[column]["att"] < found.conf_high, column
    assert evaluation.headline_terms[0].conf_high < 0


def test_areas_are_counted_not_people(evaluation, frame):
    first = evaluation.headline_terms[0]
    assert (first.n_treated, first.n_comparison, first.n_clusters) == (18, 30, 48)
    assert first.n_observations == len(frame)
    assert (evaluation.sample.n_units, evaluation.sample.n_treated) == (48, 18)


def test_it_is_the_number_that_the_function_gives(evaluation, frame):
    plain = frame.apply(lambda column: pd.to_numeric(column) if column.name != "area" else column)
    direct = group_time(plain, outcome="stress", unit=None, time="year", start="hub_opened", cluster="area",
                        covariates=("lone_parent", "youngest_age"), mix="treated-before")
    after = direct.after
    per_person = direct.size[after] @ direct.estimate[after] / direct.size[after].sum()
    assert evaluation.headline_terms[0].estimate == pytest.approx(per_person, rel=1e-9)
    assert "each person counting once" in evaluation.headline_terms[0].estimand


def test_what_needs_people_who_are_followed_is_said(evaluation):
    said = {item.what: item.reason for item in evaluation.not_computed}
    for what in ("change before the start", "choice of comparison units"):
        assert "repeated cross-sections" in said[what]
    assert "Different people answer each time" in str(evaluation.to_dict())
    assert {"leave one treated unit out", "placebo starts"} <= {probe.name for probe in evaluation.probes}


@pytest.mark.parametrize("estimator", ["two-way", "imputation", "sun-abraham", "extended", "stacked", "two-stage"])
def test_estimators_that_follow_units_are_refused(protocol, frame, estimator):
    asked = replace(protocol, design=replace(protocol.design, estimator=estimator))
    with pytest.raises(BadInput, match="for repeated cross-sections: auto, group-time"):
        answer(asked, bind(asked, frame), lambda _line: None)


def test_without_a_cluster_nothing_says_what_starts(protocol, frame, root, tmp_path):
    with pytest.raises(BadInput, match="cluster = the area that starts"):
        bind(replace(protocol, design=replace(protocol.design, cluster=None)), frame)
    text = (root / "designs" / "repeated-survey" / "protocol.toml").read_text().replace('cluster = "area"\n', "")
    (tmp_path / "protocol.toml").write_text(text)
    with pytest.raises(BadInput, match="cluster = the area that starts"):
        read_protocol(tmp_path / "protocol.toml")


def test_an_area_with_two_starts_is_refused(protocol, frame):
    mixed = frame.copy()
    mixed.loc[mixed.index[0], "hub_opened"] = "2014"
    with pytest.raises(BadInput, match="more than one start"):
        bind(protocol, mixed)


def test_the_data_check_reads_the_means_of_areas(protocol, frame):
    found = check(protocol, frame)
    assert {f.criterion: (f.low, f.high) for f in found.facts}["CA5"] == (3, 3)
    said = next(d for d in found.diagnostics if d.name == "repeated cross-sections")
    assert f"{len(frame)} rows" in said.reading
    assert "48 areas" in said.reading
    assert "asked of the covariates declared" in said.reading
    bare = replace(protocol, design=replace(protocol.design, covariates=(), mix="as found"))
    said = next(d for d in check(bare, frame).diagnostics if d.name == "repeated cross-sections")
    assert "not something these data can show" in said.reading


def test_check_and_evaluate_say_the_same_of_who_was_asked(protocol, frame, evaluation):
    said = [next(d for d in found if d.name == "composition")
            for found in (asked(protocol, frame).diagnostics, evaluation.diagnostics)]
    assert said[0] == said[1]
    assert said[0].status == "information"
    assert "weights every group to one mix" in said[0].reading


def test_power_is_that_of_the_same_people_asked_once(protocol, frame):
    found = power(protocol, frame, settings=Settings(draws=100, curve_draws=0))
    assert found.smallest_detectable is not None
    assert 1.0 < found.smallest_detectable < 5.0
    assert "nan" not in str(found)


def test_the_readme_gives_the_numbers_that_come_back(root, evaluation):
    text = (root / "designs" / "repeated-survey" / "README.md").read_text(encoding="utf-8").replace("−", "-")
    for found in evaluation.headline_terms:
        for value in (found.estimate, found.conf_low, found.conf_high):
            assert f"{value:.2f}" in text
