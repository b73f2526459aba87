"""Which further counts must stay hidden so that no small one can be worked out: a mixed-integer programme with cuts.

The master problem chooses the fewest cells to hide; for each small cell a linear programme asks how closely an
outsider can place it, and its dual prices give a cut that the next choice must meet (Fischetti and Salazar, 2000).
The answer is checked by the same linear programmes before it is given, whatever the search did.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput, Problem
from hubeval.release.intervals import attack_on, reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.release.intervals import Attack
    from hubeval.release.linked import Linked
    from hubeval.release.profiles import ReleaseProfile

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_EPS = 1e-6
_ROUNDS = 200
_RELAXED = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Suppression:
    """Which of n linked counts stay hidden, and why.

    Attributes
    ----------
    primary, hidden : array (n,) of bool
        Small in themselves; hidden in all, so that the small ones cannot be worked out.
    fewest : bool
        Whether no smaller choice would do (proven), or the search ended in time with one that holds.
    """

    primary: Flags
    hidden: Flags
    fewest: bool


@dataclass(slots=True)
class _Search:
    """The master problem as it grows: hide the fewest cells, subject to every cut found so far."""

    attack: Attack
    cost: Floats
    must: Flags
    never: Flags
    width: float
    until: float
    rows: list[Floats]
    floors: list[float]

    def left(self) -> float:
        """Seconds that remain."""
        return self.until - time.monotonic()

    def relaxed(self) -> Floats | None:
        """Shares of cells, from 0 to 1, at the least cost: where cuts are cheap to find; None where none would do."""
        bounds = list(zip(self.must.astype(float).tolist(), (~self.never).astype(float).tolist(), strict=True))
        rows, floors = (-np.array(self.rows), -np.array(self.floors)) if self.rows else (None, None)
        from scipy.optimize import linprog  # noqa: PLC0415 - slow to import, and most results have nothing to hide

        found = linprog(self.cost, A_ub=rows, b_ub=floors, bounds=bounds)
        return None if found.x is None else np.asarray(found.x)

    def whole(self) -> tuple[Flags, bool] | None:
        """Whole cells at the least cost, and whether that is proven."""
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415 - as above

        rules = LinearConstraint(np.array(self.rows), np.array(self.floors), np.inf) if self.rows else ()
        found = milp(
            self.cost,
            constraints=rules,
            integrality=np.ones(len(self.cost), dtype=np.int64),
            bounds=Bounds(self.must.astype(float), (~self.never).astype(float)),
            options={"time_limit": max(self.left(), 0.01), "mip_rel_gap": 0.0},
        )
        return None if found.x is None else (found.x > 0.5, found.status == 0)

    def cut(self, hidden: Floats, needy: Flags, chosen: Floats | None = None) -> Flags:
        """Add a cut for each cell that can be placed too closely; which those were."""
        low, high = np.zeros_like(hidden), np.zeros_like(hidden)
        open_to = np.zeros(len(hidden), dtype=bool)
        for cell in np.flatnonzero(needy):
            if high[cell] + low[cell] >= self.width - _EPS:
                continue
            if self.left() < 0:
                open_to[cell] = True
                break
            ways = [reach(self.attack, hidden, int(cell), sign) for sign in (1, -1)]
            for way in ways:
                high, low = np.maximum(high, way.moved), np.maximum(low, -way.moved)
            if sum(way.distance for way in ways) >= self.width - _EPS:
                continue
            open_to[cell] = True
            floor = self.width - sum(way.constant for way in ways)
            weights = np.minimum(sum(way.weights for way in ways), floor)
            if chosen is None or weights @ chosen < floor - _EPS:
                self.rows.append(weights / floor)
                self.floors.append(1.0)
        return open_to


def suppress(
    cells: Linked,
    profile: ReleaseProfile,
    *,
    forced: Flags | None = None,
    fixed: Flags | None = None,
) -> Suppression:
    """Hide every small count, and the fewest others, so that none can be placed within the profile's width.

    Parameters
    ----------
    cells : Linked
        Every count of the report that hangs together.
    profile : ReleaseProfile
    forced : array (n,) of bool, optional
        Cells that must be hidden for another reason, and protected like small ones.
    fixed : array (n,) of bool, optional
        Cells that are known already and cannot be hidden any more.

    Raises
    ------
    BadInput
        No choice protects them: a small count follows from what is known already. Where none was found within twice
        ``profile.seconds``, all that may be hidden is.

    References
    ----------
    Fischetti and Salazar-González (2000), Models and algorithms for optimizing cell suppression in tabular data with
    linear constraints, Journal of the American Statistical Association 95.

    Examples
    --------
    >>> from hubeval.release.linked import crossed
    >>> from hubeval.release.profiles import release_profile
    >>> table = crossed([[3, 20, 17], [15, 40, 11], [30, 22, 25]])
    >>> found = suppress(table, release_profile("ons"))
    >>> [table.keys[i] for i in np.flatnonzero(found.hidden)], found.fewest
    (['0|0', '0|2', '1|0', '1|2'], True)
    """
    n = len(cells.counts)
    known = np.zeros(n, dtype=bool) if fixed is None else fixed
    primary = (cells.counts > 0) & (cells.counts < profile.threshold)
    if not profile.zero:
        primary |= cells.counts == 0
    if forced is not None:
        primary |= forced
    if profile.open or not primary.any():
        return Suppression(primary=primary & ~np.bool_(profile.open), hidden=np.zeros(n, dtype=bool), fewest=True)
    needy = primary & ~known
    search = _Search(
        attack_on(cells, profile, known),
        1.0 + 0.5 * cells.counts / (cells.counts.sum() + 1.0),
        needy,
        known,
        float(profile.width),
        time.monotonic() + profile.seconds,
        [],
        [],
    )
    if profile.base == 1:
        _bridges(search, cells.sums)
    hidden, fewest = _searched(search, needy, profile.seconds)
    return Suppression(primary=primary, hidden=hidden, fewest=fewest)


def _bridges(search: _Search, sums: NDArray[np.int64]) -> None:
    """A cell hidden alone in a sum is no secret: it takes another there."""
    for row in sums:
        inside = np.flatnonzero(row)
        for cell in inside:
            if search.never[cell]:
                continue
            rule = np.zeros(len(search.cost))
            rule[inside] = 1.0
            rule[cell] = -1.0
            search.rows.append(rule)
            search.floors.append(0.0)


def _searched(search: _Search, needy: Flags, seconds: float) -> tuple[Flags, bool]:
    """Cuts on the relaxation first, then on whole choices until one holds."""
    for _ in range(_RELAXED):
        share, before = search.relaxed(), len(search.rows)
        if share is None:
            break
        search.cut(share, needy, chosen=share)
        if len(search.rows) == before or search.left() < 0:
            break
    best: Flags | None = None
    for _ in range(_ROUNDS):
        if search.left() < 0:
            break
        found = search.whole()
        if found is None:
            break
        best, proven = found
        if not search.cut(best.astype(float), needy).any():
            return best, proven
    return _completed(search, needy, best, seconds), False


def _completed(search: _Search, needy: Flags, best: Flags | None, seconds: float) -> Flags:
    """Out of time: within as much again, hide on from the last choice, sum by sum, until it holds; at last hide all.

    With nothing shown that was not known before, no choice protects more. So only what is known already can stand in
    the way: where something is, the linear programmes are asked once more, whatever time they take; else refuse.
    """
    hidden = needy.copy() if best is None else best | needy
    search.until = time.monotonic() + seconds
    while search.left() > 0:
        open_to = search.cut(hidden.astype(float), needy)
        if not open_to.any():
            return hidden
        inside = np.any((search.attack.sums != 0) & np.isin(np.arange(len(hidden)), np.flatnonzero(open_to)), axis=1)
        near = np.any(search.attack.sums[inside] != 0, axis=0) & ~hidden & ~search.never
        if not near.any():
            break
        hidden[np.flatnonzero(near)[np.argmin(search.cost[near])]] = True
    hidden = ~search.never
    search.until = np.inf
    if not search.never.any() or not search.cut(hidden.astype(float), needy).any():
        return hidden
    raise BadInput(
        [
            Problem(
                "release",
                "what is known already gives a small count away, whatever else is withheld",
                "a choice that protects every small count",
                "Merge small categories or periods.",
            )
        ]
    )
