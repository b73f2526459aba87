"""The door to synthetic control: a long frame checked once and turned into one balanced matrix."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hubeval.data.periods import Frequency, Period, coarsen, parse
from hubeval.errors import Door, did_you_mean, listed
from hubeval.methods.synth.door.panel import MIN_PRE, Panel, Predictor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SHOWN = 4  # units named in a message


def read_panel(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: Any,
    start: Any,
    predictors: Sequence[str | Predictor] | None = None,
    donors: Sequence[Any] | None = None,
) -> Panel:
    """A `Panel` from a long frame, or every reason why not.

    Parameters
    ----------
    frame : DataFrame
        One row a unit and period. Not changed.
    outcome, unit, time : str
        Its columns. Times are whole numbers, dates, or text such as ``2019-04``, ``2019Q2``, ``2018/19``;
        dates as text are read day first.
    treated : label or sequence of labels
        The treated unit(s).
    start : label
        First treated period.
    predictors : sequence of str or Predictor, optional
        What to match on beside the path of the outcome; None matches on every period before the start.
    donors : sequence of labels, optional
        The donor pool; every other unit if left out.

    Raises
    ------
    BadInput
        All problems found, each with its cure.

    Examples
    --------
    >>> frame = pd.DataFrame({"area": list("aaaabbbbcccc"), "year": [1, 2, 3, 4] * 3, "rate": range(12)})
    >>> panel = read_panel(frame, outcome="rate", unit="area", time="year", treated="a", start=4)
    >>> panel.y.shape, panel.t0, panel.donors
    ((4, 3), 3, (1, 2))
    """
    door = Door()
    _check_shape(frame, donors, predictors, door)
    wanted = [Predictor(column=p) if isinstance(p, str) else p for p in predictors or ()]
    columns = list(map(str, frame.columns))
    for argument, name in [("outcome", outcome), ("unit", unit), ("time", time)] + [
        ("predictors", p.column) for p in wanted
    ]:
        if name not in frame.columns:
            door.refuse(argument, f"no column {name!r}", f"columns: {listed(columns)}", did_you_mean(name, columns))
        elif columns.count(name) > 1:
            door.refuse(argument, f"{columns.count(name)} columns are called {name!r}", "one", "Rename or drop one.")
    door.close()
    reader = _Reader(frame=frame, unit=unit, time=time, door=door)
    treated_units = reader.treated(treated)
    kept = reader.kept(treated_units, donors)
    t0 = reader.start(start)
    door.close()
    wide = reader.wide(outcome, "outcome", kept)
    door.close()
    _check_paths(wide, treated_units, t0, door)
    x = [reader.predictor(p, kept, t0) for p in wanted]
    door.close()
    return Panel(
        y=wide.to_numpy(dtype=float),
        units=tuple(kept),
        times=tuple(reader.labels),
        treated=tuple(kept.index(u) for u in treated_units),
        t0=t0,
        outcome=outcome,
        x=np.array(x).reshape(len(x), len(kept)),
        predictors=tuple(p.label for p in wanted),
    )


def _check_shape(frame: Any, donors: Any, predictors: Any, door: Door) -> None:
    """What would end in a traceback further on."""
    if not isinstance(frame, pd.DataFrame) or frame.empty:
        found = "it has no rows" if isinstance(frame, pd.DataFrame) else f"found a {type(frame).__name__}"
        door.refuse("frame", found, "a DataFrame with one row a unit and period", "Read the file with pandas first.")
    for argument, given in (("donors", donors), ("predictors", predictors)):
        if isinstance(given, str):
            door.refuse(argument, f"found the text {given!r}", "a list", "Put it in square brackets.")
    door.close()


def _check_paths(wide: pd.DataFrame, treated: Sequence[Any], t0: int, door: Door) -> None:
    for name in treated:
        if float(np.ptp(wide[name].iloc[:t0])) == 0:
            door.refuse(
                "treated",
                f"{name!s} is constant before the start",
                "a series that varies",
                "Check the outcome column: there is no path to match.",
            )


@dataclass(slots=True)
class _Reader:
    """One frame on its way to one panel."""

    frame: pd.DataFrame
    unit: str
    time: str
    door: Door
    order: list[int] = field(default_factory=list)
    labels: list[Any] = field(default_factory=list)
    frequency: Frequency | Literal["number", ""] = ""
    position: pd.Series = field(default_factory=lambda: pd.Series(dtype=int))

    def treated(self, treated: Any) -> list[Any]:
        """The treated units' labels."""
        names = [treated] if isinstance(treated, str) or not hasattr(treated, "__iter__") else list(treated)
        twice = sorted({str(name) for name in names if names.count(name) > 1})
        if twice:
            self.door.refuse("treated", f"{listed(twice)} is named twice", "each unit once", "Name it once.")
        if not names:
            self.door.refuse("treated", "no unit named", "one label or more", "Name the treated unit.")
        self._known("treated", names)
        return list(dict.fromkeys(names))

    def kept(self, treated: Sequence[Any], donors: Sequence[Any] | None) -> list[Any]:
        """Labels of the units used, sorted: the order of rows then moves not even the last bit."""
        units = self._units()
        if donors is not None:
            donors = self._known("donors", list(donors))
            both = [str(u) for u in treated if u in set(donors)]
            if both:
                self.door.refuse("donors", f"{listed(both)} is treated", "units never treated", "Leave it out.")
            units = [u for u in units if u in set(donors) or u in set(treated)]
        if len(units) - len(treated) < 2:
            self.door.refuse(
                "donors",
                f"{max(len(units) - len(treated), 0)} unit(s) besides the treated",
                "2 donors or more",
                "Add areas that were never treated.",
            )
        return units

    def start(self, start: Any) -> int:
        """Number of periods before `start`, once the time column has been read."""
        ordinals = self._ordinals()
        if ordinals is None:
            return 0
        self._note_order(ordinals)
        given = self._place(start)
        if given is None:
            self.door.refuse(
                "start",
                f"{start!r} is not a period like those in {self.time!r}",
                f"like {self.labels[0]!s}",
                "Write the first treated period.",
            )
            return 0
        t0 = sum(o < given for o in self.order)
        if given not in self.order:
            self.door.refuse(
                "start",
                f"{start!s} is outside the series",
                f"{self.labels[0]!s} to {self.labels[-1]!s}",
                "Correct the start, or bring data that reach it.",
            )
        elif t0 < MIN_PRE:
            self.door.refuse(
                "start",
                f"{t0} period(s) before {start!s}",
                f"{MIN_PRE} or more",
                "Bring a longer history; 10 or more make a synthetic control worth judging.",
            )
        return t0

    def _note_order(self, ordinals: pd.Series[int]) -> None:
        """Keep the periods in order with their labels; a period that no unit has is refused, not closed up."""
        self.position = ordinals
        self.order = sorted(set(ordinals.tolist()))
        first_rows = ~ordinals.duplicated()
        label = dict(zip(ordinals[first_rows], self.frame.loc[first_rows.to_numpy(), self.time], strict=True))
        self.labels = [label[o] for o in self.order]
        step = gcd(*(b - a for a, b in pairwise(self.order))) or 1
        absent = sorted(set(range(self.order[0], self.order[-1] + 1, step)) - set(self.order))
        if absent:
            self.door.refuse(
                "time",
                f"no rows at all for {listed(self._write(o) for o in absent)}",
                "every period between the first and the last",
                "Add those periods; to accept the gap, number the periods 1, 2, 3, ... in a column.",
            )

    def wide(self, column: str, argument: str, kept: Sequence[Any], *, gaps: bool = False) -> pd.DataFrame:
        """Periods by units for one column; `gaps` lets cells be missing."""
        values = pd.to_numeric(self.frame[column], errors="coerce").astype(float)
        text = int((values.isna() & self.frame[column].notna()).sum())
        if text:
            self.door.refuse(
                argument,
                f"{text} row(s) of {column!r} are not numbers",
                "numbers",
                "Correct them, or leave suppressed cells blank and drop those units from 'donors'.",
            )
        long = pd.DataFrame(
            {
                "unit": self.frame[self.unit].to_numpy(),
                "at": self.position.to_numpy(),
                "value": values.replace([np.inf, -np.inf], np.nan).to_numpy(),
            }
        )
        long = long[long["unit"].isin(kept)]
        twice = long.duplicated(["unit", "at"], keep=False)
        if twice.any():
            names = listed(dict.fromkeys(long.loc[twice, "unit"]), _SHOWN)
            self.door.refuse(
                "frame",
                f"{int(long.duplicated(['unit', 'at']).sum())} row(s) repeat a unit and period ({names})",
                f"one row for each {self.unit!r} and {self.time!r}",
                "Remove or add up the repeats.",
            )
            self.door.close()
        wide = long.pivot(index="at", columns="unit", values="value")  # noqa: PD010 - the keys are unique by now
        wide = wide.reindex(index=self.order, columns=list(kept))
        short = [u for u in kept if wide[u].isna().any()]
        if short and not gaps:
            self.door.refuse(
                argument,
                f"{len(short)} unit(s) have periods without a value of {column!r} ({listed(short, _SHOWN)})",
                "every unit in every period, as many as the treated unit has",
                "Fill in the source, or leave those units out through 'donors'.",
            )
        return wide

    def predictor(self, predictor: Predictor, kept: Sequence[Any], t0: int) -> Floats:
        """Mean of a predictor for each unit over its periods; missing cells are left out of the mean."""
        wide = self.wide(predictor.column, "predictors", kept, gaps=True)
        places = [self._place(p) for p in predictor.periods] or self.order[:t0]
        late = [
            str(p) for p, o in zip(predictor.periods, places, strict=False) if o is None or o not in self.order[:t0]
        ]
        if late:
            self.door.refuse(
                "predictors",
                f"{predictor.label}: {listed(late)} is not before the start",
                "periods before the start",
                "A predictor must be measured before treatment.",
            )
            return np.zeros(len(kept))
        means = wide.loc[places].mean()
        if absent := [u for u in kept if np.isnan(means[u])]:
            self.door.refuse(
                "predictors",
                f"{predictor.label}: no value for {listed(absent, _SHOWN)}",
                "one value or more for each unit",
                "Leave out the predictor or those units.",
            )
        elif float(np.ptp(means.to_numpy())) == 0:
            self.door.refuse(
                "predictors",
                f"{predictor.label} is the same for every unit",
                "a column that varies",
                "Leave it out: it cannot tell donors apart.",
            )
        return means.to_numpy(dtype=float)

    def _units(self) -> list[Any]:
        names = self.frame[self.unit]
        if blank := int(names.isna().sum()):
            self.door.refuse(
                "unit", f"{blank} row(s) of {self.unit!r} are blank", "a label in every row", "Fill them in."
            )
        return sorted(dict.fromkeys(names.dropna()), key=str)

    def _known(self, argument: str, names: Sequence[Any]) -> list[Any]:
        """Those of `names` that are units; the others are refused."""
        units = list(dict.fromkeys(self.frame[self.unit].dropna()))
        for name in names:
            if name not in units:
                self.door.refuse(
                    argument,
                    f"no unit {name!r} in {self.unit!r}",
                    f"{len(units)} units in the data",
                    did_you_mean(str(name), map(str, units)) or "Check its spelling.",
                )
        return [name for name in names if name in units]

    def _ordinals(self) -> pd.Series | None:
        """The time column as whole numbers whose neighbours differ by one."""
        times = self.frame[self.time]
        if pd.api.types.is_numeric_dtype(times) and not pd.api.types.is_bool_dtype(times):
            if not np.isfinite(times.astype(float)).all() or (times % 1 != 0).any():
                self.door.refuse(
                    "time", f"{self.time!r} holds blanks or fractions", "whole numbers", "Number the periods."
                )
                return None
            if not times.between(180_001, 219_912).all():  # 201904 is a month, and 201912 is next to 202001
                self.frequency = "number"
                return times.astype("int64")
            times = times.astype("int64")
        periods = times.map(lambda t: parse(str(t)))
        if bad := int(periods.isna().sum()):
            self.door.refuse(
                "time",
                f"{bad} row(s) of {self.time!r} are not periods",
                "whole numbers, dates, 2019, 2018/19, 2019Q2, 2019-04 or 01/04/2019 (day first)",
                "Write them one of those ways.",
            )
            return None
        kinds = sorted({p.frequency for p in periods})
        if len(kinds) > 1:
            self.door.refuse("time", f"{self.time!r} mixes {listed(kinds)} periods", "one kind", "Keep one.")
            return None
        self.frequency = frequency = _frequency(kinds[0], set(periods))
        placed = [coarsen(p, frequency) for p in periods]
        return pd.Series([p.ordinal for p in placed if p], index=times.index, dtype="int64")

    def _place(self, label: Any) -> int | None:
        if self.frequency in {"number", ""}:
            return int(float(label)) if re.fullmatch(r"-?\d+(\.0*)?", str(label)) else None
        given = parse(str(label))
        placed = coarsen(given, self.frequency) if given else None  # type: ignore[arg-type]
        return placed.ordinal if placed else None

    def _write(self, ordinal: int) -> str:
        return str(ordinal) if self.frequency in {"number", ""} else str(Period(self.frequency, ordinal))  # type: ignore[arg-type]


def _frequency(kind: Frequency, periods: set[Period]) -> Frequency:
    """Dates stand for the coarsest period that tells them all apart and leaves them evenly spaced."""
    if kind != "day":
        return kind
    coarser: tuple[Frequency, ...] = ("year", "quarter", "month")
    for frequency in coarser:
        coarse = {coarsen(p, frequency) for p in periods}
        if len(coarse) == len(periods):
            return frequency
    return "day"
