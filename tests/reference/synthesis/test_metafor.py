"""Against R's metafor (`tests/reference/make/synthesis.R`): both ways of the variance, and the correction `adhoc`.

Where a further study lies is not metafor's, which takes the spread as known; its coverage is in tests/recovery.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hubeval.engine.random_effects import pool

R = json.loads((Path(__file__).parent / "drawn.json").read_text(encoding="utf-8"))["synthesis"]
WAYS = {"paule-mandel": "paule_mandel", "reml": "reml"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", R)
def test_the_mean_the_spread_and_what_is_said_beside_them_equal_metafor(name, way):
    effects, errors = np.array(R[name]["effect"]), np.array(R[name]["error"])
    stored, made = R[name][WAYS[way]], pool(effects, errors, between=way)
    pairs = {
        "mean": made.estimate, "error": made.hartung_knapp, "tau2": made.spread**2, "I2": made.share,
        "tau_low": made.spread_low, "tau_high": made.spread_high, "I2_low": made.share_low, "I2_high": made.share_high,
        "q": made.q, "q_p": made.q_p, "held": made.std_error, "low": made.low, "high": made.high, "p": made.p_value,
    }
    for theirs, ours in pairs.items():
        assert ours == pytest.approx(stored[theirs], rel=1e-6, abs=1e-6), theirs
    assert made.weights == pytest.approx(stored["weights"], abs=1e-6)
    assert made.common == pytest.approx(R[name]["common"], abs=1e-10)
    assert made.common_error == pytest.approx(R[name]["common_error"], abs=1e-10)


@pytest.mark.parametrize("name", [name for name in R if len(R[name]["effect"]) > 3])
def test_the_mean_without_each_equals_metafor(name):
    effects, errors = np.array(R[name]["effect"]), np.array(R[name]["error"])
    for at, theirs in enumerate(R[name]["reml"]["without"]):
        rest = np.arange(len(effects)) != at
        assert pool(effects[rest], errors[rest], between="reml").estimate == pytest.approx(theirs, abs=1e-6)
