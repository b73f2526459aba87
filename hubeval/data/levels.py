"""Where the treated stood before they started: what a change in a share, or in per cent, is read against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.protocol import DidDesign
from hubeval.scale import level, of_share, own_unit, scale_of
from hubeval.wording import amount_of, counted

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol

FEWEST = 10  # units: the mean of fewer comes near to telling one


def said_before(protocol: Protocol, table: Table) -> str:
    """Where the treated stood before their start, as a sentence; empty where a change needs no such thing beside it.

    For shares and for outcomes on a logarithmic scale, in panels with ten or more treated units: a change of 3 points
    is much beside 5% and little beside 60%.

    Parameters
    ----------
    protocol : Protocol
    table : Table
        Both as methods are given them (`hubeval.data.scales.measured`).

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> from hubeval.data.table import Table
    >>> from hubeval.protocol import DidDesign, Outcome, Protocol
    >>> asked = Protocol(area="A", question="?", registered=date(2026, 1, 1), outcomes=(
    ...     Outcome(column="y", label="Ready for school", unit="share of children"),),
    ...     design=DidDesign(unit="u", time="t", start="s"))
    >>> rows = [(f"P{u}", t, 1.0, 0.7 if t == 0 else 0.8) for u in range(12) for t in (0, 1)]
    >>> said_before(asked, Table(frame=pd.DataFrame(rows, columns=["u", "t", "s", "y"])))
    'Before the start the 12 treated units stood at 70% on average.'
    """
    design, outcome = protocol.design, protocol.primary
    unit = own_unit(outcome.unit)
    wanted = scale_of(outcome.unit) != "level" or of_share(unit)
    if not isinstance(design, DidDesign) or not design.unit or not wanted:
        return ""
    frame = table.frame
    rows = frame[(frame[design.time] < frame[design.start]) & frame[outcome.column].notna()]
    n = int(rows[design.unit].nunique())
    if n < FEWEST:
        return ""
    stood = amount_of(level(float(rows[outcome.column].mean()), outcome.unit), unit)
    how = "on average" if scale_of(outcome.unit) == "level" else "(geometric mean)"
    how = "(from the mean log-odds)" if scale_of(outcome.unit) == "log-odds" else how
    return f"Before the start the {counted(n, 'treated unit')} stood at {stood} {how}."
