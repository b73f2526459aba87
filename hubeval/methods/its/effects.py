"""Effects at dates and over windows: absolute, relative, and against which counterfactual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.result import Estimate, NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.contrast import Fit
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
    """The effect over the periods of `window`: their mean, or their sum."""
    return (_on_logs if result.model.log_link else _on_levels)(result, window, term, mean)


def _on_levels(result: Segmented, window: NDArray[np.intp], term: str, mean: bool) -> Effect:  # noqa: FBT001
    """Identity link: everything absolute is linear, and the ratio's interval is Fieller's."""
    share = 1 / len(window) if mean else 1.0
    x, without = (
        result.columns.x[window].sum(axis=0) * share,
        result.columns.without[window].sum(axis=0) * share,
    )
    base = float(result.model.offset[window].sum() * share)
    change = x - without
    found = result.fitted.fit.contrasts(np.stack([change, without]), result.conf_level)
    unit = result.unit if mean else f"{result.unit}, summed over {len(window)} {result.model.axis.unit}s"
    absolute = result.estimate(
        term=term,
        estimand=result.estimand,
        unit=unit,
        values=(found.estimate[0], found.std_error[0], found.low[0], found.high[0], found.p_value[0]),
    )
    expected = result.estimate(
        term=f"{term}: counterfactual",
        estimand="expected had the trend continued",
        unit=unit,
        values=(
            found.estimate[1] + base,
            found.std_error[1],
            found.low[1] + base,
            found.high[1] + base,
            None,
        ),
    )
    lowest = float(found.low[1]) + base
    if expected.estimate <= 0 or (result.intervals and lowest <= 0):
        relative: Estimate | NotComputed = NotComputed(
            what=f"{term}, relative",
            reason="the counterfactual is not clearly above zero, so a ratio to it means nothing",
        )
    else:
        ratio = absolute.estimate / expected.estimate
        low, high = _fieller(result.fitted.fit, change, without, base, ratio, result.conf_level)
        relative = result.estimate(
            term=f"{term}, relative",
            estimand=result.estimand,
            unit="proportion of the counterfactual",
            values=(ratio, None, low, high, found.p_value[0]),
        )
    return Effect(absolute=absolute, relative=relative, counterfactual=expected)


def _fieller(
    fit: Fit,
    change: Floats,
    without: Floats,
    base: float,
    ratio: float,
    level: float,
) -> tuple[float | None, float | None]:
    """Ends of the interval for a ratio of linear combinations: where ``change - r * counterfactual`` changes sign.

    The counterfactual is above zero throughout its own interval, so the probability rises with r.
    """
    tail = (1 - level) / 2
    ends: list[float | None] = []
    for target, direction in ((tail, -1.0), (1 - tail, 1.0)):
        near, far = ratio, ratio + direction * (0.01 + abs(ratio) * 0.05)
        for _ in range(60):
            if (fit.below(change - far * without, far * base) - target) * direction > 0:
                break
            near, far = far, far + 2 * (far - near)
        else:
            return None, None
        for _ in range(60):
            middle = (near + far) / 2
            if (fit.below(change - middle * without, middle * base) - target) * direction > 0:
                far = middle
            else:
                near = middle
        ends.append((near + far) / 2)
    return ends[0], ends[1]


def _on_logs(result: Segmented, window: NDArray[np.intp], term: str, mean: bool) -> Effect:  # noqa: FBT001
    """Log link: linearised at the estimate (exact for the ratio in a single period)."""
    fit, share = result.fitted.fit, (1 / len(window) if mean else 1.0)
    x, without = result.columns.x[window], result.columns.without[window]
    offset = result.model.offset[window]
    with_it, cf = (np.exp(offset + part @ fit.coef) * share for part in (x, without))
    log_ratio = x.T @ with_it / with_it.sum() - without.T @ cf / cf.sum()
    rows = np.stack([x.T @ with_it - without.T @ cf, log_ratio, without.T @ cf / cf.sum()])
    found = fit.contrasts(rows, result.conf_level)
    centre = rows @ fit.coef
    points = np.array([with_it.sum() - cf.sum(), np.log(with_it.sum() / cf.sum()), np.log(cf.sum())])
    low, high = points + found.low - centre, points + found.high - centre
    unit = result.unit if mean else f"{result.unit}, summed over {len(window)} {result.model.axis.unit}s"
    p = found.p_value[1]
    absolute = result.estimate(
        term=term,
        estimand=result.estimand,
        unit=unit,
        values=(points[0], found.std_error[0], low[0], high[0], p),
    )
    relative = result.estimate(
        term=f"{term}, relative",
        estimand=result.estimand,
        unit="proportion of the counterfactual",
        values=(np.expm1(points[1]), None, np.expm1(low[1]), np.expm1(high[1]), p),
    )
    expected = result.estimate(
        term=f"{term}: counterfactual",
        estimand="expected had the trend continued",
        unit=unit,
        values=(np.exp(points[2]), None, np.exp(low[2]), np.exp(high[2]), None),
    )
    return Effect(absolute=absolute, relative=relative, counterfactual=expected)
