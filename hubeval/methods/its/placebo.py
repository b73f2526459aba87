"""Placebo dates: the same analysis at every date before the start at which nothing happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.its.limits import LEAST_INTERVAL, LEAST_TOTAL
from hubeval.methods.its.segmented import refit
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from hubeval.methods.its.result import Segmented
    from hubeval.result import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceboDate:
    """The average effect after a date before the start, from the data before the start alone."""

    period: str
    position: int
    estimate: Estimate


def placebo_dates(result: Segmented) -> tuple[PlaceboDate, ...] | NotComputed:
    """Every admissible placebo date, in order of time.

    Admissible: six usable periods on either side of it within the time before the start. Only data from
    before the start are used, so a real effect cannot leak in. Neighbouring dates share almost all their
    data: read them as one picture, not as so many tests.
    """
    model = result.model
    early = model.before_only(0)
    usable = np.flatnonzero(~early.silent)
    if len(usable) < LEAST_TOTAL:
        return NotComputed(
            what="placebo dates",
            reason=f"{len(usable)} usable periods before the start; {LEAST_TOTAL} are needed for one placebo date",
        )
    found = []
    for position in usable[LEAST_INTERVAL : len(usable) - LEAST_INTERVAL + 1]:
        fitted = refit(model.before_only(int(position)))
        if fitted is not None:
            found.append(
                PlaceboDate(
                    period=model.axis.labels[position], position=int(position), estimate=fitted.average().absolute
                )
            )
    if not found:
        return NotComputed(what="placebo dates", reason="too few periods before the start for the declared terms")
    return tuple(found)
