"""A value.toml from its file: every slip one line with its place and cure."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

from hubeval import files
from hubeval.economics.declared import Benefit, Claim, Cost, Families, Range, Study, UnitCost, ValueCase
from hubeval.errors import BadInput, Door, Problem, listed
from hubeval.reading import Reader

_RANGES = ("population", "take_up", "attribution", "deadweight", "decay", "optimism", "overlap", "cashable")
_SHARES = frozenset(_RANGES) - {"population"}
_NEEDS_SOURCE = _SHARES - {"cashable"}


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
    tables = {key: raw.pop(key, None) for key in ("benefits", "costs", "claims", "families", "study")}
    given: dict[str, Any] = {
        "benefits": _many(tables["benefits"], "benefits", reader, _benefit),
        "costs": _many(tables["costs"], "costs", reader, _cost),
        "claims": reader.many(Claim, tables["claims"], "claims"),
        "families": reader.one(Families, tables["families"], "families") if tables["families"] is not None else None,
        "study": reader.one(Study, tables["study"], "study") if tables["study"] is not None else None,
        "deflated": {},
        "folder": Path(path).parent.as_posix(),
        "sha256": files.sha256(text),
    }
    reader.door.close()
    case: ValueCase | None = reader.one(ValueCase, raw, "", given=given)
    reader.door.close()
    assert case is not None
    _check(case, reader.door)
    reader.door.close()
    return _deflated(case)


def _many(tables: Any, name: str, reader: Reader, make: Any) -> tuple[Any, ...]:
    if tables is None:
        return ()
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        reader.door.refuse(name, "found something else", f"[[{name}]] tables", f"Write [[{name}]] with two brackets.")
        return ()
    return tuple(item for item in (make(dict(table), name, reader) for table in tables) if item is not None)


def _benefit(table: dict[str, Any], name: str, reader: Reader) -> Benefit | None:
    cost = table.pop("unit_cost", None)
    given: dict[str, Any] = {"unit_cost": reader.one(UnitCost, cost, f"{name}.unit_cost") if cost is not None else None}
    if cost is None:
        reader.door.refuse(f"{name}.unit_cost", "is missing", "amount, per, year, source", "Give it.")
    ranges = {key: _range(table.pop(key), f"{name}.{key}", reader) for key in _RANGES if key in table}
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
    return {key: Benefit.__dataclass_fields__[key].default for key in _RANGES if key not in ranges}


def _range(value: Any, name: str, reader: Reader) -> Range | None:
    """A range from a table, or from a single number where nothing is said of how sure it is."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Range(mid=float(value))
    made: Range | None = reader.one(Range, value, name)
    return made


def _check(case: ValueCase, door: Door) -> None:
    for benefit in case.benefits:
        _check_benefit(benefit, case, door)
    for cost in case.costs:
        where = f"costs ({cost.label})"
        _check_money(where, cost.amount, cost.low, cost.high, cost.year, cost.source, door)
        _check_share(f"{where}: optimism", cost.optimism, door)
        if not cost.years or any(not 0 <= year < case.horizon for year in cost.years):
            door.refuse(f"{where}: years", f"found {list(cost.years)}", f"years 0 to {case.horizon - 1}", "Correct it.")
    if not 1 <= case.horizon <= 125:
        door.refuse("horizon", f"found {case.horizon}", "1 to 125 years", "Say how long is counted.")
    if not 1_000 <= case.draws <= 1_000_000:
        door.refuse("draws", f"found {case.draws}", "1,000 to 1,000,000", "Correct it.")
    if case.seed < 0:
        door.refuse("seed", f"found {case.seed}", "0 or more", "Correct it.")
    if case.study and not (math.isfinite(case.study.cost) and case.study.cost > 0):
        door.refuse("study.cost", f"found {case.study.cost}", "more than 0", "Say what the study would cost.")
    if case.families and not 0 < case.families.helped <= case.families.reached:
        door.refuse("families", "more families helped than reached, or none", "0 < helped ≤ reached", "Correct it.")
    _check_whole(case, door)


def _check_whole(case: ValueCase, door: Door) -> None:
    """What only the whole case shows: nothing counted twice, and somebody who pays."""
    if not case.costs:
        door.refuse("costs", "none declared", "at least one [[costs]] table", "Value for money needs what it cost.")
    if not case.benefits:
        door.refuse("benefits", "none declared", "at least one [[benefits]] table", "Say what the effect is worth.")
    whose = case.perspective
    if whose != "all" and case.costs and all(cost.perspective != whose for cost in case.costs):
        door.refuse(
            "perspective",
            f"{whose!r} bears none of the costs",
            "somebody who pays",
            'Give its costs, or choose perspective = "all".',
        )
    seen: dict[tuple[str, str, str], str] = {}
    labels = [benefit.label for benefit in case.benefits]
    for benefit in case.benefits:
        if labels.count(benefit.label) > 1:
            door.refuse("benefits.label", f"{benefit.label!r} stands twice", "labels of their own", "Rename one.")
        key = (benefit.outcome.casefold(), benefit.perspective, benefit.kind)
        if key in seen:
            door.refuse(
                "benefits",
                f"{seen[key]!r} and {benefit.label!r} count the same outcome for the same payer twice",
                "each outcome once for each payer and kind",
                "Leave one out.",
            )
        seen[key] = benefit.label
        missing = [name for name in benefit.overlaps if name not in labels]
        if missing:
            door.refuse(
                f"benefits ({benefit.label}): overlaps",
                f"no benefit {missing[0]!r}",
                listed(labels),
                "Name benefits by their labels.",
            )
        if benefit.overlaps and benefit.overlap.mid == 0:
            door.refuse(
                f"benefits ({benefit.label}): overlap",
                "shares a cause and takes nothing away",
                "a share above 0",
                "Say what share of it the others count already: overlap = { mid = …, source = … }.",
            )


def _check_benefit(benefit: Benefit, case: ValueCase, door: Door) -> None:
    where, cost = f"benefits ({benefit.label})", benefit.unit_cost
    _check_money(f"{where}: unit_cost", cost.amount, cost.low, cost.high, cost.year, cost.source, door)
    if cost.per.strip().casefold() != benefit.counted.strip().casefold():
        door.refuse(
            f"{where}: unit_cost.per",
            f"is per {cost.per!r}, and the effect counts {benefit.counted!r}",
            "the same thing",
            "A cost of one thing cannot price another: find the cost of what is counted.",
        )
    for key in _RANGES:
        item: Range = getattr(benefit, key)
        if key in _SHARES:
            _check_share(f"{where}: {key}", item, door)
        if key in _NEEDS_SOURCE and item.mid not in {0.0, 1.0} and not item.source.strip():
            door.refuse(f"{where}: {key}", "has no source", 'source = "…"', "Say on whose word, or 'our judgement'.")
    if not benefit.population.source.strip() or not benefit.population.mid > 0:
        door.refuse(f"{where}: population", "is not above 0, or has no source", "mid and source", "Give both.")
    _ordered(f"{where}: population", benefit.population.low, benefit.population.mid, benefit.population.high, door)
    for name in ("per", "periods_per_year"):
        if not (math.isfinite(getattr(benefit, name)) and getattr(benefit, name) > 0):
            door.refuse(f"{where}: {name}", f"found {getattr(benefit, name)}", "more than 0", "Correct it.")
    if not 0 <= benefit.first_year < case.horizon or benefit.years < 1:
        door.refuse(
            f"{where}: first_year, years",
            f"found {benefit.first_year}, {benefit.years}",
            f"a first year of 0 to {case.horizon - 1}, and at least one year",
            "Correct it.",
        )


def _check_money(
    where: str, amount: float, low: float | None, high: float | None, year: str, source: str, door: Door
) -> None:
    if not (math.isfinite(amount) and amount > 0):
        door.refuse(where, f"found {amount}", "pounds, more than 0", "Give the amount as a positive number.")
    if not year.strip():
        door.refuse(f"{where}.year", "is empty", "the year of its prices", "Say in which year's prices it is.")
    if not source.strip():
        door.refuse(f"{where}.source", "is empty", "where it can be read", "Say on whose word.")
    _ordered(where, low, amount, high, door)


def _check_share(where: str, item: Range, door: Door) -> None:
    if any(value is not None and not 0 <= value <= 1 for value in (item.mid, item.low, item.high)):
        door.refuse(where, "is outside 0 to 1", "a share from 0 to 1", "Write 15% as 0.15.")
    _ordered(where, item.low, item.mid, item.high, door)


def _ordered(where: str, low: float | None, mid: float, high: float | None, door: Door) -> None:
    if (low is None) != (high is None):
        door.refuse(where, "gives one end of a range", "both low and high, or neither", "Give the other end too.")
    elif low is not None and high is not None and not (math.isfinite(high - low) and low <= mid <= high):
        door.refuse(where, f"found {low} to {high} around {mid}", "low ≤ mid ≤ high", "Put them in order.")


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
            index[str(row["year"]).strip()] = float(row["index"])
        except (TypeError, ValueError):
            index[""] = math.nan
        if not all(math.isfinite(value) and value > 0 for value in index.values()):
            raise BadInput([Problem("deflators", f"line {at} holds no positive number", "numbers", "Correct it.")])
    return index
