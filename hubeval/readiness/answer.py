"""The answer that `assess` gives: the values of an assessment, which print as the whole verdict in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hubeval.readiness.model import Assessed
from hubeval.readiness.text import why
from hubeval.shown import Shown, levels


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness(Shown, Assessed):
    """Whether an area can be evaluated with a quasi-experiment, by which design, and what it would take.

    Its parts are those of `hubeval.readiness.model.Assessed`; ``str(readiness)`` is the verdict in words.

    Examples
    --------
    >>> from hubeval.profile import Profile
    >>> from hubeval.readiness import assess
    >>> str(assess(Profile(area="Anywhere"))).splitlines()[0]
    'Anywhere: not enough evidence'
    """

    def __str__(self) -> str:
        return why(self)

    def _figures(self) -> tuple[Any, ...]:
        title = f"{self.profile.area}: what is known of each criterion, {self.route}"
        known = [(one.criterion, one.low or 1, one.high or 4) for one in self.findings]
        return (levels("criteria", title, known),) if known else ()
