"""What a hub that opens on a given day can still be compared with, by the calendar, and what to record for it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Literal

from hubeval.profile.dates import days

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from hubeval.profile import Profile
    from hubeval.readiness.verdict import DesignStatus

State = Literal["can", "until", "no longer", "cannot", "ask"]
STATES: dict[State, str] = {
    "can": "still possible",
    "until": "possible up to a day",
    "no longer": "no longer possible",
    "cannot": "not possible here",
    "ask": "possible if this holds",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One comparison: whether the calendar and the profile leave it, and what it needs written down.

    Parameters
    ----------
    name : str
        What the hub would be compared with.
    designs : tuple of str
        The designs of the readiness model that it serves; their own gates still hold.
    state : {"can", "until", "no longer", "cannot", "ask"}
    because : str
    protocol : str
        The keys of the protocol that ask for it.
    record : str
        What to write down now so that it can be used; empty where it can no longer be.
    """

    name: str
    designs: tuple[str, ...]
    state: State
    because: str
    protocol: str
    record: str = ""

    @property
    def line(self) -> str:
        """The whole in one line."""
        return f"{self.name} ({', '.join(self.designs)}): {STATES[self.state]}. {self.because}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Since when no area of the country is without the programme, and on whose word."""

    first: str
    label: str
    source: str
    country: str


@cache
def ended() -> Ended | None:
    """The calendar's first programme that reaches every area.

    Examples
    --------
    >>> ended().first
    '2026-04-01'
    """
    made = tomllib.loads((resources("hubeval.data") / "calendar.toml").read_text(encoding="utf-8"))
    found = [event for event in made["events"] if event.get("universal")]
    if not found:
        return None
    event = min(found, key=lambda one: str(one["first"]))
    return Ended(first=event["first"], label=event["label"], source=event["source"], country=made["country"])


def ways(profile: Profile, designs: Sequence[DesignStatus], today: date) -> tuple[Way, ...]:
    """The comparisons of a hub that opens when the profile says; none where it does not say.

    Parameters
    ----------
    profile : Profile
        `opens` is read, and how many `sites` there are.
    designs : sequence of DesignStatus
        The state of each design by the readiness model.
    today : date
        A hub that opened before it has its past behind it.

    Examples
    --------
    >>> from datetime import date
    >>> from hubeval.profile import Profile
    >>> [(way.designs[0], way.state) for way in ways(Profile(area="A", opens="2027", sites=6), (), date(2026, 11, 28))]
    [('DiD', 'no longer'), ('DiD', 'can'), ('DiD', 'ask'), ('RDD', 'ask'), ('ITS', 'can')]
    """
    if not profile.opens:
        return ()
    state = {design.design: design for design in designs}
    ahead = days(profile.opens)[0] > today
    late = _after(profile.opens)
    return (_untreated(profile.opens, late), _order(profile.sites, ahead=ahead), _dose(late=late),
            _cut_off(state), _own_past(state, ahead=ahead))


def _after(opens: str) -> bool:
    """Whether the hub opens when no area is without the programme any more: on the earliest day its date can mean."""
    known = ended()
    return known is not None and days(opens)[0] >= days(known.first)[0]


def _untreated(opens: str, late: bool) -> Way:  # noqa: FBT001 - a fact of the calendar, not an option
    known = ended()
    keys = "kind = 'did' or 'synth', control = 'never'"
    name, designs = "Areas without a hub", ("DiD", "SDID", "SCM", "CITS")
    record = "The outcome of those areas by period, on one definition, up to that day; date what each area had."
    if known is None:
        return Way(name=name, designs=designs, state="can", because="The calendar knows no programme that reaches "
                   "every area.", protocol=keys, record=record)
    said = f"From {known.first} no area of {known.country} is without: {known.label} ({known.source})."
    if late:
        more = "Only whole areas are meant: sites that have not opened yet are the next line."
        return Way(name=name, designs=designs, state="no longer", because=f"{said} {more}", protocol=keys)
    left = _months(days(opens)[1].isoformat(), known.first)
    span = f"at least {left} months after an opening in {opens}" if left > 0 else f"hardly any time after {opens}"
    return Way(name=name, designs=designs, state="until", protocol=keys, record=record, because=(
        f"{said} Periods before that day can be compared with areas that had none: {span}. Later periods cannot."))


def _months(since: str, until: str) -> int:
    """Whole months from one day to another."""
    start, end = days(since)[0], days(until)[0]
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _order(sites: int | None, *, ahead: bool) -> Way:
    name, designs = "Sites that open later", ("DiD",)
    keys = "kind = 'did', units = 'site', start = the site's own opening, control = 'not-yet'"
    when = ("Each site's opening month, fixed and dated before the first opens; draw the order by public lot where "
            "need does not decide it (hubeval rollout) and register it. The outcome by site or small area from now on."
            if ahead else "Each site's opening month from the register, and the outcome by site or small area.")
    if sites == 1:
        return Way(name=name, designs=designs, state="cannot", protocol=keys,
                   because="The profile counts one site: there is no order of openings.")
    if sites is None:
        return Way(name=name, designs=designs, state="ask", protocol=keys, record=when, because=(
            "There are several sites, they open at different times, and the outcome is known by site or small area. "
            "How many sites there are is not in the profile (sites)."))
    return Way(name=name, designs=designs, state="can", protocol=keys, record=when, because=(
        f"The profile counts {sites} sites: those that open later stand for what would have happened, until they open. "
        "It needs openings months apart, and the outcome by site or small area."))


def _dose(*, late: bool) -> Way:
    keys = "kind = 'did', exposure = the dose, estimator = 'heterogeneous-adoption'"
    if not late:
        return Way(name="Areas with hardly any of it", designs=("DiD",), state="cannot", protocol=keys, because=(
            "When this hub opens some areas have none at all, and a dose is compared where all start together. A dose "
            "of what reaches every area later is a question of its own."))
    return Way(name="Areas with hardly any of it", designs=("DiD",), state="ask", protocol=keys, because=(
        "Areas get it in one period, and some get so little that they show what would have happened: hubeval check and "
        "evaluate test that a dose near nought exists, and refuse where none does."),
        record="Hubs, hours or pounds per 1,000 under-fives, by area and quarter, from the first quarter, on one rule "
               "for all areas; budget and spend apart.")


def _cut_off(state: Mapping[str, DesignStatus]) -> Way:
    """A score with a cut-off: what is known of how places came in decides."""
    known = state.get("RDD")
    keys = "kind = 'rdd'"
    record = ("The score of every place or family at the time of the decision, those not chosen included, and the "
              "cut-off, before anybody rounds it.")
    if known is not None and "CA2" in known.closed_by:
        return Way(name="Places just below a cut-off", designs=("RDD",), state="cannot", protocol=keys,
                   because="How places came in is known (CA2), and no score with a cut-off decided it.")
    if known is None or "CA2" in known.wanting:
        return Way(name="Places just below a cut-off", designs=("RDD",), state="ask", protocol=keys, record=record,
                   because="A score with a cut-off decided which places or families came first (CA2 is not known).")
    return Way(name="Places just below a cut-off", designs=("RDD",), state="can", protocol=keys, record=record,
               because="A rule with a cut-off is reported (CA2): the calendar does not close it.")


def _own_past(state: Mapping[str, DesignStatus], *, ahead: bool) -> Way:
    """The series before against the series after: the calendar leaves it, and its weakness stays."""
    known = state.get("ITS")
    keys = "kind = 'its'; sites = […] for several, each at its own start; end = … where it was withdrawn"
    if known is not None and "DS2" in known.closed_by:
        return Way(name="Its own past", designs=("ITS",), state="cannot", protocol=keys,
                   because="The series before the start is known to be too short (DS2).",
                   record="The outcome by month, on one definition, from now on." if ahead else "")
    before = "Start now: two years of months before the opening is what the method wants. " if ahead else ""
    return Way(name="Its own past", designs=("ITS",), state="can", protocol=keys, because=(
        "The calendar does not close it, and whatever else came at the same time passes for the effect."),
        record=f"The outcome by month, on one definition. {before}Date every change of counting, threshold and staff.")


def ways_lines(found: Sequence[Way]) -> list[str]:
    """The comparisons, one line each."""
    return [way.line for way in found]


def record_lines(found: Sequence[Way]) -> list[str]:
    """What to write down now, for the comparisons that can still be made."""
    return [f"{way.name}: {way.record}" for way in found if way.record]
