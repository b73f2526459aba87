"""A stable argsort of numbers in a few passes: by their place on a line of 2^32 steps, then by insertion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.compiled import COMPILED, compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SHIFT = 31  # bits of a packed word that hold the row; the step stands above them
DIGIT = 2048  # 11 bits at a time


def ordered(value: Floats) -> tuple[Ints, Floats]:
    """Rows in ascending order of `value`, (n,), ties in the order of the rows, and the sorted values.

    Examples
    --------
    >>> import numpy as np
    >>> ordered(np.array([0.3, 0.1, 0.3, 0.2]))
    (array([1, 3, 0, 2]), array([0.1, 0.2, 0.3, 0.3]))
    """
    value = np.ascontiguousarray(value)
    if COMPILED and 0 < value.size < 2**SHIFT:
        spread = float(value.max()) - float(value.min())
        if np.isfinite(spread) and spread > 1e-290:
            row, s, settled = by_radix(value, float(value.min()), (2.0**32 - 1) / spread)
            if settled:
                return row, s
    row = np.argsort(value, kind="stable")
    return row, value[row]


@compiled
def by_radix(value: Floats, low: float, scale: float) -> tuple[Ints, Floats, bool]:
    """Sort on the step, 11 bits at a time, then mend inside steps by insertion; gives up where few steps hold most."""
    n = value.shape[0]
    packed, other = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    count = np.zeros((3, DIGIT), dtype=np.int64)
    for i in range(n):
        step = np.int64((value[i] - low) * scale)
        packed[i] = (step << SHIFT) | i
        for r in range(3):
            count[r, (step >> (11 * r)) & (DIGIT - 1)] += 1
    for r in range(3):
        start = 0
        for j in range(DIGIT):
            count[r, j], start = start, start + count[r, j]
        for i in range(n):
            j = (packed[i] >> (SHIFT + 11 * r)) & (DIGIT - 1)
            other[count[r, j]] = packed[i]
            count[r, j] += 1
        packed, other = other, packed
    row, s = other, np.empty(n)
    moves = 0
    for i in range(n):
        q = packed[i] & (2**SHIFT - 1)
        v, j = value[q], i
        while j > 0 and s[j - 1] > v:
            s[j], row[j] = s[j - 1], row[j - 1]
            j -= 1
            moves += 1
        s[j], row[j] = v, q
        if moves > 16 * n:
            return row, s, False
    return row, s, True


def grouped(row: Ints, code: Ints) -> Ints:
    """`row` in ascending order of `code`, (n,) from 0, its own order kept within a code.

    Examples
    --------
    >>> import numpy as np
    >>> grouped(np.array([7, 5, 9]), np.array([1, 0, 1]))
    array([5, 7, 9])
    """
    return row[np.argsort(code, kind="stable")] if not COMPILED else by_count(row, code)


@compiled
def by_count(row: Ints, code: Ints) -> Ints:
    """`grouped`, by counting."""
    n, most = row.shape[0], 0
    for i in range(n):
        most = max(most, code[i])
    start = np.zeros(most + 2, dtype=np.int64)
    for i in range(n):
        start[code[i] + 1] += 1
    for j in range(most):
        start[j + 1] += start[j]
    out = np.empty(n, dtype=np.int64)
    for i in range(n):
        out[start[code[i]]] = row[i]
        start[code[i]] += 1
    return out
