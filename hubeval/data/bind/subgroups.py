"""Columns of subgroups: there, few in levels, with the levels declared, and the same for a unit throughout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.protocol import RECORDS
from hubeval.result import NotComputed

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.data.bind.binding import Binding

MOST = 12  # levels: more are no groups but names


def level_labels(column: pd.Series) -> list[str]:
    """The levels of a column as words, whole numbers without '.0'; empty where there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> level_labels(pd.Series([1.0, None, 0.5])), level_labels(pd.Series(["Leeds", None]))
    (['1', '', '0.5'], ['Leeds', ''])
    """
    return [
        "" if missing else f"{value:g}" if isinstance(value, (int, float)) else str(value)
        for value, missing in zip(column, column.isna(), strict=True)
    ]


def bind_subgroups(binding: Binding, frame: pd.DataFrame) -> None:
    """Add each subgroup's column to the frame as labels, beside what is there under that name already.

    The labels stand under ``subgroup: column``, so that a covariate of that name stays a number.
    """
    design = binding.protocol.design
    for one in binding.protocol.subgroups:
        where = f"subgroups ({one.column})"
        taken = {design.unit, getattr(design, "treated", None), getattr(design, "time", None),
                 getattr(design, "start", None), *(o.column for o in binding.protocol.outcomes)}  # fmt: skip
        if one.column in taken:
            binding.door.refuse(where, "the column has another part already", "something known before the start",
                                "Name another column.")
            continue
        labels = frame[column_of(one.column)] = level_labels(binding.columns.number_or_text(one.column))
        levels = {label for label in labels if label}
        if not 2 <= len(levels) <= MOST:
            binding.door.refuse(where, f"{len(levels)} level(s)", f"2 to {MOST}", "Group it before, or leave it out.")
        if absent := sum(level not in levels for level in one.levels):
            binding.door.refuse(f"{where}.levels", f"{absent} of those named are not in the data",
                                "levels as in the data", "Check their spelling.")
        if not isinstance(design, RECORDS) and design.unit and _changing(frame, design.unit, column_of(one.column)):
            binding.door.refuse(where, "it changes within a unit", "the same in all rows of a unit",
                                "Use its value before the start.")
        if "" in labels:
            said = "some rows name no level; they are in the headline and in no subgroup"
            binding.notes.append(NotComputed(what=f"Subgroups by {one.label}", reason=said))


def column_of(name: str) -> str:
    """Where a table holds the labels of a subgroup's column."""
    return f"subgroup: {name}"


def _changing(frame: pd.DataFrame, unit: str, column: str) -> bool:
    return bool(frame[[unit, column]].drop_duplicates()[unit].duplicated().any())
