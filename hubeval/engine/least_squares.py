"""Least squares by pivoted QR: the rank is looked at, and what had to be dropped is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import qr, solve_triangular

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


_REFINED = 20_000  # cells of a design small enough to refine for next to nothing


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """A fitted linear model.

    Attributes
    ----------
    coef : (k,) float
        Coefficients; NaN for the columns in `dropped`.
    residuals : (n,) float
        On the scale of `y` (not multiplied by weights).
    bread : (r, r) float
        ``inv(X'WX)`` for the `kept` columns, in their order.
    kept, dropped : tuple of int
        Columns used, and columns that are linear combinations of those before them.
    """

    coef: Floats
    residuals: Floats
    bread: Floats
    kept: tuple[int, ...]
    dropped: tuple[int, ...]

    @property
    def rank(self) -> int:
        """Number of columns used."""
        return len(self.kept)


def least_squares(
    y: Floats, x: Floats, weights: Floats | None = None, *, tolerance: float = 1e-9, refined: bool = True
) -> LeastSquares:
    """(Weighted) least squares of `y` on the columns of `x`.

    Collinear columns are dropped as R's ``lm`` does: the later column goes.

    Parameters
    ----------
    y : (n,) float
    x : (n, k) float
    weights : (n,) float, optional
        Non-negative.
    tolerance : float
        A column whose part orthogonal to those before it is smaller than this share of its norm is dropped.
    refined : bool
        Work the last digits out in extended precision; a step on the way to other steps can do without.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.column_stack([np.ones(4), [0., 1., 2., 3.], [0., 2., 4., 6.]])
    >>> fit = least_squares(np.array([1., 3., 5., 7.]), x)
    >>> fit.coef.round(6), fit.dropped
    (array([ 1.,  2., nan]), (2,))
    """
    root = None if weights is None else np.sqrt(weights)
    xw = x if root is None else x * root[:, None]
    yw = y if root is None else y * root
    scale = np.sqrt(np.einsum("ij,ij->j", xw, xw))
    scale = np.exp2(np.round(np.log2(np.where(scale > 0, scale, 1.0))))  # powers of two: scaling rounds nothing
    xs = xw / scale
    kept, q, r = _independent(xs, tolerance)
    half = solve_triangular(r, np.eye(len(kept)))
    small = refined and xs.size <= _REFINED
    beta = _refined(yw, xs[:, kept], q, half) if small else solve_triangular(r, q.T @ yw)
    coef = np.full(x.shape[1], np.nan)
    coef[kept] = beta / scale[kept]
    bread = (half @ half.T) / np.outer(scale[kept], scale[kept])
    dropped = tuple(j for j in range(x.shape[1]) if j not in set(kept))
    return LeastSquares(coef, y - x[:, kept] @ coef[kept], bread, tuple(kept), dropped)


def _qr(x: Floats) -> tuple[Floats, Floats]:
    q, r = qr(x, mode="economic", check_finite=False)
    return np.asarray(q, dtype=np.float64), np.asarray(r, dtype=np.float64)


def _refined(y: Floats, x: Floats, q: Floats, half: Floats) -> Floats:
    """Two steps of Bjorck's (1967) refinement, residuals in extended precision: NIST Longley from 11 digits to 12.

    `half` is the inverse of the triangle R, which is all that these steps need of it.
    """
    beta = half @ (q.T @ y)
    exact, target = x.astype(np.longdouble), y.astype(np.longdouble)
    residual = target - exact @ beta
    b = beta.astype(np.longdouble)
    for _ in range(2):
        gap = (target - residual - exact @ b).astype(float)
        skew = half.T @ (exact.T @ residual).astype(float)
        inside = q.T @ gap
        residual = residual + (gap - q @ inside - q @ skew)
        b = b + half @ (inside + skew)
    return np.asarray(b, dtype=float)


def _independent(x: Floats, tolerance: float) -> tuple[list[int], Floats, Floats]:
    """Columns kept, with the Q and R of those columns in their given order."""
    q, r = _qr(x)
    size = np.abs(np.diag(r))
    if size.size == x.shape[1] and (size > tolerance).all():
        return list(range(x.shape[1])), q, r
    kept: list[int] = []
    basis = np.empty((x.shape[0], 0))
    for j in range(x.shape[1]):
        rest = x[:, j] - basis @ (basis.T @ x[:, j])
        rest -= basis @ (basis.T @ rest)  # twice is enough (Kahan)
        norm = float(np.linalg.norm(rest))
        if norm > tolerance and len(kept) < x.shape[0]:
            kept.append(j)
            basis = np.column_stack([basis, rest / norm])
    q, r = _qr(x[:, kept])
    return kept, q, r
