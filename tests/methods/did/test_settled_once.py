"""The estimator is settled once, on all units: leaving out those in no effect must not choose another for power or the check."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.detectable.panels import curves
from hubeval.methods.did import room
from hubeval.protocol import DidDesign, Outcome, Protocol

PROTOCOL = Protocol(area="Testshire", question="q", registered=date(2026, 1, 1), design=DidDesign(unit="u", time="t", start="s"),
                    outcomes=(Outcome(column="y", label="Y", unit="points", direction="higher is better"),))


def frame(*, never=10):
    """Two cohorts; those of the second are not seen in the period before their start, so they are in no effect."""
    rng = np.random.default_rng(8)
    rows = [(f"u{i:02d}", str(2000 + t), "2004" if i < 10 else "2006" if i < 13 else "", rng.normal())
            for i in range(13 + never) for t in range(9) if not (10 <= i < 13 and t == 5)]
    return pd.DataFrame(rows, columns=["u", "t", "s", "y"])


def test_power_the_check_and_the_headline_ask_one_estimator_where_a_cohort_is_in_no_effect():
    table = bind(PROTOCOL, frame())
    panel, design = room.panel_for(PROTOCOL, table)
    assert len(panel.cohorts) == 1
    assert design.estimator == "group-time"
    answer = room.answer(PROTOCOL, table, lambda _line: None)
    assert "Callaway" in answer.method
    head = room.head(PROTOCOL, table)
    assert head.estimate == pytest.approx(answer.headline_terms[0].estimate)
    assert head.inference == answer.headline_terms[0].inference
    assert "group-time" in room.detect(PROTOCOL, table, draws=3, seed=1).method


def test_curves_count_the_sides_that_the_headline_compares():
    protocol = replace(PROTOCOL, design=replace(PROTOCOL.design, control="not-yet"))
    rng = np.random.default_rng(5)
    rows = [(f"u{i:02d}", str(2000 + t), "2003" if i < 6 else "2006", rng.normal()) for i in range(14) for t in range(8)]
    table = bind(protocol, pd.DataFrame(rows, columns=["u", "t", "s", "y"]))
    known = room.detect(protocol, table, draws=3, seed=1)
    made = curves(protocol, table, target=0.8, sign=1, draws=3, seed=1, say=lambda _line: None)
    assert (known.n_treated, known.n_units) == (6, 14)
    assert (6, 14) in [(point.n_treated, point.n_units) for point in made["units"]]
    assert {point.n_treated for point in made["periods"]} == {6}
