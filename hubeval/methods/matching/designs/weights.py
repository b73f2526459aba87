"""From matched sets to weights, one rule for every design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


def from_strata(treated: Flags, stratum: Ints, estimand: str, survey: Floats | None = None) -> Floats:
    """Weights, (n,), that give each group the estimand's mix of strata; each group's weights average 1.

    Where records carry survey weights, a stratum counts by them, not by heads: weights times survey weights then sum
    in each stratum to the same share for both groups, however unlike their survey weights are.

    Parameters
    ----------
    treated : (n,) bool
    stratum : (n,) int
        Codes from 0; -1 for records outside every stratum. Every stratum must hold both groups.
    estimand : {"ATT", "ATC", "ATE"}
    survey : (n,) float, optional

    Examples
    --------
    >>> import numpy as np
    >>> on, cell = np.array([True, False, False, True, False]), np.array([0, 0, 0, 1, 1])
    >>> from_strata(on, cell, "ATT")
    array([1.  , 0.75, 0.75, 1.  , 1.5 ])
    >>> from_strata(on, cell, "ATT", np.array([3., 1., 1., 1., 1.])) * np.array([3., 1., 1., 1., 1.])
    array([3.   , 1.125, 1.125, 1.   , 0.75 ])
    """
    used = np.flatnonzero(stratum >= 0)
    code, on = stratum[used], treated[used]
    heads = np.ones(used.size) if survey is None else survey[used]
    both, one = np.bincount(code, weights=heads), np.bincount(code, weights=heads * on)
    target = one if estimand == "ATT" else both - one if estimand == "ATC" else both
    with np.errstate(divide="ignore", invalid="ignore"):
        for_one, for_two = target / one, target / (both - one)
    w = np.zeros(treated.shape[0])
    w[used] = averaged(np.where(on, for_one[code], for_two[code]), on)
    return w


def from_links(treated: Flags, focal: Ints, other: Ints, survey: Floats | None = None) -> Floats:
    """Weights, (n,), of matching with replacement: each focal record's matches share its weight of 1.

    Where records carry survey weights, they share the focal record's, each by its own.
    """
    w = np.zeros(treated.shape[0])
    heads = np.ones(treated.shape[0]) if survey is None else survey
    share = np.bincount(focal, weights=heads[other], minlength=treated.shape[0])
    w[focal] = 1.0
    np.add.at(w, other, heads[focal] / share[focal])
    return averaged(w, treated)


def carried(terms: Floats, survey: Floats | None, stratum: Ints) -> Floats | None:
    """The survey weights that sets are to count by, or None where they are to count by heads.

    Where all records of every set are identical in every covariate, a set stands for a cell, and each side must count
    by the cell's survey weight however the other side was asked. Where they are only near (on a score), each record
    keeps its own weight, which brings back the population among equals in score; counting by the other's would not
    (Austin, Jembere & Chiu 2018 compare the two).

    Parameters
    ----------
    terms : (n, q) float
        Covariates as compared.
    survey : (n,) float or None
    stratum : (n,) int
        Codes from 0; -1 for records outside every set.

    Examples
    --------
    >>> import numpy as np
    >>> survey, sets = np.array([1.0, 4.0]), np.array([0, 0])
    >>> carried(np.array([[2.0], [2.0]]), survey, sets) is survey, carried(np.array([[2.0], [2.1]]), survey, sets)
    (True, None)
    """
    used = np.flatnonzero(stratum >= 0)
    if survey is None or not used.size:
        return None
    first = np.unique(stratum[used], return_index=True)
    place = used[first[1]][np.searchsorted(first[0], stratum[used])]
    return survey if bool((terms[used] == terms[place]).all()) else None


def averaged(w: Floats, treated: Flags) -> Floats:
    """Weights scaled so that those above zero average 1 in each group."""
    w = w.copy()
    for group in (treated, ~treated):
        used = np.flatnonzero(group & (w > 0))
        if used.size:
            w[used] *= used.size / w[used].sum()
    return w


def effective(w: Floats) -> float:
    """Kish's effective sample size, ``(sum w)^2 / sum w^2``.

    Examples
    --------
    >>> import numpy as np
    >>> effective(np.array([1., 1., 2.]))
    2.6666666666666665
    """
    total = float((w**2).sum())
    return float(w.sum()) ** 2 / total if total > 0 else 0.0
