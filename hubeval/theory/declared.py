"""What a theory file may ask to be analysed: a monitored series, tests of an account, a comparison of sites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """An indicator followed over time, for an XmR chart. Values are of a site or area, never of one person.

    Parameters
    ----------
    indicator : str
        The column of the indicator it measures.
    periods : tuple of str
    values : tuple of float
    target : float or None
    rebase : tuple of str
        ``"2026Q1: the joint table began"``: a period from which limits are worked out anew, and why.
    baseline : int or None
        Work limits out on so many first periods of each stretch.
    illustrative : bool
    """

    indicator: str
    periods: tuple[str, ...]
    values: tuple[float, ...]
    target: float | None = None
    rebase: tuple[str, ...] = ()
    baseline: int | None = None
    illustrative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One piece of evidence in the tracing of one account; see `hubeval.theory.tracing.Evidence`.

    `persons` says on how many persons it rests: 0 where it is of documents alone. Of a few its words do not leave, nor
    where nobody says of how many it is.
    """

    account: str
    label: str
    sensitivity: tuple[float, float]
    type_one: tuple[float, float]
    found: bool = True
    group: str = ""
    source: str = ""
    persons: int | None = None
    illustrative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How a raw column of the sites' file becomes a set; see `hubeval.theory.qca.calibrate`."""

    column: str
    into: str
    anchors: tuple[float, ...] = ()
    method: Literal["logistic", "linear", "indirect", "ecdf", "rank", "crisp"] = "logistic"
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A qualitative comparative analysis of sites; see `hubeval.theory.qca`.

    Parameters
    ----------
    file : str
        A CSV beside the theory, one row for each site.
    outcome : str
    conditions : tuple of str
    site : str
        Column that names the sites.
    expectations : tuple of str
        ``["TRUST", "~DISTANCE"]``; with them the intermediate solution is given too.
    consistency, frequency, pri
        The cuts of the truth table.
    units : {"site", "authority", "person", "family"}
        What one row is of. Of persons and families no row is named, and none of a few leaves; nor where it is not said.
    illustrative : bool
    """

    file: str
    outcome: str
    conditions: tuple[str, ...]
    site: str = ""
    expectations: tuple[str, ...] = ()
    consistency: float = 0.8
    frequency: int = 1
    pri: float = 0.0
    units: Literal["site", "authority", "person", "family"] | None = None
    illustrative: bool = False
