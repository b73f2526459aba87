"""XmR labels and limits equal the NHS tool's; the chart says what it cannot show."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.errors import BadInput
from hubeval.theory import monitoring, prepost

POINT = {
    "common_cause": "common cause: ordinary variation",
    "special_cause_improvement": "special cause, improvement",
    "special_cause_concern": "special cause, concern",
    "special_cause_neutral_high": "special cause, high",
    "special_cause_neutral_low": "special cause, low",
}


def test_labels_and_limits_equal_the_nhs_tool_on_ninety_series(reference):
    stored = reference("spc_ptd90.json")
    rules, kinds = stored["meta"]["rules"], stored["meta"]["points"]
    assert len(stored["cases"]) == 90
    for case in stored["cases"]:
        chart = monitoring.xmr(case["y"], better=case["better"], rebase=case["rebase"], baseline=case["baseline"],
                               screen=case["screen"])
        assert [p.rule for p in chart.points] == [rules[c] for c in case["rule"]]
        assert [p.reading for p in chart.points] == [POINT[kinds[c]] for c in case["point"]]
        for name in ("mean", "lower", "upper"):
            ends = [getattr(chart.points[i], name) for i in (0, -1)]
            assert ends == pytest.approx(case[name], abs=1e-9)


def test_shifting_and_scaling_a_series_leaves_its_labels_alone():
    y = np.random.default_rng(3).normal(50, 4, 30)
    y[20] += 25
    plain = [p.rule for p in monitoring.xmr(y).points]
    assert "Above UCL" in plain
    assert [p.rule for p in monitoring.xmr(3 * y - 7).points] == plain


@pytest.mark.parametrize(("better", "target", "said"), [
    ("higher is better", 20, "will pass"), ("higher is better", 80, "will fail"), ("lower is better", 20, "will fail"),
    ("lower is better", 80, "will pass"), ("higher is better", 50, "hit and miss"), ("lower is better", None, "no target"),
])
def test_assurance_reads_the_target_against_the_limits(better, target, said):
    y = [50, 52, 49, 51, 50, 48, 51, 50, 49, 52, 50, 51]
    assert monitoring.xmr(y, better=better, target=target).assurance == said


def test_rebasing_without_a_reason_is_cautioned_and_with_one_is_not():
    y = [50, 52, 49, 51, 50, 48, 60, 61, 59, 62, 60, 61]
    silent = monitoring.xmr(y, rebase=[6])
    said = monitoring.xmr(y, rebase={6: "second hub opened"})
    assert "rebasing" in [d.name for d in silent.cautions]
    assert "rebasing" not in [d.name for d in said.cautions]
    assert said.rebased == ("7: second hub opened",)
    assert said.points[0].mean != said.points[-1].mean


def test_the_figure_holds_every_point_and_says_that_it_shows_no_cause():
    figure = monitoring.xmr([50, 52, 49, 51, 50, 58, 41, 51, 80], time=list("abcdefghi"),
                            label="contacts").figure()
    assert len(figure.series[1].y) == 9
    assert figure.series[2].x == (8.0,)
    assert "not why" in figure.text


@pytest.mark.parametrize(("given", "line"), [
    ({"values": [1, 2, float("nan"), 4]}, "values: 1 periods have no value"),
    ({"values": [1, 2]}, "fewer than 3 values"),
    ({"values": [1, 2, 3, 4, 5, 6], "rebase": [9]}, "different positions from 1 to 5"),
    ({"values": [1, 2, 3, 4, 5, 6], "rebase": [5]}, "a stretch has fewer than 3 values"),
    ({"values": [1, 2, 3], "better": "up"}, "better: found 'up'"),
    ({"values": [1, "c", 3]}, "values: 1 of 3 values are not numbers"),
    ({"values": [1, 2, 3, 4, 5, 6], "rebase": ["2026Q1"]}, "rebase: holds something that is not a position"),
    ({"values": [1, 2, 3], "time": ["a"]}, "1 names for 3 values"),
])
def test_bad_input_is_one_clear_line(given, line):
    with pytest.raises(BadInput, match=line):
        monitoring.xmr(**given)


def test_change_in_people_chosen_at_their_worst_is_covered_by_what_selection_alone_brings():
    rng = np.random.default_rng(20261122)
    true = rng.normal(50, 8, 20_000)
    first, second = true + rng.normal(0, 6, true.size), true + rng.normal(0, 6, true.size)
    chosen = first > 65
    found = prepost.pre_post(first[chosen], second[chosen], label="stress", reliability=64 / 100, population_mean=50)
    # nothing was done to anyone: the fall is what the formula expects, within 4 standard errors
    half = (found.conf_high - found.conf_low) / 2
    assert found.difference < -3
    assert abs(found.difference - found.expected_by_chance_alone) < 2 * half
    assert "not evidence of what brought it about" in found.text


def test_pre_post_says_what_it_lacks_and_uses_no_causal_word():
    found = prepost.pre_post([5, 6, 7, 8], [4, 6, 6, 7], label="worry")
    assert found.expected_by_chance_alone.reason.startswith("needs 'reliability'")
    words = found.text + " ".join(d.reading for d in found.diagnostics)
    assert not {"caused", "impact", "effect", "improved because"} & set(words.replace(".", "").split())


@pytest.mark.parametrize(("given", "line"), [
    ({"before": [1, 2, 3], "after": [1, 2]}, "2 values against 3 before"),
    ({"before": [1, 2, 3], "after": [1, 2, 3], "reliability": 0.7}, "only one is given"),
    ({"before": [1, 2, 3], "after": [1, 2, 3], "reliability": 7, "population_mean": 2}, "reliability: found 7"),
])
def test_bad_pairs_are_one_clear_line(given, line):
    with pytest.raises(BadInput, match=line):
        prepost.pre_post(label="x", **given)
