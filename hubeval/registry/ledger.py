"""The ledger of one protocol: registrations and runs, oldest first, each chained to the one before by its hash."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hubeval import files
from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.protocol import Protocol

SCHEMA = "hubeval-registry/1"
START = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened to a protocol.

    Parameters
    ----------
    what : {"registered", "run"}
    dated : str
    declared : mapping
        The canonical protocol, at a registration; empty at a run.
    digest : str
        The hash of the canonical protocol.
    outcomes : tuple of str
        Columns of its outcomes, the primary one first.
    data : mapping
        What data there were: ``sha256`` and ``bytes`` of the file, ``first`` and ``last`` period; never content. A
        random ``salt``, so that the chain's hash tells nothing of them.
    seen : str
        What had been seen of them, in the words of whoever registered.
    before, hash : str
    """

    what: Literal["registered", "run"]
    dated: str
    declared: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    outcomes: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    seen: str = ""
    before: str = ""
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLedger:
    """Every entry so far.

    Examples
    --------
    >>> ledger = PlanLedger().added(Entry(what="run", dated="2026-11-28"))
    >>> ledger.entries[0].before == START
    True
    """

    entries: tuple[Entry, ...] = ()

    def added(self, entry: Entry) -> PlanLedger:
        """The ledger with one entry more, chained to the last."""
        before = self.entries[-1].hash if self.entries else START
        chained = replace(entry, before=before, hash="")
        return PlanLedger(entries=(*self.entries, replace(chained, hash=_hash(chained))))


def _hash(entry: Entry) -> str:
    return files.sha256(files.to_json(replace(entry, hash=""), indent=None))


def ledger_beside(protocol: Protocol) -> Path:
    """Where the ledger of a protocol lies: beside its file, under its name."""
    return Path(protocol.folder) / f"{Path(protocol.filename or 'protocol.toml').stem}.registry.json"


def read_plan_ledger(path: str | Path) -> PlanLedger:
    """The ledger in that file, or an empty one where there is none.

    Raises
    ------
    BadInput
        It is no ledger, or an entry was changed, taken out or put in since it was written.
    """
    where = Path(path)
    if not where.exists():
        return PlanLedger()
    raw = files.read_json(where, "registry")
    entries = None
    try:
        if raw["schema"] == SCHEMA:
            entries = tuple(Entry(**{**entry, "outcomes": tuple(entry["outcomes"])}) for entry in raw["entries"])
    except (KeyError, TypeError):
        pass
    if entries is None or any(entry.what not in {"registered", "run"} for entry in entries):
        found, cure = f"{where} is not a ledger of registrations", "Put back the ledger as it was written."
        raise BadInput([Problem("registry", found, SCHEMA, cure)])
    before = START
    for number, entry in enumerate(entries, start=1):
        if entry.before != before or entry.hash != _hash(entry):
            found = f"{where}: the chain is broken at entry {number}: it was edited after it was written"
            cure = "Put back the ledger as it was; what was registered cannot be told without it."
            raise BadInput([Problem("registry", found, "an unbroken chain of hashes", cure)])
        before = entry.hash
    return PlanLedger(entries=entries)


def write_plan_ledger(ledger: PlanLedger, path: str | Path) -> Path:
    """Write a ledger where it lies."""
    return files.write_text(path, files.to_json({"schema": SCHEMA, "entries": ledger.entries}))
