"""The family as the room asks for it: one estimate, read by the rule of the room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.inference.family import FAMILY
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.methods.did.inference.permutation.assignments import assignments
from hubeval.methods.did.inference.permutation.refits import _by_loads, _by_refitting, placebo_family
from hubeval.protocol import DidDesign
from hubeval.result import Diagnostic

NAMES = {"outcome": "rate", "unit": "la", "time": "year", "start": "opened"}
DESIGN = DidDesign(unit="la", time="year", start="opened", control="not-yet", window=(-2, 1))


def read(panel, name):
    return headline(panel, settled(replace(DESIGN, estimator=name), panel, seed=1))


def panel_of(treated=(2, 2), units=20, effect=-1.0, seed=0):
    rng = np.random.default_rng(seed)
    area, year = (a.ravel() for a in np.meshgrid(np.arange(units), np.arange(2010, 2018), indexing="ij"))
    opened = np.full(units, np.nan)
    opened[: sum(treated)] = np.repeat([2013.0, 2015.0], treated)
    frame = pd.DataFrame({"la": area, "year": year, "opened": opened[area]})
    frame["rate"] = rng.normal(size=units)[area] + 0.2 * year + rng.normal(size=len(frame)) + effect * (year >= frame["opened"])
    return read_panel(frame, **NAMES)


@pytest.mark.parametrize("name", list(FAMILY))
def test_loads_and_refitting_permute_alike(name):
    panel = panel_of()
    fit = FAMILY[name]
    overall, events = fit(panel, DESIGN)
    ways = assignments(panel, draws=15, limit=15, seed=1)
    layers = [panel.y, panel.treated.astype(float), (np.isfinite(panel.event) & (panel.event < -1)).astype(float)]

    def made(other):
        return fit(other, DESIGN)

    fast, slow = (how(panel, made, events, ways, layers) for how in (_by_loads, _by_refitting))
    np.testing.assert_allclose(fast, slow, atol=1e-9)
    # the first assignment is the real one: it gives the estimates, and an effect of one where treatment is the outcome
    np.testing.assert_allclose(fast[0, 0], [overall.estimate[0], *events.estimate], atol=1e-9)
    after = np.array([True, *(key >= 0 for key in events.keys)])
    np.testing.assert_allclose(fast[0, 1, after], 1, atol=1e-9)


@pytest.mark.parametrize("name", list(FAMILY))
def test_few_treated_are_read_by_permutation_and_say_so(name):
    panel = panel_of()
    found = read(panel, name)
    assert found.overall.std_error is None
    assert "permutation" in found.overall.inference
    assert "chosen because" in found.overall.inference
    assert found.overall.conf_low < found.overall.estimate < found.overall.conf_high
    assert isinstance(found.pretrend, Diagnostic)
    assert found.point(panel) == pytest.approx(found.overall.estimate)
    assert len(found.events) == len(found.event_times)


@pytest.mark.parametrize("name", list(FAMILY))
def test_many_treated_are_read_by_the_clustered_error(name):
    found = read(panel_of((55, 55), 220), name)
    assert found.overall.std_error > 0
    assert found.overall.p_value < 0.05
    assert isinstance(found.pretrend, Diagnostic)


def test_a_permutation_interval_holds_what_its_test_keeps():
    panel = panel_of((3, 0), 9)
    fit = FAMILY["imputation"]
    overall, events = fit(panel, DESIGN)
    drawn = placebo_family(panel, lambda p: fit(p, DESIGN), overall, events)
    assert drawn.exact
    low, high = (float(end[0]) for end in drawn.intervals(0.9))

    def p_value(effect):
        shifted = replace(panel, y=panel.y - effect * panel.treated)
        first, rest = fit(shifted, DESIGN)
        return placebo_family(shifted, lambda p: fit(p, DESIGN), first, rest).p_values()[0]

    width = high - low
    assert p_value(low + 0.01 * width) > 0.1 >= p_value(low - 0.01 * width)
    assert p_value(high - 0.01 * width) > 0.1 >= p_value(high + 0.01 * width)
