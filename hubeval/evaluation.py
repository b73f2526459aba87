"""The spine: gate, bind, estimate, probe, and one `Evaluation` that every table, figure and report is drawn from."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass, field, replace
from datetime import date
from html import escape
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import hubeval
from hubeval import files
from hubeval.asking import across, beside, by_subgroup, require_accepted
from hubeval.data.behind import Behind, behind
from hubeval.data.calendar import read_on, require_declared
from hubeval.data.checks import check_table, merged
from hubeval.data.clock import placed
from hubeval.data.levels import level_before, said_before
from hubeval.data.names import quiet, secret_names
from hubeval.data.scales import measured
from hubeval.data.table import READING
from hubeval.data.taken import file_beside, taken
from hubeval.data.untreated import require_untreated
from hubeval.errors import BadInput, NotReady, Problem
from hubeval.headline import write_headline
from hubeval.methods.readings.before import beside_comparison, beside_level
from hubeval.methods.readings.from_sums import decided
from hubeval.methods.readings.measure import read_back
from hubeval.methods.readings.several import together
from hubeval.methods.room import room_for
from hubeval.profile import read_profile
from hubeval.readiness import Readiness, assess, opens
from hubeval.registry import Standing, standing_now
from hubeval.result import Diagnostic, NotComputed, Provenance, Sample
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from hubeval.asking import Beside
    from hubeval.data.backends import Elsewhere
    from hubeval.data.table import Table
    from hubeval.methods.room import Room
    from hubeval.protocol import Protocol
    from hubeval.readiness.verdict import DesignStatus
    from hubeval.result import Answer, Estimate, Figure, Headline, ResultTable

    Progress = Callable[[str], None]

SCHEMA = "hubeval-result/1"
# module -> distribution: named in the provenance of a result where it was imported, and only there
_PACKAGES = {
    "numpy": "numpy", "pandas": "pandas", "scipy": "scipy", "statsmodels": "statsmodels",
    "linearmodels": "linearmodels", "sklearn": "scikit-learn",
    "numba": "numba", "duckdb": "duckdb", "pyarrow": "pyarrow", "openpyxl": "openpyxl",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation(Shown):
    """One evaluated protocol. `to_dict` is canonical: everything shown anywhere is drawn from it."""

    protocol: Protocol
    readiness: Readiness
    method: str
    sample: Sample
    estimates: tuple[Estimate, ...]
    headline_terms: tuple[Estimate, ...]
    diagnostics: tuple[Diagnostic, ...]
    probes: tuple[Diagnostic, ...]
    figures: tuple[Figure, ...]
    tables: tuple[ResultTable, ...]
    not_computed: tuple[NotComputed, ...]
    summary: Headline
    provenance: Provenance
    registration: Standing = field(default_factory=lambda: Standing(status="not registered"))
    behind: Behind = field(default_factory=Behind, repr=False)

    @property
    def headline(self) -> str:
        """One paragraph that an elected member can read."""
        return self.summary.text

    def __repr__(self) -> str:
        n = len(self.estimates)
        return f"<Evaluation of {self.protocol.area}, {self.method}, {n} estimates: {self._left()['headline']['text']}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the headline and where it comes from; the report is `report`."""
        said = f"{self.protocol.area}, {self.method}, {len(self.estimates)} estimates"
        return f"<p><strong>{escape(said)}</strong></p><p>{escape(self._left()['headline']['text'])}</p>"

    def _left(self) -> dict[str, Any]:
        """What of it may leave: notebooks keep what they show."""
        from hubeval.release import release  # noqa: PLC0415 - a courtesy at the door; see pyproject's contracts

        return release(self)[0].content

    def _figures(self) -> tuple[Any, ...]:
        """Its figures as they may leave."""
        return tuple(self._left()["figures"])

    def to_frame(self) -> pd.DataFrame:
        """The estimates, one row each, in broom's column names."""
        import pandas as pd  # noqa: PLC0415 - kept out of the fast path

        return pd.DataFrame([files.plain(estimate) for estimate in self.estimates])

    def to_dict(self) -> dict[str, Any]:
        """The canonical result, as documented in docs/result-schema.md."""
        protocol = files.plain(self.protocol)
        design = protocol["design"]
        protocol["design"] = {"kind": self.protocol.design.kind, **design}
        del protocol["folder"], protocol["filename"]
        return {
            "schema": SCHEMA,
            "area": self.protocol.area,
            "question": self.protocol.question,
            "headline": files.plain(self.summary),
            "method": self.method,
            "protocol": protocol,
            "registration": files.plain(self.registration),
            "readiness": self.readiness.to_dict(),
            "sample": files.plain(self.sample),
            "headline_terms": files.plain(self.headline_terms),
            "estimates": files.plain(self.estimates),
            "diagnostics": files.plain(self.diagnostics),
            "probes": files.plain(self.probes),
            "not_computed": files.plain(self.not_computed),
            "figures": files.plain(self.figures),
            "tables": files.plain(self.tables),
            "provenance": files.plain(self.provenance),
        }

    def report(self, path: str | Path) -> Path:
        """Write the self-contained HTML report of what may leave to `path` and return where it is."""
        from hubeval.release import release  # noqa: PLC0415 - a courtesy at the door; see pyproject's contracts
        from hubeval.report import write_html  # noqa: PLC0415

        return write_html(release(self)[0], path)


def evaluate(
    protocol: Protocol,
    data: str | Path | pd.DataFrame | Elsewhere | None = None,
    readiness: Readiness | None = None,
    *,
    despite: str = "",
    cross_check: bool = False,
    progress: Progress | None = None,
    today: date | None = None,
) -> Evaluation:
    """Run a registered protocol on its data, if the area's readiness opens its design.

    Parameters
    ----------
    protocol : Protocol
        From `read_protocol`.
    data : path, DataFrame or Elsewhere, optional
        By default the file or source that the protocol names. A table elsewhere is asked for sums, and stays there.
    readiness : Readiness, optional
        By default the assessment of the profile that the protocol names.
    despite : str
        A written reason for going on although the gate is shut; it is printed on every output.
    cross_check : bool
        Estimate the headline once more with linearmodels or statsmodels, and say under diagnostics whether they agree.
    progress : callable, optional
        Called with a line of text as long work moves on.
    today : date, optional
        The day written into the result.

    Raises
    ------
    NotReady
        The readiness does not open this design; the findings in the way are in `reasons`.
    BadInput
        The data or the protocol cannot be used.
    """
    say = progress or (lambda _line: None)
    standing_now(protocol)  # a ledger that was edited stops here, before any work
    require_accepted(protocol)
    readiness = ready_for(protocol, readiness, despite=despite, today=today)
    say("Reading and checking the data")
    source, table = taken(protocol, data)
    require_untreated(protocol, table)
    require_declared(protocol, table)
    who = behind(protocol, table)
    checked = check_table(protocol, source, table, today=today)
    readiness = assess(merged(readiness.profile, checked), today=readiness.assessed)
    unsettled = _gate_again(protocol, readiness, despite)
    return concluded(
        protocol, readiness, table, who, carried=(*checked.carried, *unsettled), despite=despite,
        cross_check=cross_check, others=beside(protocol, source, table), keep=_summed if table.made else _whole,
        say=say, today=today,
    )  # fmt: skip


def _whole(answer: Answer) -> Answer:
    """All of an answer on the records themselves."""
    return answer


def _summed(answer: Answer) -> Answer:
    """What of an answer stands on sums."""
    return decided(answer, "data", "it needs single units, and only sums left the engine that holds the records")


def concluded(
    protocol: Protocol,
    readiness: Readiness,
    table: Table,
    who: Behind,
    *,
    carried: tuple[Diagnostic, ...] = (),
    keep: Callable[[Answer], Answer] = _whole,
    despite: str = "",
    cross_check: bool = False,
    others: Beside = None,
    say: Progress = lambda _line: None,
    today: date | None = None,
) -> Evaluation:
    """Ask the room of a table whose door was passed and whose gate is open, and put what it answers into words.

    Parameters
    ----------
    carried : tuple of Diagnostic
        What the data raised before, to be said with the result.
    keep : callable
        What of the answer may stand, where the table is not the records themselves.
    others : tuple, optional
        The specifications of a declared multiverse with their tables; none are made where only sums came.
    """
    with quiet(lambda: secret_names(protocol, table.frame)):
        room, timed = room_for(protocol.design.kind), placed(protocol, table.clock)
        asked, given = measured(timed, table)
        answer = keep(room.answer(asked, given, say))
        if cross_check:
            say("Estimating the headline with another library")
            answer = _cross_checked(room, asked, given, answer)
        answer = by_subgroup(room, asked, given, read_back(answer), say)
        answer = _beside_level(asked, given, across(protocol, asked, given, others, answer, say))
    absent, read = _as_read(table)
    answer = together(protocol, replace(answer, diagnostics=(*answer.diagnostics, *carried, *read)))
    say("Putting it into words")
    return Evaluation(
        protocol=protocol,
        readiness=readiness,
        method=answer.method,
        sample=_sample(answer, table.flow),
        estimates=answer.estimates,
        headline_terms=answer.headline_terms,
        diagnostics=answer.diagnostics,
        probes=answer.probes,
        figures=answer.figures,
        tables=answer.tables,
        not_computed=(*absent, *answer.not_computed),
        summary=write_headline(protocol, answer, despite=despite, before=said_before(asked, given)),
        registration=standing_now(protocol),
        provenance=_provenance(protocol, readiness, table.sha256, despite, today),
        behind=who,
    )


def _beside_level(protocol: Protocol, table: Table, answer: Answer) -> Answer:
    """The answer with each headline beside the level of the treated before their start, or of the comparison."""
    found = {o.label: level_before(protocol, table, o) for o in protocol.outcomes}
    known = {label: level for label, level in found.items() if level is not None}
    heads = (*answer.headline_terms, *answer.estimates)
    made = (beside_level(protocol.outcomes, heads, known), beside_comparison(protocol.outcomes, heads, answer.levels))
    return replace(answer, tables=(*answer.tables, *(table for table in made if table is not None)))


def _as_read(table: Table) -> tuple[tuple[NotComputed, ...], tuple[Diagnostic, ...]]:
    """A table's notes: what could not be done with it, and, as information, how its columns were understood."""
    notes = table.notes
    said = tuple(Diagnostic(name="Data: reading", question="How were the data read?", status="information",
                            reading=f"{one.reason.rstrip('.')}.") for one in notes if one.what == READING)
    return tuple(one for one in notes if one.what != READING), said


def _cross_checked(room: Room, protocol: Protocol, table: Table, answer: Answer) -> Answer:
    """The answer with what another library finds, or with the reason why none was asked."""
    if room.cross_check is None or not answer.headline_terms:
        absent = NotComputed(what="cross-check", reason="there is no headline number that another library could make")
        return replace(answer, not_computed=(*answer.not_computed, absent))
    found: Diagnostic | NotComputed
    try:
        found = room.cross_check(protocol, table, answer.headline_terms[0])
    except (ValueError, ArithmeticError) as error:  # the other library's own: the headline stands without it
        found = NotComputed(what="cross-check", reason=f"the other library could not fit it ({type(error).__name__})")
    if isinstance(found, Diagnostic):
        return replace(answer, diagnostics=(*answer.diagnostics, found))
    return replace(answer, not_computed=(*answer.not_computed, found))


def ready_for(
    protocol: Protocol, readiness: Readiness | None = None, *, despite: str = "", today: date | None = None
) -> Readiness:
    """The readiness, by default that of the profile the protocol names, if it is of the same area and opens the design.

    Raises
    ------
    NotReady
        It does not open the design, and no reason for going on is written.
    BadInput
        It is of another area, or the profile cannot be read.
    """
    readiness = readiness or assess(read_profile(file_beside(protocol, protocol.profile, "profile")), today=today)
    if readiness.area != protocol.area:
        found = f"the protocol is of {protocol.area!r}, the readiness of {readiness.area!r}"
        raise BadInput([Problem("profile", found, "the same area in both", "Name the area's own profile.")])
    decision = opens(readiness, protocol.design.gate)
    if not decision.open and not despite.strip():
        raise NotReady(decision.message, decision.reasons)
    return readiness


def _gate_again(protocol: Protocol, readiness: Readiness, despite: str) -> tuple[Diagnostic, ...]:
    """Once the data have been checked: what they refute closes the gate, what they only leave open is a caution."""
    decision, design = opens(readiness, protocol.design.gate), readiness.design(protocol.design.gate)
    if decision.open:
        return ()
    refuted = design.status == "closed" or readiness.route != "quasi-experimental"
    if refuted and not despite.strip():
        raise NotReady(f"The data themselves speak against it. {decision.message}", decision.reasons)
    reading = _short_of(readiness, design) or decision.message
    question = "Do the data bear out what the readiness rests on?"
    return (Diagnostic(name="Data: readiness", question=question, status="caution", reading=reading, bears_on="sign"),)


def _short_of(readiness: Readiness, design: DesignStatus) -> str:
    """What the check of the data refutes or leaves open of what the design needs, and what nobody has shown at all."""
    asked = [one for one in readiness.findings if one.criterion in (*design.closed_by, *design.wanting)]
    seen = {one.criterion: f"{one.name} ({one.criterion}): {one.because.rstrip('.')}" for one in asked
            if "checked on data" in one.because}
    against = [said for criterion, said in seen.items() if criterion in design.closed_by]
    open_still = [said for criterion, said in seen.items() if criterion not in design.closed_by]
    rest = [f"{one.name} ({one.criterion})" for one in asked if one.criterion not in seen]
    parts = (
        ("The check of the data speaks against what the design needs", against),
        ("The check of the data does not settle what the design needs", open_still),
        ("Nothing given shows that the design's other needs are met", rest),
    )
    return " ".join(f"{opening}: {'; '.join(named)}." for opening, named in parts if named)


def _sample(answer: Answer, flow: tuple[Any, ...]) -> Sample:
    found = answer.sample or Sample()
    kept = {name: getattr(found, name) for name in Sample.__dataclass_fields__ if name != "flow"}
    return Sample(flow=(*flow, *answer.flow), **kept)


def _provenance(protocol: Protocol, readiness: Readiness, data: str, despite: str, today: date | None) -> Provenance:
    return Provenance(
        hubeval=hubeval.__version__,
        python=platform.python_version(),
        packages={name: version(name) for module, name in _PACKAGES.items() if module in sys.modules},
        protocol_sha256=protocol.sha256,
        data_sha256=data,
        profile_sha256=readiness.profile.sha256,
        rubric_version=readiness.rubric_version,
        seed=protocol.seed,
        made_on=(today or date.today()).isoformat(),  # noqa: DTZ011 - a calendar day
        despite=despite,
        calendar=read_on(protocol),
    )
