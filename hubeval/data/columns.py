"""Columns of a table as numbers or labels; text where a number should be is refused, declared marks are counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.data.cells import ERROR_CELLS, KNOWN_MARKS, as_text
from hubeval.data.numerals import as_numbers
from hubeval.errors import Door, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LABELS_AT_MOST = 20  # distinct numbers that a column of labels may hold (our judgement)


YES, NO = frozenset({"yes", "y", "true"}), frozenset({"no", "n", "false"})
"""Words for 1 and for 0, in any case."""
_THOUSANDS = r"[+-]?[1-9]\d{0,2}(?:,\d{3}(?:,\d{3})*|(?:\s\d{3})+)(?:\.\d*)?"  # 0,412 is no such number
_CURES = (  # of text where a number should be, by what all of it looks like
    (r".*[%£$€].*", "Remove signs such as % and £, and write the decimal point as a point."),
    (r"[+-]?\d+,\d+|[+-]?[\d.]+,\d+", "Write the decimal point as a point, and nothing but commas between thousands."),
    (r"[<>≤≥~].*|\d+ ?(?:[-–]|to) ?\d+|\d+\+|(?:under|over|fewer than|less than|up to) .*",
     "A range is no number: find the numbers, or declare the text under [data] missing_marks."),
    (r"\([\d.,]+\)|[\d.,]+-", "Write numbers below nought with a minus sign before them."),
    (r"[+-]?\d[\d.,]*\s?(?:[a-z*†‡¹²³]{1,3}|[\[(].*[\])])",
     "Take marks and notes off the numbers, into a column of their own."),
)  # fmt: skip
LARGEST = 1e100


@dataclass(slots=True)
class Columns:
    """The columns of a table as read, turned into what a method needs, problems noted at the door.

    `said` holds what was understood rather than read plainly (thousands commas, yes and no), a line each. Where each
    row stands for many records, `stands` says how many.
    """

    frame: pd.DataFrame
    door: Door
    marks: Sequence[str] = ()
    decimal_comma: bool = False
    found: dict[str, dict[str, int]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    _spoilt: dict[str, bool] = field(default_factory=dict)
    stands: pd.Series | None = None

    def present(self, argument: str, name: str | None) -> bool:
        """Whether the column is there; refused with the nearest name when it is not."""
        if name is None or name in self.frame.columns:
            return True
        columns = list(map(str, self.frame.columns))
        hint = did_you_mean(name, columns[:1000])
        self.door.refuse(argument, f"no column {name!r}", f"columns: {listed(columns)}", hint)
        return False

    def text(self, name: str) -> pd.Series:
        """The column as labels, whole numbers without '.0'. Error cells of a spreadsheet are refused."""
        column = self.frame[name]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            self._refuse_errors(name, column)
            return column if column.dtype == "str" else column.astype(object)
        labels = {value: as_text(value) for value in column.dropna().unique()}
        return column.map(labels).astype(object).fillna("")

    def numbers(self, name: str) -> pd.Series:
        """The column as floats; blanks and declared marks are missing; yes and no are 1 and 0; other text is refused.

        ``1,234`` is read as 1234, and said, unless semicolons part the columns: there a comma may be the point.
        """
        column = self.frame[name]
        numeric = pd.api.types.is_numeric_dtype(column.dtype)
        values = column.astype(float) if numeric else self._parsed(name, column)
        infinite = np.isinf(values.to_numpy())
        if infinite.any():
            n = self._records(infinite)
            self.door.refuse(name, f"{n} value(s) are infinite", "finite numbers", "Correct them.")
        huge = ~infinite & (np.abs(values.to_numpy()) > LARGEST)
        if huge.any():
            allowed = f"numbers within ±{LARGEST:g}: the square of a larger one cannot be worked with"
            self.door.refuse(name, f"{self._records(huge)} value(s) are beyond {LARGEST:g}", allowed, "Correct them.")
        size = np.abs(values.to_numpy())
        if len(size) and 0 < np.nanmax(np.append(size, 0.0)) < 1 / LARGEST:
            allowed = f"some number beyond {1 / LARGEST:g}: the square of a smaller one cannot be worked with"
            self.door.refuse(name, "every value is as good as 0", allowed, "Write it in another unit.")
        return values

    def _parsed(self, name: str, column: pd.Series) -> pd.Series:
        if self._refuse_errors(name, column):
            return pd.Series(np.nan, index=column.index)
        declared = column.isin([m for m in self.marks if m])
        blank = column == ""
        if declared.any():
            counts = column[declared].value_counts()
            self.found[name] = {str(mark): int(n) for mark, n in counts.items()}
        kept = column.where(~(declared | blank))
        values = as_numbers(kept)
        if values.isna().all() and (words := self._yes_and_no(name, kept)) is not None:
            return words
        bad = values.isna() & ~declared & ~blank
        if bad.any():
            values = values.where(~bad, self._thousands(name, column[bad].str.replace("−", "-")))
            bad = values.isna() & ~declared & ~blank
        if bad.any():
            self._refuse_text(name, column[bad])
        return values

    def _yes_and_no(self, name: str, kept: pd.Series) -> pd.Series | None:
        """1 and 0 for yes and no, where every cell is one of them; else None."""
        folded = {word: str(word).casefold() for word in kept.dropna().unique()}
        if not folded or not set(folded.values()) <= YES | NO:
            return None
        self.said[name] = f"column {name!r}: yes was read as 1 and no as 0"
        return kept.map({word: float(plain in YES) for word, plain in folded.items()}).astype(float)

    def _thousands(self, name: str, text: pd.Series) -> pd.Series:
        """Numbers written with commas between thousands; missing where the text is no such number."""
        if self.decimal_comma:
            text = text.where(~text.str.contains(",", regex=False))
        grouped = text.str.fullmatch(_THOUSANDS).fillna(value=False).astype(bool)
        if grouped.any():
            shown = "1,234" if text[grouped].str.contains(",", regex=False).any() else "1 234"
            said = f"{int(grouped.sum())} cell(s) such as {shown} were read as whole thousands"
            self.said[name] = f"column {name!r}: {said}"
        plain = text.where(~grouped, text.str.replace(r"[,\s]", "", regex=True))
        return as_numbers(plain)

    def _refuse_errors(self, name: str, column: pd.Series) -> bool:
        """Refuse, once a column, cells that show a spreadsheet's error or a formula that was never calculated."""
        if name not in self._spoilt:
            kinds = [str(kind) for kind in column.unique().tolist()]
            errors = [kind for kind in kinds if kind.upper() in ERROR_CELLS]
            formulas = [kind for kind in kinds if kind.startswith("=")]
            self._spoilt[name] = bool(errors or formulas)
            if errors:
                self._refuse_cells(
                    name,
                    column.isin(errors),
                    f"hold an error ({listed(sorted(errors))})",
                    "Mend the formulas, or clear the cells if they mean that nothing is known.",
                )
            if formulas:
                self._refuse_cells(
                    name,
                    column.isin(formulas),
                    "hold a formula that was never calculated",
                    "Open the file in Excel, let it calculate, and save it again.",
                )
        return self._spoilt[name]

    def _refuse_cells(self, name: str, bad: pd.Series, what: str, cure: str) -> None:
        first = int(np.flatnonzero(bad.to_numpy())[0]) + 1
        n = self._records(bad.to_numpy())
        self.door.refuse(name, f"{n} cell(s) {what}, first in data row {first}", "values", cure)

    def _at(self, rows: pd.Series) -> NDArray[np.bool_]:
        return np.asarray(self.frame.index.isin(rows.index))

    def _records(self, rows: NDArray[np.bool_]) -> int:
        """How many records these rows are."""
        return int(rows.sum()) if self.stands is None else int(self.stands.to_numpy()[rows].sum())

    def _refuse_text(self, name: str, bad: pd.Series) -> None:
        row = int(bad.index[0]) + 1
        marks = sorted(set(bad) & set(KNOWN_MARKS))
        if marks:
            n = self._records(self._at(bad[bad.isin(marks)]))
            shown = ", ".join(f'"{mark}"' for mark in marks)
            self.door.refuse(
                name,
                f"{n} cell(s) hold a suppression mark ({shown}), first in data row {row}",
                "numbers, blanks and marks that the protocol declares",
                f"If they mean 'no number here', declare: [data] missing_marks = [{shown}]",
            )
        others = bad[~bad.isin(marks)]
        if len(others):
            row, n = int(others.index[0]) + 1, self._records(self._at(others))
            otherwise = "Correct them, or declare the mark under [data] missing_marks."
            kinds = pd.Series(others.unique()).str.casefold()
            hint = next((cure for form, cure in _CURES if kinds.str.fullmatch(form).all()), otherwise)
            self.door.refuse(
                name,
                f"{n} cell(s) hold text where a number should be, first in data row {row}",
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
        if self._refuse_errors(name, column):
            return kept
        values = as_numbers(kept)
        text = kept[values.isna() & kept.notna()]
        if not self.decimal_comma:
            text = text[~text.astype(str).str.fullmatch(_THOUSANDS)]
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
