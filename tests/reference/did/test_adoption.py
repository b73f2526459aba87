"""Against R's nprobust, combined by the inner function of DIDHAD 2.0.0, on drawn doses (`tests/reference/make/adoption.R`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hubeval.methods.did.estimators.adoption import adoption

R = json.loads((Path(__file__).parent / "adoption.json").read_text(encoding="utf-8"))["effects"]
CASES = {"plain": ("change", "dose", "epanechnikov"), "triangular": ("change", "dose", "triangular"),
         "uniform": ("change", "dose", "uniform"), "before": ("before", "dose", "epanechnikov"),
         "steps": ("change", "steps", "epanechnikov"), "few": ("change", "zeros", "epanechnikov")}


@pytest.mark.parametrize("name", R)
def test_effects_intervals_bandwidths_and_the_test_equal_didhad(drawn, name):
    d, stored = drawn("doses"), R[name]
    outcome, dose, kernel = CASES[name]
    made = adoption(d[dose].to_numpy(float), d[outcome].to_numpy(float), kernel=kernel)
    for ours, theirs in (("estimate", "estimate"), ("std_error", "se"), ("conf_low", "low"), ("conf_high", "high")):
        assert getattr(made, ours) == pytest.approx(stored[theirs], rel=1e-8), ours
    assert made.at.h == pytest.approx(stored["h"], rel=1e-8)
    assert made.at.near == stored["near"]
    if name != "steps":  # where the two lowest are alike R divides by nought
        assert made.near_zero.statistic == pytest.approx(stored["t"], rel=1e-6)
        assert made.near_zero.p_value == pytest.approx(stored["p"], rel=1e-6)
