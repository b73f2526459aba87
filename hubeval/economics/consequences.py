"""Costs beside everything that was found, priced or not; and what was spent in each year, by family reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hubeval.economics.flows import flows, mine
from hubeval.economics.rates import factors

if TYPE_CHECKING:
    from hubeval.economics.declared import ValueCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """One outcome of the evaluation beside the costs: its effect as reported, which way it went, if it is priced."""

    outcome: str
    unit: str
    estimate: float
    low: float | None
    high: float | None
    went: str
    priced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent in one year, in prices of the price year and not discounted, and on how many families."""

    year: int
    cost: float
    reached: float | None
    each: float | None


def consequences(case: ValueCase, result: dict[str, Any]) -> tuple[Consequence, ...]:
    """The headline effect on each outcome but placebos, in the result's order."""
    declared = {outcome["label"]: outcome for outcome in result["protocol"]["outcomes"]}
    priced = {item.outcome for item in mine(case.benefits, case)}
    made: dict[str, Consequence] = {}
    for term in result["headline_terms"]:
        name = term["outcome"]
        if name in made or name not in declared or declared[name]["role"] == "placebo" or term["estimate"] is None:
            continue
        made[name] = Consequence(
            outcome=name, unit=term["unit"], estimate=term["estimate"], low=term["conf_low"], high=term["conf_high"],
            went=_went(term, declared[name]["direction"]), priced=name in priced,
        )  # fmt: skip
    return tuple(made.values())


def spent(case: ValueCase) -> tuple[Spent, ...]:
    """Costs by year; with ``reached_by_year`` the cost of each family reached in that year."""
    at = flows(case, dict.fromkeys((item.outcome for item in mine(case.benefits, case)), 0.0))
    rate = factors(case.schedule, case.horizon)
    reached = case.families.reached_by_year if case.families is not None else ()
    rows = []
    for year in range(case.horizon):
        cost = float(sum(flow.pounds[year] for flow in at.costs) / rate[year])
        served = reached[year] if reached else None
        rows.append(Spent(year=year, cost=cost, reached=served, each=cost / served if served else None))
    return tuple(rows)


def _went(term: dict[str, Any], direction: str) -> str:
    low, high = term["conf_low"], term["conf_high"]
    if low is None or high is None:
        return "not known: no interval"
    if low <= 0 <= high:
        return "not settled"
    if direction == "neither":
        return "up" if low > 0 else "down"
    return "better" if (low > 0) == (direction == "higher is better") else "worse"
