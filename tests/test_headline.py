"""The headline says what the number says, leads with what failed, and never more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from hubeval.headline import write_headline
from hubeval.protocol import DidDesign, Outcome, Protocol
from hubeval.result import Answer, Diagnostic, Estimate, NotComputed
from hubeval.scale import change_unit

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


def check(status, reading="Most of the fall came before the start.", bears_on="sign"):
    return Diagnostic(name="n", question="q", status=status, reading=reading, bears_on=bears_on)


def first_sentence(text):
    return text.split(". ")[0]


def test_the_number_its_interval_and_its_direction():
    said = write_headline(PROTOCOL, answer()).text
    assert "5 per 10,000 lower" in said
    assert said.startswith("Referrals came out 5 per 10,000 lower than expected (95% interval 2 to 8 lower).")
    assert "That is a change for the better." in said
    assert "a change for the worse" in write_headline(PROTOCOL, answer(2.0, 8.0, 5.0)).text


@pytest.mark.parametrize(("low", "high", "point"), [(-8.0, -2.0, -5.0), (303.0, 2941.4, 1622.0), (-502.1, 163.2, -170.3)])
@pytest.mark.parametrize("status", ["pass", "caution", "fail"])
def test_the_first_sentence_is_one_number_with_its_interval_in_plain_figures(low, high, point, status):
    said = first_sentence(write_headline(PROTOCOL, answer(low, high, point, checks=[check(status)] * 3)).text)
    assert len(said.split()) < 30
    assert "interval" in said
    assert not re.search(r"\de[+-]", said)
    assert ("3 checks failed" in said) == (status == "fail")


@pytest.mark.parametrize("label", ["Referrals", "Contacts with the council's children's social care services that led to an assessment under section 17"])
@pytest.mark.parametrize("unit", ["visits", "referrals per 10,000 children under five a year", "share of births [log-odds scale]"])
@pytest.mark.parametrize("status", ["pass", "fail"])
def test_no_label_or_term_makes_the_first_sentence_long_and_none_loses_what_the_number_is_of(label, unit, status):
    one = Estimate(term="per unit of hubs_per_1000_children", estimand="", outcome=label, unit=change_unit(unit), estimate=-14.6,
                   conf_low=-23.3, conf_high=-5.84, inference="")  # fmt: skip
    made = replace(answer(checks=[check(status)] * 12), headline_terms=(one,), estimates=(one,))
    protocol = replace(PROTOCOL, outcomes=(replace(PROTOCOL.primary, label=label, unit="visits"),))
    said = first_sentence(write_headline(protocol, made).text)
    assert len(said.split()) < 30
    assert "14.6" in said
    assert "per unit of hubs_per_1000_children" in said
    assert ("12 checks failed" in said) == (status == "fail")


def test_a_failed_check_stands_in_the_first_sentence_and_follows_it_in_words():
    said = write_headline(PROTOCOL, answer(checks=[check("fail")]))
    assert said.cautious
    assert first_sentence(said.text).endswith("but 1 check failed")
    assert said.text.split(". ", 1)[1].startswith("Read this with caution. Most of the fall came before the start.")


@pytest.mark.parametrize("status", ["fail", "caution"])
def test_better_is_said_only_where_nothing_failed(status):
    said = write_headline(PROTOCOL, answer(checks=[check(status)])).text
    assert ("better" in said) == (status == "caution")
    assert "better" not in write_headline(PROTOCOL, answer(), despite="a pilot").text


def test_a_failure_takes_no_caution_away():
    said = write_headline(PROTOCOL, answer(checks=[check("fail", "It failed."), check("caution", "It is doubtful.")])).text
    assert "It failed." in said
    assert "Bear in mind (1 caution): It is doubtful." in said


def test_cautions_come_by_what_they_could_do_and_the_sign_is_never_left_out():
    order = ["scope", "interval", "size", "sign", "sign", "sign", "sign"]
    checks = [check("caution", f"{bears} {place}.", bears) for place, bears in enumerate(order)]
    said = write_headline(PROTOCOL, answer(checks=checks)).text
    assert "sign 3. sign 4. sign 5. sign 6. (3 more under diagnostics.)" in said
    few = write_headline(PROTOCOL, answer(checks=checks[:4])).text
    assert "(4 cautions): sign 3. size 2. interval 1. (1 more under diagnostics.)" in few


def test_a_failed_probe_leads_too():
    assert write_headline(PROTOCOL, answer(probes=[check("fail")])).cautious


def test_a_caution_follows_the_number():
    said = write_headline(PROTOCOL, answer(checks=[check("caution")]))
    assert not said.cautious
    assert said.text.endswith("Bear in mind (1 caution): Most of the fall came before the start.")


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
        (-2.0, 1.0, "leaves out a fall as large as"),
        (-1.0, 9.0, "leaves out a fall as large as"),
        (-6.0, 1.0, "A fall as large as"),
        (3.5, 8.0, "the other way from a worthwhile change, which would be a fall of 3 per 10,000 or more"),
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


def test_a_change_in_a_share_is_in_points_and_is_read_against_where_the_treated_stood():
    """"7.25% lower" of a percentage says two things; a share of 0.05 is 5 points."""
    for unit, value in (("% of children", -5.0), ("share of children", -0.05)):
        low, high = (-8.0, -2.0) if value == -5 else (-0.08, -0.02)
        found = answer()
        one = replace(found.headline_terms[0], unit=unit, estimate=value, conf_low=low, conf_high=high)
        said = write_headline(PROTOCOL, replace(found, headline_terms=(one,)), before="Before it stood at 70%.").text
        assert "came out 5 percentage points lower than expected" in said
        assert "Before it stood at 70%." in said
        assert "5% lower" not in said
    assert "stood" not in write_headline(PROTOCOL, answer()).text


def test_a_change_per_unit_of_exposure_is_held_against_one_so_declared():
    plain = answer()
    (term,) = plain.headline_terms
    dosed = replace(plain, headline_terms=(replace(term, term="per unit of hubs"),))
    said = write_headline(PROTOCOL, dosed).text
    assert "per unit of hubs)" in said.split("declared worthwhile")[1][:80]
    assert "per unit of" not in write_headline(PROTOCOL, plain).text
