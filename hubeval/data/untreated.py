"""Whether anybody is still untreated: a programme that reaches every area ends a never-treated comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.data.calendar import known
from hubeval.data.periods import coarsen, parse
from hubeval.errors import Door
from hubeval.protocol import RECORDS, DidDesign, ItsDesign

if TYPE_CHECKING:
    from hubeval.data.calendar import Event
    from hubeval.data.findings import Findings
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol

ANSWERS = (
    "What would still answer it: the periods before, compared as declared; the order in which sites open "
    "(units = 'site', each site's opening as its start, control = 'not-yet'); how much of it each area has "
    "(a dose: estimator = 'heterogeneous-adoption'); or a cut-off that decided who came first (kind = 'rdd')."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A comparison that is called untreated and stands in periods in which no area is.

    Attributes
    ----------
    event : Event
        What reaches every area.
    first : str
        The first period that it touches, as the data write periods.
    toml : str
        The caution that leaves those periods out, ready to paste.
    n_units : int
        Units that the design calls never treated, with rows in those periods.
    """

    event: Event
    first: str
    toml: str
    n_units: int

    @property
    def reading(self) -> str:
        """One sentence that says what is wrong."""
        who = f"{self.n_units} {'unit is' if self.n_units == 1 else 'units are'}"
        return (
            f"{who} compared as untreated in {self.first} or after, when no area of the country is: "
            f"{self.event.label} (from {self.event.first})."
        )


def ended(protocol: Protocol, table: Table) -> tuple[Ended, ...]:
    """The programmes of the calendar that end the design's never-treated comparison inside the data.

    Sites are left alone: in a roll-out it is the site that opens, and one that has not is untreated although its
    authority has others. Records without periods cannot cross anything.

    Parameters
    ----------
    protocol : Protocol
    table : Table
        From `hubeval.data.bind.bind`, with declared periods already left out.
    """
    calendar = known(protocol)
    if not table.periods or protocol.country != calendar.country or protocol.data.units == "site":
        return ()
    opening, rows = parse(table.periods[0]), _untreated(protocol, table)
    if opening is None or not len(rows):
        return ()
    found = []
    for event in calendar.events:
        if event.universal:
            first, _ = event.placed(opening.frequency)
            late = rows[rows[:, 1] >= first.ordinal - opening.ordinal]
            if len(late):
                found.append(Ended(event=event, first=str(first), toml=_lines(event, str(first)),
                                   n_units=len(np.unique(late[:, 0]))))
    return tuple(found)


def require_untreated(protocol: Protocol, table: Table) -> None:
    """Refuse a never-treated comparison across the day from which nobody is untreated.

    Raises
    ------
    BadInput
        One problem for each programme, with the lines that leave its periods out and the designs that remain.
    """
    door = Door()
    for item in ended(protocol, table):
        door.refuse(
            "design", f"{item.reading} Source: {item.event.source}", "a comparison that is untreated in every period",
            f"Leave those periods out:\n{item.toml}\n{ANSWERS}",
        )
    door.close()


def check_calendar(protocol: Protocol, table: Table, found: Findings) -> None:
    """Say until when the calendar is known, and whether the comparison stays untreated as far as the data run."""
    ours = known(protocol)
    if not table.periods or protocol.country != ours.country:
        return
    past = _past(table.periods[-1], ours.read_on)
    last = table.periods[-1]
    after = f"the data run to {last}, and what happened after that day is in no entry: declare what you know"
    found.say(
        "calendar", "Is what happened in the window known?", "caution" if past else "information",
        f"hubeval's calendar was last held against its sources on {ours.read_on}"
        + (f"; {after}." if past else f", after the data end ({last})."),
    )
    for item in ended(protocol, table):
        found.fact("CA1", 1, 2, f"no untreated area from {item.first}: {item.event.label}", own=True)
        found.say("untreated comparison", "Is the comparison untreated in every period?", "fail",
                  f"{item.reading} evaluate refuses it until those periods are left out. {ANSWERS}",
                  statistic=float(item.n_units))


def _past(period: str, day: str) -> bool:
    """Whether a period ends after a day."""
    last, read = parse(period), parse(day)
    until = coarsen(read, last.frequency) if last and read else None
    return bool(last and until and last.ordinal >= until.ordinal)


def _untreated(protocol: Protocol, table: Table) -> np.ndarray:
    """Rows that the design takes as never treated: (unit, time position) as whole numbers, (n, 2)."""
    design, frame = protocol.design, table.frame
    if isinstance(design, RECORDS) or (isinstance(design, ItsDesign) and not (design.unit and design.control)):
        return np.empty((0, 2), dtype=int)
    unit = design.starter if isinstance(design, DidDesign) else design.unit
    if isinstance(design, DidDesign):
        theirs = frame[design.start].isna()
    elif isinstance(design, ItsDesign):
        theirs = frame[unit].isin(design.control)
    else:
        theirs = frame[unit].isin(design.donors) if design.donors else frame[unit] != design.treated
    rows = frame.loc[theirs]
    codes = rows[unit].astype("category").cat.codes.to_numpy(dtype=int)
    return np.column_stack([codes, rows[design.time].to_numpy(dtype=int)])


def _lines(event: Event, first: str) -> str:
    lines = ["[[cautions]]", f'event = "{event.id}"', f'kind = "{event.kind}"', f'label = "{event.label}"']
    return "\n".join([*lines, f'first = "{first}"', 'handling = "drop the periods"'])
