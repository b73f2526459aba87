"""Where fewer, larger groups keep more: neighbouring bins of few taken together, and months as quarters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.release.counts import rounded_counts
from hubeval.release.rounding import digits_for, significant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.release.rules import Rules

_BINNED = ("means-", "change-by-dose")


def merged_neighbours(
    x: Sequence[float], y: Sequence[float], n: Sequence[int], least: int
) -> tuple[list[float], list[float], list[int]]:
    """Means of neighbouring bins, those of few together with the next until they are of enough.

    Parameters
    ----------
    x, y : sequence of float
        Where the bins lie, and their means.
    n : sequence of int
        How many persons each holds.
    least : int

    Returns
    -------
    lists of where, mean and number
        Nothing where all of them together are too few.

    Examples
    --------
    >>> merged_neighbours([1.0, 2.0, 3.0, 4.0], [5.0, 7.0, 9.0, 1.0], [20, 6, 14, 3], 10)
    ([1.0, 2.869565217391304], [5.0, 7.434782608695652], [20, 23])
    >>> merged_neighbours([1.0, 2.0], [5.0, 7.0], [4, 3], 10)
    ([], [], [])
    """
    made: list[tuple[float, float, int]] = []
    open_ = (0.0, 0.0, 0)
    for where, mean, size in zip(x, y, n, strict=True):
        open_ = _together(open_, (where, mean, size))
        if open_[2] >= least:
            made.append(open_)
            open_ = (0.0, 0.0, 0)
    if open_[2] and made:
        made[-1] = _together(made[-1], open_)
    return [one[0] for one in made], [one[1] for one in made], [one[2] for one in made]


def _together(one: tuple[float, float, int], other: tuple[float, float, int]) -> tuple[float, float, int]:
    n = one[2] + other[2]
    if not one[2] or not other[2]:
        return other if not one[2] else one
    x, y = ((one[k] * one[2] + other[k] * other[2]) / n for k in (0, 1))
    return x, y, n


def coarser(figure: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """A figure whose binned means are of enough persons each; of monthly counts, what quarters keep is said."""
    for one in figure["series"]:
        if one["holds"] == "count":
            _ask_for_quarters([None if y is None else round(y) for y in one["y"]], figure["x_label"], rules)
    if rules.place or rules.unsaid or not figure["name"].startswith(_BINNED):
        return figure
    made = [
        _bins(one, figure["name"], rules) if one["style"] == "points" and one["holds"] == "mean" else one
        for one in figure["series"]
    ]
    fewer = sum(len(one["y"]) for one in figure["series"]) - sum(len(one["y"]) for one in made)
    if fewer:
        rules.note(figure["name"], "merged", f"{fewer} bins of few, each with the next")
    return {**figure, "series": made}


def _bins(one: dict[str, Any], name: str, rules: Rules) -> dict[str, Any]:
    """A series of binned means in which no bin is of few; where it lies no finer than the mean of so many may be."""
    least = rules.profile.threshold
    if any(v is None for key in ("x", "y", "n") for v in one[key]) or len(one["n"]) != len(one["y"]):
        return one
    few = any(n < least for n in one["n"])
    x, y, n = merged_neighbours(one["x"], one["y"], one["n"], least) if few else (one["x"], one["y"], one["n"])
    if not few and name.startswith("means-"):
        return one  # whose bins lie on a round grid
    x = [significant(where, digits_for(size)) for where, size in zip(x, n, strict=True)]
    return {**one, "x": x, "y": y, "n": n, "low": [], "high": []}


def _ask_for_quarters(counts: Sequence[int | None], unit: str, rules: Rules) -> None:
    """Say how much quarters would keep, where months of a series of counts are withheld.

    They are not put in the months' place here: whoever holds a month from elsewhere, such as an earlier release, would
    take it off its quarter.
    """
    if not unit.startswith("month") or not any(n and n < rules.profile.threshold for n in counts):
        return
    known, kept = (sum(n is not None for n in each) for each in (counts, rounded_counts(counts, rules)))
    whole = [counts[i : i + 3] for i in range(0, len(counts) - 2, 3)]
    sums = [None if None in part else sum(n or 0 for n in part) for part in whole]
    would = sum(n is not None for n in rounded_counts(sums, rules))
    if would * known > kept * max(sum(n is not None for n in sums), 1):
        rules.ask(
            f"{known - kept} of {known} months of a series of counts are withheld. Added up three at a time, {would} "
            f"of {len(sums)} quarters could be shown: to release those, bring the file by quarter and register that."
        )
