"""Who stands behind a result: what the release gate must know of the records, and what never leaves with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.data.members import Members, members, treated_side
from hubeval.data.table import OutcomeBehind
from hubeval.errors import BadInput, Problem
from hubeval.protocol import RECORDS, DidDesign, ItsDesign, SynthDesign

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.data.table import Table
    from hubeval.protocol import Outcome, Protocol

    Floats = NDArray[np.float64]

# more than a country holds: England has 153 upper-tier authorities and 296 in all, the United Kingdom under 400
MOST = {"authority": 500, "site": 20_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """Who stands behind a result. It is held in memory beside the result and is never written.

    Attributes
    ----------
    kind : str
        What the protocol says the units are. Where it does not: persons for records matched one by one, else empty.
    declared : bool
        Whether the protocol said so.
    places : bool
        The design is one of places, whose names the protocol itself gives.
    areas : bool
        The counts of treated and comparison are of areas; the persons in them are not followed.
    names : frozenset of str
        The ids in the records.
    public : frozenset of str
        Names that the protocol itself gives.
    n_units : int
    sizes : mapping of str to int
        All units (key empty), the treated and the comparison.
    waves : mapping of str to int
        Units in each cohort, where it has fewest; `starts` its position among `n_periods`.
    outcomes : mapping of str to OutcomeBehind
        By label.
    members : Members
        The level of each person, where subgroups are declared.
    """

    kind: str = ""
    declared: bool = False
    places: bool = False
    areas: bool = False
    names: frozenset[str] = field(default=frozenset(), repr=False)
    public: frozenset[str] = frozenset()
    n_units: int = 0
    sizes: Mapping[str, int] = field(default_factory=dict)
    waves: Mapping[str, int] = field(default_factory=dict)
    starts: Mapping[str, int] = field(default_factory=dict)
    n_periods: int = 0
    outcomes: Mapping[str, OutcomeBehind] = field(default_factory=dict, repr=False)
    members: Members = field(default_factory=Members, repr=False)


def behind(protocol: Protocol, table: Table) -> Behind:
    """Who stands behind the result of this protocol on this table.

    Raises
    ------
    BadInput
        The kind of unit that the protocol declares contradicts the data or the design.
    """
    design, frame = protocol.design, table.frame
    places = isinstance(design, (ItsDesign, SynthDesign))
    unit = getattr(design, "unit", None)
    names = frozenset(frame[unit].astype(str)) if unit else frozenset()
    _require_kind(protocol, len(names), places=places)
    waves, starts = _waves(design, frame, table.periods)
    outcomes = table.behind or {o.label: _outcome(design, o, frame) for o in protocol.outcomes}
    return Behind(
        kind=protocol.data.units or ("person" if isinstance(design, RECORDS) else ""),
        declared=bool(protocol.data.units),
        places=places,
        areas=isinstance(design, DidDesign) and not design.unit,
        names=frozenset() if table.made else names,  # made-up units have no names to keep
        public=frozenset(_named(design)),
        n_units=len(names) or len(frame),
        waves=waves,
        starts=starts,
        n_periods=len(table.periods),
        outcomes=outcomes,
        sizes=_sizes(len(names) or len(frame), outcomes[protocol.primary.label]),
        members=Members() if places or table.made else members(protocol, frame),
    )


def _require_kind(protocol: Protocol, n: int, *, places: bool) -> None:
    """The kind declared is one that the design and the data can have."""
    kind = protocol.data.units or ""
    problems = []
    if places and kind in {"person", "family"}:
        found = f"{kind!r}, but a design of kind {protocol.design.kind!r} is on the series of places"
        problems.append(Problem("data.units", found, "'site' or 'authority'", "Say what the series are of."))
    if kind in MOST and n > MOST[kind]:
        found = f"{n:,} units are declared to be of kind {kind!r}"
        problems.append(Problem("data.units", found, f"at most {MOST[kind]:,}", "If they are people, say 'person'."))
    if isinstance(protocol.design, RECORDS) and kind == "authority" and protocol.design.cluster:
        found = "'authority', but the records stand in clusters"
        problems.append(Problem("data.units", found, "the kind of one record", "If they are people, say 'person'."))
    if problems:
        raise BadInput(problems)


def _named(design: Any) -> list[str]:
    """Units that the protocol itself names."""
    if isinstance(design, (ItsDesign, SynthDesign)):
        return [str(design.treated), *getattr(design, "control", ()), *getattr(design, "donors", ()),
                *getattr(design, "sites", ())]
    return []


def _waves(design: Any, frame: pd.DataFrame, periods: tuple[str, ...]) -> tuple[dict[str, int], dict[str, int]]:
    """Units in each cohort in the period in which it has fewest, and when it starts."""
    if not isinstance(design, DidDesign):
        return {}, {}
    treated = frame[frame[design.start].notna() & (frame[design.start] < len(periods))]
    sizes, starts = {}, {}
    for start in sorted(set(treated[design.start].tolist())):
        rows = treated[treated[design.start] == start].groupby(design.time)
        seen = rows[design.unit].nunique() if design.unit else rows.size()
        label = periods[int(start)] if 0 <= start < len(periods) else f"{start:g}"
        sizes[label], starts[label] = int(seen.min()), int(start)
    return sizes, starts


def _sizes(n: int, primary: OutcomeBehind) -> dict[str, int]:
    return {"": n, **dict(zip(("treated", "comparison"), map(len, primary.sides), strict=False))}


def _outcome(design: Any, outcome: Outcome, frame: pd.DataFrame) -> OutcomeBehind:
    values = frame[outcome.column].to_numpy(dtype=float)
    known = np.isfinite(values)
    if not known.any():
        return OutcomeBehind()
    far = np.abs(values - np.median(values[known]))
    whole = bool(np.all(values[known] >= 0) and np.all(values[known] == np.round(values[known])))
    counts = values if whole and not outcome.behind else None
    if outcome.behind:
        counts = frame[outcome.behind].to_numpy(dtype=float)
    some = counts[np.isfinite(counts) & (counts > 0)] if counts is not None else np.empty(0)
    fewest = None if counts is None else int(some.min()) if len(some) else 0
    return OutcomeBehind(sides=_sides(design, frame, far), fewest=fewest, counts=whole and not outcome.behind)


def _sides(design: Any, frame: pd.DataFrame, far: Floats) -> tuple[Floats, ...]:
    """The farthest each unit lies from the middle, on either side."""
    if isinstance(design, (ItsDesign, SynthDesign)):
        return ()  # series of places, whose names and numbers the protocol gives
    side = treated_side(design, frame)
    who = frame[design.unit].to_numpy() if design.unit else np.arange(len(frame))
    _, code = np.unique(who.astype(str), return_inverse=True)
    found = []
    for which in (side, ~side):
        rows = which & np.isfinite(far)
        most = np.full(code.max() + 1, -1.0)
        np.maximum.at(most, code[rows], far[rows])
        found.append(most[most >= 0])
    return tuple(found)
