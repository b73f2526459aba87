"""What an effect at a cut-off may not hang on: where the score begins, its unit, its direction, the order of the rows."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.methods.rdd.room import answer
from hubeval.protocol import Outcome, Protocol, RddDesign

HOW = {
    "robust": {},
    "two bandwidths": {"selector": "msetwo", "kernel": "uniform"},
    "clusters": {"cluster": "place"},
    "covariates": {"covariates": ("z",)},
    "fuzzy": {"treated": "taken"},
    "honest": {"estimator": "honest"},
    "randomisation": {"estimator": "randomisation", "window": 8.0},
}


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(8)
    score = rng.integers(0, 400, 700) / 4  # in quarters: exact in binary, and with ties
    over = score >= 50
    return pd.DataFrame({
        "id": [f"u{i}" for i in range(700)], "score": score, "z": rng.normal(size=700), "place": rng.integers(0, 40, 700),
        "taken": (rng.random(700) < np.where(over, 0.9, 0.2)).astype(int),
        "y": 3 + score / 20 + 2 * over + rng.normal(0, 1, 700)})


def asked(frame, how, cutoff=50.0, side="at or above", window=1.0):
    options = dict(HOW[how])
    if "window" in options:
        options["window"] *= window
    design = RddDesign(unit="id", running="score", cutoff=cutoff, side=side, **options)
    protocol = Protocol(area="A", question="?", registered=date(2026, 1, 1), design=design,
                        outcomes=(Outcome(column="y", label="Y", unit="points"),))
    return answer(protocol, bind(protocol, frame), lambda _line: None)


def same(one, other, factor=1.0, rel=1e-6):
    for a, b in zip(one.headline_terms, other.headline_terms, strict=True):
        for name in ("estimate", "std_error", "conf_low", "conf_high"):
            assert getattr(b, name) == pytest.approx(factor * getattr(a, name), rel=rel, abs=1e-7 * factor), name
        assert (a.n_treated, a.n_comparison) == (b.n_treated, b.n_comparison)


@pytest.mark.parametrize("how", HOW)
def test_where_the_score_begins_and_its_unit_do_not_matter(frame, how):
    plain = asked(frame, how)
    same(plain, asked(frame.assign(score=frame.score + 1024), how, cutoff=1074.0))
    same(plain, asked(frame.assign(score=frame.score * 8), how, cutoff=400.0, window=8.0))


@pytest.mark.parametrize("how", [how for how in HOW if how != "randomisation"])
def test_the_direction_of_the_score_does_not_matter(frame, how):
    same(asked(frame, how), asked(frame.assign(score=-frame.score), how, cutoff=-50.0, side="at or below"))


@pytest.mark.parametrize("how", [how for how in HOW if how != "randomisation"])
def test_the_order_of_the_rows_does_not_matter(frame, how):
    same(asked(frame, how), asked(frame.sample(frac=1, random_state=1), how))


@pytest.mark.parametrize("how", HOW)
def test_the_outcome_may_be_measured_in_another_unit(frame, how):
    same(asked(frame, how), asked(frame.assign(y=frame.y * 100), how), factor=100.0, rel=2e-5)
