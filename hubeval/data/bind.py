"""A protocol meets its data: every column checked, every problem reported together, every dropped row counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.data.columns import Columns
from hubeval.data.periods import Period, coarsen, parse
from hubeval.data.record_checks import check_record_names
from hubeval.data.source import Source, read_source
from hubeval.data.table import Table
from hubeval.errors import Door, listed
from hubeval.protocol import DidDesign, ItsDesign, MatchingDesign, Protocol, SynthDesign, require_starter
from hubeval.result import FlowStep, NotComputed

if TYPE_CHECKING:
    from pathlib import Path


def bind(protocol: Protocol, data: str | Path | pd.DataFrame) -> Table:
    """Read `data`, check it against the protocol and return the one table that a method is given.

    Nothing is filled in. Cells that hold a declared missing mark become missing and are counted;
    other text in a number column is refused. Periods that a caution says to drop are dropped here.

    Raises
    ------
    BadInput
        Every problem found, each with its cure.
    """
    source = read_source(data, sheet=protocol.data.sheet)
    door = Door()
    columns = Columns(source.frame, door, protocol.data.missing_marks)
    binding = _Binding(protocol, source, columns, door)
    binding.check_names()
    door.close()
    table = binding.panel() if not isinstance(protocol.design, MatchingDesign) else binding.records()
    door.close()
    return table


@dataclass(slots=True)
class _Binding:
    """One protocol on its way to one table."""

    protocol: Protocol
    source: Source
    columns: Columns
    door: Door
    notes: list[NotComputed] = field(default_factory=list)

    def check_names(self) -> None:
        """Every column that the protocol names is there."""
        design = self.protocol.design
        require_starter(design, self.door)
        for key in ("unit", "time", "weights", "cluster", "exposure"):
            self.columns.present(f"design.{key}", getattr(design, key, None))
        for key in ("covariates", "predictors"):
            for name in getattr(design, key, ()):
                self.columns.present(f"design.{key}", name)
        if isinstance(design, DidDesign):
            self.columns.present("design.start", design.start)
        for name in self._beside():
            self.columns.present("design.control", name)
        if isinstance(design, MatchingDesign):
            check_record_names(design, self.columns)
        for outcome in self.protocol.outcomes:
            self.columns.present("outcomes", outcome.column)
            self.columns.present("outcomes.baseline", outcome.baseline or None)
        roles = {getattr(design, key, None): key for key in ("unit", "time", "start", "treated", "cluster")}
        for outcome in self.protocol.outcomes:
            if outcome.column in roles:
                found = f"column {outcome.column!r} is given two parts: outcome and design.{roles[outcome.column]}"
                self.door.refuse("outcomes", found, "one part a column", "Name the outcome's own column.")

    def _beside(self) -> tuple[str, ...]:
        """Comparison series that are columns of their own, there being no unit column."""
        design = self.protocol.design
        return design.control if isinstance(design, ItsDesign) and not design.unit else ()

    def records(self) -> Table:
        """Individual records: no time; one row a unit."""
        design = self.protocol.design
        assert isinstance(design, MatchingDesign)
        baselines = [outcome.baseline for outcome in self.protocol.outcomes]
        numbers = [name for names in design.numbers.values() for name in names]
        frame = self._numbers(extra=(design.weights, *baselines, *numbers))
        frame[design.unit] = self.columns.text(design.unit)
        self._no_blanks(frame, "design.unit", design.unit)
        if repeated := int(frame[design.unit].duplicated().sum()):
            self.door.refuse(
                "design.unit",
                f"{repeated} row(s) repeat an id in {design.unit!r}",
                "one row a unit",
                "Keep one row for each, or name the column that tells them apart.",
            )
        frame[design.treated] = self._known(design.treated)
        labels = [name for names in design.labels.values() for name in names]
        for name in dict.fromkeys((*design.covariates, *labels)):
            if name not in frame:
                frame[name] = self.columns.number_or_text(name)
        if design.cluster:
            frame[design.cluster] = self._known(design.cluster)
        n = len(frame)
        flow = (FlowStep(label="Records in the file", n_rows=n, n_units=int(frame[design.unit].nunique())),)
        return self._table(frame, flow)

    def _known(self, name: str) -> pd.Series:
        """Labels, missing where blank or marked as such, so that the method counts whom it leaves out for it."""
        text = self.columns.text(name)
        return text.mask(text.isin(["", *self.protocol.data.missing_marks]), None)

    def panel(self) -> Table:
        """Units over time (or one series): periods become positions, starts become positions."""
        design = self.protocol.design
        assert not isinstance(design, MatchingDesign)
        extra = (getattr(design, "weights", None), getattr(design, "exposure", None), *self._beside())
        frame = self._numbers(extra=extra)
        for name in getattr(design, "covariates", ()):
            frame[name] = self.columns.number_or_text(name)
        if isinstance(design, SynthDesign):
            for name in design.predictors:
                frame[name] = self.columns.numbers(name)
        for name in (design.unit, getattr(design, "cluster", None)):
            if name:
                frame[name] = self.columns.text(name)
        self._no_blanks(frame, "design.unit", design.unit)
        self._no_blanks(frame, "design.cluster", getattr(design, "cluster", None))
        times = self._periods(design.time, "design.time")
        if times is None:
            return Table(frame=frame)
        frame[design.time] = [t.ordinal for t in times]
        frequency = times[0].frequency
        flow = [FlowStep(label="Rows in the file", n_rows=len(frame), n_units=self._units(frame))]
        frame = self._one_series(frame, flow)
        self._no_duplicates(frame)
        if frame.empty:
            return Table(frame=frame)
        first, last = int(frame[design.time].min()), int(frame[design.time].max())
        labels = tuple(str(Period(frequency, n)) for n in range(first, last + 1))
        starts = self._starts(frame, Period(frequency, first), Period(frequency, last))
        frame[design.time] -= first
        self._say_gaps(frame[design.time], labels)
        frame = self._drop_declared(frame, flow, Period(frequency, first))
        keys = [*([self._who] if self._who else []), design.time]
        table = self._table(frame.sort_values(keys, kind="stable"), tuple(flow), labels)
        return replace(table, start=starts)

    def _no_blanks(self, frame: pd.DataFrame, argument: str, column: str | None) -> None:
        blank = int((frame[column] == "").sum()) if column else 0
        if blank:
            self.door.refuse(argument, f"{blank} row(s) of {column!r} are blank", "an id in every row", "Fill them in.")

    def _table(self, frame: pd.DataFrame, flow: tuple[FlowStep, ...], periods: tuple[str, ...] = ()) -> Table:
        steps = [*flow, *self._missing_outcomes(frame)]
        notes = [*self.notes, *(NotComputed(what="Reading", reason=note) for note in self.source.notes)]
        return Table(
            frame=frame.reset_index(drop=True),
            periods=periods,
            flow=tuple(steps),
            notes=tuple(notes),
            sha256=self.source.sha256,
        )

    def _missing_outcomes(self, frame: pd.DataFrame) -> list[FlowStep]:
        steps = []
        for outcome in self.protocol.outcomes:
            values = frame[outcome.column]
            known = values.notna()
            if not known.any() and not self.door.problems:
                self.door.refuse("outcomes", f"{outcome.column!r} has no number at all", "numbers", "Check the column.")
            elif known.sum() > 1 and values.min() == values.max() and not self.door.problems:
                found, cure = f"{outcome.column!r} holds the same number in every row", "There is nothing to estimate."
                self.door.refuse("outcomes", found, "a column that varies", f"{cure} Leave it out.")
            if not known.all():
                marks = self.columns.marks_found(outcome.column)
                steps.append(
                    FlowStep(
                        label=f"With a value of {outcome.label}",
                        n_rows=int(known.sum()),
                        n_units=self._units(frame[known]),
                        note=f"{int((~known).sum())} cell(s) missing or suppressed{marks}; not filled in",
                    )
                )
        return steps

    def _numbers(self, extra: tuple[str | None, ...]) -> pd.DataFrame:
        names = [o.column for o in self.protocol.outcomes] + [name for name in extra if name]
        return pd.DataFrame({name: self.columns.numbers(name) for name in dict.fromkeys(names)})

    @property
    def _who(self) -> str | None:
        """The column of units; of areas, where people are asked anew each time."""
        design = self.protocol.design
        return design.starter if isinstance(design, DidDesign) else design.unit

    def _units(self, frame: pd.DataFrame) -> int:
        return int(frame[self._who].nunique()) if self._who else 1

    def _periods(self, column: str, argument: str) -> list[Period] | None:
        """The periods of a column; None once anything in it is refused."""
        written = self.columns.text(column)
        known = {text: parse(text) for text in written.unique()}
        bad = [text for text, period in known.items() if period is None]
        if bad:
            rows = written.index[written.isin(bad)]
            blank = " (blank)" if set(bad) == {""} else ""
            self.door.refuse(
                argument,
                f"{len(rows)} row(s) of {column!r} are not periods{blank}, first in data row {rows[0] + 1}",
                "years, 2013/14, 2019Q4, 2019-04, Apr 2019 or dates",
                "Write them one of those ways.",
            )
            return None
        frequencies = sorted({p.frequency for p in known.values() if p})
        if len(frequencies) > 1:
            self.door.refuse(
                argument, f"{column!r} mixes {listed(frequencies)} periods", "one kind of period", "Keep one."
            )
            return None
        periods = [known[text] for text in written]
        if frequencies == ["day"]:
            return self._days_as_months([p for p in periods if p], column, argument)
        return [p for p in periods if p]

    def _days_as_months(self, days: list[Period], column: str, argument: str) -> list[Period] | None:
        """Dates stand for months (or quarters or years) when they are evenly that far apart."""
        months = [coarsen(day, "month") for day in days]
        ordinals = sorted({m.ordinal for m in months if m})
        steps = set(np.diff(ordinals).tolist())
        if len({d.ordinal for d in days}) != len(ordinals):
            self.door.refuse(
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

    def _one_series(self, frame: pd.DataFrame, flow: list[FlowStep]) -> pd.DataFrame:
        """For designs on named units: those units only."""
        design = self.protocol.design
        if isinstance(design, ItsDesign) and design.unit:
            wanted = [design.treated or "", *design.control]
        elif isinstance(design, SynthDesign) and design.donors:
            wanted = [design.treated, *design.donors]
        elif isinstance(design, SynthDesign):
            wanted = [design.treated]
        else:
            return frame
        assert design.unit
        known = set(frame[design.unit])
        for name in wanted:
            if name not in known:
                self.door.refuse(
                    "design.treated" if name == wanted[0] else "design.control",
                    f"no unit {name!r} in {design.unit!r}",
                    "a unit in the data",
                    "Check its spelling.",
                )
        if isinstance(design, SynthDesign) and not design.donors:
            return frame
        frame = frame[frame[design.unit].isin(wanted)]
        flow.append(FlowStep(label="Named units only", n_rows=len(frame), n_units=self._units(frame)))
        return frame

    def _no_duplicates(self, frame: pd.DataFrame) -> None:
        design = self.protocol.design
        assert not isinstance(design, MatchingDesign)
        if isinstance(design, DidDesign) and not design.unit:
            return  # many rows an area and period: that is what repeated cross-sections are
        keys = [*([design.unit] if design.unit else []), design.time]
        repeated = frame.duplicated(keys, keep=False)
        if repeated.any():
            n = int(frame.duplicated(keys).sum())
            whose = f" ({listed(sorted(frame.loc[repeated, design.unit].unique()), 3)})" if design.unit else ""
            rows = frame.index[repeated]
            self.door.refuse(
                "data",
                f"{n} row(s) repeat a {'unit and period' if design.unit else 'period'} already given{whose}, "
                f"first in data rows {rows[0] + 1} and {rows[1] + 1}",
                f"one row for each {' and '.join(map(repr, keys))}",
                "Remove or add up the repeats.",
            )

    def _starts(self, frame: pd.DataFrame, first: Period, last: Period) -> int | None:
        design = self.protocol.design
        if isinstance(design, DidDesign):
            self._unit_starts(frame, design, first, last)
            return None
        assert isinstance(design, (ItsDesign, SynthDesign))
        given = parse(design.start)
        start = coarsen(given, first.frequency) if given else None
        if start is None:
            self.door.refuse(
                "design.start",
                f"{design.start!r} cannot be placed on the {first.frequency} periods of the data",
                f"a period like {first}",
                "Write the first treated period.",
            )
            return None
        if not first.ordinal < start.ordinal <= last.ordinal:
            self.door.refuse(
                "design.start",
                f"{start} is {'after the last' if start > last else 'not after the first'} period",
                f"{first} to {last}",
                "Correct the start, or bring data that reach it.",
            )
        return start.ordinal - first.ordinal

    def _unit_starts(self, frame: pd.DataFrame, design: DidDesign, first: Period, last: Period) -> None:
        """The start column as positions; blank, 0, inf and 'never' mean never treated."""
        written = self.columns.text(design.start).loc[frame.index]
        never = written.str.lower().isin({"", "0", "inf", "never", "nan"})
        parsed = {text: parse(text) for text in written[~never].unique()}
        bad = sorted(
            text for text, period in parsed.items() if period is None or coarsen(period, first.frequency) is None
        )
        if bad:
            n = int(written.isin(bad).sum())
            self.door.refuse(
                "design.start",
                f"{n} row(s) of {design.start!r} cannot be placed on {first.frequency} periods",
                f"periods like {first}; blank = never treated",
                "Date the starts at least that finely.",
            )
            return
        ordinals = {text: coarsen(p, first.frequency) for text, p in parsed.items() if p}
        position = {text: float(p.ordinal - first.ordinal) for text, p in ordinals.items() if p}
        frame[design.start] = written.map(position).astype(float)
        per_unit = frame.groupby(design.starter)[design.start].agg(lambda s: s.nunique(dropna=False))
        if mixed := sorted(per_unit.index[per_unit > 1]):
            self.door.refuse(
                "design.start",
                f"{len(mixed)} unit(s) have more than one start ({listed(mixed, 3)})",
                "one start a unit, the same in each of its rows",
                "Correct the column.",
            )
        beyond = sorted(frame.loc[frame[design.start] > last.ordinal - first.ordinal, design.starter].unique())
        if beyond:
            self.door.refuse(
                "design.start",
                f"{len(beyond)} unit(s) start after the last period {last} ({listed(beyond, 3)})",
                f"starts up to {last}; blank = not treated in these data",
                "Blank their start, or bring data that reach it.",
            )

    def _say_gaps(self, positions: pd.Series, labels: tuple[str, ...]) -> None:
        absent = [labels[i] for i in sorted(set(range(len(labels))) - set(positions.unique()))]
        if absent:
            self.notes.append(
                NotComputed(
                    what=f"{len(absent)} period(s) inside the window have no rows",
                    reason=f"not in the data: {listed(absent)}; they are left as gaps, not filled in",
                )
            )

    def _drop_declared(self, frame: pd.DataFrame, flow: list[FlowStep], origin: Period) -> pd.DataFrame:
        """Leave out the periods that a caution says to drop, and say so."""
        time = self.protocol.design.time if not isinstance(self.protocol.design, MatchingDesign) else ""
        final = Period(origin.frequency, origin.ordinal + int(frame[time].max()))  # a caution without last goes on
        for caution in self.protocol.cautions:
            ends = [parse(text) if text else final for text in (caution.first, caution.last)]
            placed = [coarsen(end, origin.frequency) if end else None for end in ends]
            if None in placed:
                self.door.refuse(
                    "cautions",
                    f"{caution.label!r} is dated {caution.first!r} to {caution.last!r}",
                    f"periods like {origin}",
                    "Write its periods as in the data.",
                )
                continue
            low, high = (p.ordinal - origin.ordinal for p in placed if p)
            if low > high and caution.last:
                found = f"{caution.label!r} ends before it begins ({caution.first} to {caution.last})"
                self.door.refuse("cautions", found, "first, then last", "Swap them.")
            elif caution.handling == "drop the periods":
                frame = frame[~frame[time].between(low, high)]
                flow.append(
                    FlowStep(
                        label=f"Without {caution.label}",
                        n_rows=len(frame),
                        n_units=self._units(frame),
                        note=f"{caution.first} to {caution.last or 'the end'} left out, as declared",
                    )
                )
        if frame.empty:
            self.door.refuse("cautions", "no row is left once they are dropped", "some periods", "Narrow them.")
        return frame
