"""The matrix products give what refitting gives: estimates, errors and tests, one assignment at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.detectable import assignments, panels
from hubeval.detectable.assignments import Panel, smallest
from hubeval.methods.did import read_panel, two_way
from hubeval.methods.did.inference.headline import headline, settled
from hubeval.protocol import DidDesign

STAGGERED = ((5, 5), (7, 4))
TOGETHER = ((6, 9),)


def made(n=22, t=10, waves=STAGGERED, seed=3):
    draw = np.random.default_rng(seed)
    y = draw.normal(size=(n, t)) + 3 * draw.normal(size=(n, 1)) + 0.5 * np.cumsum(draw.normal(size=(n, t)), axis=1)
    start = np.full(n, np.nan)
    i = 0
    for first, count in waves:
        start[i : i + count] = first
        i += count
    starts = np.array([*sorted({first for first, _ in waves}), np.inf], dtype=float)
    cohort = np.searchsorted(starts, np.where(np.isnan(start), np.inf, start))
    return Panel(y=y, cohort=cohort, starts=starts)


def frame_of(panel, y=None, cohort=None):
    n, t = panel.y.shape
    start = panel.starts[panel.cohort if cohort is None else cohort]
    return pd.DataFrame({"u": np.repeat(np.arange(n), t), "t": np.tile(np.arange(t), n),
                         "s": np.repeat(np.where(np.isfinite(start), start, np.nan), t),
                         "y": (panel.y if y is None else y).ravel()})


COLUMNS = {"outcome": "y", "unit": "u", "time": "t", "start": "s"}


def group_time(panel, inference="cluster", cohort=None, y=None):
    read = read_panel(frame_of(panel, y, cohort), **COLUMNS)
    design = DidDesign(unit="u", time="t", start="s", estimator="group-time", inference=inference)
    return read, headline(read, settled(design, read, seed=1))


@pytest.mark.parametrize("waves", [TOGETHER, STAGGERED])
@pytest.mark.parametrize("inference", ["cluster", "cr2", "cr3"])
def test_two_way_estimates_and_errors_are_the_rooms_own(waves, inference):
    panel = made(waves=waves)
    weights = assignments.two_way_weights(panel)
    score = (assignments.clustered_score(panel, weights) if inference == "cluster"
             else assignments.bias_reduced_score(panel, inference))
    draw = np.random.default_rng(5)
    truths = assignments.drawn(panel, 5, draw)
    found = assignments.t_test(panel, weights, score, truths=truths, level=0.05)
    for d, truth in enumerate(truths):
        direct = two_way(frame_of(panel, cohort=truth), **COLUMNS, inference=inference).estimates[0]
        assert found.own[d] == pytest.approx(direct.estimate, abs=1e-10)
        assert found.critical[d] == pytest.approx(direct.conf_high - direct.estimate, rel=1e-8)


@pytest.mark.parametrize("inference", ["cluster", "cr2"])
def test_an_effect_moves_the_estimate_and_not_the_error(inference):
    panel = made()
    moved = panel.y + 2.5 * panel.exposure[panel.cohort]
    plain, with_effect = (two_way(frame_of(panel, y), **COLUMNS, inference=inference).estimates[0] for y in (panel.y, moved))
    assert with_effect.estimate - plain.estimate == pytest.approx(2.5)
    assert with_effect.std_error == pytest.approx(plain.std_error)


@pytest.mark.parametrize("waves", [TOGETHER, STAGGERED])
@pytest.mark.parametrize(("inference", "corrected"), [("welch", True), ("cluster", False)])
@pytest.mark.parametrize("control", ["never", "not-yet"])
def test_group_time_estimates_and_errors_are_the_rooms_own(waves, inference, corrected, control):
    panel = made(waves=waves)
    design = DidDesign(unit="u", time="t", start="s", estimator="group-time", inference=inference, control=control)
    read = read_panel(frame_of(panel), **COLUMNS)
    weights, _cells = panels._group_time(read, design, panel)
    truths = np.vstack([panel.cohort, assignments.drawn(panel, 3, np.random.default_rng(4))])
    found = assignments.cohort_test(panel, weights, truths=truths, level=0.05, corrected=corrected)
    for d, truth in enumerate(truths):
        other = read_panel(frame_of(panel, cohort=truth), **COLUMNS)
        fit = headline(other, settled(design, other, seed=1)).overall
        assert found.own[d] == pytest.approx(fit.estimate, abs=1e-10)
        # not-yet-treated units of several cohorts are centred on one pooled mean there, on their cohort's here
        exact = control == "never" or waves == TOGETHER
        assert found.critical[d] == pytest.approx(fit.conf_high - fit.estimate, rel=1e-8 if exact else 0.03)


def test_probed_weights_of_two_way_are_the_closed_ones():
    panel = made()
    direct = assignments.two_way_weights(panel)
    read = read_panel(frame_of(panel), **COLUMNS)
    point = headline(read, settled(DidDesign(unit="u", time="t", start="s", estimator="two-way", inference="cluster"), read)).point
    probed = assignments.probed_weights(panel, lambda y: point(replace(read, y=y.ravel())))
    np.testing.assert_allclose(probed, direct, atol=1e-12)


def test_what_is_not_linear_is_refused():
    panel = made()
    with pytest.raises(ValueError, match="one set of weights"):
        assignments.probed_weights(panel, lambda y: float(np.median(y)))


@pytest.mark.parametrize("waves", [((3, 3),), ((3, 1), (4, 2))])
def test_power_of_permutation_is_that_of_the_rooms_own_test(waves):
    """3 of 8: assignments in turn are the truth, and the room's own permutation test is asked each time."""
    panel, every = enumerated(waves)
    weights = assignments.two_way_weights(panel)
    some = every[:: max(1, len(every) // 12)]
    found = assignments.permutation_test(panel, weights, truths=some, reference=every, exact=True, level=0.05)
    for effect in (0.0, 2.0, -4.0):
        hits = 0
        for truth in some:
            y = panel.y + effect * panel.exposure[truth]
            p = two_way(frame_of(panel, y, truth), **COLUMNS, inference="permutation").estimates[0].p_value
            hits += p <= 0.05 + 1e-12
        assert found.power(effect) == pytest.approx(hits / len(some)), effect


def test_power_of_permuted_group_time_effects_is_that_of_refitting_them_all():
    panel, every = enumerated(((3, 1), (4, 1)), n=6)
    read, fit = group_time(panel)
    weights, _ = panels._group_time(read, DidDesign(unit="u", time="t", start="s"), panel)
    some = every[::6]
    found = assignments.permutation_test(panel, weights, truths=some, reference=every, exact=True, level=0.05)
    for effect in (0.0, 4.0):
        hits = 0
        for truth in some:
            y = panel.y + effect * panel.exposure[truth]
            refitted = [fit.point(read_panel(frame_of(panel, y, other), **COLUMNS)) for other in every]
            own = fit.point(read_panel(frame_of(panel, y, truth), **COLUMNS))
            hits += np.mean(np.abs(refitted) >= abs(own) - 1e-9) <= 0.05
        assert found.power(effect) == pytest.approx(hits / len(some)), effect


@pytest.mark.parametrize("waves", [((3, 3),), ((3, 1), (4, 2))])
def test_a_permutation_test_holds_its_size_over_every_assignment(waves):
    panel, every = enumerated(waves)
    weights = assignments.two_way_weights(panel)
    assert assignments.permutation_test(panel, weights, truths=every, reference=every, exact=True, level=0.05).power(0.0) <= 0.05


def enumerated(waves, n=8):
    from itertools import permutations

    panel = made(n=n, t=6, waves=waves, seed=8)
    return panel, np.array(sorted(set(permutations(panel.cohort.tolist()))))


def test_resampled_rows_are_what_stacking_them_gives():
    panel = made(n=10, waves=((5, 4),))
    weights = assignments.two_way_weights(panel)
    draw = np.random.default_rng(9)
    rows = draw.integers(0, 10, (3, 10))
    truths, reference = assignments.drawn(panel, 3, draw), assignments.drawn(panel, 40, draw)
    found = assignments.permutation_test(panel, weights, truths=truths, reference=reference, exact=False, level=0.05, rows=rows)
    score = assignments.clustered_score(panel, weights)
    t = assignments.t_test(panel, weights, score, truths=truths, level=0.05, rows=rows)
    for d in range(3):
        stacked = replace(panel, y=panel.y[rows[d]])
        alone = assignments.permutation_test(stacked, weights, truths=truths[d : d + 1], reference=reference, exact=False, level=0.05)
        np.testing.assert_allclose(found.null[:, d], alone.null[:, 0])
        assert found.own[d] == pytest.approx(alone.own[0])
        direct = assignments.t_test(stacked, weights, score, truths=truths[d : d + 1], level=0.05)
        assert t.critical[d] == pytest.approx(direct.critical[0])


def test_a_cohort_of_one_has_no_error_of_its_own():
    panel = made(n=20, waves=((5, 1), (7, 6)))
    read = read_panel(frame_of(panel), **COLUMNS)
    weights, _cells = panels._group_time(read, DidDesign(unit="u", time="t", start="s"), panel)
    found = assignments.cohort_test(panel, weights, truths=panel.cohort[None], level=0.05, corrected=True)
    assert np.isinf(found.critical).all()
    assert found.power(1e9) == 0


def test_bisection_finds_where_power_crosses():
    assert smallest(lambda e: min(1.0, e / 10), 0.8, 1.0) == pytest.approx(8.0, rel=1e-3)
    assert smallest(lambda _e: 0.5, 0.8, 1.0) is None
