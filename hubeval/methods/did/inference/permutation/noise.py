"""How noisy each cluster is by itself, so that permuted estimates can be set against the noise of those they treat.

Permuting raw estimates asks that treated and untreated clusters be alike in variance and in size. An estimate
divided by the noise of its own clusters, whichever way the starts fell, asks only that their noise has one shape
(Neuhaus 1993; Janssen 1997; Chung & Romano 2013). The noise is that of changes from one period to the next, those
into a start left out: a constant effect is not in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.estimators.cells import acting_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.permutation.assignments import Assignments

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

FEWEST = 3  # changes of treated clusters below which their own noise says nothing


def relative(panel: Panel, ways: Assignments, anticipation: int = 0) -> Floats | None:
    """Noise of the real assignment over that of each way, (m,); None where there are too few changes to tell.

    Parameters
    ----------
    panel : Panel
    ways : Assignments
    anticipation : int
        Changes into the periods in which treatment may already act are left out too.
    """
    found = variances(panel, anticipation)
    if found is None:
        return None
    group = np.empty(len(ways.mass), dtype=np.intp)
    group[ways.code] = panel.cluster
    scale = np.sqrt(_spread(ways, ways.mass, group, found))
    return np.asarray(scale[ways.real] / scale)


def _spread(ways: Assignments, mass: Floats, group: Codes, variance: Floats) -> Floats:
    """Variance of each way's average: squared shares of clusters in their cohort, times their own variance, (m,)."""
    whole = np.bincount(group, mass, len(variance))
    parts = [ways.picks(s, mass, group) for s in range(len(ways.kinds))]
    sizes = np.stack([np.asarray(part.sum(axis=1)).ravel() for part in parts], axis=1)  # (m, S)
    share = sizes / sizes.sum(axis=1, keepdims=True)
    own = np.stack([np.asarray(part.power(2) @ variance).ravel() for part in parts], axis=1)
    total = (share**2 * own / np.maximum(sizes, 1e-300) ** 2).sum(axis=1)
    treated = sum(parts[1:], parts[0])
    rest = whole.sum() - sizes.sum(axis=1)
    left = float(whole**2 @ variance) - 2 * np.asarray(treated @ (whole * variance)).ravel()
    left += np.asarray(treated.power(2) @ variance).ravel()
    there = rest > 1e-9 * whole.sum()
    return np.asarray(total + np.where(there, np.maximum(left, 0) / np.where(there, rest, 1.0) ** 2, 0.0))


def variances(panel: Panel, anticipation: int = 0) -> Floats | None:
    """Mean square of each cluster's changes from one period to the next, (G,), common movements taken out.

    None where fewer than three changes of treated clusters are left.
    """
    keep = [t for t in range(1, panel.n_periods)
            if not any(acting_from(panel, cohort, anticipation) <= t <= cohort for cohort in panel.cohorts.tolist())]
    change = changes(panel)[:, np.array(keep, dtype=np.intp) - 1] if keep else np.empty((panel.n_clusters, 0))
    seen = np.isfinite(change)
    treated = np.unique(panel.cluster[panel.ever])
    if seen[treated].sum() < FEWEST:
        return None
    centre = np.array([np.mean(c[np.isfinite(c)]) if np.isfinite(c).any() else 0.0 for c in change.T])
    square = np.where(seen, np.square(change - centre), 0.0)
    pooled = square.sum() / seen.sum()
    count = seen.sum(axis=1)
    mean = np.where(count > 0, square.sum(axis=1) / np.maximum(count, 1), pooled)
    return np.maximum(mean, 1e-6 * pooled) if pooled > 0 else None


def changes(panel: Panel) -> Floats:
    """Each cluster's mean change into each period but the first, (G, T - 1): of units seen in both where followed."""
    g, t = panel.n_clusters, panel.n_periods
    w = np.ones(panel.n_rows) if panel.weights is None else panel.weights
    cluster = panel.cluster[panel.unit]
    if panel.repeated:
        cell = cluster * t + panel.time
        mass = np.bincount(cell, w, g * t)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.diff((np.bincount(cell, w * panel.y, g * t) / mass).reshape(g, t), axis=1))
    follows = np.flatnonzero((np.diff(panel.unit) == 0) & (np.diff(panel.time) == 1)) + 1
    cell = cluster[follows] * t + panel.time[follows]
    mass = np.bincount(cell, w[follows], g * t)
    total = np.bincount(cell, w[follows] * (panel.y[follows] - panel.y[follows - 1]), g * t)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((total / mass).reshape(g, t)[:, 1:])
