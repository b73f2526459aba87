"""Counts that stand in several places of one result: hidden together, rounded alike, checked against the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.release.ledger import ANYWHERE, too_close
from hubeval.release.levels import level_sums
from hubeval.release.linked import linked
from hubeval.release.rounding import shown_count
from hubeval.release.suppress import suppress

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hubeval.release.ledger import Ledger
    from hubeval.release.linked import Linked
    from hubeval.release.profiles import ReleaseProfile
    from hubeval.release.rules import Rules

_TOTAL = "\0total"
_LESS = "\0less"


def rounded_counts(counts: Sequence[int | None], rules: Rules) -> list[int | None]:
    """Counts side by side (the bars of a figure, the months of a series), whose sum may be known elsewhere."""
    known = {str(i): count for i, count in enumerate(counts) if count is not None}
    shown: list[int | None] = [None] * len(counts)
    if not known:
        return shown
    cells = linked({**known, _TOTAL: sum(known.values())}, [(_TOTAL, list(known))])
    fixed = np.array([key == _TOTAL for key in cells.keys])
    small = [n for n in known.values() if 0 < n < rules.profile.threshold]
    if small and sum(n for n in known.values() if n) - sum(small) < rules.profile.threshold:
        return [0 if n == 0 and rules.profile.zero else None for n in counts]
    found = suppress(cells, rules.profile, fixed=fixed)
    for key, gone in zip(cells.keys, found.hidden, strict=True):
        if key != _TOTAL and not gone:
            shown[int(key)] = shown_count(known[key], rules.profile)
    return shown


def settle(result: dict[str, Any], rules: Rules, ledger: Ledger) -> dict[str, int | None]:
    """Decide once how each count of units in a result may be shown, wherever it stands; by role, for the ledger.

    Notes
    -----
    Two counts that differ by a few persons are a sum of three: the smaller, the few, and the larger. So the difference
    is a cell of its own, small and hidden, and the programme decides which of the two must go. Equal counts are one
    cell: what is hidden in one place is not shown in the next.
    """
    profile, roles = rules.profile, _roles(result, areas=rules.behind.areas)
    if rules.open or rules.place or rules.unsaid:
        return dict(roles)
    waves = [] if rules.behind.areas else list(rules.behind.waves.values())  # they are said in the check of the data
    values = {str(n): n for n in {*roles.values(), *_others(result, areas=rules.behind.areas)} if n > 0}
    values |= {str(n): n for n in waves}
    known = [] if rules.behind.areas else [*_sums(result), [sum(waves), *waves]]
    cells = _apart(values, profile.threshold, known)
    named = set(roles.values())
    others = {f"{ANYWHERE}{key}": n for key, n in values.items() if n not in named}
    close = {str({**roles, **others}[role]) for role in too_close({**roles, **others}, ledger, profile)}
    found = suppress(cells, profile, forced=np.array([key in close for key in cells.keys]))
    gone = {key for key, hide in zip(cells.keys, found.hidden, strict=True) if hide}
    rules.shown = {n: None if key in gone else shown_count(n, profile) for key, n in values.items()}
    for role, n in roles.items():
        if n and rules.shown[n] is None:
            rules.note(role, "withheld", "count: too few, or too close to another that is shown or was released before")
    limit = rules.behind.n_units  # above it they are of rows
    told = [rules.shown[n] if n <= limit else rules.rows(n) for n in sorted(others.values())]
    seen = [n for n in told if n is not None]
    mine = {role: rules.rows(n) if role.endswith("n_rows") else rules.people(n) for role, n in roles.items()}
    return {**mine, **{f"{ANYWHERE}{n}": n for n in seen}}


def settled(counts: Iterable[int], profile: ReleaseProfile) -> dict[int, int | None]:
    """Each of several counts as it may be shown beside the others: no two that differ by a few persons.

    Examples
    --------
    >>> from hubeval.release.profiles import release_profile
    >>> settled([1, 20, 21, 40], release_profile("ons"))
    {1: None, 20: None, 21: 21, 40: 40}
    """
    values = {str(n): n for n in sorted(set(counts)) if n > 0}
    cells = _apart(values, profile.threshold, [])
    found = suppress(cells, profile)
    gone = {key for key, hide in zip(cells.keys, found.hidden, strict=True) if hide}
    return {n: None if key in gone else shown_count(n, profile) for key, n in values.items()}


def _apart(values: Mapping[str, int], threshold: int, known: Sequence[Sequence[int]]) -> Linked:
    """Counts with every difference between two of them that is small, and the sums (total, parts) known among them."""
    every: dict[str, int] = dict(values)
    sums: list[tuple[str, list[str]]] = []
    for number, (total, *parts) in enumerate(known):
        if total > 0 and total == sum(parts) and str(total) in values:
            names = [f"\0sum {number}, part {i}" for i in range(len(parts))]
            every |= dict(zip(names, parts, strict=True))
            sums.append((str(total), names))
            # a part is the count of that size wherever it stands; a small one is hidden wherever it does
            whole = [(name, str(part)) for name, part in zip(names, parts, strict=True) if part >= threshold]
            sums += [(name, [part]) for name, part in whole if part in values]
    names = sorted(values, key=lambda key: -values[key])
    for i, large in enumerate(names):
        for less in names[i + 1 :]:
            gap = values[large] - values[less]
            if 0 < gap < threshold:
                every[f"{_LESS}{large}-{less}"] = gap
                sums.append((large, [less, f"{_LESS}{large}-{less}"]))
    return linked(every, sums)


def _sums(result: dict[str, Any]) -> list[list[int]]:
    """Sums that hold among the counts of a result: the sample's sides, and what became of the records of each."""
    found = [[int(result["sample"][key]) for key in ("n_units", "n_treated", "n_comparison")]]
    found += level_sums(result["tables"], sides_of(result))
    for table in result["tables"]:
        for place in (i for i, kind in enumerate(table["holds"]) if kind == "count"):
            column = {str(row[0]): round(row[place] or 0) for row in table["rows"] if "effective" not in str(row[0])}
            if "all" in column:
                found.append([column.pop("all"), *column.values()])
    return found


def sides_of(result: dict[str, Any]) -> tuple[int | None, ...]:
    """How many stand on either side of the headline; nothing where there is none."""
    heads = result["headline_terms"][:1]
    return tuple(head[key] for head in heads for key in ("n_treated", "n_comparison"))


def _roles(result: dict[str, Any], *, areas: bool) -> dict[str, int]:
    """The counts of a result that a later version of it would hold too, by what they count."""
    sample = result["sample"]
    sides = () if areas else ("n_units", "n_treated", "n_comparison")
    counts = {f"sample: {key}": int(sample[key]) for key in sides}
    for i, step in enumerate(sample["flow"]):
        counts |= {f"flow {i + 1}: {key}": int(step[key]) for key in (("n_rows",) if areas else ("n_units", "n_rows"))}
    return counts


def _others(result: dict[str, Any], *, areas: bool) -> set[int]:
    """Further counts that stand beside estimates and in tables."""
    keys = ("n_observations",) if areas else ("n_treated", "n_comparison", "n_clusters", "n_observations")
    found = {int(e[key]) for e in result["estimates"] for key in keys if e.get(key) is not None}
    for table in result["tables"]:
        places = [i for i, kind in enumerate(table["holds"]) if kind == "count"]
        found |= {round(row[i]) for row in table["rows"] for i in places if row[i] is not None}
    return found
