"""A list of contacts, one row each, counted by place and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hubeval.data.columns import Columns
from hubeval.data.periods import Period, coarsen, parse_column
from hubeval.data.source import read_source
from hubeval.errors import Door

if TYPE_CHECKING:
    from pathlib import Path

    from hubeval.data.periods import Frequency


def counts(data: str | Path | pd.DataFrame, *, unit: str, date: str, by: Frequency = "month", sheet: str = ""
           ) -> pd.DataFrame:  # fmt: skip
    """One row a place and period with the number of contacts; 0 where a place has none inside the window.

    Parameters
    ----------
    data : path or DataFrame
        One row a contact.
    unit, date : str
        The columns of places and of dates.
    by : {"month", "quarter", "year", "financial year"}

    Returns
    -------
    DataFrame
        Columns `unit`, ``period`` and ``contacts``.

    Raises
    ------
    BadInput
        No such column, blank places, or dates that are none or are coarser than `by`.

    Examples
    --------
    >>> rows = pd.DataFrame({"la": ["A", "A", "B"], "on": ["2019-01-05", "2019-01-20", "2019-02-01"]})
    >>> counts(rows, unit="la", date="on").to_numpy().tolist()
    [['A', '2019-01', 2], ['A', '2019-02', 0], ['B', '2019-01', 0], ['B', '2019-02', 1]]
    """
    door = Door()
    columns = Columns(read_source(data, sheet=sheet).frame, door)
    for argument, name in (("unit", unit), ("date", date)):
        columns.present(argument, name)
    door.close()
    places, written = columns.text(unit), columns.text(date)
    known = {text: coarsen(p, by) if p else None for text, p in parse_column(written.unique()).items()}
    bad = written.isin([text for text, period in known.items() if period is None])
    if bad.any():
        first = int(bad.to_numpy().argmax()) + 1
        found = f"{int(bad.sum())} row(s) of {date!r} cannot be placed in a {by}, first in data row {first}"
        door.refuse("date", found, "dates", "Correct them, or count by a longer period.")
    if blank := int((places == "").sum()):
        door.refuse("unit", f"{blank} row(s) of {unit!r} are blank", "a place in every row", "Fill them in.")
    door.close()
    ordinals = written.map({text: period.ordinal for text, period in known.items() if period})
    wide = pd.crosstab(places, ordinals).reindex(columns=range(ordinals.min(), ordinals.max() + 1), fill_value=0)
    wide.columns = pd.Index([str(Period(by, int(n))) for n in wide.columns], name="period")
    long = wide.rename_axis(index=unit).reset_index().melt(id_vars=unit, var_name="period", value_name="contacts")
    return long.sort_values([unit, "period"], kind="stable").reset_index(drop=True)
