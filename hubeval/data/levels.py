"""Where the treated stood before they started: what a change in a share, or in per cent, is read against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.protocol import DidDesign, ItsDesign, SynthDesign
from hubeval.scale import level, of_share, own_unit, scale_of
from hubeval.wording import amount_of, counted

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.protocol import Outcome, Protocol

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
    outcome = protocol.primary
    unit = own_unit(outcome.unit)
    wanted = scale_of(outcome.unit) != "level" or of_share(unit)
    found = level_before(protocol, table, outcome) if wanted else None
    if found is None or found[1] < FEWEST:
        return ""
    at, n = found
    stood = amount_of(at, unit)
    how = "on average" if scale_of(outcome.unit) == "level" else "(geometric mean)"
    how = "(from the mean log-odds)" if scale_of(outcome.unit) == "log-odds" else how
    return f"Before the start the {counted(n, 'treated unit')} stood at {stood} {how}."


def level_before(protocol: Protocol, table: Table, outcome: Outcome) -> tuple[float, int] | None:
    """Where the treated stood before their start, in the measure's own unit, and how many units that is the mean of.

    None for designs without periods, without units that are followed, by amount, or with several sites: no one level
    stands before them.

    Examples
    --------
    >>> import pandas as pd
    >>> from datetime import date
    >>> from hubeval.data.table import Table
    >>> from hubeval.protocol import ItsDesign, Outcome, Protocol
    >>> visits = Outcome(column="y", label="Visits", unit="visits")
    >>> asked = Protocol(area="A", question="?", registered=date(2026, 1, 1), outcomes=(visits,),
    ...                  design=ItsDesign(time="t", start="2020-03"))
    >>> level_before(asked, Table(frame=pd.DataFrame({"t": [0, 1, 2], "y": [4.0, 6.0, 90.0]}), start=2), visits)
    (5.0, 1)
    """
    design, frame = protocol.design, table.frame
    if isinstance(design, DidDesign) and design.unit and not design.by_amount:
        early = frame[design.time] < frame[design.start]
    elif isinstance(design, (ItsDesign, SynthDesign)) and table.start is not None and not getattr(design, "sites", ()):
        early = frame[design.time] < table.start
        early &= (frame[design.unit] == design.treated) if design.unit else True
    else:
        return None
    rows = frame[early & frame[outcome.column].notna()]
    if rows.empty:
        return None
    n = int(rows[design.unit].nunique()) if design.unit else 1
    return level(float(rows[outcome.column].mean()), outcome.unit), n
