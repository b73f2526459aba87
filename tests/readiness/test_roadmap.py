"""The roadmap keeps finding out apart from building, and says truly what each answer would change."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from hubeval.profile import CRITERIA
from hubeval.readiness import load_rubric
from hubeval.readiness.roadmap import add_months, plan_roadmap
from hubeval.readiness.verdict import decide, reaches

RUBRIC = load_rubric()
TODAY = date(2026, 11, 22)
SPANS = [(1, 4), (1, 4), *((low, high) for low in range(1, 5) for high in range(low, 5))]
LEVELS = st.lists(st.sampled_from(SPANS), min_size=25, max_size=25).map(
    lambda spans: dict(zip(CRITERIA, spans, strict=True))
)


def planned(levels):
    verdict = decide(RUBRIC, levels)
    return plan_roadmap(RUBRIC, levels, verdict, access=None, today=TODAY), verdict


@given(LEVELS)
@settings(max_examples=30, deadline=None)
def test_doing_everything_on_a_path_opens_its_design(levels):
    roadmap, _ = planned(levels)
    for path in roadmap.paths:
        done = {**levels, **dict.fromkeys((*path.find_out, *path.build), (4, 4))}
        verdict = decide(RUBRIC, done)
        assert path.design in {design.design for design in verdict.designs if design.status == "open"}
        assert verdict.route == "quasi-experimental"


@given(LEVELS)
@settings(max_examples=30, deadline=None)
def test_a_path_is_the_smallest_set(levels):
    roadmap, _ = planned(levels)
    for path in roadmap.paths:
        todo = (*path.find_out, *path.build)
        for left_out in todo:
            done = {**levels, **{name: (4, 4) for name in todo if name != left_out}}
            verdict = decide(RUBRIC, done)
            opened = {design.design for design in verdict.designs if design.status == "open"}
            assert verdict.route != "quasi-experimental" or path.design not in opened


@given(LEVELS)
@settings(max_examples=30, deadline=None)
def test_an_unknown_is_never_listed_as_lacking_at_the_same_gate(levels):
    roadmap, _ = planned(levels)
    for build in roadmap.build:
        for gate in build.unlocks:
            item = RUBRIC[build.criterion]
            level = item.route if gate == "route" else item.gates[gate]
            assert reaches(levels[build.criterion], level) is False


@given(LEVELS)
@settings(max_examples=30, deadline=None)
def test_replies_cover_what_is_possible_once_and_say_what_the_engine_says(levels):
    roadmap, now = planned(levels)
    for question in roadmap.find_out:
        covered = [level for reply in question.replies for level in range(reply.low, reply.high + 1)]
        low, high = levels[question.criterion]
        assert covered == list(range(low, high + 1))
        for reply in question.replies:
            answers = [decide(RUBRIC, {**levels, question.criterion: (n, n)}) for n in range(reply.low, reply.high + 1)]
            assert len({(v.route, v.status, tuple(d.status for d in v.designs)) for v in answers}) == 1
            then = answers[0]
            changed = (then.route, then.status) != (now.route, now.status)
            assert changed == (f"the verdict becomes {then.route} ({then.status})" in reply.effect)


def test_questions_that_block_the_route_come_first_then_the_cheapest(area):
    questions = area().roadmap.find_out
    assert [item.criterion for item in questions if item.blocks_route] == [item.criterion for item in questions[:5]]
    costs = [(-len(item.blocks), item.cost) for item in questions[5:]]
    assert costs == sorted(costs)


def test_a_reply_that_settles_the_route_says_so(area):
    im1 = next(item for item in area().roadmap.find_out if item.criterion == "IM1")
    assert [(reply.low, reply.high) for reply in im1.replies] == [(1, 2), (3, 4)]
    assert "theory-based (foundations)" in im1.replies[0].effect
    assert "quasi-experimental (provisional)" in im1.replies[1].effect


def test_what_is_lacking_for_the_route_is_built_first(area):
    build = area(IM1=1, DS1=1).roadmap.build
    assert [item.criterion for item in build] == ["IM1", "DS1"]
    assert build[0].unlocks == ("route",)
    assert build[1].unlocks == ("PSM", "RDD")


def test_the_core_is_shared_by_every_path(area):
    roadmap = area(IM1=4).roadmap
    assert roadmap.core
    for path in roadmap.paths:
        assert set(roadmap.core) <= {*path.find_out, *path.build}


def test_unreported_designs_are_left_out_of_the_paths_and_say_why(area):
    roadmap = area(IM1=4).roadmap
    assert dict(roadmap.not_offered) == {
        "RDD": "a score with a cut-off has been reported", "SDID": "a donor pool has been reported",
        "SCM": "a donor pool has been reported",
    }  # fmt: skip
    assert not {path.design for path in roadmap.paths} & {"RDD", "SDID", "SCM"}


def test_a_ready_area_is_looked_at_again_within_a_year(area):
    roadmap = area(rest=4).roadmap
    assert (roadmap.find_out, roadmap.build, roadmap.paths) == ((), (), ())
    assert roadmap.recheck == date(2027, 11, 22)


@given(LEVELS)
@settings(max_examples=30, deadline=None)
def test_the_next_assessment_is_never_more_than_a_year_away(levels):
    roadmap, _ = planned(levels)
    assert TODAY < roadmap.recheck <= date(2027, 11, 22)


def test_months_are_added_to_the_last_day_where_the_month_is_short():
    assert add_months(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert add_months(date(2026, 12, 31), 12) == date(2027, 12, 31)


def test_what_the_route_cannot_be_told_without_is_asked_first(area):
    assert area().roadmap.find_out[0].criterion == "IM1"


def test_the_climb_counts_levels_still_to_show_and_to_build_not_questions(area):
    paths = {path.design: path for path in area(rest=4, IM2=(2, 4), ST3=(1, 4), CA3=2, CA1=1).roadmap.paths}
    assert paths["DiD"].climb == (3 - 2) + (3 - 1)  # IM2 still to show, CA1 to build
    assert paths["ITS"].climb == (3 - 2) + (4 - 1) + (3 - 2)  # IM2 and ST3 to show, CA3 to build
    assert paths["RDD"].climb == 3 - 2


def test_paths_stand_nearest_first(area):
    climbs = [path.climb for path in area(rest=4, IM2=(2, 4), ST3=(1, 4), CA3=2, CA1=1).roadmap.paths]
    assert climbs == sorted(climbs)
    assert len(set(climbs)) > 1
