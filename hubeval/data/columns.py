"""Columns of a table as numbers or labels; text where a number should be is refused, declared marks are counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.data.source import KNOWN_MARKS, as_text
from hubeval.errors import Door, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABELS_AT_MOST = 20  # distinct numbers that a column of labels may hold (our judgement)


@dataclass(slots=True)
class Columns:
    """The columns of a table as read, turned into what a method needs, problems noted at the door."""

    frame: pd.DataFrame
    door: Door
    marks: Sequence[str] = ()
    found: dict[str, dict[str, int]] = field(default_factory=dict)

    def present(self, argument: str, name: str | None) -> bool:
        """Whether the column is there; refused with the nearest name when it is not."""
        if name is None:
            return True
        columns = list(map(str, self.frame.columns))
        if name in columns:
            return True
        self.door.refuse(argument, f"no column {name!r}", f"columns: {listed(columns)}", did_you_mean(name, columns))
        return False

    def text(self, name: str) -> pd.Series:
        """The column as labels, whole numbers without '.0'."""
        column = self.frame[name]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            return column.astype(object)
        labels = {value: as_text(value) for value in column.dropna().unique()}
        return column.map(labels).astype(object).fillna("")

    def numbers(self, name: str) -> pd.Series:
        """The column as floats; blanks and declared marks are missing; other text is refused."""
        column = self.frame[name]
        numeric = pd.api.types.is_numeric_dtype(column.dtype)
        values = column.astype(float) if numeric else self._parsed(name, column)
        infinite = np.isinf(values.to_numpy())
        if infinite.any():
            self.door.refuse(name, f"{int(infinite.sum())} value(s) are infinite", "finite numbers", "Correct them.")
        return values

    def _parsed(self, name: str, column: pd.Series) -> pd.Series:
        declared = column.isin([m for m in self.marks if m])
        blank = column == ""
        values = pd.to_numeric(column.where(~(declared | blank)), errors="coerce").astype(float)
        if declared.any():
            counts = column[declared].value_counts()
            self.found[name] = {str(mark): int(n) for mark, n in counts.items()}
        bad = values.isna() & ~declared & ~blank
        if bad.any():
            self._refuse_text(name, column[bad])
        return values

    def _refuse_text(self, name: str, bad: pd.Series) -> None:
        row = int(bad.index[0]) + 1
        marks = sorted(set(bad) & set(KNOWN_MARKS))
        if marks:
            n = int(bad.isin(marks).sum())
            shown = ", ".join(f'"{mark}"' for mark in marks)
            self.door.refuse(
                name,
                f"{n} cell(s) hold a suppression mark ({shown}), first in data row {row}",
                "numbers, blanks and marks that the protocol declares",
                f"If they mean 'no number here', declare: [data] missing_marks = [{shown}]",
            )
        others = bad[~bad.isin(marks)]
        if len(others):
            row = int(others.index[0]) + 1
            hint = (
                "Remove signs such as %, £ and thousands commas."
                if others.str.contains("[%£,]", regex=True).any()
                else "Correct them, or declare the mark under [data] missing_marks."
            )
            self.door.refuse(
                name,
                f"{len(others)} cell(s) hold text where a number should be, first in data row {row}",
                "numbers, blanks and marks that the protocol declares",
                hint,
            )

    def number_or_text(self, name: str) -> pd.Series:
        """A covariate: numbers where every cell is one (or missing), labels where it reads as labels, else refused."""
        column = self.frame[name]
        kept = column if pd.api.types.is_numeric_dtype(column.dtype) else column.where(~column.isin([*self.marks, ""]))
        if kept.isna().all():
            self.door.refuse(name, "has no value at all", "some values", "Check the column, or leave it out.")
            return kept
        if kept is column:
            return self.numbers(name)
        values = pd.to_numeric(kept, errors="coerce")
        text = kept[values.isna() & kept.notna()]
        if text.empty or _spoilt_numbers(values, text):
            return self.numbers(name)
        return kept.astype(object)

    def marks_found(self, name: str) -> str:
        """Which marks stood in the column and how often, for the sample flow."""
        marks = self.found.get(name, {})
        return f" (marks: {', '.join(f'{mark} × {n}' for mark, n in sorted(marks.items()))})" if marks else ""


def _spoilt_numbers(values: pd.Series, text: pd.Series) -> bool:
    """Whether text stands among numbers by accident: a suppression mark, or a few words in a column of many numbers.

    Labels such as "0", "1", "2", "3+" have few distinct numbers and stay labels.
    """
    numbers = values.dropna()
    marked = len(numbers) > 0 and bool(text.isin(KNOWN_MARKS).any())
    return marked or (numbers.nunique() > _LABELS_AT_MOST and len(numbers) > len(text))
