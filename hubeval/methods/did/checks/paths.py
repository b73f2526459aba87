"""Mean paths of treated and comparison units, and the gap between them along event time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from hubeval.methods.did.estimators.cells import acting_from

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
    error, df : float
        Standard error of `before`, the comparison group's own error included, and its degrees of freedom.
    """

    span: int
    before: float
    at: float
    error: float
    df: float

    @property
    def share(self) -> float:
        """Share of the whole change that came before the start."""
        return self.before / (self.before + self.at)

    @property
    def p_value(self) -> float:
        """Two-sided p-value of no change before the start; 1 where there is no error to hold it against."""
        if not (np.isfinite(self.error) and self.error > 0):
            return 1.0
        return float(2 * stats.t.sf(abs(self.before) / self.error, self.df))

    @property
    def detectable(self) -> float:
        """The change before the start that this would find 80% of the time."""
        return float(self.error * (stats.t.isf(0.025, self.df) + stats.t.isf(0.2, self.df)))


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


def steps_around_start(panel: Panel, span: int, anticipation: int = 0) -> Steps | None:
    """How the treated-comparison gap moved just before and just after the start; None where periods lack.

    Before the start is before its declared anticipation. Comparison units are those never treated. The error is
    that of a difference between two means of clusters with
    variances of their own (Welch 1947); with fewer than three treated clusters in a cohort, theirs is taken to vary
    as the comparison clusters do.
    """
    if panel.repeated or panel.ever.all():
        return None
    y = grid(panel)
    cohorts: list[Turn] = []
    for cohort in panel.cohorts:
        first, quiet = int(cohort), acting_from(panel, int(cohort), anticipation)
        if quiet < 2 * span or first + span > panel.n_periods:
            continue
        spans = [slice(quiet - 2 * span, quiet - span), slice(quiet - span, quiet), slice(first, first + span)]
        early, just, after = (_mean(y[:, s]) for s in spans)
        seen = np.isfinite(just - early) & np.isfinite(after - just)
        rows, others = seen & (panel.first == first), seen & ~panel.ever
        if rows.any() and others.any():
            cohorts.append(_turn(just - early, after - just, rows, others, panel.cluster))
    return _joined(cohorts, span) if cohorts else None


@dataclass(frozen=True, slots=True)
class Turn:
    """One cohort: treated clusters, change of the gap before and at the start, and the two variances of `before`."""

    n: int
    before: float
    at: float
    own: float
    others: float
    df: tuple[int, int]


def _turn(drift: Floats, turn: Floats, rows: Mask, others: Mask, cluster: NDArray[np.int64]) -> Turn:
    one, two = _by_cluster(drift, rows, cluster), _by_cluster(drift, others, cluster)
    spread = float(two.var(ddof=1)) if len(two) > 1 else np.nan
    own = float(one.var(ddof=1)) if len(one) > 2 else spread
    return Turn(
        n=len(one), before=float(one.mean() - two.mean()),
        at=float(_by_cluster(turn, rows, cluster).mean() - _by_cluster(turn, others, cluster).mean()),
        own=own / len(one), others=spread / len(two), df=(len(one) - 1 if len(one) > 2 else len(two) - 1, len(two) - 1),
    )  # fmt: skip


def _joined(cohorts: list[Turn], span: int) -> Steps:
    """Cohorts averaged by their treated clusters; the comparison's error is common to all and does not average out."""
    share = np.array([c.n for c in cohorts], dtype=float)
    share /= share.sum()
    own = np.array([c.own for c in cohorts])
    common = float(share @ np.sqrt([c.others for c in cohorts])) ** 2
    parts = np.append(share**2 * own, common)
    freedom = np.append([c.df[0] for c in cohorts], min(c.df[1] for c in cohorts))
    with np.errstate(divide="ignore", invalid="ignore"):
        df = parts.sum() ** 2 / np.where(parts > 0, parts**2 / np.maximum(freedom, 1), 0.0).sum()
    return Steps(
        span=span, before=float(share @ [c.before for c in cohorts]), at=float(share @ [c.at for c in cohorts]),
        error=float(np.sqrt(parts.sum())), df=float(df) if np.isfinite(df) else 1.0,
    )  # fmt: skip


def _by_cluster(values: Floats, rows: Mask, cluster: NDArray[np.int64]) -> Floats:
    """Means of the rows by cluster."""
    code = np.unique(cluster[rows], return_inverse=True)[1]
    return np.asarray(np.bincount(code, values[rows]) / np.bincount(code))


def _mean(values: Floats) -> Floats:
    """Row means over what is there; NaN where nothing is."""
    there = np.isfinite(values)
    count = there.sum(axis=1)
    return np.where(count > 0, np.where(there, values, 0).sum(axis=1) / np.maximum(count, 1), np.nan)
