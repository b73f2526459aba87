"""What checks on data come to: readings to print, and facts that a readiness assessment can take in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubeval.profile import Fact
from hubeval.result import Diagnostic

if TYPE_CHECKING:
    from hubeval.data.thresholds import Threshold
    from hubeval.result import Status


@dataclass(slots=True)
class Findings:
    """Collects what the checks say, in the order they say it."""

    source: str
    dated: str
    design: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def say(
        self, name: str, question: str, status: Status, reading: str, *, statistic: float | None = None,
        threshold: Threshold | str = "",
    ) -> None:
        """One reading."""
        self.diagnostics.append(
            Diagnostic(
                name=name, question=question, statistic=statistic, threshold=str(threshold), status=status,
                reading=reading,
            )
        )

    def fact(self, criterion: str, low: int, high: int, quote: str, note: str = "", *, own: bool = False) -> None:
        """One fact checked on data: the range of levels that the data leave open on a criterion.

        An `own` fact speaks of this design alone: that this file holds few units, or none to compare with, does not
        show that there are none for another design to use.
        """
        self.facts.append(
            Fact(
                criterion=criterion, low=low, high=high, kind="data", quote=quote, source=self.source,
                dated=self.dated, note=note, design=self.design if own else "",
            )
        )


def worse(*statuses: Status) -> Status:
    """The worst of several statuses.

    Examples
    --------
    >>> worse("pass", "caution", "information")
    'caution'
    """
    order: tuple[Status, ...] = ("information", "pass", "caution", "fail")
    return max(statuses, key=order.index)
