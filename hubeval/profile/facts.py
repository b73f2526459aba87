"""What a profile holds: facts, outcomes and a reported verdict, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from hubeval import files
from hubeval.profile.dates import days

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

Kind = Literal["label", "fact", "document", "data"]
Route = Literal["quasi-experimental", "theory-based", "not enough evidence"]

GRADES: dict[str, int] = {"label": 1, "fact": 2, "document": 3, "data": 4}
"""How far a kind of fact can be leaned on: 1 asserted, 2 reported, 3 document seen, 4 checked on data."""

CRITERIA = (
    "IM1", "IM2", "IM3", "IM4", "TO1", "TO2", "TO3", "TO4", "DS1", "DS2", "DS3", "DS4", "DS5",
    "CA1", "CA2", "CA3", "CA4", "CA5", "ST1", "ST2", "ST3", "GE1", "GE2", "GE3", "GE4",
)  # fmt: skip
"""The ids a fact may speak to; `hubeval.readiness` says what each means."""

DESIGNS = ("RDD", "SDID", "SCM", "DiD", "CITS", "PSM", "ITS")
"""The designs a fact may be confined to, as the readiness model names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known about an area, and the range of levels on one criterion that it supports.

    Parameters
    ----------
    criterion : str
        One of `CRITERIA`.
    low, high : int
        Lowest and highest level (1 to 4) that the quote is compatible with.
    kind : {"label", "fact", "document", "data"}
        A stage word or judgement; a reported specific fact; a document seen; checked on data.
    quote, source, dated : str
        Words taken verbatim, where they stand, and when they were true: ``2021-11-17``, ``2021-11`` or ``2021``.
    note : str
        How the quote was read, where that is not plain.
    design : str
        The one design it speaks of (``"DiD"``), where it says nothing of the others: that one design would miss an
        effect does not show that another would. Blank where it is true of the area whatever the design.

    Examples
    --------
    >>> fact = Fact(criterion="IM1", low=3, high=4, kind="fact", quote="open since 2018", source="LGA", dated="2023")
    >>> fact.grade
    2
    """

    criterion: str
    low: int
    high: int
    kind: Kind
    quote: str = ""
    source: str = ""
    dated: str = ""
    note: str = ""
    design: str = ""

    @property
    def grade(self) -> int:
        """1 to 4, from the kind: a claim cannot grade itself."""
        return GRADES[self.kind]

    @property
    def last_day(self) -> date | None:
        """The latest day the date can mean, for telling old facts from fresh ones."""
        return days(self.dated)[1] if self.dated else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOutcome:
    """An outcome the area's own sources name, in their words."""

    label: str
    quote: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedVerdict:
    """What somebody else has published about the area. Kept for comparison; never an input."""

    route: Route
    quote: str
    source: str
    dated: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of one area. Read one with `read_profile`.

    Parameters
    ----------
    area : str
    facts : tuple of Fact
    outcomes : tuple of NamedOutcome
    reported_verdict : ReportedVerdict or None
        Never an input: no function of `hubeval.readiness` that reaches a verdict reads it.
    access : bool or None
        Whether an evaluator can reach the people and the documents; None when not known.
    sites : int or None
        How many hubs or sites there are to compare, where a source counts them.
    opens : str
        When the hub opens or opened (the first site, where there are several), as a day, month or year; it may lie
        ahead. It decides by the calendar which comparisons are left.
    assessor : str
        Who read the sources; two assessors' profiles can be compared and merged.
    rubric_version : str
        The version of the criteria the facts were coded against, where the file says so.
    illustrative : bool
        True for an invented example; every output says so.
    notes, sha256 : str
    """

    area: str
    facts: tuple[Fact, ...] = ()
    outcomes: tuple[NamedOutcome, ...] = ()
    reported_verdict: ReportedVerdict | None = None
    access: bool | None = None
    sites: int | None = None
    opens: str = ""
    assessor: str = ""
    rubric_version: str = ""
    illustrative: bool = False
    notes: str = ""
    sha256: str = ""

    def adding(self, facts: Sequence[Fact]) -> Profile:
        """The same area with more facts known, such as those of a data check."""
        return replace(self, facts=(*self.facts, *facts))

    def to_dict(self) -> dict[str, Any]:
        """Plain values that, saved as JSON, `read_profile` reads again; what is not known is left out."""
        made: dict[str, Any] = files.plain(self)
        del made["sha256"]
        made["facts"] = [{k: v for k, v in fact.items() if k != "design" or v} for fact in made["facts"]]
        return {key: value for key, value in made.items() if value not in (None, "", []) and (key, value) != _NOT_SAID}

    def without(self, quote: str) -> Profile:
        """The same area as if one quote had never been found."""
        return replace(self, facts=tuple(fact for fact in self.facts if fact.quote != quote))


_NOT_SAID = ("illustrative", False)
