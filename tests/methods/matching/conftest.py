"""Small made-up records for the tests of matching."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog


def make_families(n=400, seed=7, share=0.0):
    rng = np.random.default_rng(seed)
    need, age = rng.normal(size=n), rng.uniform(0, 5, n)
    area = rng.choice(["north", "south", "east"], n)
    p = 1 / (1 + np.exp(1.2 - 0.8 * need - 0.2 * (area == "north") + share))
    hub = (rng.random(n) < p).astype(int)
    score = 2.0 * hub + need + 0.3 * age + rng.normal(size=n)
    return pd.DataFrame({
        "hub": hub, "need": need, "age": age, "area": area, "lone": rng.integers(0, 2, n), "score": score,
        "seen": (score > 1).astype(int), "place": rng.integers(0, 20, n), "weight": rng.uniform(0.5, 2, n)},
        index=[f"f{i}" for i in range(n)])


@pytest.fixture
def families():
    return make_families()


@pytest.fixture
def asked():
    return {"treated": "hub", "covariates": ["need", "age", "area", "lone"]}


def least_cover(cost):
    """Least cost of links that leave nobody out, over the finite entries, by linear programming."""
    n1, n0 = cost.shape
    rows, columns = np.kron(np.eye(n1), np.ones(n0)), np.kron(np.ones(n1), np.eye(n0))
    open_ = np.isfinite(cost).ravel()
    answer = linprog(np.where(open_, np.nan_to_num(cost.ravel(), posinf=0), 0), A_ub=-np.vstack([rows, columns]),
                     b_ub=-np.ones(n1 + n0), bounds=[(0, 1 if o else 0) for o in open_])  # fmt: skip
    return answer.fun


@pytest.fixture
def cover():
    return least_cover
