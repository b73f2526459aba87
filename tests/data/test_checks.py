"""What the data settle: facts with the levels they leave open, readings in words, and never an effect."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from hubeval import files
from hubeval.data.checks import check, merged
from hubeval.data.panel_checks import period_level, unit_levels
from hubeval.errors import BadInput
from hubeval.profile import Fact, Profile
from hubeval.protocol import (
    Caution,
    DataSource,
    DidDesign,
    ItsDesign,
    MatchingDesign,
    Outcome,
    Protocol,
    SynthDesign,
    read_protocol,
)
from hubeval.synthetic import staggered_panel

DESIGN = DidDesign(unit="area", time="quarter", start="hub_opened")


@pytest.fixture
def made():
    return staggered_panel(n_areas=30, n_treated=8, n_quarters=22, waves=(10, 12)).frame


@pytest.fixture
def asked(protocol):
    """A protocol on the made panel, with anything changed."""

    def make(**changes):
        outcome = Outcome(column="referrals_per_10k", label="Referrals", unit="per 10,000 children")
        return protocol(**{"design": DESIGN, "outcomes": (outcome,), "marks": ("c",), **changes})

    return make


def levels(found):
    return {fact.criterion: (fact.low, fact.high) for fact in found.facts}


def status(found):
    return {d.name: d.status for d in found.diagnostics}


def test_a_good_panel(asked, made):
    found = check(asked(), made, today=date(2026, 11, 22))
    assert levels(found)["DS2"] == (4, 4)
    assert levels(found)["CA5"] == (3, 3)
    assert levels(found)["DS4"] == (3, 4)
    assert levels(found)["CA3"] == (3, 4)
    assert all(fact.grade == 4 and fact.dated == "2026-11-22" and "sha256" in fact.source for fact in found.facts)
    assert found.undeclared == ()


def test_no_effect_is_ever_shown(asked, made):
    """Adding an effect after the start must not change a word of the check's facts."""
    changed = made.copy()
    treated = (changed["hub_opened"] != "") & (changed["quarter"] >= changed["hub_opened"])
    changed.loc[treated, "referrals_per_10k"] = [
        f"{float(v) - 20:.2f}" if v != "c" else v for v in changed.loc[treated, "referrals_per_10k"]
    ]
    first, second = check(asked(), made), check(asked(), changed)
    assert levels(first) == levels(second)
    assert [f.quote for f in first.facts] == [f.quote for f in second.facts]


def test_the_order_of_rows_does_not_matter(asked, made):
    first, second = check(asked(), made), check(asked(), made.sample(frac=1, random_state=3))
    assert [files.plain(d) for d in first.diagnostics] == [files.plain(d) for d in second.diagnostics]


@pytest.mark.parametrize(("periods", "level"), [(0, 1), (1, 2), (2, 2), (3, 3), (9, 3), (10, 4)])
def test_levels_of_pre_periods(periods, level):
    assert period_level(periods, "year") == level


@pytest.mark.parametrize(
    ("treated", "comparison", "open_"),
    [(1, 1, (1, 1)), (1, 5, (1, 1)), (1, 20, (2, 2)), (5, 20, (2, 2)), (5, 10, (1, 2)), (6, 6, (3, 3)), (6, 5, (1, 2)),
     (20, 20, (4, 4)), (19, 100, (3, 3)), (3, 22, (2, 2))],
)
def test_levels_of_units(treated, comparison, open_):
    assert unit_levels(treated, comparison) == open_


def test_a_declared_break_shared_with_the_comparison_leaves_the_definition_open(asked, made):
    broken = Caution(kind="measure break", label="New counting", first="2016Q1", handling="shared with the comparison")
    assert levels(check(asked(cautions=(broken,)), made))["DS2"] == (2, 4)
    mended = Caution(kind="measure break", label="New counting", first="2016Q1", handling="mended in the data")
    assert levels(check(asked(cautions=(mended,)), made))["DS2"] == (4, 4)


def test_gaps_are_counted_and_never_filled(asked, made):
    holes = made.copy()
    holes.loc[holes.index % 4 == 0, "referrals_per_10k"] = "c"
    found = check(asked(), holes)
    assert levels(found)["DS4"] == (1, 2)
    assert status(found)["gaps"] == "fail"
    few = made.copy()
    few.loc[few.index % 10 == 0, "referrals_per_10k"] = ""
    assert levels(check(asked(), few))["DS4"] == (2, 3)


def test_absent_rows_are_gaps_too(asked, made):
    found = check(asked(), made[made.index % 3 != 0])
    assert levels(found)["DS4"] == (1, 2)


def test_one_treated_and_one_comparison_unit_fail(asked, made):
    two = made[made["area"].isin([made.loc[made["hub_opened"] != "", "area"].iloc[0], made.loc[made["hub_opened"] == "", "area"].iloc[0]])]
    found = check(asked(), two)
    assert status(found)["units"] == "fail"
    assert levels(found)["CA5"] == (1, 1)


def test_few_treated_units_say_the_permutation_floor(asked, made):
    treated = made.loc[made["hub_opened"] != "", "area"].unique()[:1]
    others = made.loc[made["hub_opened"] == "", "area"].unique()[:9]
    found = check(asked(), made[made["area"].isin([*treated, *others])])
    units = next(d for d in found.diagnostics if d.name == "units")
    assert units.status == "fail"  # 1 of 10: no p below .1
    assert "0.1" in units.reading


def test_everyone_treated_is_no_comparison(asked, made):
    found = check(asked(), made[made["hub_opened"] != ""])
    assert levels(found)["CA1"] == (1, 2)
    assert status(found)["comparison"] == "fail"


def test_diverging_paths_are_seen(asked, made):
    drifting = made.copy()
    position = drifting.groupby("area").cumcount()
    moved = pd.to_numeric(drifting["referrals_per_10k"], errors="coerce") + 4 * position * (drifting["hub_opened"] != "")
    drifting["referrals_per_10k"] = moved
    found = check(asked(), drifting)
    assert levels(found)["CA1"] == (2, 3)
    assert "moving apart" in next(d.reading for d in found.diagnostics if d.name == "comparison")


def test_an_outcome_that_is_the_same_everywhere_is_at_the_wrong_level(asked, made):
    national = made.assign(referrals_per_10k=made.groupby("quarter")["referrals_per_10k"].transform("first"))
    assert levels(check(asked(), national))["TO4"] == (1, 1)


def test_percentages_out_of_range_are_seen(asked, made):
    outcome = Outcome(column="referrals_per_10k", label="Share", unit="%")
    assert status(check(asked(outcomes=(outcome,)), made))["range"] == "fail"


def test_units_that_come_and_go_are_named(asked, made):
    gone = made.loc[made["hub_opened"] == "", "area"].iloc[0]
    kept = made[(made["area"] != gone) | (made["quarter"] < "2017")]
    reading = next(d.reading for d in check(asked(), kept).diagnostics if d.name == "boundaries")
    assert gone in reading
    assert "1 without a last one" in reading


def test_one_council_under_two_codes(protocol):
    frame = pd.DataFrame(
        [(la, str(y), "", str(i + y)) for i, la in enumerate(["E06000048", "E06000057", "E08000020"]) for y in range(2013, 2019)],
        columns=["la", "year", "opened", "rate"],
    )
    readings = [d.reading for d in check(protocol(), frame).diagnostics if d.name == "codes"]
    assert len(readings) == 1
    assert "Northumberland" in readings[0]


def test_a_jump_nobody_declared_asks_a_question(asked, made):
    jumped = made.copy()
    late = jumped["quarter"] >= "2018Q1"
    jumped["referrals_per_10k"] = pd.to_numeric(jumped["referrals_per_10k"], errors="coerce") + 40 * late
    found = check(asked(), jumped)
    reading = next(d for d in found.diagnostics if d.name == "shared jump")
    assert reading.status == "caution"
    assert "2018Q1" in reading.reading
    declared = Caution(kind="measure break", label="New form", first="2018Q1", handling="shared with the comparison")
    after = check(asked(cautions=(declared,)), jumped)
    assert next(d for d in after.diagnostics if d.name == "shared jump").status == "information"


def test_shipped_example_declares_its_jumps(root):
    declared = read_protocol(root / "designs" / "essex-style" / "protocol.toml")
    found = check(declared, root / "designs" / "essex-style" / declared.data.file)
    assert found.undeclared == ()
    assert all(d.status == "information" for d in found.diagnostics if d.name == "shared jump")
    assert levels(found)["ST3"] == (3, 3)


def test_an_undeclared_event_is_shown_with_its_lines(protocol, panel):
    late = panel.assign(year=panel["year"].map(lambda y: str(int(y) + 5)), opened="")
    found = check(protocol(), late)
    assert [item.event.id for item in found.undeclared] == ["covid-19"]
    assert "[[cautions]]" in str(found)
    assert any("COVID" in line for line in found.problems)


def series(n=30, start="2016-01", shock=False, **design):
    months = [f"{2014 + i // 12}-{i % 12 + 1:02d}" for i in range(n)] if not shock else [f"{2018 + i // 12}-{i % 12 + 1:02d}" for i in range(n)]
    draw = np.random.default_rng(5)
    frame = pd.DataFrame({"month": months, "rate": draw.normal(50, 2, n).round(2)})
    return frame, ItsDesign(time="month", start=start, **design)


def test_a_single_series(protocol):
    frame, design = series()
    found = check(protocol(design=design), frame)
    assert levels(found)["DS2"] == (4, 4)
    assert levels(found)["CA3"] == (2, 4)
    assert "CA5" not in levels(found)
    assert "concurrent" in next(d.reading for d in found.diagnostics if d.name == "units")


def test_few_comparison_series_do_not_fail_a_controlled_series(protocol):
    frame, _ = series()
    both = pd.concat([frame.assign(la="A"), frame.assign(la="B")])
    design = ItsDesign(time="month", start="2016-01", unit="la", treated="A", control=("B",))
    assert status(check(protocol(design=design), both))["units"] == "information"


def test_three_points_a_side_is_the_floor(protocol):
    frame, design = series(n=26, start="2016-01")
    assert status(check(protocol(design=design), frame))["periods"] == "fail"


def test_a_shock_with_nobody_to_share_it_closes_the_series(protocol):
    frame, design = series(n=40, start="2020-03", shock=True)
    assert levels(check(protocol(design=design), frame))["ST3"] == (1, 1)
    frame, design = series(n=40, start="2019-03", shock=True)
    assert levels(check(protocol(design=design), frame))["ST3"] == (2, 2)


def test_a_donor_pool_of_nine_cannot_reach_five_per_cent(protocol):
    draw = np.random.default_rng(6)
    rows = [(f"U{u}", str(2000 + t), draw.normal()) for u in range(10) for t in range(16)]
    frame = pd.DataFrame(rows, columns=["la", "year", "rate"])
    design = SynthDesign(unit="la", time="year", treated="U0", start="2012")
    found = check(protocol(design=design), frame)
    assert status(found)["units"] == "fail"
    assert levels(found)["DS2"] == (4, 4)


def records(n=400, seed=7, apart=0.0):
    draw = np.random.default_rng(seed)
    hub = (draw.random(n) < 0.3).astype(int)
    age = draw.normal(3, 1, n) + apart * hub
    return pd.DataFrame({"id": range(n), "hub": hub, "age": age.round(3), "sex": draw.choice(["f", "m"], n), "rate": draw.normal(size=n).round(3), "linked": (draw.random(n) < 0.9).astype(int)})  # fmt: skip


MATCHING = MatchingDesign(unit="id", treated="hub", covariates=("age", "sex"))


def test_records_overlap_linkage_and_gaps(protocol):
    matching = protocol(design=MATCHING, data=DataSource(linked="linked"))
    found = check(matching, records())
    assert levels(found)["DS3"] == (4, 4)
    assert levels(found)["DS4"] == (3, 4)
    assert levels(found)["DS5"] == (2, 4)
    assert status(found)["overlap"] == "pass"
    far = check(matching, records(apart=8))
    assert status(far)["overlap"] == "fail"
    assert levels(far)["CA1"] == (1, 2)
    assert "age" in next(d.reading for d in far.diagnostics if d.name == "balance")


def test_low_linkage_is_said(protocol):
    frame = records().assign(linked=lambda f: (f["id"] % 2).astype(int))
    found = check(protocol(design=MATCHING, data=DataSource(linked="linked")), frame)
    assert levels(found)["DS3"] == (3, 4)
    assert status(found)["linkage"] == "caution"


def test_a_link_column_that_is_not_there_is_refused(protocol, said):
    assert "data.linked" in said(check, protocol(design=MATCHING, data=DataSource(linked="lnked")), records())


def test_no_record_values_in_what_is_printed(protocol):
    frame = records()
    text = str(check(protocol(design=MATCHING), frame))
    assert not any(f"{value:.3f}" in text for value in frame["rate"].head(50) if abs(value) > 0.1)


def test_users_only_support_no_quasi_experiment(protocol):
    users = pd.DataFrame({"user": ["1", "2"], "SWEMWBS pre": ["19", "20"], "SWEMWBS post": ["22", "25"], "sex": ["f", "m"]})
    found = check(protocol(), users)
    assert levels(found)["CA1"] == (1, 2)
    assert "supports no quasi-experiment" in str(found)


def test_matching_where_everyone_is_exposed_says_the_same(protocol):
    found = check(protocol(design=MATCHING), records().assign(hub=1))
    assert "supports no quasi-experiment" in str(found)


def test_the_json_is_plain_and_whole(asked, made):
    value = check(asked(), made).to_dict()
    again = json.loads(files.to_json(value))
    assert again["schema"] == "hubeval-check/1"
    assert {"facts", "diagnostics", "crossed", "flow", "notes", "problems", "data_sha256"} <= set(again)


def test_a_checked_fact_overrules_a_claim(asked, made):
    pytest.importorskip("hubeval.readiness")
    from hubeval.readiness import assess

    claim = Fact(criterion="DS2", low=1, high=1, kind="fact", quote="no data before", source="a meeting", dated="2026")
    profile = Profile(area="Testshire", facts=(claim,))
    found = next(f for f in assess(merged(profile, check(asked(), made))).findings if f.criterion == "DS2")
    assert (found.low, found.high) == (4, 4)


def test_a_check_of_another_area_is_refused(asked, made, said):
    assert "same area" in said(merged, Profile(area="Elsewhere"), check(asked(), made))


def test_the_departments_panel(protocol, shared):
    """Real published data: what the check must see in it."""
    frame = pd.read_csv(shared("data/dfe_csc_la_2013_2025.csv"), dtype=str, keep_default_na=False)
    frame["opened"] = np.where(frame["la_name"] == "Essex", "2017", "")
    csc = protocol(
        area="Essex",
        outcomes=(Outcome(column="referrals_per10k", label="Referrals", unit="per 10,000"),),
        design=DidDesign(unit="new_la_code", time="year", start="opened"),
    )
    found = check(csc, frame)
    assert levels(found)["CA5"] == (2, 2)
    assert levels(found)["DS2"] == (3, 3)
    text = str(found)
    assert "Northumberland stands under two codes" in text
    assert "Gateshead stands under two codes" in text
    assert next(d for d in found.diagnostics if d.name == "boundaries").status == "caution"
    assert 'event = "covid-19"' in text


@pytest.mark.parametrize(("early", "level"), [("2008", 4), ("", 4)])
def test_units_treated_throughout_take_nobody_elses_before_away(early, level):
    years = [str(y) for y in range(2010, 2026)]
    rows = [
        (f"u{i:02d}", y, {0: early, 1: "2021", 2: "2021", 3: "2022"}.get(i, ""), 10.0 + i + 0.1 * int(y) + (i * int(y)) % 3)
        for i in range(20) for y in years
    ]
    frame = pd.DataFrame(rows, columns=["unit", "year", "start", "y"])
    protocol = Protocol(
        area="A", question="?", registered=date(2026, 1, 1),
        outcomes=(Outcome(column="y", label="Y", unit="points"),), design=DidDesign(unit="unit", time="year", start="start"),
    )
    assert levels(check(protocol, frame))["DS2"] == (level, level)


def test_where_every_start_lies_before_the_data_there_is_no_before():
    rows = [(f"u{i:02d}", str(y), "2008" if i < 3 else "", 10.0 + (i * y) % 7) for i in range(20) for y in range(2010, 2020)]
    frame = pd.DataFrame(rows, columns=["unit", "year", "start", "y"])
    protocol = Protocol(
        area="A", question="?", registered=date(2026, 1, 1),
        outcomes=(Outcome(column="y", label="Y", unit="points"),), design=DidDesign(unit="unit", time="year", start="start"),
    )
    assert levels(check(protocol, frame))["DS2"] == (1, 1)


def test_numbers_too_large_to_square_are_refused(tmp_path):
    frame = pd.DataFrame({"unit": ["a", "a", "b", "b"], "year": ["2010", "2011"] * 2, "start": ["2011", "2011", "", ""], "y": [1e308, 1, 2, 3]})
    protocol = Protocol(
        area="A", question="?", registered=date(2026, 1, 1),
        outcomes=(Outcome(column="y", label="Y", unit="points"),), design=DidDesign(unit="unit", time="year", start="start"),
    )
    with pytest.raises(BadInput, match="beyond 1e"):
        check(protocol, frame)


def test_periods_in_which_treatment_may_already_act_are_not_periods_before_it(asked, made):
    said = {a: next(d for d in check(asked(design=DidDesign(unit="area", time="quarter", start="hub_opened", anticipation=a)), made).diagnostics
                    if d.name == "periods") for a in (0, 8)}
    assert {a: d.statistic for a, d in said.items()} == {0: 10.0, 8: 2.0}
    assert said[8].status == "caution"
    assert "and the 8 periods before it in which it may already act" in said[8].reading
    assert "already act" not in said[0].reading


def test_units_that_evaluate_leaves_out_are_not_counted_among_those_that_carry_the_contrast(asked, made):
    def units(frame):
        return next(d for d in check(asked(), frame).diagnostics if d.name == "units").reading

    once = pd.concat([made, *[made[(made.area == made.area.iloc[-1]) & (made.quarter == made.quarter.iloc[0])].assign(area=f"once{i}")
                              for i in range(5)]])
    assert "Not counted" not in units(made)
    assert units(once) == units(made) + " Not counted: 5 seen in one period only, or not both before they may be treated and after it."
