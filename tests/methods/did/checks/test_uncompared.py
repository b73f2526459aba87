"""Whether the average says that treated periods are not in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did import read_panel
from hubeval.methods.did.checks.uncompared import left_out
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.protocol import DidDesign

DESIGN = DidDesign(time="year", start="opened", cluster="area", covariates=("lone",), mix="treated-before")


def fitted(change=lambda frame: frame, design=DESIGN):
    rng = np.random.default_rng(2)
    area, year = np.repeat(np.arange(40), 60), np.tile(np.repeat([1, 2, 3, 4], 15), 40)
    lone = (rng.random(2400) < 0.4).astype(float)
    frame = change(pd.DataFrame({
        "area": area, "year": year, "opened": np.where(area < 16, 3.0, np.nan), "lone": lone,
        "y": 3 * lone + rng.normal(0, 2, 2400) - 2 * ((area < 16) & (year >= 3))}))
    panel = read_panel(frame, outcome="y", unit=None, time="year", start="opened", cluster="area",
                       covariates=design.covariates)
    return headline(panel, settled(design, panel, seed=1))


def gone(*years):
    """Nobody of a kind among the untreated in these years."""
    return lambda f: f[~((f["lone"] == 1) & f["opened"].isna() & f["year"].isin(years))]


def test_a_whole_average_says_nothing():
    assert left_out(fitted()) is None


def test_periods_that_could_not_be_compared_are_a_caution_with_the_share_of_the_treated():
    found = left_out(fitted(gone(4)))
    assert found.status == "caution"
    assert found.statistic == pytest.approx(0.5)
    assert "1 period from the start on (4)" in found.reading
    assert "50% of the treated observations" in found.reading


def test_a_period_before_the_start_is_in_no_average():
    assert left_out(fitted(gone(1))) is None


def test_whoever_is_computed_as_found_misses_nothing():
    assert left_out(fitted(gone(4), DidDesign(time="year", start="opened", cluster="area"))) is None
