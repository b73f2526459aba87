"""The readiness model as a value: criteria, anchors and gates, read once from `criteria.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from hubeval.errors import BadInput, Problem, did_you_mean, listed
from hubeval.profile import CRITERIA

if TYPE_CHECKING:
    from collections.abc import Mapping

COSTS = {1: "ask", 2: "look at the data", 3: "reach an agreement"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One question, its four anchors, and the levels that gates ask of it.

    `route` is the level below which no quasi-experiment is the right family of methods (None: not a
    route gate); `gates` maps designs to the level each needs; a criterion with neither is soft:
    shown against `wanted`, never deciding.
    """

    id: str
    name: str
    dimension: str
    question: str
    anchors: tuple[str, str, str, str]
    evidence: str
    who: str
    cost: int
    build: str
    build_months: tuple[int, int]
    route: int | None = None
    must_be_known: bool = False
    gates: Mapping[str, int]
    wanted: int | None = None

    @property
    def label(self) -> str:
        """The name with its code, for sentences."""
        return f"{self.name} ({self.id})"

    @property
    def soft(self) -> bool:
        """Shown, never deciding."""
        return self.route is None and not self.gates

    @property
    def needed(self) -> int:
        """The lowest level that any gate asks, or that is wanted of a soft criterion."""
        levels = [*self.gates.values(), *([self.route] if self.route else [])]
        return min(levels) if levels else self.wanted or 1

    @property
    def cuts(self) -> tuple[int, ...]:
        """Every level that some gate asks, ascending: answers between two cuts change nothing."""
        levels = {*self.gates.values(), *([self.route] if self.route else [])}
        return tuple(sorted(level for level in levels if level > 1)) or (self.needed,)

    def anchor(self, low: int, high: int) -> str:
        """What a range of levels means, in the anchors' words."""
        if low == high:
            return self.anchors[low - 1]
        return f'between "{self.anchors[low - 1]}" and "{self.anchors[high - 1]}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignRule:
    """One quasi-experimental design: the gates it asks for, in criteria order, and when it is worth offering."""

    id: str
    name: str
    caveat: str
    gates: tuple[tuple[str, int], ...]
    offered_when: Mapping[str, int]
    offered_if: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """The whole model. `designs` stand strongest first."""

    version: str
    judgement: str
    stale_after_years: int
    recheck_months: int
    find_out_months: tuple[int, int, int]
    theory_needs: Mapping[str, int]
    criteria: tuple[Criterion, ...]
    designs: tuple[DesignRule, ...]

    def __getitem__(self, criterion: str) -> Criterion:
        """The criterion with that id."""
        return next(item for item in self.criteria if item.id == criterion)

    def design(self, name: str) -> DesignRule:
        """The design with that id; `BadInput` names the nearest where there is none."""
        for rule in self.designs:
            if rule.id == name:
                return rule
        known = [rule.id for rule in self.designs]
        raise BadInput([Problem("design", f"found {name!r}", f"allowed: {listed(known)}", did_you_mean(name, known))])

    @property
    def route_gates(self) -> tuple[Criterion, ...]:
        """The criteria that decide the family of methods."""
        return tuple(item for item in self.criteria if item.route is not None)

    def changed(self, criterion: str, *, route: int | None = None, must_be_known: bool | None = None) -> Rubric:
        """The model with another route gate: what the sensitivity analysis asks of it."""
        old = self[criterion]
        new = replace(
            old,
            route=old.route if route is None else route,
            must_be_known=old.must_be_known if must_be_known is None else must_be_known,
        )
        return replace(self, criteria=tuple(new if item is old else item for item in self.criteria))


@cache
def load_rubric() -> Rubric:
    """The shipped model.

    Examples
    --------
    >>> rubric = load_rubric()
    >>> len(rubric.criteria), rubric["IM1"].route, [rule.id for rule in rubric.designs]
    (25, 3, ['RDD', 'SDID', 'SCM', 'DiD', 'CITS', 'PSM', 'ITS'])
    """
    return parse_rubric(files("hubeval.readiness").joinpath("criteria.toml").read_text(encoding="utf-8"))


def parse_rubric(text: str) -> Rubric:
    """A rubric from TOML laid out as `criteria.toml`, with the same 25 criteria."""
    raw = tomllib.loads(text)
    criteria = tuple(_criterion(table) for table in raw["criteria"])
    if tuple(item.id for item in criteria) != CRITERIA:
        raise BadInput(
            [Problem("criteria", "are not the 25 of this version", listed(CRITERIA, 25), "Keep ids and order.")]
        )
    designs = tuple(
        DesignRule(
            id=name,
            name=table["name"],
            caveat=table["caveat"],
            gates=tuple((item.id, item.gates[name]) for item in criteria if name in item.gates),
            offered_when=table.get("offered_when", {}),
            offered_if=table.get("offered_if", ""),
        )
        for name, table in raw["designs"].items()
    )
    return Rubric(
        version=raw["rubric_version"],
        judgement=raw["judgement"],
        criteria=criteria,
        designs=designs,
        stale_after_years=raw["stale_after_years"],
        recheck_months=raw["recheck_months"],
        find_out_months=tuple(raw["find_out_months"]),
        theory_needs=raw["theory_needs"],
    )


def _criterion(table: dict[str, Any]) -> Criterion:
    parts = {**table, "gates": table.get("gates", {})}
    for key in ("anchors", "build_months"):
        parts[key] = tuple(parts[key])
    return Criterion(**parts)
