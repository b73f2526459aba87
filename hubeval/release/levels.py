"""Levels of subgroups that may not stand: of few, or known from all of them less the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hubeval.release.near import near_others

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hubeval.release.rules import Rules

SIDES = ("treated", "comparison")


def closed_levels(value: Mapping[str, Any], rules: Rules) -> frozenset[int]:
    """Rows of a table of subgroups of which nothing may be shown.

    Parameters
    ----------
    value : mapping
        The table.
    rules : Rules
        Its `sides` are how many persons the headline rests on.

    Returns
    -------
    frozenset of int

    Notes
    -----
    The headline is what the levels make up, with those of whom no level is said or shown. So where these are few on
    either side, the thinnest level is hidden with them, and every difference in which a hidden one stands, until those
    not shown are many. Where nobody says how many the headline rests on, one level alone is never hidden.
    """
    gone: set[int] = set()
    if not rules.persons:
        return frozenset()
    shown: dict[str, set[str]] = {}
    rows = list(enumerate(zip(value["rows"], value["n"], strict=True)))
    for subgroup in dict.fromkeys(row[0] for row in value["rows"]):
        levels = [(i, row, n or 0) for i, (row, n) in rows if row[0] == subgroup and row[2] == "effect"]
        hidden = [one for one in levels if rules.few(one[2])]
        rest = sorted((one for one in levels if not rules.few(one[2])), key=lambda one: one[2])
        while rest and (_few_left(value["columns"], rest, rules) if rules.sides else len(hidden) == 1):
            hidden.append(rest.pop(0))
        shown[subgroup] = {row[1] for _, row, _ in rest}
        names = {row[1] for _, row, _ in hidden}
        gone.update(i for i, _, _ in hidden)
        gone.update(
            i for i, (row, _) in rows
            if row[0] == subgroup and row[2] != "effect" and (row[1] in names or row[2].removeprefix("less ") in names)
        )  # fmt: skip
    near = near_others(shown, rules)
    return frozenset(gone | {i for i, (row, _) in rows if row[0] in near})


def _few_left(columns: Sequence[str], shown: Sequence[tuple[int, Sequence[Any], int]], rules: Rules) -> bool:
    """Whether the headline and the levels shown would be a few persons apart, on either side."""
    for side, total in zip(SIDES, rules.sides, strict=False):
        if side in columns and total is not None:
            left = total - sum(int(row[columns.index(side)] or 0) for _, row, _ in shown)
            if 0 < abs(left) < rules.profile.threshold:  # levels may look wider than the headline
                return True
    return False


def level_sums(tables: Sequence[Mapping[str, Any]], sides: Sequence[int | None]) -> list[list[int]]:
    """The sums that hold among counts of the headline, of the levels and of those of whom no level is said.

    Examples
    --------
    >>> table = {"name": "subgroups", "columns": ["subgroup", "level", "what", "treated", "comparison"],
    ...          "rows": [["Sex", "f", "effect", 40, 60], ["Sex", "m", "effect", 30, 70]]}
    >>> level_sums([table], (73, 130))
    [[73, 40, 30, 3], [130, 60, 70, 0]]
    """
    found = []
    for table in (one for one in tables if one["name"] == "subgroups"):
        for side, total in zip(SIDES, sides, strict=False):
            if total is None or side not in table["columns"]:
                continue
            at = table["columns"].index(side)
            for subgroup in dict.fromkeys(row[0] for row in table["rows"]):
                mine = [int(row[at] or 0) for row in table["rows"] if row[0] == subgroup and row[2] == "effect"]
                if sum(mine) <= total:
                    found.append([int(total), *mine, int(total) - sum(mine)])
    return found
