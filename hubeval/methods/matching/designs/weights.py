"""From matched sets to weights, one rule for every design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


def from_strata(treated: Flags, stratum: Ints, estimand: str) -> Floats:
    """Weights, (n,), that give each group the estimand's mix of strata; each group's weights average 1.

    Parameters
    ----------
    treated : (n,) bool
    stratum : (n,) int
        Codes from 0; -1 for records outside every stratum. Every stratum must hold both groups.
    estimand : {"ATT", "ATC", "ATE"}

    Examples
    --------
    >>> import numpy as np
    >>> from_strata(np.array([True, False, False, True, False]), np.array([0, 0, 0, 1, 1]), "ATT")
    array([1.  , 0.75, 0.75, 1.  , 1.5 ])
    """
    used = np.flatnonzero(stratum >= 0)
    code, on = stratum[used], treated[used]
    both, one = np.bincount(code), np.bincount(code, weights=on)
    target = one if estimand == "ATT" else both - one if estimand == "ATC" else both
    with np.errstate(divide="ignore", invalid="ignore"):
        for_one, for_two = target / one, target / (both - one)
    w = np.zeros(treated.shape[0])
    w[used] = averaged(np.where(on, for_one[code], for_two[code]), on)
    return w


def from_links(treated: Flags, focal: Ints, other: Ints) -> Floats:
    """Weights, (n,), of matching with replacement: each focal record's matches share its weight of 1."""
    w = np.zeros(treated.shape[0])
    share = np.bincount(focal, minlength=treated.shape[0]).astype(float)
    w[focal] = 1.0
    np.add.at(w, other, 1.0 / share[focal])
    return averaged(w, treated)


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
