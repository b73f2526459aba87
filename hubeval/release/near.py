"""Subgroups that part nearly the same people: a level of one less a level of the other would be of a few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from numpy.typing import NDArray

    from hubeval.release.rules import Rules

_MOST = 14  # groups of levels of which every union is tried; of more, none is shown to be far enough apart


def near_others(shown: Mapping[str, Collection[str]], rules: Rules) -> frozenset[str]:
    """Subgroups that may not stand beside one declared before them.

    Parameters
    ----------
    shown : mapping of str to set of str
        By subgroup, in the order declared, the levels that may be shown; the others count as one.
    rules : Rules

    Returns
    -------
    frozenset of str
        With a level hidden alone, the headline less the other levels would be that level: so the whole subgroup goes.
    """
    who = rules.behind.members
    kept: list[NDArray[np.str_]] = []
    gone: set[str] = set()
    for subgroup, levels in shown.items():
        if subgroup not in who.levels or not levels:
            continue
        mine = np.where(np.isin(who.levels[subgroup], sorted(levels)), who.levels[subgroup], "")
        if any(
            nearly_alike(mine[among], other[among], rules.profile.threshold)
            for other in kept for among in _samples(rules)
        ):  # fmt: skip
            gone.add(subgroup)
            rules.note(f"subgroup {subgroup}", "withheld", "levels of nearly the same people as in one that is shown")
        else:
            kept.append(mine)
    return frozenset(gone)


def _samples(rules: Rules) -> Iterator[NDArray[np.bool_]]:
    """Either side, all of it and as near to a cut-off as the headline looks."""
    who = rules.behind.members
    for side, n in zip((who.treated, ~who.treated), (*rules.sides, None, None), strict=False):
        yield side
        if who.away.any() and n and n < side.sum():
            yield side & (who.away <= np.partition(who.away[side], n - 1)[n - 1])


def nearly_alike(one: NDArray[np.str_], other: NDArray[np.str_], threshold: int) -> bool:
    """Whether levels of one subgroup, or several together, are those of another but for a few people.

    Parameters
    ----------
    one, other : array of str, shape (n,)
        The level of each person in either; empty for all of whom none is shown.
    threshold : int
        As many people or more are not a few.

    Returns
    -------
    bool

    Notes
    -----
    The people of a cell that is large in the cross-table cannot be among the few. So its two levels stand on one side
    of any split that is nearly the same in both, and only unions of levels so tied are tried.

    Examples
    --------
    >>> girls = np.array(["f"] * 50 + ["m"] * 60)
    >>> nearly_alike(girls, np.array(["rents"] * 53 + ["owns"] * 57), 10)
    True
    >>> nearly_alike(girls, np.array(["rents"] * 50 + ["owns"] * 60), 10)
    False
    >>> nearly_alike(girls, np.array(["rents", "owns"] * 55), 10)
    False
    """
    rows, at = np.unique(one, return_inverse=True)
    columns, below = np.unique(other, return_inverse=True)
    cells = np.zeros((len(rows), len(columns)), dtype=np.int64)
    np.add.at(cells, (at, below), 1)
    tied = _tied(cells >= threshold)
    n = int(tied.max(initial=-1)) + 1
    if n > _MOST:
        return True
    for number in range(1, 2 ** max(n - 1, 0)):  # the last group is left out: a union and all the rest are one split
        first, second = ((number >> tied[: len(rows)]) & 1, (number >> tied[len(rows) :]) & 1)
        if first.all() != second.all() or first.any() != second.any():
            continue  # nobody, or everybody, in one of them: how many its levels are is asked elsewhere
        crossing = int(cells[first[:, None] != second[None, :]].sum())
        if 0 < crossing < threshold:
            return True
    return False


def _tied(large: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The number of the group of each row and then of each column, those that share a large cell in one."""
    rows, columns = large.shape
    group = np.arange(rows + columns)
    for i, j in zip(*np.nonzero(large), strict=True):
        group[group == group[rows + j]] = group[i]
    return np.unique(group, return_inverse=True)[1].astype(np.int64)
