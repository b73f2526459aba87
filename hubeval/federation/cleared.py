"""Whether sums may leave: enough units in every group, and no sum that gives the values of a few of them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput, Door, Problem
from hubeval.release.dominance import dominated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.release.profiles import ReleaseProfile

    Floats = NDArray[np.float64]

_CURE = "Merge starts into longer periods, drop the cluster, or take longer periods. Nothing was written."


def require_cleared(sizes: Sequence[int], incomplete: int, rules: ReleaseProfile) -> None:
    """Refuse a packet without a group, or with one too small to be shown.

    Parameters
    ----------
    sizes : sequence of int
        Units in each group.
    incomplete : int
        Units left out because a value was missing.

    Raises
    ------
    BadInput
        There is no group, or one holds fewer units than the rules allow.
    """
    if not sizes:
        found = f"none of {incomplete} units has a value in every period"
        cure = "Fill gaps at the source, or drop periods by a caution. Nothing was written."
        raise BadInput([Problem("packet", found, "some that have", cure)])
    least = rules.threshold if rules.open else max(rules.threshold, 3)
    small = sum(n < least for n in sizes)
    if small:
        found = f"{small} of {len(sizes)} groups hold fewer units than may be shown"
        cure = "Merge starts into longer periods, or drop the cluster. Nothing was written."
        raise BadInput([Problem("packet", found, f"at least {least} units in each cohort (and cluster)", cure)])


def given_away(groups: Sequence[Floats], labels: Sequence[str], rules: ReleaseProfile) -> None:
    """Refuse sums that would give the values of a few units away.

    The number of units times their mean is their sum. It tells the value of one that makes up nearly all of it; of a
    few that alone differ from a value which the others share; and of everybody where all have the same. Cross-products
    of outcomes with two values count the units that have both, so those counts are held to the threshold too.

    Parameters
    ----------
    groups : sequence of arrays (n, d)
        Rows of each group, outcome by outcome.
    labels : sequence of str
        The outcomes' labels.
    rules : ReleaseProfile

    Raises
    ------
    BadInput
        Each such outcome with the reason; no value is repeated.

    Examples
    --------
    >>> from hubeval.release.profiles import release_profile
    >>> rows = np.zeros((40, 1))
    >>> rows[:3] = 1.0
    >>> try:
    ...     given_away([rows], ["Referred"], release_profile("ons"))
    ... except BadInput as error:
    ...     print(error.problems[0].found)
    'Referred': fewer than 10 units of a group differ from a value that all others share
    """
    if rules.open:
        return
    door = Door()
    for k, label in enumerate(labels):
        parts = [np.array_split(rows, len(labels), axis=1)[k] for rows in groups]
        reasons = {reason for part in parts for column in part.T if (reason := _reason(column, rules))}
        if not reasons and any(_few_in_both(part, rules) for part in parts):
            reasons = {f"has two values, and fewer than {rules.threshold} units of a group have some pair of them"}
        for reason in sorted(reasons):
            door.refuse("packet", f"{label!r}: {reason}", "sums that give away the values of no few units", _CURE)
    door.close()


def _reason(column: Floats, rules: ReleaseProfile) -> str | None:
    """Why the sum of one outcome in one period may not leave; None where it may."""
    if dominated(column, rules):
        return "one or two units of a group make up nearly all of its sum"
    values, counts = np.unique(column, return_counts=True)
    apart = int(len(column) - counts.max())
    if 0 < apart < rules.threshold:
        return f"fewer than {rules.threshold} units of a group differ from a value that all others share"
    if apart == 0 and (values[0] != 0 or not rules.zero):
        return "all units of a group have the same value"
    return None


def _few_in_both(rows: Floats, rules: ReleaseProfile) -> bool:
    """Whether fewer than the threshold have some pair of values in two periods of an outcome with two values."""
    values = np.unique(rows)
    if len(values) != 2:
        return False
    high = (rows == values[1]).astype(float)
    return any(
        bool(((both > 0) & (both < rules.threshold)).any())
        for both in (high.T @ high, high.T @ (1 - high), (1 - high).T @ (1 - high))
    )
