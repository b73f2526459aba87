"""What a sites.toml declares: sites, when each could open, how many can open at once, and the outcome's history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hubeval.protocol import Outcome  # noqa: TC001 - the reader needs these names at run time
from hubeval.protocol.declared import YearMeaning  # noqa: TC001

Kind = Literal["lottery", "stratified", "stepped", "need"]
KINDS: tuple[Kind, ...] = ("lottery", "stratified", "stepped", "need")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site that will open.

    Parameters
    ----------
    id : str
        As in the history.
    ready : str
        The first period, or a day in it, in which it could open.
    need : float or None
        Higher is more need.
    under_fives : float or None
        Children it is for.
    stratum : str
        A group (a district, an authority) whose sites are spread over the waves.
    """

    id: str
    ready: str = ""
    need: float | None = None
    under_fives: float | None = None
    stratum: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waves:
    """When sites open, and how many can open in each wave: one number for all waves, or one a wave."""

    openings: tuple[str, ...]
    capacity: int | tuple[int, ...]

    @property
    def places(self) -> tuple[int, ...]:
        """Places in each wave.

        Examples
        --------
        >>> Waves(openings=("2026Q3", "2027Q1"), capacity=4).places
        (4, 4)
        """
        return (self.capacity,) * len(self.openings) if isinstance(self.capacity, int) else tuple(self.capacity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Sites that open in one wave, and why."""

    sites: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The outcome's own past, one row for each site and period; `file` lies beside the sites.toml."""

    file: str
    time: str
    unit: str = "site"
    missing_marks: tuple[str, ...] = ()
    year: YearMeaning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutCase:
    """A roll-out to design. Read one with `read_rollout`.

    Parameters
    ----------
    area, question : str
    sites : tuple of Site
    waves : Waves
    outcome : Outcome or None
    history : History or None
        Without one no smallest detectable effect is worked out.
    together : tuple of Together
    first : tuple of str
        Sites that must open in the first wave.
    chosen : {"lottery", "stratified", "stepped", "need"}
        The order that the protocol and the note are written for.
    lag : int
        Periods from opening until an effect could show.
    candidates : int
        Orders drawn in all, to say how even this draw is beside others that chance could have given.
    seed : int
        Public: anybody can draw the order again with it.
    """

    area: str
    question: str
    sites: tuple[Site, ...]
    waves: Waves
    outcome: Outcome | None = None
    history: History | None = None
    together: tuple[Together, ...] = ()
    first: tuple[str, ...] = ()
    chosen: Kind = "stratified"
    lag: int = 0
    candidates: int = 200
    seed: int = 20261122
    folder: str = ""
    sha256: str = ""
