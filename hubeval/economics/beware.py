"""What a reader of the pounds must be told, whatever the grade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.economics.flows import mine

if TYPE_CHECKING:
    from hubeval.economics.declared import Benefit, Range, ValueCase


def warnings(case: ValueCase, result: dict[str, Any] | None) -> tuple[str, ...]:
    """Warnings of a case, each where it is true of what is counted for its perspective."""
    benefits, costs = mine(case.benefits, case), mine(case.costs, case)
    said = []
    made_up = [item.label for item in benefits if item.unit_cost.made_up] + [c.label for c in costs if c.made_up]
    if made_up:
        said.append(f"Made-up figures, which stand for no real ones: {', '.join(made_up)}.")
    alone = _undeclared(benefits)
    if alone:
        said.append(
            "More than one outcome is priced, and nothing is said of a cause shared with another for: "
            f"{', '.join(alone)}. Where one leads to the other, the same pound is counted twice. Declare overlaps, or "
            "say why there are none."
        )
    optimism = [item.optimism for item in benefits] + [item.optimism for item in costs]
    said += [
        f"{item.label}: the effect on one place is multiplied to {item.population.mid:g} places, more than the "
        f"{_treated(result)} that were evaluated."
        for item in benefits
        if item.each == "place" and 0 < _treated(result) < item.population.mid
    ]
    removed = [item.label for item in benefits if result is not None and not _nothing(item.deadweight)]
    if removed:
        said.append(f"Deadweight is taken off {', '.join(removed)}, though the comparison has taken it off already.")
    if all(_nothing(item) and not item.source for item in optimism):
        said.append(
            "No correction for optimism was made. hubeval ships none, because the published percentages could "
            "not be confirmed; give yours as 'optimism'."
        )
    return tuple(said)


def _treated(result: dict[str, Any] | None) -> int:
    """How many places had the programme, where the result says it; 0 where not."""
    found = ((result or {}).get("sample") or {}).get("n_treated")
    return found if isinstance(found, int) else 0


def _undeclared(benefits: tuple[Benefit, ...]) -> list[str]:
    """Benefits on an outcome that no declared overlap ties to another outcome's, where several are priced."""
    outcome = {item.label: item.outcome for item in benefits}
    tied = set()
    for item in benefits:
        for other in item.overlaps:
            if outcome.get(other, item.outcome) != item.outcome:
                tied |= {item.outcome, outcome[other]}
    return [item.label for item in benefits if item.outcome not in tied] if len(set(outcome.values())) > 1 else []


def _nothing(item: Range) -> bool:
    return item.mid == 0 and item.certain
