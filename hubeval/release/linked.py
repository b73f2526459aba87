"""Counts that hang together: the cells of every table of one report, and the sums that hold among them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Sum = tuple[str, Sequence[str]]  # the key of a total, and the keys of the cells that make it up

ALL = "*"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linked:
    """Counts with the sums that tie them together.

    Attributes
    ----------
    keys : tuple of str
        A name for each of n cells; a count that stands in several places has one name.
    counts : array (n,) of int
    sums : array (m, n) of int
        Each row a sum that holds: 1 for the total, -1 for each of its parts; ``sums @ counts`` is zero.
    """

    keys: tuple[str, ...]
    counts: NDArray[np.int64]
    sums: NDArray[np.int64]

    def place(self, key: str) -> int:
        """Where the cell of that name stands."""
        return self.keys.index(key)


def crossed(counts: ArrayLike, name: str = "") -> Linked:
    """An n-way table of counts with all its margins.

    Parameters
    ----------
    counts : array of int, one axis a variable
    name : str
        Put before each key, so that tables that share no cell stay apart.

    Returns
    -------
    Linked
        Keys such as ``"0|1"`` for a cell and ``"0|*"`` for a margin.

    Examples
    --------
    >>> table = crossed([[3, 20], [15, 40]])
    >>> table.keys
    ('0|0', '0|1', '0|*', '1|0', '1|1', '1|*', '*|0', '*|1', '*|*')
    >>> int(table.counts[table.place("0|*")])
    23
    """
    inner = np.asarray(counts)
    _whole(inner)
    levels = [[*map(str, range(size)), ALL] for size in inner.shape]
    start = f"{name}:" if name else ""
    found: dict[str, int] = {}
    sums: list[Sum] = []
    for place in product(*levels):
        picked = inner[tuple(slice(None) if level == ALL else int(level) for level in place)]
        key = start + "|".join(place)
        found[key] = int(picked.sum())
        for axis, level in enumerate(place):
            if level == ALL:
                parts = ["|".join((*place[:axis], str(k), *place[axis + 1 :])) for k in range(inner.shape[axis])]
                sums.append((key, [start + part for part in parts]))
    return linked(found, sums)


def linked(counts: Mapping[str, int], sums: Sequence[Sum]) -> Linked:
    """Counts by name, and the sums that hold among them.

    Parameters
    ----------
    counts : mapping of str to int
    sums : sequence of (total, parts)
        Keys of `counts`.

    Raises
    ------
    BadInput
        A sum that does not hold, or names a cell that is not there.

    Examples
    --------
    >>> both = linked({"all": 591, "matched": 528, "unmatched": 63}, [("all", ["matched", "unmatched"])])
    >>> both.sums.tolist()
    [[1, -1, -1]]
    """
    keys = tuple(counts)
    values = np.array([counts[key] for key in keys], dtype=np.int64)
    _whole(values)
    at = {key: i for i, key in enumerate(keys)}
    matrix = np.zeros((len(sums), len(keys)), dtype=np.int64)
    for row, (total, parts) in enumerate(sums):
        missing = [key for key in (total, *parts) if key not in at]
        if missing or counts[total] != sum(counts[key] for key in parts):
            found = f"sum {row + 1} " + ("names a cell that is not there" if missing else "does not hold")
            raise BadInput([Problem("linked tables", found, "sums of the cells given", "Correct it.")])
        matrix[row, at[total]] = 1
        matrix[row, [at[key] for key in parts]] = -1
    return Linked(keys=keys, counts=values, sums=matrix)


def joined(parts: Sequence[Linked], sums: Sequence[Sum] = ()) -> Linked:
    """Several linked sets as one; cells of one name are one cell; `sums` tie them further.

    Examples
    --------
    >>> one = crossed([3, 20], "2025")
    >>> two = crossed([4, 22], "2026")
    >>> joined([one, two]).counts.tolist()
    [3, 20, 23, 4, 22, 26]
    """
    counts: dict[str, int] = {}
    every: list[Sum] = list(sums)
    for part in parts:
        for key, count in zip(part.keys, part.counts.tolist(), strict=True):
            if counts.setdefault(key, count) != count:
                found = "one cell has two counts"
                raise BadInput([Problem("linked tables", found, "one count a name", "Name them apart.")])
        for row in part.sums:
            total = part.keys[int(np.argmax(row))]
            every.append((total, [part.keys[c] for c in np.flatnonzero(row < 0)]))
    return linked(counts, every)


def _whole(counts: NDArray[Any]) -> None:
    """Counts are whole and not negative."""
    if not np.issubdtype(counts.dtype, np.integer) or bool((counts < 0).any()):
        found = "a count is negative or not whole"
        raise BadInput([Problem("linked tables", found, "whole numbers from 0", "Correct it.")])
