"""Units that contribute nothing to the estimate stand on neither side, and are counted as left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubeval.checking import check
from hubeval.data.bind import bind
from hubeval.methods.did.room import ROOM, panel_for
from hubeval.protocol import DidDesign, Outcome, Protocol

OUTCOME = Outcome(column="y", label="Y", unit="points", direction="lower is better")
DESIGN = DidDesign(unit="la", time="year", start="opened", estimator="group-time")


def protocol(**changes):
    import datetime as dt

    return Protocol(area="A", question="?", registered=dt.date(2026, 1, 1), outcomes=(OUTCOME,), design=replace(DESIGN, **changes))


def made(treated=10, others=14, periods=10, starts=(5,)):
    rng = np.random.default_rng(4)
    rows = [(f"u{i:02d}", 2000 + t, 2000 + starts[i % len(starts)] if i < treated else None, rng.normal() + i)
            for i in range(treated + others) for t in range(periods)]
    return pd.DataFrame(rows, columns=["la", "year", "opened", "y"])


def extra(name, years, opened=None, n=3):
    rng = np.random.default_rng(8)
    rows = [(f"{name}{i}", year, opened, rng.normal()) for i in range(n) for year in years]
    return pd.DataFrame(rows, columns=["la", "year", "opened", "y"])


IDLE = {
    "treated, last seen before their start": extra("late", range(2000, 2005), 2005),
    "treated, not seen in the period before their start": extra("gap", [2000, 2001, 2006, 2007], 2005),
    "others, seen before every start": extra("early", range(2000, 2004)),
    "others, seen after every start": extra("after", range(2005, 2010)),
}


@pytest.mark.parametrize("which", IDLE)
def test_what_is_in_no_effect_counts_nowhere(which):
    whole, padded = made(), pd.concat([made(), IDLE[which]], ignore_index=True)
    asked = protocol()
    one, two = (ROOM.answer(asked, bind(asked, frame), lambda _: None) for frame in (whole, padded))
    first, second = one.headline_terms[0], two.headline_terms[0]
    for key in ("estimate", "std_error", "conf_low", "p_value"):
        assert getattr(first, key) == pytest.approx(getattr(second, key), abs=1e-9)
    assert first.inference == second.inference
    assert (first.n_treated, first.n_comparison, first.n_clusters) == (second.n_treated, second.n_comparison, second.n_clusters)
    assert one.sample == two.sample
    assert any("3 units" in step.note and ("left out" in step.note) for step in two.flow)


def test_units_in_no_effect_do_not_choose_the_inference():
    """Eight treated are permuted; two more that are never seen after their start made that errors."""
    asked = protocol(inference="auto")
    padded = pd.concat([made(treated=8), extra("late", range(2000, 2005), 2005, n=2)], ignore_index=True)
    found = ROOM.answer(asked, bind(asked, padded), lambda _: None).headline_terms[0]
    assert found.n_treated == 8
    assert found.inference.startswith("permutation")
    assert "8 treated and 14 untreated" in found.inference


@pytest.mark.parametrize("estimator", ["two-way", "imputation", "two-stage", "sun-abraham", "extended"])
def test_to_an_estimator_of_every_row_they_are_untreated_until_then(estimator):
    asked = protocol(estimator=estimator)
    padded = pd.concat([made(), IDLE["treated, last seen before their start"]], ignore_index=True)
    panel, _ = panel_for(asked, bind(asked, padded))
    assert panel.sides == (10, 17)
    assert panel.flow[-1].note == "3 units not seen from the start on: untreated for as long as seen"


def test_with_anticipation_they_are_left_out_once_they_may_act():
    asked = protocol(estimator="imputation", anticipation=2)
    padded = pd.concat([made(), IDLE["treated, last seen before their start"]], ignore_index=True)
    panel, _ = panel_for(asked, bind(asked, padded))
    late = np.char.startswith(panel.units.astype(str), "late")[panel.unit]
    assert panel.clock[panel.time][late].max() == panel.clock[2]


def test_a_unit_not_yet_treated_that_is_compared_with_still_counts():
    asked = protocol(control="not-yet")
    frame = made(treated=20, others=0, starts=(4, 7))
    first = frame[(frame.opened == 2004) | (frame.year < 2008)]
    found = ROOM.answer(asked, bind(asked, first), lambda _: None)
    sides = found.headline_terms[0].n_treated, found.headline_terms[0].n_comparison
    assert sides == (found.sample.n_treated, found.sample.n_comparison) == (10, 10)  # the later half is compared with alone


def test_check_counts_as_evaluate_does():
    padded = pd.concat([made(), IDLE["treated, last seen before their start"]], ignore_index=True)
    said = next(d for d in check(protocol(), padded).diagnostics if d.name == "units").reading
    assert said.startswith("10 treated and 14 comparison units")
    assert "Not counted: 3" in said
