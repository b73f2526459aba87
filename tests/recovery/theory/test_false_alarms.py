"""How often the chart's rules fire when nothing has changed, as its own sentences say."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.theory.monitoring import xmr

DRAWS = 1200


def alarms(n, rho, rng):
    """Shares of charts with any special cause, and with one at the latest point."""
    anywhere = latest = 0
    for _ in range(DRAWS):
        noise = rng.normal(size=n)
        y = noise.copy()
        for t in range(1, n):
            y[t] = rho * y[t - 1] + noise[t]
        special = [point.rule != "Common Cause" for point in xmr(y).points]
        anywhere += any(special)
        latest += special[-1]
    return anywhere / DRAWS, latest / DRAWS


@pytest.mark.parametrize(("n", "rho", "anywhere", "latest"), [
    (24, 0.0, 0.19, 0.016), (60, 0.0, 0.46, 0.017), (24, 0.3, 0.45, 0.048), (24, 0.6, 0.81, 0.18),
])
def test_rules_fire_on_noise_as_often_as_the_chart_says(n, rho, anywhere, latest):
    found = alarms(n, rho, np.random.default_rng([n, int(10 * rho)]))
    for share, stated in zip(found, (anywhere, latest), strict=True):
        # four Monte Carlo standard errors, and half a unit of the stated second decimal
        assert abs(share - stated) < 4 * (stated * (1 - stated) / DRAWS) ** 0.5 + 0.005


def test_a_series_whose_points_follow_one_another_is_cautioned():
    rng = np.random.default_rng(9)
    y = rng.normal(size=40)
    for t in range(1, 40):
        y[t] += 0.8 * y[t - 1]
    names = [d.name for d in xmr(y).cautions]
    assert "points that follow one another" in names
    assert "points that follow one another" not in [d.name for d in xmr(rng.normal(size=40)).cautions]
