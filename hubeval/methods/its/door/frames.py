"""The door: a frame and what was asked of it in, a checked `SeriesModel` out, or every problem at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Door, did_you_mean, listed
from hubeval.methods.its.door.axis import Axis, AxisProblem, axis_of
from hubeval.methods.its.door.breaks import interruptions, phase_in
from hubeval.methods.its.door.limits import LEAST_EVENTS, enough
from hubeval.methods.its.door.model import Break, Comparison, SeriesModel, Term
from hubeval.methods.its.door.options import (
    ERRORS,
    FAMILIES,
    INFERENCE,
    SEASONALITY,
    Seasonality,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.its.door.request import Request

    Floats = NDArray[np.float64]


@dataclass(slots=True)
class _Checker:
    """Reads one request against one frame, noting problems as it goes."""

    frame: pd.DataFrame
    ask: Request
    door: Door = field(default_factory=Door)
    controls: tuple[str, ...] = ()  # the comparison series that are used
    left_out: dict[str, int] = field(default_factory=dict)  # those that are not, and their periods without a number

    def columns(self) -> bool:
        """Every column named is there; the words chosen are allowed."""
        ask, before = self.ask, len(self.door.problems)
        named = [("outcome", ask.outcome), ("time", ask.time), ("exposure", ask.exposure), ("unit", ask.unit)]
        named += [("covariates", one) for one in ask.covariates if isinstance(one, str)]
        if ask.unit is None:
            named += [("control", str(one)) for one in ask.control]
        repeated = set(self.frame.columns[self.frame.columns.duplicated()])
        for argument, column in named:
            if column in repeated:
                self.door.refuse(argument, f"two columns are called {column!r}", "one column a name", "Rename one.")
            if column is not None and column not in self.frame.columns:
                names = [str(name) for name in self.frame.columns]
                self.door.refuse(
                    argument,
                    f"no column {column!r}",
                    f"columns: {listed(names)}",
                    did_you_mean(column, names) or "Check its name.",
                )
        self.words()
        if (ask.unit is None) != (ask.treated is None):
            given, absent = ("treated", "unit") if ask.unit is None else ("unit", "treated")
            self.door.refuse(absent, f"is missing while {given!r} is given", "both or neither", "Name both.")
        if ask.exposure is not None and ask.family == "gaussian":
            self.door.refuse(
                "exposure",
                "does nothing with family 'gaussian'",
                f"counts: {listed(FAMILIES[1:])}",
                "Give the counts with family='poisson', or divide and give the rate.",
            )
        return len(self.door.problems) == before

    def words(self) -> None:
        """Options spelled as words."""
        ask = self.ask
        self.door.choice("family", ask.family, FAMILIES)
        self.door.choice("errors", ask.errors, ERRORS)
        self.door.choice("inference", ask.inference, tuple(INFERENCE))
        if ask.seasonality is not None and not isinstance(ask.seasonality, Seasonality):
            self.door.choice("seasonality", ask.seasonality, tuple(SEASONALITY))
        if ask.inference in INFERENCE and ask.errors in ERRORS and ask.errors not in INFERENCE[ask.inference].errors:
            fitting = [name for name, one in INFERENCE.items() if ask.errors in one.errors]
            self.door.refuse(
                "errors",
                f"{ask.errors!r} does not go with inference {ask.inference!r}",
                f"with it: {listed(INFERENCE[ask.inference].errors)}",
                f"For errors {ask.errors!r} choose inference {' or '.join(fitting)}.",
            )

    def rows(self, name: Any) -> pd.DataFrame:
        """One unit's rows; the whole frame where there is one series."""
        if self.ask.unit is None:
            return self.frame
        return self.frame[self.frame[self.ask.unit].astype(str) == str(name)]

    def axis(self) -> tuple[Axis, NDArray[np.intp]] | None:
        """The treated series' axis."""
        rows = self.rows(self.ask.treated)
        if len(rows) == 0:
            units = sorted(self.frame[str(self.ask.unit)].astype(str).unique()) if self.ask.unit else []
            self.door.refuse(
                "treated" if units else "frame",
                f"no rows for {self.ask.treated!r}" if units else "has no rows",
                f"units: {listed(units)}" if units else "",
                did_you_mean(str(self.ask.treated), units) or "Check its name.",
            )
            return None
        read = axis_of(rows[self.ask.time].tolist())
        if isinstance(read, AxisProblem):
            self.door.refuse(f"time ({self.ask.time})", read.found, read.allowed, read.cure)
            return None
        return read

    def numbers(self, rows: pd.DataFrame, column: str, argument: str, axis: Axis, order: NDArray[np.intp]) -> Floats:
        """One column in order of time; text that is not a number is refused, missing comes back as NaN."""
        raw = rows[column]
        values = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=float)
        if bool((np.isnan(values) & raw.notna().to_numpy()).any()):
            self.door.refuse(
                argument,
                f"column {column!r} holds text that is not a number",
                "numbers; blank where missing",
                "Turn suppression marks into blanks, counts into plain digits.",
            )
        if bool(np.isinf(values).any()):
            self.door.refuse(argument, f"column {column!r} holds infinite values", "finite numbers", "Correct them.")
            values = np.where(np.isinf(values), np.nan, values)
        out = np.full(len(axis.labels), np.nan)
        out[order] = values
        return out

    def position(self, argument: str, period: Any, axis: Axis) -> int:
        """Where a named period lies, or 0 with a refusal."""
        found = axis.find(period)
        if found is None:
            self.door.refuse(
                argument,
                f"{period!s} is not a period of the series",
                f"{axis.labels[0]} to {axis.labels[-1]}, one {axis.unit} apart"
                if axis.step == 1
                else f"{axis.labels[0]} to {axis.labels[-1]}",
                "Write it as in the data.",
            )
            return 0
        return found

    def covariates(self, axis: Axis, order: NDArray[np.intp]) -> tuple[list[Term], NDArray[np.bool_]]:
        """Declared terms, and the periods a Shock silences."""
        terms, silent = [], np.zeros(len(axis.labels), dtype=bool)
        for one in self.ask.covariates:
            if isinstance(one, str):
                column = self.numbers(self.rows(self.ask.treated), one, "covariates", axis, order)
                if bool(np.isnan(column).any()):
                    self.door.refuse(
                        "covariates",
                        f"column {one!r} has missing values",
                        "a number in every period",
                        "Fill them.",
                    )
                    column = np.zeros_like(column)
                terms.append(Term(name=one, column=column))
                continue
            first = self.position(f"covariates ({one.label})", one.first, axis)
            last = (
                len(axis.labels) - 1 if one.last == "" else self.position(f"covariates ({one.label})", one.last, axis)
            )
            if first > last:
                words = "first period, then last"
                self.door.refuse(f"covariates ({one.label})", "ends before it begins", words, "Swap them.")
            touched = np.zeros(len(axis.labels), dtype=bool)
            touched[first : last + 1] = True
            if one.each:
                silent |= touched
            else:
                terms.append(Term(name=one.label, column=touched.astype(float)))
        return terms, silent

    def outcome(self, values: Floats, argument: str, silent: NDArray[np.bool_], axis: Axis) -> Floats:
        """The outcome with silent periods filled by a number that cannot matter; everything else must be there."""
        missing = np.isnan(values) & ~silent
        if missing.any():
            where = listed([axis.labels[i] for i in np.flatnonzero(missing)])
            self.door.refuse(
                argument,
                f"missing in {int(missing.sum())} period(s): {where}",
                "a number in every period",
                "Supply them, or declare a Shock with each=True for those periods.",
            )
        heard = values[~np.isnan(values) & ~silent]
        if heard.size and self.ask.family != "gaussian":
            if bool((heard < 0).any()):
                self.door.refuse(
                    argument, "holds negative counts", "0 or more", "Correct them, or use family 'gaussian'."
                )
            elif bool((heard != np.round(heard)).any()):
                self.door.refuse(
                    argument,
                    "holds counts that are not whole",
                    "whole numbers",
                    "Give counts with 'exposure', or use family 'gaussian' for rates.",
                )
        if heard.size > 1 and bool((heard == heard[0]).all()):
            self.door.refuse(
                argument,
                "is the same in every period",
                "a series that varies",
                "There is nothing to estimate.",
            )
        # a neighbour's size keeps a silent period's working weight in proportion
        return np.where(silent, heard.mean() if heard.size else 1.0, values)

    def log_exposure(
        self, rows: pd.DataFrame, axis: Axis, order: NDArray[np.intp], silent: NDArray[np.bool_]
    ) -> Floats:
        """Log exposure, zero where none was named."""
        if self.ask.exposure is None:
            return np.zeros(len(axis.labels))
        values = self.numbers(rows, self.ask.exposure, "exposure", axis, order)
        bad = ~(values > 0) & ~silent
        if bad.any():
            self.door.refuse(
                "exposure",
                f"zero, negative or missing in {int(bad.sum())} period(s): "
                f"{listed([axis.labels[i] for i in np.flatnonzero(bad)])}",
                "above 0 in every period",
                "Correct it.",
            )
        return np.log(np.where(values > 0, values, 1.0))

    def comparison(
        self, axis: Axis, order: NDArray[np.intp], silent: NDArray[np.bool_], breaks: tuple[Break, ...]
    ) -> Comparison | None:
        """The comparison series, each checked as the treated one is."""
        series, exposures, kept = [], [], []
        named = [str(name) for name in self.ask.control]
        if twice := sorted({name for name in named if named.count(name) > 1}):
            self.door.refuse("control", f"{listed(twice)} named twice", "each series once", "Remove one.")
        for name in self.ask.control:
            argument = f"control ({name})"
            rows, where = (self.frame, order) if self.ask.unit is None else self.unit_rows(name, axis)
            if where is None:
                continue
            column = str(name) if self.ask.unit is None else self.ask.outcome
            values = self.numbers(rows, column, argument, axis, where)
            blank = int((np.isnan(values) & ~silent).sum())
            if blank and blank < len(values):  # a whole column of blanks is a mistake, not a missing return
                self.left_out[str(name)] = blank
                continue
            kept.append(str(name))
            series.append(self.outcome(values, argument, silent, axis))
            exposures.append(np.exp(self.log_exposure(rows, axis, where, silent)))
        if self.left_out and not series:
            found = f"each of {len(self.left_out)} comparison series has periods without a number"
            self.door.refuse("control", found, "at least one whole series", "Supply them, or name other series.")
        if not series:
            return None
        start = breaks[0].position if breaks else len(axis.labels)
        events = int(np.sum(np.stack(series)[:, :start]))
        if self.ask.family != "gaussian" and events < LEAST_EVENTS:
            self.door.refuse(
                "control",
                f"{events or 'no'} events in all comparison series before the start",
                f"at least {LEAST_EVENTS}",
                "Add comparison series.",
            )
        own = self.log_exposure(self.rows(self.ask.treated), axis, order, silent)
        self.controls = tuple(kept)
        return Comparison(series=np.stack(series), exposure=np.stack(exposures), own=own, start=start)

    def used(self) -> dict[str, Any]:
        """The comparison series that are used, and those that are not with their periods without a number."""
        return {"controls": self.controls, "left_out": tuple(self.left_out.items())}

    def unit_rows(self, name: Any, axis: Axis) -> tuple[pd.DataFrame, NDArray[np.intp] | None]:
        """A comparison unit's rows and their positions on the treated series' axis."""
        rows = self.rows(name)
        if str(name) == str(self.ask.treated):
            self.door.refuse("control", f"{name!r} is the treated series", "other units", "Take it out.")
            return rows, None
        if len(rows) == 0:
            units = sorted(self.frame[str(self.ask.unit)].astype(str).unique())
            self.door.refuse(
                "control",
                f"no rows for {name!r}",
                f"units: {listed(units)}",
                did_you_mean(str(name), units) or "Check its name.",
            )
            return rows, None
        read = axis_of(rows[self.ask.time].tolist())
        if isinstance(read, AxisProblem):
            self.door.refuse(f"control ({name})", read.found, read.allowed, read.cure)
            return rows, None
        own, where = read
        if own.labels != axis.labels:
            self.door.refuse(
                f"control ({name})",
                f"has {len(own.labels)} periods, {own.labels[0]} to {own.labels[-1]}",
                f"the treated series' {len(axis.labels)}, {axis.labels[0]} to {axis.labels[-1]}",
                "Cut both to the periods they share.",
            )
            return rows, None
        return rows, where


def bind(frame: pd.DataFrame, ask: Request) -> SeriesModel:
    """Check a request against a frame.

    Raises
    ------
    BadInput
        With every problem found.
    """
    checker = _Checker(frame, ask)
    usable = checker.columns()
    read = checker.axis() if usable else None
    if read is None:
        raise BadInput(checker.door.problems)
    axis, order = read
    breaks = interruptions(checker, axis)
    transition = phase_in(checker, axis, breaks)
    terms, silent = checker.covariates(axis, order)
    if transition is not None:
        silent[transition[0] : transition[1] + 1] = True
    rows = checker.rows(ask.treated)
    y = checker.outcome(
        checker.numbers(rows, ask.outcome, "outcome", axis, order), f"outcome ({ask.outcome})", silent, axis
    )
    offset = checker.log_exposure(rows, axis, order, silent)
    comparison = checker.comparison(axis, order, silent, breaks)
    checker.door.close()
    if comparison is not None:
        offset = comparison.offset(log_link=ask.family != "gaussian")
    season = SEASONALITY[ask.seasonality] if isinstance(ask.seasonality, str) else ask.seasonality
    model = SeriesModel(
        outcome=ask.outcome,
        axis=axis,
        y=y,
        offset=offset,
        breaks=breaks,
        transition=transition,
        silent=silent,
        terms=tuple(terms),
        seasonality=season,
        **checker.used(),
        comparison=comparison,
        family=ask.family,
        errors=ask.errors,
        inference=ask.inference,
    )
    enough(model, checker.door)
    checker.door.close()
    return model
