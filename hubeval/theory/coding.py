"""Qualitative evidence: coded extracts from a table or a REFI-QDA project, as a framework matrix."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from hubeval import files
from hubeval.errors import Door, did_you_mean, listed
from hubeval.result import ResultTable
from hubeval.theory.extracts import Coded, Extract
from hubeval.theory.qdpx import read_qdpx

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.result import Cell

__all__ = ["Coded", "Extract", "codes_by_coder", "framework_matrix", "read_extracts"]

COLUMNS = ("case", "theme", "extract", "group", "source", "coder", "unit")
NEEDED = ("case", "theme", "extract")
LONGEST_NAME = 20  # of a column that a message may repeat


def read_extracts(path: str | Path) -> Coded:
    """Coded extracts from a CSV table or a REFI-QDA project (``.qdpx``).

    Parameters
    ----------
    path : str or Path
        A CSV needs the columns ``case``, ``theme`` and ``extract``; ``group``, ``source``, ``coder`` and
        ``unit`` are read where they are there. Of a project, codings of text are read; those of pictures,
        sound and film are counted as left out.

    Raises
    ------
    BadInput
        Columns missing or unknown, empty cells where words are needed; a project that holds a path that
        leaves it, an entity, or more than it says. No words of an extract are ever in a message.
    """
    if Path(path).suffix.lower() == ".qdpx":
        return read_qdpx(Path(path))
    return _read_csv(path)


def framework_matrix(
    extracts: Sequence[Extract],
    *,
    by: Literal["case", "group"] = "case",
    cell: Literal["count", "cases", "words"] = "count",
    limit: int = 240,
) -> ResultTable:
    """Themes by case, or by the group that cases belong to, with silence shown.

    Parameters
    ----------
    extracts : sequence of Extract
    by : {"case", "group"}
        Columns: each interview, or each authority.
    cell : {"count", "cases", "words"}
        How many extracts, how many cases they are of, or the extracts themselves up to `limit` characters.
    limit : int

    Returns
    -------
    ResultTable
        One row for each theme; an empty cell is 0 or a dash, never left out. Counts say how often a theme
        came up where it was coded, not how much it matters.

    References
    ----------
    Ritchie and Spencer (1994), the framework method.

    Examples
    --------
    >>> said = [Extract(case="A1", theme="access", extract="Open late", group="A"),
    ...         Extract(case="B1", theme="stigma", extract="Nobody looks", group="B")]
    >>> framework_matrix(said, by="group").rows
    (('access', 1, 0, 1), ('stigma', 0, 1, 1))
    """
    door = Door()
    door.choice("by", by, ("case", "group"))
    door.choice("cell", cell, ("count", "cases", "words"))
    if not extracts:
        door.refuse("extracts", "none given", "one or more", "Read them with read_extracts.")
    if by == "group" and any(not item.group for item in extracts):
        door.refuse(
            "by", "some extracts have no group", "a group for each", "Fill the 'group' column, or use by='case'."
        )
    door.close()
    places = list(dict.fromkeys(getattr(item, by) for item in extracts))
    themes = list(dict.fromkeys(item.theme for item in extracts))
    rows: list[tuple[Cell, ...]] = []
    held: dict[str, dict[str, list[Extract]]] = {theme: {} for theme in themes}
    for item in extracts:
        held[item.theme].setdefault(getattr(item, by), []).append(item)
    for theme in themes:
        found = {place: held[theme].get(place, []) for place in places}
        reached = sum(bool(items) for items in found.values())
        if cell == "count":
            rows.append((theme, *(len(found[place]) for place in places), reached))
        elif cell == "cases":
            rows.append((theme, *(len({item.case for item in found[place]}) for place in places), reached))
        else:
            rows.append((theme, *(_words(found[place], limit) for place in places), reached))
    return ResultTable(
        name="framework",
        caption=f"Framework matrix: {_size(extracts, cell)}, themes by {by}",
        columns=("theme", *places, f"{by}s with it"),
        rows=tuple(rows),
        n=tuple(len({item.case for items in held[theme].values() for item in items}) for theme in themes),
    )


def _size(extracts: Sequence[Extract], cell: str) -> str:
    return f"{len({e.case for e in extracts})} cases" if cell == "cases" else f"{len(extracts)} extracts"


def codes_by_coder(extracts: Sequence[Extract]) -> tuple[tuple[str, ...], tuple[str, ...], list[list[str | None]]]:
    """Coders, units, and the table of codes that `agreement.alpha` takes.

    Parameters
    ----------
    extracts : sequence of Extract
        With ``coder`` and ``unit`` filled.

    Returns
    -------
    coders, units : tuple of str
    ratings : list of list, shape (n_coders, n_units)
        The theme each coder gave each unit; None where a coder gave none.

    Raises
    ------
    BadInput
        No coder or unit, or a coder who gave one unit two themes: agreement on one code at a time then needs
        a table for each theme.
    """
    door = Door()
    if any(not item.coder or not item.unit for item in extracts) or not extracts:
        door.refuse(
            "extracts", "some have no coder or no unit", "both for each", "Fill the columns 'coder' and 'unit'."
        )
    given: dict[tuple[str, str], set[str]] = {}
    for item in extracts:
        given.setdefault((item.coder, item.unit), set()).add(item.theme)
    double = sum(len(themes) > 1 for themes in given.values())
    if double:
        door.refuse(
            "extracts",
            f"{double} units have two themes from one coder",
            "one theme for a coder and unit",
            "Compare one theme at a time: whether it was given or not.",
        )
    door.close()
    coders = tuple(dict.fromkeys(item.coder for item in extracts))
    units = tuple(dict.fromkeys(item.unit for item in extracts))
    return coders, units, [[next(iter(given.get((c, u), {None}))) for u in units] for c in coders]


def _words(items: list[Extract], limit: int) -> str:
    joined = " / ".join(item.extract for item in items)
    return (joined if len(joined) <= limit else joined[: limit - 1].rstrip() + "…") or "—"


def _read_csv(path: str | Path) -> Coded:
    reader = csv.DictReader(io.StringIO(files.read_text(path, "extracts")))
    door = Door()
    _check_names([str(name).strip() for name in reader.fieldnames or []], door)
    raw = list(reader)
    wide = sum(None in row for row in raw)
    if wide:
        door.refuse(
            "extracts",
            f"{wide} rows have more cells than columns",
            "",
            "Put words that hold a comma in quotation marks.",
        )
    rows = [{str(k).strip(): (v or "").strip() for k, v in row.items() if k is not None} for row in raw]
    for name in NEEDED:
        empty = sum(not row.get(name) for row in rows)
        if empty:
            door.refuse(
                "extracts",
                f"{empty} of {len(rows)} rows have an empty {name!r}",
                "words in each",
                "Fill it, or take those rows out.",
            )
    if not rows:
        door.refuse("extracts", "the table has no rows", "one row for each extract", "Add them.")
    door.close()
    return Coded(extracts=tuple(Extract(**row) for row in rows))


def _check_names(names: list[str], door: Door) -> None:
    """Refuse a table whose header does not name the columns; none of its cells is looked at then."""
    if not set(names) & set(COLUMNS):  # the first line may be somebody's words: nothing of it is repeated
        found = "no header: its first line names none of the columns"
        door.refuse("extracts", found, f"columns: {listed(COLUMNS)}", "Write their names above the first row.")
        door.close()
    for name in NEEDED:
        if name not in names:
            door.refuse("extracts", f"no column {name!r}", f"needed: {listed(NEEDED)}", did_you_mean(name, names))
    strange = [name for name in names if name not in COLUMNS]
    for place, name in enumerate(names, start=1):
        if name in strange:  # it may be somebody's words, swallowed by a quote left open: only a plain name is repeated
            plain = name.isidentifier() and len(name) <= LONGEST_NAME
            door.refuse(
                "extracts",
                f"column {name!r} is not read" if plain else f"the heading of column {place} is no plain name",
                f"read: {listed(COLUMNS)}",
                did_you_mean(name, COLUMNS) or "Take it out, or close the quotation mark left open before it.",
            )
    door.close()
