"""Specifications of a declared multiverse that may not stand beside one another: one less the other is of a few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.release.rules import Rules


FEW_APART = ", or between them and another that is shown"


def close_specifications(rules: Rules, tables: Sequence[dict[str, Any]]) -> list[list[int]]:
    """Which specifications are closed, before any mark is looked at: as terms, wherever they stand.

    Returns
    -------
    list of the counts, treated and comparison, of those that stand

    Notes
    -----
    An average times its count is a sum. So of two specifications that rest on nearly the same persons, on either side,
    the difference of the sums is that of the few; the first in the order of the grid stands, the registered one first.
    """
    found = next((table for table in tables if table["name"] == "multiverse"), None)
    if found is None or not rules.persons:
        return []
    at = [found["columns"].index(name) for name in ("treated", "comparison")]
    kept: list[list[int]] = []
    closed = set()
    for row in found["rows"]:
        counts = [int(row[place] or 0) for place in at]
        gaps = [abs(n - m) for other in kept for n, m in zip(counts, other, strict=True)]
        apart = [gap for gap in gaps if 0 < gap < rules.profile.threshold]
        if rules.few(min(counts)) or apart:
            closed.add(str(row[0]))
        else:
            kept.append(counts)
    if closed:
        rules.terms = frozenset({*rules.terms, *closed})
        rules.note("multiverse", "withheld", f"{len(closed)} specifications: of few, or a few apart from another")
    return kept


def close_windows(rules: Rules, result: dict[str, Any], beside: Sequence[list[int]] = ()) -> None:
    """Which other windows about a cut-off are closed, where an effect is a difference of plain means.

    Notes
    -----
    As of specifications: of two windows that differ by a few persons on a side, the sums less one another are theirs.
    `beside` are the counts of the specifications that stand: windows too. The headline less one without the nearest is
    a window of the nearest, so that is what is set against the others.
    The readings say the least and the most of all of them, and go with any that is closed; so does the figure.
    """
    head = result["headline_terms"][:1]
    if not rules.persons or not head or not head[0]["inference"].startswith("permutation of sides"):
        return
    whole = [int(head[0][key] or 0) for key in ("n_treated", "n_comparison")]
    kept = [whole, *beside]
    closed = set()
    for table in (one for one in result["tables"] if one["name"].startswith(("bandwidths", "donuts"))):
        at = [i for i, kind in enumerate(table["holds"]) if kind == "count"]
        for row in table["rows"]:
            counts = [int(row[place] or 0) for place in at]
            if table["name"].startswith("donuts"):
                counts = [n - m for n, m in zip(whole, counts, strict=True)]
            gaps = [abs(n - m) for other in [[0, 0], *kept] for n, m in zip(counts, other, strict=True)]
            if any(0 < gap < rules.profile.threshold for gap in gaps):
                closed.add(str(row[0]))
            elif counts not in kept:
                kept.append(counts)
    if closed:
        rules.terms = frozenset({*rules.terms, *closed})
        rules.closed = frozenset({"other bandwidths", "without the nearest", "bandwidths-"})
        rules.note("windows", "withheld", f"{len(closed)} windows: a few persons apart from another")


def without_closed(figure: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """The curve of specifications without the points of those that are closed; any other figure as it is."""
    if figure["name"] != "multiverse" or not rules.terms:
        return figure
    keep = [i for i, (_, label) in enumerate(figure["ticks"]) if label not in rules.terms]
    place = [float(i) for i in range(1, 1 + len(keep))]  # a gap would tell between which others a closed one lies
    columns = ("y", "low", "high", "n")
    series = [
        {**one, "x": place, **{key: [one[key][i] for i in keep] for key in columns if one[key]}}
        for one in figure["series"]
    ]
    labels = [figure["ticks"][i][1] for i in keep]
    return {**figure, "series": series, "ticks": list(zip(place, labels, strict=True))}
