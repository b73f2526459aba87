"""The registers say what stands unsupported, unconfirmed or undecided."""

from __future__ import annotations

from datetime import date

import pytest

from hubeval.theory.registers import (
    Learning,
    Mechanism,
    Statement,
    harvest_check,
    harvest_table,
    learning_table,
    mechanisms_table,
    open_questions,
)


@pytest.mark.parametrize(("supported", "contradicted", "standing"), [
    ((), (), "conjecture: no evidence yet"), (("a",), (), "supported"), ((), ("b",), "contradicted"),
    (("a",), ("b",), "contested: refine the context"),
])
def test_a_mechanism_stands_as_its_evidence_says(supported, contradicted, standing):
    line = Mechanism(context="c", resource="r", reasoning="w", outcome="o", supported_by=supported,
                     contradicted_by=contradicted)
    assert mechanisms_table((line,)).rows[0][-1] == standing


def harvested(**more):
    return Statement(changed="c", when="w", significance="s", contribution="h", **more)


def test_a_harvest_of_unconfirmed_good_news_is_cautioned():
    found = harvest_check((harvested(), harvested(substantiation="agreed", substantiated_by="head teacher")))
    assert found.status == "caution"
    assert "1 of 2" in found.reading
    assert "None of them is negative" in found.reading


def test_agreement_by_nobody_named_does_not_count():
    assert harvest_check((harvested(substantiation="agreed"),)).statistic == 0


def test_a_confirmed_harvest_with_bad_news_passes():
    named = {"substantiation": "agreed", "substantiated_by": "GP"}
    assert harvest_check((harvested(**named), harvested(negative=True, expected=False, **named))).status == "pass"
    assert harvest_table((harvested(negative=True, expected=False),)).rows[0][4] == "unexpected, negative"


def test_the_log_is_in_order_and_lists_what_is_open():
    late = Learning(dated=date(2026, 5, 1), question="late?", decision="yes")
    early = Learning(dated=date(2026, 1, 1), question="early?", review=date(2026, 2, 1))
    assert [row[1] for row in learning_table((late, early)).rows] == ["early?", "late?"]
    assert open_questions((late, early), date(2026, 6, 1)) == (
        "early? (asked 2026-01-01; no decision yet; review was due 2026-02-01)",)
