"""What a type cannot say about a protocol: rules between keys, and dates."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hubeval.protocol.did import DidDesign

if TYPE_CHECKING:
    from hubeval.errors import Door
    from hubeval.protocol.declared import Protocol


def require_starter(design: object, door: Door) -> None:
    """Refuse repeated cross-sections that do not say what starts."""
    if isinstance(design, DidDesign) and not design.starter:
        door.refuse(
            "design.unit",
            "there is none, and no design.cluster",
            "a unit column; or, for repeated cross-sections of people, cluster = the area that starts",
            "Name one of them.",
        )


def check_protocol(protocol: Protocol, door: Door) -> None:
    """What a type cannot say."""
    require_starter(protocol.design, door)
    if type(protocol.registered) is date and protocol.registered > date.today():  # noqa: DTZ011 - a calendar day
        door.refuse("registered", f"{protocol.registered} is in the future", "a date up to today", "Correct the date.")
    columns = [outcome.column for outcome in protocol.outcomes if outcome]
    for column in sorted({c for c in columns if columns.count(c) > 1}):
        door.refuse("outcomes", f"column {column!r} is declared twice", "each column once", "Remove one.")
    for outcome in protocol.outcomes:
        if outcome and outcome.smallest_worthwhile is not None and outcome.smallest_worthwhile <= 0:
            door.refuse(
                f"outcomes ({outcome.column})",
                f"smallest_worthwhile is {outcome.smallest_worthwhile:g}",
                "a size above 0",
                "Write the size without its sign; 'direction' says which way is better.",
            )
    _check_baselines(protocol, door)
    if protocol.outcomes and all(o.role != "primary" for o in protocol.outcomes if o):
        door.refuse("outcomes", "none has role 'primary'", "exactly one primary outcome", "Mark the one decided on.")
    if sum(o.role == "primary" for o in protocol.outcomes if o) > 1:
        door.refuse(
            "outcomes",
            "more than one has role 'primary'",
            "exactly one primary outcome",
            "Keep one; give the others role 'secondary' or 'downstream'.",
        )


def _check_baselines(protocol: Protocol, door: Door) -> None:
    """Only records matched have one column for before; other designs have periods."""
    for outcome in protocol.outcomes:
        if outcome and outcome.baseline and protocol.design and protocol.design.kind != "matching":
            found = f"baseline does not apply to a design of kind {protocol.design.kind!r}"
            cure = "Leave it out: that design has its own periods before."
            door.refuse(f"outcomes ({outcome.column})", found, "design.kind = 'matching'", cure)
