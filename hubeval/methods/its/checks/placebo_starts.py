"""Placebo dates: the same analysis at every date before the start at which nothing happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.its.door.limits import LEAST_INTERVAL, LEAST_TOTAL
from hubeval.methods.its.estimators.series import refit
from hubeval.methods.readings.placebo_starts import seen_earlier
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.result import Diagnostic, Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceboDate:
    """The average effect after a date before the start, from the data before the start alone."""

    period: str
    position: int
    estimate: Estimate


def placebo_dates(result: SeriesFit) -> tuple[PlaceboDate, ...] | NotComputed:
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
            what="placebo starts",
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
        return NotComputed(what="placebo starts", reason="too few periods before the start for the declared terms")
    return tuple(found)


def placebo_reading(found: tuple[PlaceboDate, ...] | NotComputed, real: Estimate) -> Diagnostic | None:
    """Placebo dates put into one reading beside the `real` change; None where there are none."""
    return None if isinstance(found, NotComputed) else seen_earlier([(one.period, one.estimate) for one in found], real)
