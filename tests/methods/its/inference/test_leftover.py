"""Autocorrelation left over: its p-value is that of series drawn from the fit, and it sees what the model cannot hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.methods import its
from hubeval.methods.its.checks.diagnostics import leftover_autocorrelation
from hubeval.methods.its.inference.leftover import leftover_p, portmanteau

MONTHS = pd.period_range("2012-01", periods=72, freq="M").astype(str)


def fit(seed, wave=0.0, **kw):
    rng, t = np.random.default_rng(seed), np.arange(72)
    e = rng.normal(size=72)
    for i in range(1, 72):
        e[i] = 0.3 * e[i - 1] + np.sqrt(1 - 0.09) * e[i]
    y = 100 + 0.05 * t + e + wave * np.cos(2 * np.pi * t / 5)
    return its.segmented(pd.DataFrame({"m": MONTHS, "y": y}), outcome="y", time="m", start=MONTHS[48], **kw)


def test_a_sound_series_is_doubted_one_time_in_twenty():
    p = np.array([leftover_p(fit(seed), 10) for seed in range(80)])
    assert (p < 0.05).mean() <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / 80)
    assert 0.35 < p.mean() < 0.65


def test_a_wave_of_five_months_is_seen():
    said = [leftover_autocorrelation(fit(seed, wave=1.4)).status for seed in range(10)]
    assert said.count("caution") >= 7


@pytest.mark.parametrize("kw", [{"inference": "kenward-roger"}, {"inference": "arima"},
                                {"inference": "least-squares", "errors": "independent"}, {"errors": "ar1"}])
def test_every_way_of_making_errors_is_held_against_its_own_chance(kw):
    p = np.array([leftover_p(fit(seed, **kw), 10) for seed in range(8)])
    assert ((p > 0) & (p <= 1)).all()
    assert p.max() > 0.1


def test_the_same_series_gives_the_same_answer():
    assert leftover_p(fit(3), 10) == leftover_p(fit(3), 10)


def test_the_statistic_is_that_of_the_textbook():
    e = np.random.default_rng(1).normal(size=40)
    r = [np.sum((e - e.mean())[k:] * (e - e.mean())[:-k]) / np.sum((e - e.mean()) ** 2) for k in (1, 2, 3)]
    assert portmanteau(e, 3) == pytest.approx(40 * 42 * sum(v**2 / (40 - k) for k, v in enumerate(r, 1)))
