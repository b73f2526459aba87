"""A service that was withdrawn: the effect has an end, what lies after it helps to see the path, and a series that stays away is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods import its
from hubeval.methods.its.checks.diagnostics import left_after_end

MONTHS = pd.period_range("2015-01", periods=72, freq="M").astype(str)
T = np.arange(72)


def fit(y, **kw):
    frame = pd.DataFrame({"month": MONTHS, "y": y})
    start = its.Interruption(at=MONTHS[30], until=kw.pop("until", MONTHS[50]), **kw)
    return its.segmented(frame, outcome="y", time="month", start=start)


def series(away=0.0, seed=1):
    on = (T >= 30) & (T <= 50)
    return 40 + 0.2 * T + 5 * on + away * (T > 50) + np.random.default_rng(seed).normal(size=72)


def test_the_effect_is_of_the_time_in_force_and_nothing_is_claimed_after_it():
    found = fit(series(), impact="level")
    effect = found.average().absolute
    assert abs(effect.estimate - 5) < 1
    assert np.flatnonzero(found.model.after).tolist() == list(range(30, 51))
    assert np.flatnonzero(found.model.withdrawn).tolist() == list(range(51, 72))
    frame = found.counterfactual()
    assert np.allclose(frame.fitted[51:], frame.counterfactual[51:])
    assert not frame.after[51:].any()
    assert found.cumulative().absolute.estimate == pytest.approx(21 * effect.estimate)
    with pytest.raises(BadInput, match="no effect is defined"):
        found.effect_at(MONTHS[60])
    (figure,) = [f for f in found.figures() if f.name == "series"]
    assert [m.label for m in figure.marks] == [f"start {MONTHS[30]}", f"end {MONTHS[50]}"]


def test_least_squares_by_hand_gives_the_same_level_and_slope():
    y = series()
    frame = pd.DataFrame({"month": MONTHS, "y": y})
    start = its.Interruption(at=MONTHS[30], until=MONTHS[50])
    found = its.segmented(frame, outcome="y", time="month", start=start, errors="independent", inference="least-squares")
    on = ((T >= 30) & (T <= 50)).astype(float)
    by_hand = np.linalg.lstsq(np.column_stack([np.ones(72), T, on, on * (T - 30)]), y, rcond=None)[0]
    assert [one.estimate for one in found.estimates] == pytest.approx(by_hand[2:].tolist())


def test_what_came_after_narrows_the_interval():
    y = series()
    cut = its.segmented(pd.DataFrame({"month": MONTHS[:51], "y": y[:51]}), outcome="y", time="month", start=MONTHS[30])
    wide, narrow = cut.average().absolute, fit(y).average().absolute
    assert narrow.conf_high - narrow.conf_low < 0.7 * (wide.conf_high - wide.conf_low)


def test_a_series_that_stays_away_is_named_and_one_that_returned_is_not():
    stayed = left_after_end(fit(series(away=5.0)))
    assert stayed.status == "caution"
    assert "did not go back" in stayed.reading
    assert "not" in stayed.reading.split("Allowing for that")[1]
    back = left_after_end(fit(series()))
    assert back.status == "pass"
    assert "none that stands out" in back.reading


def test_a_return_that_took_place_is_seldom_doubted():
    said = [left_after_end(fit(series(seed=s), impact="level")).status for s in range(60)]
    assert said.count("caution") <= 7  # 3 of 60 expected; more than 7 once in a hundred


def test_without_an_end_nothing_is_asked():
    frame = pd.DataFrame({"month": MONTHS, "y": series()})
    found = its.segmented(frame, outcome="y", time="month", start=MONTHS[30])
    assert left_after_end(found) is None
    assert not found.model.withdrawn.any()


@pytest.mark.parametrize("until", ["2014-01", MONTHS[30], MONTHS[29], MONTHS[71], "2031-01"])
def test_an_end_outside_the_treated_time_is_refused(until):
    with pytest.raises(BadInput, match="end"):
        fit(series(), until=until)
