"""How far the analyst's own choices can move before the answer changes.

A model that holds only at one cut, one anchor or with one case in it says more about the analyst
than about the hubs (Oana and Schneider, 2024, Sociological Methods and Research).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.errors import BadInput
from hubeval.theory.qca.calibrate import calibrate
from hubeval.theory.qca.minimise import SolutionType, minimise
from hubeval.theory.qca.table import Sets, TruthTable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike

Models = frozenset[frozenset[str]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Above `low` and up to `high`, `choice` could move with the models staying as they are."""

    choice: str
    used: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """Ranges of the two cuts, and the cases each of which alone decides the models."""

    consistency: Range
    frequency: Range
    deciding_cases: tuple[str, ...]
    reading: str


def robustness(
    table: TruthTable,
    *,
    solution: SolutionType = "conservative",
    expectations: Any = None,
) -> Robustness:
    """The ranges in which the models stay the same, in one call.

    Parameters
    ----------
    table : TruthTable
    solution, expectations
        As for `minimise`.

    Returns
    -------
    Robustness

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.theory.qca import truth_table
    >>> frame = pd.DataFrame({"A": [.9, .8, .3, .1, .7], "Y": [.8, .9, .2, .3, .6]})
    >>> found = robustness(truth_table(frame, outcome="Y", conditions=["A"]))
    >>> round(found.consistency.low, 2), round(found.consistency.high, 2), found.deciding_cases
    (0.5, 0.89, ())
    """

    def models(other: TruthTable) -> Models:
        return _models(other, solution, expectations)

    here = models(table)
    cut = _consistency_range(table, here, models)
    often = _frequency_range(table, here, models)
    deciding = tuple(
        case
        for index, case in enumerate(table.sets.cases)
        if models(table.remade(sets=_without(table.sets, index))) != here
    )
    return Robustness(
        consistency=cut,
        frequency=often,
        deciding_cases=deciding,
        reading=f"The models stay the same for any consistency cut above {cut.low:.3f} up to {cut.high:.3f}, and "
        f"for a least number of cases from {often.low + 1:g} to {often.high:g}. "
        + (
            f"{len(deciding)} of {len(table.sets.cases)} cases would each change them if left out: "
            f"{', '.join(deciding)}."
            if deciding
            else "No single case decides them."
        ),
    )


def anchor_ranges(
    table: TruthTable,
    raw: ArrayLike,
    *,
    condition: str,
    anchors: Sequence[float],
    solution: SolutionType = "conservative",
    expectations: Any = None,
) -> tuple[Range, ...]:
    """How far each calibration anchor of one condition can move, the others held.

    Parameters
    ----------
    table : TruthTable
        Built with `condition` calibrated by the direct method at `anchors`.
    raw : array_like, shape (n_cases,)
        The raw measure behind the condition, cases in the table's order.
    condition : str
    anchors : sequence of float
        Exclusion, crossover, inclusion.
    solution, expectations
        As for `minimise`.

    Returns
    -------
    tuple of Range
        One for each anchor, found in steps of a hundredth of the distance from exclusion to inclusion;
        an anchor is never moved past its neighbour, and not beyond one whole such distance.
    """
    column = table.conditions.index(condition)
    span = abs(anchors[2] - anchors[0]) / 100

    def models(points: Sequence[float]) -> Models:
        try:
            high = calibrate(raw, anchors=points)
        except BadInput:
            return None
        x = list(table.sets.x)
        x[column] = np.stack([1 - high, high])
        return _models(table.remade(sets=replace(table.sets, x=tuple(x))), solution, expectations)

    here = models(anchors)
    ranges = []
    for index, name in enumerate(("exclusion", "crossover", "inclusion")):
        ends = []
        for way in (-1, 1):
            steps = 0
            while (
                steps < 100
                and models([a + way * (steps + 1) * span * (i == index) for i, a in enumerate(anchors)]) == here
            ):
                steps += 1
            ends.append(anchors[index] + way * steps * span)
        ranges.append(Range(choice=f"{condition}: {name}", used=anchors[index], low=ends[0], high=ends[1]))
    return tuple(ranges)


def _models(table: TruthTable, solution: SolutionType, expectations: Any) -> Models:
    """The models as sets of terms; None where there are none."""
    try:
        found = minimise(table, solution=solution, expectations=expectations).models
    except BadInput as problem:
        if any(p.argument != "table" for p in problem.problems):
            raise
        return None
    return frozenset(frozenset(model.terms) for model in found)


def _consistency_range(table: TruthTable, here: Models, models: Callable[[TruthTable], Models]) -> Range:
    """Exact: outputs can only change where the cut passes the consistency of an observed row."""
    seen = {row.consistency for row in table.rows if row.n >= table.frequency and row.consistency is not None}
    bounds = sorted({0.0, *seen, 1.0})
    pieces = [(low, high) for low, high in pairwise(bounds) if high > low]
    own = next(i for i, (low, high) in enumerate(pieces) if low < table.consistency <= high)
    first = last = own
    while first > 0 and models(table.remade(consistency=pieces[first - 1][1])) == here:
        first -= 1
    while last + 1 < len(pieces) and models(table.remade(consistency=pieces[last + 1][1])) == here:
        last += 1
    return Range(choice="consistency", used=table.consistency, low=pieces[first][0], high=pieces[last][1])


def _frequency_range(table: TruthTable, here: Models, models: Callable[[TruthTable], Models]) -> Range:
    low = high = table.frequency
    while low > 1 and models(table.remade(frequency=low - 1)) == here:
        low -= 1
    most = max(row.n for row in table.rows)
    while high < most and models(table.remade(frequency=high + 1)) == here:
        high += 1
    return Range(choice="frequency", used=table.frequency, low=low - 1, high=high)


def _without(sets: Sets, index: int) -> Sets:
    return Sets(
        x=tuple(np.delete(levels, index, axis=1) for levels in sets.x),
        y=np.delete(sets.y, index),
        cases=sets.cases[:index] + sets.cases[index + 1 :],
    )
