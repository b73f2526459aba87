"""Effects at dates and over windows: absolute, relative, and against which counterfactual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.result import Estimate, NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.its.result import Segmented

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One effect, told three ways.

    Attributes
    ----------
    absolute : Estimate
        In the outcome's unit.
    relative : Estimate or NotComputed
        As a proportion of the counterfactual (-0.12 is 12% below it).
    counterfactual : Estimate
        What would have been expected.
    """

    absolute: Estimate
    relative: Estimate | NotComputed
    counterfactual: Estimate

    def to_frame(self) -> pd.DataFrame:
        """One row for each of the three, broom's columns."""
        parts = [
            ("absolute", self.absolute),
            ("relative", self.relative),
            ("counterfactual", self.counterfactual),
        ]
        return pd.DataFrame(
            [
                {
                    "term": f"{part.term}",
                    "scale": scale,
                    "estimate": part.estimate,
                    "std_error": part.std_error,
                    "conf_low": part.conf_low,
                    "conf_high": part.conf_high,
                    "p_value": part.p_value,
                    "unit": part.unit,
                }
                for scale, part in parts
                if isinstance(part, Estimate)
            ]
        )


def number(value: Any) -> float | None:
    """A plain float, or None for what is not finite."""
    return float(value) if value is not None and np.isfinite(value) else None


def effect_of(result: Segmented, window: NDArray[np.intp], term: str, *, mean: bool) -> Effect:
    """The effect over the periods of `window`: their mean, or their sum.

    One linear contrast carries it: the difference itself, or with a log link the log ratio of fitted to
    counterfactual (linearised over a window, exact in one period). The level that the series reached is
    taken as it is, so absolute, relative and counterfactual rest on that one contrast and agree.
    """
    model, fit = result.model, result.fitted.fit
    share = 1 / len(window) if mean else 1.0
    change = (result.columns.x - result.columns.without)[window]
    reached = result.fitted.mean[window] * share
    unit = result.unit if mean else f"{result.unit}, summed over {len(window)} {model.axis.unit}s"
    level = float(reached.sum())
    if model.log_link:
        expected = reached * np.exp(-change @ fit.coef)
        row = change.T @ expected / expected.sum()
        point = float(np.log(level / expected.sum()))
    else:
        row = change.sum(axis=0) * share
        point = float(row @ fit.coef)
    found = fit.contrasts(row[None, :], result.conf_level)
    ends = point + np.array([0.0, found.low[0] - row @ fit.coef, found.high[0] - row @ fit.coef])
    expected_level = level * np.exp(-ends) if model.log_link else level - ends
    absolute = level - expected_level
    slope = float(expected_level[0]) if model.log_link else 1.0
    p, error = found.p_value[0], float(found.std_error[0]) * slope
    made = result.estimate(
        term=term, estimand=result.estimand, unit=unit, values=(absolute[0], error, absolute[1], absolute[2], p)
    )
    counterfactual = result.estimate(
        term=f"{term}: counterfactual",
        estimand="what would have been expected without the interruption",
        unit=unit,
        values=(expected_level[0], error, expected_level[2], expected_level[1], None),
    )
    return Effect(
        absolute=made, relative=_relative(result, term, absolute, expected_level, p), counterfactual=counterfactual
    )


def _relative(result: Segmented, term: str, absolute: Floats, expected: Floats, p: float) -> Estimate | NotComputed:
    """Proportion of the counterfactual, where that is above zero throughout."""
    checked = expected if result.intervals else expected[:1]
    if bool((checked <= 0).any()):
        return NotComputed(
            what=f"{term}, relative",
            reason="the counterfactual is not clearly above zero, so a ratio to it means nothing",
        )
    ratio = absolute / np.where(expected > 0, expected, np.nan)
    return result.estimate(
        term=f"{term}, relative",
        estimand=result.estimand,
        unit="proportion of the counterfactual",
        values=(ratio[0], None, ratio[1], ratio[2], p),
    )
