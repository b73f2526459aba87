"""The same question asked again of a room: at each level of a subgroup, and by each specification that was declared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hubeval.data.bind import bind
from hubeval.data.clock import placed
from hubeval.data.scales import measured
from hubeval.errors import BadInput, Problem
from hubeval.methods.readings.measure import in_measure, read_back
from hubeval.methods.readings.multiverse import WHAT, read_specifications, same_number
from hubeval.methods.readings.subgroups import by_level, read_levels
from hubeval.methods.room import room_for
from hubeval.protocol.multiverse import Specification, by_rules, nowhere, refusal, specifications
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hubeval.data.source import Source
    from hubeval.data.table import Table
    from hubeval.methods.room import Room
    from hubeval.protocol import Protocol, Subgroup
    from hubeval.result import Answer, Estimate

    Progress = Callable[[str], None]
    Rows = list[tuple[str, Mapping[str, Any], Estimate]]
    Bound = tuple[tuple[Specification, Table], ...]
    Beside = Bound | None  # None where there are no records to bind

SENT = "it needs the records themselves, and these came as sums"
ALONE = "none of the other ways through it goes together, so the registered number stands alone"
APART = "each joins an option with another that does not read it, so they are no specifications"
TWICE = "each gives the very number and interval of another, and is counted once with it"
NO_LOT = "this design has no lot that could be drawn again for all specifications at once"


def by_subgroup(room: Room, protocol: Protocol, table: Table, answer: Answer, say: Progress) -> Answer:
    """The answer with the room's own headline at each level of the subgroups declared."""

    def ask(one: Subgroup, rows: Table) -> Estimate:
        design: Any = protocol.design
        design = replace(design, covariates=tuple(name for name in design.covariates if name != one.column))
        own = replace(protocol, outcomes=(protocol.primary,), design=design, subgroups=())
        heads = read_back(room.answer(own, rows, lambda _line: None)).headline_terms
        if not heads:
            raise BadInput([Problem("subgroups", "no estimate could be made")])
        return heads[0]

    if not protocol.subgroups:
        return answer
    found, gaps = by_level(protocol.subgroups, table, ask, say)
    shown, said = read_levels(found)
    return replace(
        answer, tables=(*answer.tables, *((shown,) if shown else ())), not_computed=(*answer.not_computed, *gaps),
        diagnostics=(*answer.diagnostics, *((said,) if said else ())),
    )  # fmt: skip


def require_accepted(protocol: Protocol) -> None:
    """Refuse a declared option that the room would refuse as the protocol's own, before any data are read.

    Raises
    ------
    BadInput
    """
    for one, found in nowhere(protocol, _accepts(protocol)) if protocol.multiverse else ():
        raise _declared(found, one)


def _accepts(protocol: Protocol) -> Callable[[Protocol], None]:
    """What the rules of a protocol, and of the room that answers it, say of one."""
    accepts = room_for(protocol.design.kind).accepts

    def check(one: Protocol) -> None:
        by_rules(one)
        if accepts is not None:
            accepts(one)

    return check


def beside(protocol: Protocol, source: Source, table: Table) -> Beside:
    """Each declared specification but the registered one with its own bound table; None where they came as sums.

    Raises
    ------
    BadInput
        A specification names what the data do not have.
    """
    if table.made:
        return None
    if not protocol.multiverse:
        return ()
    first, *others = specifications(protocol)
    tables, made, check = {first.reads: table}, [], _accepts(protocol)
    for one in others:
        if refusal(check, one.protocol) is not None:
            continue  # it joins options that do not go together
        if one.reads not in tables:
            try:
                tables[one.reads] = bind(one.protocol, source)
            except BadInput as found:
                raise _declared(found, one) from None
        made.append((one, tables[one.reads]))
    return tuple(made)


def _declared(found: BadInput, one: Specification) -> BadInput:
    """The same problems, said of the multiverse."""
    said = ", ".join(f"{key} = {value!r}" for key, value in one.options.items())
    return BadInput([replace(p, argument=f"multiverse ({said}): {p.argument}") for p in found.problems])


def across(protocol: Protocol, asked: Protocol, given: Table, others: Beside, answer: Answer, say: Progress) -> Answer:
    """The answer with the curve of all declared specifications beside it; the headline stays the registered one.

    Parameters
    ----------
    protocol : Protocol
    asked, given : Protocol, Table
        As the room was asked; `others` are put so here.
    others : tuple of (Specification, Table)
        From `beside`; None where only sums came.
    answer : Answer
    say : callable
    """
    if not protocol.multiverse:
        return answer
    if not others or not answer.headline_terms:
        why = "there is no registered number" if others else ALONE if others == () else SENT
        return replace(answer, not_computed=(*answer.not_computed, NotComputed(what="multiverse", reason=why)))
    room, first = room_for(protocol.design.kind), specifications(protocol)[0]
    apart = len(specifications(protocol)) - 1 - len(others)
    rows: Rows = [(first.label, first.options, answer.headline_terms[0])]
    asks = [(replace(asked, outcomes=(asked.primary,), multiverse={}, subgroups=()), given)]
    gaps = [NotComputed(what=f"{apart} of the ways through the multiverse", reason=APART)] if apart else []
    twice, refused = 0, []
    for one, table in others:
        say(f"estimating specification {one.label} of {len(others)}")
        try:
            mine = measured(placed(one.protocol, table.clock), table)
            found = in_measure(_head(room, *mine))
        except BadInput as error:
            refused.append((one, error))
            continue
        if (found.term, found.unit) != (rows[0][2].term, rows[0][2].unit):
            reason = f"it answers another question ({found.term}, in {found.unit})"
            gaps.append(NotComputed(what=f"specification {one.label}", reason=reason))
            continue
        if any(same_number(found, row[2]) for row in rows):
            twice += 1
            continue
        rows.append((one.label, one.options, found))
        asks.append(mine)
    gaps += _not_accepted(protocol, others, refused)
    gaps += [NotComputed(what=f"{twice} of the specifications", reason=TWICE)] if twice else []
    p = _joint(room, asks)
    gaps += [p] if isinstance(p, NotComputed) else []
    curve, tables, said = read_specifications(rows, 1 + len(others) - twice, None if isinstance(p, NotComputed) else p)
    return replace(
        answer, figures=(*answer.figures, curve), tables=(*answer.tables, *tables),
        diagnostics=(*answer.diagnostics, said), not_computed=(*answer.not_computed, *gaps),
    )  # fmt: skip


def _not_accepted(
    protocol: Protocol, others: Bound, refused: list[tuple[Specification, BadInput]]
) -> list[NotComputed]:
    """Why each specification could not be estimated.

    Raises
    ------
    BadInput
        An option that the room refuses by its name in every way through the grid in which it stands.
    """
    for key, values in protocol.multiverse.items():
        for value in values:
            asked = sum(one.options[key] == value for one, _ in others)
            named = [
                (one, error) for one, error in refused if one.options[key] == value
                and any(p.argument.removeprefix("design.").split(" ")[0] == key for p in error.problems)
            ]  # fmt: skip
            if asked and len(named) == asked and value != getattr(protocol.design, key):
                raise _declared(named[0][1], replace(named[0][0], options={key: value}))
    return [
        NotComputed(what=f"specification {one.label}",
                    reason=f"{error.problems[0].argument.removeprefix('design.')}: {error.problems[0].found}")
        for one, error in refused
    ]  # fmt: skip


def _head(room: Room, protocol: Protocol, table: Table) -> Estimate:
    """The primary outcome's headline, by the room's shorter way where it has one."""
    if room.head is not None:
        return room.head(protocol, table)
    heads = room.answer(protocol, table, lambda _line: None).headline_terms
    if not heads:
        raise BadInput([Problem("multiverse", "no estimate could be made")])
    return heads[0]


def _joint(room: Room, asks: list[tuple[Protocol, Table]]) -> float | NotComputed:
    """One p-value for all specifications, under the same permutations of each."""
    if room.permuted is None:
        return NotComputed(what=WHAT, reason=NO_LOT)
    from hubeval.engine.specifications import joint_median  # noqa: PLC0415 - numpy: kept out of the fast path

    parts = []
    for protocol, table in asks:
        found = room.permuted(protocol, table)
        if isinstance(found, NotComputed):
            return replace(found, what=WHAT)
        parts.append(found)
    p = joint_median(parts)
    return NotComputed(what=WHAT, reason=p) if isinstance(p, str) else p
