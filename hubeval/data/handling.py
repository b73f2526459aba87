"""Which handling to offer for an event that a protocol does not declare: one that keeps what is evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.data.periods import Period, parse
from hubeval.protocol import DidDesign, ItsDesign

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol

FEW = 0.1  # of the treated may be left out, and the number is still about them


def own_programme(name: str, kind: str) -> str:
    """How to say that an event is what is evaluated, and no rival of it."""
    said = f'\nOr, if that is the programme that you evaluate, above [design]: programme = "{name}"'
    return said if kind == "co-intervention" else ""


def suggested(
    protocol: Protocol, wanted: str, table: Table, placed: tuple[Period, Period | None], touched: tuple[str, ...]
) -> str:
    """The handling to offer where `wanted` is what the event suggests: one that keeps what is evaluated in the data.

    What struck some areas is kept away by leaving out those, not by dropping years of all; periods from the first
    start on are never offered to be dropped where they hold values.
    """
    design = protocol.design
    if isinstance(design, ItsDesign) and not design.control:
        return "model it" if wanted != "mended in the data" else wanted
    if wanted in {"shared with the comparison", "mended in the data"}:
        return wanted
    treated = _treated(protocol, table)
    if touched and len(treated & set(touched)) <= FEW * len(treated):
        return "leave out these areas"
    if wanted == "leave out these areas":  # a change of boundaries that reaches the treated: to be added up
        return "mended in the data"
    if isinstance(design, ItsDesign):
        return "model it"
    return "shared with the comparison" if wanted == "model it" or _holds(protocol, table, placed) else wanted


def _treated(protocol: Protocol, table: Table) -> set[str]:
    """Units that start inside the data, as written, and the protocol's own area."""
    design = protocol.design
    if isinstance(design, DidDesign):
        frame = table.frame
        return {protocol.area, *frame.loc[frame[design.start].notna(), design.starter].astype(str)}
    return {protocol.area, str(getattr(design, "treated", None) or protocol.area)}


def _holds(protocol: Protocol, table: Table, placed: tuple[Period, Period | None]) -> bool:
    """Whether the event's periods reach beyond the first start and hold values."""
    design, opening = protocol.design, parse(table.periods[0])
    assert opening is not None
    begin = table.start if table.start is not None else len(table.periods)
    if isinstance(design, DidDesign):
        begin = int(min(table.frame[design.start].dropna(), default=begin))
    low = max(placed[0].ordinal - opening.ordinal, begin)
    high = placed[1].ordinal - opening.ordinal if placed[1] else len(table.periods)
    within = table.frame[getattr(design, "time", "")].between(low, high)
    return bool(table.frame.loc[within, protocol.primary.column].notna().any())
