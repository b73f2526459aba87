"""The size that `hubeval power` says is found four times in five is found four times in five by `evaluate`'s inference."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from headline_study import World, note, promised

from hubeval.protocol import DidDesign, ItsDesign, MatchingDesign, Outcome, Protocol, SynthDesign

MONTHS = [f"{2005 + i // 12}-{i % 12 + 1:02d}" for i in range(240)]


def declared(design, direction="higher is better"):
    outcome = Outcome(column="y", label="Outcome", unit="points", direction=direction)
    return Protocol(area="Testshire", question="q", registered=date(2026, 1, 1), outcomes=(outcome,), design=design)


def ar1(rng, n, t, rho, sd=1.0):
    e = rng.normal(size=(n, t + 40))
    for i in range(1, t + 40):
        e[:, i] = rho * e[:, i - 1] + e[:, i]
    return sd * np.sqrt(1 - rho**2) * e[:, 40:]


# --- one series -------------------------------------------------------------------------------------------------------


def series(n, start, rho, *, control=False, direction="higher is better", **kw):
    def draw(rng, effect):
        shared = ar1(rng, 1, n, 0.5)[0] if control else 0.0
        y = 20 + ar1(rng, 1, n, rho)[0] + shared + effect * (np.arange(n) >= start)
        beside = {"c0": 20 + shared + ar1(rng, 1, n, 0.2)[0]} if control else {}
        return pd.DataFrame({"month": MONTHS[:n], "y": y, **beside})

    given = {"control": ("c0",)} if control else {}
    return World(draw=draw, protocol=declared(ItsDesign(time="month", start=MONTHS[start], **given, **kw), direction))


def counts(n, start, mean, *, rho=0.0, sd=0.0, direction="higher is better", **kw):
    """A rise or fall in proportion: `effect` is its average size in counts."""

    def draw(rng, effect):
        rate = mean * np.exp(ar1(rng, 1, n, rho, sd)[0] - sd**2 / 2)
        rate = rate * (1 + effect / mean * (np.arange(n) >= start))
        return pd.DataFrame({"month": MONTHS[:n], "y": rng.poisson(np.maximum(rate, 0)).astype(float)})

    design = ItsDesign(time="month", start=MONTHS[start], **{"family": "poisson", "impact": "level", **kw})
    return World(draw=draw, protocol=declared(design, direction))


# --- panels -----------------------------------------------------------------------------------------------------------


def panel(treated, others, t, start, *, rho=0.5, noisier=1.0, waves=1, **kw):
    def draw(rng, effect):
        n = treated + others
        y = ar1(rng, n, t, rho)
        y[:treated] *= noisier
        begin = np.where(np.arange(n) < treated, start + 2 * (np.arange(n) % waves), 999)
        y = y + rng.normal(size=(n, 1)) + effect * (np.arange(t) >= begin[:, None])
        opened = np.where(begin < 999, (2000 + begin).astype(str), "")
        return pd.DataFrame({"u": np.repeat([f"u{i:03d}" for i in range(n)], t), "s": np.repeat(opened, t),
                             "t": np.tile([str(2000 + i) for i in range(t)], n), "y": y.ravel()})

    return World(draw=draw, protocol=declared(DidDesign(unit="u", time="t", start="s", **kw)),
                 path=lambda event, effect: effect if event >= 0 else 0.0)


# --- one unit and donors ----------------------------------------------------------------------------------------------


def donors(n, t, start, *, estimator="synthetic-control", rho=0.3, noisier=1.0):
    def draw(rng, effect):
        factors = np.cumsum(rng.normal(size=(2, t)), axis=1) * 0.5
        y = rng.normal(size=(n + 1, 2)) @ factors + 2 * rng.normal(size=(n + 1, 1)) + ar1(rng, n + 1, t, rho)
        y[0] += (noisier - 1) * ar1(rng, 1, t, rho)[0] + effect * (np.arange(t) >= start)
        return pd.DataFrame({"u": np.repeat([f"u{i:03d}" for i in range(n + 1)], t),
                             "t": np.tile([str(2000 + i) for i in range(t)], n + 1), "y": y.ravel()})

    return World(draw=draw, protocol=declared(
        SynthDesign(unit="u", time="t", treated="u000", start=str(2000 + start), estimator=estimator)))


# --- records ----------------------------------------------------------------------------------------------------------


def records(n, *, strength=0.5, chance=0.3, **kw):
    def draw(rng, effect):
        x = rng.normal(size=(n, 3))
        lean = strength * (x[:, 0] + x[:, 1])
        hub = rng.random(n) < 1 / (1 + np.exp(-(np.log(chance / (1 - chance)) + lean)))
        y = x[:, 0] + 0.5 * x[:, 1] + rng.normal(size=n) + effect * hub
        return pd.DataFrame({"id": range(n), "hub": hub.astype(int), "x1": x[:, 0], "x2": x[:, 1], "x3": x[:, 2], "y": y})

    given = {"unit": "id", "treated": "hub", "covariates": ("x1", "x2", "x3"), **kw}
    return World(draw=draw, protocol=declared(MatchingDesign(**given)))


def whole_clusters(treated, others, size, icc, **kw):
    def draw(rng, effect):
        g = np.repeat(np.arange(treated + others), size)
        hub = g < treated
        x = rng.normal(size=(len(g), 2))
        y = x[:, 0] + np.sqrt(icc) * rng.normal(size=treated + others)[g] + np.sqrt(1 - icc) * rng.normal(size=len(g))
        return pd.DataFrame({"id": range(len(g)), "hub": hub.astype(int), "x1": x[:, 0], "x2": x[:, 1],
                             "g": [f"g{i}" for i in g], "y": y + effect * hub})

    return World(draw=draw, protocol=declared(
        MatchingDesign(unit="id", treated="hub", covariates=("x1", "x2"), cluster="g", **kw)))


FAST = {"estimator": "regression"}
CELLS = {
    "series 24, no autocorrelation": (series(24, 12, 0.0), 60, 10),
    "series 48, rho .4": (series(48, 24, 0.4), 60, 10),
    "series 48, rho .8": (series(48, 24, 0.8), 60, 10),
    "series 48 to 36, rho .4": (series(48, 36, 0.4), 60, 10),
    "series 48, level only": (series(48, 24, 0.4, impact="level"), 60, 10),
    "series 24, level only": (series(24, 12, 0.2, impact="level"), 60, 10),
    "series 48 with a comparison": (series(48, 24, 0.4, control=True), 60, 10),
    "series 60, season": (series(60, 36, 0.2, seasonality="2 harmonics"), 60, 10),
    "counts of 20, a rise": (counts(48, 24, 20.0), 60, 10),
    "counts of 20, a fall": (counts(48, 24, 20.0, direction="lower is better"), 60, 10),
    "counts of 20, a fall, level and slope": (
        counts(48, 24, 20.0, direction="lower is better", impact="level and slope"), 60, 10),
    "counts of 20, overdispersed, rho .5, a fall": (
        counts(48, 24, 20.0, rho=0.5, sd=0.2, direction="lower is better"), 60, 10),
    "counts of 3, a rise": (counts(48, 24, 3.0), 60, 10),
    "counts of 3, a fall": (counts(48, 24, 3.0, direction="lower is better"), 60, 10),
    "8 and 8, 6 periods": (panel(8, 8, 6, 3), 60, 10),
    "8 and 16, 10 periods, treated twice as noisy": (panel(8, 16, 10, 5, noisier=2.0), 60, 10),
    "8 and 16, two waves": (panel(8, 16, 10, 4, waves=2), 60, 10),
    "8 and 16, two waves, twice as noisy": (panel(8, 16, 10, 4, waves=2, noisier=2.0), 60, 10),
    "3 and 20": (panel(3, 20, 10, 5), 60, 10),
    "12 and 24, not-yet": (panel(12, 24, 10, 5, control="not-yet"), 60, 10),
    "12 and 24, anticipation 1": (panel(12, 24, 10, 5, estimator="group-time", anticipation=1), 60, 10),
    "40 and 60": (panel(40, 60, 8, 4), 40, 10),
    "24 donors": (donors(24, 24, 16), 40, 10),
    "40 donors": (donors(40, 24, 16), 40, 10),
    "24 donors, synthetic DiD": (donors(24, 24, 16, estimator="synthetic-did"), 40, 10),
    "12 donors, synthetic DiD": (donors(12, 24, 16, estimator="synthetic-did"), 40, 10),
    "600 records, regression": (records(600, **FAST), 40, 10),
    "600 records, strong confounding, regression": (records(600, strength=1.0, **FAST), 40, 10),
    "600 records, strong confounding": (records(600, strength=1.0), 8, 6),
    "600 records, inverse probability": (
        records(600, strength=0.8, method="inverse-probability", estimand="ATE", estimator="difference"), 40, 10),
    "600 records, inverse probability, those treated": (
        records(600, strength=0.8, method="inverse-probability", estimator="difference"), 40, 10),
    "600 records, entropy balancing": (records(600, strength=0.8, method="entropy", estimator="difference"), 40, 10),
    "600 records, strong confounding, difference of pairs": (
        records(600, strength=1.0, estimator="difference", caliper=0.2), 40, 10),
    "3 of 20 clusters treated": (whole_clusters(3, 17, 30, 0.15, **FAST), 40, 10),
    "6 of 12 clusters treated": (whole_clusters(6, 6, 30, 0.1, **FAST), 40, 10),
    "4 of 8 clusters treated": (whole_clusters(4, 4, 40, 0.15, **FAST), 40, 10),
}


# what `hubeval.methods.matching.checks.stated` says beside the size
SAID = {"600 records, inverse probability": (0.72, 0.78), "600 records, strong confounding, difference of pairs": (0.93, 0.97),
        "3 of 20 clusters treated": (0.84, 0.90)}
SHORT = {"series 48, rho .4": 8, "4 of 8 clusters treated": 8}  # data sets asked, fresh ones six times as many


@pytest.mark.parametrize("name", SHORT)
def test_a_part_of_what_is_stated_is_found(name):
    """Before power was asked of the headline's own inference these were found .36 and .48 of the time."""
    made = promised(CELLS[name][0], SHORT[name], 6, seed=3)
    note(name, made)
    assert made.found.within(0.77, 0.83), str(made)
    assert made.found.value > 0.6, str(made)


@pytest.mark.slow
@pytest.mark.parametrize("name", CELLS)
def test_what_is_stated_is_found(name):
    world, sets, fresh = CELLS[name]
    made = promised(world, sets, fresh)
    note(name, made)
    assert made.sizes
    assert made.found.within(*SAID.get(name, (0.77, 0.83))), str(made)
