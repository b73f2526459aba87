"""What the permuted test of earlier trends says it would see: against what fresh data found, and with a trend in the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did import read_panel
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.protocol import DidDesign

DESIGN = DidDesign(unit="u", time="t", start="s")


def made(seed, *, slope=0.0, treated=8, others=8, noisier=1.0, sizes=None, periods=10, start=5):
    """Units alike but for their cluster's noise, autocorrelation .5; the treated on a trend of their own."""
    rng, n = np.random.default_rng([17, seed]), treated + others
    e = rng.normal(size=(n, periods + 30))
    for i in range(1, periods + 30):
        e[:, i] += 0.5 * e[:, i - 1]
    y = np.sqrt(0.75) * e[:, 30:] * np.where(np.arange(n) < treated, noisier, 1.0)[:, None]
    y[:treated] += slope * np.arange(periods)
    of = np.repeat(np.arange(n), sizes if sizes is not None else 1)
    frame = pd.DataFrame({"u": np.repeat(np.arange(len(of)), periods), "t": np.tile(np.arange(periods), len(of)), "c": np.repeat(of, periods),
                          "s": np.repeat(np.where(of < treated, float(start), np.nan), periods), "y": y[of].ravel()})
    panel = read_panel(frame, outcome="y", unit="u", time="t", start="s", cluster="c" if sizes is not None else None)
    return headline(panel, settled(DESIGN, panel)).trend_test


@pytest.mark.parametrize(("world", "slope", "found"), [
    ({}, 0.4, 0.30),  # of 270 fresh panels with that trend; .54 was stated while the covariance was taken as known
    ({"others": 16, "noisier": 2.0}, 0.7, 0.35),  # of 120; .41 was stated for a slope of .5, and .13 found
])
@pytest.mark.parametrize("present", [False, True])
def test_stated_power_is_what_fresh_data_find_with_and_without_a_trend_in_the_data(world, slope, found, present):
    stated = [made(seed, slope=slope * present, **world).power(slope) for seed in range(8)]
    assert abs(np.mean(stated) - found) < 0.1


def test_it_grows_with_the_slope_and_holds_its_level_without_one():
    test = made(1)
    shares = [test.power(slope) for slope in (0.0, 0.3, 0.6, 1.2, 3.0)]
    assert shares[0] <= 0.12
    assert np.all(np.diff(shares) >= 0)
    assert shares[-1] > 0.95
    assert test.power(test.slope(0.8)) >= 0.8


def test_a_bound_is_said_where_a_few_clusters_carry_a_side():
    assert not made(2).at_most
    assert not made(2, sizes=[4] * 16).at_most
    assert made(2, sizes=[60] + [5] * 15).at_most
    assert made(2, sizes=[5] * 15 + [60]).at_most
