"""A panel that every engine is given, as frame and as files, and a protocol for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.protocol import DataSource, DidDesign, Outcome, Protocol

Y = Outcome(column="y", label="Y", unit="points", direction="lower is better")
BASE = Protocol(
    area="Pooled", question="?", registered=date(2026, 1, 1), outcomes=(Y,), country="Nowhere",
    design=DidDesign(unit="u", time="t", start="s"), data=DataSource(units="family"),
)  # fmt: skip


def records(seed=1, n=252, periods=7, starts=("", "2013", "2015"), whole=False):
    rng = np.random.default_rng(seed)
    level, noise = rng.normal(50, 5, n), rng.normal(0, 2, (n, periods))
    unit, time = np.repeat(np.arange(n), periods), np.tile(np.arange(periods), n)
    start = np.array(starts, dtype=object)[unit % len(starts)]
    on = np.array([bool(s) and str(2010 + t) >= s for s, t in zip(start, time, strict=True)])
    y = level[unit] + 0.3 * time + noise.ravel() - 2 * on
    return pd.DataFrame({
        "u": [f"c{i}" for i in unit], "t": [str(2010 + t) for t in time], "s": start,
        "y": np.round(y) if whole else y, "area": [f"a{i % 15}" for i in unit],
    })  # fmt: skip


def with_design(protocol, **keys):
    return replace(protocol, design=replace(protocol.design, **keys))


def same(ours, theirs, close=1e-9):
    assert len(ours.estimates) == len(theirs.estimates)
    for one, other in zip(ours.estimates, theirs.estimates, strict=True):
        for key in ("term", "outcome", "n_treated", "n_clusters"):
            assert getattr(one, key) == getattr(other, key), key
        for key in ("estimate", "std_error", "conf_low", "conf_high", "p_value"):
            assert getattr(one, key) == pytest.approx(getattr(other, key), abs=close), key
