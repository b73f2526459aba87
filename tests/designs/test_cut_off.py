"""The worked example with a cut-off: each interval holds the truth, and the README says what comes back."""

from __future__ import annotations

import tomllib

import pytest

from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol
from hubeval.wording import brief


@pytest.fixture(scope="module")
def evaluation(root):
    return evaluate(read_protocol(root / "designs" / "cut-off-style" / "protocol.toml"))


def test_the_intervals_hold_the_truth(root, evaluation):
    truth = tomllib.loads((root / "synthetic_data" / "cut-off-style" / "truth.toml").read_text())
    for found, column in zip(evaluation.headline_terms, ("ready", "absence", "dental"), strict=True):
        assert found.conf_low < truth[column]["at_cutoff"] < found.conf_high, column


def test_the_readme_says_what_comes_back(root, evaluation):
    text = (root / "designs" / "cut-off-style" / "README.md").read_text(encoding="utf-8")
    for found in evaluation.headline_terms:
        for number in (found.estimate, found.conf_low, found.conf_high):
            assert brief(number) in text


def test_sound_data_fail_nothing_and_raise_what_the_readme_says(evaluation):
    checks = (*evaluation.diagnostics, *evaluation.probes)
    assert [d.name for d in checks if d.status == "fail"] == []
    assert [d.name for d in checks if d.status == "caution"] == ["density at the cut-off"]


def test_the_headline_says_where_the_effect_is(evaluation):
    assert "at the cut-off" in evaluation.headline
    assert any("nothing of those far from it" in limit for limit in evaluation.summary.not_shown)
