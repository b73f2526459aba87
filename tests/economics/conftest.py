"""A value case and a result to hold it against, small and whole."""

from __future__ import annotations

import copy

import pytest

RESULT = {
    "schema": "hubeval-result/1",
    "headline_terms": [
        {"term": "ATT", "estimand": "average", "outcome": "Referrals", "unit": "per 10,000 a quarter", "estimate": -10.0,
         "std_error": 2.0, "conf_low": -14.0, "conf_high": -6.0, "conf_level": 0.95, "p_value": 0.001},
        {"term": "ATT", "estimand": "average", "outcome": "Plans", "unit": "per 10,000 a quarter", "estimate": -2.0,
         "std_error": None, "conf_low": -5.0, "conf_high": 0.5, "conf_level": 0.95, "p_value": 0.1},
    ],
    "protocol": {"design": {"kind": "did"}, "outcomes": [
        {"label": "Referrals", "role": "primary", "direction": "lower is better"},
        {"label": "Plans", "role": "secondary", "direction": "lower is better"},
    ]},
    "readiness": {"route": "quasi-experimental"},
    "diagnostics": [{"name": "pre-trend", "status": "pass", "reading": "Nothing seen."}],
    "probes": [],
    "figures": [],
    "provenance": {"despite": ""},
    "headline": {"text": "", "cautious": False, "not_shown": []},
    "release": {"profile": "published", "internal": False, "withheld": []},
}  # fmt: skip
CASE = """
title = "A case"
area = "A"
price_year = "2024-25"
horizon = 3
draws = 4000

[[benefits]]
outcome = "Referrals"
unit = "per 10,000 a quarter"
label = "Referrals not made"
counted = "referral"
perspective = "council"
per = 10000
population = { mid = 100000, source = "s" }
periods_per_year = 4
years = 2

[benefits.unit_cost]
amount = 1000
per = "referral"
year = "2024-25"
source = "s"

[[costs]]
label = "Running"
perspective = "council"
kind = "running"
amount = 200000
year = "2024-25"
years = [0, 1, 2]
source = "s"
"""
SECOND = """
[[benefits]]
outcome = "Plans"
unit = "per 10,000 a quarter"
label = "Plans not made"
counted = "plan"
perspective = "council"
per = 10000
population = { mid = 100000, source = "s" }
periods_per_year = 4

[benefits.unit_cost]
amount = 5000
per = "plan"
year = "2024-25"
source = "s"
"""


@pytest.fixture
def result():
    """A result that can be changed."""
    return copy.deepcopy(RESULT)


@pytest.fixture
def case(tmp_path):
    """A function from the text of a value.toml (or changes to a plain one) to the case read from it."""
    from hubeval.economics import read_value

    def make(*changes, more=""):
        text = CASE
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / "value.toml"
        path.write_text(text + more, encoding="utf-8")
        return read_value(path)

    make.text, make.second, make.cost = CASE, SECOND, CASE[CASE.index("[[costs]]") :]
    return make
