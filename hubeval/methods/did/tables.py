"""The tables as data: effects by cohort and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.door.support import cohort_support
from hubeval.methods.readings.measure import table_of_changes
from hubeval.result import ResultTable

if TYPE_CHECKING:
    from hubeval.methods.did.estimators.group_time import GroupTime


def cell_table(fit: GroupTime, unit: str = "", label: str = "") -> ResultTable:
    """One row a cohort and period: the effect, its own error, and what a reader must know of it."""
    frame = fit.to_frame()
    columns = ("group", "time", "estimate", "std_error", "note")
    panel = fit.panel
    names = [str(panel.label(int(np.searchsorted(panel.clock, v)))) for v in (*fit.group, *fit.time)]
    half = len(fit.group)
    numbers = frame[["estimate", "std_error", "note"]].itertuples(index=False, name=None)
    rows = tuple((group, time, *(None if isinstance(v, float) and not np.isfinite(v) else v for v in row))
                 for group, time, row in zip(names[:half], names[half:], numbers, strict=True))
    behind = cohort_support(panel)
    cohorts = tuple(str(row[0]) for row in rows)
    made = ResultTable(name=f"group-time-{fit.panel.outcome}", columns=columns, rows=rows,
                       holds=("label", "label", "effect", "effect", "label"), of=cohorts,
                       n=tuple(behind.get(cohort) for cohort in cohorts),
                       caption=f"{label or fit.panel.outcome}: effects by cohort (first treated period) and period; "
                               "errors from influence functions, for reading across cells, not for tests with few "
                               "clusters")
    return table_of_changes(made, unit, ("estimate",), ("std_error",))
