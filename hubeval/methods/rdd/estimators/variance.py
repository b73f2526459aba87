"""What is left over for each row (from its nearest neighbours, or from the fit), and the middle of the sandwich."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.rdd.door.sides import Side

    Floats = NDArray[np.float64]
    Whole = NDArray[np.intp]

NEIGHBOURS = 3


def neighbour_residuals(side: Side, n: int, neighbours: int = NEIGHBOURS) -> Floats:
    """Each row less the mean of its nearest neighbours, scaled to the row's own spread (Abadie and Imbens 2006).

    Rows with the same value are neighbours first; then the nearer of the two next values is taken in whole, both
    where they are equally near, until there are `neighbours` others. One pass over distinct values, not rows.

    Parameters
    ----------
    side : Side
    n : int
        Rows of the window, nearest first.
    neighbours : int

    Returns
    -------
    (n, k) float
    """
    values, first = side.values[:n], side.first[: np.searchsorted(side.first, n)]
    ends = np.r_[first[1:], n]
    low, high = _around(side.x[first], first, ends, min(neighbours, n - 1))
    total = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    group = np.repeat(np.arange(len(first)), ends - first)
    others = (high - low - 1)[group].astype(float)[:, None]
    near = (total[high] - total[low])[group]
    return np.asarray(np.sqrt(others / (others + 1)) * (values - (near - values) / np.maximum(others, 1)))


def _around(at: Floats, first: Whole, ends: Whole, wanted: int) -> tuple[Whole, Whole]:
    """First row and the row after the last of each value's neighbourhood, (g,) each."""
    g = len(at)
    left, right = np.arange(g), np.arange(g)  # groups taken in, from left to right
    active = np.flatnonzero(ends - first - 1 < wanted)
    while len(active):
        a, b, here = left[active], right[active], at[active]
        down = np.where(a > 0, np.abs(here - at[np.maximum(a - 1, 0)]), np.inf)
        up = np.where(b < g - 1, np.abs(here - at[np.minimum(b + 1, g - 1)]), np.inf)
        left[active] = a - (down <= up)
        right[active] = b + (up <= down)
        taken = ends[right[active]] - first[left[active]] - 1
        active = active[taken < wanted]
    return first[left], ends[right]


def meat(design: Floats, left_over: Floats, cluster: Whole | None, columns: int | None = None) -> Floats:
    """Sum of outer products of a row's (or a cluster's) share, (p, p).

    Parameters
    ----------
    design : (n, p) float
        Weighted columns.
    left_over : (n,) float
    cluster : (n,) int or None
        Where given, with the usual correction for few of them.
    columns : int, optional
        That the correction counts: those of the fit behind `left_over`; by default those of `design`.
    """
    shares = design * left_over[:, None]
    if cluster is None:
        return np.asarray(shares.T @ shares)
    _, codes = np.unique(cluster, return_inverse=True)
    groups = int(codes.max()) + 1
    sums = np.column_stack([np.bincount(codes, weights=column, minlength=groups) for column in shares.T])
    n, k = len(design), columns or design.shape[1]
    return np.asarray((n - 1) / (n - k) * groups / (groups - 1) * sums.T @ sums)
