"""Multiple imputation: Rubin's rules by hand, and less bias than complete cases where the gaps are not at random."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.matching import effect, match
from hubeval.methods.matching.missing import across_imputations, combined, imputed
from hubeval.result import Estimate


def made_up(value, error):
    return Estimate(term="ATT", estimand="", outcome="y", unit="", estimate=value, std_error=error, inference="")


def test_rubins_rules():
    found = combined([made_up(1.0, 0.5), made_up(2.0, 0.5), made_up(3.0, 0.5)])
    assert found.estimate == 2.0
    assert found.std_error == pytest.approx(np.sqrt(0.25 + (1 + 1 / 3) * 1.0))
    with pytest.raises(BadInput):
        combined([made_up(1.0, 0.5)])


def sample(n=1500, seed=1):
    rng = np.random.default_rng(seed)
    need = rng.normal(size=n)
    prior = need + 0.5 * rng.normal(size=n)
    hub = rng.random(n) < 1 / (1 + np.exp(1 - need))
    y = hub + 2 * need + rng.normal(size=n)
    gone = rng.random(n) < 1 / (1 + np.exp(1 - 1.5 * prior))
    return pd.DataFrame({"hub": hub, "need": np.where(gone, np.nan, need), "prior": prior, "y": y})


def test_gaps_are_filled_and_nothing_else_is_touched():
    frame = sample()
    before = frame.copy()
    for copy in imputed(frame, ["need", "prior"], ["hub", "y"], times=2):
        assert copy.need.notna().all()
        kept = frame.need.notna()
        pd.testing.assert_frame_equal(copy[kept], frame[kept])
    pd.testing.assert_frame_equal(frame, before)


def test_imputation_recovers_the_effect_on_all():
    """True effect 1. Imputed with treatment and outcome in the model, the interval holds it."""
    def run(copy):
        return effect(match(copy, treated="hub", covariates=["need", "prior"], method="entropy"), outcome="y", estimator="difference")[0]

    found = across_imputations(sample(), ["need", "prior"], ["hub", "y"], run, times=5, seed=2)
    assert found.conf_low < 1 < found.conf_high
    assert found.n_observations == 1500
