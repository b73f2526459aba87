"""Units over time, or one series: periods become positions, starts become positions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.data.bind.binding import beside, counts_behind, made_table, no_blanks, numbers
from hubeval.data.bind.declared import drop_declared
from hubeval.data.bind.starts import starts, zero_starts
from hubeval.data.bind.subgroups import bind_subgroups
from hubeval.data.bind.times import periods_of, say_gaps
from hubeval.data.periods import Period
from hubeval.data.table import Table
from hubeval.protocol import RECORDS, DidDesign, ItsDesign, SynthDesign
from hubeval.result import FlowStep

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.data.bind.binding import Binding


def panel(binding: Binding) -> Table:
    """Units over time (or one series): periods become positions, starts become positions."""
    design = binding.protocol.design
    assert not isinstance(design, RECORDS)
    extra = (getattr(design, "weights", None), getattr(design, "exposure", None), *beside(binding))
    frame = numbers(binding, extra=(*extra, *counts_behind(binding)))
    for name in getattr(design, "covariates", ()):
        frame[name] = binding.columns.number_or_text(name)
    if isinstance(design, SynthDesign):
        for name in design.predictors:
            frame[name] = binding.columns.numbers(name)
    for name in (design.unit, getattr(design, "cluster", None)):
        if name:
            frame[name] = binding.columns.text(name)
    no_blanks(binding, frame, "design.unit", design.unit)
    no_blanks(binding, frame, "design.cluster", getattr(design, "cluster", None))
    bind_subgroups(binding, frame)
    read = periods_of(binding, design.time, "design.time")
    if read is None:
        return Table(frame=frame)
    frame[design.time], clock = read
    frequency = clock.frequency
    flow = [FlowStep(label="Rows in the file", n_rows=binding.rows(frame), n_units=binding.units(frame))]
    frame = _one_series(binding, frame, flow)
    _no_duplicates(binding, frame)
    if frame.empty:
        return Table(frame=frame)
    flow += [step] if (step := zero_starts(binding, frame)) else []
    first, last = int(frame[design.time].min()), int(frame[design.time].max())
    labels = tuple(str(Period(frequency, n)) for n in range(first, last + 1))
    start = starts(binding, frame, clock, Period(frequency, first), Period(frequency, last))
    frame[design.time] -= first
    say_gaps(binding, frame[design.time], labels)
    frame = drop_declared(binding, frame, flow, clock, Period(frequency, first))
    keys = [*([binding.who] if binding.who else []), design.time]
    table = made_table(binding, frame.sort_values(keys, kind="stable"), tuple(flow), labels)
    return replace(table, start=start, clock=clock)


def _one_series(binding: Binding, frame: pd.DataFrame, flow: list[FlowStep]) -> pd.DataFrame:
    """For designs on named units: those units only."""
    design = binding.protocol.design
    if isinstance(design, ItsDesign) and design.unit:
        wanted = list(design.sites) or [design.treated or "", *design.control]
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
            binding.door.refuse(
                _argument(design, name),
                f"no unit {name!r} in {design.unit!r}",
                "a unit in the data",
                "Check its spelling.",
            )
    if isinstance(design, SynthDesign) and not design.donors:
        return frame
    frame = frame[frame[design.unit].isin(wanted)]
    flow.append(FlowStep(label="Named units only", n_rows=binding.rows(frame), n_units=binding.units(frame)))
    return frame


def _argument(design: ItsDesign | SynthDesign, name: str) -> str:
    """The key of the protocol that names a unit."""
    if isinstance(design, ItsDesign) and design.sites:
        return "design.sites"
    return "design.treated" if name == (design.treated or "") else "design.control"


def _no_duplicates(binding: Binding, frame: pd.DataFrame) -> None:
    design = binding.protocol.design
    assert not isinstance(design, RECORDS)
    if isinstance(design, DidDesign) and not design.unit:
        return  # many rows an area and period: that is what repeated cross-sections are
    keys = [*([design.unit] if design.unit else []), design.time]
    repeated = frame.duplicated(keys, keep=False)
    if repeated.any():
        n = int(frame.duplicated(keys).sum())
        rows = frame.index[repeated]
        binding.door.refuse(
            "data",
            f"{n} row(s) repeat a {'unit and period' if design.unit else 'period'} already given, "
            f"first in data rows {rows[0] + 1} and {rows[1] + 1}",
            f"one row for each {' and '.join(map(repr, keys))}",
            "Remove or add up the repeats.",
        )
