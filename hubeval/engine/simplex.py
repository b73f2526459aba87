"""Least squares over the simplex, exactly: the point of a convex hull nearest to a target.

``min ||A w - b||^2 + ridge ||w||^2`` over ``w >= 0, sum(w) = 1`` is the search for the minimum-norm
point of the hull of the columns of ``A - b``. Wolfe's active-set method ends after finitely many steps
at the optimum itself, and the duality gap says how far from it rounding has left the answer. Every sum is
taken in a fixed order (no threaded BLAS call), so the same input gives the same bits on any number of threads.

References
----------
Wolfe, P. (1976). Finding the nearest point in a polytope. Mathematical Programming 11, 128-149.
Jaggi, M. (2013). Revisiting Frank-Wolfe. ICML (the duality gap as a certificate).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

CERTIFIED = 1e-9  # largest relative duality gap that counts as the optimum
_RESOLUTION = 1e-6  # share of the donors' mean square below which rounding of the weights is felt in the gap


@dataclass(frozen=True, slots=True)
class SimplexFits:
    """Solutions of `m` problems over the same `n` columns.

    Attributes
    ----------
    weights : (m, n) float
        Non-negative, each row sums to one; exactly zero off the support.
    objective : (m,) float
        Sum of squares at the solution, the ridge term included.
    gap : (m,) float
        Duality gap: the objective lies at most this far above its minimum.
    relative_gap : (m,) float
        The gap as a share of the objective, or of a millionth of the donors' mean squared distance from the
        target where the fit is closer than that: there the rounding of the weights themselves is felt.
    iterations : (m,) int
        Columns that entered the support on the way.
    """

    weights: Floats
    objective: Floats
    gap: Floats
    relative_gap: Floats
    iterations: NDArray[np.int64]

    @property
    def certified(self) -> bool:
        """Whether every solution is optimal to a relative duality gap of 1e-9."""
        return bool((self.relative_gap <= CERTIFIED).all())


def simplex_fit(a: Floats, b: Floats, *, ridge: float = 0.0) -> SimplexFits:
    """Simplex-constrained least squares of one target on the columns of `a`.

    Parameters
    ----------
    a : (t, n) float
        One column a donor.
    b : (t,) float
        The target.
    ridge : float
        Penalty on the sum of squared weights.

    Returns
    -------
    SimplexFits
        With one row.

    Examples
    --------
    >>> import numpy as np
    >>> fit = simplex_fit(np.array([[0., 4., 9.], [4., 0., 9.]]), np.array([1., 3.]))
    >>> fit.weights[0].round(12).tolist(), fit.certified
    ([0.75, 0.25, 0.0], True)
    """
    return simplex_fits(a, np.asarray(b)[:, None], np.ones((1, a.shape[1]), dtype=bool), ridge=ridge)


def simplex_fits(a: Floats, b: Floats, allowed: Flags, *, ridge: float = 0.0) -> SimplexFits:
    """Simplex-constrained least squares of many targets, each on its own subset of the columns of `a`.

    Parameters
    ----------
    a : (t, n) float
        One column a donor.
    b : (t, m) float
        One column a target.
    allowed : (m, n) bool
        The columns each target may use; at least one a target.
    ridge : float
        Penalty on the sum of squared weights.

    Examples
    --------
    Every column on all the others, as placebo tests need:

    >>> import numpy as np
    >>> y = np.array([[1., 2., 3.], [2., 4., 6.]])
    >>> simplex_fits(y, y, ~np.eye(3, dtype=bool)).weights.round(12).tolist()
    [[0.0, 1.0, 0.0], [0.5, 0.0, 0.5], [0.0, 1.0, 0.0]]
    """
    a = np.ascontiguousarray(a, dtype=np.float64)
    targets = np.ascontiguousarray(np.asarray(b, dtype=np.float64).T)
    m, n = allowed.shape
    weights, facts = np.zeros((m, n)), np.zeros((m, 4))
    _solve_all(a, targets, np.ascontiguousarray(allowed), float(ridge), weights, facts)
    objective, gap, scale = facts[:, 0], facts[:, 1], facts[:, 2]
    relative = gap / np.maximum(np.maximum(objective, _RESOLUTION * scale), np.finfo(float).tiny)
    return SimplexFits(weights, objective, gap, relative, facts[:, 3].astype(np.int64))


def _dot_loop(x: Floats, y: Floats) -> float:
    total = 0.0
    for i in range(x.size):
        total += x[i] * y[i]
    return total


def _dot_plain(x: Floats, y: Floats) -> float:
    return float(np.einsum("i,i->", x, y))


def _combine_loop(rows: Floats, w: Floats, k: int, out: Floats) -> None:
    """``out = w[:k]' rows[:k]``, row by row: the inner loop vectorises without reordering a sum."""
    for j in range(out.size):
        out[j] = 0.0
    for i in range(k):
        for j in range(out.size):
            out[j] += w[i] * rows[i, j]


def _combine_plain(rows: Floats, w: Floats, k: int, out: Floats) -> None:
    np.einsum("i,ij->j", w[:k], rows[:k], out=out)


def _lowest_loop(values: Floats, allowed: Flags) -> int:
    best = -1
    for j in range(values.size):
        if allowed[j] and (best < 0 or values[j] < values[best]):
            best = j
    return best


def _lowest_plain(values: Floats, allowed: Flags) -> int:
    return int(np.where(allowed, values, np.inf).argmin())


def _centre_loop(a: Floats, target: Floats, points: Floats, norms: Floats) -> None:
    """Columns of `a` as seen from the target, and their squared lengths."""
    for j in range(norms.size):
        norms[j] = 0.0
    for i in range(target.size):
        for j in range(norms.size):
            points[i, j] = a[i, j] - target[i]
            norms[j] += points[i, j] * points[i, j]


def _centre_plain(a: Floats, target: Floats, points: Floats, norms: Floats) -> None:
    np.subtract(a, target[:, None], out=points)
    np.einsum("ij,ij->j", points, points, out=norms)


_dot = compiled(_dot_loop, _dot_plain)
_combine = compiled(_combine_loop, _combine_plain)
_lowest = compiled(_lowest_loop, _lowest_plain)
_centre = compiled(_centre_loop, _centre_plain)


def _append_row(corral: Floats, factor: Floats, k: int, shift: float, ridge: float) -> bool:
    """Append point `k` of the corral to the Cholesky factor of its Gram matrix; False where it depends on the rest.

    The shift, added to every entry, keeps the matrix regular for affinely independent points (Wolfe's
    device); the ridge is added to the diagonal.
    """
    for i in range(k):
        factor[k, i] = (_dot(corral[i], corral[k]) + shift - _dot(factor[i, :i], factor[k, :i])) / factor[i, i]
    size = _dot(corral[k], corral[k]) + shift + ridge
    pivot = size - _dot(factor[k, :k], factor[k, :k])
    if pivot <= 1e-14 * size:
        return False
    factor[k, k] = np.sqrt(pivot)
    return True


def _append_plain(corral: Floats, factor: Floats, k: int, shift: float, ridge: float) -> bool:
    """As `_append_row`; here `factor` holds the inverse of the Cholesky factor, so that every step is one product."""
    inverse = factor[:k, :k]
    row = np.einsum("ij,j->i", inverse, np.einsum("ij,j->i", corral[:k], corral[k]) + shift)
    size = float(np.einsum("i,i->", corral[k], corral[k])) + shift + ridge
    pivot = size - float(np.einsum("i,i->", row, row))
    if pivot <= 1e-14 * size:
        return False
    root = np.sqrt(pivot)
    factor[k, :k] = np.einsum("i,ij->j", row, inverse) / -root
    factor[k, k] = 1 / root
    return True


_append = compiled(_append_row, _append_plain)


def _solve_in_place(factor: Floats, k: int, x: Floats) -> None:
    """``x = inv(factor factor') x`` for the leading `k`."""
    for i in range(k):
        x[i] = (x[i] - _dot(factor[i, :i], x[:i])) / factor[i, i]
    for i in range(k - 1, -1, -1):
        x[i] /= factor[i, i]
        for j in range(i):
            x[j] -= x[i] * factor[i, j]


_solve = compiled(_solve_in_place)


def _affine_minimiser(corral: Floats, factor: Floats, k: int, ridge: float, start: Floats, out: Floats) -> float:
    """The point of the affine hull of the corral nearest to the origin, as weights `out`; the smallest of them.

    `start` is any point of that hull. The step from it is solved with the residual taken from the points
    themselves, not from their Gram matrix (corrected seminormal equations), so that repeating it refines.
    """
    r = np.zeros(corral.shape[1])
    _combine(corral, start, k, r)
    ones = np.ones(k)
    for i in range(k):
        out[i] = -_dot(corral[i], r) - ridge * start[i]
    _solve(factor, k, out)
    _solve(factor, k, ones)
    moved, total, least = 0.0, 0.0, np.inf
    for i in range(k):
        moved += out[i]
        total += ones[i]
    for i in range(k):
        out[i] += start[i] - ones[i] * (moved / total)
        least = min(least, out[i])
    return least


def _minimiser_plain(corral: Floats, factor: Floats, k: int, ridge: float, start: Floats, out: Floats) -> float:
    """As `_affine_minimiser`, on the inverse of the Cholesky factor; both solutions at once."""
    points, inverse = corral[:k], factor[:k, :k]
    sought = np.ones((k, 2))
    sought[:, 0] = -np.einsum("ij,j->i", points, np.einsum("i,ij->j", start[:k], points)) - ridge * start[:k]
    moved, ones = np.einsum("ji,jc->ci", inverse, np.einsum("ij,jc->ic", inverse, sought))
    out[:k] = start[:k] + moved - ones * (moved.sum() / ones.sum())
    return float(out[:k].min())


_minimiser = compiled(_affine_minimiser, _minimiser_plain)


def _walk_inside(
    corral: Floats, factor: Floats, members: NDArray[np.int64], w: Floats, k: int, ridge: float, shift: float
) -> int:
    """Wolfe's minor cycle: walk to the affine minimiser, dropping points whose weight reaches zero; the new size."""
    best = np.zeros(w.size)
    while _minimiser(corral, factor, k, ridge, w, best) <= 0:
        share, leaver = 2.0, 0
        for i in range(k):
            if best[i] <= 0 and w[i] <= share * (w[i] - best[i]):
                share, leaver = w[i] / (w[i] - best[i]), i
        for i in range(k):
            w[i] += share * (best[i] - w[i])
        k -= 1
        for i in range(leaver, k):
            w[i], members[i] = w[i + 1], members[i + 1]
            corral[i] = corral[i + 1]
        for i in range(leaver, k):
            _append(corral, factor, i, shift, ridge)
    if _minimiser(corral, factor, k, ridge, best, w) <= 0:
        w[:k] = best[:k]
    total = 0.0
    for i in range(k):
        total += w[i]
    for i in range(k):
        w[i] /= total
    return k


_inside = compiled(_walk_inside)


def _nearest_point(points: Floats, norms: Floats, allowed: Flags, ridge: float, weights: Floats, facts: Floats) -> None:
    """The minimum-norm point of the hull of the `allowed` columns of `points`; writes `weights` and `facts`."""
    t, n = points.shape
    room = n if ridge > 0 else min(n, t + 1)
    corral, factor = np.zeros((room + 1, t)), np.zeros((room + 1, room + 1))
    w, members = np.zeros(room + 1), np.zeros(room + 1, dtype=np.int64)
    r, rise = np.zeros(t), np.zeros(n)
    scale, objective, gap = max(_dot(norms, allowed / allowed.sum()), 1e-300), 0.0, 0.0
    k, entered, candidate = 0, 0, _lowest(norms, allowed)
    while k < room and entered <= 50 * n:
        corral[k], members[k], w[k] = points[:, candidate], candidate, 1.0 if k == 0 else 0.0
        if not _append(corral, factor, k, scale, ridge):
            break
        k, entered = _inside(corral, factor, members, w, k + 1, ridge, scale), entered + 1
        _combine(corral, w, k, r)
        _combine(points, r, t, rise)
        squares, known = 0.0, False
        for i in range(k):
            rise[members[i]] += ridge * w[i]
            squares += w[i] * w[i]
        objective = _dot(r, r) + ridge * squares
        candidate = _lowest(rise, allowed)
        gap = max(2.0 * (objective - rise[candidate]), 0.0)
        for i in range(k):
            known = known or members[i] == candidate
        if known or gap <= 1e-12 * objective or objective <= 1e-26 * scale:
            break
    for i in range(k):
        weights[members[i]] = w[i]
    facts[0], facts[1], facts[2], facts[3] = objective, gap, scale, entered


_nearest = compiled(_nearest_point)


def _solve_targets(a: Floats, targets: Floats, allowed: Flags, ridge: float, weights: Floats, facts: Floats) -> None:
    points, norms = np.zeros(a.shape), np.zeros(a.shape[1])
    for i in range(targets.shape[0]):
        _centre(a, targets[i], points, norms)
        _nearest(points, norms, allowed[i], ridge, weights[i], facts[i])


_solve_all = compiled(_solve_targets)
