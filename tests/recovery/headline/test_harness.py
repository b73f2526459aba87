"""The harness itself: it passes a headline that holds, and fails one that does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import headline_study
import numpy as np
import pandas as pd
from headline_study import Share, World, study
from scipy import stats

from hubeval.protocol import ItsDesign, Outcome, Protocol

MONTHS = [f"{2015 + i // 12}-{i % 12 + 1:02d}" for i in range(48)]


def plain():
    def draw(rng, effect):
        return pd.DataFrame({"month": MONTHS, "y": 20 + rng.normal(size=48) + effect * (np.arange(48) >= 24)})

    outcome = Outcome(column="y", label="Y", unit="points")
    design = ItsDesign(time="month", start=MONTHS[24], impact="level", inference="least-squares", errors="independent")
    return World(draw=draw, protocol=Protocol(area="A", question="q", registered=date(2026, 1, 1), outcomes=(outcome,),
                                              design=design))


def test_white_noise_holds_its_coverage_size_and_power():
    t = np.arange(48)
    x = np.column_stack([np.ones(48), t, t >= 24])
    effect = 2.9 * float(np.sqrt(np.linalg.inv(x.T @ x)[2, 2]))
    right = stats.nct.sf(stats.t.ppf(0.975, 45), 45, 2.9)
    still, moved = study(plain(), 150), study(plain(), 150, effect=effect)
    assert abs(still.bias) < 4 * still.bias_error
    assert still.coverage.within(0.93, 0.97)
    assert still.found.within(0.03, 0.07)
    assert moved.found.within(right, right)
    assert moved.coverage.value == still.coverage.value


def test_intervals_of_half_the_width_are_caught(monkeypatch):
    real = headline_study.HEADS["its"]

    def bold(protocol, table):
        head = real(protocol, table)
        return replace(head, low=(head.low + head.estimate) / 2, high=(head.high + head.estimate) / 2)

    monkeypatch.setitem(headline_study.HEADS, "its", bold)
    assert not study(plain(), 60).coverage.within(0.93, 0.99)


def test_a_band_says_what_so_few_draws_can_tell():
    assert Share(0.85, 0.05, 50).within(0.93, 0.99)
    assert not Share(0.70, 0.05, 50).within(0.93, 0.99)
