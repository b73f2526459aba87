"""What one page says of a value case: what may be said in pounds, what not, how sure it is and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.economics.rates import anchors
from hubeval.economics.words import GRADES, headline, pounds, spread
from hubeval.report.brief.page import Brief, Section, set_page
from hubeval.wording import brief, counted

if TYPE_CHECKING:
    from hubeval.economics import Answer
    from hubeval.economics.answer import NetValue

_SHOWN = 3
_UNPRICED = "Anything that is not in the list of benefits: what has no price here is not worth nothing."


def value_brief(answer: Answer) -> str:
    """``brief.html`` of a released value case."""
    net = answer.net
    sections = (
        Section(title="How sure is it?", lines=_sure(answer)),
        *(_money(net) if net is not None else ()),
        Section(title="How large the change would have to be", columns=("Outcome", "Benefits equal costs at"),
                rows=tuple((name, f"{brief(size)} {answer.break_even.units[name]}")
                           for name, size in answer.break_even.needed.items())),
        Section(title="What it does not show", lines=_not_shown(answer)),
        Section(title="What to do", lines=_to_do(answer)),
    )  # fmt: skip
    return set_page(Brief(
        kicker=f"Value for money on one page · {answer.case.area} · prices of {answer.case.price_year}",
        title=answer.case.title,
        notice="Figures on this page are made up: they show the working and stand for no real ones."
        if any(said.startswith("Made-up") for said in answer.warnings) else "",
        answer=headline(answer),
        sections=tuple(section for section in sections if section.lines or section.rows),
        more="The whole answer is value.html, its working value.xlsx, every figure with its source value.json.",
    ))  # fmt: skip


def _sure(answer: Answer) -> tuple[str, ...]:
    reasons = answer.grade.reasons
    more = len(reasons) - _SHOWN
    end = (f"{counted(more, 'more point')} in value.html.",) if more > 0 else ()
    return (f"Grade {GRADES[answer.grade.letter]}.", *reasons[:_SHOWN], *end)


def _money(net: NetValue) -> tuple[Section, ...]:
    rows = (
        ("Costs", spread(net.costs)), ("Benefits", spread(net.benefits)),
        ("of which leave a budget", spread(net.cashable)), ("Net present value", spread(net.net)),
    )  # fmt: skip
    return (Section(title="In pounds, with 95% intervals", columns=("What", "Present value"), rows=rows),)


def _not_shown(answer: Answer) -> tuple[str, ...]:
    told = [said for said in answer.warnings if not said.startswith("Made-up")]
    return (_UNPRICED, *told[:_SHOWN])


def _to_do(answer: Answer) -> tuple[str, ...]:
    """What follows for a decision, never more than the grade and the interval allow."""
    net = answer.net
    if net is None:
        others = "; ".join(f"{one.label}: {one.words}" for one in anchors()[1:])
        return (
            "Do not quote a return, a net value or an amount avoided for this: none is known.",
            f"Ask whether a change of the size above is plausible. What others found: {others}.",
            "To have it priced, have it evaluated with a comparison: 'hubeval assess' says what is missing.",
        )
    lines = ["Quote the interval with the number, always."]
    if any(effect.holds_zero for effect in answer.grade.effects.values()):
        lines = ["Do not count on any benefit: it is not settled that anything changed."]
    elif net.net.high < 0:
        lines.append("What is priced here does not pay for the programme: weigh what has no price, or what it costs.")
    elif net.net.low <= 0:
        lines.append("Do not count on benefits above costs: the interval holds both. Weigh also what has no price.")
    if net.breakdown is not None and not net.breakdown.reading.startswith("Not computed"):
        lines.append(f"Say with it: {net.breakdown.reading}")
    lines.append(_study(answer, net))
    return tuple(line for line in lines if line)


def _study(answer: Answer, net: NetValue) -> str:
    worth, study = net.information, answer.case.study
    if study is None:
        return ""
    if study.cost >= worth:
        return (
            f"More evaluation for this decision alone is not worth its {pounds(study.cost)}: knowing everything would "
            f"be worth {pounds(worth)}."
        )
    return f"A study at {pounds(study.cost)} may be worth it: knowing everything would be worth {pounds(worth)}."
