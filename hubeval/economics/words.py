"""A value case in words: what may be said in pounds at its grade, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.economics.flows import mine
from hubeval.economics.grade import Creditable
from hubeval.economics.rates import anchors, schedule
from hubeval.wording import brief, counted

if TYPE_CHECKING:
    from hubeval.economics.answer import Answer, NetValue, Pounds
    from hubeval.economics.consequences import Consequence
    from hubeval.economics.decision import Placed
    from hubeval.economics.declared import ValueCase

GRADES = {
    "A": "A: the design was open and no check raised anything",
    "B": "B: the design was open, and checks ask for caution",
    "C": "C: no effect here can be relied on as a cause, so nothing is priced",
}


def pounds(amount: float) -> str:
    """Pounds as people write them, to what can be meant.

    Examples
    --------
    >>> pounds(4205771.3), pounds(-1583359.2), pounds(467.31), pounds(1.2923)
    ('£4.21 million', '-£1.58 million', '£467', '£1.29')
    """
    sign, size = "-" if amount < 0 else "", abs(amount)
    if size >= 999_500:
        return f"{sign}£{brief(size / 1e6)} million"
    if size >= 100:
        return f"{sign}£{round(size):,}" if size < 1000 else f"{sign}£{round(size, -(len(str(int(size))) - 3)):,.0f}"
    return f"{sign}£{size:.2f}"


def spread(item: Pounds) -> str:
    """An amount with its interval."""
    return f"{pounds(item.point)} (95% interval {pounds(item.low)} to {pounds(item.high)})"


def headline(answer: Answer) -> str:
    """What a decision maker reads first: one number where there may be one, and how large the effect must be."""
    net = answer.net
    if net is None:
        return f"{_must_be(answer)} {_no_pounds(answer)}"
    return " ".join(part for part in (*_brought(answer, net), _careful(answer), _must_be(answer)) if part)


def _brought(answer: Answer, net: NetValue) -> tuple[str, str]:
    """The ratio with its interval, said as a finding only where each effect's own interval leaves out zero."""
    case, effects = answer.case, answer.grade.effects
    over, each = f"ver {counted(case.horizon, 'year')}", f"{spread(net.ratio)} of benefits, in {case.price_year} prices"
    unsure = [name for name, effect in effects.items() if effect.holds_zero]
    if unsure:
        told = (
            f"The interval of the effect on {' and on '.join(unsure)} leaves open that nothing changed, so this may as "
            "well be a loss."
        )
        return f"{told} Taken at the estimate, o{over} each £1 of cost goes with {each}.", ""
    if net.benefits.point <= 0:
        return f"The effect found is a change for the worse: o{over} each £1 of cost came with {each}.", ""
    return f"O{over} each £1 of cost brought {each}.", _verdict(net)


def lines(answer: Answer) -> tuple[str, ...]:
    """The whole answer, a line a thing said."""
    case, net = answer.case, answer.net
    out = [
        f"Value for money: {case.title}",
        "",
        headline(answer),
        "",
        f"How far the cause can be relied on: {GRADES[answer.grade.letter]}.",
    ]
    out += [f"  {reason}" for reason in answer.grade.reasons]
    out += ["", "How many, over all years (not discounted):"] if answer.number else []
    out += [
        f"  {label}: {brief(n.point)} (95% interval {brief(n.low)} to {brief(n.high)})"
        for label, n in answer.number.items()
    ]
    if net is not None:
        out += ["", *_money(net)]
    out += ["", f"What it cost: {pounds(answer.break_even.costs)} in present value."]
    out += [f"  {pounds(each)} for each {what}" for what, each in answer.cost_per_family.items()]
    out += [
        f"  Year {row.year}: {pounds(row.cost)}, not discounted"
        + (f"; {brief(row.reached or 0)} families reached" if row.reached is not None else "")
        + (f", {pounds(row.each)} each" if row.each is not None else "")
        for row in answer.spent
    ]
    out += ["", "All that was found, priced or not, beside these costs:"] if answer.consequences else []
    out += [f"  {consequence(row)}" for row in answer.consequences]
    if net is not None:
        out += ["", *_decision(net, case)]
    out += ["", f"Options, by discounted cost and number ({options_by(answer)}):"] if answer.options else []
    out += [f"  {option(row)}" for row in answer.options]
    out += [f"Smallest effect that this evaluation could find: {answer.detectable}"] if answer.detectable else []
    out += ["", "What others found, to compare with:", *(f"  {a.label}: {a.words}. {a.source}" for a in anchors())]
    out += ["", *_how(answer)]
    out += ["", "Beware:", *(f"  {said}" for said in answer.warnings)] if answer.warnings else []
    return tuple(out)


def consequence(row: Consequence) -> str:
    """One outcome beside the costs, in words."""
    between = f"{brief(row.low)} to {brief(row.high)}" if row.low is not None and row.high is not None else "none"
    priced = "priced" if row.priced else "not priced"
    return f"{row.outcome}: {brief(row.estimate)} {row.unit} (interval {between}): {row.went}; {priced}"


def options_by(answer: Answer) -> str:
    """What the ladder of options counts."""
    first = mine(answer.case.benefits, answer.case)[0]
    return f"{first.label}; best at {pounds(first.unit_cost.amount)} for each {first.counted}"


def option(row: Placed) -> str:
    """One option's place in words."""
    said = f"{row.option}: costs {pounds(row.cost)}"
    if row.number is None:
        return f"{said}; not placed: {row.reason}"
    more = f"; {pounds(row.ratio)} for one more than the option before it" if row.ratio is not None else ""
    return f"{said}, {brief(row.number)}{more}; {row.status}; best in {row.chance or 0:.0%} of draws"


def _must_be(answer: Answer) -> str:
    even = answer.break_even
    if not even.needed:
        return "No size of effect would make benefits equal costs with these figures."
    sizes = "; ".join(f"{name}: {brief(size)} {even.units[name]}" for name, size in even.needed.items())
    said = f"Benefits equal costs at a change for the better of {sizes}"
    if answer.net is None or even.share is None:
        return f"{said}."
    return f"{said}, {_part(even.share)} the effect found."


def _part(share: float) -> str:
    """A share of something, or how many times it.

    Examples
    --------
    >>> _part(0.75), _part(0.0001), _part(45.46), _part(1.2)
    ('75% of', 'less than 1% of', '45 times', '120% of')
    """
    return "less than 1% of" if share < 0.01 else f"{share:.0%} of" if share < 2 else f"{brief(round(share, 0))} times"


def _no_pounds(answer: Answer) -> str:
    assert not isinstance(answer.grade, Creditable)
    what = "claim" if answer.grade.claims else "effect"
    return (
        f"Whether there was such a change is not known: the {what} entered cannot be relied on as a cause, so no pound "
        "is put on it."
    )


def _careful(answer: Answer) -> str:
    """How many checks stand between the number and its use: grade B."""
    if answer.grade.letter != "B":
        return ""
    many = counted(len(answer.grade.reasons), "check asks", "checks ask")
    return f"{many} for caution: the interval does not hold what they speak of."


def _verdict(net: NetValue) -> str:
    if net.net.low > 0:
        much = pounds(net.cashable.point) if net.cashable.point > 0 else "None"
        return f"All of the interval of the net value lies above zero. {much} of the benefits leaves a budget."
    if net.net.high < 0:
        return "All of the interval of the net value lies below zero: the benefits priced do not cover the costs."
    return f"The interval leaves open whether benefits exceed costs; in {net.chance:.0%} of draws they do."


def _money(net: NetValue) -> list[str]:
    out = [
        f"Costs: {spread(net.costs)}",
        f"Benefits: {spread(net.benefits)}, of which leave a budget: {spread(net.cashable)}",
    ]
    out += [f"Net present value: {spread(net.net)}", "", "Who pays and who gains (present value):"]
    return out + [
        f"  {who}: pays {pounds(row['costs'])}, gains {pounds(row['benefits'])}, "
        f"{pounds(row['cashable'])} of it cashable"
        for who, row in net.by_payer.items()
    ]


def _decision(net: NetValue, case: ValueCase) -> list[str]:
    out = ["What moves the answer most (one figure at a time):"]
    out += [
        f"  {row.figure}: net {pounds(row.net_low)} at {brief(row.low)}, {pounds(row.net_high)} at {brief(row.high)}"
        + (f"; zero at {brief(row.switches_at)}" if row.switches_at is not None else "; never zero in that range")
        for row in net.what_ifs[:6]
    ]
    out += [f"Knowing everything before deciding would be worth {pounds(net.information)}."]
    if len(net.information_by) > 1 or case.perspective == "all":
        out += [f"  To {who}, by its own pounds alone: {pounds(most)}." for who, most in net.information_by.items()]
    out += [
        f"  A study that left {left:.0%} of today's error of the effects would be worth {pounds(worth)}."
        for left, worth in net.information_if.items()
    ]
    if case.study is not None:
        dear = case.study.cost >= net.information
        out += [
            f"A study costs {pounds(case.study.cost)}: "
            + (
                "more than the most that any study could be worth for this decision alone."
                if dear
                else "less than the most it could be worth; what it is worth depends on how much it would find out."
            )
        ]
    if net.breakdown is not None:
        out += [f"Economic breakdown value: {net.breakdown.reading}"]
    return out


def _how(answer: Answer) -> list[str]:
    case, rates = answer.case, schedule(answer.case.schedule)
    out = [f"How: prices of {case.price_year}; discounting by {rates.label} ({rates.source})."]
    out += [f"  The effect on {name} was drawn from {words}." for name, words in answer.law.items()]
    if answer.net is not None:
        drawn = f"  {case.draws:,} draws, seed {case.seed}; ranges as PERT distributions; "
        out += [f"{drawn}figures without a range are taken as certain."]
        out += ["  Effects on several outcomes are drawn to rise and fall together."] if len(answer.law) > 1 else []
    return out
