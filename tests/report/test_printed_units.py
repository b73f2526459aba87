"""Numbers of the printed summary read as its headline does: shares in points, relative ones in per cent, totals whole."""

from __future__ import annotations

import pytest

from hubeval.report.text import _estimate
from hubeval.scale import a_total


def row(unit, estimate=-0.123, low=-0.218, high=-0.008):
    return {"outcome": "Contacts", "term": "ATT", "unit": unit, "estimate": estimate, "conf_low": low,
            "conf_high": high, "p_value": 0.039, "inference": "permutation"}


@pytest.mark.parametrize(("unit", "says"), [
    ("proportion of the counterfactual", "−12.3% of the counterfactual (−21.8% to −0.8%; p = 0.039)"),
    ("share of families", "−12.3 percentage points (−21.8 points to −0.8 points; p = 0.039)"),
    ("% of referrals", "−0.123 percentage points (−0.218 to −0.008; p = 0.039)"),
    ("visits a month", "−0.123 visits a month (−0.218 to −0.008; p = 0.039)"),
])
def test_a_number_is_read_in_the_unit_of_its_headline(unit, says):
    assert says in _estimate(row(unit), "").replace("\n  ", " ").replace("-", "−")


def test_a_number_without_interval_says_so():
    assert "(no interval; p = 0.039)" in _estimate(row("visits", low=None, high=None), "")


def test_a_sum_over_months_is_no_rate_a_month():
    assert a_total("referrals a month") == "referrals"
    assert a_total("share of families") == "share of families"
