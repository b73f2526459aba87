"""What a value case comes to, as formulas: a break-even always, a net value where the cause can be relied on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.economics.flows import mine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.economics import Answer
    from hubeval.economics.answer import NetValue, Pounds
    from hubeval.report.office.live import LiveSheet

_DRAWN = "The interval is of draws (value.json), not of these formulas."


def summary_sheet(sheet: LiveSheet, answer: Answer, refs: dict[str, str]) -> None:
    """Write the sheet from the references of the others."""
    case = answer.case
    sheet.line("What it comes to", "title")
    sheet.line(f"Present values in pounds of {case.price_year}.")
    sheet.head(("What", "Value", "95% low", "95% high", "Note"))
    costs = [refs[f"{cost.label}: paid"] for cost in mine(case.costs, case)]
    cost = _line(sheet, "Costs", _sum(costs), answer.break_even.costs, answer.net.costs if answer.net else None)
    if answer.net is not None:
        _net(sheet, answer, answer.net, refs, cost)
    sheet.row += 1
    _break_even(sheet, answer, refs, cost)
    for what, each in answer.cost_per_family.items():
        key = "families reached" if what == "family reached" else "families helped"
        _line(sheet, f"Cost for each {what}", f"{cost}/{refs[key]}", each)


def _net(sheet: LiveSheet, answer: Answer, net: NetValue, refs: dict[str, str], cost: str) -> None:
    """Only a `NetValue` gets here: there is none at grade C."""
    benefits = mine(answer.case.benefits, answer.case)
    gains = _line(sheet, "Benefits", _sum([refs[f"{b.label}: benefit"] for b in benefits]), net.benefits.point,
                  net.benefits, _DRAWN)  # fmt: skip
    leaves = _sum([refs[f"{item.label}: leaves"] for item in benefits])
    _line(sheet, "of which leaves a budget", leaves, net.cashable.point, net.cashable)
    _line(sheet, "Net present value", f"{gains}-{cost}", net.net.point, net.net)
    _line(sheet, "Benefit for each £1 of cost", f"{gains}/{cost}", net.ratio.point, net.ratio)
    sheet.row += 1
    sheet.head(("Who pays and who gains", "Pays", "Gains", "of it cashable"))
    for who, row in net.by_payer.items():
        sheet.text(0, who)
        paid = [refs[f"{c.label}: paid"] for c in mine(answer.case.costs, answer.case) if c.perspective == who]
        own = [item.label for item in benefits if item.perspective == who]
        sheet.formula(1, _sum(paid), row["costs"])
        sheet.formula(2, _sum([refs[f"{label}: benefit"] for label in own]), row["benefits"])
        sheet.formula(3, _sum([refs[f"{label}: leaves"] for label in own]), row["cashable"])
        sheet.row += 1


def _break_even(sheet: LiveSheet, answer: Answer, refs: dict[str, str], cost: str) -> None:
    even, benefits = answer.break_even, mine(answer.case.benefits, answer.case)
    sheet.head(("How large the change for the better would have to be", "Needed", "", "", "Unit"))
    if not even.needed:
        sheet.line("No size of effect would make benefits equal costs with these figures.")
        return
    size = {name: f"IF({refs[f'effect on {name}']}=0,1,ABS({refs[f'effect on {name}']}))" for name in even.entered}
    worth = "+".join(f"{size[item.outcome]}*{refs[f'{item.label}: worth of 1']}" for item in benefits)
    for name, needed in even.needed.items():
        sheet.text(0, name)
        sheet.formula(1, f"{size[name]}*{cost}/({worth})", needed, money=False)
        sheet.text(4, even.units[name])
        sheet.row += 1


def _line(
    sheet: LiveSheet, what: str, formula: str, value: float, spread: Pounds | None = None, note: str = ""
) -> str:
    sheet.text(0, what)
    ref = sheet.formula(1, formula, value)
    if spread is not None:
        sheet.number(2, spread.low)
        sheet.number(3, spread.high)
    sheet.text(4, note)
    sheet.row += 1
    return ref


def _sum(refs: Sequence[str]) -> str:
    return "+".join(refs) if refs else "0"
