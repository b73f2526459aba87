"""A protocol with a cut-off and made-up records for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.methods.rdd.room import answer
from hubeval.protocol import Outcome, Protocol, RddDesign


def records(n=600, *, effect=2.0, step=0.0, seed=1):
    """Records with a score from 0 to 100 and a cut-off at 50."""
    rng = np.random.default_rng(seed)
    score = rng.uniform(0, 100, n)
    score = np.floor(score / step) * step if step else score.round(4)
    over = score >= 50
    taken = (rng.random(n) < np.where(over, 0.8, 0.2)).astype(int)
    y = 10 + 0.05 * score + effect * over + rng.normal(0, 1, n)
    return pd.DataFrame({"id": [f"u{i}" for i in range(n)], "score": score, "y": y.round(4), "taken": taken,
                         "w": (10 + 0.05 * score + effect * taken + rng.normal(0, 1, n)).round(4),
                         "z": rng.normal(size=n).round(4), "place": [f"p{i % 30}" for i in range(n)]})


def protocol(column="y", **design):
    """A protocol of the records; `design` in place of what it says of the cut-off."""
    asked = {"unit": "id", "running": "score", "cutoff": 50.0, "side": "at or above", **design}
    return Protocol(area="A", question="?", registered=date(2026, 1, 1), design=RddDesign(**asked),
                    outcomes=(Outcome(column=column, label="Score", unit="points", direction="higher is better"),))


@pytest.fixture
def made():
    """`records`."""
    return records


@pytest.fixture
def asked():
    """`protocol`."""
    return protocol


@pytest.fixture
def answered():
    """What the room answers to a frame."""

    def ask(frame, column="y", **design):
        declared = protocol(column, **design)
        return answer(declared, bind(declared, frame), lambda _line: None)

    return ask


@pytest.fixture
def without():
    """A protocol with other parts."""
    return replace
