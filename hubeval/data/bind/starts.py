"""Starts as positions among the periods of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.data.periods import Period, coarsen, parse
from hubeval.errors import listed
from hubeval.protocol import DidDesign, ItsDesign, SynthDesign
from hubeval.result import FlowStep

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.data.bind.binding import Binding


NEVER = frozenset({"", "inf", "never", "nan"})
ZERO = frozenset({"0", "0.0"})  # R's did writes never treated so; no period here is called 0


def zero_starts(binding: Binding, frame: pd.DataFrame) -> FlowStep | None:
    """Say how many units' start is written as 0, and that it is read as never treated."""
    design = binding.protocol.design
    if not isinstance(design, DidDesign):
        return None
    zero = binding.columns.text(design.start).loc[frame.index].isin(ZERO)
    if not zero.any():
        return None
    n = int(frame.loc[zero, design.starter].nunique())
    return FlowStep(label="Start written as 0", n_rows=len(frame), n_units=binding.units(frame),
                    note=f"{n} {'unit' if n == 1 else 'units'}: read as never treated, as R's did does")


def starts(binding: Binding, frame: pd.DataFrame, first: Period, last: Period) -> int | None:
    """The design's one start as a position; None where each unit has its own, which go into `frame`."""
    design = binding.protocol.design
    if isinstance(design, DidDesign):
        _unit_starts(binding, frame, design, first, last)
        return None
    assert isinstance(design, (ItsDesign, SynthDesign))
    given = parse(design.start)
    start = coarsen(given, first.frequency) if given else None
    if start is None:
        binding.door.refuse(
            "design.start",
            f"{design.start!r} cannot be placed on the {first.frequency} periods of the data",
            f"a period like {first}",
            "Write the first treated period.",
        )
        return None
    if not first.ordinal < start.ordinal <= last.ordinal:
        binding.door.refuse(
            "design.start",
            f"{start} is {'after the last' if start > last else 'not after the first'} period",
            f"{first} to {last}",
            "Correct the start, or bring data that reach it.",
        )
    return start.ordinal - first.ordinal


def _unit_starts(binding: Binding, frame: pd.DataFrame, design: DidDesign, first: Period, last: Period) -> None:
    """The start column as positions; blank, 0, inf and 'never' mean never treated."""
    written = binding.columns.text(design.start).loc[frame.index]
    never = written.str.lower().isin(NEVER | ZERO)
    parsed = {text: parse(text) for text in written[~never].unique()}
    bad = sorted(text for text, period in parsed.items() if period is None or coarsen(period, first.frequency) is None)
    if bad:
        n = int(written.isin(bad).sum())
        binding.door.refuse(
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
        binding.door.refuse(
            "design.start",
            f"{len(mixed)} unit(s) have more than one start ({listed(mixed, 3)})",
            "one start a unit, the same in each of its rows",
            "Correct the column.",
        )
    beyond = sorted(frame.loc[frame[design.start] > last.ordinal - first.ordinal, design.starter].unique())
    if beyond:
        binding.door.refuse(
            "design.start",
            f"{len(beyond)} unit(s) start after the last period {last} ({listed(beyond, 3)})",
            f"starts up to {last}; blank = not treated in these data",
            "Blank their start, or bring data that reach it.",
        )
