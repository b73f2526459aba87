"""The average effect on the other scale: logarithms of an outcome in its own unit, and that unit of logarithms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.its.estimators.series import fit_again
from hubeval.methods.readings.other_scale import other_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.result import Diagnostic, Estimate, NotComputed


def on_other_scale(result: SeriesFit) -> Diagnostic | NotComputed | None:
    """Whether the finding hangs on the scale; None for counts, whose ratio is the only scale they are fitted on.

    A comparison series goes to the other scale with the treated one. Silent periods take no part.
    """
    model = result.model
    if model.log_link:
        return None
    beside = model.comparison
    values = model.y[None, :] if beside is None else np.vstack([model.y, beside.series])
    values = np.where(model.silent, np.nan, values)

    def again(changed: NDArray[np.float64], unit: str) -> Estimate:
        y = np.where(model.silent, changed[0][~model.silent].mean(), changed[0])
        if beside is None:
            return replace(fit_again(result, replace(model, y=y)), unit=unit).average().absolute
        series = np.where(model.silent, 0.0, changed[1:])
        comparison = replace(beside, series=series)
        offset = comparison.offset(log_link=False)
        return replace(fit_again(result, replace(model, y=y, offset=offset, comparison=comparison)),
                       unit=unit).average().absolute

    return other_scale(result.average().absolute, values, again)
