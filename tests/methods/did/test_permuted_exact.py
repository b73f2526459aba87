"""Permuting the starts is exact: over all assignments of one outcome, p-values are no smaller than they may be."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.group_time import fit_group_time
from hubeval.methods.did.panel import read_panel
from hubeval.methods.did.permuted import placebo_group_time


def p_value(y, start):
    n, t = y.shape
    frame = pd.DataFrame(
        {"u": np.repeat(np.arange(n), t), "t": np.tile(np.arange(t), n), "y": y.ravel(), "s": np.repeat(start, t)}
    )
    fit = fit_group_time(read_panel(frame, outcome="y", unit="u", time="t", start="s"))
    placebo = placebo_group_time(fit, fit_group_time, np.array([0.0]))
    assert placebo.exact
    return placebo.p_values()[0]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_share_of_assignments_rejected_never_exceeds_the_level(seed):
    y = np.random.default_rng(seed).normal(size=(6, 6)).cumsum(axis=1)
    starts = sorted(set(permutations([2.0, 2.0, 4.0, 4.0, np.inf, np.inf])))
    p = np.array([p_value(y, np.array(start)) for start in starts])
    assert len(p) == 90
    for level in np.unique(p):
        assert (p <= level + 1e-12).mean() <= level + 1e-12
