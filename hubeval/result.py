"""The values that every method returns and every table, figure and report is drawn from.

Nothing here computes. Each value is frozen, holds plain Python numbers and strings, and goes to
JSON and back without loss. A thing that cannot be computed is a value too: `NotComputed`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Status = Literal["pass", "caution", "fail", "information"]
Bearing = Literal["sign", "size", "interval", "scope"]
BEARINGS: tuple[Bearing, ...] = ("sign", "size", "interval", "scope")
Cell = str | int | float | None
# What a mark stands for, so that the release gate knows its rule: a `mean` of, an `effect` on, a `share` of or a
# `count` of persons or places; the `value` of one of them; or a `model`'s own quantity, in which no unit's data can
# be read (a bound, a distribution under permutation, a weight of periods). What is `unsaid` does not leave.
EACH_COHORT = "each cohort"  # what `of` says where a mark sets cohorts apart without being of one
Holds = Literal["unsaid", "mean", "effect", "share", "count", "value", "model", "label"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One estimated number with everything that must travel with it.

    Parameters
    ----------
    term : str
        What is estimated, in the field's words: ``"ATT"``, ``"event time 2"``, ``"level change"``.
    estimand : str
        Whose average effect it is, in one sentence.
    outcome, unit : str
        The outcome's label, and the unit the number is in (``"referrals per 10,000 children"``).
    estimate, std_error, conf_low, conf_high : float
        The number, its standard error and its interval; None where not available, never NaN.
    conf_level : float
        Coverage the interval is meant to have.
    p_value : float or None
        Two-sided, for the null of no effect.
    inference : str
        How error, interval and p-value were made, in words a methodologist can check.
    n_treated, n_comparison, n_clusters, n_observations : int or None
        What the number rests on, in units (not rows), clusters, and rows used.
    support : int or None
        The fewest units, on either side, that stand behind this very number; None: as many as `n_treated` and
        `n_comparison` say.
    """

    term: str
    estimand: str
    outcome: str
    unit: str
    estimate: float
    std_error: float | None = None
    conf_low: float | None = None
    conf_high: float | None = None
    conf_level: float = 0.95
    p_value: float | None = None
    inference: str
    n_treated: int | None = None
    n_comparison: int | None = None
    n_clusters: int | None = None
    n_observations: int | None = None
    support: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A question put to the data or the result, what came back, and how to read it.

    `status` is ``"pass"`` (nothing against the design seen), ``"caution"``, ``"fail"`` (the
    design's assumption looks broken) or ``"information"``. A pass is never proof: `reading` says so.
    `bears_on` says what the worst answer could do to the number, and orders the headline: turn its ``"sign"``, change
    its ``"size"``, widen its ``"interval"``, or narrow whom it speaks of (``"scope"``).
    """

    name: str
    question: str
    statistic: float | None = None
    threshold: str = ""
    status: Status
    reading: str
    bears_on: Bearing = "size"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotComputed:
    """Something a reader might expect, and the reason it is not there."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStep:
    """One step of the sample's way from file to estimate: what was left after it, and why."""

    label: str
    n_rows: int
    n_units: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Who and what the estimates rest on."""

    flow: tuple[FlowStep, ...] = ()
    n_units: int = 0
    n_treated: int = 0
    n_comparison: int = 0
    n_periods: int = 0
    first_period: str = ""
    last_period: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line, set of points or set of bars of a figure; `low` and `high` draw an interval or a band.

    All of `x`, `y`, `low`, `high` have the same length; `x` holds numbers, or strings for categories.
    In style ``heat`` a series is one row of cells: `x` their columns, `y` their values, None where not computed;
    every series of that figure is a row of the same columns.
    `holds` says what a point stands for, `n` (as long as `x`) how many units stand behind each, `of` which group they
    are where there are several (a cohort, say): what is withheld of a group is withheld wherever it stands.
    """

    label: str
    x: tuple[float | str, ...]
    y: tuple[float | None, ...]
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()
    style: Literal["line", "dashed", "points", "intervals", "band", "bars", "steps", "heat"] = "line"
    holds: Holds = "unsaid"
    n: tuple[int | None, ...] = ()
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A reference line: vertical at `x` (a start, a break) or horizontal at `y` (zero, a threshold)."""

    label: str
    x: float | str | None = None
    y: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure as data. Only `hubeval.report` draws it; a screen reader gets `text` and the numbers.

    `title` states the finding; `ticks` maps numeric x positions to labels (periods, say). In a `horizontal` figure
    each series' x runs down the page; labels and marks stand as drawn: `x_label` below, a mark's `x` upright.
    Marks stand on aggregates, never on one person.
    """

    name: str
    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    horizontal: bool = False
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTable:
    """A table as data: a caption, named columns, rows of plain cells.

    `holds` says of each column what its cells stand for, `n` of each row how many units stand behind its cells, `of`
    which group they are where there are several.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    holds: tuple[Holds, ...] = ()
    n: tuple[int | None, ...] = ()
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a method's room hands back to the spine for one protocol and one table.

    `headline_terms` are the estimates a headline may quote, primary outcome first. `diagnostics`
    ask whether the design holds; `probes` try to break the result (placebo starts, leave-one-out).
    `limits` are sentences on what this method's number does not show. `levels` is where each outcome would stand
    without the treatment, by label, with how many units that is of; for designs without a before. `joint` says how the
    outcomes' p-values vary together where nothing moved, or why that is not known, where the protocol declares a family
    of them.
    """

    estimates: tuple[Estimate, ...]
    headline_terms: tuple[Estimate, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    probes: tuple[Diagnostic, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[ResultTable, ...] = ()
    not_computed: tuple[NotComputed, ...] = ()
    flow: tuple[FlowStep, ...] = ()
    limits: tuple[str, ...] = ()
    method: str = ""
    sample: Sample | None = None
    levels: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    joint: Any = None  # a JointNull of the engine, whose arrays this floor does not know, or a NotComputed


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What made a result: versions and hashes, so that it can be made again or found to differ.

    `calendar` is the day on which the calendar of shocks and programmes was last held against its sources.
    """

    hubeval: str
    python: str
    packages: Mapping[str, str]
    protocol_sha256: str
    data_sha256: str
    profile_sha256: str
    rubric_version: str
    seed: int | None = None
    made_on: str = ""
    despite: str = ""
    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The paragraph an elected member can read, and the sentences it is made of."""

    text: str
    cautious: bool
    not_shown: tuple[str, ...] = field(default=())
