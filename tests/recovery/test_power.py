"""The smallest detectable effect is found as often as it says, in panels that were not used to work it out."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hubeval.detectable import Settings, power
from hubeval.methods.did import read_panel, two_way
from hubeval.methods.did.estimators.aggregate import Shares
from hubeval.methods.did.estimators.group_time import fit_group_time
from hubeval.methods.did.inference.welch import welch
from hubeval.protocol import DidDesign, Outcome, Protocol

N, T, TREATED, START = 24, 16, 8, 9


def panel(draw, effect=0.0):
    noise = np.zeros((N, T + 30))
    shocks = draw.normal(size=(N, T + 30))
    for i in range(1, T + 30):
        noise[:, i] = 0.4 * noise[:, i - 1] + shocks[:, i]
    y = noise[:, 30:] + 3 * draw.normal(size=(N, 1)) + np.cumsum(draw.normal(size=T))
    starts = np.where(np.arange(N) < TREATED // 2, START, np.where(np.arange(N) < TREATED, START + 2, 99))
    y = y + effect * (np.arange(T) >= starts[:, None])
    opened = np.where(starts < 99, (2000 + starts).astype(str), "")
    return pd.DataFrame({"u": np.repeat([f"u{i:02d}" for i in range(N)], T), "t": np.tile([str(2000 + i) for i in range(T)], N),
                         "s": np.repeat(opened, T), "y": y.ravel()})


@pytest.mark.slow
@pytest.mark.parametrize(("estimator", "inference"), [("two-way", "permutation"), ("two-way", "cr2"), ("group-time", "welch")])
def test_the_power_promised_is_the_power_had(estimator, inference):
    """Ten panels give a size; 400 fresh ones with that effect find it 80% of the time, within four Monte Carlo errors.

    The size is itself estimated from panels of 24 units, so the band is 80% ± 8 points.
    """
    draw = np.random.default_rng(31)
    design = DidDesign(unit="u", time="t", start="s", estimator=estimator, inference=inference)
    protocol = Protocol(area="A", question="q", registered=date(2026, 1, 1), design=design,
                        outcomes=(Outcome(column="y", label="Y", unit="points"),))
    settings = Settings(draws=500, curve_draws=0)
    size = np.mean([power(protocol, panel(draw), settings=settings).smallest_detectable for _ in range(10)])
    found = sum(p_value(panel(draw, size), design) <= 0.05 for _ in range(400))
    assert found / 400 == pytest.approx(0.8, abs=0.08)


def p_value(frame, design):
    """The room's own, without the figures that a report needs."""
    numbers = frame.assign(s=pd.to_numeric(frame["s"]), t=pd.to_numeric(frame["t"]))
    columns = {"outcome": "y", "unit": "u", "time": "t", "start": "s"}
    if design.estimator == "two-way":
        return two_way(numbers, **columns, inference=design.inference).estimates[0].p_value
    cells = fit_group_time(read_panel(numbers, **columns))
    level, influence = Shares.of(cells).average(cells.after)
    error, df = welch(influence[None], cells.panel.cluster, cells.panel.start)
    return 2 * stats.t.sf(abs(level) / error[0], df[0])
