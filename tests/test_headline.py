"""The headline says what the number says, leads with what failed, and never more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hubeval.headline import write_headline
from hubeval.protocol import DidDesign, Outcome, Protocol
from hubeval.result import Answer, Diagnostic, Estimate, NotComputed

OUTCOME = Outcome(
    column="y", label="Referrals", unit="per 10,000", direction="lower is better", smallest_worthwhile=3.0
)
PROTOCOL = Protocol(
    area="X",
    question="?",
    registered=date(2026, 1, 1),
    outcomes=(OUTCOME,),
    design=DidDesign(unit="a", time="t", start="s"),
)


def answer(low=-8.0, high=-2.0, point=-5.0, checks=(), probes=()):
    best = Estimate(
        term="ATT", estimand="average", outcome="Referrals", unit="per 10,000", estimate=point, conf_low=low,
        conf_high=high, inference="permutation",
    )  # fmt: skip
    return Answer(estimates=(best,), headline_terms=(best,), diagnostics=tuple(checks), probes=tuple(probes))


def check(status, reading="Most of the fall came before the start."):
    return Diagnostic(name="n", question="q", status=status, reading=reading)


def test_the_number_its_interval_and_its_direction():
    said = write_headline(PROTOCOL, answer()).text
    assert "5 per 10,000 lower" in said
    assert "95% interval −8 to −2" in said
    assert "for the better" in said


def test_a_failed_check_leads():
    said = write_headline(PROTOCOL, answer(checks=[check("fail")]))
    assert said.cautious
    assert said.text.startswith("Read this with caution. Most of the fall came before the start.")


def test_a_failed_probe_leads_too():
    assert write_headline(PROTOCOL, answer(probes=[check("fail")])).cautious


def test_a_caution_follows_the_number():
    said = write_headline(PROTOCOL, answer(checks=[check("caution")]))
    assert not said.cautious
    assert said.text.endswith("Bear in mind: Most of the fall came before the start.")


def test_an_interval_with_zero_claims_no_direction():
    said = write_headline(PROTOCOL, answer(low=-6.0, high=1.0)).text
    assert "do not tell a fall from a rise" in said
    assert "better" not in said


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (-8.0, -3.5, "at least the smallest change declared worthwhile"),
        (-2.5, -0.5, "smaller than the smallest change"),
        (-8.0, -2.0, "not settled"),
        (-2.0, 1.0, "is ruled out"),
        (-6.0, 1.0, "not ruled out either"),
    ],
)
def test_the_interval_is_read_against_what_is_worthwhile(low, high, says):
    assert says in write_headline(PROTOCOL, answer(low, high, (low + high) / 2)).text


def test_no_interval_says_the_figure_says_little():
    assert "says little" in write_headline(PROTOCOL, answer(low=None, high=None)).text


def test_nothing_to_quote_is_said_with_its_reason():
    empty = Answer(estimates=(), headline_terms=(), not_computed=(NotComputed(what="ATT", reason="one unit only"),))
    assert "No estimate is given for Referrals: one unit only." in write_headline(PROTOCOL, empty).text


def test_going_on_despite_the_gate_is_said_first():
    said = write_headline(PROTOCOL, answer(), despite="a pilot of the method")
    assert said.text.startswith(
        "The readiness check did not open this design; it was run all the same because: a pilot"
    )
    assert said.cautious


def test_one_of_a_unit_is_in_the_singular():
    one = replace(PROTOCOL, outcomes=(replace(OUTCOME, unit="visits a year", smallest_worthwhile=1.0),))
    assert "(1 visit a year)" in write_headline(one, answer()).text
