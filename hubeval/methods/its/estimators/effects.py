"""Effects at dates and over windows: absolute, relative, and against which counterfactual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.result import Estimate, NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.its.door.model import DesignMatrix, SeriesModel
    from hubeval.methods.its.estimators.error_models import Fitted

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """An effect over some periods as numbers: estimate, low end and high end of each.

    Attributes
    ----------
    absolute : (3,) float
        Difference from the counterfactual, in the outcome's unit.
    expected : (3,) float
        The counterfactual that goes with each.
    std_error : float
        Of the difference.
    p_value : float
    """

    absolute: Floats
    expected: Floats
    std_error: float
    p_value: float


def contrast(
    model: SeriesModel,
    columns: DesignMatrix,
    fitted: Fitted,
    window: NDArray[np.intp],
    *,
    mean: bool,
    conf_level: float = 0.95,
) -> Contrast:
    """The effect over the periods of `window`: their mean, or their sum.

    One linear contrast carries it: the difference itself, or with a log link the log ratio of fitted to
    counterfactual (linearised over a window, exact in one period). The level that the series reached is
    taken as it is, so absolute, relative and counterfactual rest on that one contrast and agree.

    The exponential of a log that varies lies above the mean on average. With rare counts that is taken out of the
    counterfactual (half the variance of its log), and the level reached is made to add up to the events
    seen; the interval is that of the ratio, and does not move.
    """
    if fitted.rare:
        return _of_rare_counts(model, columns, fitted, window, mean=mean, conf_level=conf_level)
    fit = fitted.fit
    share = 1 / len(window) if mean else 1.0
    change = (columns.x - columns.without)[window]
    reached = fitted.mean[window] * share
    level = float(reached.sum())
    if model.log_link:
        expected = reached * np.exp(-change @ fit.coef)
        row = change.T @ expected / expected.sum()
        point = float(np.log(level / expected.sum()))
    else:
        row = change.sum(axis=0) * share
        point = float(row @ fit.coef)
    found = fit.contrasts(row[None, :], conf_level)
    ends = point + np.array([0.0, found.low[0] - row @ fit.coef, found.high[0] - row @ fit.coef])
    expected_level = level * np.exp(-ends) if model.log_link else level - ends
    slope = float(expected_level[0]) if model.log_link else 1.0
    return Contrast(
        absolute=level - expected_level,
        expected=expected_level,
        std_error=float(found.std_error[0]) * slope,
        p_value=float(found.p_value[0]),
    )


def _of_rare_counts(
    model: SeriesModel,
    columns: DesignMatrix,
    fitted: Fitted,
    window: NDArray[np.intp],
    *,
    mean: bool,
    conf_level: float,
) -> Contrast:
    fit = fitted.fit
    share = 1 / len(window) if mean else 1.0
    change, without = (columns.x - columns.without)[window], columns.without[window]
    smooth = fitted.mean[window] * share
    unseen = smooth * np.exp(-change @ fit.coef)
    row = change.T @ unseen / unseen.sum()
    found = fit.contrasts(row[None, :], conf_level)
    middle = float(np.log(smooth.sum() / unseen.sum()))
    ends = middle + np.array([found.low[0] - row @ fit.coef, found.high[0] - row @ fit.coef])
    # of the fit itself, with errors as they were seen: the posterior's allows for autocorrelation that may not be there
    x = columns.x * fitted.root_weight[:, None]
    scale = max(float(fitted.scaled @ fitted.scaled) / (model.n - x.shape[1]), 1.0)
    variance = scale * np.einsum("wi,ij,wj->w", without, np.linalg.inv(x.T @ x), without)
    less = np.exp(-variance / 2)
    if model.comparison is not None:
        less *= model.comparison.series.sum(axis=0)[model.after].sum() / model.comparison.events[model.after].sum()
    seen = model.y[model.after].sum() / fitted.mean[model.after].sum()
    level, expected = float(smooth.sum() * seen), float((unseen * less).sum())
    limits = smooth.sum() * np.exp(-ends)  # of the counterfactual, from the ratio's
    low, high = smooth.sum() - limits
    return Contrast(
        absolute=np.array([min(max(level - expected, low), high), low, high]),
        expected=np.array([expected, *limits]),
        std_error=float(found.std_error[0]) * expected,
        p_value=float(found.p_value[0]),
    )
