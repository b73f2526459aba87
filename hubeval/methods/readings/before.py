"""Every effect beside where the treated stood before their start, and as a share of it where that can be said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.methods.readings.level import share_of_level
from hubeval.result import ResultTable
from hubeval.scale import of_share, own_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hubeval.protocol import Outcome
    from hubeval.result import Cell, Estimate, Holds

NAME = "level-before"
COLUMNS = ("outcome", "effect", "unit of the effect", "level before", "unit of the level",
           "effect in % of the level before", "interval from, %", "interval to, %")  # fmt: skip
CAPTION = (
    "Each effect beside the level of the treated before their start, which the percentages take as known. A change in "
    "a share is one in points, and is given no percentage of the share"
)


COMPARED = "level-of-comparison"
OF_COMPARISON = (
    "Each effect beside where the outcome would stand without the treatment: the mean of the comparison as it was "
    "weighted and adjusted, which the percentages take as known. A change in a share is one in points, and is given no "
    "percentage of the share"
)


def beside_comparison(
    outcomes: Sequence[Outcome], estimates: Sequence[Estimate], levels: Mapping[str, tuple[float, int]]
) -> ResultTable | None:
    """`beside_level` of designs without a before: the level is that of the comparison."""
    table = beside_level(outcomes, estimates, levels)
    if table is None:
        return None
    columns = tuple(name.replace("level before", "level of the comparison") for name in COLUMNS)
    return replace(table, name=COMPARED, caption=OF_COMPARISON, columns=columns)


def beside_level(
    outcomes: Sequence[Outcome], estimates: Sequence[Estimate], before: Mapping[str, tuple[float, int]]
) -> ResultTable | None:
    """A table of the headline of each outcome with the level before beside it; None where no level is known.

    Parameters
    ----------
    outcomes : sequence of Outcome
    estimates : sequence of Estimate
        As a reader is shown them; the first of each outcome is its headline.
    before : mapping of label to (float, int)
        The mean of the treated before their start, in the measure's own unit, and how many units it is of.

    Examples
    --------
    >>> from hubeval.protocol import Outcome
    >>> from hubeval.result import Estimate
    >>> one = Estimate(term="ATT", estimand="", outcome="Visits", unit="visits", estimate=-2.0, conf_low=-3.0,
    ...                conf_high=-1.0, inference="")
    >>> table = beside_level([Outcome(column="v", label="Visits", unit="visits")], [one], {"Visits": (8.0, 30)})
    >>> table.rows[0][1:]
    (-2.0, 'visits', 8.0, 'visits', -25.0, -37.5, -12.5)
    """
    heads: dict[str, Estimate] = {}
    for one in estimates:
        heads.setdefault(one.outcome, one)
    rows: list[tuple[Cell, ...]] = []
    n = []
    for outcome in outcomes:
        if outcome.label not in heads or outcome.label not in before:
            continue
        head, (level, units) = heads[outcome.label], before[outcome.label]
        unit = own_unit(outcome.unit)
        ends = (head.estimate, head.conf_low, head.conf_high)
        whole = (None, None, None) if of_share(unit) else tuple(_per_cent(end, level, head.unit) for end in ends)
        rows.append((outcome.label, head.estimate, head.unit, level, unit, *whole))
        n.append(units)
    if not rows:
        return None
    kind: Holds = "mean" if min(n) > 1 else "value"  # of one unit alone it is that unit's own
    return ResultTable(
        name=NAME, caption=CAPTION, columns=COLUMNS, rows=tuple(rows), n=tuple(n),
        holds=("label", "effect", "label", kind, "label", kind, kind, kind),
    )  # fmt: skip


def _per_cent(end: float | None, level: float, unit: str) -> float | None:
    share = share_of_level(end, level, None, unit)
    return None if share is None else 100 * share
