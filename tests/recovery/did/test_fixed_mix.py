"""Repeated cross-sections whose people change with the treatment: what is wrong as found holds once the mix is fixed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.checks.composition import composition
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.protocol import DidDesign

BARE = DidDesign(cluster="area", time="year", start="opened")
HELD = replace(BARE, covariates=("lone", "age"), mix="treated-before")
EFFECT, MORE, LONE = -4.0, -3.0, 0.25  # effect, how much more of it among lone parents, their share before


def world(seed, *, drift, areas=32, treated=14, years=6, wave=3):
    """Lone parents are more stressed, and stress eases with age on a curve; their share rises in treated areas."""
    rng = np.random.default_rng(seed)
    people = rng.integers(14, 24, (areas, years))
    area = np.repeat(np.repeat(np.arange(areas), years), people.ravel())
    year = np.repeat(np.tile(np.arange(years), areas), people.ravel())
    on = (area < treated) & (year >= wave)
    lone = rng.random(len(area)) < LONE + drift * on
    age = rng.normal(2, 1, len(area)) - 2 * drift * on
    y = (rng.normal(0, 3, areas)[area] + rng.normal(0, 0.6, (areas, years))[area, year] + 0.5 * year
         + 6 * lone - 1.5 * age + rng.normal(0, 6, len(area)) + on * (EFFECT + MORE * lone))
    return pd.DataFrame({"area": area, "year": year, "opened": np.where(area < treated, wave, np.nan),
                         "lone": lone.astype(float), "age": age, "y": y})


def panel_of(frame, design):
    return read_panel(frame, outcome="y", unit=None, time="year", start="opened", cluster="area",
                      covariates=design.covariates)


def interval(frame, design):
    panel = panel_of(frame, design)
    return headline(panel, settled(design, panel, seed=1)).overall


@pytest.mark.parametrize("draws", [20, pytest.param(300, marks=pytest.mark.slow)])
def test_the_fixed_mix_holds_where_the_mix_as_found_is_biased(draws):
    """Bands are three Monte Carlo standard errors about [.03, .07]; the truth is of the people before the start."""
    truth = EFFECT + MORE * LONE
    raised, missed, lost, off = [], [], [], []
    for seed in range(draws):
        frame = world(seed, drift=0.2)
        bare, held = interval(frame, BARE), interval(frame, HELD)
        lost.append(not bare.conf_low < truth < bare.conf_high)
        missed.append(not held.conf_low < truth < held.conf_high)
        off.append((bare.estimate - truth, held.estimate - truth))
        panel = panel_of(frame, HELD)
        raised.append(composition(panel, settled(replace(HELD, mix="as found"), panel)).status == "caution")
    print(f"\n{draws}: held as found {1 - np.mean(lost):.3f}, mix {1 - np.mean(missed):.3f}, raised {np.mean(raised):.3f}")  # noqa: T201
    slack = 3 * np.sqrt(0.05 * 0.95 / draws)
    bias, error = np.mean(off, axis=0), np.std(off, axis=0) / np.sqrt(draws)
    assert 0.03 - slack <= np.mean(missed) <= 0.07 + slack
    assert abs(bias[1]) < 3 * error[1]
    assert bias[0] > 1.0
    assert np.mean(lost) > 0.2
    assert np.mean(raised) > 0.9


@pytest.mark.parametrize("draws", [24, pytest.param(400, marks=pytest.mark.slow)])
def test_the_check_seldom_raises_where_nobody_changed(draws):
    raised = []
    for seed in range(draws):
        panel = panel_of(world(seed, drift=0.0), HELD)
        raised.append(composition(panel, settled(replace(HELD, mix="as found"), panel)).status == "caution")
    print(f"\n{draws} draws without a change: raised {np.mean(raised):.3f}")  # noqa: T201
    assert np.mean(raised) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)
