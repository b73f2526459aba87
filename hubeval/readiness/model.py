"""What an assessment returns: frozen values that every text, page and gate is drawn from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from hubeval import files

if TYPE_CHECKING:
    from datetime import date

    from hubeval.profile import Profile, Route
    from hubeval.readiness.openings import Way
    from hubeval.readiness.verdict import DesignStatus, Reading, Status

FindingStatus = Literal["met", "not met", "unknown", "conflict"]
Role = Literal["route", "design", "soft"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateState:
    """One gate on one criterion: for the route or a design, the level it asks, and whether it is met."""

    gate: str
    level: int
    status: FindingStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is known on one criterion, against the lowest level that any gate asks of it.

    Parameters
    ----------
    criterion, dimension, question : str
    role : {"route", "design", "soft"}
        Whether it decides the family of methods, only designs, or nothing.
    status : {"met", "not met", "unknown", "conflict"}
    low, high, needed : int
    because : str
        The reason with its quote, source, date and kind.
    to_fix : str
        What to find out, or what to build; empty where there is nothing to do.
    gates : tuple of GateState
        Every gate on this criterion: designs may ask more than `needed`.
    grade : int
        0 nothing, 1 asserted, 2 reported, 3 document seen, 4 checked on data.
    stale : bool
        Whether every fact behind it is old.
    name : str
        The criterion in two or three words.
    """

    criterion: str
    dimension: str
    question: str
    role: Role
    status: FindingStatus
    low: int
    high: int
    needed: int
    because: str
    to_fix: str
    gates: tuple[GateState, ...] = ()
    grade: int = 0
    stale: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pivot:
    """A quote that the route hangs on alone, and what the verdict would be without it."""

    quote: str
    source: str
    kind: str
    criteria: tuple[str, ...]
    route: Route
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The verdict if every unknown turned out well, or badly; and the designs then open."""

    route: Route
    status: Status
    open: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One possible answer to a question, as a range of levels, and what it would change."""

    low: int
    high: int
    means: str
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindOut:
    """Something unknown: who can say, at what cost, and what each answer would change. Not a weakness."""

    criterion: str
    question: str
    who: str
    cost: int
    how: str
    months: int
    blocks_route: bool
    blocks: tuple[str, ...]
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """Something known to be lacking: what to do, how long it takes in our judgement, what it unlocks."""

    criterion: str
    what: str
    high: int
    needed: int
    months: tuple[int, int]
    unlocks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The smallest set that opens one design: its gates are a conjunction, so the set is unique.

    `climb` is the number of levels still to be shown or built: a count of unknowns alone misleads.
    """

    design: str
    find_out: tuple[str, ...]
    build: tuple[str, ...]
    climb: int
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Roadmap:
    """What to find out apart from what to build, the way to each design, and when to assess again.

    `core` are the criteria that stand in the way of every design worth pursuing: do these first.
    `not_offered` says which designs are left out, and what would bring them in.
    """

    find_out: tuple[FindOut, ...]
    build: tuple[Build, ...]
    paths: tuple[Path, ...]
    core: tuple[str, ...]
    not_offered: tuple[tuple[str, str], ...]
    recheck: date
    recheck_when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """What an assessment came to, before it is put into words (`Readiness` adds those).

    Parameters
    ----------
    profile : Profile
    route : {"quasi-experimental", "theory-based", "not enough evidence"}
    status : {"ready", "provisional", "foundations", "undecided"}
    reading : str
        The finer reading of the route, such as "no credible counterfactual".
    because : tuple of str
        The reasons, one line each.
    findings : tuple of Finding
        One for each of the 25 criteria.
    designs : tuple of DesignStatus
        Strongest first.
    pivotal : tuple of Pivot
        The single quotes that the route hangs on; empty where it survives dropping any one.
    best, worst : Case
        The verdict if every unknown turned out well, or badly.
    grade : int
        The best grade of evidence that supports the route on its own; 0 where there is none.
    cautions : tuple of str
    roadmap : Roadmap
    rubric_version : str
    assessed : date
    ways : tuple of Way
        What a hub that opens when the profile says can still be compared with; empty where it does not say.
    """

    profile: Profile
    route: Route
    status: Status
    reading: Reading
    because: tuple[str, ...]
    findings: tuple[Finding, ...]
    designs: tuple[DesignStatus, ...]
    pivotal: tuple[Pivot, ...]
    best: Case
    worst: Case
    grade: int
    cautions: tuple[str, ...]
    roadmap: Roadmap
    rubric_version: str
    assessed: date
    ways: tuple[Way, ...] = ()

    @property
    def area(self) -> str:
        """The area's name."""
        return self.profile.area

    def finding(self, criterion: str) -> Finding:
        """The finding on one criterion."""
        return next(item for item in self.findings if item.criterion == criterion)

    def design(self, name: str) -> DesignStatus:
        """The state of one design."""
        return next(item for item in self.designs if item.design == name)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `designs` by name, the published verdict under a name that says it was not used."""
        made: dict[str, Any] = {
            field.name: files.plain(getattr(self, field.name)) for field in fields(self) if field.name != "profile"
        }
        profile = self.profile.to_dict()
        verdict = profile.pop("reported_verdict", None)
        made["designs"] = {item.pop("design"): item for item in made["designs"]}
        made["roadmap"]["not_offered"] = dict(self.roadmap.not_offered)
        return {
            "area": self.area,
            **made,
            "profile": profile,
            "profile_sha256": self.profile.sha256,
            "reported_verdict_not_used": verdict,
        }
