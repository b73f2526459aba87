"""Data answer criteria themselves: what they confirm, refute or leave open, before any effect is looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.data.backends import Elsewhere, elsewhere
from hubeval.data.backends.summed import asked
from hubeval.data.bind import bind
from hubeval.data.calendar import crossings
from hubeval.data.clock import placed
from hubeval.data.columns import Columns
from hubeval.data.cutoff import check_cutoff
from hubeval.data.findings import Findings
from hubeval.data.importers import looks_like_management_information
from hubeval.data.measured import MEASURE, check_catalogue, check_denominators
from hubeval.data.names import secret_names
from hubeval.data.panel_checks import check_panel
from hubeval.data.plausible import check_told, check_units, check_values
from hubeval.data.programme import check_programme
from hubeval.data.record_checks import check_linkage, check_records, check_users_only
from hubeval.data.scales import measured
from hubeval.data.source import read_source
from hubeval.data.started import WHO, check_started
from hubeval.data.untreated import check_calendar
from hubeval.errors import BadInput, Door
from hubeval.protocol import RECORDS, DidDesign, RddDesign
from hubeval.shown import Shown, levels
from hubeval.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from hubeval.data.calendar import Crossing
    from hubeval.data.source import Source
    from hubeval.data.table import Table
    from hubeval.profile import Fact, Profile
    from hubeval.protocol import Protocol
    from hubeval.result import Diagnostic, FlowStep, NotComputed

SCHEMA = "hubeval-check/1"
_MARK = {"pass": "ok", "information": "note", "caution": "caution", "fail": "fails"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Shown):
    """What the data say of one protocol. `str(check)` is what the command line prints.

    Attributes
    ----------
    area, design : str
        The design as the readiness model names it (``"DiD"``).
    facts : tuple of Fact
        Of kind ``"data"``: `merged` puts them into a profile, where they overrule claims.
    diagnostics : tuple of Diagnostic
        One reading for each question put to the data.
    crossed : tuple of Crossing
        Calendar events inside the window, declared or not.
    flow : tuple of FlowStep
        What was read, dropped and kept.
    notes : tuple of NotComputed
    sha256, dated : str
        Of the data; the day of the check.
    """

    area: str
    design: str
    facts: tuple[Fact, ...]
    diagnostics: tuple[Diagnostic, ...]
    crossed: tuple[Crossing, ...] = ()
    flow: tuple[FlowStep, ...] = ()
    notes: tuple[NotComputed, ...] = ()
    sha256: str = ""
    dated: str = ""

    @property
    def carried(self) -> tuple[Diagnostic, ...]:
        """What an evaluation of the same data must say too: what fails or asks for care and no method asks again."""
        again = {"comparison", "units", "groups", "overlap", "balance"}  # each method asks these of its own sample
        raised = {"fail", "caution"}
        told = [d for d in self.diagnostics if d.name in {WHO, MEASURE} or (d.status in raised and d.name not in again)]
        return tuple(
            replace(d, name=f"Data: {d.name}", bears_on="sign" if d.status == "fail" else "size") for d in told
        )

    @property
    def undeclared(self) -> tuple[Crossing, ...]:
        """Events that stand in the way of `evaluate` until a caution declares them."""
        return tuple(item for item in self.crossed if not item.declared)

    @property
    def problems(self) -> tuple[str, ...]:
        """What fails or asks for care, one line each."""
        lines = [f"{d.name}: {d.reading}" for d in self.diagnostics if d.status in {"fail", "caution"}]
        return (*lines, *(f"calendar: {item.event.label} is not declared" for item in self.undeclared))

    def lines(self) -> tuple[str, ...]:
        """The whole check in words."""
        out = [f"Data check: {self.area}, {self.design}", ""]
        sizes = [(step, counted(step.n_rows, "row"), counted(step.n_units, "unit")) for step in self.flow]
        out += [f"  {step.label}: {rows}, {units}. {step.note}".rstrip() for step, rows, units in sizes]
        out += [f"  {note.what}: {note.reason}." for note in self.notes]
        out += ["", *(f"  [{_MARK[d.status]}] {d.name}: {d.reading}" for d in self.diagnostics)]
        out += ["", "What the data settle (checked on data; overrules claims):"]
        out += [f"  {f.criterion} {_levels(f)}: {f.quote}{f' ({f.note})' if f.note else ''}" for f in self.facts]
        if self.undeclared:
            out += ["", "The window crosses what the protocol does not declare. Add, with the handling you decide on:"]
            for item in self.undeclared:
                out += ["", item.toml, f"# {item.event.source}"]
        return tuple(out)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def _figures(self) -> tuple[Any, ...]:
        known = [(fact.criterion, fact.low, fact.high) for fact in self.facts]
        return (levels("criteria", f"{self.area}: what the data settle", known),) if known else ()

    def to_dict(self) -> dict[str, Any]:
        """The check as plain values: facts, diagnostics, crossed events, flow, notes, problems."""
        return {
            "schema": SCHEMA,
            "area": self.area,
            "design": self.design,
            "dated": self.dated,
            "data_sha256": self.sha256,
            "flow": files.plain(self.flow),
            "notes": files.plain(self.notes),
            "diagnostics": files.plain(self.diagnostics),
            "facts": files.plain(self.facts),
            "crossed": [
                {
                    "event": item.event.id, "kind": item.event.kind, "label": item.event.label, "first": item.first,
                    "last": item.last, "areas": list(item.areas), "declared": item.declared,
                    "source": item.event.source, "toml": item.toml,
                }
                for item in self.crossed
            ],
            "problems": list(self.problems),
        }


def check(protocol: Protocol, data: str | Path | pd.DataFrame | Elsewhere, *, today: date | None = None) -> Check:
    """Ask the data themselves: periods, starts, units, gaps, comparison, jumps, overlap, linkage, calendar.

    No effect is estimated. Poor data give poor findings, not an error.

    Parameters
    ----------
    protocol : Protocol
    data : path, DataFrame or Elsewhere
    today : date, optional
        The day written on the facts.

    Returns
    -------
    Check

    Raises
    ------
    BadInput
        The data cannot be read with this protocol. Records of users with pre and post scores only are
        an answer, not an error.

    Examples
    --------
    >>> from hubeval.protocol import DidDesign, Outcome, Protocol
    >>> from hubeval.synthetic import staggered_panel
    >>> made = staggered_panel(n_areas=30, n_treated=8, n_quarters=20, waves=(10, 12))
    >>> protocol = Protocol(area="Example", question="Did it work?", registered=date(2026, 1, 1),
    ...     outcomes=(Outcome(column="referrals_per_10k", label="Referrals", unit="per 10,000"),),
    ...     design=DidDesign(unit="area", time="quarter", start="hub_opened"))
    >>> found = check(protocol, made.frame)
    >>> [(fact.criterion, fact.low, fact.high) for fact in found.facts][:3]
    [('DS2', 4, 4), ('CA3', 3, 4), ('CA5', 3, 3)]
    """
    if (there := elsewhere(protocol, data)) is not None:
        return check_table(protocol, *asked(protocol, there), today=today)
    assert not isinstance(data, Elsewhere)
    source = read_source(data, sheet=protocol.data.sheet)
    dated = (today or date.today()).isoformat()  # noqa: DTZ011 - a calendar day
    try:
        table = bind(protocol, source)
    except BadInput:
        if not looks_like_management_information(list(map(str, source.frame.columns))):
            raise
        found = Findings(source=f"hubeval check of {source.name} (sha256 {source.sha256[:12]})", dated=dated,
                     design=protocol.design.gate)
        check_users_only(found)
        return _answer(protocol, source, found, dated)
    return check_table(protocol, source, table, today=today)


def check_table(protocol: Protocol, source: Source, table: Table, *, today: date | None = None) -> Check:
    """The same questions put to data that were read and bound already, as `hubeval.evaluate` does."""
    dated = (today or date.today()).isoformat()  # noqa: DTZ011 - a calendar day
    found = Findings(source=f"hubeval check of {source.name} (sha256 {source.sha256[:12]})", dated=dated,
                     design=protocol.design.gate)
    protocol = placed(protocol, table.clock)
    crossed = crossings(protocol, table)
    asked, given = measured(protocol, table)
    if isinstance(protocol.design, RddDesign):
        check_cutoff(asked, given, found)
    elif isinstance(protocol.design, RECORDS):
        check_records(asked, given, found)
    else:
        check_panel(asked, given, _starts(protocol, source, table), crossed, found)
        check_calendar(protocol, table, found)
        check_programme(protocol, table, found)
    check_catalogue(protocol, found)
    check_denominators(protocol, found)
    if table.made:  # single units are nobody's
        check_told(protocol, table, found)
    else:
        check_values(protocol, table, found)
        check_units(protocol, table, found)
    check_started(protocol, table, found)
    if protocol.data.linked:
        check_linkage(_linked(protocol, source), found)
    return _answer(protocol, source, found, dated, table, crossed)


def merged(profile: Profile, checked: Check) -> Profile:
    """The profile with what the data settle added, so that an assessment sees them overrule claims.

    Examples
    --------
    >>> from hubeval.profile import Fact, Profile
    >>> fact = Fact(criterion="DS2", low=4, high=4, kind="data", quote="12 periods", source="check", dated="2026")
    >>> merged(Profile(area="A"), Check(area="A", design="DiD", facts=(fact,), diagnostics=())).facts[0].grade
    4
    """
    if profile.area != checked.area:
        door = Door()
        door.refuse("check", f"is of {checked.area!r}, the profile of {profile.area!r}", "the same area in both",
                    "Check the area's own data.")
        door.close()
    return profile.adding(checked.facts)


def _answer(
    protocol: Protocol, source: Source, found: Findings, dated: str, table: Table | None = None,
    crossed: tuple[Crossing, ...] = (),
) -> Check:
    cases = secret_names(protocol, source.frame)
    return Check(
        area=protocol.area,
        design=protocol.design.gate,
        facts=tuple(replace(fact, quote=cases.without(fact.quote)) for fact in found.facts),
        diagnostics=tuple(replace(asked, reading=cases.without(asked.reading)) for asked in found.diagnostics),
        crossed=crossed,
        flow=table.flow if table else (),
        notes=table.notes if table else (),
        sha256=source.sha256,
        dated=dated,
    )


def _starts(protocol: Protocol, source: Source, table: Table) -> list[str]:
    """The starts as written: how finely they are dated is lost once they are placed on periods."""
    design = protocol.design
    if isinstance(design, DidDesign) and design.by_amount:
        return [table.periods[int(at)] for at in table.frame[design.start].dropna().unique()]
    if isinstance(design, DidDesign):
        return [str(text) for text in Columns(source.frame, Door()).text(design.start).unique()]
    return [getattr(design, "start", "")]


def _linked(protocol: Protocol, source: Source) -> pd.Series:
    return Columns(source.frame, Door()).text(protocol.data.linked)


def _levels(fact: Fact) -> str:
    return f"level {fact.low}" if fact.low == fact.high else f"levels {fact.low} to {fact.high}"
