"""One council's packet: a small file of sums that stands for its records, and is readable before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import hubeval
from hubeval import files
from hubeval.data.behind import behind
from hubeval.data.calendar import require_declared
from hubeval.data.checks import check_table
from hubeval.data.sums import Sums, sums_of
from hubeval.data.taken import taken
from hubeval.data.untreated import require_untreated
from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.federation.cleared import given_away, require_cleared
from hubeval.protocol import DidDesign
from hubeval.release.profiles import rulebook_of

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.data.backends import Elsewhere
    from hubeval.data.checks import Check
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol

    _Held = tuple[str, str, NDArray[np.float64]]

SCHEMA = "hubeval-packet/1"
NEVER = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Units of one cohort (and cluster): `start` as the data write it, empty for never treated."""

    start: str
    cluster: str
    sums: Sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What one council sends.

    Attributes
    ----------
    council : str
        The protocol's area.
    definition : str
        Hash of what must be the same everywhere: design, outcomes, cautions, country.
    columns, periods : tuple of str
        A unit's row is every column in every period, column by column.
    groups : tuple of Group
    incomplete : int or None
        Units left out because a value was missing; None where they are too few to be counted.
    raised : tuple of str
        What the check of the records raised, by name and reading, to be said with the pooled result.
    profile, threshold : str, int
        The rules it met, and the fewest units in a group that they allow.
    """

    council: str
    definition: str
    columns: tuple[str, ...]
    periods: tuple[str, ...]
    groups: tuple[Group, ...]
    incomplete: int | None
    raised: tuple[tuple[str, str], ...]
    profile: str
    threshold: int
    units: str

    def to_dict(self) -> dict[str, Any]:
        """The packet as it is written."""
        return {
            "schema": SCHEMA, "hubeval": hubeval.__version__, "council": self.council, "definition": self.definition,
            "units": self.units, "profile": self.profile, "threshold": self.threshold, "columns": list(self.columns),
            "periods": list(self.periods), "incomplete": self.incomplete,
            "raised": [list(pair) for pair in self.raised],
            "groups": [
                {"start": group.start, "cluster": group.cluster, "n": group.sums.n, "mean": group.sums.mean.tolist(),
                 "cross": _lower(group.sums.cross)} for group in self.groups
            ],
        }  # fmt: skip

    def lines(self) -> tuple[str, ...]:
        """What is in the packet, for whoever clears it."""
        n = sum(group.sums.n for group in self.groups)
        out = [f"Packet of {self.council}: sums of {n:,} units in {len(self.groups)} groups."]
        out += [
            f"  {g.start or 'never treated'}{f', {g.cluster}' if g.cluster else ''}: {g.sums.n:,} units"
            for g in self.groups
        ]
        size = f"{len(self.columns)} outcome(s) in {len(self.periods)} periods"
        out += [f"Each group holds the number of units, the mean of {size}, and their cross-products."]
        out += ["No unit's row is in it."]
        out += [f"Rules met: {self.profile} (no group of fewer than {self.threshold})."]
        gone = f"fewer than {self.threshold}" if self.incomplete is None else f"{self.incomplete:,}"
        out += [f"Left out: {gone} unit(s) with a missing value."] if self.incomplete != 0 else []
        return (*out, *(f"Raised by the check: {name}: {said}" for name, said in self.raised))


def packet(protocol: Protocol, data: str | Path | pd.DataFrame | Elsewhere, *, today: date | None = None) -> Packet:
    """The packet of one council's records.

    Parameters
    ----------
    protocol : Protocol
        A difference-in-differences whose units are followed, without covariates or weights. Its `area` is the council.
    data : path, DataFrame or Elsewhere
        A table elsewhere tells sums only, so that it serves open data: of records on people, whether sums give the
        values of a few away is decided from the records.

    Raises
    ------
    BadInput
        Another design, a group of fewer units than the release profile allows, sums that would give the values of a few
        units away, or records that do not pass the door.
    """
    _require_summable(protocol)
    source, table = taken(protocol, data)
    require_untreated(protocol, table)
    require_declared(protocol, table)
    who = behind(protocol, table)
    rules = rulebook_of(protocol, who.kind)
    if table.made and not rules.open:
        found = "the table tells sums only, and whether they give the values of a few away is decided from records"
        cure = "Make the packet from the records (--data FILE), beside the table. Nothing was written."
        raise BadInput([Problem("data", found, f"records in memory, under the rules {rules.name!r}", cure)])
    checked = check_table(protocol, source, table, today=today)
    assert isinstance(protocol.design, DidDesign)
    used = sorted({int(t) for t in table.frame[protocol.design.time]})
    held, incomplete = _groups(protocol, table, used)
    incomplete += table.lacking[0]  # of a table elsewhere, whose units were never laid out
    if incomplete and protocol.design.gaps != "drop":
        found = f"{incomplete} unit(s) have a missing value, and gaps = {protocol.design.gaps!r} would use the rest"
        cure = 'Write gaps = "drop" (group-time), so that every council leaves them out, or drop periods by a caution.'
        raise BadInput([Problem("design.gaps", found, "units with every value", cure)])
    require_cleared([len(rows) for _, _, rows in held], incomplete, rules)
    given_away([rows for _, _, rows in held], [outcome.label for outcome in protocol.outcomes], rules)
    few = 0 < incomplete < rules.threshold
    return Packet(
        council=protocol.area, definition=definition(protocol), columns=tuple(o.column for o in protocol.outcomes),
        periods=tuple(table.periods[t] for t in used), incomplete=None if few else incomplete,
        groups=tuple(Group(start=start, cluster=cluster, sums=sums_of(rows)) for start, cluster, rows in held),
        profile=rules.name, threshold=rules.threshold,
        raised=_raised(checked, who.kind), units=who.kind,
    )  # fmt: skip


def definition(protocol: Protocol) -> str:
    """The hash of what councils must agree on, however their files, areas and profiles differ.

    Examples
    --------
    >>> from hubeval.protocol import Outcome, Protocol
    >>> from datetime import date
    >>> one = Protocol(area="A", question="?", registered=date(2026, 1, 1),
    ...     design=DidDesign(unit="u", time="t", start="s"),
    ...     outcomes=(Outcome(column="y", label="Y", unit="%"),))
    >>> from dataclasses import replace
    >>> definition(one) == definition(replace(one, area="B"))
    True
    >>> definition(one) == definition(replace(one, country="Wales"))
    False
    """
    held = {
        "kind": protocol.design.kind, "design": files.plain(protocol.design),
        "outcomes": files.plain(protocol.outcomes),
        "cautions": files.plain(protocol.cautions), "country": protocol.country,
    }  # fmt: skip
    return files.sha256(files.to_json(held, indent=None))


def read_packet(path: str | Path) -> Packet:
    """Read a packet.

    Raises
    ------
    BadInput
        It is no packet, or its numbers do not fit together.
    """
    raw = files.read_json(path, "packet")
    wrong = BadInput([Problem("packet", f"{path} is no packet of hubeval", SCHEMA, "Make one with 'hubeval packet'.")])
    if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
        raise wrong
    try:
        columns, periods = tuple(map(str, raw["columns"])), tuple(map(str, raw["periods"]))
        groups = tuple(_read_group(group, len(columns) * len(periods)) for group in raw["groups"])
        return Packet(
            council=str(raw["council"]), definition=str(raw["definition"]), columns=columns, periods=periods,
            groups=groups,
            incomplete=None if raw["incomplete"] is None else int(raw["incomplete"]),
            raised=tuple((str(a), str(b)) for a, b in raw["raised"]),
            profile=str(raw["profile"]), threshold=int(raw["threshold"]), units=str(raw["units"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        raise wrong from None


def _read_group(raw: dict[str, Any], d: int) -> Group:
    mean, half = np.array(raw["mean"], dtype=float), np.array(raw["cross"], dtype=float)
    n = int(raw["n"])
    if (
        n < 1
        or mean.shape != (d,)
        or half.shape != (d * (d + 1) // 2,)
        or not np.isfinite([mean.sum(), half.sum()]).all()
    ):
        raise ValueError
    cross = np.zeros((d, d))
    cross[np.tril_indices(d)] = half
    cross = cross + np.tril(cross, -1).T
    if (np.diag(cross) < 0).any():
        raise ValueError
    return Group(start=str(raw["start"]), cluster=str(raw["cluster"]), sums=Sums(n=n, mean=mean, cross=cross))


def _raised(checked: Check, kind: str) -> tuple[tuple[str, str], ...]:
    """What the check asks care for; of records on people only by name, since a reading may count few of them."""
    asked = [item for item in checked.carried if item.status in {"caution", "fail"}]
    open_kind = kind in {"authority", "site"}
    return tuple((item.name, item.reading if open_kind else "see the council's own check") for item in asked)


def _lower(cross: NDArray[np.float64]) -> list[float]:
    return [float(value) for value in cross[np.tril_indices(len(cross))]]


def _require_summable(protocol: Protocol) -> None:
    """Refuse what sums do not hold."""
    design, door = protocol.design, Door()
    if not isinstance(design, DidDesign) or not design.unit:
        door.refuse(
            "design",
            f"of kind {design.kind!r}" + ("" if not isinstance(design, DidDesign) else ", nobody followed"),
            "a difference-in-differences with a unit",
            "Evaluate it on the records.",
        )
    else:
        if design.covariates:
            door.refuse(
                "design.covariates",
                f"declares {listed(design.covariates)}",
                "none",
                "Sums do not hold covariates: leave them out, or evaluate on the records.",
            )
        if design.weights:
            door.refuse("design.weights", f"declares {design.weights!r}", "none", "Leave it out.")
    if protocol.subgroups:
        door.refuse("subgroups", "are not pooled", "none", "Leave them out: a packet holds no sums by level.")
    if any(outcome.scale != "level" for outcome in protocol.outcomes):
        door.refuse(
            "outcomes: scale", "an outcome is on another scale", "level", "Leave the scale out, or give the column so."
        )
    door.close()


def _groups(protocol: Protocol, table: Table, used: list[int]) -> tuple[list[_Held], int]:
    """Start, cluster and rows of the units that have every value, and how many have not."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    assert design.unit is not None
    columns = [outcome.column for outcome in protocol.outcomes]
    wide = table.frame.pivot_table(
        index=design.unit, columns=design.time, values=columns, aggfunc="first", dropna=False
    )  # fmt: skip
    wide = wide.reindex(columns=[(column, t) for column in columns for t in used])
    whole = np.asarray(wide.notna().to_numpy().all(axis=1))
    first = table.frame.groupby(design.unit, sort=True)
    start = first[design.start].first().reindex(wide.index)
    cluster = first[design.cluster].first().reindex(wide.index).astype(str) if design.cluster else None
    late = start >= len(table.periods)
    label = start.where(~late).map(lambda s: NEVER if s != s else table.periods[int(s)])  # noqa: PLR0124 - NaN
    keys = label if cluster is None else label.str.cat(cluster, sep="\x1f")
    made = []
    for key in sorted(keys[whole].unique()):
        begins, _, inside = key.partition("\x1f")
        made.append((begins, inside, wide[whole & (keys == key).to_numpy()].to_numpy(dtype=float)))
    return made, int((~whole).sum())
