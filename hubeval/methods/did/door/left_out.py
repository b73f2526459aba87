"""Who and what is left out of a panel, counted; and what a reader must be told of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.errors import listed
from hubeval.result import Diagnostic, FlowStep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.columns import Codings

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]


def without_always(
    raw: Codings, rows: Codes, anticipation: int, *, followed: bool = True
) -> tuple[Codes, list[FlowStep]]:
    """Leave out units that are not seen before treatment or its anticipation.

    Whoever is not followed is asked once: there the first period of the data counts, not the person's own.
    """
    if anticipation < 0:
        return rows, []
    earliest = np.full(len(raw.units), raw.clock[0])
    if followed:
        earliest = np.full(len(raw.units), np.inf)
        np.minimum.at(earliest, raw.unit[rows], raw.clock[raw.time[rows]])
    always = (raw.start <= raw.clock[-1]) & (earliest + anticipation >= raw.start)
    drop = always[raw.unit[rows]]
    if not drop.any():
        return rows, []
    kept = rows[~drop]
    n_dropped = len(np.unique(raw.unit[rows[drop]]))
    why = "already treated" + (" or anticipating" if anticipation else "") + " when first seen"
    return kept, [
        FlowStep(
            label="units with a period before treatment",
            n_rows=len(kept),
            n_units=len(np.unique(raw.unit[kept])),
            note=f"{n_dropped} units left out: {why}",
        )
    ]


def without_waiting(raw: Codings, rows: Codes, anticipation: int) -> tuple[Codes, list[FlowStep]]:
    """Leave out periods in which units that start after the data may already act on it."""
    if anticipation < 1:
        return rows, []
    start, clock = raw.start[raw.unit[rows]], raw.clock[raw.time[rows]]
    drop = np.isfinite(start) & (start > raw.clock[-1]) & (clock + anticipation >= start)
    if not drop.any():
        return rows, []
    kept = rows[~drop]
    n = len(np.unique(raw.unit[rows[drop]]))
    note = f"{n} units start after the last period: the rows in which they may already act are left out"
    return kept, [FlowStep(label="rows before any anticipation", n_rows=len(kept),
                           n_units=len(np.unique(raw.unit[kept])), note=note)]


def without_once(raw: Codings, rows: Codes) -> tuple[Codes, list[FlowStep]]:
    """Leave out units that are followed and seen in one period only: they show no change, and are no comparison."""
    drop = np.bincount(raw.unit[rows], minlength=len(raw.units))[raw.unit[rows]] < 2
    if not drop.any():
        return rows, []
    kept = rows[~drop]
    n = int(drop.sum())
    note = f"{n} {'unit' if n == 1 else 'units'} left out: seen in one period only, which shows no change"
    return kept, [FlowStep(label="units seen in two periods or more", n_rows=len(kept),
                           n_units=len(np.unique(raw.unit[kept])), note=note)]


def late(raw: Codings) -> tuple[Diagnostic, ...]:
    """Say how many units start after the last period: they serve as untreated."""
    n = int((np.isfinite(raw.start) & (raw.start > raw.clock[-1])).sum())
    if not n:
        return ()
    return (
        Diagnostic(
            name="start after the last period",
            question="Are the untreated units really untreated?",
            statistic=n,
            status="information",
            reading=f"{n} units start after the last period. They count as untreated throughout; "
            "if they act before they start, set anticipation and end the window earlier.",
        ),
    )


def vary_after_start(x: Floats, codes: dict[str, Any], names: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    """Warn of covariates that change in treated units after their start: they may be effects."""
    unit, time = codes["unit"], codes["time"]
    changing = []
    for name, column in zip(names, x.T, strict=True):
        at = np.flatnonzero(column[1:] != column[:-1]) + 1  # few, where covariates hold still within units
        at = at[unit[at] == unit[at - 1]]
        if (time[at] >= codes["first"][unit[at]]).any():
            changing.append(name)
    if not changing:
        return ()
    return (
        Diagnostic(
            name="covariates after treatment",
            question="Could a covariate itself be changed by the treatment?",
            status="caution",
            reading=f"{listed(changing)} change after the start in treated units. Group-time estimators read "
            "covariates in the period before; two-way fixed effects reads them all and may adjust part of "
            "the effect away.",
        ),
    )
