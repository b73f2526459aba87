"""The calendar: every entry sourced, placed on any kind of period, and refused when crossed undeclared."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pandas as pd
import pytest

from hubeval.data.areas import area_key
from hubeval.data.bind import bind
from hubeval.data.calendar import calendar, event, measures, require_declared, undeclared
from hubeval.data.periods import parse
from hubeval.errors import BadInput
from hubeval.protocol import Caution, DidDesign, ItsDesign, MatchingDesign, Outcome, read_protocol


def frame_of(periods, units=("A", "B", "C")):
    rows = [(unit, period, i) for unit in units for i, period in enumerate(periods)]
    return pd.DataFrame(rows, columns=["la", "year", "rate"]).assign(opened="")


def crossed(protocol, periods, units=("A", "B", "C")):
    return [item.event.id for item in undeclared(protocol, bind(protocol, frame_of(periods, units)))]


def years(first, last):
    return [str(year) for year in range(first, last + 1)]


def test_every_entry_is_sourced_dated_and_placeable():
    for entry in calendar().events:
        assert entry.source, entry.id
        assert entry.dated, entry.id
        assert parse(entry.dated) is not None, entry.id
        for frequency in ("year", "financial year", "quarter", "month"):
            first, last = entry.placed(frequency)
            assert last is None or last >= first, entry.id
    for entry in calendar().recoded:
        assert entry.source
        assert len(entry.codes) == 2


def test_ids_are_unique_and_kinds_are_those_of_a_caution():
    events = calendar().events
    assert len({entry.id for entry in events}) == len(events)
    for entry in events:
        Caution(kind=entry.kind, label=entry.label, first=entry.first, handling=entry.handling, event=entry.id)


def test_the_programmes_name_as_many_authorities_as_their_sources_say():
    assert len(set(event("start-for-life-75").areas)) == 75
    # the twelve, with Cumbria written both as it was and as its two successors
    assert len(set(event("transformation-fund").areas)) == 14
    assert not set(event("start-for-life-75").areas) & set(event("transformation-fund").areas)


def test_every_area_named_has_its_code_and_no_code_stands_for_two():
    named = {area for entry in calendar().events for area in entry.areas}
    assert named <= set(calendar().codes)
    codes = [code for codes in calendar().codes.values() for code in codes]
    assert len(codes) == len(set(codes))


def test_codes_agree_with_the_departments_table(shared):
    table = pd.read_csv(shared("data/dfe_csc_la_2013_2025.csv"), usecols=["new_la_code", "la_name"]).dropna()
    known = {code: area_key(name) for code, name in table.itertuples(index=False)}
    for name, codes in calendar().codes.items():
        for code in codes:
            assert known[code] == area_key(name)


def test_general_shock_crossed_and_not(protocol):
    assert crossed(protocol(), years(2014, 2019)) == []
    assert crossed(protocol(), years(2014, 2020)) == ["covid-19"]
    assert crossed(protocol(), years(2021, 2024)) == ["covid-19"]
    assert crossed(protocol(), years(2022, 2024)) == []


def test_another_country_is_exempt(protocol):
    assert crossed(protocol(country="United States"), years(2014, 2023)) == []


def test_declared_events_are_not_raised(protocol):
    caution = Caution(kind="shock", label="COVID-19", first="2020", last="2021", handling="model it", event="covid-19")
    assert crossed(protocol(cautions=(caution,)), years(2014, 2023)) == []


def test_a_declared_measure_brings_its_breaks(protocol):
    gld = (Outcome(column="rate", label="Outcome", unit="%", measure="eyfsp-gld"),)
    assert crossed(protocol(outcomes=gld), years(2014, 2019)) == []
    assert crossed(protocol(outcomes=gld), years(2014, 2023)) == ["covid-19", "eyfsp-not-collected", "eyfsp-redefined-2021-22"]
    assert crossed(protocol(outcomes=gld), ["202122", "202223", "202324"]) == []


def test_words_give_a_measure_away_unless_another_is_declared(protocol):
    words = Outcome(column="rate", label="Children with a good level of development", unit="%")
    assert "eyfsp-redefined-2021-22" in crossed(protocol(outcomes=(words,)), years(2014, 2023))
    other = replace(words, measure="local-survey")
    assert crossed(protocol(outcomes=(other,)), years(2014, 2023)) == ["covid-19"]
    inside = Outcome(column="rate", label="Englders", unit="%")
    assert crossed(protocol(outcomes=(inside,)), years(2014, 2019)) == []


@pytest.mark.parametrize(
    ("periods", "first", "last"),
    [
        (years(2014, 2023), "2020", "2021"),
        ([f"{y}{(y + 1) % 100:02d}" for y in range(2013, 2023)], "2019/20", "2020/21"),
        ([f"{y}Q{q}" for y in range(2018, 2023) for q in (1, 2, 3, 4)], "2019Q3", "2021Q3"),
    ],
)
def test_school_years_on_any_period(protocol, periods, first, last):
    gld = protocol(outcomes=(Outcome(column="rate", label="x", unit="%", measure="eyfsp-gld"),))
    items = undeclared(gld, bind(gld, frame_of(periods)))
    item = next(i for i in items if i.event.id == "eyfsp-not-collected")
    assert (item.first, item.last) == (first, last)


def test_boundary_changes_apply_where_the_area_is_in_the_data(protocol):
    assert crossed(protocol(), years(2014, 2019), ("Dorset", "Kent")) == ["dorset-2019"]
    assert crossed(protocol(), years(2014, 2019), ("E06000028", "E10000016")) == ["dorset-2019"]
    assert crossed(protocol(), years(2018, 2019), ("Kent", "Essex")) == []
    assert crossed(protocol(), ["2019", "2018", "2017"], ("Somerset", "Kent")) == []


def test_a_boundary_change_before_the_first_period_is_not_crossed(protocol):
    assert "dorset-2019" not in crossed(protocol(), years(2019, 2024), ("Dorset", "Kent"))


def test_other_programmes_apply_to_units_and_to_the_protocols_own_area(protocol):
    assert "start-for-life-75" in crossed(protocol(), years(2019, 2024), ("Salford", "Trafford"))
    assert "start-for-life-75" in crossed(protocol(area="Bristol"), years(2019, 2024))
    assert "transformation-fund" in crossed(protocol(), years(2019, 2024), ("York", "Trafford"))
    assert "start-for-life-75" not in crossed(protocol(), years(2019, 2024), ("Essex", "Suffolk"))


def test_the_lines_offered_are_what_the_reader_of_protocols_accepts(protocol, tmp_path):
    one = protocol(outcomes=(Outcome(column="rate", label="GLD", unit="%", measure="eyfsp-gld"),), area="York")
    items = undeclared(one, bind(one, frame_of(years(2012, 2024), ("York", "Dorset", "Hackney"))))
    assert len(items) >= 5
    text = (
        'area = "York"\nquestion = "q"\nregistered = 2026-01-01\n'
        '[design]\nkind = "did"\nunit = "la"\ntime = "year"\nstart = "opened"\n'
        '[[outcomes]]\ncolumn = "rate"\nlabel = "GLD"\nunit = "%"\nmeasure = "eyfsp-gld"\n'
    )
    (tmp_path / "protocol.toml").write_text(text + "\n".join(item.toml for item in items))
    read = read_protocol(tmp_path / "protocol.toml")
    undropped = tuple(replace(caution, handling="model it") for caution in read.cautions)
    again = replace(read, cautions=undropped)
    require_declared(again, bind(again, frame_of(years(2012, 2024), ("York", "Dorset", "Hackney"))))


def test_refusal_carries_the_source_and_the_lines(protocol):
    table = bind(protocol(), frame_of(years(2014, 2021)))
    with pytest.raises(BadInput) as error:
        require_declared(protocol(), table)
    message = str(error.value)
    assert "Institute for Government" in message
    lines = message[message.index("[[cautions]]") :]
    assert tomllib.loads(lines)["cautions"][0]["event"] == "covid-19"


def test_an_event_that_the_calendar_does_not_hold_is_refused(protocol, said):
    caution = Caution(kind="shock", label="COVID", first="2020", last="2020", handling="model it", event="covid")
    one = protocol(cautions=(caution,))
    assert "Did you mean 'covid-19'?" in said(require_declared, one, bind(one, frame_of(years(2014, 2019))))


def test_a_series_alone_cannot_share_a_shock_with_a_comparison(protocol):
    design = ItsDesign(time="year", start="2016", unit="la", treated="A")
    alone = protocol(design=design)
    assert 'handling = "model it"' in undeclared(alone, bind(alone, frame_of(years(2012, 2021))))[0].toml


def test_records_without_periods_cross_nothing(protocol):
    frame = pd.DataFrame({"id": ["1", "2"], "hub": ["1", "0"], "age": ["3", "4"], "rate": ["1", "2"]})
    design = MatchingDesign(unit="id", treated="hub", covariates=("age",))
    matching = protocol(design=design)
    assert undeclared(matching, bind(matching, frame)) == ()


def test_shipped_designs_declare_what_they_cross(root):
    for path in sorted(root.glob("designs/*/protocol.toml")):
        declared = read_protocol(path)
        data = path.parent / declared.data.file
        if declared.data.file and data.is_file():
            require_declared(declared, bind(declared, data))


def test_the_departments_panel_crosses_what_its_councils_lived_through(protocol, shared):
    frame = pd.read_csv(shared("data/dfe_csc_la_2013_2025.csv"), dtype=str, keep_default_na=False).assign(opened="")
    csc = protocol(
        outcomes=(Outcome(column="referrals_per10k", label="Referrals", unit="per 10,000"),),
        design=DidDesign(unit="new_la_code", time="year", start="opened"),
    )
    found = [item.event.id for item in undeclared(csc, bind(csc, frame))]
    assert set(found) == {
        "covid-19", "hackney-cin-2021-22", "dorset-2019", "buckinghamshire-2020", "northamptonshire-2021",
        "cumbria-2023", "north-yorkshire-2023", "somerset-2023", "start-for-life-75", "transformation-fund",
        "families-first-pathfinder", "family-hubs-2025-26", "families-first-2025", "family-help-2025",
    }


def test_the_docs_list_every_measure(root):
    listed = (root / "docs" / "data.md").read_text(encoding="utf-8")
    line = listed[listed.index("Measure ids:") :].split("\n\n")[0]
    assert set(line.split("`")[1::2]) == set(measures())
