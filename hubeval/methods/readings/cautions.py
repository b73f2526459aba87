"""Declared cautions: shocks, breaks in a measure, other programmes; when they struck, and what was done about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.data.periods import coarsen, parse
from hubeval.methods.readings.question import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.protocol import Caution
    from hubeval.result import Diagnostic

A_YEAR = {"month": 12, "quarter": 4}
DONE = {
    "shared with the comparison": "The comparison is left to take it out, which it does only if it struck both alike.",
    "drop the periods": "Its periods are left out and say nothing about the effect.",
    "model it": "It has a term of its own: a change of level while it lasted.",
    "leave out these areas": "The areas that it struck are left out throughout.",
    "mended in the data": "The protocol says that this was put right before the data came here; nothing here can show "
    "that.",
}
LOCAL = " A programme of one area is not shared: what it did there is in the number."


def periods_a_year(periods: Sequence[str]) -> int:
    """Periods in a year, by how the first one is written; 1 where that cannot be told.

    Examples
    --------
    >>> periods_a_year(("2019Q1",)), periods_a_year(("2019-04",)), periods_a_year(("2019",)), periods_a_year(())
    (4, 12, 1, 1)
    """
    first = parse(periods[0]) if periods else None
    return 1 if first is None else A_YEAR.get(first.frequency, 1)


def touched(caution: Caution, periods: Sequence[str]) -> tuple[int, int] | None:
    """First and last position among the periods that a caution touches; None where it lies outside them.

    Examples
    --------
    >>> from hubeval.protocol import Caution
    >>> flood = Caution(kind="shock", label="Flood", first="2019Q3", handling="drop the periods", last="2019Q4")
    >>> touched(flood, ("2019Q1", "2019Q2", "2019Q3"))
    (2, 2)
    """
    first = parse(periods[0]) if periods else None
    ends = [parse(text) if text else None for text in (caution.first, caution.last)]
    if first is None or ends[0] is None:
        return None
    low = coarsen(ends[0], first.frequency)
    high = coarsen(ends[1], first.frequency) if ends[1] else None  # without a last period it goes on
    begin = 0 if low is None else low.ordinal - first.ordinal
    end = len(periods) - 1 if high is None else high.ordinal - first.ordinal
    if end < 0 or begin >= len(periods) or end < begin:
        return None
    return max(begin, 0), min(end, len(periods) - 1)


def declared(cautions: Sequence[Caution], periods: Sequence[str], starts: Sequence[int]) -> tuple[Diagnostic, ...]:
    """One reading for each declared caution, by how close to a start it falls and what was done about it.

    Left to the comparison within a year of a start, or where it is a programme of one area, it is a caution; what was
    dropped, modelled or mended is information.

    Parameters
    ----------
    cautions : sequence of Caution
    periods : sequence of str
        Labels of the periods in order; empty where the data have none (records).
    starts : sequence of int
        Positions of the first treated periods.

    Examples
    --------
    >>> from hubeval.protocol import Caution
    >>> covid = Caution(kind="shock", label="Covid-19", first="2020", handling="shared with the comparison")
    >>> years = tuple(str(year) for year in range(2010, 2024))
    >>> [one.status for start in (9, 3) for one in declared([covid], years, [start])]
    ['caution', 'information']
    """
    return tuple(_one(caution, periods, starts) for caution in cautions)


def _one(caution: Caution, periods: Sequence[str], starts: Sequence[int]) -> Diagnostic:
    span = periods_a_year(periods)
    where = touched(caution, periods)
    close = sorted({start for start in starts if where is not None and _near(caution, where, start, span)})
    left = caution.handling == "shared with the comparison"
    local = caution.kind == "co-intervention"
    when = f"{caution.first} to {caution.last}" if caution.last else f"from {caution.first}"
    if periods and where is None:
        near = " It lies outside the periods of these data."
    elif close:
        near_by = "a period" if span == 1 else f"{span} periods"
        near = f" It falls within {near_by} of a start ({', '.join(periods[start] for start in close)})."
    else:
        near = ""
    outside = bool(periods) and where is None
    asked = Question(
        name=f"declared {caution.kind}: {caution.label}",
        asked=f"Could '{caution.label}' pass for an effect?",
        threshold="left to the comparison within a year of a start, or a programme of one area: a caution",
        bears_on="sign",
    )
    done = "" if outside else f" {DONE[caution.handling]}{LOCAL if left and local else ''}"
    status = "caution" if left and not outside and (close or local) else "information"
    return asked.answered(status, f"{caution.label}, {when}.{near}{done}")  # type: ignore[arg-type]


def _near(caution: Caution, where: tuple[int, int], start: int, span: int) -> bool:
    """Within `span` periods of the onset or the end, or between them; what goes on has no end."""
    low, high = where
    if not caution.last:
        return abs(start - low) <= span
    return low - span <= start <= high + span
