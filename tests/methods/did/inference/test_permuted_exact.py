"""Permuting the starts is exact: over all assignments of one outcome, p-values are no smaller than they may be."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.estimators.group_time import fit_group_time
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.methods.did.inference.permutation.group_time import placebo_group_time
from hubeval.methods.did.inference.two_way_read import two_way
from hubeval.protocol import DidDesign


def frame_of(y, start):
    n, t = y.shape
    return pd.DataFrame(
        {"u": np.repeat(np.arange(n), t), "t": np.tile(np.arange(t), n), "y": y.ravel(), "s": np.repeat(start, t)}
    )


def by_group_time(frame):
    fit = fit_group_time(read_panel(frame, outcome="y", unit="u", time="t", start="s"))
    placebo = placebo_group_time(fit, fit_group_time, np.array([0.0]))
    assert placebo.exact
    return placebo.p_values()


def by_two_way(frame):
    return two_way(frame, outcome="y", unit="u", time="t", start="s", inference="permutation").reading.p_value


def by_imputation(frame):
    panel = read_panel(frame, outcome="y", unit="u", time="t", start="s")
    design = DidDesign(unit="u", time="t", start="s", estimator="imputation", inference="permutation")
    fitted = headline(panel, settled(design, panel, seed=1))
    return np.array([fitted.overall.p_value, *(e.p_value for e in fitted.events)])


@pytest.mark.parametrize("p_values", [by_group_time, by_two_way, by_imputation])
def test_the_share_of_assignments_rejected_never_exceeds_the_level(p_values):
    y = np.random.default_rng(0).normal(size=(6, 6)).cumsum(axis=1)
    starts = sorted(set(permutations([2.0, 2.0, 4.0, 4.0, np.inf, np.inf])))
    found = np.array([p_values(frame_of(y, np.array(start))) for start in starts])
    assert len(found) == 90
    for p in found.T:
        for level in np.unique(p):
            assert (p <= level + 1e-12).mean() <= level + 1e-12
