"""How often the other scale is raised where there is no effect on either: panels of unlike levels, noise in per cent."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.inference.fitted import labelled
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.methods.readings.other_scale import other_scale
from hubeval.protocol import DidDesign

DESIGN = DidDesign(unit="la", time="t", start="s", estimator="two-way")


def found(seed, units=30, periods=10):
    rng = np.random.default_rng(seed)
    y = rng.lognormal(4, 0.35, (units, 1)) * np.exp(rng.normal(0, 0.02, periods) + rng.normal(0, 0.08, (units, periods)))
    frame = pd.DataFrame({"la": np.repeat([f"u{i}" for i in range(units)], periods),
                          "t": np.tile(np.arange(2010, 2010 + periods), units),
                          "s": np.repeat([2016.0] * 8 + [np.nan] * (units - 8), periods), "y": y.ravel()})
    panel = read_panel(frame, outcome="y", unit="la", time="t", start="s")

    def fit(values, unit):
        made = replace(panel, y=values)
        return labelled(headline(made, settled(DESIGN, made, seed=1)), "Y", unit).overall

    return other_scale(fit(panel.y, "visits"), panel.y, fit).status


@pytest.mark.slow
def test_at_most_one_in_twenty_sound_panels_is_raised_and_none_fails():
    counts = Counter(found(seed) for seed in range(400))
    assert counts["caution"] <= 20
    assert counts["fail"] == 0
