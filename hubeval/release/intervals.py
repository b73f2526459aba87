"""How closely a count that is not shown can be placed by whoever adds and subtracts the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.release.linked import Linked
    from hubeval.release.profiles import ReleaseProfile

    Floats = NDArray[np.float64]

_EPS = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attack:
    """What an outsider knows of n counts, as distances from the true ones.

    Attributes
    ----------
    sums : array (m, n)
    down, up : array (n,)
        How far below and above the truth a count could lie for all that is shown of it (0 where shown unrounded).
    down_more, up_more : array (n,)
        How much further once it is not shown: down to zero, and up without limit that matters.
    """

    sums: Floats
    down: Floats
    up: Floats
    down_more: Floats
    up_more: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reach:
    """How far above the truth one count can be moved with the others, and the prices that prove it.

    `moved` (n,) is the attacker's alternative to the truth; for any choice y of hidden cells the distance is at most
    ``constant + weights @ y`` (duality).
    """

    distance: float
    moved: Floats
    constant: float
    weights: Floats


def attack_on(cells: Linked, profile: ReleaseProfile, fixed: NDArray[np.bool_] | None = None) -> Attack:
    """The outsider's starting point for these cells under this profile.

    Parameters
    ----------
    cells : Linked
    profile : ReleaseProfile
    fixed : array (n,) of bool, optional
        Cells that are known exactly whatever is decided now: they have been released before.
    """
    counts = cells.counts.astype(float)
    down, up = np.zeros_like(counts), np.zeros_like(counts)
    if profile.base > 1:
        half = profile.base / 2
        rounded = profile.base * np.floor(counts / profile.base + 0.5)
        seen = counts >= profile.threshold
        down[seen] = (counts - np.maximum(rounded - half, profile.threshold))[seen]
        up[seen] = (rounded + half - counts)[seen]
        down, up = np.maximum(down, 0.0), np.maximum(up, 0.0)
    most = np.maximum(counts, 2.0 * profile.width) + 1.0
    down_more, up_more = counts - down, most - up
    if fixed is not None:
        for bound in (down, up, down_more, up_more):
            bound[fixed] = 0.0
    return Attack(sums=cells.sums.astype(float), down=down, up=up, down_more=down_more, up_more=up_more)


def reach(attack: Attack, hidden: Floats, cell: int, sign: int) -> Reach:
    """How far the count `cell` can lie above (`sign` 1) or below (-1) the truth, by one linear programme.

    Parameters
    ----------
    attack : Attack
    hidden : array (n,) from 0 to 1
        Which cells are not shown; fractions while a relaxation is being solved.
    cell, sign : int
    """
    low = -(attack.down + attack.down_more * hidden)
    high = attack.up + attack.up_more * hidden
    free = (high - low) > _EPS
    free[cell] = True
    rows = np.flatnonzero(np.any(attack.sums[:, free] != 0, axis=1))
    goal = np.zeros(len(hidden))
    goal[cell] = -sign
    if len(rows):
        from scipy.optimize import linprog  # noqa: PLC0415 - slow to import, and most results have nothing to hide

        limits = list(zip(low[free].tolist(), high[free].tolist(), strict=True))
        found = linprog(goal[free], A_eq=attack.sums[np.ix_(rows, free)], b_eq=np.zeros(len(rows)), bounds=limits)
        prices = np.zeros(attack.sums.shape[0])
        prices[rows] = found.eqlin.marginals
        moved = np.zeros(len(hidden))
        moved[free] = np.asarray(found.x)
        distance = sign * float(moved[cell])
    else:
        prices, moved = np.zeros(attack.sums.shape[0]), np.zeros(len(hidden))
        distance = float(high[cell] if sign > 0 else -low[cell])
        moved[cell] = sign * distance
    # for every y: distance(y) <= sum_j max over z_j in its bounds of (c - A' pi)_j z_j
    net = -(goal - attack.sums.T @ prices)
    net[np.abs(net) < _EPS] = 0.0
    over, under = np.maximum(net, 0.0), np.maximum(-net, 0.0)
    return Reach(
        distance=distance,
        moved=moved,
        constant=float(over @ attack.up + under @ attack.down),
        weights=over * attack.up_more + under * attack.down_more,
    )


def interval(cells: Linked, hidden: NDArray[np.bool_], cell: int, profile: ReleaseProfile) -> tuple[float, float]:
    """The lowest and highest value that a count could have for all that is shown.

    Examples
    --------
    >>> from hubeval.release.linked import crossed
    >>> from hubeval.release.profiles import release_profile
    >>> table = crossed([3, 20])
    >>> interval(table, np.array([True, False, False]), 0, release_profile("ons"))
    (3.0, 3.0)
    >>> interval(table, np.array([True, True, False]), 0, release_profile("ons"))
    (0.0, 23.0)
    """
    attack = attack_on(cells, profile)
    attack = replace(attack, up_more=attack.up_more + float(cells.counts.sum()))  # nothing known from outside
    at = hidden.astype(float)
    low, high = (reach(attack, at, cell, sign).distance for sign in (-1, 1))
    truth = float(cells.counts[cell])
    return round(truth - low, 6) + 0.0, round(truth + high, 6)
