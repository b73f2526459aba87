"""Which published standard of evidence a design could reach, and in whose version: they differ."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hubeval.readiness.model import Assessed


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One published scale in one body's version; `levels` places the designs that its text places, and no others."""

    name: str
    version: str
    levels: Mapping[str, str]
    note: str


@cache
def load_standards() -> tuple[Standard, ...]:
    """The shipped standards.

    Examples
    --------
    >>> [standard.levels.get("DiD") for standard in load_standards()]
    ['3', '4', '3', None]
    """
    text = files("hubeval.readiness").joinpath("standards.toml").read_text(encoding="utf-8")
    return tuple(Standard(**table) for table in tomllib.loads(text)["standards"])


def reachable(readiness: Assessed) -> dict[str, tuple[tuple[Standard, str], ...]]:
    """For each design that is open or could still open, the level it could reach on each standard that places it.

    Nothing where the route is theory-based: no quasi-experiment is to be run, so none reaches a level.
    """
    if readiness.route == "theory-based":
        return {}
    return {
        item.design: tuple((s, s.levels[item.design]) for s in load_standards() if item.design in s.levels)
        for item in readiness.designs
        if item.status != "closed" and item.offered
    }


def standard_lines(readiness: Assessed) -> list[str]:
    """One line for each design, whose version in each; a design that no text places says so."""
    lines = []
    for design, levels in reachable(readiness).items():
        placed = "; ".join(f"{standard.name}: {level} ({standard.version})" for standard, level in levels)
        lines.append(f"{design}: {placed or 'not placed by any of the texts held'}")
    lines += [f"{standard.name}: {standard.note}" for standard in load_standards() if lines and not standard.levels]
    return lines
