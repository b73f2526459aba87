"""A column of periods, read and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.data.periods import Period, coarsen, parse
from hubeval.errors import listed
from hubeval.result import NotComputed

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.data.bind.binding import Binding


def periods_of(binding: Binding, column: str, argument: str) -> list[Period] | None:
    """The periods of a column; None once anything in it is refused."""
    written = binding.columns.text(column)
    known = {text: parse(text) for text in written.unique()}
    bad = [text for text, period in known.items() if period is None]
    if bad:
        rows = written.index[written.isin(bad)]
        blank = " (blank)" if set(bad) == {""} else ""
        binding.door.refuse(
            argument,
            f"{len(rows)} row(s) of {column!r} are not periods{blank}, first in data row {rows[0] + 1}",
            "years, 2013/14, 2019Q4, 2019-04, Apr 2019 or dates",
            "Write them one of those ways.",
        )
        return None
    frequencies = sorted({p.frequency for p in known.values() if p})
    if len(frequencies) > 1:
        binding.door.refuse(
            argument, f"{column!r} mixes {listed(frequencies)} periods", "one kind of period", "Keep one."
        )
        return None
    periods = [known[text] for text in written]
    if frequencies == ["day"]:
        return _days_as_months(binding, [p for p in periods if p], column, argument)
    return [p for p in periods if p]


def _days_as_months(binding: Binding, days: list[Period], column: str, argument: str) -> list[Period] | None:
    """Dates stand for months (or quarters or years) when they are evenly that far apart."""
    months = [coarsen(day, "month") for day in days]
    ordinals = sorted({m.ordinal for m in months if m})
    steps = set(np.diff(ordinals).tolist())
    if len({d.ordinal for d in days}) != len(ordinals):
        binding.door.refuse(
            argument,
            f"{column!r} holds several dates in one month",
            "one date a period",
            "Count by month or quarter first.",
        )
        return None
    if steps and all(step % 12 == 0 for step in steps):
        return [Period("year", m.ordinal // 12) for m in months if m]
    if steps and all(step % 3 == 0 for step in steps):
        return [Period("quarter", m.ordinal // 3) for m in months if m]
    return [m for m in months if m]


def say_gaps(binding: Binding, positions: pd.Series, labels: tuple[str, ...]) -> None:
    """Note the periods inside the window that have no rows."""
    absent = [labels[i] for i in sorted(set(range(len(labels))) - set(positions.unique()))]
    if absent:
        binding.notes.append(
            NotComputed(
                what=f"{len(absent)} period(s) inside the window have no rows",
                reason=f"not in the data: {listed(absent)}; they are left as gaps, not filled in",
            )
        )
