"""Records whose whole clusters are treated: whether the interval of every estimator holds the truth.

The short cells run by default; `pytest -m slow tests/recovery/headline/test_matching.py` draws the headline estimator too, and more.
"""

from __future__ import annotations

import headline_study
import numpy as np
import pandas as pd
import pytest

from hubeval.methods.matching.inference.headline import headline, settled
from hubeval.protocol import MatchingDesign

DESIGN = {"unit": "id", "treated": "z", "covariates": ("x", "v"), "cluster": "hub"}


def whole_clusters(rng, *, treated, clusters=20, size=30, spread=0.0, icc=0.15):
    """Records in hubs that are treated whole; `spread` is the deviation of the log of hub sizes."""
    sizes = np.maximum(8, np.round(size * np.exp(spread * rng.normal(size=clusters)))).astype(int)
    hub = np.repeat(np.arange(clusters), sizes)
    x, v = rng.normal(size=(2, hub.size))
    place = rng.normal(size=clusters) * np.sqrt(icc / (1 - icc))
    frame = pd.DataFrame({"id": np.arange(hub.size), "hub": hub, "x": x, "v": v, "z": hub < treated})
    return frame.assign(y=x + 0.5 * v + place[hub] + rng.normal(size=hub.size))


def coverage(draws, seed, world, **design):
    asked = MatchingDesign(**{**DESIGN, **design})
    held, widths = [], []
    for r in range(draws):
        frame = whole_clusters(np.random.default_rng([seed, r]), **world)
        made = headline(settled(asked, frame, seed=r), asked, "y", seed=r)
        held.append(made.conf_low <= 0 <= made.conf_high)
        widths.append(made.conf_high - made.conf_low)
    share = headline_study.Share(np.mean(held), np.sqrt(0.95 * 0.05 / draws), draws)
    headline_study.SEEN.append((f"whole clusters {world} {design}", f"coverage {share}, width {np.median(widths):.2f}"))
    return share


@pytest.mark.parametrize("design", [
    {"estimator": "difference", "caliper": 0.3}, {"estimator": "regression", "method": "full"},
    {"estimator": "difference", "method": "inverse-probability"}], ids=["pairs", "full", "weights"])
@pytest.mark.parametrize("world", [{"treated": 3}, {"treated": 6, "spread": 0.7}], ids=["three", "unequal"])
def test_intervals_hold_where_whole_clusters_are_treated(design, world):
    assert coverage(60, 11, world, **design).within(0.93, 0.99)


@pytest.mark.slow
@pytest.mark.parametrize("world", [{"treated": 3}, {"treated": 2}, {"treated": 6, "spread": 0.7}], ids=["three", "two", "unequal"])
def test_the_headline_s_interval_holds_where_whole_clusters_are_treated(world):
    assert coverage(150, 12, world).within(0.93, 0.99)
