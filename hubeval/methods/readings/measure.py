"""What a room found on a logarithmic scale, taken back to what a reader knows: per cent, and the measure's own unit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.scale import change, change_unit, level, own_unit, scale_of, unchanged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubeval.engine.detection import Detection
    from hubeval.result import Answer, Cell, Estimate, Figure, ResultTable, Series

HOW = {"log": "of logarithms, shown in per cent", "log-odds": "of log-odds, shown in per cent of the odds"}


def read_back(answer: Answer) -> Answer:
    """The answer with every estimate in the unit that a reader knows.

    Examples
    --------
    >>> from hubeval.result import Answer, Estimate
    >>> fell = Estimate(term="ATT", estimand="", outcome="visits", unit="visits [log scale]", estimate=-1.05,
    ...                 conf_low=-1.2, conf_high=-0.9, inference="permutation")
    >>> found = read_back(Answer(estimates=(fell,), headline_terms=(fell,)))
    >>> round(found.estimates[0].estimate, 1), found.estimates[0].unit, found.headline_terms[0].inference
    (-65.0, '% change', 'permutation; of logarithms, shown in per cent')
    """
    return replace(
        answer,
        estimates=tuple(in_measure(one) for one in answer.estimates),
        headline_terms=tuple(in_measure(one) for one in answer.headline_terms),
    )


def in_measure(one: Estimate) -> Estimate:
    """An estimate in the unit that a reader knows: ends of the interval exactly, the error by the delta method."""
    unit = one.unit
    if scale_of(unit) == "level":
        return one
    value = change(one.estimate, unit)
    low, high = (None if end is None else change(end, unit) for end in (one.conf_low, one.conf_high))
    error = None if one.std_error is None else (100 + value) * one.std_error
    return replace(
        one, estimate=value, conf_low=low, conf_high=high, std_error=error, unit=change_unit(unit),
        inference=f"{one.inference}; {HOW[scale_of(unit)]}",
    )


def detected(found: Detection, unit: str) -> Detection:
    """Power by sizes as a reader knows them; levels in the measure's own unit.

    Examples
    --------
    >>> from hubeval.engine.detection import Detection
    >>> of_logs = Detection(power=lambda e: min(1.0, abs(e) / 0.5), scale=0.5, level=3.0)
    >>> found = detected(of_logs, "visits [log scale]")
    >>> round(found.smallest(0.8, -1), 1), round(found.smallest(0.8, 1), 1), round(found.level, 1)
    (33.0, 49.2, 20.1)
    """
    if scale_of(unit) == "level":
        return found
    power = found.power
    return replace(
        found, power=None if power is None else lambda size: power(unchanged(size, unit)),
        scale=min(change(found.scale, unit), 50.0), least=-100.0, most=np.inf,
        level=None if found.level is None else level(found.level, unit),
        level_low=None if found.level_low is None else level(found.level_low, unit),
    )


def of_changes(figure: Figure, unit: str, *, along: str = "y") -> Figure:
    """A figure of differences, each a change as a reader knows it.

    Parameters
    ----------
    figure : Figure
    unit : str
        Of the numbers drawn; where it is the measure's own, the figure is returned as it is.
    along : {"y", "x"}
        The axis on which the differences lie.
    """
    if scale_of(unit) == "level":
        return figure
    marks = tuple(
        replace(m, **{along: change(at, unit)}) if isinstance(at := getattr(m, along), float) else m  # type: ignore[arg-type]
        for m in figure.marks
    )
    label = f"{along}_label"
    return replace(
        figure, marks=marks, series=tuple(_drawn(s, lambda v: change(v, unit), along) for s in figure.series),
        **{label: getattr(figure, label).replace(unit, change_unit(unit))},
    )


def of_levels(figure: Figure, unit: str) -> Figure:
    """A figure of levels, each in the measure's own unit."""
    if scale_of(unit) == "level":
        return figure
    series = tuple(_drawn(s, lambda v: level(v, unit), "y") for s in figure.series)
    return replace(figure, series=series, y_label=figure.y_label.replace(unit, own_unit(unit)))


def table_of_changes(table: ResultTable, unit: str, columns: Sequence[str], errors: Sequence[str] = ()) -> ResultTable:
    """A table in which these columns are differences, and `errors` the standard errors of the first of them."""
    if scale_of(unit) == "level":
        return table
    at = {name: i for i, name in enumerate(table.columns)}

    def row(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        made = list(cells)
        for name in columns:
            made[at[name]] = _changed(cells[at[name]], unit)
        for name in errors:
            value, error = made[at[columns[0]]], cells[at[name]]
            made[at[name]] = (100 + value) * error if isinstance(value, float) and isinstance(error, float) else None
        return tuple(made)

    caption = f"{table.caption} ({change_unit(unit)})"
    return replace(table, rows=tuple(row(cells) for cells in table.rows), caption=caption)


def _changed(cell: Cell, unit: str) -> Cell:
    return change(float(cell), unit) if isinstance(cell, (int, float)) else cell


def _drawn(series: Series, taken: Callable[[float], float], along: str) -> Series:
    def each(values: Sequence[float | str | None]) -> tuple[float | str | None, ...]:
        return tuple(taken(v) if isinstance(v, float) else v for v in values)

    names = ("y", "low", "high") if along == "y" else ("x",)
    return replace(series, **{name: each(getattr(series, name)) for name in names})  # type: ignore[arg-type]
