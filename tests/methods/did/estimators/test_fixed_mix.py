"""Means among one mix of people: balanced exactly, with an influence that is the derivative, refused where it cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.did import group_time, read_panel
from hubeval.methods.did.estimators.fixed_mix import FixedMix
from hubeval.methods.did.estimators.group_time import fit_group_time


@pytest.fixture
def frame():
    rng = np.random.default_rng(7)
    area, year = np.repeat(np.arange(8), 60), np.tile(np.repeat([1, 2, 3], 20), 8)
    on = (area < 4) & (year >= 2)
    lone, age = (rng.random(480) < 0.3 + 0.3 * on).astype(float), rng.normal(2, 1, 480) - on
    y = 3 * lone - 2 * age + year - 5 * on
    opened = np.select([area < 2, area < 4], [2.0, 3.0], np.nan)
    return pd.DataFrame({"area": area, "year": year, "opened": opened, "lone": lone, "age": age, "w":
                         rng.uniform(0.5, 2, 480), "y": y - 5 * ((area >= 2) & (area < 4) & (year == 2)) * -1})


def read(frame, **options):
    options = {"outcome": "y", "unit": None, "time": "year", "start": "opened", "cluster": "area",
               "covariates": ("lone", "age"), **options}
    return read_panel(frame, **options)


@pytest.mark.parametrize("mix", ["treated-before", "treated-after", "pooled"])
@pytest.mark.parametrize("weights", [None, "w"])
def test_linear_in_the_covariates_it_is_exact(frame, mix, weights):
    """The outcome has no noise, so any mix gives the effect itself whoever is asked."""
    fit = fit_group_time(read(frame, weights=weights), mix=mix)
    assert fit.estimate[fit.after] == pytest.approx(-5.0, abs=1e-8)
    plain = fit_group_time(read(frame, weights=weights, covariates=()))
    assert abs(plain.estimate[plain.after] + 5).max() > 1


@pytest.mark.parametrize("mix", ["treated-before", "treated-after", "pooled"])
def test_the_influence_is_the_derivative_in_each_rows_weight(frame, mix):
    noisy = frame.assign(y=frame["y"] + np.random.default_rng(3).normal(0, 4, len(frame)))
    panel = read(noisy, weights="w")
    fit = fit_group_time(panel, mix=mix)
    last = len(fit.estimate) - 1
    for row in (3, 77, 240, 401):
        step = 1e-5
        ends = []
        for sign in (1, -1):
            moved = panel.weights.copy()
            moved[row] += sign * step
            ends.append(fit_group_time(replace(panel, weights=moved), mix=mix).estimate[last])
        slope = (ends[0] - ends[1]) / (2 * step)
        assert fit.influence[last, panel.unit[row]] / panel.n_units / panel.weights[row] == pytest.approx(slope, abs=1e-6)


def test_the_means_are_those_of_the_target(frame):
    panel = read(frame, weights="w")
    fixed = FixedMix(panel, "treated-before", 0)
    before = panel.ever[panel.unit] & (panel.time < panel.first[panel.unit])
    w = panel.weights * before
    for j in range(2):
        one = FixedMix(replace(panel, y=panel.x[:, j]), "treated-before", 0).level(~panel.ever, "others", 2)
        assert one.value == pytest.approx(w @ panel.x[:, j] / w.sum(), abs=1e-8)
    assert fixed.centre == pytest.approx((w @ panel.x) / w.sum())


def test_nothing_hangs_on_scale_order_or_a_covariate_written_otherwise(frame):
    base = fit_group_time(read(frame.assign(y=frame["y"] + frame["age"] ** 2)), mix="pooled").estimate
    other = frame.assign(y=frame["y"] + frame["age"] ** 2, lone=5 - 1000 * frame["lone"], age=frame["age"] * 1e-4 + 7)
    assert fit_group_time(read(other.sample(frac=1, random_state=1)), mix="pooled").estimate == pytest.approx(base)


def test_a_mix_that_a_group_cannot_be_weighted_to_is_said(frame):
    none = frame[~((frame["lone"] == 1) & (frame["opened"].isna()) & (frame["year"] == 3))]
    fit = fit_group_time(read(none), mix="pooled")
    said = " ".join(item.reason for item in fit.not_computed)
    assert "alike in a covariate" in said
    far = frame.assign(age=np.where(frame["opened"].isna() & (frame["year"] == 3), frame["age"] + 50, frame["age"]))
    assert "cannot be weighted" in " ".join(i.reason for i in fit_group_time(read(far), mix="treated-before").not_computed)


def test_it_is_refused_where_it_means_nothing(frame):
    with pytest.raises(BadInput, match="mix"):
        group_time(frame, outcome="y", unit=None, time="year", start="opened", cluster="area", mix="pooled")
    with pytest.raises(BadInput, match="mix"):
        group_time(frame, outcome="y", unit=None, time="year", start="opened", cluster="area", covariates=["lone"],
                   mix="fixed")
