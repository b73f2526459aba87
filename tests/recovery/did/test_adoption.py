"""Nobody untreated: how often the interval holds the effect, and the test its size. Longer studies gave what the words say."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.methods.did.estimators.adoption import adoption, near_zero


def study(n, draws, seed, curve=0.0):
    """Share of draws whose interval holds the effect, and in which the test of doses near nought rejects."""
    rng, held, rejected = np.random.default_rng(seed), 0, 0
    for _ in range(draws):
        dose = 2 * rng.beta(1, 2.5, n)
        effect = -1.1 * dose + curve * dose**2
        found = adoption(dose, 0.6 + effect + rng.normal(0, 0.8, n) * (1 + 0.4 * dose))
        held += found.conf_low < effect.mean() / dose.mean() < found.conf_high
        rejected += found.near_zero.p_value < 0.05
    return held / draws, rejected / draws


def test_intervals_hold_the_effect_as_often_as_the_words_say():
    held, rejected = study(400, 150, 1, curve=0.4)
    assert held > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 150)
    assert rejected < 0.05 + 3 * np.sqrt(0.95 * 0.05 / 150)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "least", "most"), [(50, 0.87, 0.95), (150, 0.88, 0.95), (400, 0.92, 0.98)])
@pytest.mark.parametrize("curve", [0.0, 0.4])
def test_long_study_of_coverage(n, least, most, curve):
    held, rejected = study(n, 400, 5, curve)
    assert least < held < most
    assert 0.02 < rejected < 0.08


def test_doses_that_stay_above_nought_are_told():
    rng = np.random.default_rng(3)
    found = [near_zero(0.5 + rng.beta(1, 2.5, 150)).p_value < 0.05 for _ in range(200)]
    assert np.mean(found) > 0.9
