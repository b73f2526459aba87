"""The catalogue of outcomes: whole, sourced, read by protocols and the calendar; and who is counted in a rate."""

from __future__ import annotations

import pandas as pd
import pytest

from hubeval.cli import main
from hubeval.data.bind import bind
from hubeval.data.calendar import measures, undeclared
from hubeval.data.catalogue import economic, entry, outcomes
from hubeval.data.checks import check
from hubeval.errors import BadInput
from hubeval.protocol import DidDesign, ItsDesign, Outcome, read_protocol
from hubeval.theory import protocol_from, read_theory

YEARS = [str(year) for year in range(2014, 2020)]


def frame_of(periods=YEARS):
    rows = [(u, p, 10.0 + i + (u == "A"), "2017" if u == "A" else "") for u in "ABC" for i, p in enumerate(periods)]
    return pd.DataFrame(rows, columns=["la", "year", "rate", "opened"])


def told(protocol, outcome, design=None):
    extra = {"design": design} if design else {}
    found = check(protocol(outcomes=(outcome,), **extra), frame_of().assign(pop_0_16=100))
    return [d.reading for d in found.diagnostics if d.name == "denominator"]


def test_the_catalogue_holds_what_the_seeds_name_each_once(shared):
    assert (len(outcomes()), len(economic())) == (37, 10)
    ids = [item.id for item in (*outcomes(), *economic())]
    assert len(set(ids)) == len(ids)
    seeds = " ".join(shared("design/seed-catalogue.md").read_text(encoding="utf-8").split())
    for item in (*outcomes(), *economic()):
        assert item.quote in seeds, item.id


def test_every_break_is_one_of_the_calendars():
    assert {name for item in outcomes() for name in item.breaks} <= set(measures())


def test_a_worthwhile_change_is_never_given_without_its_source():
    assert all(bool(item.worthwhile) == bool(item.worthwhile_source) for item in outcomes())


def test_an_outcome_of_the_catalogue_brings_the_breaks_behind_it(protocol):
    ready = Outcome(column="rate", label="x", unit="%", measure="school-readiness")
    frame = frame_of([str(year) for year in range(2014, 2024)])
    one = protocol(outcomes=(ready,))
    assert "eyfsp-redefined-2021-22" in [item.event.id for item in undeclared(one, bind(one, frame))]
    one = protocol(outcomes=(Outcome(column="rate", label="x", unit="%", measure="isolation"),))
    assert [item.event.id for item in undeclared(one, bind(one, frame))] == ["covid-19"]


@pytest.mark.parametrize(("measure", "refused"), [("eyfsp-gdl", True), ("school-readines", True), ("local-survey", False)])
def test_a_slip_for_a_known_measure_is_refused(protocol, measure, refused):
    one = protocol(outcomes=(Outcome(column="rate", label="x", unit="%", measure=measure),))
    if refused:
        with pytest.raises(BadInput, match="Did you mean"):
            bind(one, frame_of())
    else:
        bind(one, frame_of())


@pytest.mark.parametrize("kind", ["did", "its", "synth", "matching"])
@pytest.mark.parametrize("name", ["school-readiness", "avoided-referral", "isolation"])
def test_a_pre_filled_protocol_reads_and_holds_the_outcome(tmp_path, capsys, kind, name):
    path = tmp_path / "protocol.toml"
    assert main(["new", "protocol", "--kind", kind, "--outcome", name, "--out", str(path)]) == 0
    protocol = read_protocol(path)
    assert protocol.primary.measure == name
    assert len([o for o in protocol.outcomes if o.role == "primary"]) == 1
    capsys.readouterr()


def test_an_unknown_outcome_and_one_beside_a_theory_are_refused(capsys):
    assert main(["new", "protocol", "--outcome", "happiness"]) == 2
    assert main(["new", "profile", "--outcome", "isolation"]) == 2
    assert main(["outcomes", "isolatoin"]) == 2
    assert "isolation" in capsys.readouterr().err


def test_the_list_names_every_outcome(capsys):
    assert main(["outcomes"]) == 0
    said = capsys.readouterr().out
    assert all(item.id in said for item in (*outcomes(), *economic()))


def test_children_of_two_ages_in_one_rate_are_raised(protocol):
    mixed = Outcome(column="rate", label="Attendance", unit="per 1,000 children aged 0 to 17", behind="pop_0_16")
    (reading,) = told(protocol, mixed)
    assert "0 to 17" in reading
    assert "0 to 16" in reading
    same = Outcome(column="rate", label="Attendance", unit="per 1,000 children aged 0 to 16", behind="pop_0_16")
    assert told(protocol, same) == []
    assert told(protocol, Outcome(column="rate", label="Attendance", unit="per 1,000")) == []


def test_social_care_rates_are_per_children_aged_0_to_17(protocol):
    assert told(protocol, Outcome(column="rate", label="Referrals", unit="per 10,000 aged 0-16"))
    assert told(protocol, Outcome(column="rate", label="Cases", unit="per 10,000 under 16", measure="statutory-demand"))
    assert not told(protocol, Outcome(column="rate", label="Referrals", unit="per 10,000 under 18"))
    assert not told(protocol, Outcome(column="rate", label="Breastfeeding", unit="per 10,000 aged 0-16"))


def test_an_exposure_of_another_age_is_raised(protocol):
    design = ItsDesign(time="year", start="2017", unit="la", treated="A", exposure="pop_0_16", family="poisson")
    assert told(protocol, Outcome(column="rate", label="Cases", unit="per child aged 0 to 17"), design)
    assert isinstance(protocol().design, DidDesign)


def checked(protocol, **outcome):
    one = protocol(outcomes=(Outcome(column="rate", label="Readiness", unit="%", **outcome),))
    return [d for d in check(one, frame_of()).diagnostics if d.name == "measure"]


def test_what_to_beware_of_is_said_of_an_outcome_with_an_id(protocol):
    said = checked(protocol, measure="school-readiness", direction="higher is better")
    assert [d.status for d in said] == ["information"]
    assert entry("school-readiness").note in said[0].reading
    assert checked(protocol) == []
    assert checked(protocol, measure="absence") == []


def test_a_direction_the_other_way_round_is_raised(protocol):
    said = checked(protocol, measure="school-readiness", direction="lower is better")
    assert [d.status for d in said] == ["caution"]
    assert "turns a gain into a loss" in said[0].reading


@pytest.mark.parametrize("name", [item.id for item in outcomes()])
def test_a_pre_filled_theory_reads_and_leads_to_a_protocol_with_the_id(tmp_path, capsys, name):
    path = tmp_path / "theory.toml"
    assert main(["new", "theory", "--outcome", name, "--out", str(path)]) == 0
    text = path.read_text(encoding="utf-8").replace('profile = "profile.toml"', "")
    path.write_text(text, encoding="utf-8")
    one = read_theory(path).indicators[0]
    assert (one.measure, one.label, one.direction) == (name, entry(name).words, entry(name).direction)
    assert f'measure = "{name}"' in protocol_from(read_theory(path))
    capsys.readouterr()
