"""The smallest change that `evaluate` prints is the one that `hubeval power` prints, in every room; or it says why not."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.detectable import Settings, power
from hubeval.methods.room import room_for
from hubeval.protocol import DidDesign, MatchingDesign, Outcome, Protocol, SynthDesign


def asked(design, frame):
    outcome = Outcome(column="y", label="Y", unit="points", direction="higher is better")
    protocol = Protocol(area="Testshire", question="q", registered=date(2026, 1, 1), outcomes=(outcome,), design=design)
    answer = room_for(design.kind).answer(protocol, bind(protocol, frame), lambda _said: None)
    said = [d for d in answer.diagnostics if d.name == "Smallest detectable change"]
    missing = [n.reason for n in answer.not_computed if n.what == "Smallest detectable change"]
    return said, missing, protocol


def panel(n, treated, t=8):
    rng = np.random.default_rng(4)
    start = np.where(np.arange(n) < treated, "2004", "")
    return pd.DataFrame({"u": np.repeat([f"u{i:02d}" for i in range(n)], t), "t": np.tile([str(2000 + i) for i in range(t)], n),
                         "s": np.repeat(start, t), "y": 10 + rng.normal(size=n * t)})


def records(n=200):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(n, 2))
    hub = rng.random(n) < 1 / (1 + np.exp(1.0 - 0.5 * x[:, 0]))
    return pd.DataFrame({"id": range(n), "hub": hub.astype(int), "a": x[:, 0], "b": x[:, 1], "y": x[:, 0] + rng.normal(size=n)})


WORLDS = {
    "did": (DidDesign(unit="u", time="t", start="s"), panel(40, 16)),
    "synth": (SynthDesign(unit="u", time="t", treated="u00", start="2014"), panel(36, 0, 20)),
    "matching": (MatchingDesign(unit="id", treated="hub", covariates=("a", "b"), estimator="regression"), records()),
}


@pytest.mark.parametrize("room", WORLDS)
def test_evaluate_and_power_say_one_number(room):
    design, frame = WORLDS[room]
    said, missing, protocol = asked(design, frame)
    found = power(protocol, frame, settings=Settings(curve_draws=0))
    assert missing == []
    assert said[0].statistic == pytest.approx(found.smallest_detectable, rel=1e-9)
    assert "A rise of" in said[0].reading


def test_where_starts_are_permuted_it_says_why_not_and_which_command():
    said, missing, _ = asked(DidDesign(unit="u", time="t", start="s"), panel(14, 4))
    assert said == []
    assert "permuted" in missing[0]
    assert "hubeval power" in missing[0]
