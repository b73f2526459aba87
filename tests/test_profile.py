"""A profile is checked once, at the door: every problem together, each with its line and its cure."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files

import pytest

from hubeval.errors import BadInput
from hubeval.profile import CRITERIA, Fact, Profile, read_profile
from hubeval.readiness import load_rubric

TODAY = date(2026, 11, 22)
FACT = {
    "criterion": "IM1", "low": 3, "high": 4, "kind": "fact", "quote": "open since 2018", "source": "LGA", "dated": "2023",
}  # fmt: skip


def written(tmp_path, text, name="profile.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def as_json(tmp_path, *facts, **rest):
    return written(tmp_path, json.dumps({"area": "X", "facts": list(facts), **rest}), "answers.json")


def problems(path):
    with pytest.raises(BadInput) as error:
        read_profile(path, today=TODAY)
    return [str(problem) for problem in error.value.problems]


def test_toml_and_json_give_the_same_profile(tmp_path):
    toml = 'area = "X"\n[[facts]]\n' + "\n".join(f"{key} = {json.dumps(value)}" for key, value in FACT.items())
    one = read_profile(written(tmp_path, toml), today=TODAY)
    two = read_profile(as_json(tmp_path, FACT), today=TODAY)
    assert one.facts == two.facts == (Fact(**FACT),)
    assert one.area == two.area


def test_every_problem_at_once_each_with_its_line(tmp_path):
    toml = """area = "X"
coder = "me"
[[facts]]
criterion = "IM1"
low = 3
high = 4
kind = "fact"
quote = "q"
source = "s"
dated = 2023-01-01
[[facts]]
criterion = "IMM2"
low = 4
high = 2
kind = "facts"
quote = "q"
dated = 2027-01-01
"""
    found = problems(written(tmp_path, toml))
    assert len(found) == 6
    assert found[0].startswith("coder (line 2): is not a key hubeval reads")
    assert any(p.startswith("facts[2].criterion (line 12): found 'IMM2'") and "Did you mean 'IM2'?" in p for p in found)
    assert any(p.startswith("facts[2].kind (line 15)") and "Did you mean 'fact'?" in p for p in found)
    assert any(p.startswith("facts[2].low (line 13): low 4 is above high 2") for p in found)
    assert any(p.startswith("facts[2].source (line 11): a quote without its source") for p in found)
    assert any(p.startswith("facts[2].dated (line 17): 2027-01-01 is in the future") for p in found)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"low": 0}, "facts[1].low: found 0"),
        ({"high": 5}, "facts[1].high: found 5"),
        ({"low": 2.5}, "facts[1].low: found 2.5"),
        ({"low": True}, "facts[1].low: found True"),
        ({"high": None}, "facts[1].high: is missing"),
        ({"criterion": "Im1"}, "Did you mean 'IM1'?"),
        ({"criterion": None}, "facts[1].criterion: is missing"),
        ({"dated": None}, "facts[1].dated: is missing"),
        ({"dated": "last year"}, "2021-11-17, 2021-11 or 2021"),
        ({"dated": "2023-13"}, "facts[1].dated: found '2023-13'"),
        ({"dated": "2027"}, "2027 is in the future"),
        ({"quote": ""}, "a 'fact' without its words"),
        ({"quote": "q", "source": " "}, "a quote without its source"),
        ({"kind": "verdict"}, "a verdict is never evidence"),
        ({"grade": 4}, "facts[1].grade: is not a key hubeval reads"),
        ({"quote": 3}, "facts[1].quote: found 3"),
        ({"quote": "open \x1b[31msince 2018"}, "facts[1].quote: holds control characters"),
    ],
)
def test_each_unusable_fact_is_refused_with_its_cure(tmp_path, change, says):
    found = problems(as_json(tmp_path, {**FACT, **change}))
    assert any(says in problem for problem in found), found


def test_a_published_verdict_offered_as_evidence_is_refused(tmp_path):
    verdict = {
        "route": "quasi-experimental",
        "quote": "Essex is ready for anything",
        "source": "Report",
        "dated": "2021",
    }
    words = "Quasi-Experimental Designs (QEDs) are feasible and appropriate for two of the five LAs (Essex and Leeds)"
    theory = "The remaining three will adopt theory-based methods"
    for quote in (words, theory, "essex is  ready for anything"):
        found = problems(as_json(tmp_path, {**FACT, "quote": quote}, reported_verdict=verdict))
        assert len(found) == 1
        assert found[0].startswith("facts[1].quote: is a published verdict offered as evidence")


def test_ordinary_words_are_not_taken_for_a_verdict(tmp_path):
    for quote in ("A QED protocol is registered", "The hub is a suitable building", "Theory-based training was given"):
        assert read_profile(as_json(tmp_path, {**FACT, "quote": quote}), today=TODAY).facts


def test_an_assertion_needs_no_quote_but_counts_as_a_label(tmp_path):
    told = {**FACT, "kind": "label", "quote": "", "source": ""}
    assert read_profile(as_json(tmp_path, told), today=TODAY).facts[0].grade == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "is empty"), ("area = ", "is not valid TOML"), ('facts = "none"\narea = "X"', "is not a list of tables"),
     ("sites = 3", "area: is missing"), ('area = "X"\naccess = "yes"', "access (line 2): found 'yes'"),
     ('area = "X"\nsites = 0', "sites (line 2): found 0"), ('area = "X\\nY"', "area (line 1): runs over more")],
)  # fmt: skip
def test_a_file_that_is_no_profile_is_refused_in_one_line_each(tmp_path, text, says):
    found = problems(written(tmp_path, text))
    assert any(says in problem for problem in found), found


def test_a_json_file_that_is_a_list_is_refused(tmp_path):
    assert problems(written(tmp_path, "[1]", "a.json")) == [
        "profile: is not a table of keys (area, facts, ...). Start from the template."
    ]


def test_a_missing_file_names_its_neighbours(tmp_path):
    written(tmp_path, 'area = "X"')
    assert "profile.toml" in problems(tmp_path / "profil.toml")[0]


def test_a_blank_profile_is_a_profile(tmp_path):
    assert read_profile(written(tmp_path, 'area = "X"')) == Profile(
        area="X", sha256=read_profile(tmp_path / "profile.toml").sha256
    )


@pytest.mark.parametrize(
    ("dated", "last"), [("2023", date(2023, 12, 31)), ("2023-06", date(2023, 6, 30)), ("2024-12", date(2024, 12, 31))]
)
def test_a_date_known_only_to_the_year_or_month_means_its_last_day_at_best(dated, last):
    assert Fact(**{**FACT, "dated": dated}).last_day == last


def test_the_template_reads_as_a_blank_profile_and_names_every_criterion(tmp_path):
    text = (files("hubeval") / "templates" / "profile.toml").read_text(encoding="utf-8")
    profile = read_profile(written(tmp_path, text))
    assert profile.facts == ()
    assert profile.rubric_version == load_rubric().version
    for criterion in CRITERIA:
        assert f"{criterion}  {load_rubric()[criterion].question}" in text


def test_a_fact_of_today_is_not_in_the_future(tmp_path):
    path = as_json(tmp_path, {**FACT, "dated": "2026-11-22"})
    assert read_profile(path, today=TODAY).facts
    assert problems(as_json(tmp_path, {**FACT, "dated": "2026-11-23"}))
