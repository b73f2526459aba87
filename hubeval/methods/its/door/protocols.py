"""From a protocol and its bound table to the request that `segmented` would have been given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from hubeval.errors import Door
from hubeval.methods.its.door.options import Interruption, Shock
from hubeval.methods.its.door.request import Request
from hubeval.methods.readings.cautions import touched

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.protocol import Caution, ItsDesign, Outcome, Protocol


def request(protocol: Protocol, design: ItsDesign, outcome: Outcome, table: Table) -> tuple[pd.DataFrame, Request]:
    """The frame and the request for one outcome.

    Periods that a caution dropped come back as rows without an outcome and get a term each, so that the
    time index stays whole. Gaps that nobody declared stay gaps, and are refused by name at the door.

    Raises
    ------
    BadInput
        A caution's handling does not fit a design without comparison series.
    """
    door = Door()
    dropped = [c for c in protocol.cautions if c.handling == "drop the periods"]
    shocks = [shock for c in protocol.cautions if (shock := _shock(c, table.periods)) is not None]
    for caution in protocol.cautions:
        if caution.handling == "shared with the comparison" and not design.control:
            door.refuse(
                f"cautions ({caution.label})",
                "handling is 'shared with the comparison', and this design has no comparison series",
                "'model it' or 'drop the periods'",
                "Name comparison series under design.control, or choose another handling.",
            )
    door.close()
    starts = [Interruption(at=at, impact=design.impact, over=design.over, until=design.end or "")
              for at in (design.start, *design.more_starts)]
    return _frame(design, table, dropped), Request(
        outcome=outcome.column,
        time=design.time,
        start=starts,
        covariates=tuple(shocks),
        exposure=design.exposure,
        unit=design.unit,
        treated=design.treated,
        family=design.family,
        errors=design.errors,
        inference=design.inference,
        seasonality=design.seasonality,
        transition=design.transition,
        control=design.control,
    )


def site_requests(
    protocol: Protocol, design: ItsDesign, outcome: Outcome, table: Table
) -> dict[str, tuple[pd.DataFrame, Request]]:
    """The frame and the request of every site of a protocol that names several."""
    made = {}
    for name, start in design.sites.items():
        alone = replace(design, treated=name, start=start, sites={})
        frame, ask = request(protocol, alone, outcome, table)
        made[name] = (frame[frame[design.unit] == name], ask)
    return made


def _shock(caution: Caution, periods: tuple[str, ...]) -> Shock | None:
    """A caution as a term; None where it is absorbed by the comparison, mended already or outside the window."""
    if caution.handling in {"shared with the comparison", "mended in the data", "leave out these areas"}:
        return None
    span = touched(caution, periods)
    if span is None:
        return None
    each = caution.handling == "drop the periods"
    open_ended = not caution.last and not each
    last = "" if open_ended else periods[span[1]]
    return Shock(label=caution.label, first=periods[span[0]], last=last, each=each)


def _frame(design: ItsDesign, table: Table, dropped: list[Caution]) -> pd.DataFrame:
    """The table with periods as written, and an empty row back for every period dropped by declaration."""
    frame = table.frame
    spans = [span for c in dropped if (span := touched(c, table.periods)) is not None]
    absent = sorted({p for low, high in spans for p in range(low, high + 1)} - set(frame[design.time]))
    units = frame[design.unit].unique() if design.unit else [None]
    rows = [{design.time: p, **({design.unit: u} if design.unit else {})} for u in units for p in absent]
    whole = pd.concat([frame, pd.DataFrame(rows, columns=frame.columns)], ignore_index=True) if rows else frame
    labels = dict(enumerate(table.periods))
    return whole.assign(**{design.time: [labels[int(p)] for p in whole[design.time]]})
