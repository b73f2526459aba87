"""What a panel holds beside its cohorts' means and what covariates explain, as something to draw from again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Mask = NDArray[np.bool_]

APART = 5  # degrees of freedom a side needs for a noise of its own: six units in one cohort


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Paths of one side (treated or not) or of both: a covariance over time, and how well it is known.

    Attributes
    ----------
    root : (T, T) float
        Times independent normals it gives the paths.
    df : int
    """

    root: Floats
    df: int

    def draw(self, count: int, rng: np.random.Generator) -> Floats:
        """Paths, (count, T), with a size as uncertain as so few of them leave it."""
        if not count or not self.df:
            return np.zeros((count, len(self.root)))
        size = np.sqrt(self.df / rng.chisquare(self.df))
        return np.asarray(size * rng.normal(size=(count, len(self.root))) @ self.root.T)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Paths of clusters, and of units (or people asked once) within them, for the treated and the others.

    Attributes
    ----------
    fixed : (n,) float
        What covariates explain: it stays as it is.
    above : tuple of Part
        Of clusters, one a side; empty where the unit is its own cluster.
    within : tuple of Part
        Of units within clusters, one a side.
    side_above, side_within : (G,) int, (N,) int
        The part that each cluster, and each unit, is drawn from.
    apart : bool
        Whether treated and untreated have a noise of their own.
    """

    fixed: Floats
    above: tuple[Part, ...]
    within: tuple[Part, ...]
    side_above: Codes
    side_within: Codes
    apart: bool

    @property
    def silent(self) -> bool:
        """Whether nothing varies beside what cohorts and periods share."""
        return not any(np.abs(part.root).max() > 0 for part in (*self.above, *self.within))

    def draw(self, panel: Panel, rng: np.random.Generator) -> Floats:
        """Outcomes without an effect on the rows of a panel with these units and clusters, (n,)."""
        y = self.fixed.copy()
        if self.above:
            y += _paths(self.above, self.side_above, rng)[panel.cluster[panel.unit], panel.time]
        if panel.repeated:  # nobody is followed: a person's noise has no path
            spread = np.array([part.root[0, 0] for part in self.within])
            size = np.array([np.sqrt(p.df / rng.chisquare(p.df)) if p.df else 0.0 for p in self.within])
            return np.asarray(y + (spread * size)[self.side_within] * rng.normal(size=len(y)))
        return np.asarray(y + _paths(self.within, self.side_within, rng)[panel.unit, panel.time])

    def until(self, end: int, rows: Mask) -> Noise:
        """The noise of the first `end` periods, for the rows that lie in them."""
        def cut(part: Part) -> Part:
            return replace(part, root=_root(part.root[:end] @ part.root[:end].T))

        return replace(self, fixed=self.fixed[rows], above=tuple(map(cut, self.above)),
                       within=tuple(map(cut, self.within)))


def noise_of(panel: Panel) -> Noise:
    """Take cohort means by period, and what covariates explain, out of a panel; keep the rest as something to draw.

    Treated and untreated are drawn apart where both have clusters enough to tell (`APART`) and no cluster is of both.
    """
    cohort = np.unique(panel.first, return_inverse=True)[1]
    cell = cohort[panel.unit] * panel.n_periods + panel.time
    rest, fixed = _unexplained(panel, _about_means(panel.y, cell), cell)
    of_cluster = np.full(panel.n_clusters, -1)
    np.maximum.at(of_cluster, panel.cluster, cohort)
    mixed = bool((cohort != of_cluster[panel.cluster]).any())
    treated = np.zeros(panel.n_clusters, dtype=bool)
    np.logical_or.at(treated, panel.cluster, panel.ever)
    if mixed:
        of_cluster[:] = 0
    nested = panel.repeated or panel.n_clusters < panel.n_units
    free = [_free(of_cluster, who) for who in (~treated, treated)]
    apart = not mixed and min(free) >= APART
    side = treated.astype(np.intp) if apart else np.zeros(panel.n_clusters, dtype=np.intp)
    sides = range(2 if apart else 1)
    if not nested:
        paths = _grid(panel, rest, panel.unit, panel.n_units)
        parts = [Part(root=_root(_covariance(paths[side == s], df)), df=df)
                 for s in sides for df in [_free(of_cluster, side == s)]]
        return Noise(fixed=fixed, above=(), within=tuple(parts), side_above=side, side_within=side, apart=apart)
    return _nested(panel, rest, fixed, of_cluster, side, apart=apart)


def _nested(panel: Panel, rest: Floats, fixed: Floats, of_cluster: Codes, side: Codes, *, apart: bool) -> Noise:
    """Clusters, and units or people within them."""
    code = panel.cluster[panel.unit]
    cell = code * panel.n_periods + panel.time
    inside = _about_means(rest, cell)
    count = np.bincount(cell, minlength=panel.n_clusters * panel.n_periods).reshape(panel.n_clusters, -1)
    share = np.where(count > 0, 1 / np.maximum(count, 1), np.nan)
    means = _grid(panel, rest - inside, code, panel.n_clusters)
    above, within = [], []
    for s in range(2 if apart else 1):
        mine = side[code] == s
        spread, df = _within(panel, inside, mine, code, repeated=panel.repeated)
        own = side == s
        free = _free(of_cluster, own)
        less = spread * np.nanmean(share[own]) if share[own].size else 0.0
        above.append(Part(root=_root(_covariance(means[own], free) - less), df=free))
        within.append(Part(root=_root(spread), df=df))
    return Noise(fixed=fixed, above=tuple(above), within=tuple(within), side_above=side,
                 side_within=side[panel.cluster], apart=apart)


def _within(panel: Panel, inside: Floats, mine: Mask, code: Codes, *, repeated: bool) -> tuple[Floats, int]:
    """Covariance of units' paths about their cluster's, (T, T), and its degrees of freedom."""
    t = panel.n_periods
    if repeated:
        df = int(mine.sum()) - len(np.unique(code[mine] * t + panel.time[mine]))
        return np.eye(t) * (float(inside[mine] @ inside[mine]) / df if df > 0 else 0.0), max(df, 0)
    units = np.unique(panel.unit[mine])
    df = len(units) - len(np.unique(panel.cluster[units]))
    paths = _grid(panel, inside, panel.unit, panel.n_units)[units]
    return (_covariance(paths, df), df) if df > 0 else (np.zeros((t, t)), 0)


def _unexplained(panel: Panel, rest: Floats, cell: Codes) -> tuple[Floats, Floats]:
    """What covariates leave of the outcome within each period, (n,), and what they explain, (n,)."""
    fixed = np.zeros(panel.n_rows)
    if not panel.x.shape[1]:
        return rest, fixed
    x = np.column_stack([_about_means(column, cell) for column in panel.x.T])
    for t in range(panel.n_periods):
        rows = panel.time == t
        if rows.sum() > 3 * x.shape[1] + 2:
            slope = np.linalg.lstsq(x[rows], rest[rows], rcond=None)[0]
            rest = np.where(rows, rest - x @ slope, rest)
            fixed[rows] = panel.x[rows] @ slope
    return rest, fixed


def _about_means(values: Floats, cell: Codes) -> Floats:
    number = np.maximum(np.bincount(cell), 1)
    return np.asarray(values - (np.bincount(cell, values) / number)[cell])


def _grid(panel: Panel, values: Floats, code: Codes, count: int) -> Floats:
    """Values laid out by code and period, (count, T); NaN where there is none (the last where there are several)."""
    out = np.full((count, panel.n_periods), np.nan)
    out[code, panel.time] = values
    return out


def _free(cohort: Codes, who: Mask) -> int:
    """Degrees of freedom that cohort means leave: units less cohorts."""
    return int(who.sum()) - len(np.unique(cohort[who]))


def _covariance(paths: Floats, df: int) -> Floats:
    """Covariance over time of paths about their means, from the periods that each two share, (T, T)."""
    t = paths.shape[1]
    if df < 1:
        return np.zeros((t, t))
    known = np.isfinite(paths).astype(float)
    filled = np.nan_to_num(paths)
    both = known.T @ known
    return np.asarray(filled.T @ filled / np.maximum(both, 1) * (len(paths) / df))


def _root(covariance: Floats) -> Floats:
    """A root of the nearest covariance, (T, T)."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _paths(parts: tuple[Part, ...], side: Codes, rng: np.random.Generator) -> Floats:
    """One path each, (count, T), every side by its own part."""
    out = np.zeros((len(side), len(parts[0].root)))
    for s, part in enumerate(parts):
        out[side == s] = part.draw(int((side == s).sum()), rng)
    return out
