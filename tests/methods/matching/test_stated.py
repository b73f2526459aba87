"""What is said beside a stated size: where fresh data found it as often as stated, nothing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.detectable import Settings, power
from hubeval.protocol import MatchingDesign, Outcome, Protocol

QUICK = Settings(draws=100, curve_draws=0)


def notes(frame, **how):
    design = MatchingDesign(unit="id", treated="hub", covariates=("x",), **how)
    outcome = Outcome(column="y", label="Outcome", unit="points", direction="higher is better")
    asked = Protocol(area="Testshire", question="q", registered=date(2026, 1, 1), outcomes=(outcome,), design=design)
    return " ".join(power(asked, frame, settings=QUICK).notes)


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    x, place = rng.normal(size=400), np.repeat(np.arange(20), 20)
    hub = rng.random(400) < 1 / (1 + np.exp(0.5 - x))
    return pd.DataFrame({"id": np.arange(400), "hub": hub.astype(int), "x": x, "y": x + rng.normal(size=400), "place": place,
                         "whole": place < 3})


@pytest.mark.parametrize(("how", "words"), [
    ({"method": "inverse-probability", "estimator": "difference"}, "74% to 78%"),
    ({"estimator": "difference"}, "95% of the time"),
    ({"estimator": "regression"}, ""),
    ({"method": "entropy", "estimator": "difference"}, ""),
], ids=["weights", "pairs", "regression", "entropy"])
def test_what_is_said_is_said_where_it_was_measured(frame, how, words):
    said = notes(frame, **how)
    assert words in said
    assert ("of the time" in said) == bool(words)


def test_few_whole_clusters_are_said_and_many_are_not(frame):
    whole = frame.assign(hub=frame.whole.astype(int))
    assert "3 of 20" in notes(whole, estimator="regression", cluster="place")
    half = frame.assign(hub=(frame.place < 10).astype(int))
    assert "3 of 20" not in notes(half, estimator="regression", cluster="place")
