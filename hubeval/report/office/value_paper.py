"""``value.docx``: a value case as a Word document, in the words and numbers of its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.economics.words import GRADES, consequence, headline, option, pounds, spread
from hubeval.report.office.value_book import UNDATED
from hubeval.report.office.word import Paper
from hubeval.wording import brief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.economics import Answer
    from hubeval.economics.answer import NetValue
    from hubeval.report.office.template import Template


def value_docx(answer: Answer, template: Template | None = None) -> bytes:
    """The document of a released value case; the same bytes for the same answer; in the styles of `template`."""
    case = answer.case
    paper = Paper(f"Value for money: {case.title}", "Value for money", UNDATED, template)
    paper.text(f"Value for money · {case.area} · prices of {case.price_year}")
    paper.title(case.title)
    paper.text(headline(answer))
    _bullets(paper, f"How far the cause can be relied on: {GRADES[answer.grade.letter]}", answer.grade.reasons)
    _bullets(paper, "Beware", answer.warnings)
    paper.heading("How large the effect would have to be")
    sizes = [(name, brief(size), answer.break_even.units[name]) for name, size in answer.break_even.needed.items()]
    if sizes:
        _table(paper, "The change for the better at which benefits equal costs", ("Outcome", "Needed", "Unit"), sizes)
    else:
        paper.text("No size of effect would make benefits equal costs with these figures.")
    paper.heading("What it cost")
    paper.text(f"{pounds(answer.break_even.costs)} in present value.")
    years = [(f"Year {row.year}", pounds(row.cost), pounds(row.each) if row.each is not None else "")
             for row in answer.spent]  # fmt: skip
    _table(paper, "Spent by year, not discounted", ("Year", "Spent", "For each family reached"), years)
    if answer.net is not None:
        _priced(paper, answer.net)
    _bullets(paper, "Costs beside all that was found", [consequence(row) for row in answer.consequences])
    _bullets(paper, "Options beside each other", [option(row) for row in answer.options])
    paper.small("Every figure with its source stands in value.json and value.xlsx. Made by hubeval.")
    return paper.bytes()


def _priced(paper: Paper, net: NetValue) -> None:
    """Only a `NetValue` gets here: there is none at grade C."""
    paper.heading("What the effect is worth")
    rows = [
        ("Costs", spread(net.costs)), ("Benefits", spread(net.benefits)),
        ("of which leave a budget", spread(net.cashable)), ("Net present value", spread(net.net)),
        ("Benefit for each £1 of cost", spread(net.ratio)),
    ]  # fmt: skip
    _table(paper, "Present value with 95% intervals", ("What", "Pounds"), rows)
    payers = [(who, pounds(row["costs"]), pounds(row["benefits"]), pounds(row["cashable"]))
              for who, row in net.by_payer.items()]  # fmt: skip
    _table(paper, "Who pays and who gains (present value)", ("Who", "Pays", "Gains", "of it cashable"), payers)
    if net.breakdown is not None:
        paper.text(f"Economic breakdown value: {net.breakdown.reading}")


def _bullets(paper: Paper, title: str, lines: Sequence[str]) -> None:
    if lines:
        paper.heading(title)
        paper.bullets(lines)


def _table(paper: Paper, caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    paper.table(caption, columns, [[(cell, at > 0) for at, cell in enumerate(row)] for row in rows])
