"""What cautions ask of the data before anything is estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.data.bind.times import ask_the_year
from hubeval.data.left_out import settle_areas
from hubeval.data.periods import Period
from hubeval.protocol import RECORDS
from hubeval.result import FlowStep

if TYPE_CHECKING:
    import pandas as pd

    from hubeval.data.bind.binding import Binding
    from hubeval.data.clock import Clock


def drop_declared(
    binding: Binding, frame: pd.DataFrame, flow: list[FlowStep], clock: Clock, origin: Period
) -> pd.DataFrame:
    """Leave out the periods and the areas that a caution says to leave out, and say so."""
    time = binding.protocol.design.time if not isinstance(binding.protocol.design, RECORDS) else ""
    frame = settle_areas(binding, frame, flow)
    if frame.empty:
        return frame
    final = Period(origin.frequency, origin.ordinal + int(frame[time].max()))  # a caution without last goes on
    for caution in binding.protocol.cautions:
        placed = [clock.place(text) if text else final for text in (caution.first, caution.last)]
        if None in placed:
            if ask_the_year(binding, "cautions", clock, [caution.first, caution.last], str(origin)):
                continue
            binding.door.refuse(
                "cautions",
                f"{caution.label!r} is dated {caution.first!r} to {caution.last!r}",
                f"periods like {origin}",
                "Write its periods as in the data.",
            )
            continue
        low, high = (p.ordinal - origin.ordinal for p in placed if p)
        if low > high and caution.last:
            found = f"{caution.label!r} ends before it begins ({caution.first} to {caution.last})"
            binding.door.refuse("cautions", found, "first, then last", "Swap them.")
        elif caution.handling == "drop the periods":
            frame = frame[~frame[time].between(low, high)]
            flow.append(
                FlowStep(
                    label=f"Without {caution.label}",
                    n_rows=binding.rows(frame),
                    n_units=binding.units(frame),
                    note=f"{caution.first} to {caution.last or 'the end'} left out, as declared",
                )
            )
    if frame.empty:
        binding.door.refuse("cautions", "no row is left once they are dropped", "some periods", "Narrow them.")
    return frame
