"""Discount schedules and published anchors: dated data with their sources, not constants."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Yearly rates, each up to and with a year, and where they come from."""

    id: str
    label: str
    rates: tuple[tuple[int, float], ...]
    source: str
    dated: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A published figure that readers will compare with."""

    label: str
    words: str
    source: str


NONE = Schedule(id="none", label="no discounting", rates=(), source="declared in the case", dated="")


@cache
def schedule(name: str) -> Schedule:
    """The schedule of this id; KeyError where there is none."""
    shipped = {table["id"]: table for table in _raw()["schedules"]}
    if name == "none":
        return NONE
    table = dict(shipped[name])
    return Schedule(**{**table, "rates": tuple((int(until), float(rate)) for until, rate in table["rates"])})


@cache
def anchors() -> tuple[Anchor, ...]:
    """Published figures on services like hubs.

    Examples
    --------
    >>> all(anchor.source for anchor in anchors())
    True
    """
    return tuple(Anchor(**table) for table in _raw()["anchors"])


def factors(name: str, years: int) -> NDArray[np.float64]:
    """What a pound in each of so many years is worth in year 0, (years,).

    Examples
    --------
    >>> factors("green-book", 3).round(6).tolist()
    [1.0, 0.966184, 0.933511]
    >>> factors("none", 2).tolist()
    [1.0, 1.0]

    Raises
    ------
    BadInput
        The schedule is not known for so many years.
    """
    return np.asarray(np.cumprod([1 / (1 + rate) for rate in rates_by_year(name, years)]), dtype=np.float64)


def rates_by_year(name: str, years: int) -> tuple[float, ...]:
    """The rate that takes each year to the one before it; 0 in year 0.

    Examples
    --------
    >>> rates_by_year("green-book", 3)
    (0.0, 0.035, 0.035)
    """
    known = schedule(name)
    if name == "none":
        return (0.0,) * years
    if years - 1 > known.rates[-1][0]:
        found = f"{years} years, and {known.label!r} is known to year {known.rates[-1][0]}"
        raise BadInput([Problem("horizon", found, f"at most {known.rates[-1][0] + 1}", "Count fewer years.")])
    return (0.0, *(next(rate for until, rate in known.rates if year <= until) for year in range(1, years)))


def _raw() -> dict[str, Any]:  # small, and read once for each cached caller
    return tomllib.loads((resources("hubeval.economics") / "rates.toml").read_text(encoding="utf-8"))
