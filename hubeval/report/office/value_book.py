"""``value.xlsx``: a value case as a workbook that works itself out, and comes to what Python came to.

Inputs with their sources stand on one sheet, pounds by year on the next, what they come to on the third. Where the
cause cannot be relied on there is no formula that prices an effect: only what each unit of change would be worth, and
how large a change would have to be.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import xlsxwriter

from hubeval.economics.flows import flows, mine
from hubeval.economics.rates import factors
from hubeval.economics.words import GRADES, headline
from hubeval.report.office.live import LiveSheet
from hubeval.report.office.value_inputs import WIDTHS, inputs_sheet
from hubeval.report.office.value_summary import summary_sheet
from hubeval.report.office.workbook import AS_TEXT, Looks
from hubeval.report.office.zipped import repacked

if TYPE_CHECKING:
    from hubeval.economics import Answer
    from hubeval.economics.declared import Benefit, Cost

UNDATED = datetime(1980, 1, 1)  # noqa: DTZ001 - a file holds no zone; a case has no day, and a re-run gives the same
_READ = ("take-up", "attribution", "deadweight", "overlap", "per", "population", "periods a year", "first year",
         "years in full", "decay", "unit cost", "price base", "optimism")  # fmt: skip
FIRST = 4  # the column of year 0 on the sheet by year


def value_xlsx(answer: Answer) -> bytes:
    """The workbook of a value case; the same bytes for the same answer.

    Parameters
    ----------
    answer : Answer
        Released. At grade C the workbook holds a break-even and no more.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(out, AS_TEXT)
    book.set_properties({"title": answer.case.title[:255], "author": "hubeval", "created": UNDATED})
    looks = Looks(book)
    _cover(LiveSheet(book, "Cover", looks, (110,)), answer)
    refs = inputs_sheet(LiveSheet(book, "Inputs", looks, WIDTHS), answer)
    refs |= _yearly(LiveSheet(book, "Yearly", looks, (58, 22, 12, 18, *(14,) * answer.case.horizon)), answer, refs)
    summary_sheet(LiveSheet(book, "Summary", looks, (58, 20, 20, 20, 60)), answer, refs)
    book.close()
    return repacked(out.getvalue())


def _cover(sheet: LiveSheet, answer: Answer) -> None:
    sheet.line(answer.case.title, "title")
    priced = answer.net is not None
    for said in (
        f"{answer.case.area}, prices of {answer.case.price_year}",
        headline(answer),
        f"Grade {GRADES[answer.grade.letter]}.",
        *answer.grade.reasons,
        *(f"Beware: {said}" for said in answer.warnings),
        "Inputs holds every figure with its source; Yearly and Summary are live formulas on it.",
        "Intervals come from draws that Python made (value.json): no formula makes them."
        if priced
        else "No formula here prices an effect: only how large a change would have to be is worked out.",
    ):
        sheet.text(0, said)
        sheet.row += 1


def _yearly(sheet: LiveSheet, answer: Answer, refs: dict[str, str]) -> dict[str, str]:
    """Discount factors, what each unit of change comes to, what was found comes to, and costs, all by year."""
    case = answer.case
    sheet.line("By year, discounted to year 0", "title")
    sheet.head(("What", "Kind", "Who", "All years", *(f"Year {year}" for year in range(case.horizon))))
    made: dict[str, str] = {}
    for year, value in enumerate(factors(case.schedule, case.horizon).tolist()):
        before = f"{made[f'factor {year - 1}']}/(1+{refs[f'rate {year}']})" if year else "1"
        made[f"factor {year}"] = sheet.formula(FIRST + year, before, value, money=False)
    sheet.text(0, "What a pound of each year is worth in year 0")
    sheet.row += 1
    refs = refs | made
    one = flows(case, {item.outcome: 1.0 for item in mine(case.benefits, case)})
    for item, flow in zip(mine(case.benefits, case), one.benefits, strict=True):
        assert flow.number is not None
        made |= _of_one(sheet, item, refs, (flow.number.tolist(), flow.pounds.tolist()))
    if answer.net is not None:
        at = flows(case, answer.break_even.entered)
        for item, flow in zip(mine(case.benefits, case), at.benefits, strict=True):
            assert flow.number is not None
            assert flow.cashable is not None
            made |= _found(sheet, item, refs | made, (flow.number, flow.pounds, flow.cashable))
    for cost, flow in zip(mine(case.costs, case), one.costs, strict=True):
        made |= _cost(sheet, cost, refs, flow.pounds.tolist())
    return made


def _of_one(
    sheet: LiveSheet, item: Benefit, refs: dict[str, str], values: tuple[list[float], list[float]]
) -> dict[str, str]:
    """How many, and how many pounds, each unit of change for the better comes to in each year."""
    a = {name: refs[f"{item.label}: {name}"] for name in _READ}
    keeps = f"{a['take-up']}*{a['attribution']}*(1-{a['deadweight']})*(1-{a['overlap']})"
    a_year = f"1/{a['per']}*{a['population']}*{a['periods a year']}*{keeps}"
    numbers = []
    for year in range(len(values[0])):
        gone = f"{year}-{a['first year']}-{a['years in full']}+1"
        # a spreadsheet makes an error of 0^0
        left = f"IF({year}<{a['first year']},0,IF({gone}<=0,1,(1-{a['decay']})^({gone})))"
        numbers.append(f"{a_year}*{left}")
    made = _row(sheet, (f"{item.label}: number for each 1 of change", "number for each 1", item.perspective),
                numbers, values[0], money=False)  # fmt: skip
    worth = f"{a['unit cost']}*{a['price base']}*(1-{a['optimism']})"
    pounds = [f"{made[1 + year]}*{worth}*{refs[f'factor {year}']}" for year in range(len(numbers))]
    priced = _row(sheet, (f"{item.label}: £ for each 1 of change", "£ for each 1", item.perspective), pounds, values[1])
    return {f"{item.label}: number of 1": made[0], f"{item.label}: worth of 1": priced[0],
            **{f"{item.label}: number of 1 in {y}": ref for y, ref in enumerate(made[1:])},
            **{f"{item.label}: worth of 1 in {y}": ref for y, ref in enumerate(priced[1:])}}  # fmt: skip


def _found(sheet: LiveSheet, item: Benefit, refs: dict[str, str], values: tuple[Any, Any, Any]) -> dict[str, str]:
    """The same for the effect that was found: only where it may be relied on."""
    gain, years = refs[f"effect on {item.outcome}"], range(len(values[0]))
    number = [f"{gain}*{refs[f'{item.label}: number of 1 in {year}']}" for year in years]
    pounds = [f"{gain}*{refs[f'{item.label}: worth of 1 in {year}']}" for year in years]
    rows = _row(sheet, (item.label, "number", item.perspective), number, values[0].tolist(), money=False)
    worth = _row(sheet, (f"{item.label}: £", "benefit", item.perspective), pounds, values[1].tolist())
    share = refs[f"{item.label}: cashable"]
    leaves = [f"{ref}*{share}" for ref in worth[1:]]
    out = _row(sheet, (f"{item.label}: of which leaves a budget", "cashable", item.perspective), leaves,
               values[2].tolist())  # fmt: skip
    return {f"{item.label}: number": rows[0], f"{item.label}: benefit": worth[0], f"{item.label}: leaves": out[0]}


def _cost(sheet: LiveSheet, cost: Cost, refs: dict[str, str], values: list[float]) -> dict[str, str]:
    base = f"{refs[f'{cost.label}: cost']}*{refs[f'{cost.label}: price base']}*(1+{refs[f'{cost.label}: optimism']})"
    years = [f"{base}*{refs[f'{cost.label}: spent {y}']}*{refs[f'factor {y}']}" for y in range(len(values))]
    return {f"{cost.label}: paid": _row(sheet, (cost.label, "cost", cost.perspective), years, values)[0]}


def _row(
    sheet: LiveSheet, words: tuple[str, str, str], formulas: list[str], values: list[float], *, money: bool = True
) -> list[str]:
    """One row: its total, then its years; the reference of each."""
    for column, said in enumerate(words):
        sheet.text(column, said)
    years = [
        sheet.formula(FIRST + year, formula, value, money=money)
        for year, (formula, value) in enumerate(zip(formulas, values, strict=True))
    ]
    total = sheet.formula(FIRST - 1, f"SUM({years[0]}:{years[-1].rpartition('!')[2]})", sum(values), money=money)
    sheet.row += 1
    return [total, *years]
