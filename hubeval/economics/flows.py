"""From effects to pounds, year by year: one function for the point estimate, every draw and every what-if.

Follows HM Treasury's Green Book: constant prices, yearly discounting from year 0, who pays and who gains kept apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from hubeval.economics.declared import Benefit, Cost, Range, UnitCost
from hubeval.economics.rates import factors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hubeval.economics.declared import ValueCase

    Floats = NDArray[np.float64]
    Number = float | Floats

_T = TypeVar("_T", Benefit, Cost)
SHARES = ("take_up", "attribution", "deadweight", "decay", "optimism", "overlap", "cashable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One benefit or cost, discounted: pounds of the price year by year, (years,) or (years, draws)."""

    label: str
    perspective: str
    kind: str
    pounds: Floats
    number: Floats | None = None
    cashable: Floats | None = None

    @property
    def present(self) -> Floats:
        """Its present value: one number, or one for each draw."""
        return np.asarray(self.pounds.sum(axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """All benefits and costs of a case that count for its perspective."""

    benefits: tuple[Flow, ...]
    costs: tuple[Flow, ...]

    @property
    def benefit(self) -> Floats:
        """Present value of all benefits."""
        return np.asarray(sum(flow.present for flow in self.benefits))

    @property
    def cost(self) -> Floats:
        """Present value of all costs."""
        return np.asarray(sum(flow.present for flow in self.costs))

    @property
    def net(self) -> Floats:
        """Net present value."""
        return np.asarray(self.benefit - self.cost)


def figures(case: ValueCase) -> dict[str, Range]:
    """Every figure of a case that may vary, by the name that tables and what-ifs give it.

    Only those that reach the case's perspective are here.
    """
    found: dict[str, Range] = {}
    for benefit in mine(case.benefits, case):
        found[f"{benefit.label}: unit cost"] = _money(benefit.unit_cost)
        found[f"{benefit.label}: population"] = benefit.population
        found |= {f"{benefit.label}: {name.replace('_', '-')}": getattr(benefit, name) for name in SHARES}
    for cost in mine(case.costs, case):
        found[f"{cost.label}: cost"] = _money(cost)
        found[f"{cost.label}: optimism"] = cost.optimism
    return found


def flows(case: ValueCase, gains: Mapping[str, Number], given: Mapping[str, Number] | None = None) -> Flows:
    """Discounted pounds of every benefit and cost.

    Parameters
    ----------
    case : ValueCase
    gains : mapping
        The effect on each outcome as a change for the better, in the outcome's unit: a number, or (draws,).
    given : mapping, optional
        Values of `figures` by name, numbers or (draws,); what is not given is at its middle.

    Returns
    -------
    Flows
    """
    values: dict[str, Number] = {name: item.mid for name, item in figures(case).items()}
    values.update(given or {})
    rate = factors(case.schedule, case.horizon)
    return Flows(
        benefits=tuple(_benefit(item, case, gains[item.outcome], values, rate) for item in mine(case.benefits, case)),
        costs=tuple(_cost(item, case, values, rate) for item in mine(case.costs, case)),
    )


def mine(items: tuple[_T, ...], case: ValueCase) -> tuple[_T, ...]:
    """Those benefits or costs that count for the case's perspective."""
    return tuple(item for item in items if case.perspective in {"all", item.perspective})


def _benefit(item: Benefit, case: ValueCase, gain: Number, values: Mapping[str, Number], rate: Floats) -> Flow:
    share = {name: values[f"{item.label}: {name.replace('_', '-')}"] for name in SHARES}
    keeps = share["take_up"] * share["attribution"] * (1 - np.asarray(share["deadweight"]))
    keeps = keeps * (1 - np.asarray(share["overlap"]))
    year = np.arange(case.horizon) - item.first_year
    past = np.clip(year - item.years + 1, 0, None)
    left = [np.where(y < 0, 0.0, 1.0) * (1 - np.asarray(share["decay"])) ** k for y, k in zip(year, past, strict=True)]
    a_year = np.asarray(gain) / item.per * np.asarray(values[f"{item.label}: population"]) * item.periods_per_year
    number = np.stack([np.asarray(a_year * keeps * one) for one in left])
    pounds = np.asarray(values[f"{item.label}: unit cost"]) * case.deflated.get(item.unit_cost.year, 1.0)
    worth = number * pounds * (1 - np.asarray(share["optimism"])) * _down(rate, number)
    return Flow(
        label=item.label,
        perspective=item.perspective,
        kind=item.kind,
        pounds=worth,
        number=number,
        cashable=worth * np.asarray(share["cashable"]),
    )


def _cost(item: Cost, case: ValueCase, values: Mapping[str, Number], rate: Floats) -> Flow:
    pounds = np.asarray(values[f"{item.label}: cost"]) * case.deflated.get(item.year, 1.0)
    pounds = pounds * (1 + np.asarray(values[f"{item.label}: optimism"]))
    spent = np.stack([pounds * float(year in item.years) for year in range(case.horizon)])
    return Flow(label=item.label, perspective=item.perspective, kind=item.kind, pounds=spent * _down(rate, spent))


def _down(rate: Floats, like: Floats) -> Floats:
    return rate if like.ndim == 1 else rate[:, None]


def _money(item: UnitCost | Cost) -> Range:
    return Range(mid=item.amount, low=item.low, high=item.high, source=item.source)
