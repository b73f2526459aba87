"""The figures of a value case as data: what moves it, draws of cost and number, the chance that it is worth it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.economics.decision import acceptability
from hubeval.economics.flows import mine
from hubeval.economics.words import pounds
from hubeval.result import Figure, Mark, Series
from hubeval.wording import brief

if TYPE_CHECKING:
    from hubeval.economics.answer import Answer, NetValue

_MOST_POINTS = 400
_MOST_BARS = 10


def pictures(answer: Answer) -> tuple[Figure, ...]:
    """The figures that the grade allows; none where nothing is priced."""
    net = answer.net
    return (_tornado(net), _plane(answer, net), _acceptability(answer, net)) if net is not None else ()


def _tornado(net: NetValue) -> Figure:
    rows = net.what_ifs[:_MOST_BARS]
    said = "; ".join(f"{row.figure}: {pounds(row.net_low)} to {pounds(row.net_high)}" for row in rows)
    return Figure(
        name="what-moves-it",
        title=f"{rows[0].figure} moves the net value most" if rows else "No figure was given a range",
        x_label="net present value (£ thousand)",
        y_label="figure, from the low to the high end of its range",
        series=(
            Series(
                label="net value at either end",
                x=tuple(row.figure for row in rows),
                y=tuple(net.net.point / 1e3 for _ in rows),
                low=tuple(min(row.net_low, row.net_high) / 1e3 for row in rows),
                high=tuple(max(row.net_low, row.net_high) / 1e3 for row in rows),
                style="intervals",
                holds="model",
            ),
        ),
        marks=(Mark(label="benefits equal costs", x=0.0),),
        horizontal=True,
        text=f"Net present value with one figure at a time at either end of its range. {said}.",
    )


def _plane(answer: Answer, net: NetValue) -> Figure:
    """Cost against number of the first thing counted, a point a draw."""
    at = np.linspace(0, len(net.number) - 1, min(len(net.number), _MOST_POINTS)).astype(int)
    (benefit, *_) = mine(answer.case.benefits, answer.case)
    right = float(((net.number > 0) & (net.net_draws > 0)).mean())
    return Figure(
        name="plane",
        title=f"Costs and {benefit.label.casefold()}, {len(at)} of {len(net.number):,} draws",
        x_label=f"{benefit.label} (number, all years)",
        y_label="costs (£ thousand, present value)",
        series=(
            Series(
                label="draws",
                x=tuple(float(value) for value in net.number[at]),
                y=tuple(float(value) / 1e3 for value in net.cost_draws[at]),
                style="points",
                holds="model",
            ),
        ),
        text=(
            f"Each point is one draw. In {right:.0%} of draws more are counted and benefits exceed costs; "
            f"{brief(float(np.median(net.number)))} is the middle number, "
            f"{pounds(float(np.median(net.cost_draws)))} the middle cost."
        ),
    )


def _acceptability(answer: Answer, net: NetValue) -> Figure:
    """How often the programme is the better choice, by what one thing counted would be worth."""
    (benefit, *_) = mine(answer.case.benefits, answer.case)
    worth = np.linspace(0, 3 * benefit.unit_cost.amount, 61)
    nothing = np.zeros_like(net.number)
    cost, number = np.column_stack([nothing, net.cost_draws]), np.column_stack([nothing, net.number])
    best, chosen, _ = acceptability(cost, number, worth)
    turns = next((float(w) for w, c in zip(worth, chosen, strict=True) if c == 1), None)
    said = (
        f"better on average from £{brief(turns)}" if turns is not None else "not better on average at any worth shown"
    )
    share = float(np.interp(benefit.unit_cost.amount, worth, best[:, 1]))
    frontier = tuple(float(best[i, c]) for i, c in enumerate(chosen))
    x = tuple(float(value) for value in worth)
    return Figure(
        name="acceptability",
        title=f"The programme is {said} for each {benefit.counted} not made" if benefit.counted else said,
        x_label=f"what one {benefit.counted} would be worth (£)",
        y_label="share of draws",
        series=(
            Series(
                label="the programme is the better choice",
                x=x,
                y=tuple(map(float, best[:, 1])),
                style="line",
                holds="model",
            ),
            Series(label="frontier: the choice best on average", x=x, y=frontier, style="dashed", holds="model"),
        ),
        marks=(Mark(label="unit cost entered", x=float(benefit.unit_cost.amount)),),
        text=(
            f"Counting {benefit.label.casefold()} only. At the unit cost entered, £{brief(benefit.unit_cost.amount)}, "
            f"the programme is the better choice in {share:.0%} of draws; it is {said}."
        ),
    )
