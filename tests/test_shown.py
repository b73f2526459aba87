"""What a result says of itself: short, without a row of data, and drawn by one mixin whatever the room."""

from __future__ import annotations

from datetime import date

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest

import hubeval as he
from hubeval.errors import BadInput
from hubeval.methods import did, its, matching, synth
from hubeval.shown import Shown

MARK = 7713


def panel():
    rng = np.random.default_rng(1)
    rows = [(f"CANARY{u}", t, 5.0 if u < 4 else np.nan, 50 + rng.normal() + MARK / 1e7) for u in range(14) for t in range(9)]
    return pd.DataFrame(rows, columns=["area", "time", "start", "y"])


def records():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"id": [f"CANARY{n}" for n in range(80)], "used": np.arange(80) % 3 == 0, "need": rng.normal(size=80)})
    return frame.assign(used=frame["used"].astype(int), y=rng.normal(size=80))


SHARED = {"outcome": "y", "unit": "area", "time": "time", "start": "start"}
MADE = {
    "group_time": lambda: did.group_time(panel(), **SHARED),
    "aggregate": lambda: did.group_time(panel(), **SHARED).aggregate("event"),
    "two_way": lambda: did.two_way(panel(), **SHARED),
    "imputation": lambda: did.imputation(panel(), **SHARED),
    "stacked": lambda: did.stacked(panel(), **SHARED, window=(-3, 3)),
    "two_stage": lambda: did.two_stage(panel(), **SHARED),
    "honest": lambda: did.honest(did.event_study(panel(), **SHARED)),
    "segmented": lambda: its.segmented(panel().query("area == 'CANARY0'"), outcome="y", time="time", start=5),
    "control": lambda: synth.control(panel(), outcome="y", unit="area", time="time", treated="CANARY0", start=5),
    "synthetic_did": lambda: synth.synthetic_did(panel(), outcome="y", unit="area", time="time", treated="CANARY0", start=5),
    "match": lambda: matching.match(records(), treated="used", covariates=["need"], unit="id"),
    "readiness": lambda: he.assess(he.read_profile("designs/york/profile.toml")),
}


@pytest.mark.parametrize("name", MADE)
def test_every_result_is_short_drawn_and_holds_no_row(name, root, monkeypatch):
    monkeypatch.chdir(root)
    made = MADE[name]()
    assert isinstance(made, Shown)
    said = repr(made) + made._repr_html_()
    assert len(said) < 2_500
    assert "CANARY" not in said
    drawn = made.plot()
    assert isinstance(drawn, matplotlib.figure.Figure)
    assert drawn.axes[0].has_data()
    with pytest.raises(BadInput, match="no figure"):
        made.plot("no such figure")


def test_what_has_nothing_to_draw_says_so():
    class Bare(Shown):
        __slots__ = ()

    assert repr(Bare()) == "<Bare>"
    with pytest.raises(BadInput, match="holds nothing that can be drawn"):
        Bare().plot()


def test_an_evaluation_draws_what_may_leave(root):
    protocol = he.read_protocol(root / "designs/single-authority/protocol.toml")
    checked = he.check(protocol, root / "synthetic_data/single-authority/panel.csv", today=date(2026, 11, 28))
    assert checked.plot("criteria").axes[0].has_data()
    assert len(repr(checked)) < 500
