"""A weighted polynomial on one side of a cut-off, in distances measured in bandwidths (so that powers stay tame)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.rdd.door.sides import Side

    Floats = NDArray[np.float64]

Kernel = Literal["triangular", "uniform", "epanechnikov"]


def weigh(u: Floats, kernel: Kernel) -> Floats:
    """Kernel weights at distances `u` in bandwidths, (n,).

    Examples
    --------
    >>> import numpy as np
    >>> weigh(np.array([0.0, -0.5, 1.0]), "triangular")
    array([1. , 0.5, 0. ])
    """
    a = np.abs(u)
    if kernel == "triangular":
        return np.asarray(np.maximum(1 - a, 0.0))
    if kernel == "uniform":
        return np.where(a <= 1, 0.5, 0.0)
    return np.asarray(0.75 * np.maximum(1 - a * a, 0.0))


def powers_of(u: Floats, order: int) -> Floats:
    """Columns 1, u, u squared, …, (n, order + 1): by multiplication, which is far faster than by powers.

    Examples
    --------
    >>> import numpy as np
    >>> powers_of(np.array([2.0, 3.0]), 2)
    array([[1., 2., 4.],
           [1., 3., 9.]])
    """
    made = np.ones((len(u), order + 1))
    for power in range(1, order + 1):
        made[:, power] = made[:, power - 1] * u
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A local polynomial of the nearest `n` rows; powers are of x / h.

    Attributes
    ----------
    h : float
    u : (n,) float
        Distances in bandwidths.
    powers, weighted : (n, order + 1) float
        The polynomial's columns; the same times the kernel.
    inverse : (order + 1, order + 1) float
    beta : (order + 1, k) float
        Coefficients of every column of the side's values.
    """

    h: float
    u: Floats
    powers: Floats
    weighted: Floats
    inverse: Floats
    beta: Floats

    @property
    def n(self) -> int:
        """Rows in the window."""
        return len(self.u)

    def raw(self, power: int) -> Floats:
        """(k,) coefficients of a power of the distance itself."""
        found: Floats = self.beta[power] / self.h**power
        return found


def fit(side: Side, h: float, order: int, kernel: Kernel) -> Local:
    """Fit every column of the side's values on powers of distance up to `order`, weighted by the kernel at `h`."""
    n = side.within(h, edge=kernel == "uniform")
    u = side.x[:n] / h
    powers = powers_of(u, order)
    weighted = powers * weigh(u, kernel)[:, None]
    inverse: Floats = np.asarray(np.linalg.pinv(powers.T @ weighted, hermitian=True), dtype=float)
    return Local(h=h, u=u, powers=powers, weighted=weighted, inverse=inverse,
                 beta=inverse @ (weighted.T @ side.values[:n]))
