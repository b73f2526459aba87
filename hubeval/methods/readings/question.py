"""A question put to a result: its threshold, and the diagnostic that an answer makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hubeval.result import Bearing, Diagnostic, NotComputed

if TYPE_CHECKING:
    from hubeval.result import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, beside which threshold, and what the worst answer could do to the number.

    Examples
    --------
    >>> asked = Question(name="overlap", asked="Is anyone comparable?", threshold="above 0.2 fails")
    >>> asked.answered("pass", "Nearly everyone is.", 0.01).status
    'pass'
    >>> asked.unanswered("no score was fitted").what
    'overlap'
    """

    name: str
    asked: str
    threshold: str = ""
    bears_on: Bearing = "size"

    def answered(self, status: Status, reading: str, statistic: float | None = None) -> Diagnostic:
        """The answer with its status and how to read it."""
        return Diagnostic(
            name=self.name,
            question=self.asked,
            statistic=statistic,
            threshold=self.threshold,
            status=status,
            reading=reading,
            bears_on=self.bears_on,
        )

    def unanswered(self, reason: str) -> NotComputed:
        """The question left open, with the reason."""
        return NotComputed(what=self.name, reason=reason)


def graded(value: float, *, caution: float, fail: float) -> Status:
    """The status of a value that is worse the larger it is: a caution above one line, a failure above another.

    Examples
    --------
    >>> graded(0.1, caution=0.2, fail=0.4), graded(0.3, caution=0.2, fail=0.4), graded(0.5, caution=0.2, fail=0.4)
    ('pass', 'caution', 'fail')
    """
    return "fail" if value > fail else "caution" if value > caution else "pass"
