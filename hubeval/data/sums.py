"""What a council's units add up to, and units that add up to the same: enough for everything that two moments decide.

A unit's outcomes over all periods are one row. Every difference-in-differences without covariates is linear in such
rows, and its error clustered by unit or above is a quadratic form in them; so the number of rows, their mean and their
cross-products about it, cohort by cohort, say all that estimates and errors can see. From those three, rows can be made
that have exactly the same mean and cross-products, and a room can be asked about them as about any others. They are
nobody's: any rotation of them would do as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """One group of units: how many, the mean of each column, and cross-products about it, (d,) and (d, d)."""

    n: int
    mean: Floats
    cross: Floats


def sums_of(rows: Floats) -> Sums:
    """The sums of complete rows, (n, d).

    Examples
    --------
    >>> made = sums_of(np.array([[1.0, 2.0], [3.0, 6.0]]))
    >>> made.n, made.mean.tolist(), made.cross.tolist()
    (2, [2.0, 4.0], [[2.0, 4.0], [4.0, 8.0]])
    """
    mean = rows.mean(axis=0)
    apart = rows - mean
    return Sums(n=len(rows), mean=mean, cross=apart.T @ apart)


def rows_like(sums: Sums) -> Floats:
    """Rows with exactly these sums, (n, d); the same each time.

    The cross-products are parted into directions, each laid along one of n - 1 contrasts that sum to nothing.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rows = rng.normal(size=(9, 3))
    >>> again = sums_of(rows_like(sums_of(rows)))
    >>> bool(np.allclose(again.cross, sums_of(rows).cross)), bool(np.allclose(again.mean, rows.mean(axis=0)))
    (True, True)
    """
    size, direction = np.linalg.eigh((sums.cross + sums.cross.T) / 2)
    order = np.argsort(size)[::-1][: max(sums.n - 1, 0)]
    size = np.sqrt(np.clip(size[order], 0.0, None))
    parts = (
        _contrasts(sums.n, len(order)) * size @ direction[:, order].T
        if len(order)
        else np.zeros((sums.n, len(sums.mean)))
    )
    return np.asarray(sums.mean + parts)


def _contrasts(n: int, k: int) -> Floats:
    """The first k columns of Helmert's contrasts of n, each of length 1 and summing to 0, (n, k)."""
    made = np.zeros((n, k))
    for j in range(k):
        made[: j + 1, j] = 1.0
        made[j + 1, j] = -(j + 1.0)
        made[:, j] /= np.sqrt((j + 1.0) * (j + 2.0))
    return made
