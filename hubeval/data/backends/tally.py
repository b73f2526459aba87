"""The records counted where they are: every refusal of the door, from sums by period, start and cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.data.backends.queries import marked, other_texts
from hubeval.data.bind.binding import Binding
from hubeval.data.bind.names import check_names
from hubeval.data.columns import NO, YES, Columns
from hubeval.data.source import Source
from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.protocol import DidDesign

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.data.backends.engines import Engine
    from hubeval.data.backends.queries import Asked
    from hubeval.protocol import Protocol

    Floats = NDArray[np.float64]

MOST_VALUES = 160
"""Outcomes times periods: so many values of a unit are held beside one another."""
_SINGLE = ("permutation", "wild", "conley-taber", "ferman-pinto")
_ROW = re.compile(r", first in data rows? \d+(?: and \d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What the records add up to by period, start and cluster.

    Attributes
    ----------
    frame : DataFrame
        t, s, g (as text), n (rows), blank (rows that name nobody).
    count, total, least, most, wrong, beyond, broken, small : (cells, outcomes) float
        Of each outcome: values, their sum, least and most; cells that are text; infinite or too large; values that are
        not whole; the least above 0.
    """

    frame: pd.DataFrame
    count: Floats
    total: Floats
    least: Floats
    most: Floats
    wrong: Floats
    beyond: Floats
    broken: Floats
    small: Floats


def counted(engine: Engine, asked: Asked, periods_most: int = MOST_VALUES) -> Cells:
    """Ask for the cells.

    Raises
    ------
    BadInput
        There is no row, or there are too many periods to hold beside one another.
    """
    rows = engine.ask(asked.cells())
    if not rows:
        found = "the table has no rows"
        raise BadInput([Problem("data", found, "at least one row", "Is it the right table?")])
    labels = [[*(asked.label(key, cell) for key, cell in zip("tsg", row[:3], strict=True)), *row[3:5]] for row in rows]
    frame = pd.DataFrame(labels, columns=["t", "s", "g", "n", "blank"])
    frame[["n", "blank"]] = frame[["n", "blank"]].astype(int)
    order = frame.sort_values(["s", "g", "t"], kind="stable").index
    table = np.array([[np.nan if cell is None else float(cell) for cell in row[5:]] for row in rows])[order]
    periods = frame["t"].nunique()
    if periods * asked.n_outcomes > periods_most:
        found = f"{periods} different periods, and {asked.n_outcomes} outcome(s)"
        raise BadInput([Problem("data", found, f"at most {periods_most} values of a unit, where records stay elsewhere",
                                "Count by longer periods, or evaluate one outcome at a time.")])
    parts = [table[:, at::8] for at in range(8)]
    keys = ("count", "total", "least", "most", "wrong", "beyond", "broken", "small")
    return Cells(frame=frame.loc[order].reset_index(drop=True), **dict(zip(keys, parts, strict=True)))


def require_columns(engine: Engine, protocol: Protocol) -> None:
    """Refuse columns that are not there, in the words of `bind`, before anything is asked.

    Raises
    ------
    BadInput
        Every problem found.
    """
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in engine.columns})
    door = Door()
    check_names(Binding(protocol, Source(frame=empty, name="", sha256=""), Columns(empty, door), door))
    door.close()
    design = protocol.design
    asked = {key: getattr(design, key, None) for key in ("unit", "time", "start", "cluster")}
    for key, name in [*((f"design.{key}", name) for key, name in asked.items()),
                      *(("outcomes", outcome.column) for outcome in protocol.outcomes)]:
        if name and engine.columns.get(name) == "other":
            door.refuse(key, f"{name!r} holds neither numbers, text, dates nor yes and no", "a column that does",
                        "Give the table, or a view of it, such a column.")
    door.close()


def require_numbers(engine: Engine, protocol: Protocol, cells: Cells) -> None:
    """Refuse cells of outcomes that are no numbers, and rows that name nobody, in the words of `bind`.

    Raises
    ------
    BadInput
        Every problem found.
    """
    design, door = protocol.design, Door()
    assert isinstance(design, DidDesign)
    for k, outcome in enumerate(protocol.outcomes):
        if wrong := int(cells.wrong[:, k].sum() + cells.beyond[:, k].sum()):
            _refuse_cells(engine, protocol, outcome.column, wrong, door)
    if blank := int(cells.frame["blank"].sum()):
        door.refuse("design.unit", f"{blank} row(s) of {design.unit!r} are blank", "an id in every row",
                    "Fill them in.")
    absent = int(cells.frame.loc[cells.frame["g"] == "", "n"].sum()) if design.cluster else 0
    if absent:
        door.refuse("design.cluster", f"{absent} row(s) of {design.cluster!r} are blank", "an id in every row",
                    "Fill them in.")
    if door.problems:
        raise BadInput(placeless(door.problems))


def placeless(problems: list[Problem]) -> list[Problem]:
    """Problems without the place in a file: rows in an engine have no order.

    Examples
    --------
    >>> placeless([Problem("y", "2 cell(s) hold text, first in data row 7")])[0].found
    '2 cell(s) hold text'
    """
    return [Problem(p.argument, _ROW.sub("", p.found), p.allowed, p.cure) for p in problems]


def _refuse_cells(engine: Engine, protocol: Protocol, column: str, wrong: int, door: Door) -> None:
    """Say of cells that are no numbers what the door would say of them in memory."""
    found = engine.ask(other_texts(engine, column, protocol.data.missing_marks))
    texts, counts = [str(cell) for cell, _ in found], [int(n) for _, n in found]
    counts[-1] += wrong - sum(counts)  # of more kinds than are told; marks are told first
    before, stands = len(door.problems), pd.Series([*counts, 0])
    frame = pd.DataFrame({column: pd.Series([*texts, "1"], dtype=object)})
    words = {text.casefold() for text in texts} <= YES | NO
    if not words:
        Columns(frame, door, protocol.data.missing_marks, stands=stands).numbers(column)
    if len(door.problems) == before:
        held = "yes and no" if words else "numbers with thousands marks"
        door.refuse(column, f"{wrong} cell(s) hold {held}", "plain numbers, where records stay elsewhere",
                    "Write them as numbers in the table.")


def marks_in(engine: Engine, protocol: Protocol, column: str) -> dict[str, int]:
    """How often each declared mark stands in a column of text."""
    marks = [mark for mark in protocol.data.missing_marks if mark]
    if not marks or engine.columns[column] != "text":
        return {}
    return {str(mark): int(n) for mark, n in engine.ask(marked(engine, column, marks))}


def skeleton(protocol: Protocol, cells: Cells, units: dict[tuple[str, str], int], said: tuple[str, str]) -> Source:
    """One row for each period, start and cluster, that stands for the records there: what `bind` is given.

    Parameters
    ----------
    units : mapping
        How many units each start and cluster have.
    said : tuple of str
        What the table is called, and its hash.
    """
    design = protocol.design
    assert isinstance(design, DidDesign)
    assert design.unit
    keys = list(zip(cells.frame["s"], cells.frame["g"], strict=True))
    names = {key: f"units of group {at}" for at, key in enumerate(dict.fromkeys(keys))}
    made: dict[str, Any] = {
        design.unit: [names[key] for key in keys],
        design.time: cells.frame["t"].tolist(),
        design.start: cells.frame["s"].tolist(),
    }
    if design.cluster:
        made[design.cluster] = cells.frame["g"].tolist()
    frame = pd.DataFrame(made, dtype=object)
    with np.errstate(invalid="ignore"):
        means = cells.total / cells.count
    for k, outcome in enumerate(protocol.outcomes):
        frame[outcome.column] = means[:, k]
    return Source(
        frame=frame, name=said[0], sha256=said[1], stands=cells.frame["n"].astype(int),
        units_of={name: units.get(key, 0) for key, name in names.items()},
    )  # fmt: skip


def require_askable(protocol: Protocol) -> None:
    """Refuse what is not worked out from sums yet, all together.

    Raises
    ------
    BadInput
        Each key that stands in the way, with what to do.
    """
    design, door = protocol.design, Door()
    here = "Read the records into memory (data.file), or leave it out."
    if not isinstance(design, DidDesign) or not design.unit or design.by_amount:
        found = "repeated cross-sections" if isinstance(design, DidDesign) and not design.by_amount else design.kind
        door.refuse("design", f"{found}: not worked out where the table is", "a difference-in-differences whose units "
                    "are followed and start once", "Read the records into memory (data.file).")
        door.close()
    assert isinstance(design, DidDesign)
    for key, held in (("covariates", listed(design.covariates)), ("weights", design.weights or "")):
        if held:
            door.refuse(f"design.{key}", f"declares {held}", "none, where records stay elsewhere", here)
    if design.inference in _SINGLE:
        door.refuse("design.inference", f"{design.inference!r} needs single units", "'auto', 'cluster', 'welch', "
                    "where records stay elsewhere", here)
    if protocol.subgroups:
        door.refuse("subgroups", "are not worked out where the table is", "none", here)
    if protocol.data.linked:
        door.refuse("data.linked", "is not read where the table is", "none", here)
    _refuse_outcomes(protocol, door)
    for caution in protocol.cautions:
        if caution.handling in {"leave out these areas", "mended in the data"}:
            door.refuse(f"cautions ({caution.label})", f"handling is {caution.handling!r}: it needs the areas' names",
                        "another handling, where records stay elsewhere", "Leave them out in the table.")
    door.close()


def _refuse_outcomes(protocol: Protocol, door: Door) -> None:
    for outcome in protocol.outcomes:
        where = f"outcomes ({outcome.column})"
        if outcome.scale != "level":
            door.refuse(where, f"scale = {outcome.scale!r}", "level, where records stay elsewhere",
                        "Give the table a column on that scale.")
        if outcome.behind:
            door.refuse(where, "behind is not read where the table is", "none",
                        "Read the records into memory (data.file), or leave it out.")
