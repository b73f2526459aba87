"""Words that name a person are seen; words that do not are let through."""

from __future__ import annotations

from datetime import date

import pytest

from hubeval.data.names import CaseList
from hubeval.release.profiles import release_profile
from hubeval.release.rounding import shown_count
from hubeval.release.words import Clearance, counts_said, found_in, quote_problems


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("She lives at LS1 4DY.", "a postcode"),
        ("ask a.b@council.gov.uk", "an e-mail address"),
        ("07700 900123", "a telephone number"),
        ("+44 20 7946 0018", "a telephone number"),
        ("(0113) 496 0123", "a telephone number"),
        ("born on 3 March 2019", "a date of birth"),
        ("NHS 943 476 5919", "an NHS number"),
        ("9434765919", "an NHS number"),
        ("UPN H801200001001", "a pupil number"),
    ],
)
def test_personal_details_are_seen(text, kind):
    assert kind in found_in(text)
    assert kind in quote_problems(text, Clearance(by="A", dated=date(2026, 1, 1)))


@pytest.mark.parametrize(
    "text",
    [
        "The effect is -2.35 (95% interval -3.1 to -1.6) on 1,056 records; p = 0.012.",
        "2014Q1 to 2020Q4; 5,000 random assignments; smallest attainable p 0.0002",
        "Callaway and Sant'Anna 2021, doi 10.1016/j.jeconom.2020.12.001",
        "seed 20261122",
    ],
)
def test_other_words_are_let_through(text):
    assert found_in(text) == ()


def test_a_bare_date_may_be_one_of_birth_in_a_quote_only():
    cleared = Clearance(by="A", dated=date(2026, 1, 1))
    assert quote_problems("since 3/4/2019 it is better", cleared) == ("a date that may be one of birth",)
    assert found_in("from 01/04/2019 on") == ()


def test_names_are_found_whole_in_any_case():
    people = CaseList.of(["ZZCHILD-ADA", "Mary Ann Evans", "O'Neill", "123456", "12"])
    for text in ("(zzchild-ada)", "Mary ann evans said", "unit 123456.", "o'neill"):
        assert people.found(text), text
    for text in ("zzchild-adam", "Mary Evans", "12 periods", ""):
        assert not people.found(text), text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 of 1,204 treated units", "fewer than 8 of 1,205 treated units"),
        ("Two children alike could differ", "Two children alike could differ"),
        ("8 children; 12 periods; 5% of records; 0.7 records", "10 children; 12 periods; 5% of records; 0.7 records"),
        ("smallest difference -3 units", "smallest difference -3 units"),
    ],
)
def test_small_counts_of_persons_are_not_said(text, said):
    assert counts_said(text, lambda n: shown_count(n, release_profile("nhs")), 8) == said


def test_a_role_that_one_person_holds_names_that_person():
    cleared = Clearance(by="A", dated=date(2026, 1, 1))
    assert quote_problems("Our hub manager left.", cleared, roles={"hub manager": 1}) == (
        "a role that one person holds",
    )
    assert quote_problems("Our hub manager left.", cleared, roles={"hub manager": 12}) == ()
