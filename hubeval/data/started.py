"""Who started, and when, in full: a start on the wrong council, or a year early, is seen by whoever reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.data.clock import Clock
from hubeval.data.periods import parse
from hubeval.data.sites import starts_of
from hubeval.errors import listed
from hubeval.protocol import RECORDS, DidDesign, ItsDesign
from hubeval.wording import counted

if TYPE_CHECKING:
    from hubeval.data.findings import Findings
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol

WHO = "who started"


def check_started(protocol: Protocol, table: Table, found: Findings) -> None:
    """Name the first treated periods in full and, where units are declared as places, the units that start in each."""
    design = protocol.design
    if isinstance(design, RECORDS) or not table.periods:
        return
    first = parse(table.periods[0])
    clock = table.clock or (Clock(frequency=first.frequency) if first else None)
    if clock is None:
        return
    places = protocol.data.units in {"site", "authority"} and not table.made

    def when(position: int) -> str:
        if position < 0:
            return f"a period before the data begin ({table.periods[0]})"
        period = clock.place(table.periods[position])
        return clock.in_full(period) if period else table.periods[position]

    if isinstance(design, DidDesign):
        starts = table.frame.groupby(design.starter)[design.start].first().dropna()
        groups = [(int(at), list(map(str, who.index))) for at, who in starts.groupby(starts) if at < len(table.periods)]
    elif isinstance(design, ItsDesign) and design.sites:
        each = starts_of(design, table)
        groups = [(at, [name for name, one in each.items() if one == at]) for at in sorted(set(each.values()))]
    else:
        who = getattr(design, "treated", None)
        groups = [(table.start, [str(who)] if who else [])] if table.start is not None else []
    told = []
    for at, units in groups:
        names = f" ({listed(units, 12)})" if places and units else ""
        told.append(f"{counted(len(units), 'unit')}{names} in {when(at)}" if units else f"in {when(at)}")
    if told:
        more = f"; and {len(told) - 8} more dates" if len(told) > 8 else ""
        found.say(WHO, "Who started, and when?", "information", f"First treated: {'; '.join(told[:8])}{more}.")
