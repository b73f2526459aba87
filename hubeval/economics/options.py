"""Several ways of spending the money, in order: which is worth having, at what price for one more of what is counted.

Each option is a value case of its own with an evaluation of its own, so that none is placed on a weaker cause than
another: what is of grade C, or may have changed nothing, is named and not placed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hubeval import files
from hubeval.economics.answer import Answer, value
from hubeval.economics.decision import NOTHING, Placed, acceptability, ladder
from hubeval.economics.evidence import standing
from hubeval.economics.flows import flows, mine
from hubeval.economics.grade import Creditable
from hubeval.economics.rates import factors
from hubeval.economics.reading import read_value
from hubeval.economics.sampling import draw
from hubeval.errors import Door

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.economics.declared import ValueCase

    Floats = NDArray[np.float64]

@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    """One option that may be placed: its point, and draws of cost and number, (draws,)."""

    label: str
    cost: float
    number: float
    costs: Floats
    numbers: Floats


def with_options(answer: Answer) -> Answer:
    """The answer with its case's options placed beside it and beside no programme.

    Parameters
    ----------
    answer : Answer
        From `hubeval.economics.value`.

    Raises
    ------
    BadInput
        An option's files cannot be read, or it counts other things, years or pounds.
    """
    case = answer.case
    if not case.options:
        return answer
    answers = {case.title: answer, **_read(case)}
    reasons = {label: _unplaced(one) for label, one in answers.items()}
    rows = [Placed(option=label, grade=one.grade.letter, cost=one.break_even.costs, reason=reasons[label])
            for label, one in answers.items() if reasons[label]]  # fmt: skip
    told = [f"Option {label}: {said}" for label, one in answers.items() if one is not answer for said in one.warnings]
    answer = replace(answer, warnings=(*answer.warnings, *told))
    if reasons[case.title]:
        alone = "there is nothing to hold it against: this case is not placed"
        rows += [Placed(option=label, grade=one.grade.letter, cost=one.break_even.costs, reason=alone)
                 for label, one in answers.items() if not reasons[label]]  # fmt: skip
        return replace(answer, options=tuple(rows))
    weighed = [_weigh(label, one, at) for at, (label, one) in enumerate(answers.items()) if not reasons[label]]
    letters: dict[str, str] = {label: one.grade.letter for label, one in answers.items()}
    return replace(answer, options=(*_placed(weighed, letters, _worth(case)), *rows))


def _read(case: ValueCase) -> dict[str, Answer]:
    door, made = Door(), dict[str, Answer]()
    for option in case.options:
        own = read_value(Path(case.folder) / option.value)
        for what, one, two in _differ(case, own):
            door.refuse(f"options ({option.label}): {what}", f"is {two!r}", f"{one!r}, as in this case", "Count alike.")
        path = Path(case.folder) / option.result
        digest, beware = standing(path)
        if not door.problems:
            own = replace(own, options=(), draws=case.draws)
            made[option.label] = value(own, files.read_json(path, "options.result"), sha256=digest, beware=beware)
    door.close()
    return made


def _differ(case: ValueCase, own: ValueCase) -> list[tuple[str, object, object]]:
    pairs: list[tuple[str, object, object]] = [
        (name, getattr(case, name), getattr(own, name)) for name in ("price_year", "horizon", "schedule", "perspective")
    ]
    pairs.append(("what is counted first", mine(case.benefits, case)[0].counted, mine(own.benefits, own)[0].counted))
    return [pair for pair in pairs if pair[1] != pair[2]]


def _unplaced(answer: Answer) -> str:
    """Why an option has no place, if it has none."""
    if not isinstance(answer.grade, Creditable):
        return "grade C: its effect cannot be relied on as a cause"
    first = mine(answer.case.benefits, answer.case)[0].outcome
    if answer.grade.effects[first].holds_zero:
        return "its own interval leaves open that nothing changed"
    return ""


def _weigh(label: str, answer: Answer, at: int) -> _Weighed:
    """Discounted cost and discounted number of the first thing counted; each option is drawn for itself."""
    assert isinstance(answer.grade, Creditable)
    case = replace(answer.case, seed=answer.case.seed + at)
    rate = factors(case.schedule, case.horizon)
    drawn = draw(case, answer.grade.effects)
    spread = flows(case, drawn.gains, drawn.figures)
    point = flows(case, {name: effect.gain for name, effect in answer.grade.effects.items()})
    one, many = point.benefits[0].number, spread.benefits[0].number
    assert one is not None
    assert many is not None
    costs = np.broadcast_to(spread.cost, many.shape[1:])
    return _Weighed(label=label, cost=float(point.cost), number=float(one @ rate), costs=costs,
                    numbers=np.asarray(rate @ many))  # fmt: skip


def _worth(case: ValueCase) -> float:
    """What one of the first thing counted costs, in the price year's pounds."""
    cost = mine(case.benefits, case)[0].unit_cost
    return cost.amount * case.deflated.get(cost.year, 1.0)


def _placed(weighed: list[_Weighed], letters: dict[str, str], worth: float) -> tuple[Placed, ...]:
    nothing = np.zeros_like(weighed[0].numbers)
    labels = [NOTHING, *(one.label for one in weighed)]
    cost, number = np.array([0.0, *(one.cost for one in weighed)]), np.array([0.0, *(one.number for one in weighed)])
    costs = np.column_stack([nothing, *(one.costs for one in weighed)])
    numbers = np.column_stack([nothing, *(one.numbers for one in weighed)])
    best, _, _ = acceptability(costs, numbers, np.array([worth]))
    chance = dict(zip(labels, map(float, best[0]), strict=True))
    return tuple(
        Placed(option=step.option, grade=letters.get(step.option, ""), cost=step.cost, number=step.effect,
               ratio=step.ratio, status=step.status, chance=chance[step.option])
        for step in ladder(labels, cost, number)
    )  # fmt: skip

