"""Entries of a ledger: a protocol registered, a protocol run."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.registry.canonical import canonical, digest
from hubeval.registry.ledger import Entry, PlanLedger, ledger_beside, read_plan_ledger, write_plan_ledger

if TYPE_CHECKING:
    from datetime import date

    from hubeval.protocol import Protocol


def register(
    protocol: Protocol, ledger: PlanLedger, *, today: date, data: str | Path | None = None, seen: str = ""
) -> PlanLedger:
    """The ledger with this protocol registered; as it was where the last registration said the same.

    Parameters
    ----------
    protocol : Protocol
    ledger : PlanLedger
    today : date
    data : path, optional
        The data file as it stands today, if there is one: its hash, size and period are kept, never content.
    seen : str
        What has been seen of the data, in words.
    """
    declared = canonical(protocol)
    last = next((e for e in reversed(ledger.entries) if e.what == "registered"), None)
    if last is not None and last.digest == digest(declared):
        return ledger
    entry = Entry(
        what="registered", dated=today.isoformat(), declared=declared, digest=digest(declared),
        outcomes=_outcomes(protocol), data=_data(data, protocol), seen=seen,
    )  # fmt: skip
    return ledger.added(entry)


def recorded(protocol: Protocol, ledger: PlanLedger, *, dated: str, data: str | Path | None = None) -> PlanLedger:
    """The ledger with one run of this protocol more."""
    return ledger.added(Entry(
        what="run", dated=dated, digest=digest(canonical(protocol)), outcomes=_outcomes(protocol),
        data=_data(data, None),
    ))  # fmt: skip


def note_run(protocol: Protocol, dated: str, data: str | Path | None = None) -> None:
    """Note a run in the ledger beside a protocol, where it has one: a run is counted, whether it is shown or not."""
    where = ledger_beside(protocol)
    if protocol.filename and where.exists():
        write_plan_ledger(recorded(protocol, read_plan_ledger(where), dated=dated, data=data), where)


def _outcomes(protocol: Protocol) -> tuple[str, ...]:
    others = [outcome.column for outcome in protocol.outcomes if outcome is not protocol.primary]
    return (protocol.primary.column, *others)


def _data(data: str | Path | None, protocol: Protocol | None) -> dict[str, Any]:
    """Hash and size of a file, and its first and last period where the design has one and it can be read.

    The salt stays in the ledger with them. The chain's hash is deposited elsewhere: without the salt, whoever holds all
    but one cell of the data could test guesses against that hash.
    """
    path = Path(data) if data else None
    if path is None or not path.is_file():
        return {}
    found: dict[str, Any] = {"sha256": files.sha256(path), "bytes": path.stat().st_size, "salt": secrets.token_hex(16)}
    time = getattr(protocol.design, "time", None) if protocol is not None else None
    if protocol is None or not time:
        return found
    from hubeval.data.source import read_source  # noqa: PLC0415 - pandas is wanted here alone

    frame = read_source(path, sheet=protocol.data.sheet).frame
    if time in frame.columns:
        periods = sorted({str(value) for value in frame[time].dropna()})
        found |= {"first": periods[0], "last": periods[-1]} if periods else {}
    return found
