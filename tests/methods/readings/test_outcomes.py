"""Outcomes beside the primary one: whether they followed, by what each direction means."""

from __future__ import annotations

from dataclasses import replace

from hubeval.methods.readings.outcomes import downstream
from hubeval.protocol import Outcome
from hubeval.result import Estimate


def test_downstream_outcomes_follow_for_better_or_worse_not_up_or_down():
    made = {"term": "ATT", "estimand": "", "unit": "u", "inference": ""}
    fell = Estimate(estimate=-2.0, conf_low=-3.0, conf_high=-1.0, outcome="referrals", **made)
    rose = Estimate(estimate=2.0, conf_low=1.0, conf_high=3.0, outcome="development", **made)
    lower = Outcome(column="r", label="referrals", unit="u", direction="lower is better")
    higher = Outcome(column="d", label="development", unit="u", direction="higher is better", role="downstream")
    both_better = downstream(fell, [rose], (lower, higher))
    assert both_better.status == "pass"
    assert "for better or worse" in both_better.reading
    worse = downstream(fell, [replace(rose, estimate=-2.0, conf_low=-3.0, conf_high=-1.0)], (lower, higher))
    assert "the other way" in worse.reading
    undirected = downstream(fell, [rose], (lower, replace(higher, direction="neither")))
    assert "the other way" in undirected.reading
