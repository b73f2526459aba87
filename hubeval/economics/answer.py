"""What a value case comes to: a net value where the cause can be relied on, a break-even everywhere.

`NetValue` can only be made from a `Creditable` (grade A or B). A grade C case comes to a `BreakEven` alone, which has
no field for a ratio, a net value or a saving: what is not there cannot be printed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.economics.beware import warnings
from hubeval.economics.breakdown import Breakdown, breakdown
from hubeval.economics.consequences import Consequence, Spent, consequences, spent
from hubeval.economics.decision import Placed, partial_information, perfect_information
from hubeval.economics.effect import effects_of
from hubeval.economics.evidence import require_result
from hubeval.economics.flows import flows, mine
from hubeval.economics.grade import Creditable, Uncreditable, claimed, graded
from hubeval.economics.information import by_error_left, by_payer
from hubeval.economics.sampling import draw
from hubeval.economics.what_if import WhatIf, what_ifs
from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.economics.declared import ValueCase
    from hubeval.economics.effect import Effect
    from hubeval.economics.flows import Flows

    Floats = NDArray[np.float64]

LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Pounds:
    """An amount in pounds of the price year with its interval over draws."""

    point: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NetValue:
    """What the effect is worth, net of what it cost: grades A and B only.

    Attributes
    ----------
    costs, benefits, net : Pounds
        Present values.
    ratio : Pounds
        Pounds of benefit for each pound of cost.
    cashable : Pounds
        The part of the benefits that leaves a budget.
    chance : float
        Share of draws in which the net value is above zero.
    by_payer : dict
        Present value of costs and benefits by perspective, at the point.
    what_ifs : tuple of WhatIf
        One figure at a time, the widest first.
    information, information_on, information_by : float, dict, dict
        Expected value of perfect information, on everything, on one figure, and on everything to one payer.
    information_if : dict
        Expected value of a study that leaves this share of today's error of the effects.
    breakdown : Breakdown or None
        Grade B: the departure from the design's assumption at which the net value may be zero.
    """

    costs: Pounds
    benefits: Pounds
    net: Pounds
    ratio: Pounds
    cashable: Pounds
    chance: float
    by_payer: dict[str, dict[str, float]]
    what_ifs: tuple[WhatIf, ...]
    information: float
    information_on: dict[str, float]
    information_by: dict[str, float]
    information_if: dict[float, float]
    breakdown: Breakdown | None
    net_draws: Floats
    cost_draws: Floats
    number: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """How large the effect would have to be for benefits to equal costs, all other figures at their middle.

    Attributes
    ----------
    share : float or None
        The share of the effect found at which benefits equal costs; None where no size does, and at grade C: there it
        would be a return on investment upside down.
    needed : dict
        That size by outcome, as a change for the better in the outcome's unit.
    entered : dict
        The effect entered, likewise. A claim is named so wherever it stands.
    costs : float
        Present value of what must be made good.
    """

    share: float | None
    needed: dict[str, float]
    entered: dict[str, float]
    units: dict[str, str]
    costs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A value case, answered."""

    case: ValueCase
    grade: Creditable | Uncreditable
    break_even: BreakEven
    net: NetValue | None
    cost_per_family: dict[str, float]
    number: dict[str, Pounds]
    spent: tuple[Spent, ...]
    warnings: tuple[str, ...]
    law: dict[str, str]
    consequences: tuple[Consequence, ...] = ()
    options: tuple[Placed, ...] = ()
    detectable: str = ""
    result_sha256: str = ""


def value(
    case: ValueCase, result: dict[str, Any] | None = None, *, sha256: str = "", beware: tuple[str, ...] = ()
) -> Answer:
    """Answer a value case with the effects of an evaluation, or with its own claims.

    Parameters
    ----------
    case : ValueCase
        From `hubeval.economics.read_value`.
    result : dict, optional
        A `result.json`, read. Without it the case's ``[[claims]]`` are used, and only a break-even can be given.
    sha256 : str
        The hash of the result's file.
    beware : tuple of str
        What else a reader must be told, before what the case itself calls for.

    Raises
    ------
    BadInput
        Neither a result nor claims, both, what is no released result, an effect the benefits cannot use, or figures
        too large to be counted.
    """
    wanted = {benefit.outcome: benefit.unit for benefit in mine(case.benefits, case)}
    if result is None:
        return _from_claims(case, wanted)
    if case.claims:
        raise BadInput(
            [
                Problem(
                    "claims",
                    "a result is given too",
                    "one of them",
                    "Leave the claims out: an evaluated effect needs none.",
                )
            ]
        )
    require_result(result)
    effects = effects_of(result, wanted)
    grade = graded(result, effects)
    even = break_even(case, {name: effect.gain for name, effect in effects.items()}, wanted)
    even = even if isinstance(grade, Creditable) else replace(even, share=None)
    net = net_value(case, grade, result) if isinstance(grade, Creditable) else None
    return Answer(
        case=case, grade=grade, break_even=even, net=net, cost_per_family=_families(case, even.costs),
        number=_numbers(case, grade) if isinstance(grade, Creditable) else {},
        warnings=(*beware, *warnings(case, result)),
        law={name: effect.law.words for name, effect in effects.items() if net is not None},
        detectable=_detectable(result), result_sha256=sha256, spent=spent(case),
        consequences=consequences(case, result) if net is not None else (),
    )  # fmt: skip


def net_value(case: ValueCase, grade: Creditable, result: dict[str, Any]) -> NetValue:
    """What creditable effects are worth, with everything that is uncertain drawn together."""
    drawn = draw(case, grade.effects)
    spread, point = flows(case, drawn.gains, drawn.figures), _point(case, grade.effects)
    ratio = spread.benefit / spread.cost
    varying = {name: values for name, values in drawn.figures.items() if values.std() > 0}
    known = {**{f"effect on {name}": gain for name, gain in drawn.gains.items()}, **varying}
    return NetValue(
        costs=_pounds(point.cost, spread.cost),
        benefits=_pounds(point.benefit, spread.benefit),
        net=_pounds(point.net, spread.net),
        ratio=_pounds(point.benefit / point.cost, ratio),
        cashable=_pounds(_cashable(point), _cashable(spread)),
        chance=float((spread.net > 0).mean()),
        by_payer=_by_payer(point),
        what_ifs=what_ifs(case, grade.effects),
        information=perfect_information(spread.net),
        information_on={name: partial_information(spread.net, values) for name, values in known.items()},
        information_by=by_payer(case, drawn),
        information_if=by_error_left(case, drawn),
        breakdown=breakdown(case, grade.effects, result) if grade.letter == "B" else None,
        net_draws=spread.net,
        cost_draws=spread.cost,
        number=_first_number(spread),
    )


def break_even(case: ValueCase, gains: dict[str, float], units: dict[str, str]) -> BreakEven:
    """The size of the effects at which benefits equal costs; benefits grow in proportion to them."""
    at = flows(case, gains)
    cost, benefit = float(at.cost), float(at.benefit)
    unit = {name: abs(gain) or 1.0 for name, gain in gains.items()}
    whole = float(flows(case, unit).benefit)
    scale = cost / whole if whole > 0 else None
    return BreakEven(
        share=cost / benefit if benefit > 0 else None,
        needed={name: size * scale for name, size in unit.items()} if scale is not None else {},
        entered=dict(gains), units=dict(units), costs=cost,
    )  # fmt: skip


def _from_claims(case: ValueCase, wanted: dict[str, str]) -> Answer:
    if not case.claims:
        raise BadInput(
            [
                Problem(
                    "--result",
                    "none given, and the case makes no [[claims]]",
                    "a result.json",
                    "Give --result, or state what is claimed and why.",
                )
            ]
        )
    stated = {claim.outcome: claim for claim in case.claims}
    problems = [
        Problem("claims", f"none on {name!r}", "one for each outcome valued", "Add it.")
        for name in wanted
        if name not in stated
    ]
    problems += [
        Problem("claims", f"{name!r} is in {stated[name].unit!r}, the benefit in {unit!r}", "one unit", "Correct it.")
        for name, unit in wanted.items()
        if name in stated and stated[name].unit != unit
    ]
    if problems:
        raise BadInput(problems)
    even = break_even(case, {name: stated[name].estimate for name in wanted}, wanted)
    even = replace(even, share=None)
    return Answer(
        case=case,
        grade=claimed(case.claims),
        break_even=even,
        net=None,
        spent=spent(case),
        number={},
        law={},
        cost_per_family=_families(case, even.costs),
        warnings=warnings(case, None),
    )


def _point(case: ValueCase, effects: dict[str, Effect]) -> Flows:
    return flows(case, {name: effect.gain for name, effect in effects.items()})


def _first_number(at: Flows) -> Floats:
    number = at.benefits[0].number
    assert number is not None
    return np.asarray(number.sum(axis=0))


def _pounds(point: Any, draws: Floats) -> Pounds:
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Pounds(point=float(point), low=float(low), high=float(high))


def _cashable(at: Flows) -> Floats:
    return np.asarray(sum(flow.cashable.sum(axis=0) for flow in at.benefits if flow.cashable is not None))


def _numbers(case: ValueCase, grade: Creditable) -> dict[str, Pounds]:
    """How many of each thing, over all years and not discounted, with the interval."""
    drawn = draw(case, grade.effects)
    spread, point = flows(case, drawn.gains, drawn.figures), _point(case, grade.effects)
    pairs = zip(point.benefits, spread.benefits, strict=True)
    return {
        one.label: _pounds(one.number.sum(), many.number.sum(axis=0))
        for one, many in pairs
        if one.number is not None and many.number is not None
    }


def _by_payer(at: Flows) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {}
    for side, items in (("costs", at.costs), ("benefits", at.benefits)):
        for flow in items:
            row = table.setdefault(flow.perspective, {"costs": 0.0, "benefits": 0.0, "cashable": 0.0})
            row[side] += float(flow.present)
            row["cashable"] += float(flow.cashable.sum()) if flow.cashable is not None else 0.0
    return table


def _families(case: ValueCase, costs: float) -> dict[str, float]:
    if case.families is None:
        return {}
    return {"family reached": costs / case.families.reached, "family helped": costs / case.families.helped}


def _detectable(result: dict[str, Any]) -> str:
    """What the evaluation says of the smallest effect it could have found, in its own words."""
    asked = [*result["diagnostics"], *result["probes"]]
    return next((item["reading"] for item in asked if "smallest detectable" in item["name"].casefold()), "")
