"""The two sides of a cut-off as arrays, nearest first, so that every bandwidth is the first so many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of the cut-off, its rows in order of distance from it.

    Attributes
    ----------
    x : (n,) float
        Distance from the cut-off with its sign.
    values : (n, k) float
        The outcome; then, in a fuzzy design, treatment; then covariates.
    first : (g,) int
        Where each distinct value of `x` begins.
    cluster : (n,) int or None
        Codes from 0.
    """

    x: Floats
    values: Floats
    first: Whole
    cluster: Whole | None = None

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.x)

    @property
    def points(self) -> Floats:
        """(g,) the distances that occur, each once, nearest first and without sign."""
        return np.abs(self.x[self.first])

    @property
    def reach(self) -> float:
        """The farthest distance on this side."""
        return float(abs(self.x[-1]))

    def within(self, h: float, *, edge: bool = False) -> int:
        """How many rows lie nearer than `h`; with `edge`, at `h` too."""
        return int(np.searchsorted(np.abs(self.x), h, side="right" if edge else "left"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Both sides of one cut-off; `fuzzy` says that the second column of `values` is treatment."""

    left: Side
    right: Side
    fuzzy: bool = False

    @property
    def sides(self) -> tuple[Side, Side]:
        """Below, then above."""
        return self.left, self.right

    @property
    def n(self) -> int:
        """Rows on both sides."""
        return self.left.n + self.right.n

    @property
    def covariates(self) -> int:
        """How many columns of `values` are covariates."""
        return int(self.left.values.shape[1]) - 1 - self.fuzzy


def cut_at(
    x: Floats,
    y: Floats,
    *,
    taken: Floats | None = None,
    covariates: Floats | None = None,
    cluster: Whole | None = None,
) -> Cut:
    """Sort once and split at nought; a value of nought is above.

    Parameters
    ----------
    x : (n,) float
        Running variable less the cut-off.
    y : (n,) float
    taken : (n,) float, optional
        Treatment, in a fuzzy design.
    covariates : (n, m) float, optional
    cluster : (n,) int codes, optional

    Examples
    --------
    >>> import numpy as np
    >>> cut = cut_at(np.array([0.5, -1.0, 0.0, -2.0]), np.array([4.0, 2.0, 3.0, 1.0]))
    >>> cut.left.x, cut.right.values[:, 0]
    (array([-1., -2.]), array([3., 4.]))
    """
    columns = [y, *((taken,) if taken is not None else ()), *(() if covariates is None else covariates.T)]
    values = np.column_stack(columns).astype(float)
    order = np.argsort(x, kind="stable")
    middle = int(np.searchsorted(x[order], 0.0))

    def side(rows: Whole) -> Side:
        own = x[rows]
        first = np.flatnonzero(np.r_[True, own[1:] != own[:-1]]) if len(own) else np.zeros(0, dtype=np.intp)
        return Side(x=own, values=values[rows], first=first, cluster=None if cluster is None else cluster[rows])

    return Cut(left=side(order[:middle][::-1]), right=side(order[middle:]), fuzzy=taken is not None)
