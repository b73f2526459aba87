"""One treated authority against 150: the interval holds the truth, and the headline says how few are treated."""

from __future__ import annotations

import tomllib

import pytest

from hubeval.data.bind import bind
from hubeval.data.calendar import crossings
from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol


@pytest.fixture(scope="module")
def protocol(root):
    return read_protocol(root / "designs" / "one-authority" / "protocol.toml")


@pytest.fixture(scope="module")
def evaluation(protocol):
    return evaluate(protocol)


def test_the_intervals_hold_the_truth(root, evaluation):
    truth = tomllib.loads((root / "synthetic_data" / "one-authority" / "truth.toml").read_text())
    columns = ("referrals_per_10k", "plans_per_10k", "dental_per_10k")
    for found, column in zip(evaluation.headline_terms, columns, strict=True):
        assert found.conf_low < truth[column]["att"] < found.conf_high, column
    assert evaluation.headline_terms[0].conf_high < 0 < evaluation.headline_terms[2].conf_high


def test_the_inference_is_by_permutation_and_can_go_no_lower_than_one_in_151(evaluation):
    first = evaluation.headline_terms[0]
    assert "permutation" in first.inference
    assert first.std_error is None
    assert first.p_value * 151 == pytest.approx(round(first.p_value * 151))
    assert first.p_value >= 1 / 151


def test_the_headline_says_how_few_are_treated(evaluation):
    assert "1 treated and 150 untreated" in evaluation.headline
    assert "anything else that happened there" in evaluation.headline


def test_every_calendar_event_in_the_window_is_declared(root, protocol):
    table = bind(protocol, root / "designs" / "one-authority" / protocol.data.file)
    assert all(crossing.declared for crossing in crossings(protocol, table))
    assert any(caution.kind == "measure break" for caution in protocol.cautions)


def test_the_readme_gives_the_numbers_that_come_back(root, evaluation):
    text = (root / "designs" / "one-authority" / "README.md").read_text(encoding="utf-8").replace("−", "-")
    for found in evaluation.headline_terms:
        for value in (found.estimate, found.conf_low, found.conf_high):
            assert f"{value:.2f}" in text
