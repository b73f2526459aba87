"""Rambachan and Roth's honest bounds: how far from parallel trends the conclusion holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri

from hubeval.engine.conditional import relative_tests
from hubeval.engine.fixed_length import fixed_length
from hubeval.errors import Door
from hubeval.methods.did.checks.trends.event_path import event_path
from hubeval.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.did.checks.trends.event_path import EventPath
    from hubeval.methods.did.estimators.aggregate import Aggregate
    from hubeval.methods.did.estimators.effects import Effects
    from hubeval.methods.did.inference.regression import Regression

    Floats = NDArray[np.float64]

KINDS = ("relative", "smoothness")
LARGEST = 64.0  # beyond this multiple of what was seen before the start, more says nothing
GRID = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class Honest(Shown):
    """Intervals for an effect under growing departures from parallel trends.

    Attributes
    ----------
    kind : {"relative", "smoothness"}
    horizon : float or None
        Event time, or None for the mean over all from the start on.
    estimate : float
    low, high : float
        The usual interval, under exactly parallel trends.
    limit : (m,) float
        Departures allowed: multiples of the largest change before the start (relative), or the
        largest bend in the outcome's unit (smoothness).
    lows, highs : (m,) float
    breakdown : float
        Smallest departure under which zero can no longer be ruled out; 0 if it cannot be anyway,
        inf if it can still be at the largest tried.
    conf_level : float
    """

    kind: Literal["relative", "smoothness"]
    horizon: float | None
    estimate: float
    low: float
    high: float
    limit: Floats
    lows: Floats
    highs: Floats
    breakdown: float
    conf_level: float

    def to_frame(self) -> pd.DataFrame:
        """One row an interval; the first, without a limit, is the usual one."""
        return pd.DataFrame({
            "kind": ["parallel", *[self.kind] * len(self.limit)], "limit": np.append(np.nan, self.limit),
            "estimate": self.estimate, "conf_low": np.append(self.low, self.lows),
            "conf_high": np.append(self.high, self.highs)})


def honest(
    effects: Effects | Aggregate | Regression, *, kind: Literal["relative", "smoothness"] = "relative",
    limits: Sequence[float] | None = None, horizon: float | None = None, reference: float = -1.0,
    conf_level: float = 0.95,
) -> Honest:
    """Bounds on an event study's effect when trends need not be parallel.

    ``"relative"``: after the start the difference in trend may change, from one period to the next,
    by at most `limit` times its largest such change before the start (conditional and
    least-favourable hybrid intervals). ``"smoothness"``: its slope may change by at most `limit`
    between consecutive periods (shortest fixed-length intervals; 0 allows a straight line).

    Parameters
    ----------
    effects : Effects, Aggregate or Regression
        By event time, with one reference period.
    kind : {"relative", "smoothness"}
    limits : sequence of float, optional
        Multiples for ``"relative"`` (0, 0.5, 1, 1.5, 2 by default); in the outcome's unit for
        ``"smoothness"`` (0, a quarter, a half and the whole of the largest bend seen before the start).
    horizon : float, optional
        One event time; all from the start on are averaged otherwise.
    reference : float
        Event time that is zero by construction.
    conf_level : float

    Returns
    -------
    Honest

    Raises
    ------
    BadInput

    References
    ----------
    Rambachan, A. & Roth, J. (2023). A more credible approach to parallel trends. Review of Economic
    Studies 90, 2555-2591.

    Examples
    --------
    >>> from hubeval.methods.did.estimators.effects import Effects
    >>> study = Effects(method="m", estimand="e", inference="i", by="event_time", keys=(-3., -2., 0., 1.),
    ...                 estimate=np.array([0.1, -0.1, 2.0, 2.2]), covariance=0.04 * np.eye(4))
    >>> found = honest(study, horizon=0)
    >>> found.to_frame().round(1)["conf_low"].tolist()[:3], 1 < found.breakdown < 6
    ([1.6, 1.6, 1.5], True)
    """
    path = event_path(effects, reference)
    door = Door()
    door.choice("kind", kind, KINDS)
    if limits is not None and (not len(limits) or min(limits) < 0 or not np.isfinite(limits).all()):
        door.refuse("limits", f"found {list(limits)}", "finite numbers, 0 or more", "Correct them.")
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level}", "a number between 0 and 1", "Write 0.95.")
    door.close()
    weights = path.weights(horizon)
    allowed = np.array(_limits(path, kind) if limits is None else limits, dtype=np.float64)
    bounds = [_interval(path, weights, kind, limit, conf_level) for limit in allowed]
    estimate = float(weights @ path.estimate[len(path.before):])
    after = path.covariance[len(path.before):, len(path.before):]
    reach = float(ndtri((1 + conf_level) / 2) * np.sqrt(weights @ after @ weights))
    return Honest(
        kind=kind, horizon=horizon, estimate=estimate, low=estimate - reach, high=estimate + reach, limit=allowed,
        lows=np.array([low for low, _ in bounds]), highs=np.array([high for _, high in bounds]),
        breakdown=_breakdown(path, weights, kind, conf_level), conf_level=conf_level)


def _limits(path: EventPath, kind: str) -> Sequence[float]:
    if kind == "relative":
        return (0.0, 0.5, 1.0, 1.5, 2.0)
    return tuple(share * _bend(path) for share in (0.0, 0.25, 0.5, 1.0))


def _bend(path: EventPath) -> float:
    """Largest change of slope seen before the start (the size of the path there, where it is too short)."""
    values = np.append(path.estimate[:len(path.before)], 0.0)
    bends = np.abs(np.diff(values, 2))
    return float(bends.max()) if len(bends) else float(np.abs(values).max())


def _interval(path: EventPath, weights: Floats, kind: str, limit: float, conf_level: float) -> tuple[float, float]:
    if kind == "smoothness":
        found = fixed_length(path.estimate, path.covariance, weights, limit, conf_level)
        return found.low, found.high
    return _relative(path, weights, limit, conf_level)


def _relative(path: EventPath, weights: Floats, limit: float, conf_level: float) -> tuple[float, float]:
    """Ends of the set of values that some pattern of the largest change keeps."""
    tests = relative_tests(path.estimate, path.covariance, weights, limit, 1 - conf_level)

    def kept(theta: Floats) -> NDArray[np.bool_]:
        return np.asarray(~np.all([test.rejects(theta) for test in tests], axis=0))

    p = len(path.before)
    centre = float(weights @ path.estimate[p:])
    error = float(np.sqrt(weights @ path.covariance[p:, p:] @ weights))
    step = float(np.abs(np.diff(np.append(path.estimate[:p], 0.0))).max())
    reach = 10 * error + 2 * limit * step * len(weights)
    for _ in range(20):
        grid = np.linspace(centre - reach, centre + reach, GRID)
        inside = kept(grid)
        if not inside[0] and not inside[-1]:
            break
        reach *= 2
    if not inside.any():
        return centre, centre
    first, last = np.flatnonzero(inside)[[0, -1]]
    low = _edge(kept, grid[max(first - 1, 0)], grid[first])
    return low, _edge(kept, grid[min(last + 1, GRID - 1)], grid[last])


def _edge(kept: object, outside: float, inside: float) -> float:
    """The value nearest `outside` that is kept, by bisection on small grids."""
    assert callable(kept)
    for _ in range(4):
        grid = np.linspace(outside, inside, 33)
        first = int(np.argmax(kept(grid)))
        if first == 0:
            return float(grid[0])
        outside, inside = grid[first - 1], grid[first]
    return float(inside)


def _breakdown(path: EventPath, weights: Floats, kind: str, conf_level: float) -> float:
    """Smallest limit at which zero is inside the interval."""
    scale = 1.0 if kind == "relative" else max(_bend(path), 1e-300)

    def covers_zero(limit: float) -> bool:
        if kind == "smoothness":
            low, high = _interval(path, weights, kind, limit, conf_level)
            return low <= 0 <= high
        tests = relative_tests(path.estimate, path.covariance, weights, limit, 1 - conf_level)
        return not all(bool(test.rejects(np.zeros(1))[0]) for test in tests)

    if covers_zero(0.0):
        return 0.0
    high = scale
    while not covers_zero(high):
        high *= 2
        if high > LARGEST * scale:
            return float(np.inf)
    low = 0.0
    while high - low > 1e-3 * scale:
        middle = (low + high) / 2
        low, high = (low, middle) if covers_zero(middle) else (middle, high)
    return high
