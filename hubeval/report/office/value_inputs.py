"""The inputs of a value case as rows of one sheet: every figure with its range, unit, year, source and grade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubeval.economics.flows import SHARES, mine
from hubeval.economics.rates import rates_by_year, schedule

if TYPE_CHECKING:
    from hubeval.economics import Answer
    from hubeval.economics.declared import Benefit, Cost, UnitCost, ValueCase
    from hubeval.report.office.live import LiveSheet

COLUMNS = ("Figure", "Value", "Low", "High", "Unit", "Prices of", "Source", "Source's own grade", "Page", "Made up")
WIDTHS = (52, 16, 14, 14, 26, 11, 48, 11, 9, 9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure; `key` is what formulas ask for it by."""

    key: str
    value: float
    unit: str = ""
    low: float | None = None
    high: float | None = None
    year: str = ""
    source: str = ""
    grade: str = ""
    page: str = ""
    made_up: bool = False


def inputs_sheet(sheet: LiveSheet, answer: Answer) -> dict[str, str]:
    """Write the sheet; the reference of each figure by its key."""
    case, refs = answer.case, {}
    sheet.line("Inputs: every figure that the other sheets rest on", "title")
    sheet.line("Change a value here and the other sheets follow. Ranges are for Python's draws: no formula reads them.")
    sheet.head(COLUMNS)
    for row in (*_effects(answer), *_benefits(case), *_costs(case), *_families(case)):
        refs[row.key] = _write(sheet, row)
    sheet.row += 1
    sheet.line("By year (the first is year 0)", "title")
    sheet.head(("What", *(f"Year {year}" for year in range(case.horizon))))
    sheet.text(0, f"Discount rate: {schedule(case.schedule).label}. {schedule(case.schedule).source}")
    for year, rate in enumerate(rates_by_year(case.schedule, case.horizon)):
        refs[f"rate {year}"] = sheet.number(1 + year, rate)
    sheet.row += 1
    for cost in mine(case.costs, case):
        sheet.text(0, f"{cost.label}: spent in the year (1) or not (0)")
        for year in range(case.horizon):
            refs[f"{cost.label}: spent {year}"] = sheet.number(1 + year, int(year in cost.years))
        sheet.row += 1
    return refs


def _write(sheet: LiveSheet, row: Row) -> str:
    sheet.text(0, row.key)
    ref = sheet.number(1, row.value)
    for column, end in ((2, row.low), (3, row.high)):
        if end is not None:
            sheet.number(column, end)
    words = (row.unit, row.year, row.source, row.grade, row.page, "made up" if row.made_up else "")
    for column, said in enumerate(words, start=4):
        sheet.text(column, said)
    sheet.row += 1
    return ref


def _effects(answer: Answer) -> list[Row]:
    """What was found, as a change for the better; at grade C what was entered, and that nothing is priced by it."""
    made = []
    for name, gain in answer.break_even.entered.items():
        effect, low, high = answer.grade.effects.get(name), None, None
        if answer.net is not None and effect is not None:
            low, high = sorted((effect.sign * effect.law.low, effect.sign * effect.law.high))
            source = f"result.json, drawn from {effect.law.words}"
        else:
            source = "entered, not relied on as a cause: it only says how several outcomes stand to each other"
        made.append(Row(key=f"effect on {name}", value=gain, low=low, high=high, source=source,
                        unit=f"{answer.break_even.units[name]}, change for the better"))  # fmt: skip
    return made


def _benefits(case: ValueCase) -> list[Row]:
    made = []
    for item in mine(case.benefits, case):
        made += [_money(item.unit_cost, item, case), *_sizes(item)]
        for name in SHARES:
            figure = getattr(item, name)
            made.append(Row(key=f"{item.label}: {name.replace('_', '-')}", value=figure.mid, low=figure.low,
                            high=figure.high, unit="share", source=figure.source))  # fmt: skip
        made.append(_deflator(item.label, item.unit_cost.year, case))
    return made


def _sizes(item: Benefit) -> list[Row]:
    people = item.population
    return [
        Row(key=f"{item.label}: population", value=people.mid, low=people.low, high=people.high, source=people.source),
        Row(key=f"{item.label}: per", value=item.per, unit="as in the effect's unit"),
        Row(key=f"{item.label}: periods a year", value=item.periods_per_year),
        Row(key=f"{item.label}: first year", value=float(item.first_year)),
        Row(key=f"{item.label}: years in full", value=float(item.years)),
    ]


def _money(cost: UnitCost, item: Benefit, case: ValueCase) -> Row:
    return Row(key=f"{item.label}: unit cost", value=cost.amount, low=cost.low, high=cost.high,
               unit=f"£ per {cost.per}", year=cost.year or case.price_year, source=cost.source, grade=cost.grade,
               page=cost.page, made_up=cost.made_up)  # fmt: skip


def _costs(case: ValueCase) -> list[Row]:
    made = []
    for item in mine(case.costs, case):
        made += [_paid(item), _deflator(item.label, item.year, case)]
        made.append(Row(key=f"{item.label}: optimism", value=item.optimism.mid, low=item.optimism.low,
                        high=item.optimism.high, unit="share", source=item.optimism.source))  # fmt: skip
    return made


def _paid(item: Cost) -> Row:
    return Row(key=f"{item.label}: cost", value=item.amount, low=item.low, high=item.high,
               unit=f"£ a year, {item.kind}", year=item.year, source=item.source, made_up=item.made_up)  # fmt: skip


def _deflator(label: str, year: str, case: ValueCase) -> Row:
    source = case.deflators_source if year in case.deflated else "in the prices of the price year"
    unit = f"£ of {case.price_year} for £1 of {year}"
    return Row(key=f"{label}: price base", value=case.deflated.get(year, 1.0), unit=unit, source=source)


def _families(case: ValueCase) -> list[Row]:
    if case.families is None:
        return []
    made = (("families reached", case.families.reached), ("families helped", case.families.helped))
    return [Row(key=key, value=value, source=case.families.source) for key, value in made]
