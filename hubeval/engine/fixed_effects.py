"""Two sets of fixed effects taken out exactly, balanced or not: one by means, the other by a small solve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class TwoWay:
    """Two crossed sets of effects, ready to be taken out of any columns.

    The first set is swept out by weighted means; what is left is a system the size of the second
    set, solved exactly. So make the second set the small one (periods, cohorts), not the units.
    A full grid in order, all weights 1, needs means along rows and columns only.

    Attributes
    ----------
    first, second : (n,) int
        Codes 0..A-1 and 0..B-1; each code occurs with positive weight.
    weights : (n,) float
    mass : (A,) float
        Sum of weights by first code.
    shape : (int, int)
        A and B.
    table : (A, B) sparse float or None
        Sum of weights by pair of codes; None for a full grid.
    inverse : (B, B) float
        Generalised inverse of the second set's system.
    parts : (A,) int, (B,) int
        Connected part of the graph of codes that each code lies in; effects are comparable within one.
    """

    first: Codes
    second: Codes
    weights: Floats
    mass: Floats
    shape: tuple[int, int]
    table: csr_array | None
    inverse: Floats
    parts: tuple[Codes, Codes]

    @property
    def components(self) -> int:
        """Number of connected parts."""
        return int(self.parts[0].max()) + 1

    @property
    def rank(self) -> int:
        """Dimension of the space that the two sets span: A + B - components."""
        return sum(self.shape) - self.components

    def effects(self, values: Floats) -> tuple[Floats, Floats]:
        """Least-squares effects of both sets, (A, k) and (B, k); a normalisation within each component.

        Parameters
        ----------
        values : (n, k) float
        """
        if self.table is None:
            grid = values.reshape(*self.shape, -1)
            first = grid.mean(axis=1)
            return first, grid.mean(axis=0) - first.mean(axis=0)
        a, b = self.shape
        means = column_sums(self.first, self.weights[:, None] * values, a) / self.mass[:, None]
        inside = self.weights[:, None] * (values - means[self.first])
        second = self.inverse @ column_sums(self.second, inside, b)
        return means - (self.table @ second) / self.mass[:, None], second

    def residuals(self, values: Floats) -> Floats:
        """`values` with both sets taken out, (n, k) or (n,) as given.

        Examples
        --------
        >>> import numpy as np
        >>> a, b = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 0, 1, 0])
        >>> bool(np.abs(two_way(a, b).residuals(a * 3.0 + b)).max() < 1e-12)
        True
        """
        columns = values[:, None] if values.ndim == 1 else values
        first, second = self.effects(columns)
        if self.table is None:
            rest = columns.reshape(*self.shape, -1) - first[:, None, :]
            rest -= second
        else:
            rest = columns - first[self.first] - second[self.second]
        return np.asarray(rest).reshape(values.shape)

    def spread(self, by_first: Floats, by_second: Floats) -> Floats:
        """Row weights v on the sample, in its span, such that ``sum v z = target`` for every effect, (n, k).

        The least-squares representer: for any y, ``v'y`` equals the same combination of fitted
        effects as ``by_first`` and ``by_second`` are of the effects themselves.

        Parameters
        ----------
        by_first : (A, k) float
        by_second : (B, k) float
        """
        table = np.ones(self.shape) if self.table is None else self.table
        second = self.inverse @ (by_second - table.T @ (by_first / self.mass[:, None]))
        first = (by_first - table @ second) / self.mass[:, None]
        return np.asarray(self.weights[:, None] * (first[self.first] + second[self.second]))


def column_sums(codes: Codes, values: Floats, size: int) -> Floats:
    """Sums of each column of `values` (n, k) by code, (size, k).

    Examples
    --------
    >>> import numpy as np
    >>> column_sums(np.array([0, 1, 1]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), 2).tolist()
    [[1.0, 2.0], [8.0, 10.0]]
    """
    summed = np.empty((size, values.shape[1]))
    for j in range(values.shape[1]):
        summed[:, j] = np.bincount(codes, values[:, j], size)
    return summed


def two_way(first: Codes, second: Codes, weights: Floats | None = None) -> TwoWay:
    """Prepare two crossed sets of fixed effects.

    Parameters
    ----------
    first, second : (n,) int
        Codes without gaps: every value 0..max occurs with positive weight.
    weights : (n,) float, optional

    Examples
    --------
    >>> import numpy as np
    >>> two_way(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])).rank
    3
    """
    w = np.ones(len(first)) if weights is None else weights
    a, b = shape = int(first.max()) + 1, int(second.max()) + 1
    if _is_grid(first, second, shape) and (weights is None or bool((weights == 1).all())):
        inverse = (np.eye(b) - 1 / b) / a
        parts = np.zeros(a, dtype=np.intp), np.zeros(b, dtype=np.intp)
        return TwoWay(first, second, w, np.full(a, float(b)), shape, None, inverse, parts)
    table = csr_array((w, (first, second)), shape=shape)
    mass = np.asarray(np.bincount(first, w, a), dtype=np.float64)
    shares = csr_array((w / mass[first], (first, second)), shape=shape)
    system = np.diag(np.bincount(second, w, b)) - (table.T @ shares).toarray()
    parts = _parts(table)
    values, vectors = np.linalg.eigh(system)
    keep = slice(int(parts[0].max()) + 1, None)  # one null direction for each part, and eigh sorts upwards
    inverse = (vectors[:, keep] / values[keep]) @ vectors[:, keep].T
    return TwoWay(first, second, w, mass, shape, table, inverse, parts)


def _is_grid(first: Codes, second: Codes, shape: tuple[int, int]) -> bool:
    """Every pair of codes once, in order."""
    a, b = shape
    if len(first) != a * b:
        return False
    rows, columns = first.reshape(a, b), second.reshape(a, b)
    return bool((rows == np.arange(a)[:, None]).all() and (columns == np.arange(b)).all())


def _parts(table: csr_array) -> tuple[Codes, Codes]:
    a, b = table.shape
    rows, columns = table.nonzero()
    graph = csr_array((np.ones(len(rows)), (rows, columns + a)), shape=(a + b, a + b))
    labels = np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)
    return labels[:a], labels[a:]
