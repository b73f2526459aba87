"""An outsider with a linear programme: from what is shown alone, how closely can each hidden count be placed?

Written apart from the gate and sharing nothing with it: it is given the shown values, the rounding base and the sums.
"""

from __future__ import annotations

import itertools

import numpy as np
from scipy.optimize import linprog


def margins(shape):
    """Every (total, parts) of an n-way table with margins, by keys such as "0|*"."""
    levels = [[*map(str, range(size)), "*"] for size in shape]
    for place in itertools.product(*levels):
        for axis, level in enumerate(place):
            if level == "*":
                parts = [(*place[:axis], str(k), *place[axis + 1 :]) for k in range(shape[axis])]
                yield "|".join(place), ["|".join(part) for part in parts]


def bounds_of(value, base):
    """What a shown value says of the count: itself, or all that rounds to it; None says only that it is a count."""
    if value is None:
        return 0.0, None
    return (float(value), float(value)) if base == 1 or value == 0 else (max(value - base / 2, 0.0), value + base / 2)


def intervals(shown, sums, base, wanted=None):
    """The lowest and highest value that each hidden count could have."""
    keys = list(shown)
    at = {key: i for i, key in enumerate(keys)}
    rows = np.zeros((len(sums), len(keys)))
    for row, (total, parts) in enumerate(sums):
        rows[row, at[total]] = 1.0
        for part in parts:
            rows[row, at[part]] -= 1.0
    limits = [bounds_of(shown[key], base) for key in keys]
    found = {}
    for key in wanted or [key for key in keys if shown[key] is None]:
        ends = []
        for sign in (1.0, -1.0):
            goal = np.zeros(len(keys))
            goal[at[key]] = sign
            done = linprog(
                goal, A_eq=rows if len(rows) else None, b_eq=np.zeros(len(rows)) if len(rows) else None, bounds=limits
            )
            assert done.status in (0, 3), done.message
            ends.append(done.x[at[key]] if done.status == 0 else sign * -np.inf)
        found[key] = tuple(ends)
    return found


def recovered(shown, sums, base, secret, width):
    """The secret cells that can be placed within less than `width`."""
    found = intervals(shown, sums, base, wanted=secret)
    return [key for key in secret if found[key][1] - found[key][0] < width - 1e-6]
