"""A window chosen by covariates: how often sound data are given none, and what the interval then holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.methods.rdd.checks.slope import slope
from hubeval.methods.rdd.door.protocols import given
from hubeval.methods.rdd.inference.effect import effect_of
from hubeval.methods.rdd.window import settled
from hubeval.protocol import Outcome, Protocol, RddDesign

EFFECT = 1.0
PROTOCOL = Protocol(
    area="A", question="?", registered=date(2026, 1, 1), outcomes=(Outcome(column="y", label="Y", unit="points"),),
    design=RddDesign(unit="id", running="score", cutoff=0.0, side="at or above", estimator="randomisation",
                     covariates=("before", "other")))


def world(seed, *, slope, n=150):
    """Authorities with a score; the outcome and what it was before run with the score by `slope` over its range."""
    rng = np.random.default_rng(seed)
    score = rng.uniform(-1, 1, n)
    level = slope * score + rng.normal(0, 0.7, n)
    return pd.DataFrame({"id": np.arange(n).astype(str), "score": score, "before": level + rng.normal(0, 0.7, n),
                         "other": rng.normal(size=n), "y": level + EFFECT * (score >= 0) + rng.normal(0, 0.7, n)})


def tried(draws, slope):
    """Shares without a window and of intervals that hold the effect, the bias, and the median width."""
    none, held, off, widths = 0, [], [], []
    for seed in range(draws):
        table = bind(PROTOCOL, world(seed, slope=slope))
        try:
            ready = settled(table, PROTOCOL.design, seed=1)
        except BadInput:
            none += 1
            continue
        found = effect_of(given(table, ready.design, "y"), ready.design, seed=1)
        held.append(found.low < EFFECT < found.high)
        off.append(found.estimate - EFFECT)
        widths.append(found.h)
    print(f"\nslope {slope}: none {none / draws:.3f}, held {np.mean(held):.3f}, bias {np.mean(off):.3f}, "  # noqa: T201
          f"width {np.median(widths):.2f}, {draws} draws")
    return none / draws, float(np.mean(held)), float(np.mean(off))


@pytest.mark.parametrize("draws", [25, pytest.param(400, marks=pytest.mark.slow)])
def test_where_a_lot_drew_the_sides_the_interval_holds(draws):
    """Two independent covariates at .15 leave none in 1 - .85 ** 2 = .28; bands are three Monte Carlo errors."""
    none, held, _ = tried(draws, 0.0)
    assert abs(none - 0.28) < 3 * np.sqrt(0.28 * 0.72 / draws)
    assert held >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / draws)


@pytest.mark.parametrize("slope", [0.5, pytest.param(1.0, marks=pytest.mark.slow), pytest.param(2.0, marks=pytest.mark.slow)])
@pytest.mark.parametrize("draws", [15, pytest.param(400, marks=pytest.mark.slow)])
def test_where_the_outcome_runs_with_the_score_some_of_it_stays_in_the_number(draws, slope):
    """What the page warns of: the window narrows, and what is left of the slope within it leans the number its way."""
    _, held, bias = tried(draws, slope)
    assert bias > 0
    assert held < 0.99


def warned(draws, run):
    """Share of results in a window that is declared at which a slope is raised: `run` over the score's range."""
    table = [bind(PROTOCOL, world(seed, slope=run)) for seed in range(draws)]
    design = replace(PROTOCOL.design, window=0.4)
    found = [given(one, design, "y") for one in table]
    said = [slope(one, effect_of(one, design, seed=1), "points") for one in found]
    return sum(one.status == "caution" for one in said) / draws


@pytest.mark.parametrize("draws", [30, pytest.param(400, marks=pytest.mark.slow)])
def test_a_slope_of_the_outcome_is_raised_where_there_is_one_and_seldom_else(draws):
    """Two tests at .1 together; bands are three Monte Carlo errors."""
    assert warned(draws, 0.0) <= 0.1 + 3 * np.sqrt(0.1 * 0.9 / draws)
    assert warned(draws, 1.0) >= 0.8 - 3 * np.sqrt(0.8 * 0.2 / draws)
