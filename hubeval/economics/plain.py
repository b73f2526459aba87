"""A value case as plain values: every pound with the unit cost, year, source, grade and adjustments it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.economics.flows import SHARES, flows
from hubeval.economics.rates import factors, schedule
from hubeval.economics.words import headline

if TYPE_CHECKING:
    from hubeval.economics.answer import Answer, NetValue

SCHEMA = "hubeval-value/1"


def to_dict(answer: Answer) -> dict[str, Any]:
    """The canonical answer. At grade C no key holds a net value, a ratio or a benefit in pounds."""
    case, grade, net = answer.case, answer.grade, answer.net
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "title": case.title,
        "area": case.area,
        "headline": headline(answer),
        "grade": {"letter": grade.letter, "reasons": list(grade.reasons)},
        "effects": {name: {"unit": effect.unit, "estimate": effect.law.estimate, "conf_low": effect.law.low,
                           "conf_high": effect.law.high, "law": effect.law.words}
                    for name, effect in grade.effects.items()},
        "claims": files.plain(case.claims),
        "break_even": files.plain(answer.break_even),
        "cost_per": answer.cost_per_family,
        "costs": _costs(answer),
        "options": files.plain(answer.options),
        "spent": files.plain(answer.spent),
        "warnings": list(answer.warnings),
        "price_year": case.price_year,
        "schedule": files.plain(schedule(case.schedule)),
        "discount_factors": factors(case.schedule, case.horizon).tolist(),
        "deflated": case.deflated,
        "deflators_source": case.deflators_source,
        "files_sha256": case.read,
        "provenance": {"case_sha256": case.sha256, "result_sha256": answer.result_sha256, "seed": case.seed,
                       "draws": case.draws},
    }  # fmt: skip
    return made | _priced(answer, net) if net is not None else made


_NET = (
    "costs", "benefits", "net", "ratio", "cashable", "chance", "by_payer", "what_ifs", "information", "information_on",
    "information_by", "information_if", "breakdown",
)  # fmt: skip


def _priced(answer: Answer, net: NetValue) -> dict[str, Any]:
    """What is only there where the cause can be relied on."""
    return {
        "consequences": files.plain(answer.consequences),
        "number": files.plain(answer.number),
        "benefits": _benefits(answer),
        "net_value": {key: files.plain(getattr(net, key)) for key in _NET},
    }


def _benefits(answer: Answer) -> list[dict[str, Any]]:
    """Each benefit's pounds by year and everything that made them."""
    at = flows(answer.case, {name: effect.gain for name, effect in answer.grade.effects.items()})
    declared = {item.label: item for item in answer.case.benefits}
    rows = []
    for flow in at.benefits:
        item = declared[flow.label]
        assert flow.number is not None
        rows.append({
            "label": flow.label, "outcome": item.outcome, "perspective": flow.perspective, "kind": flow.kind,
            "number_by_year": flow.number.tolist(), "pounds_by_year": flow.pounds.tolist(),
            "present_value": float(flow.present), "unit_cost": files.plain(item.unit_cost),
            "deflated_by": answer.case.deflated.get(item.unit_cost.year, 1.0),
            "population": files.plain(item.population), "per": item.per, "periods_per_year": item.periods_per_year,
            "adjusted_by": {name: files.plain(getattr(item, name)) for name in SHARES}, "overlaps": list(item.overlaps),
        })  # fmt: skip
    return rows


def _costs(answer: Answer) -> list[dict[str, Any]]:
    at = flows(answer.case, dict.fromkeys((item.outcome for item in answer.case.benefits), 0.0))
    declared = {item.label: item for item in answer.case.costs}
    return [
        {"label": flow.label, "pounds_by_year": flow.pounds.tolist(), "present_value": float(flow.present),
         "deflated_by": answer.case.deflated.get(declared[flow.label].year, 1.0), **files.plain(declared[flow.label])}
        for flow in at.costs
    ]  # fmt: skip
