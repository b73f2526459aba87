"""How a protocol stands to what was registered, and how often it was run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hubeval.registry.canonical import canonical
from hubeval.registry.ledger import PlanLedger, ledger_beside, read_plan_ledger
from hubeval.wording import counted

if TYPE_CHECKING:
    from hubeval.protocol import Amendment, Protocol
    from hubeval.registry.ledger import Entry

Status = Literal["unchanged", "changed", "not registered"]
ABSENT = "(not there)"
_EMPTY: tuple[Any, ...] = (None, "", [], {}, False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One key that is not what was registered, with the dated reason that the protocol gives for it, if any."""

    key: str
    then: str
    now: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a protocol stands to its registration.

    Parameters
    ----------
    status : {"unchanged", "changed", "not registered"}
    registered : str
        The day; empty where there is none.
    changes : tuple of Change
    runs : int
        How many runs of the same primary outcome the ledger holds, this one not counted.
    says : str
        All of it in sentences.
    """

    status: Status
    registered: str = ""
    changes: tuple[Change, ...] = ()
    runs: int = 0
    says: str = ""


def standing_now(protocol: Protocol) -> Standing:
    """Hold a protocol against the ledger beside its file; one that was made in memory has none.

    Raises
    ------
    BadInput
        The ledger was edited after it was written.
    """
    return standing(protocol, read_plan_ledger(ledger_beside(protocol)) if protocol.filename else PlanLedger())


def standing(protocol: Protocol, ledger: PlanLedger) -> Standing:
    """Hold a protocol against its ledger.

    What counts is the last registration before the first run: registering again after a run does not make a plan one
    that was made beforehand.
    """
    runs = [e for e in ledger.entries if e.what == "run" and e.outcomes[:1] == (protocol.primary.column,)]
    base = _base(ledger)
    if base is None:
        return Standing(status="not registered", runs=len(runs), says=_unregistered(ledger, len(runs)))
    changes = _changes(base, protocol)
    status: Status = "changed" if changes else "unchanged"
    head = f"Registered on {base.dated} and {'changed since' if changes else 'unchanged'}."
    if changes:
        bare = sum(not change.reason for change in changes)
        head += f" {counted(len(changes), 'key differs', 'keys differ')}"
        head += f", {bare} without a dated reason." if bare else ", each with a dated reason."
    later = sum(e.what == "registered" for e in ledger.entries[ledger.entries.index(base) + 1 :])
    parts = [head, _data_said(base), _runs_said(len(runs))]
    earlier = sum(e.what == "registered" for e in ledger.entries[: ledger.entries.index(base)])
    if earlier:
        first = next(e for e in ledger.entries if e.what == "registered")
        parts.append(f"It takes the place of {counted(earlier, 'earlier registration')}, the first on {first.dated}.")
    if later:
        parts.append(f"It was registered again after a run ({counted(later, 'time')}); that is not counted.")
    return Standing(
        status=status,
        registered=base.dated,
        changes=changes,
        runs=len(runs),
        says=" ".join(part for part in parts if part),
    )


def _base(ledger: PlanLedger) -> Entry | None:
    """The last registration before the first run."""
    found = None
    for entry in ledger.entries:
        if entry.what == "run":
            break
        found = entry
    return found


def _unregistered(ledger: PlanLedger, runs: int) -> str:
    late = any(entry.what == "registered" for entry in ledger.entries)
    head = (
        "Registered only after a run, so not beforehand." if late else "Not registered: nothing shows what was planned."
    )
    return f"{head} {_runs_said(runs)}".strip()


def _runs_said(runs: int) -> str:
    if not runs:
        return ""
    return f"The ledger holds {counted(runs, 'earlier run')} against the same outcome."


def _data_said(base: Entry) -> str:
    if not base.data and base.declared.get("data.source"):
        head = "The data stay in a table elsewhere: whether they were there when it was registered was not looked at."
        return head + (f" Seen by then, as declared: {base.seen}" if base.seen else "")
    if not base.data:
        return "No data file was there when it was registered." if not base.seen else f"Seen by then: {base.seen}"
    period = f" ({base.data['first']} to {base.data['last']})" if "first" in base.data else ""
    said = f"Seen by then, as declared: {base.seen}" if base.seen else "What had been seen of them was not said."
    return f"Data were there when it was registered{period}. {said}"


def _changes(base: Entry, protocol: Protocol) -> tuple[Change, ...]:
    now, then = canonical(protocol), base.declared
    keys = [*then, *(key for key in now if key not in then)]
    return tuple(
        Change(
            key=key, then=_said(then.get(key, ABSENT)), now=_said(now.get(key, ABSENT)),
            reason=_reason(key, protocol, new=key not in then),
        )
        for key in keys
        if not _same(then, now, key) and not (key == "amendments" and key not in now)  # each of them is told
    )  # fmt: skip


def _same(then: Any, now: Any, key: str) -> bool:
    """Whether a key says the same; one that a later version of hubeval knows and that says nothing is no change."""
    if key not in then:
        item, _, last = key.rpartition(".")
        beside = last and any(one.startswith(f"{item}.") for one in then)  # the outcome or caution was there then
        return bool(now[key] in _EMPTY) and bool("[" not in key or beside)
    return key in now and bool(then[key] == now[key]) and type(then[key]) is type(now[key])


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "(empty)"
    return "(empty)" if value in (None, "") else str(value)


def _reason(key: str, protocol: Protocol, *, new: bool) -> str:
    """The reason of the amendments that name a key; empty where none does. One that is added gives its own."""
    if new and (spot := re.match(r"amendments\[(\d+)\]", key)):
        added = protocol.amendments[int(spot[1]) - 1]
        return f"{added.dated}: {added.reason}"
    found: list[Amendment] = [a for a in protocol.amendments if _names(a.change, key, protocol)]
    return " ".join(f"{a.dated}: {a.reason}" for a in found)


def _names(change: str, key: str, protocol: Protocol) -> bool:
    """Whether an amendment's words name a key: by its own name, or by that of the outcome or caution it is of."""
    if key.startswith("amendments"):
        return False
    names = [key, key.rpartition(".")[2]]
    if spot := re.match(r"(outcomes|cautions)\[(\d+)\]", key):
        items: tuple[Any, ...] = getattr(protocol, spot[1])
        if int(spot[2]) <= len(items):
            names.append(items[int(spot[2]) - 1].label)
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", change, re.IGNORECASE) for name in names)
