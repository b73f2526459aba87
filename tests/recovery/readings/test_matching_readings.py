"""Readings of a matched comparison: quiet where nothing is wrong, heard where something is.

Quiet: at most 5% cautions and 1% failures in draws where what drives both was measured. The short cells run by default;
`pytest -m slow tests/recovery/readings -s` draws them all and prints the table that docs/matching.md quotes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.methods.matching.room import answer
from hubeval.protocol import MatchingDesign, Outcome, Protocol

from .test_did_readings import band

NAMES = tuple(f"x{j}" for j in range(5))
OUTCOMES = (
    Outcome(column="y", label="Y", unit="points", direction="lower is better", smallest_worthwhile=1.0),
    Outcome(column="p", label="P", unit="points", role="placebo"),
    Outcome(column="q", label="Q", unit="visits", role="placebo"),
)
WEIGHTS = {"caliper": None, "method": "inverse-probability"}
CELLS = {
    "pairs": ({}, {}),
    "pairs, at random": ({"n": 200, "strength": 0.0}, {}),
    "87 of 3,000 at random": ({"n": 3000, "share": 0.03, "strength": 0.0}, {}),
    "pairs, an effect": ({"n": 1000, "effect": 0.5}, {}),
    "pairs, regression": ({}, {"estimator": "regression"}),
    "weights": ({}, WEIGHTS),
    "entropy": ({}, {"caliper": None, "method": "entropy"}),
    "full": ({}, {"caliper": None, "method": "full"}),
    "classes": ({"n": 600}, {"caliper": None, "method": "subclass"}),
    "overlap weights": ({}, {"caliper": None, "method": "overlap"}),
}
FACTS = {  # said whatever they do to the number: whom a caliper left out, and how small a change so few records can show
    "left out",
    "Smallest detectable change",
}


def world(rng, n=400, share=0.3, strength=0.5, effect=0.0, hidden=0.0):
    """Records with five correlated covariates, one two-valued, that drive use and outcome; `hidden` drives both unseen."""
    x = np.sqrt(0.2) * rng.normal(size=(n, 1)) + np.sqrt(0.8) * rng.normal(size=(n, 5))
    x[:, -1] = x[:, -1] > 0.3
    unseen = rng.normal(size=n)
    odds = np.log(share / (1 - share)) + strength * x @ [1, 0.6, -0.5, 0.3, 0.6] + hidden * unseen
    z = rng.random(n) < 1 / (1 + np.exp(-odds))
    y = x @ np.linspace(1, 0.2, 5) + hidden * unseen
    frame = pd.DataFrame(x, columns=NAMES).assign(id=np.arange(n), z=z.astype(int), y=y + effect * z + rng.normal(size=n))
    return frame.assign(p=y / 2 + rng.normal(size=n), q=rng.poisson(np.exp(0.3 * x[:, 0])))


def said(draws, given, design):
    asked = {"unit": "id", "treated": "z", "covariates": NAMES, "caliper": 0.2, "estimator": "difference", **design}
    protocol = Protocol(area="A", question="?", registered=date(2026, 1, 1), outcomes=OUTCOMES, design=MatchingDesign(**asked))
    found = defaultdict(Counter)
    for seed in range(draws):
        made = answer(protocol, bind(protocol, world(np.random.default_rng([21, seed]), **given)), lambda _line: None)
        for check in (*made.diagnostics, *made.probes):
            found[check.name][check.status] += 1
    return found


def loud(found, draws):
    return {
        name: dict(counts)
        for name, counts in found.items()
        if name not in FACTS
        and (
            (counts["caution"] + counts["fail"]) / draws > band(0.05, draws)
            or counts["fail"] / draws > band(0.01, draws)
        )
    }


@pytest.mark.parametrize("cell", ["pairs, at random", "weights"])
def test_readings_are_quiet_where_nothing_is_wrong(cell):
    assert not loud(said(20, *CELLS[cell]), 20)


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_no_reading_cries_where_nothing_is_wrong(cell):
    draws = 200
    found = said(draws, *CELLS[cell])
    for name, counts in found.items():
        print(f"{cell:22} {name:22} caution {counts['caution'] / draws:.3f} fail {counts['fail'] / draws:.3f}")  # noqa: T201
    assert not loud(found, draws)


@pytest.mark.parametrize(("name", "given", "design"), [
    ("balance", {"n": 600, "strength": 2.0}, {"caliper": None}),
    ("overlap", {"n": 600, "strength": 4.0}, WEIGHTS),
    ("placebo outcomes", {"n": 600, "hidden": 1.0}, WEIGHTS),
    ("effective sample", {"n": 600, "strength": 3.0}, WEIGHTS),
    ("left out", {"n": 600, "strength": 3.0}, {})])
def test_what_is_wrong_is_raised(name, given, design):
    found = said(6, given, design)[name]
    assert found["caution"] + found["fail"] >= 5, found
