"""What a value.toml declares, checked: every slip that would be a wrong number is one line with its place and cure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hubeval.economics.decision import NOTHING
from hubeval.economics.declared import Benefit, Range
from hubeval.economics.units import disagrees, per_of
from hubeval.errors import listed

if TYPE_CHECKING:
    from hubeval.economics.declared import Cost, ValueCase
    from hubeval.errors import Door

RANGES = ("population", "take_up", "attribution", "deadweight", "decay", "optimism", "overlap", "cashable")
_SHARES = frozenset(RANGES) - {"population"}
_MOST_DRAWN = 20_000_000  # draws times years: beyond it, gigabytes
_LEAST_POUNDS, _MOST_POUNDS, _MOST_PEOPLE = 0.01, 1e12, 1e10


def check(case: ValueCase, door: Door) -> None:
    """Refuse at the door everything of a case that would be a wrong number."""
    for benefit in case.benefits:
        _check_benefit(benefit, case, door)
    for cost in case.costs:
        _check_cost(cost, case, door)
    if not 1 <= case.horizon <= 125:
        door.refuse("horizon", f"found {case.horizon}", "1 to 125 years", "Say how long is counted.")
    if not 1_000 <= case.draws <= 1_000_000:
        door.refuse("draws", f"found {case.draws}", "1,000 to 1,000,000", "Correct it.")
    if case.draws * case.horizon > _MOST_DRAWN:
        most = _MOST_DRAWN // max(case.horizon, 1)
        door.refuse("draws", f"found {case.draws:,} over {case.horizon} years", f"at most {most:,}", "Draw fewer.")
    if case.seed < 0:
        door.refuse("seed", f"found {case.seed}", "0 or more", "Correct it.")
    _check_beside(case, door)
    _check_whole(case, door)
    _check_labels(case, door)
    _check_once(case, door)


def _check_cost(cost: Cost, case: ValueCase, door: Door) -> None:
    where = f"costs ({cost.label})"
    _check_money(where, cost.amount, cost.low, cost.high, cost.year, cost.source, door)
    _check_share(f"{where}: optimism", cost.optimism, door)
    if len(set(cost.years)) < len(cost.years):
        door.refuse(f"{where}: years", "a year stands twice", "each year once", "Double the amount, or drop one.")
    if not cost.years or any(not 0 <= year < case.horizon for year in cost.years):
        door.refuse(f"{where}: years", f"found {list(cost.years)}", f"years 0 to {case.horizon - 1}", "Correct it.")


def _check_beside(case: ValueCase, door: Door) -> None:
    """What stands beside benefits and costs: a study, claims, families."""
    if case.study and not (math.isfinite(case.study.cost) and case.study.cost > 0):
        door.refuse("study.cost", f"found {case.study.cost}", "more than 0", "Say what the study would cost.")
    labels = [NOTHING, case.title, *(option.label for option in case.options)]
    for option in case.options:
        if labels.count(option.label) > 1 or not option.label.strip():
            door.refuse("options.label", f"{option.label!r} stands twice, is empty or is the case's own title",
                        "a label each", "Rename it.")  # fmt: skip
    for claim in case.claims:
        if not abs(claim.estimate) <= _MOST_POUNDS:
            door.refuse(f"claims ({claim.outcome})", "the estimate is beyond all reason", "a number", "Correct it.")
        if not claim.source.strip():
            door.refuse(f"claims ({claim.outcome}): source", "is empty", "who claims it", "Say on whose word.")
    by_year = case.families.reached_by_year if case.families else ()
    if by_year and (len(by_year) != case.horizon or not all(0 <= one <= _MOST_PEOPLE for one in by_year)):
        door.refuse("families.reached_by_year", f"holds {len(by_year)} numbers, or one below 0",
                    f"a number for each of {case.horizon} years", "Give one a year, 0 where none.")  # fmt: skip
    if case.families and not 0 < case.families.helped <= case.families.reached:
        door.refuse("families", "more families helped than reached, or none", "0 < helped ≤ reached", "Correct it.")


def _check_whole(case: ValueCase, door: Door) -> None:
    """What only the whole case shows: nothing counted twice, and somebody who pays."""
    if not case.costs:
        door.refuse("costs", "none declared", "at least one [[costs]] table", "Value for money needs what it cost.")
    if not case.benefits:
        door.refuse("benefits", "none declared", "at least one [[benefits]] table", "Say what the effect is worth.")
    whose = case.perspective
    if whose != "all" and case.costs and all(cost.perspective != whose for cost in case.costs):
        door.refuse(
            "perspective",
            f"{whose!r} bears none of the costs",
            "somebody who pays",
            'Give its costs, or choose perspective = "all".',
        )
    if whose != "all" and case.benefits and all(benefit.perspective != whose for benefit in case.benefits):
        door.refuse("perspective", f"{whose!r} gains none of the benefits", "somebody who gains",
                    'Give its benefits, or choose perspective = "all".')  # fmt: skip
    units: dict[str, set[str]] = {}
    for benefit in case.benefits:
        units.setdefault(benefit.outcome, set()).add(" ".join(benefit.unit.casefold().split()))
    for outcome, said in units.items():
        if len(said) > 1:
            door.refuse("benefits.unit", f"{outcome!r} is in {listed(sorted(said))}", "one unit", "Correct it.")


def _check_once(case: ValueCase, door: Door) -> None:
    """No outcome counted twice for one payer, and every overlap between benefits that are there."""
    seen: dict[tuple[str, str, str], str] = {}
    labels = [benefit.label for benefit in case.benefits]
    for benefit in case.benefits:
        key = (" ".join(benefit.outcome.casefold().split()), benefit.perspective, benefit.kind)
        if key in seen:
            door.refuse(
                "benefits",
                f"{seen[key]!r} and {benefit.label!r} count the same outcome for the same payer twice",
                "each outcome once for each payer and kind",
                "Leave one out.",
            )
        seen[key] = benefit.label
        _check_overlaps(benefit, labels, door)


def _check_overlaps(benefit: Benefit, labels: list[str], door: Door) -> None:
    missing = [name for name in benefit.overlaps if name not in labels]
    if missing:
        door.refuse(
            f"benefits ({benefit.label}): overlaps",
            f"no benefit {missing[0]!r}",
            listed(labels),
            "Name benefits by their labels.",
        )
    if benefit.label in benefit.overlaps:
        door.refuse(f"benefits ({benefit.label}): overlaps", "names itself", "other benefits", "Leave it out.")
    if benefit.overlap.mid > 0 and not benefit.overlaps:
        door.refuse(f"benefits ({benefit.label}): overlap", "takes away what no other is said to count",
                    "overlaps with it", 'Name the benefits that count it: overlaps = ["…"].')  # fmt: skip
    if benefit.overlaps and benefit.overlap.mid == 0:
        door.refuse(
            f"benefits ({benefit.label}): overlap",
            "shares a cause and takes nothing away",
            "a share above 0",
            "Say what share of it the others count already: overlap = { mid = …, source = … }.",
        )


def _check_labels(case: ValueCase, door: Door) -> None:
    labels = [*(benefit.label for benefit in case.benefits), *(cost.label for cost in case.costs)]
    named = [label.strip().casefold() for label in labels]
    for label in dict.fromkeys(labels):
        if not label.strip() or not label.isprintable():
            door.refuse("label", "is empty or cannot be printed", "a name for each benefit and cost", "Name it.")
        elif named.count(label.strip().casefold()) > 1:
            door.refuse("label", f"{label!r} stands twice", "a label of its own for each", "Rename one.")


def _check_benefit(benefit: Benefit, case: ValueCase, door: Door) -> None:
    where, cost = f"benefits ({benefit.label})", benefit.unit_cost
    _check_money(f"{where}: unit_cost", cost.amount, cost.low, cost.high, cost.year, cost.source, door)
    if cost.per.strip().casefold() != benefit.counted.strip().casefold():
        door.refuse(
            f"{where}: unit_cost.per",
            f"is per {cost.per!r}, and the effect counts {benefit.counted!r}",
            "the same thing",
            "A cost of one thing cannot price another: find the cost of what is counted.",
        )
    for key in RANGES:
        item: Range = getattr(benefit, key)
        if key in _SHARES:
            _check_share(f"{where}: {key}", item, door)
        if key in _SHARES and item != Benefit.__dataclass_fields__[key].default and not item.source.strip():
            door.refuse(f"{where}: {key}", "has no source", 'source = "…"', "Say on whose word, or 'our judgement'.")
    if not benefit.population.source.strip() or not benefit.population.mid > 0:
        door.refuse(f"{where}: population", "is not above 0, or has no source", "mid and source", "Give both.")
    people = benefit.population
    _ordered(f"{where}: population", people.low, people.mid, people.high, door)
    _bounded(f"{where}: population", (people.low, people.mid, people.high), _MOST_PEOPLE, door)
    _check_each(where, benefit, door)
    wrong = disagrees(benefit.unit, benefit.per, benefit.periods_per_year)
    for name in ("per", "periods_per_year"):
        if not 0 < getattr(benefit, name) <= _MOST_PEOPLE:
            door.refuse(f"{where}: {name}", f"found {getattr(benefit, name)}", "more than 0", "Correct it.")
    for name, found, allowed in wrong:
        door.refuse(f"{where}: {name}", found, allowed, "Say in both the same, or the number comes out many times off.")
    if not 0 <= benefit.first_year < case.horizon or not 1 <= benefit.years <= case.horizon - benefit.first_year:
        door.refuse(
            f"{where}: first_year, years",
            f"found {benefit.first_year}, {benefit.years}",
            f"a first year of 0 to {case.horizon - 1}, and at least one year within the horizon of {case.horizon}",
            "Correct it.",
        )


def _check_each(where: str, benefit: Benefit, door: Door) -> None:
    """A count of a whole place times its people would be wrong by as many times as there are people."""
    said = per_of(benefit.unit)
    if said is None and not benefit.each:
        found = f"is missing, and {benefit.unit!r} does not say for how many the effect is"
        cure = 'Write each = "person" for an average over people, each = "place" for a count of a whole place.'
        door.refuse(f"{where}: each", found, '"person" or "place"', cure)
    elif said is not None and benefit.each:
        door.refuse(f"{where}: each", f"does not apply: {benefit.unit!r} says it", "", "Leave it out.")
    if said is None and benefit.per != 1:
        found = f"is {benefit.per:.10g}, and {benefit.unit!r} is not per so many"
        door.refuse(f"{where}: per", found, "1", "Correct it.")


def _check_money(
    where: str, amount: float, low: float | None, high: float | None, year: str, source: str, door: Door
) -> None:
    if not (math.isfinite(amount) and amount >= _LEAST_POUNDS):
        allowed = f"pounds, more than 0 and at least £{_LEAST_POUNDS}"
        door.refuse(where, f"found {amount}", allowed, "Give the amount as a positive number.")
    if not year.strip():
        door.refuse(f"{where}.year", "is empty", "the year of its prices", "Say in which year's prices it is.")
    if not source.strip():
        door.refuse(f"{where}.source", "is empty", "where it can be read", "Say on whose word.")
    _ordered(where, low, amount, high, door)
    _bounded(where, (low, amount, high), _MOST_POUNDS, door)


def _bounded(where: str, values: tuple[float | None, ...], most: float, door: Door) -> None:
    """No end of a range below 0, which would turn a cost into a gain, and none beyond all reason."""
    if any(value is not None and not 0 <= value <= most for value in values):
        door.refuse(where, "a value is below 0 or beyond all reason", f"0 to {most:,.0f}", "Correct it.")


def _check_share(where: str, item: Range, door: Door) -> None:
    if any(value is not None and not 0 <= value <= 1 for value in (item.mid, item.low, item.high)):
        door.refuse(where, "is outside 0 to 1", "a share from 0 to 1", "Write 15% as 0.15.")
    _ordered(where, item.low, item.mid, item.high, door)


def _ordered(where: str, low: float | None, mid: float, high: float | None, door: Door) -> None:
    if (low is None) != (high is None):
        door.refuse(where, "gives one end of a range", "both low and high, or neither", "Give the other end too.")
    elif low is not None and high is not None and not (math.isfinite(high - low) and low <= mid <= high):
        door.refuse(where, f"found {low} to {high} around {mid}", "low ≤ mid ≤ high", "Put them in order.")
