"""What has left before: a ledger of released counts, each entry chained to the one before it by its hash.

A second version is subtracted from the first: where two versions differ by a few persons, those persons would be read
off the difference, so the count is withheld in the later one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubeval import files
from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.release.profiles import ReleaseProfile

SCHEMA = "hubeval-ledger/1"
START = "0" * 64
ANYWHERE = "count "  # so begins the name of a count that has no other than its value


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One release: its day, the profile it met, and every count as it was shown (None: withheld)."""

    dated: str
    profile: str
    cells: Mapping[str, float | None]
    before: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Every release so far, oldest first.

    Examples
    --------
    >>> first = Ledger().added("2026-11-28", "ons", {"all": 591})
    >>> second = first.added("2026-12-01", "ons", {"all": None})
    >>> second.entries[1].before == first.entries[0].hash
    True
    """

    entries: tuple[Entry, ...] = field(default=())

    def added(self, dated: str, profile: str, cells: Mapping[str, float | None]) -> Ledger:
        """The ledger with one release more."""
        before = self.entries[-1].hash if self.entries else START
        entry = Entry(dated=dated, profile=profile, cells=dict(cells), before=before, hash="")
        return Ledger(entries=(*self.entries, _sealed(entry)))

    def shown_before(self) -> dict[str, float]:
        """Every count that has left, as it was last shown."""
        return {key: n for entry in self.entries for key, n in entry.cells.items() if n is not None}

    def withheld_before(self) -> frozenset[str]:
        """Counts that were withheld in the latest release that held them."""
        latest = {key: n for entry in self.entries for key, n in entry.cells.items()}
        return frozenset(key for key, n in latest.items() if n is None)


def _sealed(entry: Entry) -> Entry:
    return Entry(dated=entry.dated, profile=entry.profile, cells=entry.cells, before=entry.before, hash=_hash(entry))


def _hash(entry: Entry) -> str:
    body = {"dated": entry.dated, "profile": entry.profile, "cells": dict(entry.cells), "before": entry.before}
    return files.sha256(files.to_json(body, indent=None))


def read_ledger(path: str | Path) -> Ledger:
    """The ledger in that file, or an empty one where there is none yet.

    Raises
    ------
    BadInput
        It is not a ledger, or an entry was changed, taken out or put in since it was written.
    """
    where = Path(path)
    if not where.is_file():
        return Ledger()
    raw = files.read_json(where, "ledger")
    try:
        entries = tuple(Entry(**entry) for entry in raw["entries"]) if raw["schema"] == SCHEMA else None
    except (KeyError, TypeError):
        entries = None
    if entries is None:
        raise BadInput([Problem("ledger", f"{where} is not a ledger of releases", SCHEMA, "Name the right file.")])
    before = START
    for number, entry in enumerate(entries, start=1):
        if entry.before != before or entry.hash != _hash(entry):
            found = f"{where}: the chain is broken at release {number}: it was edited after it was written"
            cure = "Put back the ledger as it was; without it a difference between versions cannot be checked."
            raise BadInput([Problem("ledger", found, "an unbroken chain of hashes", cure)])
        before = entry.hash
    return Ledger(entries=entries)


def write_ledger(ledger: Ledger, path: str | Path) -> Path:
    """Write a ledger, to lie beside the output it is about."""
    value: dict[str, Any] = {"schema": SCHEMA, "entries": ledger.entries}
    return files.write_text(path, files.to_json(value))


def ledger_of(out: str | Path) -> Path:
    """Where the ledger of a folder lies: beside it, so that it outlives what is written there anew.

    Examples
    --------
    >>> ledger_of("out/essex").as_posix()
    'out/essex.ledger.json'
    """
    where = Path(out)
    return where.with_name(f"{where.name}.ledger.json")


def with_release(ledger: Ledger, result: dict[str, Any]) -> Ledger:
    """The ledger with what a released result shows; as it was where the last release showed the same."""
    stamp = result["release"]
    last = ledger.entries[-1] if ledger.entries else None
    if last is not None and dict(last.cells) == stamp["counts"] and last.profile == stamp["profile"]:
        return ledger
    return ledger.added(result["provenance"]["made_on"], stamp["profile"], stamp["counts"])


def too_close(counts: Mapping[str, int], ledger: Ledger, profile: ReleaseProfile) -> frozenset[str]:
    """Counts that may not be shown now because of what was shown before.

    A count that differs from its earlier value by one person to one fewer than the threshold, where neither is rounded
    enough to cover it; and a count withheld before, for it might be put into the earlier tables. Counts that stand
    beside estimates and in tables have no name that another version would give them too (rows come and go), so they
    are held against every count shown before.

    Examples
    --------
    >>> from hubeval.release.profiles import release_profile
    >>> before = Ledger().added("2026-11-28", "ons", {"all": 591, "treated": 40, "few": None})
    >>> sorted(too_close({"all": 592, "treated": 60, "few": 12}, before, release_profile("ons")))
    ['all', 'few']
    """
    if profile.open:
        return frozenset()
    shown, withheld = ledger.shown_before(), ledger.withheld_before()
    near = {
        key
        for key, n in counts.items()
        if key in shown and 0 < abs(n - shown[key]) < profile.threshold and profile.base == 1
    }
    if profile.base == 1:
        known = set(shown.values())
        anywhere = {key for key in counts if key.startswith(ANYWHERE)}
        near |= {key for key in anywhere if any(0 < abs(counts[key] - n) < profile.threshold for n in known)}
    return frozenset(near | (withheld & counts.keys()))
