"""The programme under evaluation: it is not its own rival, and whom it reached is not untreated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.data.areas import area_key
from hubeval.data.calendar import calendar, keys_of, known
from hubeval.data.periods import parse
from hubeval.errors import listed
from hubeval.protocol import RECORDS, DidDesign

if TYPE_CHECKING:
    from hubeval.data.findings import Findings
    from hubeval.data.table import Table
    from hubeval.errors import Door
    from hubeval.protocol import Protocol


def refuse_programme(protocol: Protocol, door: Door) -> None:
    """Refuse a programme that is none of the calendar's."""
    if not protocol.programmes:
        return
    if protocol.country != calendar().country:
        door.refuse("programme", f"named, and the calendar does not apply in {protocol.country!r}", "no programme",
                    "Leave it out.")
        return
    ids = [entry.id for entry in known(protocol).events if entry.kind == "co-intervention"]
    for name in protocol.programmes:
        door.choice("programme", name, ids)


def check_programme(protocol: Protocol, table: Table, found: Findings) -> None:
    """Say whom the programme reached, where the calendar knows, beside whom the design takes as treated."""
    design = protocol.design
    if not protocol.programmes or isinstance(design, RECORDS) or not table.periods:
        return
    who = design.starter if isinstance(design, DidDesign) else design.unit
    entries = [entry for entry in known(protocol).events if entry.id in protocol.programmes]
    opening = parse(table.periods[0])
    reached = set().union(*(keys_of(e) for e in entries if opening and _begun(e.placed(opening.frequency)[0], table)))
    labels = listed([entry.label for entry in entries])
    reading = f"Under evaluation: {labels}; it is not held against itself."
    if not reached or not who or who not in table.frame or protocol.data.units == "site":
        found.say("programme", "Who was reached by the programme?", "information", reading)
        return
    frame = table.frame
    treated = (set(frame.loc[frame[design.start].notna(), who]) if isinstance(design, DidDesign)
               else {getattr(design, "treated", "")})
    funded = {name for name in frame[who].unique() if area_key(str(name)) in reached}
    also, not_listed = sorted(map(str, funded - treated)), sorted(map(str, treated - funded))
    if also:
        reading += (f" {len(also)} of the units compared as untreated are among those that it reached "
                    f"({listed(also, 6)}): what it did there is taken from the number.")
    if not_listed:
        reading += f" {len(not_listed)} treated unit(s) are not among them ({listed(not_listed, 6)})."
    found.say("programme", "Who was reached by the programme?", "fail" if also else "caution" if not_listed
              else "information", reading, statistic=float(len(also)))


def _begun(first: object, table: Table) -> bool:
    """Whether it begins inside the data."""
    last = parse(table.periods[-1])
    return bool(last and getattr(first, "ordinal", last.ordinal + 1) <= last.ordinal)
