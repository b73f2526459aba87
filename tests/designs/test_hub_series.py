"""The worked interrupted time series: the truth is found with the neighbours, and not without them."""

from __future__ import annotations

import tomllib

import pytest

from hubeval.errors import NotReady
from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol


@pytest.fixture(scope="module")
def truth(root):
    return tomllib.loads((root / "synthetic_data" / "hub-series" / "truth.toml").read_text())


def relative(evaluation):
    return next(e for e in evaluation.headline_terms if e.term == "average effect, relative")


def test_with_its_neighbours_the_interval_holds_the_truth(worked, truth):
    evaluation = worked("hub-series/protocol.toml")
    found = relative(evaluation)
    assert found.conf_low < truth["contacts"]["ratio"] - 1 < found.conf_high < 0
    averted = next(e for e in evaluation.headline_terms if e.term == "cumulative effect")
    assert averted.conf_low < -truth["contacts"]["averted"] < averted.conf_high
    checks = {check.name: check for check in (*evaluation.diagnostics, *evaluation.probes)}
    assert checks["With and without the comparison"].statistic < -10
    assert checks["placebo outcomes"].status == "pass"


def test_alone_the_gate_is_shut_and_the_shared_change_is_in_the_number(root, truth):
    protocol = read_protocol(root / "designs" / "hub-series" / "protocol-alone.toml")
    with pytest.raises(NotReady):
        evaluate(protocol)
    found = relative(evaluate(protocol, despite="to see what the comparison takes out"))
    both = truth["contacts"]["ratio"] * truth["contacts"]["shared_change"] - 1
    assert found.conf_low < both < found.conf_high
    assert found.estimate < truth["contacts"]["ratio"] - 1
