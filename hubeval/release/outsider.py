"""What an outsider can work out of a released result: a linear programme over the counts that stand in its files."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Sum = tuple[str, Sequence[str]]  # a total, and the cells that make it up

_EPS = 1e-6
_SIDES = ("n_treated", "n_comparison")


def worked_out(result: Mapping[str, Any], threshold: int, base: int) -> list[str]:
    """The counts that are not shown and can be told to be small from those that are, and counts that differ by a few.

    Parameters
    ----------
    result : mapping
        A released result, as in ``result.json``.
    threshold, base : int
        Of the profile that it names.

    Examples
    --------
    >>> sample = {"n_units": 40, "n_treated": None, "n_comparison": 37}
    >>> worked_out({"sample": sample, "tables": [], "release": {"counts": {}}}, 10, 1)
    ['sample: n_treated can be placed from 3 to 3', '1 pairs of counts differ by fewer than 10']
    """
    cells, sums = _cells(result)
    found = []
    for name in (name for name, shown in cells.items() if shown is None):
        low, high = _ends(name, cells, sums, base)
        if 0 < high < threshold and high - low < threshold - 1 - _EPS:
            found.append(f"{name} can be placed from {max(low, 0):g} to {high:g}")
    counts = {n for n in (*cells.values(), *result["release"].get("counts", {}).values()) if n}
    few = [pair for pair in combinations(sorted(counts), 2) if 0 < pair[1] - pair[0] < threshold]
    if base == 1 and few:
        found.append(f"{len(few)} pairs of counts differ by fewer than {threshold}")
    return found


def few_apart(results: Sequence[Mapping[str, Any]], threshold: int) -> int:
    """How many counts of the same name differ by a few between two released results of one folder.

    Examples
    --------
    >>> two = [{"release": {"base": 1, "counts": {"sample: n_units": n}}} for n in (591, 590)]
    >>> few_apart(two, 10)
    1
    """
    exact = [one["release"].get("counts", {}) for one in results if one["release"].get("base") == 1]
    return sum(
        0 < abs(one[name] - two[name]) < threshold
        for one, two in combinations(exact, 2) for name in one.keys() & two.keys()
        if one[name] is not None and two[name] is not None
    )  # fmt: skip


def _cells(result: Mapping[str, Any]) -> tuple[dict[str, float | None], list[Sum]]:
    """Counts by where they stand, and the sums that hold among them."""
    sample = result["sample"]
    cells: dict[str, float | None] = {f"sample: {key}": sample[key] for key in ("n_units", *_SIDES)}
    sums: list[Sum] = []
    last = sample.get("flow", [])[-1:]
    if not last or last[0]["n_units"] == sample["n_units"]:  # else some are in neither group
        sums.append(("sample: n_units", [f"sample: {key}" for key in _SIDES]))
    for table in result["tables"]:
        for place in (i for i, kind in enumerate(table["holds"]) if kind == "count"):
            rows = [row for row in table["rows"] if "effective" not in str(row[0])]
            here = {f"{table['name']}, {table['columns'][place]}: {row[0]}": row[place] for row in rows}
            total = next((name for name in here if name.endswith(": all")), None)
            if total is not None and len(here) == len({str(row[0]) for row in rows}) > 2:
                cells |= here
                sums.append((total, [name for name in here if name != total]))
    return cells, sums


def _ends(name: str, cells: Mapping[str, float | None], sums: Sequence[Sum], base: int) -> tuple[float, float]:
    """The lowest and highest that a count can be for all that is shown."""
    keys = list(cells)
    rows = np.zeros((len(sums), len(keys)))
    for i, (total, parts) in enumerate(sums):
        rows[i, keys.index(total)] = 1.0
        for part in parts:
            rows[i, keys.index(part)] -= 1.0
    half = base / 2 if base > 1 else 0.0
    limits = [(0.0, None) if n is None else (max(n - half, 0.0), n + half) for n in cells.values()]
    ends = []
    for sign in (1.0, -1.0):
        goal = np.zeros(len(keys))
        goal[keys.index(name)] = sign
        done = linprog(goal, A_eq=rows if sums else None, b_eq=np.zeros(len(sums)) if sums else None, bounds=limits)
        ends.append(float(np.asarray(done.x)[keys.index(name)]) if done.status == 0 else sign * -np.inf)
    return round(ends[0], 6), round(ends[1], 6)
