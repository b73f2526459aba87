"""Inference where blanks leave a cohort with few of its units: a unit seen alone shows no noise, so errors shrink."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.did import imputation, imputation_leads
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.inference.rule import choose

KEYS = {"outcome": "y", "unit": "la", "time": "t", "start": "s"}


def staggered(blank, seed=2):
    rng = np.random.default_rng(seed)
    s = np.where(np.arange(30) < 14, 3.0 + np.arange(30) % 2 * 2, np.nan)
    data = pd.DataFrame({"la": np.repeat(np.arange(30), 8), "t": np.tile(np.arange(8), 30), "s": np.repeat(s, 8)})
    return data.assign(y=np.where(rng.random(240) < blank, np.nan, rng.normal(size=240)))


@pytest.mark.parametrize(("blank", "method"), [(0.0, "welch"), (0.05, "welch"), (0.6, "permutation")])
def test_many_blanks_choose_permuted_starts(blank, method):
    chosen, because = choose(read_panel(staggered(blank), **KEYS))
    assert chosen == method
    assert ("are seen both" in because) == (method == "permutation")


@pytest.mark.parametrize("anticipation", [-1, 1.5])
def test_anticipation_counts_periods(anticipation):
    for fit in (imputation, imputation_leads):
        with pytest.raises(BadInput, match="anticipation: found"):
            fit(staggered(0.0), **KEYS, anticipation=anticipation)
