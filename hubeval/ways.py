"""In how many ways starts could have been given out, and the smallest p-value that this leaves: one formula for all."""

from __future__ import annotations

from math import comb, exp, lgamma, log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ENUMERATE_UP_TO = 20_000  # ways that are all tried
DRAWS = 4_999  # ways that are drawn, beside the real one, where there are more
_EXACT = log(1e15)


def ways(n: int, sizes: Sequence[int]) -> float:
    """In how many ways groups of these sizes can be picked from n.

    Parameters
    ----------
    n : int
    sizes : sequence of int
        How many start in each wave; what is left never starts.

    Examples
    --------
    >>> ways(5, [1, 2]), ways(12, [1])
    (30.0, 12.0)
    """
    size = lgamma(n + 1) - sum(lgamma(s + 1) for s in (*sizes, n - sum(sizes)))
    if size > _EXACT:
        return exp(min(700.0, size))
    found = 1
    for one in sizes:
        found *= comb(n, one)
        n -= one
    return float(found)


def smallest_p(n: int, sizes: Sequence[int]) -> float:
    """The smallest p-value that permuting the starts can give: that of the ways there are, or of those drawn.

    Examples
    --------
    >>> round(smallest_p(6, [1, 1]), 3), round(smallest_p(15, [1]), 3), smallest_p(100, [50])
    (0.033, 0.067, 0.0002)
    """
    total = ways(n, sizes)
    return 1 / total if total <= ENUMERATE_UP_TO else 1 / (DRAWS + 1)
