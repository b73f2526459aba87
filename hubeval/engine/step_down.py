"""Several tests read together by how they would vary together if nothing had moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS = 20_000
_TIE = 1e-9  # p-values nearer than this, relatively, are one


@dataclass(frozen=True, slots=True, kw_only=True)
class JointNull:
    """How the p-values of a room's headlines would vary together, had nothing moved; never shown itself.

    Attributes
    ----------
    labels : tuple of str
        The outcomes, one a column.
    p_values : (B, m) float
        Each row drawn together.
    how : str
        In words: ``"the same permuted starts for every outcome"``.
    """

    labels: tuple[str, ...]
    p_values: Floats
    how: str


def step_down(p_values: Sequence[float | None], null: Floats) -> tuple[float, ...]:
    """Family-wise adjusted p-values from a joint null distribution of p-values, in the order given.

    The smallest p-value is held against the smallest of all under the null, the next against the smallest of those
    that remain, and so on; none is below one before it, nor below what it was alone.

    Parameters
    ----------
    p_values : (m,) sequence of float or None
        None where there is none: it is 1.
    null : (B, m) float
        Each row p-values drawn together where nothing moved.

    References
    ----------
    Romano, J. P. and Wolf, M. (2005). Exact and approximate stepdown methods for multiple hypothesis testing. Journal
    of the American Statistical Association 100, 94-108.

    Examples
    --------
    >>> import numpy as np
    >>> alike = np.repeat(np.linspace(0.01, 1, 100), 2).reshape(-1, 2)  # one outcome, named twice
    >>> step_down((0.02, 0.04), alike), step_down((None, 0.04), alike)
    ((0.02, 0.04), (1.0, 0.04))
    """
    known = np.array([1.0 if p is None else p for p in p_values])
    order = np.argsort(known, kind="stable")
    # the smallest of what remains at each step, from the last step back
    least = np.minimum.accumulate(null[:, order][:, ::-1], axis=1)[:, ::-1]
    share = (least <= known[order] * (1 + _TIE)).mean(axis=0)
    made = np.empty(len(known))
    made[order] = np.minimum(np.maximum(np.maximum.accumulate(share), known[order]), 1.0)
    return tuple(map(float, np.where(known >= 1, 1.0, made)))


def by_multipliers(influence: Floats, *, draws: int = DRAWS, seed: int = 20261122) -> Floats:
    """P-values drawn together where nothing moved, (draws, m), by a multiplier bootstrap of influence.

    Gaussian multipliers: given the data their draws are normal with the estimated correlation, so that is what is
    drawn. Each column is uniform by itself; only how they hang together is estimated.

    Parameters
    ----------
    influence : (m, G) float
        What each independent piece (unit, cluster) moves each estimate by.

    References
    ----------
    Chernozhukov, V., Chetverikov, D. and Kato, K. (2013). Gaussian approximations and multiplier bootstrap for maxima
    of sums of high-dimensional random vectors. Annals of Statistics 41, 2786-2819.

    Examples
    --------
    >>> import numpy as np
    >>> p = by_multipliers(np.array([[1.0, -1.0, 0.5], [1.0, -1.0, 0.5]]), draws=100)
    >>> p.shape, bool(np.allclose(p[:, 0], p[:, 1]))
    ((100, 2), True)
    """
    size = np.sqrt(np.einsum("kg,kg->k", influence, influence))
    scaled = influence / np.where(size > 0, size, 1.0)[:, None]
    values, vectors = np.linalg.eigh(scaled @ scaled.T)
    root = vectors * np.sqrt(np.maximum(values, 0))
    z = np.random.default_rng(seed).standard_normal((draws, len(root))) @ root.T
    return np.asarray(2 * stats.norm.sf(np.abs(z)))


def by_rank(draws: Floats) -> Floats:
    """The p-value that each way would have had, had it been the real one, (B, m).

    Parameters
    ----------
    draws : (B, m) float
        Estimates under the same ways for every outcome, no effect assumed.

    References
    ----------
    Westfall, P. H. and Young, S. S. (1993). Resampling-based multiple testing. Wiley.

    Examples
    --------
    >>> import numpy as np
    >>> by_rank(np.array([[3.0], [-1.0], [2.0], [1.0]])).ravel().tolist()
    [0.25, 1.0, 0.5, 1.0]
    """
    size = np.abs(draws)
    ordered = np.sort(size, axis=0)
    made = np.empty_like(size)
    for k in range(size.shape[1]):
        below = np.searchsorted(ordered[:, k], size[:, k] * (1 - _TIE) - 1e-300, side="left")
        made[:, k] = (len(size) - below) / len(size)
    return made
