"""The structural comparison finds a known step, follows its controls, and is the same for the same seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods import its


def made(step=10.0, n=70, at=50):
    draw = np.random.default_rng(12)
    other = 30 + np.cumsum(draw.normal(size=n))
    y = 5 + 1.5 * other + draw.normal(size=n) + step * (np.arange(n) >= at)
    return pd.DataFrame({"t": np.arange(n), "other": other, "y": y})


ASK = {"outcome": "y", "time": "t", "start": 50, "trend": "level"}


def test_a_known_step_comes_back_and_controls_sharpen_it():
    with_control = its.structural(made(), **ASK, control=["other"]).average()
    without = its.structural(made(), **ASK).average()
    assert with_control.conf_low < 10 < with_control.conf_high
    assert with_control.conf_high - with_control.conf_low < without.conf_high - without.conf_low
    assert with_control.p_value < 0.01


def test_cumulative_is_the_average_times_periods():
    found = its.structural(made(), **ASK, control=["other"])
    assert found.cumulative().estimate == pytest.approx(20 * found.average().estimate)
    assert found.to_frame().effect.sum() == pytest.approx(found.cumulative().estimate)
    assert found.summary().term.tolist() == ["average effect", "cumulative effect"]


def test_same_seed_same_numbers():
    one, two = (its.structural(made(), **ASK, control=["other"]).average() for _ in range(2))
    assert one == two
    assert "measured to cover" in one.inference


def test_more_regressors_than_periods_are_refused():
    with pytest.raises(BadInput, match="periods before the start for 1 regressors"):
        its.structural(made(), **{**ASK, "start": 5}, control=["other"])


@pytest.mark.parametrize("trend", ["level", "trend"])
def test_simulated_paths_have_the_forecasts_mean_and_spread(trend):
    found = its.structural(made(), **{**ASK, "trend": trend}, control=["other"], draws=20_000)
    error = (found.high - found.low) / 3.92
    # 20,000 draws: three Monte Carlo errors on the mean, a few per cent on the spread
    assert np.abs(found.draws.mean(axis=0) - found.expected).max() < 3.5 * (error / np.sqrt(20_000)).max()
    assert found.draws.std(axis=0) == pytest.approx(error, rel=0.03)
