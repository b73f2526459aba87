"""What more evidence on the effect would be worth: to each payer at most, and with part of the error gone.

Expected value of perfect information by payer, and of sample information on the effects (Raiffa & Schlaifer 1961; Ades,
Lu & Claxton 2004): the value of a choice made after a study, less that of the choice made now.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.economics.decision import perfect_information
from hubeval.economics.flows import flows, mine

if TYPE_CHECKING:
    from hubeval.economics.declared import Perspective, ValueCase
    from hubeval.economics.sampling import Drawn

LEFT = (0.75, 0.5, 0.25)


def by_payer(case: ValueCase, drawn: Drawn) -> dict[str, float]:
    """The most that knowing everything is worth to each payer who both pays and gains, by its own pounds alone.

    A payer who gains nothing, or pays nothing, has no choice to make by its own pounds and is left out.
    """
    payers: list[Perspective] = []
    for cost in mine(case.costs, case):
        gains = any(item.perspective == cost.perspective for item in mine(case.benefits, case))
        if gains and cost.perspective not in payers:
            payers.append(cost.perspective)
    return {
        who: perfect_information(flows(replace(case, perspective=who), drawn.gains, drawn.figures).net)
        for who in payers
    }


def by_error_left(case: ValueCase, drawn: Drawn) -> dict[float, float]:
    """What a study would be worth that left this share of today's error of the effects, all else as uncertain as now.

    Net benefit is linear in the effects, so what is expected after such a study is today's draws of the effects, drawn
    in towards their means: by the square root of 1 less the square of the share left.

    Examples
    --------
    >>> LEFT
    (0.75, 0.5, 0.25)
    """
    outcomes = list(dict.fromkeys(item.outcome for item in mine(case.benefits, case)))
    nothing = dict.fromkeys(outcomes, 0.0)
    cost = float(np.mean(flows(case, nothing, drawn.figures).cost))
    each = {name: float(np.mean(flows(case, {**nothing, name: 1.0}, drawn.figures).benefit)) for name in outcomes}
    worth = {}
    for left in LEFT:
        known = np.sqrt(1 - left**2)
        moved = sum(each[name] * (drawn.gains[name].mean() + known * (drawn.gains[name] - drawn.gains[name].mean()))
                    for name in outcomes)  # fmt: skip
        worth[left] = perfect_information(np.asarray(moved) - cost)
    return worth
