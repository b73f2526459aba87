"""Randomisation inference: equal to doing it the long way, exact when small, its floor said."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.did import event_study, group_time, read_panel, two_way
from hubeval.methods.did.estimators.group_time import fit_group_time
from hubeval.methods.did.inference.permutation.group_time import placebo_group_time

KEYS = {"outcome": "y", "unit": "la", "time": "t", "start": "s"}


def panel(n=7, t=6, starts=(3.0, 4.0), seed=2, effect=0.0):
    rng = np.random.default_rng(seed)
    s = np.append(starts, np.full(n - len(starts), np.nan))
    data = pd.DataFrame({"la": np.repeat(np.arange(n), t), "t": np.tile(np.arange(t), n), "s": np.repeat(s, t)})
    data["x"] = rng.normal(size=n * t)
    data["y"] = rng.normal(size=n * t) + effect * (data["t"] >= data["s"]) + data["la"]
    return data


def plain(drawn):
    """The permuted estimates as they are, not set against anybody's noise."""
    return drawn.draws / drawn.ratio[:, None]


def by_hand(data, coefficient):
    """The coefficient under every distinct assignment of the starts to the units."""
    units = data["la"].unique()
    starts = data.groupby("la")["s"].first().to_numpy()
    seen = {}
    for order in permutations(range(len(units))):
        s = starts[list(order)]
        key = tuple(np.nan_to_num(s, nan=-1))
        if key not in seen:
            seen[key] = coefficient(data.assign(s=data["la"].map(dict(zip(units, s, strict=True)))))
    return np.array(list(seen.values()))


@pytest.mark.parametrize("options", [{}, {"covariates": ("x",)}, {"weights": "w"}])
@pytest.mark.parametrize("gaps", [False, True])
def test_two_way_permutations_equal_refitting_every_assignment(options, gaps):
    data = panel(n=6).assign(w=lambda d: 1 + d["la"] % 3)
    if gaps:
        data = data.drop(index=[7, 22])
    fit = two_way(data, **KEYS, **options, inference="permutation")
    long = by_hand(data, lambda d: two_way(d, **KEYS, **options, inference="cluster").estimate[0])
    assert fit.placebo.exact
    assert len(long) == fit.placebo.assignments == 30
    np.testing.assert_allclose(np.sort(plain(fit.placebo)[:, 0]), np.sort(long), atol=1e-9)
    against = np.abs(fit.placebo.draws[:, 0]) >= abs(fit.estimate[0]) - 1e-12
    assert fit.reading.p_value[0] == pytest.approx(np.mean(against))


def test_the_interval_holds_the_effects_that_the_test_does_not_reject():
    data = panel(n=30, starts=(3.0, 3.0, 4.0), effect=1.5)
    fit = two_way(data, **KEYS, inference="permutation", conf_level=0.9)
    d = (data["t"] >= data["s"]).astype(float)
    for end, inward in ((fit.reading.conf_low[0], 1e-6), (fit.reading.conf_high[0], -1e-6)):
        inside = two_way(data.assign(y=data["y"] - (end + inward) * d), **KEYS, inference="permutation").reading.p_value
        outside = two_way(data.assign(y=data["y"] - (end - inward) * d), **KEYS, inference="permutation").reading.p_value
        assert inside[0] > 0.1 >= outside[0]


def test_the_floor_is_said_and_no_interval_is_given_where_nothing_can_be_rejected():
    data = panel(n=8, starts=(3.0,))
    fit = two_way(data, **KEYS)
    assert fit.placebo.floor == 1 / 8
    assert "smallest attainable p 0.12" in fit.reading.words
    assert fit.estimates[0].conf_low is None
    assert fit.estimates[0].p_value >= 1 / 8


def test_whole_clusters_are_permuted_where_treatment_came_to_clusters():
    data = panel(n=12, starts=(3.0, 3.0)).assign(region=lambda d: d["la"] // 2)
    fit = two_way(data, **KEYS, cluster="region")
    assert fit.placebo.over == "region"
    assert fit.placebo.assignments == 6


def test_event_study_permutations_equal_refitting():
    data = panel(n=6, starts=(3.0,))
    fit = event_study(data, **KEYS)
    last = fit.event_times.index(2.0)
    # the interval's draws take the other event times' effects out; at no effect elsewhere they are the plain ones
    clean = data.assign(y=data["y"] - sum(
        b * ((data["t"] - data["s"]) == e) for e, b in zip(fit.event_times, fit.estimate, strict=True) if e != 2.0))
    long = by_hand(clean, lambda d: event_study(d, **KEYS, inference="cluster").estimate[last])
    np.testing.assert_allclose(np.sort(plain(fit.placebo)[:, last]), np.sort(long), atol=1e-9)


@pytest.mark.parametrize("control", ["never", "not-yet"])
def test_group_time_permutations_equal_refitting_every_assignment(control):
    data = panel(n=6)
    fit = group_time(data, **KEYS, control=control)
    keys = np.array([0.0, 1.0])
    found = placebo_group_time(fit, fit_group_time, keys)
    long = by_hand(data, lambda d: group_time(d, **KEYS, control=control).aggregate("simple").overall)
    np.testing.assert_allclose(np.sort(plain(found)[:, 0]), np.sort(long), atol=1e-9)
    events = by_hand(data, lambda d: group_time(d, **KEYS, control=control).aggregate("event").estimate[-2])
    np.testing.assert_allclose(np.sort(plain(found)[:, 2]), np.sort(events), atol=1e-9)


def test_refitting_with_covariates_keeps_the_real_starts_among_the_draws():
    rng = np.random.default_rng(3)
    data = panel(n=24, starts=(3.0,) * 3 + (4.0,) * 3)
    data["z"] = np.repeat(rng.normal(size=24), 6)
    fit = group_time(data, **KEYS, covariates=("z",), estimator="reg")
    found = placebo_group_time(fit, lambda p: fit_group_time(p, estimator="reg"), np.array([0.0]))
    assert not found.exact
    np.testing.assert_allclose(found.draws[0], found.estimate, atol=1e-12)
    assert found.p_values()[0] >= 1 / len(found.draws)


def test_names_and_order_of_units_change_nothing():
    data = panel(n=20, starts=(3.0, 4.0, 4.0))
    one = two_way(data, **KEYS)
    other = two_way(data.assign(la="u" + data["la"].astype(str)).sample(frac=1, random_state=1), **KEYS)
    assert one.reading.p_value[0] == pytest.approx(other.reading.p_value[0], abs=1e-12)
    assert read_panel(data, **KEYS).n_units == 20


def test_averages_over_cohorts_of_one_unit_have_no_error_and_say_so():
    data = panel(n=12, starts=(3.0, 4.0, 4.0))
    events = group_time(data, **KEYS).aggregate("event")
    last = list(events.keys).index(2.0)
    assert np.isnan(events.std_error[last])
    assert "one treated unit" in events.notes[last]
    assert "own noise" in events.notes[list(events.keys).index(0.0)]
    assert events.to_frame()["note"].iloc[last] == events.notes[last]
