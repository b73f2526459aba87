"""What must not matter, does not: order of rows, names, units of the outcome, constants, unit-by-unit levels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubeval.methods import did

NAMES = {"outcome": "rate", "unit": "la", "time": "year", "start": "opened"}


def _effects(found):
    return (found.estimate, found.covariance)


MEMBERS = {
    "sun-abraham": lambda f, **k: did.sun_abraham(f, **NAMES, **k),
    "extended": lambda f, **k: did.extended(f, **NAMES, **k),
    "imputation": lambda f, **k: did.imputation(f, **NAMES, **k),
    "two-stage": lambda f, **k: did.two_stage(f, **NAMES, second="event", **k),
    "stacked": lambda f, **k: did.stacked(f, **NAMES, window=(-1, 1), **k),
    "switching": lambda f, **k: did.switching(f, outcome="rate", unit="la", time="year", treated="open", **k),
    "dose": lambda f, **k: did.dose(f, **NAMES, exposure="share", **k).level,
}


def panel(seed):
    rng = np.random.default_rng(seed)
    area, year = (a.ravel() for a in np.meshgrid(np.arange(15), np.arange(2010, 2016), indexing="ij"))
    opened = np.array([2012.0, 2013.0, np.nan])[area % 3]
    return pd.DataFrame({"la": area, "year": year, "opened": opened, "open": (year >= opened).astype(int),
                         "share": (area // 3 + 1) / 5, "w": 1.0, "rate": rng.normal(size=len(area))})


@pytest.mark.parametrize("name", list(MEMBERS))
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100), shift=st.floats(-1000, 1000))
def test_scale_shift_order_and_names_do_not_matter(name, seed, scale, shift):
    fit, frame = MEMBERS[name], panel(seed)
    estimate, v = _effects(fit(frame))
    rng = np.random.default_rng(seed)
    levels = rng.normal(size=15) * 10
    other = frame.assign(rate=scale * (frame["rate"] + levels[frame["la"]] + np.sqrt(frame["year"])) + shift,
                         la=frame["la"].map(lambda a: f"area {99 - a}"))
    again, w = _effects(fit(other.sample(frac=1, random_state=seed)))
    np.testing.assert_allclose(again, scale * estimate, atol=1e-7 * scale + 1e-9 * abs(shift))
    np.testing.assert_allclose(w, scale**2 * v, rtol=1e-5, atol=1e-8 * scale**2)


@pytest.mark.parametrize("name", list(MEMBERS))
def test_equal_weights_are_no_weights_and_own_clusters_are_the_default(name):
    frame = panel(3)
    plain, weighted = _effects(MEMBERS[name](frame)), _effects(MEMBERS[name](frame, weights="w"))
    clustered = _effects(MEMBERS[name](frame.assign(own=frame["la"]), cluster="own"))
    for one, two, three in zip(plain, weighted, clustered, strict=True):
        np.testing.assert_allclose(two, one, atol=1e-10)
        np.testing.assert_allclose(three, one, atol=1e-10)


@pytest.mark.parametrize("name", [n for n in MEMBERS if n not in {"dose", "switching"}])
def test_whole_weights_are_copies(name):
    # a unit of weight 2 is two units alike, in the same cluster
    frame = panel(4).assign(own=lambda f: f["la"])
    frame["w"] = np.where(frame["la"] % 2, 2.0, 1.0)
    twin = frame[frame["w"] == 2].assign(la=lambda f: f["la"] + 100)
    estimate = _effects(MEMBERS[name](frame, weights="w", cluster="own"))[0]
    copied = _effects(MEMBERS[name](pd.concat([frame, twin]), cluster="own"))[0]
    np.testing.assert_allclose(estimate, copied, atol=1e-9)
