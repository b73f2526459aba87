"""Panels in which nothing is wrong, and the same with one thing wrong, for the readings to be tried on."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from hubeval.protocol import DidDesign, Outcome, Protocol

OUTCOME = Outcome(column="y", label="Y", unit="points", direction="lower is better", smallest_worthwhile=1.0)
PROTOCOL = Protocol(
    area="A", question="?", registered=date(2026, 1, 1), outcomes=(OUTCOME,),
    design=DidDesign(unit="unit", time="year", start="start"),
)  # fmt: skip


def panel(rng, n=20, k=8, periods=12, starts=(8,), rho=0.3, moved=0.0, effect=0.0):
    """Units with levels, a common walk and autocorrelated noise of sd 1; `moved` one period before the start, `effect` from it."""
    common = np.cumsum(rng.normal(0, 0.5, periods))
    rows = []
    for i in range(n):
        noise = np.zeros(periods)
        noise[0] = rng.normal()
        for t in range(1, periods):
            noise[t] = rho * noise[t - 1] + rng.normal(0, np.sqrt(1 - rho**2))
        start = starts[i % len(starts)] if i < k else None
        y = 50 + rng.normal(0, 3) + common + noise
        if start is not None:
            y[start - 1 :] += moved
            y[start:] += effect
        rows += [(f"u{i:02d}", 2000 + t, None if start is None else 2000 + start, y[t]) for t in range(periods)]
    return pd.DataFrame(rows, columns=["unit", "year", "start", "y"])
