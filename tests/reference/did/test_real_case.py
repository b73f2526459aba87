"""A headline that survives reading: children's social care in one county whose hubs opened in April 2017."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.methods.did.room import ROOM
from hubeval.protocol import DidDesign, Outcome, Protocol

COUNTY = "E10000012"
OUTCOMES = {"referrals": "primary", "cpp_started": "downstream", "s47": "downstream", "cin_any": "downstream"}


@pytest.fixture(scope="module")
def answered(shared):
    data = pd.read_csv(shared("data/dfe_csc_la_2013_2025.csv"))
    data = data[data.groupby("new_la_code")["year"].transform("count") == 13]
    frame = pd.DataFrame({"la": data["new_la_code"], "year": data["year"]})
    # figures are for years ending in March: a start in April 2017 is first seen in the year to March 2018
    frame["start"] = np.where(data["new_la_code"] == COUNTY, "2018", "")
    for column in OUTCOMES:
        rate = data[f"{column}_per10k"]
        frame[column] = np.log(rate.where(rate > 0))
    protocol = Protocol(
        area="one county", question="Did hubs lower referrals?", registered=dt.date(2026, 11, 22),
        outcomes=tuple(Outcome(column=c, label=c, unit="log rate", role=role) for c, role in OUTCOMES.items()),
        design=DidDesign(unit="la", time="year", start="start"))
    return ROOM.answer(protocol, bind(protocol, frame), lambda _: None)


def named(found, name):
    return next(d for d in found if d.name == name)


def test_the_naive_number_is_reproduced(answered):
    first = answered.headline_terms[0]
    # methods note: -0.56 log points, placebo rank p .029, against 137 authorities; here 143 have all 13 years
    assert first.estimate == pytest.approx(-0.56, abs=0.01)
    assert first.p_value == pytest.approx(0.03, abs=0.01)
    assert named(answered.diagnostics, "pre-trend").status == "pass"


def test_that_most_of_the_fall_came_before_the_start_is_raised_unasked(answered):
    change = named(answered.diagnostics, "change before the start")
    assert change.status == "caution"  # one county among 143: chance moves others as far, but an effect is claimed
    assert "Chance moves untreated units as far, so this does not refute the effect" in change.reading
    assert change.statistic == pytest.approx(0.8, abs=0.02)
    assert "of that change came before the start" in change.reading


def test_that_nothing_moved_further_down_the_line_is_raised_unasked(answered):
    found = named(answered.diagnostics, "downstream outcomes")
    assert found.status == "caution"
    assert found.statistic == 2  # of three; one is clear since permuted estimates are set against their own noise


def test_no_cluster_robust_error_is_given_for_one_county(answered):
    assert all(e.std_error is None for e in answered.estimates)
    assert all(e.inference.startswith("permutation") for e in answered.estimates)
