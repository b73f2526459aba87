"""The tables as data: a frame of numbers with a name and a caption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.methods.readings.measure import table_of_changes
from hubeval.result import ResultTable

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.result import Holds


def table(name: str, caption: str, frame: pd.DataFrame, number: Holds = "effect", unit: str = "") -> ResultTable:
    """A frame as a table; what is missing is blank. `number` is what its numbers stand for, `unit` that of effects."""
    rows = tuple(tuple(_cell(v) for v in row) for row in frame.itertuples(index=False))
    words = [any(isinstance(row[i], str) for row in rows) for i in range(len(frame.columns))]
    holds = tuple("label" if word else number for word in words)
    made = ResultTable(name=name, caption=caption, columns=tuple(map(str, frame.columns)), rows=rows, holds=holds)
    return table_of_changes(made, unit, [name for name in ("estimate", "mean_gap") if name in made.columns])


def _cell(value: Any) -> str | int | float | None:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return None if np.isnan(value) else float(value)
    return None if value is None or str(value) == "<NA>" else str(value)
