"""The one page of a value case says no more than its grade and its interval allow."""

from __future__ import annotations

import html
import re

import pytest

from hubeval.economics import value
from hubeval.report.brief.valued import value_brief

CAUTION = {"name": "placebo start", "status": "caution", "reading": "Something stood out."}
STUDY = '\n[study]\ncost = {cost}\nsource = "s"\n'


def said(answer):
    return html.unescape(re.sub(r"<[^>]+>", " ", value_brief(answer).split("</style>")[1]))


@pytest.mark.parametrize(
    ("amount", "change", "there", "absent"),
    [
        (200000, {}, ["the interval holds both"], ["does not pay", "Do not count on any benefit"]),
        (20000, {}, ["Quote the interval"], ["the interval holds both", "does not pay"]),
        (2000000, {}, ["does not pay for the programme"], ["the interval holds both"]),
        (20000, {"conf_low": -21.0, "conf_high": 1.0}, ["Do not count on any benefit"], ["Quote the interval", "brought"]),
    ],
)  # fmt: skip
def test_what_follows_is_what_the_interval_allows(case, result, amount, change, there, absent):
    result["headline_terms"][0].update(change)
    page = said(value(case(("amount = 200000", f"amount = {amount}")), result))
    assert all(words in page for words in there)
    assert not any(words in page for words in absent)


def test_grade_c_has_no_pounds_of_benefit_and_says_what_would_have_it_priced(case, result):
    result["provenance"]["despite"] = "asked"
    page = said(value(case(more=STUDY.format(cost=10)), result))
    for words in ("Net present value", "each £1 of cost", "Quote the interval", "may be worth it", "leave a budget"):
        assert words not in page
    assert "Do not quote a return" in page
    assert "have it evaluated with a comparison" in page


def test_a_study_is_worth_at_most_what_knowing_everything_is(case, result):
    cheap = said(value(case(more=STUDY.format(cost=1)), result))
    assert "may be worth it" in cheap
    dear = said(value(case(more=STUDY.format(cost=10_000_000)), result))
    assert "is not worth its £10 million" in dear
    assert "may be worth it" not in dear


def test_caution_and_made_up_figures_are_said(case, result):
    plain = said(value(case(), result))
    assert "made up" not in plain
    assert "Something stood out" not in plain
    result["diagnostics"].append(CAUTION)
    made_up = ('year = "2024-25"\nsource = "s"\n\n[[costs]]', 'year = "2024-25"\nsource = "s"\nmade_up = true\n\n[[costs]]')
    page = said(value(case(made_up), result))
    assert "Figures on this page are made up" in page
    assert "Something stood out" in page
    assert "Say with it" not in page
    result["figures"] = [{"name": "honest-relative", "series": [{"x": ["0", "1"], "y": [0, 0], "low": [-12, -14],
                          "high": [-8, -4]}]}]
    assert "Say with it: The net value can be zero once trends part" in said(value(case(("200000", "150000")), result))
