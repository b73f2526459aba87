"""What a protocol holds: outcomes, design, data, cautions and amendments, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - the reader needs these names at run time
from dataclasses import dataclass, field
from datetime import date  # noqa: TC003 - the reader needs these names at run time
from typing import Any, Literal

from hubeval.protocol.designs import Design  # noqa: TC001
from hubeval.protocol.outcome import Outcome  # noqa: TC001

YearMeaning = Literal[
    "calendar",
    "financial",
    "financial, named by its end",
    "financial, named by its start",
    "academic",
    "academic, named by its end",
    "academic, named by its start",
]


ENGINES = ("duckdb:", "postgresql://", "postgres://", "spark://")
"""How a source begins that stays where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """Something declared in advance that could pass for an effect: a shock, a recording break, another programme.

    Parameters
    ----------
    kind : {"shock", "measure break", "co-intervention", "boundary change"}
    label : str
    first, last : str
        First and last period touched, written as in the data; `last` empty means from `first` on.
    handling : {"shared with the comparison", "drop the periods", "leave out these areas", "model it", \
"mended in the data"}
        Absorbed by period effects common to both groups; its periods left out, for all; the areas that it struck left
        out, throughout; given its own term; or said to have been put right before the data came here (areas merged
        over a boundary change, one definition throughout).
    event : str
        Id in the shipped calendar, if it is one of those.
    areas : tuple of str
        Units to leave out, for "leave out these areas"; the event's own where it has some.
    """

    kind: Literal["shock", "measure break", "co-intervention", "boundary change"]
    label: str
    first: str
    last: str = ""
    handling: Literal[
        "shared with the comparison", "drop the periods", "leave out these areas", "model it", "mended in the data"
    ]
    event: str = ""
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroup:
    """Groups in which the effect on the primary outcome is asked for too, declared before the data were seen.

    Parameters
    ----------
    column : str
        Known before the start; of a panel, the same in all rows of a unit.
    label : str
    levels : tuple of str
        Those asked for, as in the data, the one the others are set against first; all where none is named.
    """

    column: str
    label: str
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A dated change to a registered protocol, with its reason."""

    dated: date
    change: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource:
    """Where the data lie (relative to the protocol's folder) and the marks that stand for "no number here".

    `linked` names a column that says 1 where a record was linked to its outcome and 0 where it was not. `units` says
    what the units are, and `release` names the rules that what leaves must meet (`hubeval.release`): one of the
    shipped profiles, or a TOML file beside the protocol.
    `year` says what a year is in these data, where that is not plain; a bare year under "financial" or "academic" is
    the one in which it ends, unless "named by its start" is said. `never_marks` are words in a column of starts that
    mean never treated; blank always does. `source` stands in place of `file` for a table that stays where it is, asked
    for sums: ``"duckdb:folder/*.parquet"``, ``"duckdb:store.duckdb#table"``, ``"postgresql://host/database#table"``.
    """

    file: str = ""
    source: str = ""
    missing_marks: tuple[str, ...] = ()
    sheet: str = ""
    linked: str = ""
    units: Literal["person", "family", "site", "authority"] | None = None
    release: str = ""
    year: YearMeaning | None = None
    never_marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """A registered evaluation. Read one with `read_protocol`; `sha256` is of the file's own bytes.

    `multiverse` holds, by key of the design, other options that are as defensible: every way through them is estimated
    beside the headline.
    `country` is whose calendar of breaks and shocks applies; hubeval ships England's. `calendar` names a TOML file
    beside the protocol whose events are held against the data with the shipped ones. `programme` names what is under
    evaluation by its id in the calendar: it is not its own rival.
    """

    area: str
    question: str
    registered: date
    outcomes: tuple[Outcome, ...]
    design: Design
    profile: str = "profile.toml"
    country: str = "England"
    calendar: str = ""
    programme: str | tuple[str, ...] = ""
    data: DataSource = field(default_factory=DataSource)
    cautions: tuple[Caution, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    subgroups: tuple[Subgroup, ...] = ()
    multiverse: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    notes: str = ""
    seed: int = 20261122
    folder: str = ""
    filename: str = ""
    sha256: str = ""

    @property
    def programmes(self) -> tuple[str, ...]:
        """The ids of what is under evaluation; none where the protocol names none."""
        return ((self.programme,) if self.programme else ()) if isinstance(self.programme, str) else self.programme

    @property
    def primary(self) -> Outcome:
        """The outcome the headline is about."""
        return next((o for o in self.outcomes if o.role == "primary"), self.outcomes[0])
