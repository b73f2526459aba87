"""Who started, and when, stands in full in every check and report; persons are never named."""

from __future__ import annotations

import pytest

from hubeval.data.checks import check
from hubeval.protocol import DataSource, ItsDesign


def told(protocol, panel, **changes):
    found = check(protocol(**changes), panel)
    return next(d for d in found.carried if d.name == "Data: who started").reading


def test_places_are_named_with_the_first_day(protocol, panel):
    said = told(protocol, panel.replace("A", "Leeds"), data=DataSource(units="authority", year="financial"))
    assert said == "First treated: 1 unit (Leeds) in financial year 2015/16, from 1 April 2015."


@pytest.mark.parametrize("units", ["person", "family", None])
def test_persons_are_counted_and_not_named(protocol, panel, units):
    said = told(protocol, panel.replace("A", "Jane"), data=DataSource(units=units))
    assert said == "First treated: 1 unit in 2016."


def test_a_single_series(protocol, panel):
    said = told(protocol, panel, design=ItsDesign(unit="la", time="year", treated="A", start="2016"),
                data=DataSource(units="authority", year="calendar"))
    assert said == "First treated: 1 unit (A) in calendar year 2016, from 1 January 2016."


def test_nobody_treated_is_nothing_said(protocol, panel):
    found = check(protocol(), panel.assign(opened=""))
    assert not [d for d in found.diagnostics if d.name == "who started"]
