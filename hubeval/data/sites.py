"""When each of several sites started, as a position among the periods of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.protocol import ItsDesign


def starts_of(design: ItsDesign, table: Table) -> dict[str, int]:
    """First treated position of each site that a time series design names; empty where it is of one series.

    Examples
    --------
    >>> from hubeval.data.clock import Clock
    >>> from hubeval.data.table import Table
    >>> from hubeval.protocol import ItsDesign
    >>> design = ItsDesign(time="t", start="2019", unit="site", sites={"A": "2020", "B": "2019"})
    >>> starts_of(design, Table(frame=None, periods=("2018", "2019", "2020"), clock=Clock(frequency="year")))
    {'A': 2, 'B': 1}
    """
    assert table.clock is not None
    placed = {name: str(table.clock.place(text)) for name, text in design.sites.items()}
    return {name: table.periods.index(label) for name, label in placed.items() if label in table.periods}
