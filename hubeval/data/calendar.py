"""The shipped calendar of shocks, measure breaks, boundary changes and other programmes, held against a protocol."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hubeval import files
from hubeval.data.areas import area_key, side_by_side
from hubeval.data.catalogue import breaks_of
from hubeval.data.handling import own_programme, suggested
from hubeval.data.periods import Frequency, Period, coarsen, parse
from hubeval.errors import Door, listed
from hubeval.protocol import DidDesign
from hubeval.reading import Reader

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.protocol import Outcome, Protocol

Kind = Literal["shock", "measure break", "boundary change", "co-intervention"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of the calendar.

    Attributes
    ----------
    id, kind, label, handling : str
        As a protocol's caution writes them.
    first, last : str
        First and last day, month or year touched; `last` empty means from then on.
    measures, keywords : tuple of str
        Measure ids it touches, and words that give such a measure away; none: every outcome.
    areas : tuple of str
        Areas it touches; none: every area of the country.
    source, dated : str
        Where it can be read, and as of when.
    year : str
        ``"academic"`` where a year written 2019/20 is a school year.
    gone : tuple of str
        Of those, areas that a boundary change ended.
    universal : bool
        Whether no area of the country is without it from its first day: nobody is untreated after that.
    """

    id: str
    kind: Kind
    label: str
    first: str
    last: str = ""
    handling: str
    measures: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    source: str
    dated: str
    year: str = ""
    gone: tuple[str, ...] = ()
    universal: bool = False

    def placed(self, frequency: Frequency, *, school_years: bool = False) -> tuple[Period, Period | None]:
        """First and last period touched, on data of this frequency.

        A bare year in the data is taken to be the one in which a school or financial year ends, as the
        Department for Education's reporting years are. `school_years`: years written 2019/20 in the data
        begin in September, not in April.

        Examples
        --------
        >>> [str(period) for period in event("covid-19").placed("quarter")]
        ['2020Q1', '2021Q3']
        >>> [str(period) for period in event("eyfsp-not-collected").placed("year")]
        ['2020', '2021']
        """
        schools = school_years and frequency == "financial year"
        last = _edge(self.last, frequency, self.year, last=True, schools=schools) if self.last else None
        return _edge(self.first, frequency, self.year, last=False, schools=schools), last


@dataclass(frozen=True, slots=True, kw_only=True)
class Recoded:
    """One area that stands under two codes in published tables."""

    area: str
    codes: tuple[str, ...]
    source: str
    dated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The events, areas under two codes, codes of the areas named, and the day of the last look at the sources."""

    country: str
    covers: tuple[str, ...]
    read_on: str
    events: tuple[Event, ...]
    recoded: tuple[Recoded, ...]
    codes: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """An event that the window of the data crosses.

    `first` and `last` are as the data write periods; `areas` are the units (or the protocol's area) that it
    touches, where it is not general; `declared` says whether a caution names it; `toml` is what would
    declare it, ready to paste.
    """

    event: Event
    first: str
    last: str
    areas: tuple[str, ...]
    declared: bool
    toml: str


@cache
def calendar() -> Calendar:
    """The calendar that ships with hubeval.

    Examples
    --------
    >>> all(event.source and event.dated for event in calendar().events)
    True
    """
    raw = tomllib.loads((resources("hubeval.data") / "calendar.toml").read_text(encoding="utf-8"))
    return Calendar(
        country=raw["country"],
        covers=tuple(raw["covers"]),
        read_on=raw["read_on"],
        events=tuple(Event(**_tupled(table)) for table in raw["events"]),
        recoded=tuple(Recoded(**_tupled(table)) for table in raw["recoded"]),
        codes={name: tuple(codes) for name, codes in raw["codes"].items()},
    )


def known(protocol: Protocol) -> Calendar:
    """The shipped calendar with the events of the protocol's own file, where it names one.

    The file holds ``[[events]]`` as hubeval's own does: id, kind, label, first, handling, source, dated, and, where
    they apply, last, areas, measures, keywords, year, universal.

    Raises
    ------
    BadInput
        The file is missing or not TOML, an entry is not an event, or takes the id of another.
    """
    shipped = calendar()
    if not protocol.calendar:
        return shipped
    path = Path(protocol.folder) / protocol.calendar
    raw = files.read_toml(path, "calendar")
    reader = Reader(files.read_text(path, "calendar"), Door())
    reader.door.unknown(raw, ("events",), lambda key: f"calendar: {key}")
    own = reader.many(Event, raw.get("events"), "events")
    ids = [e.id for e in (*shipped.events, *own)]
    for entry in own:
        if ids.count(entry.id) > 1:
            reader.door.refuse("events.id", f"{entry.id!r} stands twice or is the shipped calendar's", "ids of its own",
                               "Give each event another id.")
        for name, text in (("first", entry.first), ("last", entry.last)):
            if text and parse(text) is None:
                reader.door.refuse(f"events.{name}", f"{text!r} of {entry.id!r} is no day, month or year",
                                   "such as 2026-04-01, 2026-04 or 2026/27", "Write it so.")
        if not (entry.source.strip() and entry.dated.strip()):
            reader.door.refuse("events", f"{entry.id!r} has no source or no date", "both",
                               "Say where it can be read, and as of when.")
    if not own and not reader.door.problems:
        reader.door.refuse("calendar", "the file holds no [[events]]", "at least one", "Add them, or drop the key.")
    reader.door.close()
    return replace(shipped, events=(*shipped.events, *own))


def read_on(protocol: Protocol) -> str:
    """The day until which the shipped calendar is known, with the hash of the protocol's own; nothing elsewhere."""
    ours = calendar()
    if protocol.country != ours.country:
        return ""
    if not protocol.calendar:
        return ours.read_on
    own = files.sha256(files.read_text(Path(protocol.folder) / protocol.calendar, "calendar"))
    return f"{ours.read_on}, and the protocol's own (sha256 {own[:12]})"


def event(name: str) -> Event:
    """The event of this id; KeyError where there is none."""
    return {e.id: e for e in calendar().events}[name]


def measures() -> tuple[str, ...]:
    """Every measure id that the calendar knows, for an outcome's ``measure = "..."``."""
    return tuple(sorted({name for e in calendar().events for name in e.measures}))


def crossings(protocol: Protocol, table: Table) -> tuple[Crossing, ...]:
    """Events that the window of the data crosses, declared or not, in order of date.

    A general shock applies to every area of the country; a measure break to outcomes that declare the
    measure, or (declaring none) whose words give it away; a boundary change or another programme where
    one of its areas is a unit of the data or the protocol's own area. Records without periods have no
    window, so nothing can be crossed.

    Parameters
    ----------
    protocol : Protocol
    table : Table
        From `hubeval.data.bind.bind`.
    """
    ours = known(protocol)
    if not table.periods or protocol.country != ours.country:
        return ()
    units = _units(protocol, table)
    schools = any(_touches(e, o) for e in ours.events if e.year == "academic" for o in protocol.outcomes)
    if table.clock and table.clock.year:  # somebody has said it
        schools = table.clock.year == "academic"
    found = []
    for entry in ours.events:
        if entry.id not in protocol.programmes and any(_touches(entry, outcome) for outcome in protocol.outcomes):
            keys = keys_of(entry)
            touched = tuple(name for key, name in units.items() if key in keys) if keys else ()
            placed = _crossed(entry, table.periods, schools=schools)
            if placed and (touched or not entry.areas):
                wanted = "leave out these areas" if _apart(protocol, entry, table) else entry.handling
                handling = suggested(protocol, wanted, table, placed, touched)
                found.append((placed[0], _crossing(protocol, entry, placed, touched, handling)))
    return tuple(item for _, item in sorted(found, key=lambda pair: (pair[0], pair[1].event.id)))


def _apart(protocol: Protocol, entry: Event, table: Table) -> bool:
    """Whether old and new areas (or codes) of a boundary change both stand in the data, so that nobody mended it."""
    design = protocol.design
    column = design.starter if isinstance(design, DidDesign) else design.unit
    if entry.kind != "boundary change" or column not in table.frame:
        return False
    known_rows = table.frame[table.frame[protocol.primary.column].notna()]
    return bool(side_by_side(entry.areas, entry.gone, calendar().codes, known_rows[column].unique()))


def undeclared(protocol: Protocol, table: Table) -> tuple[Crossing, ...]:
    """The `crossings` that no caution of the protocol names by the event's id."""
    return tuple(item for item in crossings(protocol, table) if not item.declared)


def check_country(country: str, door: Door) -> str:
    """Refuse a slip for the calendar's own country; what to say where the calendar does not apply.

    Examples
    --------
    >>> check_country("England", Door()), check_country("United States", Door()) != ""
    ('', True)
    """
    ours = calendar()
    if country == ours.country:
        return ""
    plain = country.strip().casefold()
    own = ours.country.casefold()
    if plain in {own, *(name.casefold() for name in ours.covers)} or get_close_matches(plain, [own], cutoff=0.8):
        cure = f'Write country = "{ours.country}", or the other country by its own name.'
        door.refuse("country", f"found {country!r}", f"the calendar's own country: {ours.country!r}", cure)
    return (
        f"the protocol's country is {country!r}, and hubeval ships the calendar of {ours.country} only: shocks and "
        "changes of measure are known only as far as the protocol declares them"
    )


def require_declared(protocol: Protocol, table: Table) -> None:
    """Refuse a protocol whose window crosses an event it does not declare, with the lines that would declare it.

    Raises
    ------
    BadInput
        One problem for each undeclared event, and for each caution that names an event the calendar does not hold.
    """
    door = Door()
    ids = [e.id for e in known(protocol).events]
    for caution in protocol.cautions:
        if caution.event:
            door.choice(f"cautions ({caution.label}): event", caution.event, ids)
    for item in undeclared(protocol, table):
        where = f" in {listed(item.areas, 3)}" if item.areas else ""
        door.refuse(
            "cautions",
            f"the data ({table.periods[0]} to {table.periods[-1]}) cross {item.event.label}{where}, "
            f"and the protocol does not declare it. Source: {item.event.source}",
            "declared before outcomes are seen",
            f"Add, with the handling you decide on:\n{item.toml}{own_programme(item.event.id, item.event.kind)}",
        )
    door.close()


def _tupled(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _edge(text: str, frequency: Frequency, year: str, *, last: bool, schools: bool) -> Period:
    given = parse(text)
    assert given is not None
    if schools and given.frequency != "financial year":
        month = coarsen(given, "month")
        assert month is not None
        return Period("financial year", (month.ordinal - 8) // 12)
    if given.frequency == "financial year" and frequency == "year":
        return Period("year", given.ordinal + 1)
    if given.frequency == "financial year" and frequency != "financial year":
        opening = given.ordinal * 12 + (8 if year == "academic" else 3)
        given = Period("month", opening + (11 if last else 0))
    placed = coarsen(given, frequency)
    assert placed is not None
    return placed


def _crossed(entry: Event, periods: tuple[str, ...], *, schools: bool) -> tuple[Period, Period | None] | None:
    """The event on the data's periods, where it falls inside them; a lasting break must have data before it."""
    start, end = parse(periods[0]), parse(periods[-1])
    if start is None or end is None:
        return None
    first, last = entry.placed(start.frequency, school_years=schools)
    lasting = last is None and entry.kind in {"measure break", "boundary change"}
    inside = start < first <= end if lasting else first <= end and (last is None or last >= start)
    return (first, last) if inside else None


def _touches(entry: Event, outcome: Outcome) -> bool:
    if not entry.measures:
        return True
    if outcome.measure:
        return bool(breaks_of(outcome.measure) & set(entry.measures))
    words = f"{outcome.label} {outcome.column} {outcome.unit} {outcome.source}".casefold().replace("_", " ")
    return any(f" {word}" in f" {words}" for word in entry.keywords)


def _units(protocol: Protocol, table: Table) -> dict[str, str]:
    """Every area in play: the units of the data and the protocol's own area, as compared and as written."""
    design = protocol.design
    column = design.starter if isinstance(design, DidDesign) else design.unit
    names = [str(name) for name in table.frame[column].unique()] if column in table.frame else []
    return {area_key(name): name for name in (*names, protocol.area)}


def keys_of(entry: Event) -> set[str]:
    """The areas of an event, by name and by code, as units of data are compared with them."""
    codes = calendar().codes
    return {area_key(text) for name in entry.areas for text in (name, *codes.get(name, ()))}


def _crossing(
    protocol: Protocol, entry: Event, placed: tuple[Period, Period | None], areas: tuple[str, ...], handling: str
) -> Crossing:
    first, last = str(placed[0]), str(placed[1]) if placed[1] else ""
    lines = [f'event = "{entry.id}"', f'kind = "{entry.kind}"', f'label = "{entry.label}"', f'first = "{first}"']
    lines += [f'last = "{last}"'] if last else []
    lines += [f'handling = "{handling}"']
    declared = any(caution.event == entry.id for caution in protocol.cautions)
    if handling == "leave out these areas":
        lines += [f"areas = [{', '.join(json.dumps(name, ensure_ascii=False) for name in areas)}]"]
    toml = "\n".join(["[[cautions]]", *lines])
    return Crossing(event=entry, first=first, last=last, areas=areas, declared=declared, toml=toml)
