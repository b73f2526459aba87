"""Nobody untreated, by protocol: the truth is found, doses that leave nothing to compare are refused in one line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from hubeval.data.bind import bind
from hubeval.data.checks import check
from hubeval.errors import BadInput
from hubeval.evaluation import evaluate
from hubeval.methods.did import adoption
from hubeval.methods.did.room import answer
from hubeval.protocol import read_protocol
from hubeval.synthetic.dose import hubs_everywhere
from hubeval.wording import brief

DOSE = "hubs_per_1000"


@pytest.fixture(scope="module")
def protocol(root):
    return read_protocol(root / "designs" / "dose-style" / "protocol.toml")


@pytest.fixture(scope="module")
def frame():
    return hubs_everywhere().frame


@pytest.fixture(scope="module")
def evaluation(protocol):
    return evaluate(protocol)


def asked(protocol, frame):
    return answer(protocol, bind(protocol, frame), lambda _line: None)


def test_the_intervals_hold_the_truth(root, evaluation):
    truth = tomllib.loads((root / "synthetic_data" / "dose-style" / "truth.toml").read_text())
    for found, column in zip(evaluation.headline_terms, ("referrals_per_10k", "dental_per_10k"), strict=True):
        assert found.conf_low < truth[column]["per_hub"] < found.conf_high, column
    assert evaluation.headline_terms[0].conf_high < 0
    assert (evaluation.sample.n_units, evaluation.sample.n_treated, evaluation.sample.n_comparison) == (150, 150, 0)


def test_the_readme_gives_the_numbers_that_come_back(root, evaluation):
    text = (root / "designs" / "dose-style" / "README.md").read_text(encoding="utf-8")
    for found in evaluation.headline_terms:
        for value in (found.estimate, found.conf_low, found.conf_high):
            assert brief(value) in text


@pytest.mark.parametrize(("change", "words"), [
    (lambda f: f.assign(**{DOSE: np.where(f.year >= 2017, 1.5, 0.0)}), "every unit has the same hubs_per_1000"),
    (lambda f: f.assign(**{DOSE: np.where(f.year >= 2017, f[DOSE] + 1, 0.0)}), "no unit's hubs_per_1000 is near nought"),
    (lambda f: f.assign(**{DOSE: np.where(f.year >= 2017, (f[DOSE] * 10).round() / 10 + 0.5, 0.0)}), "two lowest values of hubs_per_1000 are alike"),
    (lambda f: f.assign(**{DOSE: np.where(f.year >= 2017, 1 + (f[DOSE] > 0.5), 0.0)}), "150 units with 2 different doses"),
    (lambda f: f[f.area < "authority 031"], "30 units with 30 different doses"),
    (lambda f: f.assign(**{DOSE: np.where((f.year == 2016) & (f.area == "authority 001"), 0.1, f[DOSE])}), "begin in 2 different periods"),
    (lambda f: f[f.year >= 2017], "a dose in the first period"),
])  # fmt: skip
def test_doses_that_leave_nothing_to_compare_are_one_line(protocol, frame, change, words):
    with pytest.raises(BadInput, match=re.escape(words)) as error:
        asked(protocol, change(frame))
    assert len(str(error.value).splitlines()) == 1


def test_units_with_no_dose_at_all_may_be_there(protocol, frame):
    none = frame.assign(**{DOSE: np.where(frame.area < "authority 021", 0.0, frame[DOSE])})
    found = asked(protocol, none).headline_terms[0]
    assert (found.n_treated, found.n_comparison) == (130, 20)


@pytest.mark.parametrize("option", [{"control": "not-yet"}, {"covariates": ("year",)}, {"cluster": "area"}, {"inference": "welch"}])
def test_options_that_it_does_not_read_are_refused(protocol, frame, option):
    with pytest.raises(BadInput, match="'heterogeneous-adoption' does not read it"):
        asked(replace(protocol, design=replace(protocol.design, **option)), frame)


def test_a_start_is_not_read_beside_a_dose(root, tmp_path):
    text = (root / "designs" / "dose-style" / "protocol.toml").read_text()
    (tmp_path / "protocol.toml").write_text(text.replace('time = "year"', 'time = "year"\nstart = "opened"'))
    with pytest.raises(BadInput, match="estimator 'heterogeneous-adoption' does not read it"):
        read_protocol(tmp_path / "protocol.toml")


def test_a_change_before_the_dose_is_raised_only_where_there_is_one(protocol, frame):
    by_name = {d.name: d for d in asked(protocol, frame).diagnostics}
    assert by_name["change before the dose"].status == "pass"
    dose = frame.groupby("area")[DOSE].transform("max")
    moving = frame.assign(referrals_per_10k=frame.referrals_per_10k + 12 * dose * (frame.year - 2013))
    by_name = {d.name: d for d in asked(protocol, moving).diagnostics}
    assert by_name["change before the dose"].status == "caution"
    assert "already moving" in by_name["change before the dose"].reading


def test_how_many_units_is_a_caution_only_where_they_are_few(protocol, frame):
    assert {d.name: d.status for d in asked(protocol, frame).diagnostics}["number of units"] == "caution"
    many = {d.name: d.status for d in asked(protocol, hubs_everywhere(420).frame).diagnostics}
    assert many["number of units"] == "pass"


def test_statsmodels_gives_the_same_number(protocol, frame, evaluation):
    found = adoption.cross_check(protocol, bind(protocol, frame), evaluation.headline_terms[0])
    assert found.status == "pass"


def test_the_dose_may_be_counted_in_other_units(protocol, frame):
    one = asked(protocol, frame).headline_terms[0]
    other = asked(protocol, frame.assign(**{DOSE: frame[DOSE] * 1000})).headline_terms[0]
    assert other.estimate * 1000 == pytest.approx(one.estimate, rel=1e-8)
    assert other.p_value == pytest.approx(one.p_value, rel=1e-6)


def test_the_data_check_does_not_ask_for_an_untreated_unit(protocol, frame):
    found = check(protocol, frame)
    assert not any(d.status == "fail" for d in found.diagnostics)
    said = next(d.reading for d in found.diagnostics if d.name == "units")
    assert "150 units with a dose and 0 without" in said


def test_gaps_are_counted_and_said(protocol, frame):
    hole = frame.copy()
    hole.loc[hole.index[5], "referrals_per_10k"] = np.nan
    made = asked(protocol, hole)
    assert made.headline_terms[0].n_observations == 149
    assert any("1 unit left out for a gap" in step.note for step in made.flow)
