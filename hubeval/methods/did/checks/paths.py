"""Mean paths of treated and comparison units, and the gap between them along event time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Change in the gap around the start, in spans of equal length, averaged over treated units.

    Attributes
    ----------
    span : int
        Periods in each of the three spans: earlier, just before the start, just after it.
    before, at : float
        Change of the gap from the earlier span to the one just before, and from there to just after.
    noise : float
        Standard deviation (from the quartiles) of `before` were the treated units like comparison units.
    """

    span: int
    before: float
    at: float
    noise: float

    @property
    def share(self) -> float:
        """Share of the whole change that came before the start."""
        return self.before / (self.before + self.at)


def grid(panel: Panel) -> Floats:
    """Outcomes as a matrix with NaN where there is no row, (N, T); averages of rows for repeated cross-sections."""
    result = np.full((panel.n_units, panel.n_periods), np.nan)
    result[panel.unit, panel.time] = panel.y
    return result


def mean_paths(panel: Panel) -> dict[str, Floats]:
    """Mean outcome by period of never-treated units and of each cohort; NaN where a period has no row."""
    weights = np.ones(panel.n_rows) if panel.weights is None else panel.weights
    groups = {"never treated": ~panel.ever}
    groups |= {f"start {panel.label(c)}": panel.first == c for c in panel.cohorts}
    result = {}
    for name, units in groups.items():
        rows = units[panel.unit]
        if rows.any():
            mass = np.bincount(panel.time[rows], weights[rows], panel.n_periods)
            total = np.bincount(panel.time[rows], (weights * panel.y)[rows], panel.n_periods)
            with np.errstate(invalid="ignore", divide="ignore"):
                result[name] = total / mass
    return result


def steps_around_start(panel: Panel, span: int) -> Steps | None:
    """How the treated-comparison gap moved just before and just after the start; None where periods lack.

    Comparison units are those never treated.
    """
    if panel.repeated or panel.ever.all():
        return None
    y = grid(panel)
    before, at = [], []
    noise = []
    for cohort in panel.cohorts:
        first = int(cohort)
        if first < 2 * span or first + span > panel.n_periods:
            continue
        spans = [slice(first - 2 * span, first - span), slice(first - span, first), slice(first, first + span)]
        with np.errstate(invalid="ignore"):
            early, just, after = (_mean(y[:, s]) for s in spans)
        others = ~panel.ever
        rows = panel.first == first
        drift, turn = just - early, after - just
        before += (drift[rows] - np.nanmean(drift[others])).tolist()
        at += (turn[rows] - np.nanmean(turn[others])).tolist()
        noise.append(_robust_sd(drift[others]))
    seen = np.isfinite(before) & np.isfinite(at)
    if not seen.any():
        return None
    spread = float(np.nanmean(noise)) / np.sqrt(seen.sum()) if np.isfinite(noise).any() else np.nan
    return Steps(span=span, before=float(np.mean(np.array(before)[seen])), at=float(np.mean(np.array(at)[seen])),
                 noise=spread)


def _robust_sd(values: Floats) -> float:
    """Standard deviation from the quartiles, so that a few wild units do not hide a change; NaN below 4 values."""
    there = values[np.isfinite(values)]
    return float(np.subtract(*np.percentile(there, [75, 25])) / 1.349) if len(there) >= 4 else np.nan


def _mean(values: Floats) -> Floats:
    """Row means over what is there; NaN where nothing is."""
    there = np.isfinite(values)
    count = there.sum(axis=1)
    return np.where(count > 0, np.where(there, values, 0).sum(axis=1) / np.maximum(count, 1), np.nan)
