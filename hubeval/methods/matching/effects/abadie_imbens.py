"""Errors for matching with replacement (Abadie & Imbens 2006, "Large sample properties of matching estimators")."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy

from hubeval.engine.means import Means
from hubeval.methods.matching.designs.distance import coordinates
from hubeval.methods.matching.designs.genetic import emphasised
from hubeval.methods.matching.designs.nearest import on_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.effects.outcome import Case

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Flags = NDArray[np.bool_]


def abadie_imbens(case: Case, *, neighbours: int = 2) -> tuple[Means, str]:
    """Mean difference over matched sets, its variance the population one of Abadie & Imbens."""
    matched, links = case.matched, case.matched.links
    both = (links.treated, links.comparison)
    focal, other = both if matched.request.estimand == "ATT" else both[::-1]
    keep = case.has[focal] & case.has[other]
    focal, other = focal[keep], other[keep]
    share = 1 / np.bincount(focal, minlength=matched.study.n)[focal]
    z = _metric(case)
    lot = matched.study.lot  # among equally near records the first is taken: by lot, as in the matching itself
    turn = np.arange(matched.study.n) if lot is None else np.argsort(lot, kind="stable")
    local = np.empty(matched.study.n)
    y = np.where(case.has, case.y, np.nan)
    local[turn] = local_variance(y[turn], z[turn], case.treated[turn], neighbours=neighbours)
    difference, variance, base = matching_variance(case.y, focal, other, share, local)
    sign = 1.0 if matched.request.estimand == "ATT" else -1.0
    one, two = (base + difference, base) if sign > 0 else (base, base + difference)
    # the two means are not estimated apart here: all the variance is put on the imputed one, so only a difference can
    # be made of them, not a ratio
    covariance = np.diag([0.0, variance]) if sign > 0 else np.diag([variance, 0.0])
    n = int(np.unique(focal).size)
    words = (
        f"difference in means over matched sets; Abadie–Imbens error for matching with replacement "
        f"({neighbours} neighbours for the conditional variance, the score taken as known)"
    )
    return Means(one=one, two=two, covariance=covariance, df=max(n - 1, 1), clusters=n), words


def matching_variance(y: Floats, focal: Ints, other: Ints, share: Floats, local: Floats) -> tuple[float, float, float]:
    """Mean difference focal less matched, its variance, and the matched mean.

    Parameters
    ----------
    y : (n,) float
    focal, other : (m,) int
        Links.
    share : (m,) float
        Weight of each link; sums to 1 within a focal record.
    local : (n,) float
        Conditional variance of the outcome at each record.

    Notes
    -----
    ``V = [sum_focal (y - yhat - tau)^2 + sum_other (K^2 - K') s^2] / n1^2``, K the sum of a record's shares and K' the
    sum of their squares (Abadie & Imbens 2006, section 4).
    """
    n = y.shape[0]
    imputed = np.bincount(focal, weights=share * y[other], minlength=n)
    mine = np.unique(focal)
    gap = y[mine] - imputed[mine]
    tau = float(gap.mean())
    used = np.bincount(other, weights=share, minlength=n)
    squared = np.bincount(other, weights=share**2, minlength=n)
    extra = float(np.nansum(((used**2 - squared) * local)[used > 0]))
    variance = (float(((gap - tau) ** 2).sum()) + extra) / mine.size**2
    return tau, variance, float(imputed[mine].mean())


def local_variance(y: Floats, z: Floats, treated: Flags, *, neighbours: int = 2) -> Floats:
    """Conditional variance of the outcome at each record, (n,), from its nearest neighbours in the same group."""
    made = np.full(y.shape[0], np.nan)
    for group in (treated, ~treated):
        at = np.flatnonzero(group & ~np.isnan(y))
        j = min(neighbours, at.size - 1)
        if j < 1:
            made[at] = 0.0
            continue
        near = np.asarray(scipy.spatial.cKDTree(z[at]).query(z[at], k=j + 1)[1])
        # a record may not come first among exact ties: drop it wherever it stands, else drop the last
        itself = near == np.arange(at.size)[:, None]
        itself[~itself.any(axis=1), -1] = True
        others = near[~itself].reshape(at.size, j)
        made[at] = np.column_stack([y[at], y[at][others]]).var(axis=1, ddof=1)
    return made


def _metric(case: Case) -> Floats:
    """Coordinates of the distance that was matched on."""
    matched = case.matched
    if matched.emphasis and matched.score is not None:
        return emphasised(matched.study, matched.score, matched.emphasis)
    if matched.request.in_space:
        assert isinstance(matched.request.distance, str)
        return coordinates(matched.study.terms, matched.study.treated, matched.request.distance)
    assert matched.score is not None
    return on_scale(matched.score, matched.request.options.link)[:, None]
