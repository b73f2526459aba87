"""What survey weights must and must not do: their scale is nothing, whole ones are copies, equal ones are none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.matching import Options, effect, match

DESIGNS = [
    {}, {"ratio": 2, "caliper": 0.3}, {"replace": True}, {"method": "optimal"}, {"method": "full"}, {"method": "subclass", "options": Options(subclasses=4)},
    {"method": "coarsened"}, {"method": "inverse-probability"}, {"method": "inverse-probability", "estimand": "ATE"}, {"method": "overlap"},
    {"method": "entropy"}, {"method": "entropy", "estimand": "ATE"}, {"method": "cbps", "estimand": "ATC"}]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(12)
    n = 240
    need, age = rng.normal(size=(2, n))
    hub = rng.random(n) < 1 / (1 + np.exp(1.3 - 0.6 * need))
    y = hub + need + 0.5 * age + rng.normal(size=n)
    return pd.DataFrame({"hub": hub.astype(int), "need": need, "age": age, "y": y, "high": (y > 0.5).astype(int), "w": rng.uniform(0.5, 2, n)})


def numbers(frame, weights, ask, estimator="difference", outcome="y"):
    made = match(frame, treated="hub", covariates=["need", "age"], weights=weights, **ask)
    (found,) = effect(made, outcome=outcome, estimator=estimator)
    return found.estimate, found.std_error, float(made.balance().smd_after.abs().max())


@pytest.mark.parametrize("ask", DESIGNS, ids=str)
@pytest.mark.parametrize(("estimator", "outcome"), [("difference", "y"), ("regression", "y"), ("g-computation", "high")])
def test_scale_is_nothing(frame, ask, estimator, outcome):
    first = numbers(frame, "w", ask, estimator, outcome)
    for factor in (1e-6, 1e6):
        assert numbers(frame.assign(w=frame.w * factor), "w", ask, estimator, outcome) == pytest.approx(first, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("ask", [d for d in DESIGNS if not d.get("replace")], ids=str)
@pytest.mark.parametrize(("estimator", "outcome"), [("difference", "y"), ("regression", "y"), ("g-computation", "high")])
def test_equal_weights_are_none(frame, ask, estimator, outcome):
    """(With replacement the error is another: Abadie and Imbens's knows no weights.)"""
    assert numbers(frame.assign(w=3.0), "w", ask, estimator, outcome) == pytest.approx(numbers(frame, None, ask, estimator, outcome), rel=1e-7, abs=1e-9)


def test_equal_weights_with_replacement_leave_the_estimate(frame):
    assert numbers(frame.assign(w=3.0), "w", {"replace": True})[0] == pytest.approx(numbers(frame, None, {"replace": True})[0])
