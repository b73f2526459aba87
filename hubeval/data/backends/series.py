"""Series of areas from an engine: what an interrupted time series or a synthetic control must have row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hubeval.data.backends.engines import MOST_ROWS
from hubeval.data.backends.queries import text_of
from hubeval.data.backends.tally import placeless, require_columns
from hubeval.data.bind import bind
from hubeval.data.embedded import quoted
from hubeval.data.source import Source, read_source
from hubeval.errors import BadInput, Door, Problem
from hubeval.protocol import ItsDesign, SynthDesign

if TYPE_CHECKING:
    from hubeval.data.backends.engines import Engine
    from hubeval.data.backends.named import Elsewhere
    from hubeval.data.table import Table
    from hubeval.protocol import Protocol

_PEOPLE = ("person", "family")


def asked_series(protocol: Protocol, there: Elsewhere) -> tuple[Source, Table]:
    """The source and table of a series, or of a few areas' series, that an engine holds a row a period.

    Only the columns that the protocol names leave the engine, only where each area and period has one row, and only
    so many rows as stand under the limit of any answer. What is bound is then what the same rows in memory would be.

    Raises
    ------
    BadInput
        Units are people; rows repeat a period; more rows than may leave; a table that changed; refusals of `bind`.
    """
    design = protocol.design
    assert isinstance(design, (ItsDesign, SynthDesign))
    _refuse_people(protocol)
    with there.opened() as engine:
        before = engine.state()
        require_columns(engine, protocol)
        keys = [text_of(engine, name) for name in (design.unit, design.time) if name]
        _refuse_many(engine, protocol, keys)
        names = _named(protocol, engine)
        picked = ", ".join(map(quoted, names))
        rows = engine.ask(f"SELECT {picked} FROM {engine.table} ORDER BY {', '.join(keys)}")
        if engine.state() != before or len(rows) != _count(engine):
            found = "the table changed while it was read"
            raise BadInput([Problem("data", found, "a table that stands still", "Run it again on a copy.")])
    read = read_source(pd.DataFrame(rows, columns=names))
    source = Source(frame=read.frame, name=there.said, sha256=read.sha256, decimal_comma=True)  # a comma: who knows
    try:
        return source, bind(protocol, source)
    except BadInput as refused:
        raise BadInput(placeless(list(refused.problems))) from None


def _count(engine: Engine) -> int:
    return int(engine.ask(f"SELECT count(*) FROM {engine.table}")[0][0])


def _refuse_people(protocol: Protocol) -> None:
    design, door = protocol.design, Door()
    if getattr(design, "unit", None) and protocol.data.units in _PEOPLE:
        found = f"units = {protocol.data.units!r}: a series of each would be its record"
        door.refuse("data.units", found, "areas, where records stay elsewhere", "Add them up to areas in a view.")
    if protocol.data.linked:
        door.refuse("data.linked", "is not read where the table is", "none", "Leave it out.")
    door.close()


def _refuse_many(engine: Engine, protocol: Protocol, keys: list[str]) -> None:
    """Refuse a table of records, before a row of it is asked for."""
    design, n = protocol.design, _count(engine)
    assert isinstance(design, (ItsDesign, SynthDesign))
    if not n:
        raise BadInput([Problem("data", "the table has no rows", "at least one row", "Is it the right table?")])
    if n > MOST_ROWS:
        found = f"{n:,} rows, and at most {MOST_ROWS:,} leave {engine.name}"
        raise BadInput([Problem("data", found, "one row for each area and period",
                                "Make a view of the areas that the protocol names, added up by period.")])
    named = ", ".join(f"{key} AS k{at}" for at, key in enumerate(keys))
    by = ", ".join(f"k{at}" for at in range(len(keys)))
    inner = f"SELECT count(*) AS c FROM (SELECT {named} FROM {engine.table}) AS keyed GROUP BY {by} HAVING count(*) > 1"
    again = int(engine.ask(f"SELECT sum(c - 1) FROM ({inner}) AS repeated")[0][0] or 0)
    if again:
        columns = " and ".join(repr(name) for name in (design.unit, design.time) if name)
        found = f"{again} row(s) repeat a {'unit and period' if design.unit else 'period'} already given"
        raise BadInput([Problem("data", found, f"one row for each {columns}", "Remove or add up the repeats.")])


def _named(protocol: Protocol, engine: Engine) -> list[str]:
    """The columns that the protocol names, and the department's own word for what its periods are."""
    design = protocol.design
    names = [getattr(design, key, None) for key in ("unit", "time", "exposure")]
    names += list(getattr(design, "predictors", ()))
    if isinstance(design, ItsDesign) and not design.unit:
        names += list(design.control)
    for outcome in protocol.outcomes:
        names += [outcome.column, outcome.behind, outcome.baseline]
    names += [subgroup.column for subgroup in protocol.subgroups]
    names += ["time_identifier"] if "time_identifier" in engine.columns else []
    return list(dict.fromkeys(name for name in names if name))
