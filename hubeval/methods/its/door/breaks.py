"""When it began and ended: the interruptions of a request, and its phase-in window, as positions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hubeval.methods.its.door.model import Break
from hubeval.methods.its.door.options import IMPACTS, Interruption

if TYPE_CHECKING:
    from hubeval.errors import Door
    from hubeval.methods.its.door.axis import Axis
    from hubeval.methods.its.door.request import Request


class Checker(Protocol):
    """What checks a request: its door, and where a named period lies."""

    ask: Request
    door: Door

    def position(self, argument: str, period: object, axis: Axis) -> int:
        """Where a named period lies, or 0 with a refusal."""


def interruptions(checker: Checker, axis: Axis) -> tuple[Break, ...]:
    """The interruptions, in order of time."""
    given = checker.ask.start if isinstance(checker.ask.start, (list, tuple)) else [checker.ask.start]
    found = []
    for one in given:
        each = one if isinstance(one, Interruption) else Interruption(at=one)
        checker.door.choice("start", each.impact, IMPACTS)
        if each.impact == "ramp" and each.over < 2:
            checker.door.refuse(
                "start",
                f"a ramp over {each.over} periods",
                "2 or more",
                "Set 'over', or use impact 'level'.",
            )
        at = checker.position("start", each.at, axis)
        found.append(Break(position=at, impact=each.impact, over=each.over, last=_last(checker, each, at, axis)))
    found.sort(key=lambda one: one.position)
    if not found:
        checker.door.refuse("start", "is empty", "at least one period", "Name the first treated period.")
    elif len({one.position for one in found}) < len(found):
        checker.door.refuse("start", "names one period twice", "each interruption once", "Remove one.")
    return tuple(found)


def _last(checker: Checker, one: Interruption, at: int, axis: Axis) -> int | None:
    """The last treated period of an interruption; None where it has no end inside the series."""
    if one.until == "":
        return None
    last = checker.position("end", one.until, axis)
    if last <= at + (one.impact == "level and slope") or last == len(axis.labels) - 1:
        checker.door.refuse(
            "end",
            f"{one.until} leaves {max(last - at + 1, 0)} treated period(s) and {len(axis.labels) - 1 - last} after "
            "them",
            "the last treated period: later than the start, and earlier than the last period",
            "Correct it; leave it out where the service goes on.",
        )
    return last


def phase_in(checker: Checker, axis: Axis, breaks: tuple[Break, ...]) -> tuple[int, int] | None:
    """The phase-in window as positions."""
    if checker.ask.transition is None:
        return None
    if not isinstance(checker.ask.transition, (tuple, list)) or len(checker.ask.transition) != 2:
        checker.door.refuse("transition", "is not a pair", "(first period, last period)", "Write both ends.")
        return None
    first, last = (checker.position("transition", end, axis) for end in checker.ask.transition)
    if first > last:
        checker.door.refuse("transition", "ends before it begins", "first period, then last", "Swap them.")
    elif breaks and not first <= breaks[0].position <= last + 1:
        checker.door.refuse(
            "transition",
            "does not touch the start",
            f"a window around {axis.labels[breaks[0].position]}",
            "Begin it at or before 'start' and end it there or later.",
        )
    return first, last
