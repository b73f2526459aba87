"""A small panel from a factor model, long as a user brings it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


def long_panel(seed=1, n=12, t=24, start=16, effect=-5.0, noise=0.6):
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(t, 2)).cumsum(axis=0)
    loadings = np.abs(rng.normal(size=(n, 2)))
    loadings[0] = loadings[1:4].mean(axis=0)
    y = 50 + factors @ loadings.T + noise * rng.normal(size=(t, n))
    y[start:, 0] += effect
    names = ["Hub", *(f"Donor {chr(64 + i)}" for i in range(1, n))]
    return pd.DataFrame({"area": np.repeat(names, t), "year": np.tile(2000 + np.arange(t), n), "rate": y.T.ravel()})


@pytest.fixture
def panel():
    return long_panel()


@pytest.fixture
def make_panel():
    return long_panel


@pytest.fixture
def names():
    return {"outcome": "rate", "unit": "area", "time": "year", "treated": "Hub", "start": 2016}
