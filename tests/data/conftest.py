"""A protocol and a panel small enough to read, for breaking in every way that published files are broken."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from hubeval.protocol import DataSource, DidDesign, Outcome, Protocol


@pytest.fixture
def protocol():
    """A function that makes a difference-in-differences protocol, with anything in it changed."""

    def make(*, marks=(), **changes):
        given = {
            "area": "Testshire",
            "question": "Did hubs change referrals?",
            "registered": date(2026, 1, 1),
            "outcomes": (Outcome(column="rate", label="Referrals", unit="per 10,000"),),
            "design": DidDesign(unit="la", time="year", start="opened"),
            "data": DataSource(missing_marks=marks, units="authority"),
        }
        return Protocol(**{**given, **changes})

    return make


@pytest.fixture
def panel():
    """Three councils over four years; A opens in 2016, the others never."""
    return pd.DataFrame(
        {
            "la": list("AAAABBBBCCCC"),
            "year": ["2014", "2015", "2016", "2017"] * 3,
            "opened": ["2016"] * 4 + [""] * 8,
            "rate": ["10", "11", "7", "8", "20", "21", "22", "23", "5", "6", "7", "8"],
        }
    )


@pytest.fixture
def said():
    """A function that runs something refused and gives its lines back."""
    from hubeval.errors import BadInput

    def lines(call, *args, **kwargs):
        with pytest.raises(BadInput) as refused:
            call(*args, **kwargs)
        return str(refused.value)

    return lines
