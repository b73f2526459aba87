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

APART = 5.0  # degrees of freedom that a side's size needs to have one of its own
FEW = 10  # clusters for each unit beyond one a cluster, from which fewer than `APART` such units are taken alone
CANDIDATES = 64  # pairs of sizes from which one is drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How large the noise of one side (treated or not) is, and how well that is known.

    Attributes
    ----------
    scale : float
    df : float
        Infinite where both sides have one size.
    """

    scale: float
    df: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Paths of clusters, or of units within them: one shape over time, and a size for each side.

    Attributes
    ----------
    root : (T, T) float
        Times independent normals, and a side's size, it gives the paths.
    df : float
        Of the shape; infinite where there is none to be known.
    parts : tuple of Part
        One for both sides, or one a side.
    side : (count,) int
        The part that each is drawn from.
    """

    root: Floats
    df: float
    parts: tuple[Part, ...]
    side: Codes

    @property
    def silent(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.df or not any(np.abs(self.root).max() * part.scale > 0 for part in self.parts)

    def sizes(self, rng: np.random.Generator) -> Floats:
        """A size for each of them, (count,), as uncertain as so few leave it.

        Two sides are drawn together by the prior under which an interval for a difference of their means covers as
        often as it says (Ghosh & Kim 2001); drawn apart by Jeffreys' they would be too uncertain.
        """
        shared = np.sqrt(self.df / rng.chisquare(self.df)) if np.isfinite(self.df) else 1.0
        scale, df = (np.array([getattr(part, name) for part in self.parts]) for name in ("scale", "df"))
        if len(self.parts) == 1 or not (scale > 0).all():
            return np.asarray(shared * scale[self.side])
        drawn = scale * np.sqrt(df / rng.chisquare(df, (CANDIDATES, len(df))))
        weight = np.sqrt((drawn**2 / df).sum(axis=1)) / drawn.prod(axis=1)
        return np.asarray(shared * drawn[rng.choice(CANDIDATES, p=weight / weight.sum())][self.side])

    def draw(self, rng: np.random.Generator) -> Floats:
        """One path each, (count, T)."""
        normal = rng.normal(size=(len(self.side), len(self.root)))
        return np.zeros_like(normal) if self.silent else np.asarray(self.sizes(rng)[:, None] * normal @ self.root.T)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Paths of clusters, and of units (or people asked once) within them, for the treated and the others.

    Attributes
    ----------
    fixed : (n,) float
        What covariates explain: it stays as it is.
    above : Layer or None
        Of clusters; None where the unit is its own cluster.
    within : Layer
        Of units within clusters.
    apart : bool
        Whether treated and untreated have a noise of their own size.
    """

    fixed: Floats
    above: Layer | None
    within: Layer
    apart: bool

    @property
    def silent(self) -> bool:
        """Whether nothing varies beside what cohorts and periods share."""
        return self.within.silent and (self.above is None or self.above.silent)

    def draw(self, panel: Panel, rng: np.random.Generator) -> Floats:
        """Outcomes without an effect on the rows of a panel with these units and clusters, (n,)."""
        y = self.fixed.copy()
        if self.above:
            y += self.above.draw(rng)[panel.cluster[panel.unit], panel.time]
        if panel.repeated:  # nobody is followed: a person's noise has no path
            return np.asarray(y if self.within.silent else y + self.within.sizes(rng) * rng.normal(size=len(y)))
        return np.asarray(y + self.within.draw(rng)[panel.unit, panel.time])

    def until(self, end: int, rows: Mask) -> Noise:
        """The noise of the first `end` periods, for the rows that lie in them."""
        def cut(layer: Layer) -> Layer:
            return replace(layer, root=_root(layer.root[:end] @ layer.root[:end].T))

        return replace(self, fixed=self.fixed[rows], above=cut(self.above) if self.above else None,
                       within=cut(self.within))


def noise_of(panel: Panel) -> Noise:
    """Take cohort means by period, and what covariates explain, out of a panel; keep the rest as something to draw.

    Treated and untreated have a size of noise each where both have clusters enough to tell (`APART`) and no cluster is
    of both; its shape over time is one, as permuted starts take it to be.
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
    side = np.zeros(panel.n_clusters, dtype=np.intp) if mixed else treated.astype(np.intp)
    if panel.repeated or _shared(panel):
        above, within = _nested(panel, rest, of_cluster, side)
        return Noise(fixed=fixed, above=above, within=within, apart=len(above.parts) > 1)
    paths, own, group = _grid(panel, rest, panel.unit, panel.n_units), side[panel.cluster], of_cluster[panel.cluster]
    layer = _layer([(_covariance(paths[own == s], df), df) for s in range(int(side.max()) + 1)
                    for df in [_free(group, own == s)]], own)
    return Noise(fixed=fixed, above=None, within=layer, apart=len(layer.parts) > 1)


def _shared(panel: Panel) -> bool:
    """Whether enough units share a cluster for what is theirs and what is the cluster's to be told apart.

    One pair among many single units says next to nothing of it, and would decide the noise of all.
    """
    more = panel.n_units - panel.n_clusters
    return more >= APART or more * FEW > panel.n_clusters


def _layer(sides: list[tuple[Floats, int]], side: Codes) -> Layer:
    """One shape from the covariances (T, T) of the sides and their degrees of freedom, and a size each if it is known.

    A size is that of movements about a unit's own mean over time. Over T periods that move apart, more is known of it
    than of any one contrast: as many times its degrees of freedom as the periods are worth (Satterthwaite 1946).
    """
    free = np.array([df for _, df in sides], dtype=np.float64)
    total = float(free.sum())
    mean = np.asarray(sum(df * v for v, df in sides) / max(total, 1.0))
    square = np.array([np.trace(_moving(v)) for v, _ in sides])
    worth = _worth(_moving(mean))
    if len(sides) == 1 or (free * worth).min() < APART or square.min() <= 0:
        return Layer(root=_root(mean), df=total, parts=(Part(scale=1.0, df=np.inf),), side=np.zeros_like(side))
    shape = np.asarray(sum(df / total * v / s for (v, df), s in zip(sides, square, strict=True)))
    worth = _worth(_moving(shape))
    parts = tuple(Part(scale=float(np.sqrt(s)), df=float(df * worth)) for s, df in zip(square, free, strict=True))
    known = total * worth / (worth - 1) if worth > 1 + 1e-9 else np.inf
    return Layer(root=_root(shape), df=known, parts=parts, side=side)


def _moving(covariance: Floats) -> Floats:
    """Covariance of paths less their own mean over time, (T, T)."""
    return np.asarray(covariance - covariance.mean(axis=0) - covariance.mean(axis=1)[:, None] + covariance.mean())


def _worth(covariance: Floats) -> float:
    """How many periods moving apart these are worth."""
    square = float((covariance**2).sum())
    return float(np.trace(covariance) ** 2 / square) if square > 0 else 1.0


def _nested(panel: Panel, rest: Floats, of_cluster: Codes, side: Codes) -> tuple[Layer, Layer]:
    """Clusters, and units or people within them."""
    code = panel.cluster[panel.unit]
    cell = code * panel.n_periods + panel.time
    inside = _about_means(rest, cell)
    count = np.bincount(cell, minlength=panel.n_clusters * panel.n_periods).reshape(panel.n_clusters, -1)
    share = np.where(count > 0, 1 / np.maximum(count, 1), np.nan)
    means = _grid(panel, rest - inside, code, panel.n_clusters)
    above, within = [], []
    for s in range(int(side.max()) + 1):
        own = side == s
        spread, df = _within(panel, inside, own[code], code, repeated=panel.repeated)
        free = _free(of_cluster, own)
        less = spread * np.nanmean(share[own]) if own.any() else 0.0
        above.append((_covariance(means[own], free) - less, free))
        within.append((spread, df))
    if not panel.repeated:
        return _layer(above, side), _layer(within, side[panel.cluster])
    parts = tuple(Part(scale=float(np.sqrt(spread[0, 0])), df=max(df, 1)) for spread, df in within)
    people = Layer(root=np.eye(panel.n_periods), df=np.inf, parts=parts, side=side[panel.cluster])
    return _layer(above, side), people


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
