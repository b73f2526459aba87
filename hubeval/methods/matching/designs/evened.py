"""Sets among records with the same values, made as small and as many as they can be, at the same total distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


def even(mine: Floats, theirs: Floats, one: Ints, two: Ints, distance: Floats) -> tuple[Ints, Ints, Floats]:
    """The same full matching with the records of each value spread over as many sets as there can be.

    Where many records share a value, one set of all of them costs no more than many small ones: a solver that asks only
    for the least distance may return it, and its comparison records are then worth few. Links at distance 0 are laid
    anew, the larger side dealt out over the smaller; links to other values stay, and so does the total distance.

    Parameters
    ----------
    mine, theirs : (m, r), (k, r) float
        Values of treated and of comparison records.
    one, two : (l,) int
        Links, as indices into the two; every set one record with several.
    distance : (l,) float

    Examples
    --------
    >>> import numpy as np
    >>> same = np.zeros((3, 1)), np.zeros((5, 1))
    >>> one, two, _ = even(*same, np.array([0, 0, 0, 0, 1, 2]), np.array([0, 1, 2, 3, 4, 4]), np.zeros(6))
    >>> [two[one == i].tolist() for i in range(3)]
    [[0, 3], [1, 4], [2]]
    """
    code = np.unique(np.vstack([mine, theirs]), axis=0, return_inverse=True)[1].reshape(-1)
    at_one, at_two = code[: mine.shape[0]], code[mine.shape[0] :]
    inside = at_one[one] == at_two[two]
    held = np.zeros(mine.shape[0], dtype=bool), np.zeros(theirs.shape[0], dtype=bool)
    held[0][one[~inside]], held[1][two[~inside]] = True, True
    free = [~held[0], ~held[1]]
    # a centre whose set reaches to other values keeps its place; its leaves of the same value are free to go
    made_one, made_two = [one[~inside]], [two[~inside]]
    kept = [np.empty(0, dtype=np.int64)] * 2
    links_at = _by_code(at_one[one], inside)
    for rows in links_at:
        a, b = np.unique(one[rows]), np.unique(two[rows])
        a, b = a[free[0][a]], b[free[1][b]]
        if a.size and b.size:
            made_one.append(a[np.arange(max(a.size, b.size)) % a.size])
            made_two.append(b[np.arange(max(a.size, b.size)) % b.size])
        else:  # all that is left stands on one side: it stays with the centres it had
            kept = [np.concatenate([kept[0], one[rows]]), np.concatenate([kept[1], two[rows]])]
    more = sum(part.size for part in made_one[1:])
    new_one = np.concatenate([*made_one, kept[0]])
    new_two = np.concatenate([*made_two, kept[1]])
    return new_one, new_two, np.concatenate([distance[~inside], np.zeros(more + kept[0].size)])


def _by_code(code: Ints, inside: NDArray[np.bool_]) -> list[Ints]:
    """Positions of the links inside each value."""
    rows = np.flatnonzero(inside)
    rows = rows[np.argsort(code[rows], kind="stable")]
    return np.split(rows, np.flatnonzero(np.diff(code[rows])) + 1) if rows.size else []
