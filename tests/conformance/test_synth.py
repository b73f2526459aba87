"""What every synthetic control must be indifferent to, and what can only make it better, on panels nobody chose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubeval.methods import synth

NAMES = {"outcome": "y", "unit": "u", "time": "t", "treated": "a0", "start": 12}
PANELS = {"seed": st.integers(0, 10_000), "n": st.integers(4, 10)}


def panel(seed, n, t=18):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=(t, 2)).cumsum(axis=0) @ rng.normal(size=(2, n)) + rng.normal(size=(t, n))
    return pd.DataFrame({"u": np.repeat([f"a{i}" for i in range(n)], t), "t": np.tile(np.arange(t), n), "y": y.T.ravel()})


@settings(deadline=None, max_examples=25)
@given(**PANELS)
def test_names_and_order_of_rows_change_nothing(seed, n):
    frame = panel(seed, n)
    fit = synth.control(frame, **NAMES)
    renamed = frame.assign(u=frame["u"].map(lambda u: f"unit {-int(u[1:])}")).sample(frac=1, random_state=seed)
    other = synth.control(renamed, **{**NAMES, "treated": "unit 0"})
    assert other.estimate == pytest.approx(fit.estimate, rel=1e-7, abs=1e-9)
    assert other.placebos().by_ratio == fit.placebos().by_ratio


@settings(deadline=None, max_examples=25)
@given(**PANELS, scale=st.floats(1e-3, 1e4), lift=st.floats(-100, 100))
def test_another_unit_of_measurement_rescales_everything(seed, n, scale, lift):
    frame = panel(seed, n)
    fit = synth.control(frame, **NAMES)
    other = synth.control(frame.assign(y=frame["y"] * scale + lift), **NAMES)
    assert other.estimate == pytest.approx(scale * fit.estimate, rel=1e-6, abs=1e-6 * scale)
    assert other.placebos().by_ratio.rank == fit.placebos().by_ratio.rank


@settings(deadline=None, max_examples=25)
@given(**PANELS)
def test_one_more_donor_never_fits_worse_before_the_start(seed, n):
    frame = panel(seed, n)
    fewer = synth.control(frame, **NAMES, donors=[f"a{i}" for i in range(1, n - 1)])
    assert synth.control(frame, **NAMES).pre_rmspe <= fewer.pre_rmspe * (1 + 1e-9)


@settings(deadline=None, max_examples=25)
@given(**PANELS)
def test_p_values_are_ranks_and_what_follows_the_start_does_not_move_the_weights(seed, n):
    frame = panel(seed, n)
    fit = synth.control(frame, **NAMES)
    assert round(fit.placebos().by_ratio.p_value * n, 9) in range(1, n + 1)
    later = frame.assign(y=frame["y"].where(frame["t"] < 12, -frame["y"]))
    pd.testing.assert_series_equal(synth.control(later, **NAMES).weights, fit.weights)


@settings(deadline=None, max_examples=15)
@given(**PANELS, effect=st.floats(-20, 20))
def test_an_effect_put_in_comes_out(seed, n, effect):
    frame = panel(seed, n)
    moved = frame.assign(y=frame["y"] + effect * ((frame["u"] == "a0") & (frame["t"] >= 12)))
    for method in (synth.control, synth.augmented, synth.synthetic_did):
        assert method(moved, **NAMES).estimate - method(frame, **NAMES).estimate == pytest.approx(effect, abs=1e-7)
