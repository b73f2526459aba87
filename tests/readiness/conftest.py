"""Profiles for the readiness tests, and one fixed day so that ages and dates do not move."""

from __future__ import annotations

from datetime import date

import pytest

from hubeval.profile import CRITERIA, Fact, Profile
from hubeval.readiness import assess, load_rubric

TODAY = date(2026, 11, 22)


@pytest.fixture
def today():
    return TODAY


@pytest.fixture
def fact():
    """A fact with everything but what the test is about filled in."""

    def make(criterion, low, high, kind="fact", quote=None, **rest):
        quote = f"{criterion} {low}-{high} {kind}" if quote is None else quote
        return Fact(
            criterion=criterion, low=low, high=high, kind=kind, quote=quote, source="s", dated="2026-01-31", **rest
        )

    return make


@pytest.fixture
def area(fact):
    """The readiness of an area whose levels are given as IM1=3 or IM1=(2, 4); `rest` fills all others."""

    def make(rest=None, access=None, **levels):
        known = dict.fromkeys(CRITERIA, rest) if rest else {}
        known |= levels
        spans = {name: span if isinstance(span, tuple) else (span, span) for name, span in known.items() if span}
        facts = tuple(fact(name, *span) for name, span in spans.items())
        return assess(Profile(area="A", facts=facts, access=access), today=TODAY)

    return make


@pytest.fixture(scope="session")
def rubric():
    return load_rubric()
