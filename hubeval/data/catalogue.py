"""The outcomes and economic measures that hubs are asked about, as one list that protocols, checks and forms read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One outcome of the catalogue.

    Attributes
    ----------
    id, words, unit : str
        `id` is what a protocol writes as ``measure = "…"``.
    level : {"child", "parent", "family", "area", "system"}
        Whose outcome it is.
    direction : {"lower is better", "higher is better", "neither"}
    source : str
        Where such an outcome is usually recorded; our reading, not the sources' own.
    breaks : tuple of str
        Measures of the calendar whose breaks concern it.
    note : str
        What to beware of.
    named_by, quote : str
        Who named it, in which words.
    worthwhile, worthwhile_source : str
        The usual smallest change worth having, where one is published.
    """

    id: str
    words: str
    unit: str
    level: Literal["child", "parent", "family", "area", "system"]
    direction: Literal["lower is better", "higher is better", "neither"]
    source: str
    breaks: tuple[str, ...] = ()
    note: str = ""
    named_by: str
    quote: str
    worthwhile: str = ""
    worthwhile_source: str = ""

    def toml(self, column: str) -> str:
        """The outcome as a protocol's table, to be completed.

        Examples
        --------
        >>> print(entry("attendance").toml("absence").splitlines()[1])
        column = "absence"
        """
        lines = [
            "[[outcomes]]", f'column = "{column}"', f'label = "{self.words}"', f'unit = "{self.unit}"',
            f'direction = "{self.direction}"', 'role = "primary"', f'measure = "{self.id}"',
            f'source = "{self.source}"',
            "# smallest_worthwhile =         # the smallest change that would matter to a decision, in the unit above",
        ]  # fmt: skip
        return "\n".join([*lines, f"# Beware: {self.note}"] if self.note else lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Economic:
    """One economic measure of the catalogue."""

    id: str
    words: str
    unit: str
    note: str = ""
    quote: str


@cache
def outcomes() -> tuple[Entry, ...]:
    """Every outcome of the catalogue.

    Examples
    --------
    >>> len(outcomes()), len(economic())
    (37, 10)
    """
    return tuple(Entry(**_tupled(table)) for table in _raw()["outcomes"])


@cache
def economic() -> tuple[Economic, ...]:
    """Every economic measure of the catalogue."""
    return tuple(Economic(**table) for table in _raw()["economic"])


def entry(name: str) -> Entry:
    """The outcome of this id; KeyError where there is none."""
    return {item.id: item for item in outcomes()}[name]


def breaks_of(measure: str) -> frozenset[str]:
    """The calendar's measures that an outcome's ``measure`` stands for: itself, and its breaks in the catalogue.

    Examples
    --------
    >>> sorted(breaks_of("school-readiness") - {"school-readiness"})
    ['eyfsp', 'eyfsp-gld']
    """
    listed = {item.id: item.breaks for item in outcomes()}
    return frozenset({measure, *listed.get(measure, ())})


@cache
def _raw() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((resources("hubeval.data") / "outcomes.toml").read_text(encoding="utf-8"))


def _tupled(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
