"""Readings of a time series and of a synthetic control: quiet where nothing is wrong, heard where something is.

Quiet: at most 5% cautions and 1% failures in draws without any effect or flaw. The short cells run by default;
`pytest -m slow tests/recovery/readings/test_series_readings.py -s` prints every reading's share in every cell.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pandas as pd
import pytest

from hubeval.methods import its
from hubeval.methods.its.checks.diagnostics import diagnose
from hubeval.methods.its.checks.other_scale import on_other_scale
from hubeval.methods.its.checks.placebo_starts import placebo_dates, placebo_reading
from hubeval.methods.its.checks.probes import probe
from hubeval.methods.its.checks.readings import rank_reading
from hubeval.methods.its.inference.permutation import permutation_rank
from hubeval.methods.synth import room as synth_room
from hubeval.methods.synth.checks import diagnostics as synth_checks
from hubeval.methods.synth.door.panel import Panel
from hubeval.protocol import Outcome, SynthDesign
from hubeval.result import Diagnostic

WIDE = 2.6
MONTHS = pd.period_range("2010-01", periods=120, freq="M").astype(str)


def band(share, draws):
    """How far a share of so many draws may lie above by chance."""
    return share + WIDE * np.sqrt(share * (1 - share) / draws)


def noise(rng, shape, rho):
    e = rng.normal(size=(shape[0] + 30, *shape[1:]))
    for i in range(1, len(e)):
        e[i] = rho * e[i - 1] + np.sqrt(1 - rho**2) * e[i]
    return e[30:]


def series(rng, *, before=48, after=24, rho=0.3, swing=0.0, swing_after=None, drift=0.0, bend=0.0, effect=0.0, spike=0.0,
           controls=0, counts=0.0):
    """One month's series around 100 with noise of sd 1, and what may be wrong with it."""
    n = before + after
    t = np.arange(n)
    wave = np.where(t >= before, swing if swing_after is None else swing_after, swing) * np.cos(2 * np.pi * t / 12)
    shared = noise(rng, (n,), 0.5) if controls else 0.0
    y = 100 + 0.05 * t + wave + shared + noise(rng, (n,), rho) + effect * (t >= before)
    y += drift * np.maximum(t - before // 2, 0) + bend * (t - before) ** 2 / n
    y[before + after // 2] += spike
    frame = pd.DataFrame({"m": MONTHS[:n], "y": y})
    if counts:
        frame["y"] = rng.poisson(counts * np.exp(0.1 * noise(rng, (n,), rho) + effect * (t >= before)))
    for j in range(controls):
        frame[f"c{j}"] = 100 + 0.05 * t + wave + shared + noise(rng, (n,), rho)
    return frame, MONTHS[before]


def its_said(rng, *, seasonality=None, impact="level and slope", **world):
    """What every reading of one drawn series says."""
    frame, start = series(rng, **world)
    beside = [c for c in frame if c.startswith("c")]
    fit = its.segmented(frame, outcome="y", time="m", start=its.Interruption(at=start, impact=impact),
                        seasonality=seasonality, control=beside or None,
                        family="poisson" if world.get("counts") else "gaussian")
    asked = [*diagnose(fit), *probe(fit), placebo_reading(placebo_dates(fit), fit.average().absolute),
             rank_reading(permutation_rank(fit), fit), on_other_scale(fit)]
    return {d.name: d.status for d in asked if isinstance(d, Diagnostic)}


QUIET_SERIES = {
    "48 and 24 months": {},
    "24 and 24, no autocorrelation": {"before": 24, "after": 24, "rho": 0.0},
    "36 and 12, strong": {"before": 36, "after": 12, "rho": 0.6},
    "a season, declared": {"swing": 4.0, "seasonality": "1 harmonic"},
    "beside 6 series": {"controls": 6},
    "counts of 20": {"counts": 20.0},
}
WRONG_SERIES = {
    "Seasonality left over": ({"swing": 2.0}, 0.8),
    "Season changed at the start": ({"swing": 4.0, "swing_after": 1.0, "seasonality": "calendar", "before": 60}, 0.8),
    "Functional form": ({"bend": 0.4}, 0.8),
    "Influence": ({"spike": 25.0}, 0.5),
    "placebo starts": ({"drift": 0.6}, 0.5),
}


def panel(rng, *, n=24, t0=20, t1=8, rho=0.4, effect=0.0, outside=0.0, noisier=1.0, before=0.0):
    """One treated unit drawn like its `n` donors in a world of two factors, and what may be wrong with it."""
    t = t0 + t1
    factors = rng.normal(size=(t, 2)).cumsum(axis=0) * 0.3
    y = 40 + 2 * rng.normal(size=n + 1) + factors @ rng.normal(size=(2, n + 1)) + 0.5 * noise(rng, (t, n + 1), rho)
    middle = int(np.argsort(y[:t0].mean(axis=0))[(n + 1) // 2])  # at the edge of the others none can be followed
    y[:, [0, middle]] = y[:, [middle, 0]]
    y[:, 0] += noisier * 0.5 * noise(rng, (t,), rho) if noisier > 1 else 0.0
    y[:, 0] = np.where(outside, y[:, 1:].max(axis=1) + outside, y[:, 0])
    y[t0:, 0] += effect
    y[t0 - 6 :, 0] += before
    return Panel(y=y, units=tuple(f"u{i}" for i in range(n + 1)), times=tuple(range(t)), treated=(0,), t0=t0,
                 x=np.empty((0, n + 1)))


def synth_said(rng, *, estimator="synthetic-control", **world):
    """What every reading of one drawn panel says."""
    drawn = panel(rng, **world)
    design = SynthDesign(unit="u", time="t", treated="u0", start="20", estimator=estimator)
    fit = synth_room._fit(drawn, design, 1)
    outcome = Outcome(column="y", label="Y", unit="points")
    main = synth_room._Found(outcome, fit, ())
    tried, _, _ = synth_room._probed(main)
    scale = synth_room._other_scale(main, fit.estimates("Y", "points")[0], design, 1)
    asked = [*synth_room._asked(fit, "points"), synth_checks.variability(fit), *tried, scale]
    return {d.name: d.status for d in asked if isinstance(d, Diagnostic)}


QUIET_PANELS = {
    "24 donors": {},
    "39 donors, long": {"n": 39, "t0": 44},
    "24 donors, synthetic DiD": {"estimator": "synthetic-did"},
    "8 donors, synthetic DiD": {"estimator": "synthetic-did", "n": 8},
}
# say how things stand with this design whatever it shows: a unit drawn like others may be at the edge of them
FACTS = {"Donors against periods", "Periods before the start", "Smallest p-value", "Within the donors' range",
         "Concentration of weights"}
# what is wrong, and the share of draws in which the reading of that name must raise it
WRONG_PANELS = {
    "Fit before the start": ({"outside": 6.0}, 0.9),
    "Within the donors' range": ({"outside": 1.0}, 0.9),
    "placebo starts": ({"before": 4.0, "n": 39}, 0.5),
}


def shares(draw, draws, seed, **world):
    said = defaultdict(Counter)
    for r in range(draws):
        for name, status in draw(np.random.default_rng([seed, r]), **world).items():
            said[name][status] += 1
    return said


def loud(said, draws, *, besides=frozenset()):
    return {name: dict(counts) for name, counts in said.items() if name not in besides
            and ((counts["caution"] + counts["fail"]) / draws > band(0.05, draws)
                 or counts["fail"] / draws > band(0.01, draws))}


def printed(cell, said, draws):
    for name, counts in said.items():
        print(f"{cell:32} {name:32} caution {counts['caution'] / draws:.3f} fail {counts['fail'] / draws:.3f} "  # noqa: T201
              f"of {sum(counts.values())}")


def test_a_sound_series_is_seldom_doubted():
    said = shares(its_said, 20, 21, **QUIET_SERIES["24 and 24, no autocorrelation"])
    assert not loud(said, 20)


def test_a_sound_panel_is_seldom_doubted():
    said = shares(synth_said, 40, 22)
    assert not loud(said, 40, besides=FACTS)


@pytest.mark.slow
@pytest.mark.parametrize("cell", QUIET_SERIES)
def test_no_reading_of_a_series_cries_where_nothing_is_wrong(cell):
    said = shares(its_said, 200, 23, **QUIET_SERIES[cell])
    printed(cell, said, 200)
    assert not loud(said, 200)


@pytest.mark.slow
@pytest.mark.parametrize("cell", QUIET_PANELS)
def test_no_reading_of_a_panel_cries_where_nothing_is_wrong(cell):
    said = shares(synth_said, 200, 24, **QUIET_PANELS[cell])
    printed(cell, said, 200)
    assert not loud(said, 200, besides=FACTS)


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG_SERIES)
def test_what_is_wrong_with_a_series_is_raised(name):
    world, least = WRONG_SERIES[name]
    said = shares(its_said, 60, 25, **world)[name]
    print(f"{name}: raised in {(said['caution'] + said['fail']) / 60:.2f}")  # noqa: T201
    assert (said["caution"] + said["fail"]) / 60 >= least


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG_PANELS)
def test_what_is_wrong_with_a_panel_is_raised(name):
    world, least = WRONG_PANELS[name]
    said = shares(synth_said, 60, 26, **world)[name]
    print(f"{name}: raised in {(said['caution'] + said['fail']) / 60:.2f}")  # noqa: T201
    assert (said["caution"] + said["fail"]) / 60 >= least
