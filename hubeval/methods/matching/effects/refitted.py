"""The smooth learner fitted again in every fold: another function each time, in one and the same space of functions.

How much each covariate counts and how bent the functions may be is settled once, on all of a group: a handful of
numbers, and most of the work. The function itself and its penalty no fold learns from the records that it predicts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.matching.effects.smooth import MOST, ridge

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from hubeval.methods.matching.effects.smooth import Laid

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def refitted(
    laid: Laid, y: Floats, weights: Floats, among: Flags, splits: list[tuple[Any, Any]], *, seed: int = 0
) -> Floats:
    """Predicted outcome of every record, (n,), by a fit that never saw it.

    Parameters
    ----------
    laid : Laid
        The group's smooth fit, beside all records.
    y, weights : (n,) float
    among : (n,) bool
        The group whose records are fitted on.
    splits : list of (fit, held) positions
        Every record is held once.
    seed : int
        Which records are fitted on, where a fold has more than 10,000.

    Examples
    --------
    >>> from hubeval.methods.matching.effects.smooth import laid, smooth
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(300, 2))
    >>> y, halves = np.abs(x[:, 0]) + 0.1 * rng.normal(size=300), [np.arange(150), np.arange(150, 300)]
    >>> folds = [(halves[1], halves[0]), (halves[0], halves[1])]
    >>> made = refitted(laid(x, smooth(x, y)), y, np.ones(300), np.ones(300, dtype=bool), folds)
    >>> float(np.std(made - np.abs(x[:, 0]))) < 0.1
    True
    """
    own, root = np.flatnonzero(among), laid.learned.basis.root
    most = MOST * len(splits) // (len(splits) - 1)
    if own.size > most:
        own = np.random.default_rng(seed).choice(own, most, replace=False)
    features, fold = laid.features(own), np.empty(y.size, dtype=np.intp)
    slopes, level = np.empty((root.shape[0], len(splits))), np.empty(len(splits))
    for k, (_, held) in enumerate(splits):
        fold[held] = k
    for k in range(len(splits)):
        kept = fold[own] != k
        rows = own[kept]
        made = ridge(features[kept], y[rows], weights[rows] * (rows.size / weights[rows].sum()))
        slopes[:, k], level[k] = root @ made.slopes, made.constant
    out = np.empty(y.size)
    for part, kernel in laid.chunks():
        mine = fold[part]
        out[part] = (kernel @ slopes)[np.arange(mine.size), mine] + level[mine]
    return out
