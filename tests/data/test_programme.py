"""The programme under evaluation is no rival of itself; areas can be left out; what is called mended is looked at."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval.data.bind import bind
from hubeval.data.calendar import crossings
from hubeval.data.checks import check
from hubeval.errors import BadInput
from hubeval.methods.readings.cautions import declared as read_cautions
from hubeval.protocol import (
    Caution,
    DidDesign,
    ItsDesign,
    MatchingDesign,
    Outcome,
    Protocol,
    SynthDesign,
    read_protocol,
)
from hubeval.protocol.declared import DataSource

FUNDED = ["Leicester", "Luton", "Medway", "Derby"]
OTHERS = ["Leeds", "Essex", "Surrey", "Devon", "Kirklees", "Bexley", "Trafford", "Swindon"]
DID = DidDesign(unit="la", time="year", start="start")


def panel(names, *, first=2014, last=2025, treated=FUNDED, start="2023"):
    rng = np.random.default_rng(5)
    years = range(first, last + 1)
    return pd.DataFrame([(n, y, start if n in treated else "", 50 + rng.normal()) for n in names for y in years],
                        columns=["la", "year", "start", "rate"])


def protocol(design=DID, **more):
    made = {"area": "Funded areas", "question": "?", "registered": date(2026, 1, 1), "design": design,
            "outcomes": (Outcome(column="rate", label="Dental visits", unit="per 10,000"),),
            "data": DataSource(units="authority", year="calendar")}
    return Protocol(**(made | more))


def crossed(p, frame):
    return {one.event.id: one for one in crossings(p, bind(p, frame))}


def test_the_programme_under_evaluation_is_asked_for_unless_it_is_named():
    frame = panel(FUNDED + OTHERS)
    assert "start-for-life-75" in crossed(protocol(), frame)
    assert "start-for-life-75" not in crossed(protocol(programme="start-for-life-75"), frame)
    both = crossed(protocol(programme=("start-for-life-75", "family-hubs-2025-26")), frame)
    assert not {"start-for-life-75", "family-hubs-2025-26"} & set(both)
    assert "covid-19" in both


@pytest.mark.parametrize("name", ["start-for-life", "covid-19", "dorset-2019"])
def test_only_a_programme_of_the_calendar_can_be_named(name):
    with pytest.raises(BadInput, match="programme"):
        bind(protocol(programme=name), panel(FUNDED + OTHERS))
    with pytest.raises(BadInput, match="does not apply in 'Scotland'"):
        bind(protocol(programme="start-for-life-75", country="Scotland"), panel(FUNDED + OTHERS))


def said(p, frame):
    return {d.name: d for d in check(p, frame).diagnostics}.get("programme")


def test_whom_it_reached_is_held_against_whom_the_design_calls_untreated():
    named = protocol(programme="start-for-life-75")
    assert said(named, panel(FUNDED + OTHERS)).status == "information"
    assert said(protocol(), panel(FUNDED + OTHERS)) is None
    slipped = said(named, panel([*FUNDED, "Sheffield", *OTHERS]))
    assert slipped.status == "fail"
    assert "(Sheffield)" in slipped.reading
    wrong = said(named, panel(FUNDED + OTHERS, treated=[*FUNDED, "Leeds"]))
    assert wrong.status == "caution"
    assert "(Leeds)" in wrong.reading


@pytest.mark.parametrize("name", [None, "Leicester"])
def test_suggested_lines_never_drop_what_is_treated(name):
    """Whether the treated are the programme's own or not, years of the effect are not offered to be dropped."""
    design = DID if name is None else SynthDesign(unit="la", time="year", start="2023", treated=name)
    for one in crossed(protocol(design), panel(FUNDED + OTHERS)).values():
        caution = tomllib.loads(one.toml)["cautions"][0]
        assert caution["handling"] != "drop the periods"
        assert not set(caution.get("areas", ())) & set(FUNDED if name is None else [name])


def test_one_authority_without_a_return_is_left_out_and_not_two_years_of_england():
    frame = panel([*FUNDED, "Hackney", *OTHERS], first=2016, treated=[], start="")
    frame.loc[frame.la == "Leeds", "start"] = "2019"
    p = protocol(outcomes=(Outcome(column="rate", label="Referrals", unit="per 10,000"),))
    own = next(one for one in crossed(p, frame).values() if one.areas == ("Hackney",))
    caution = tomllib.loads(own.toml)["cautions"][0]
    assert caution["handling"] == "leave out these areas"
    assert caution["areas"] == ["Hackney"]
    table = bind(replace(p, cautions=(Caution(**{**caution, "areas": tuple(caution["areas"])}),)), frame)
    assert "Hackney" not in set(table.frame.la)
    assert table.frame.year.nunique() == 10
    assert "Hackney left out, as declared" in [step.note for step in table.flow]


LEAVE = Caution(kind="shock", label="no return", first="2020", handling="leave out these areas", areas=("Leeds",))


@pytest.mark.parametrize(("design", "caution", "message"), [
    (DID, replace(LEAVE, areas=("Leads",)), "no unit 'Leads'"),
    (SynthDesign(unit="la", time="year", start="2023", treated="Leeds"), LEAVE, "the design names it"),
    (ItsDesign(unit="la", time="year", start="2023", treated="Derby", control=("Leeds",)), LEAVE, "the design names it"),
    (DID, replace(LEAVE, areas=(), event="covid-19"), "none of its areas is a unit"),
])
def test_areas_that_cannot_be_left_out_are_refused(design, caution, message):
    with pytest.raises(BadInput, match=message):
        bind(protocol(design, cautions=(caution,)), panel(FUNDED + OTHERS))


def test_areas_are_named_where_they_are_left_out_and_only_there(tmp_path):
    text = ('area = "A"\nquestion = "?"\nregistered = 2026-01-01\n[design]\nkind = "did"\nunit = "la"\ntime = "year"\n'
            'start = "start"\n[[outcomes]]\ncolumn = "y"\nlabel = "Y"\nunit = "per 10,000"\n'
            '[[cautions]]\nkind = "shock"\nlabel = "x"\nfirst = "2020"\n')
    path = tmp_path / "p.toml"
    for lines, message in (('handling = "leave out these areas"', "none named"),
                           ('handling = "drop the periods"\nareas = ["Leeds"]', "areas are named")):
        path.write_text(text + lines)
        with pytest.raises(BadInput, match=message):
            read_protocol(path)


MENDED = Caution(kind="boundary change", label="Northamptonshire", first="2021", handling="mended in the data",
                 event="northamptonshire-2021")


@pytest.mark.parametrize(("names", "fine"), [
    (["North Northamptonshire", "West Northamptonshire"], True), (["Northamptonshire"], True),
    (["Northamptonshire", "West Northamptonshire"], False), (["E10000021", "E06000061"], False)])
def test_old_and_new_side_by_side_are_not_mended(names, fine):
    p, frame = protocol(cautions=(MENDED,)), panel([*FUNDED, *OTHERS, *names])
    if fine:
        assert set(names) <= set(bind(p, frame).frame.la)
        return
    for verb in (bind, check):
        with pytest.raises(BadInput, match="stand side by side"):
            verb(p, frame)


def test_one_area_under_two_codes_is_not_mended():
    caution = replace(MENDED, event="buckinghamshire-2020", label="Bucks")
    with pytest.raises(BadInput, match="one area under two codes"):
        bind(protocol(cautions=(caution,)), panel([*FUNDED, *OTHERS, "E10000002", "E06000060"]))


def test_mended_is_what_the_protocol_says_not_what_we_know():
    mended = Caution(kind="measure break", label="New recording", first="2019", handling="mended in the data")
    (one,) = read_cautions([mended], tuple(map(str, range(2014, 2026))), [9])
    assert "The protocol says that this was put right" in one.reading
    assert "It was put right" not in one.reading


@pytest.mark.parametrize(("jump", "raised"), [(30.0, True), (0.0, False)])
def test_a_jump_where_all_is_said_to_be_mended_is_raised(jump, raised):
    frame = panel(FUNDED + OTHERS)
    frame.loc[frame.year >= 2019, "rate"] += jump
    mended = Caution(kind="measure break", label="New recording", first="2019", handling="mended in the data")
    found = check(protocol(cautions=(mended,)), frame)
    assert any("does not look mended" in d.reading and d.status == "caution" for d in found.diagnostics) == raised


def test_records_have_no_areas_to_leave_out():
    from hubeval.methods.room import room_for

    design = MatchingDesign(unit="id", treated="hub", covariates=("need",))
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"id": range(80), "hub": np.tile([0, 1], 40), "need": rng.normal(size=80), "rate": rng.normal(size=80)})
    p = protocol(design, cautions=(LEAVE,), data=DataSource(units="person"))
    with pytest.raises(BadInput, match="records have no areas"):
        room_for("matching").answer(p, bind(p, frame), lambda _: None)


def test_cautions_that_name_one_area_twice_are_both_taken():
    more = replace(LEAVE, label="another programme", areas=("Leeds", "Devon"))
    table = bind(protocol(cautions=(LEAVE, more)), panel(FUNDED + OTHERS))
    assert not {"Leeds", "Devon"} & set(table.frame.la)
    again = bind(protocol(cautions=(more, LEAVE)), panel(FUNDED + OTHERS))  # the second has nobody left to leave out
    assert set(again.frame.la) == set(table.frame.la)


def test_old_and_new_areas_side_by_side_are_offered_to_be_left_out_and_not_called_mended():
    new = {"Cumberland", "Westmorland and Furness"}
    frame = panel([*FUNDED, "Cumbria", *new, *OTHERS])
    frame = frame[~((frame.la == "Cumbria") & (frame.year > 2023)) & ~(frame.la.isin(new) & (frame.year <= 2023))]
    p = protocol(outcomes=(Outcome(column="rate", label="Referrals", unit="per 10,000"),))
    caution = tomllib.loads(crossed(p, frame)["cumbria-2023"].toml)["cautions"][0]
    assert caution["handling"] == "leave out these areas"
    assert set(caution["areas"]) == {"Cumbria", *new}
    whole = panel([*FUNDED, "Cumbria", *OTHERS])
    assert tomllib.loads(crossed(p, whole)["cumbria-2023"].toml)["cautions"][0]["handling"] == "mended in the data"


def test_one_treated_area_of_many_without_a_return_is_left_out_and_not_two_years_of_england():
    many = ["Hackney", "Leicester", "Luton", "Medway", "Derby", "Camden", "Brent", "Enfield", "Newham", "Dudley"]
    frame = panel([*many, *OTHERS], first=2016, treated=many)
    p = protocol(outcomes=(Outcome(column="rate", label="Referrals", unit="per 10,000"),), programme="start-for-life-75")
    own = next(one for one in crossed(p, frame).values() if one.areas == ("Hackney",))
    assert tomllib.loads(own.toml)["cautions"][0]["handling"] == "leave out these areas"


def test_a_break_of_areas_that_are_left_out_shortens_nobodys_series():
    frame = panel(["Leeds", *FUNDED, *OTHERS[1:]])
    broken = replace(LEAVE, kind="measure break", first="2021", last="2022")
    quotes = {f.criterion: f.quote for f in check(protocol(cautions=(broken,)), frame).facts}
    assert quotes["DS2"].startswith("9 years with data before the first start (2023)")
    assert "since the last change" not in quotes["DS2"]
