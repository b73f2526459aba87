"""The tables as data: the terms, other error models, comparison series."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.its.door.options import INFERENCE
from hubeval.methods.its.estimators.series import fit_series
from hubeval.methods.readings.measure import table_of_changes
from hubeval.result import ResultTable
from hubeval.scale import change_unit, scale_of

if TYPE_CHECKING:
    from hubeval.methods.its.door.options import Inference
    from hubeval.methods.its.estimators.comparisons import OneControl
    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.result import Cell, Estimate


def terms_table(result: SeriesFit, name: str) -> ResultTable:
    """Every term of the regression."""
    names = result.columns.names
    found = result.fitted.fit.contrasts(np.eye(len(names)), result.conf_level)
    known = result.intervals
    scale = {"log": ", of logarithms", "log-odds": ", of log-odds"}.get(scale_of(result.unit), "")
    return ResultTable(
        name=name,
        caption=f"{result.model.outcome}: terms of the regression{scale} ({result.inference}).",
        columns=("term", "estimate", "std_error", "conf_low", "conf_high"),
        holds=("label", *("value",) * 4),  # a term for one period gives that period's value away
        rows=tuple(
            (
                term,
                float(found.estimate[i]),
                *(
                    float(v[i]) if known and np.isfinite(v[i]) else None
                    for v in (found.std_error, found.low, found.high)
                ),
            )
            for i, term in enumerate(names)
        ),
    )


def inference_table(result: SeriesFit, name: str) -> ResultTable:
    """The average effect under every way of making intervals, each with how often it was measured to cover."""
    rows: list[tuple[Cell, ...]] = []
    for other in INFERENCE.values():
        errors = result.model.errors if result.model.errors in other.errors else other.errors[0]
        again = fit_series(replace(result.model, inference=other.name, errors=errors))  # type: ignore[arg-type]
        effect = again.average().absolute
        note = "; met its boundary, integrated interval shown" if again.fitted.guarded else ""
        rows.append((other.label, *_numbers(effect), _covers(effect, other) + note))
    made = ResultTable(
        name=name,
        caption=f"{result.model.outcome}: the average effect by method. Methods marked too narrow are there to be "
        "recognised, not chosen.",
        columns=("method", "estimate", "conf_low", "conf_high", "measured coverage of 95% intervals"),
        holds=("label", "effect", "effect", "effect", "label"),
        rows=tuple(rows),
    )
    return table_of_changes(made, result.unit, made.columns[1:4])


def control_table(alone: SeriesFit, result: SeriesFit, each: tuple[OneControl, ...], name: str) -> ResultTable:
    """The average effect without a comparison, with it, and by comparison series."""
    rows: list[tuple[Cell, ...]] = [
        ("no comparison", *_numbers(alone.average().absolute)),
        ("all comparison series", *_numbers(result.average().absolute)),
    ]
    if len(each) > 1:
        rows += [(f"{one.name} alone", *_numbers(one.alone.absolute)) for one in each]
        rows += [(f"without {one.name}", *_numbers(one.left_out.absolute)) for one in each if one.left_out is not None]
    made = ResultTable(
        name=name,
        caption=f"{result.model.outcome}: the average effect ({change_unit(result.unit)}) by what the series is set "
        "against.",
        columns=("comparison", "estimate", "conf_low", "conf_high"),
        holds=("label", "effect", "effect", "effect"),
        rows=tuple(rows),
    )
    return table_of_changes(made, result.unit, made.columns[1:4])


def _numbers(one: Estimate) -> tuple[Cell, ...]:
    return (one.estimate, one.conf_low, one.conf_high)


def _covers(effect: Estimate, method: Inference) -> str:
    """What the row itself says was measured of its interval."""
    return effect.inference.split("; ")[-1] if "coverage" in effect.inference else method.coverage
