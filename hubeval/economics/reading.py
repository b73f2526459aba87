"""A value.toml from its file: every slip one line with its place and cure."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

from hubeval import files
from hubeval.economics.checks import RANGES, check
from hubeval.economics.declared import Benefit, Claim, Cost, Families, Option, Range, Study, UnitCost, ValueCase
from hubeval.economics.unit_costs import read_unit_costs
from hubeval.errors import BadInput, Door, Problem, did_you_mean, listed
from hubeval.reading import Reader


def read_value(path: str | Path) -> ValueCase:
    """Read and check a value.toml; every problem is reported at once.

    Raises
    ------
    BadInput
        Not TOML, unknown keys, a unit cost without year or source, prices of other years with no deflators, a share
        outside 0 to 1, an effect counted twice, or a perspective that bears no cost.
    """
    raw, text = files.read_toml(path, "value"), files.read_text(path, "value")
    reader = Reader(text, Door())
    tables = {key: raw.pop(key, None) for key in ("benefits", "costs", "claims", "options", "families", "study")}
    own = _Own(folder=Path(path).parent)
    given: dict[str, Any] = {
        "benefits": _many(tables["benefits"], "benefits", reader, partial(_benefit, own=own)),
        "costs": _many(tables["costs"], "costs", reader, _cost),
        "claims": reader.many(Claim, tables["claims"], "claims"),
        "options": reader.many(Option, tables["options"], "options"),
        "families": reader.one(Families, tables["families"], "families") if tables["families"] is not None else None,
        "study": reader.one(Study, tables["study"], "study") if tables["study"] is not None else None,
        "deflated": {},
        "read": own.read,
        "folder": Path(path).parent.as_posix(),
        "sha256": files.sha256(text),
    }
    reader.door.close()
    case: ValueCase | None = reader.one(ValueCase, raw, "", given=given)
    reader.door.close()
    assert case is not None
    check(case, reader.door)
    reader.door.close()
    return _deflated(case)


def _many(tables: Any, name: str, reader: Reader, make: Any) -> tuple[Any, ...]:
    if tables is None:
        return ()
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        reader.door.refuse(name, "found something else", f"[[{name}]] tables", f"Write [[{name}]] with two brackets.")
        return ()
    return tuple(item for item in (make(dict(table), name, reader) for table in tables) if item is not None)


class _Own:
    """The user's own files of unit costs, each read once, with their hashes."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._costs, self.read = folder, dict[str, dict[str, UnitCost]](), dict[str, str]()

    def cost(self, table: dict[str, Any], name: str, door: Door) -> UnitCost | None:
        """The unit cost that ``from`` and ``id`` name."""
        where, wanted = table.get("from"), table.get("id")
        if set(table) != {"from", "id"} or not isinstance(where, str):
            allowed = '{ from = "costs.csv", id = "…" }'
            door.refuse(name, f"holds {listed(table)}", allowed, "All else stands in the file.")
            return None
        if where not in self._costs:
            self._costs[where] = read_unit_costs(self._folder / where)
            self.read[where] = files.sha256(files.read_text(self._folder / where, name))
        known = self._costs[where]
        if str(wanted) not in known:
            door.refuse(f"{name}.id", f"no id {wanted!r} in {where}", listed(known), did_you_mean(str(wanted), known))
        return known.get(str(wanted))


def _benefit(table: dict[str, Any], name: str, reader: Reader, own: _Own) -> Benefit | None:
    cost = table.pop("unit_cost", None)
    if isinstance(cost, dict) and "from" in cost:
        made_of = own.cost(cost, f"{name}.unit_cost", reader.door)
    else:
        made_of = reader.one(UnitCost, cost, f"{name}.unit_cost") if cost is not None else None
    given: dict[str, Any] = {"unit_cost": made_of}
    if cost is None:
        reader.door.refuse(f"{name}.unit_cost", "is missing", "amount, per, year, source", "Give it.")
    ranges = {key: _range(table.pop(key), f"{name}.{key}", reader) for key in RANGES if key in table}
    if "population" not in ranges:
        reader.door.refuse(f"{name}.population", "is missing", '{ mid = …, source = "…" }', "Say over how many.")
    if given["unit_cost"] is None or any(item is None for item in ranges.values()) or "population" not in ranges:
        return None
    made: Benefit | None = reader.one(Benefit, table, name, given={**given, **ranges, **_absent(ranges)})
    return made


def _cost(table: dict[str, Any], name: str, reader: Reader) -> Cost | None:
    ranges = {key: _range(table.pop(key), f"{name}.{key}", reader) for key in ("optimism",) if key in table}
    if any(item is None for item in ranges.values()):
        return None
    made: Cost | None = reader.one(
        Cost, table, name, given={"optimism": Cost.__dataclass_fields__["optimism"].default, **ranges}
    )
    return made


def _absent(ranges: dict[str, Any]) -> dict[str, Any]:
    return {key: Benefit.__dataclass_fields__[key].default for key in RANGES if key not in ranges}


def _range(value: Any, name: str, reader: Reader) -> Range | None:
    """A range from a table, or from a single number where nothing is said of how sure it is."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Range(mid=float(value))
    made: Range | None = reader.one(Range, value, name)
    return made


def _deflated(case: ValueCase) -> ValueCase:
    """The case with what each foreign year's pounds are worth in the price year; nothing is converted unsaid."""
    years = {benefit.unit_cost.year for benefit in case.benefits} | {cost.year for cost in case.costs}
    foreign = sorted(years - {case.price_year})
    if not foreign:
        if case.deflators:
            found = f"every figure is in the prices of {case.price_year}"
            raise BadInput([Problem("deflators", found, "", "Leave them out: they would not be read.")])
        return case
    if not case.deflators or not case.deflators_source.strip():
        raise BadInput(
            [
                Problem(
                    "price_year",
                    f"figures in the prices of {listed(foreign)} stand beside those of {case.price_year}",
                    "one price year, or deflators with their source",
                    "Add deflators = 'deflators.csv' (year and index, HM Treasury's) and deflators_source = '…'.",
                )
            ]
        )
    index = _index(Path(case.folder) / case.deflators)
    absent = [year for year in (*foreign, case.price_year) if year not in index]
    if absent:
        raise BadInput(
            [Problem("deflators", f"no index for {listed(absent)}", listed(index, 12), "Write years alike.")]
        )
    return replace(case, deflated={year: index[case.price_year] / index[year] for year in foreign})


def _index(path: Path) -> dict[str, float]:
    rows = list(csv.DictReader(StringIO(files.read_text(path, "deflators").removeprefix("\ufeff"))))
    if not rows or not {"year", "index"} <= set(rows[0]):
        raise BadInput([Problem("deflators", "has no columns 'year' and 'index'", "year,index", "Name them so.")])
    index = {}
    for at, row in enumerate(rows, 2):
        try:
            year = str(row["year"]).strip()
            if year in index:
                raise BadInput([Problem("deflators", f"line {at} gives {year} again", "each year once", "Drop one.")])
            index[year] = float(row["index"])
        except (TypeError, ValueError):
            index[""] = math.nan
        if not all(math.isfinite(value) and value > 0 for value in index.values()):
            raise BadInput([Problem("deflators", f"line {at} holds no positive number", "numbers", "Correct it.")])
    return index
