"""Placebo dates: the same analysis at every date before the start at which nothing happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.its.checks.claims import claims
from hubeval.methods.its.door.limits import LEAST_INTERVAL, LEAST_TOTAL
from hubeval.methods.its.estimators.series import refit
from hubeval.result import Diagnostic, NotComputed

if TYPE_CHECKING:
    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.result import Estimate, Status


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


def placebo_reading(found: tuple[PlaceboDate, ...] | NotComputed, real: Estimate) -> Diagnostic | None:
    """Placebo dates put into one reading beside the `real` change; None where there are none."""
    if isinstance(found, NotComputed):
        return None
    seen = [one for one in found if claims(one.estimate)]
    share = len(seen) / len(found)
    status: Status = "pass" if share <= 0.2 else ("caution" if share <= 0.4 else "fail")
    rival = [one for one in seen if claims(real) and _size(one.estimate) >= _size(real)]
    if status == "pass" and rival:
        status = "caution"
    named = ", ".join(one.period for one in seen[:4])
    more = f" and {len(seen) - 4} more" if len(seen) > 4 else ""
    reading = {
        "pass": f"{len(seen)} of {len(found)} dates before the start show a change: chance gives about that.",
        "caution": f"{len(seen)} of {len(found)} dates before the start show a change too ({named}{more}), "
        f"{len(rival)} of them as clear as the one at the start.",
        "fail": f"Something was already under way before the start: {len(seen)} of {len(found)} earlier dates show a "
        f"change as well ({named}{more}).",
    }[status]
    return Diagnostic(
        name="Placebo dates",
        question="Does the analysis also find a change at dates before the start, when nothing opened?",
        statistic=share,
        threshold="a caution above 1 in 5, or when one is as clear as the change found; a failure above 2 in 5",
        status=status,
        reading=reading,
    )


def _size(one: Estimate) -> float:
    """An estimate's size in standard errors; 0 where it has none."""
    return abs(one.estimate) / one.std_error if one.std_error else 0.0
