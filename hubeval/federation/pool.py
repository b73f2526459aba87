"""Many councils' packets as one evaluation: the ordinary room, asked about units that add up as theirs do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval import files
from hubeval.data.behind import behind
from hubeval.data.bind import bind
from hubeval.data.source import read_source
from hubeval.data.sums import rows_like
from hubeval.errors import BadInput, Door, listed
from hubeval.evaluation import concluded, ready_for
from hubeval.federation.packet import NEVER, definition
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.inference.headline import average, settled
from hubeval.methods.readings.from_sums import decided
from hubeval.protocol import DidDesign
from hubeval.result import Diagnostic
from hubeval.wording import amount

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from hubeval.data.table import Table
    from hubeval.evaluation import Evaluation
    from hubeval.federation.packet import Packet
    from hubeval.methods.did.door.panel import Panel
    from hubeval.protocol import Protocol
    from hubeval.readiness import Readiness
    from hubeval.result import Answer, Estimate

def pool(
    protocol: Protocol,
    packets: Sequence[Packet],
    readiness: Readiness | None = None,
    *,
    despite: str = "",
    progress: Callable[[str], None] | None = None,
    today: date | None = None,
) -> Evaluation:
    """One evaluation of all councils' units, from their packets alone.

    Estimates, errors clustered by unit or by the protocol's cluster, aggregation, the event study and what two moments
    decide are those of the records; what needs single units (permuting their starts, leaving one out) is named and not
    computed. Each council is left out in turn.

    Parameters
    ----------
    protocol : Protocol
        The funder's: the same design, outcomes and cautions as every council's.
    packets : sequence of Packet
    readiness : Readiness, optional
        By default the assessment of the profile that the protocol names.

    Raises
    ------
    BadInput
        Packets that do not fit, named; or a design whose inference needs single units.
    NotReady
        The readiness does not open the design.
    """
    _require_fitting(protocol, packets)
    say = progress or (lambda _line: None)
    readiness = ready_for(protocol, readiness, despite=despite, today=today)
    say("Making units that add up as the councils' do")
    frame = frame_of(protocol, packets)
    plain = replace(protocol, data=replace(protocol.data, missing_marks=(), linked="", never_marks=()))
    table = bind(plain, read_source(frame))
    table = replace(table, sha256=files.sha256("".join(files.to_json(one.to_dict(), indent=None) for one in packets)))
    others = _each_left_out(plain, packets, say)
    return concluded(
        plain, readiness, table, behind(plain, table), carried=(*others, *_raised(packets)), keep=_decided,
        despite=despite, say=say,
        today=today,
    )  # fmt: skip


def frame_of(protocol: Protocol, packets: Sequence[Packet]) -> pd.DataFrame:
    """A panel of made-up units with the sums of every packet, in the protocol's own columns."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    parts = []
    for one in packets:
        for at, group in enumerate(one.groups):
            rows = rows_like(group.sums).reshape(group.sums.n, len(one.columns), len(one.periods))
            names = [f"{one.council} {at}.{i}" for i in range(group.sums.n)]
            made = {
                design.unit: np.repeat(names, len(one.periods)),
                design.time: np.tile(one.periods, group.sums.n),
                design.start: group.start or NEVER,
            }
            made |= {column: rows[:, k, :].ravel() for k, column in enumerate(one.columns)}
            if design.cluster and design.cluster != design.unit:
                made[design.cluster] = f"{one.council} {group.cluster}" if group.cluster != one.council else one.council
            parts.append(pd.DataFrame(made))
    return pd.concat(parts, ignore_index=True)


def _require_fitting(protocol: Protocol, packets: Sequence[Packet]) -> None:
    """Name every packet that does not fit the protocol or the others."""
    door, ours = Door(), definition(protocol)
    if len(packets) < 2:
        door.refuse("packets", f"found {len(packets)}", "two or more", "Evaluate one council on its records.")
    names = [one.council for one in packets]
    for name in sorted({name for name in names if names.count(name) > 1}):
        door.refuse("packets", f"{name!r} stands twice", "each council once", "Leave one of its packets out.")
    for one in packets:
        if one.definition != ours:
            door.refuse(
                "packets",
                f"{one.council!r} was made by another protocol (its design, outcomes or cautions differ)",
                f"definition {ours[:12]}",
                "Send the council this protocol, and ask for the packet again.",
            )
        elif one.periods != packets[0].periods:
            door.refuse(
                "packets",
                f"{one.council!r} holds {one.periods[0]} to {one.periods[-1]} ({len(one.periods)} periods)",
                f"{packets[0].periods[0]} to {packets[0].periods[-1]} ({len(packets[0].periods)}), as the first",
                "Ask for the same periods.",
            )
    door.close()


def _decided(answer: Answer) -> Answer:
    """What of an answer two moments decide; the rest named as not computed."""
    return decided(answer, "packets", "it needs single units, and packets hold sums")


def _raised(packets: Sequence[Packet]) -> tuple[Diagnostic, ...]:
    """What the councils' own checks raised, once for each thing."""
    by_name: dict[str, dict[str, list[str]]] = {}
    for one in packets:
        for name, said in one.raised:
            by_name.setdefault(name, {}).setdefault(said, []).append(one.council)
    return tuple(
        Diagnostic(name=name, question="What did the councils' own checks raise?", status="caution",
                   reading=f"Raised by the check of {len(councils)} of {len(packets)} councils "
                           f"({listed(councils, 20)}): {said}")
        for name, readings in by_name.items() for said, councils in readings.items()
    )  # fmt: skip


def _each_left_out(protocol: Protocol, packets: Sequence[Packet], say: Callable[[str], None]) -> tuple[Diagnostic, ...]:
    """The headline without each council in turn."""
    if len(packets) < 3:
        return ()
    found: dict[str, Estimate] = {}
    unasked = []
    design = protocol.design
    assert isinstance(design, DidDesign)
    for at, one in enumerate(packets):
        say(f"Leaving out each council in turn ({at + 1} of {len(packets)})")
        rest = [other for other in packets if other is not one]
        try:
            table = bind(protocol, read_source(frame_of(protocol, rest)))
            panel = _panel(table, protocol)
            found[one.council] = average(panel, settled(design, panel, seed=protocol.seed))
        except BadInput:
            unasked.append(one.council)
    if not found:
        return ()
    low, high = min(found, key=lambda c: found[c].estimate), max(found, key=lambda c: found[c].estimate)
    signs = {np.sign(term.estimate) for term in found.values()}
    turned = len(signs) > 1
    said = (
        f"Leaving out each of {len(found)} councils in turn gives "
        f"{amount(found[low].estimate, protocol.primary.unit)} (without {low}) to "
        f"{amount(found[high].estimate, protocol.primary.unit)} (without {high}). "
    )
    said += "The sign hangs on one council." if turned else "No single council turns the sign."
    said += f" It cannot be computed without {listed(unasked)}." if unasked else ""
    return (
        Diagnostic(
            name="each council left out",
            question="Does one council carry it?",
            status="caution" if turned or unasked else "pass",
            reading=said,
            statistic=float(found[high].estimate - found[low].estimate),
            bears_on="sign",
        ),
    )


def _panel(table: Table, protocol: Protocol) -> Panel:
    """The primary outcome's panel, as the room reads it."""
    design = protocol.design
    assert isinstance(design, DidDesign)
    return read_panel(
        table.frame, outcome=protocol.primary.column, unit=design.unit, time=design.time, start=design.start,
        cluster=design.cluster, anticipation=design.anticipation,
    )  # fmt: skip
