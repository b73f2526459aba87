"""One protocol on its way to one table, and what every step of the way shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from hubeval.data.scales import refuse_values
from hubeval.data.table import READING, Table
from hubeval.protocol import DidDesign, ItsDesign, Protocol
from hubeval.result import FlowStep, NotComputed

if TYPE_CHECKING:
    from hubeval.data.columns import Columns
    from hubeval.data.source import Source
    from hubeval.errors import Door


@dataclass(slots=True)
class Binding:
    """One protocol on its way to one table: what was given, and what is noted while it is read."""

    protocol: Protocol
    source: Source
    columns: Columns
    door: Door
    notes: list[NotComputed] = field(default_factory=list)

    @property
    def who(self) -> str | None:
        """The column of units; of areas, where people are asked anew each time."""
        design = self.protocol.design
        return design.starter if isinstance(design, DidDesign) else design.unit

    def units(self, frame: pd.DataFrame) -> int:
        """How many units the rows come from; one where there is no column of units."""
        if self.who and self.source.tallied:
            return sum(self.source.units_of[name] for name in frame[self.who].unique())
        return int(frame[self.who].nunique()) if self.who else 1

    def rows(self, frame: pd.DataFrame | pd.Series) -> int:
        """How many records these rows (of the source's index) are."""
        stands = self.source.stands
        return len(frame) if stands is None else int(stands.loc[frame.index].sum())


def numbers(binding: Binding, extra: tuple[str | None, ...]) -> pd.DataFrame:
    """The outcomes and `extra` columns as numbers."""
    names = [o.column for o in binding.protocol.outcomes] + [name for name in extra if name]
    return pd.DataFrame({name: binding.columns.numbers(name) for name in dict.fromkeys(names)})


def beside(binding: Binding) -> tuple[str, ...]:
    """Comparison series that are columns of their own, there being no unit column."""
    design = binding.protocol.design
    return design.control if isinstance(design, ItsDesign) and not design.unit else ()


def counts_behind(binding: Binding) -> tuple[str, ...]:
    """Columns that say how many stand behind each value of an outcome."""
    return tuple(outcome.behind for outcome in binding.protocol.outcomes if outcome.behind)


def no_blanks(binding: Binding, frame: pd.DataFrame, argument: str, column: str | None) -> None:
    """Refuse rows that name nobody."""
    blank = int((frame[column] == "").sum()) if column else 0
    if blank:
        binding.door.refuse(argument, f"{blank} row(s) of {column!r} are blank", "an id in every row", "Fill them in.")


def made_table(
    binding: Binding, frame: pd.DataFrame, flow: tuple[FlowStep, ...], periods: tuple[str, ...] = ()
) -> Table:
    """The one table, with every row left out counted and every note kept."""
    refuse_values(binding.protocol, frame, binding.door)
    steps = [*flow, *_missing_outcomes(binding, frame)]
    understood = [*binding.source.notes, *binding.columns.said.values()]
    notes = [*binding.notes, *(NotComputed(what=READING, reason=note) for note in understood)]
    return Table(
        frame=frame.reset_index(drop=True),
        periods=periods,
        flow=tuple(steps),
        notes=tuple(notes),
        sha256=binding.source.sha256,
    )


def _missing_outcomes(binding: Binding, frame: pd.DataFrame) -> list[FlowStep]:
    steps = []
    for outcome in binding.protocol.outcomes:
        values = frame[outcome.column]
        known = values.notna()
        if not known.any() and not binding.door.problems:
            binding.door.refuse("outcomes", f"{outcome.column!r} has no number at all", "numbers", "Check the column.")
        elif known.sum() > 1 and values.min() == values.max() and not binding.door.problems:
            found, cure = f"{outcome.column!r} holds the same number in every row", "There is nothing to estimate."
            binding.door.refuse("outcomes", found, "a column that varies", f"{cure} Leave it out.")
        if not known.all():
            marks = binding.columns.marks_found(outcome.column)
            steps.append(
                FlowStep(
                    label=f"With a value of {outcome.label}",
                    n_rows=binding.rows(frame[known]),
                    n_units=binding.units(frame[known]),
                    note=f"{binding.rows(frame[~known])} cell(s) missing or suppressed{marks}; not filled in",
                )
            )
    return steps
