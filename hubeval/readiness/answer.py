"""The answer that `assess` gives: the values of an assessment, which print as the whole verdict in words."""

from __future__ import annotations

from dataclasses import dataclass

from hubeval.readiness.model import Assessed
from hubeval.readiness.text import why


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness(Assessed):
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
