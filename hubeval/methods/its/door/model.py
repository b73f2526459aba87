"""One series and everything declared about it, as arrays; and the design matrix that follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.its.door.axis import Axis
    from hubeval.methods.its.door.options import Errors, Family, Impact, InferenceName, Seasonality

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

RARE = 10.0  # events a period before the start below which the bias of a count's log is taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """An interruption as a position on the axis, `last` its last treated one: see `options.Interruption`."""

    position: int
    impact: Impact = "level and slope"
    over: int = 0
    last: int | None = None

    def on(self, t: Floats) -> Bools:
        """Where it is in force, of positions `t`."""
        return np.asarray((t >= self.position) & (t <= (np.inf if self.last is None else self.last)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A declared column beside trend, effect and season: a shock, a dropped period, a covariate."""

    name: str
    column: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The comparison series themselves, for analyses of one at a time and of each as if it were treated.

    Attributes
    ----------
    series, exposure : (J, n) float
        Outcomes, and exposures (ones where there are none).
    own : (n,) float
        Log exposure of the treated series.
    start : int
        Position of the first interruption.
    """

    series: Floats
    exposure: Floats
    own: Floats
    start: int

    @property
    def events(self) -> Floats:
        """All the series' events, half an event more where they are rare, (n,): what their log is taken of."""
        events = self.series.sum(axis=0)
        # half an event more takes the bias out of the log of few; of many it would change nothing that can be seen
        return np.asarray(events + 0.5 if self.rare else np.maximum(events, 0.5))

    def offset(self, *, log_link: bool) -> Floats:
        """Mean of the series, or log own exposure plus the log of their pooled rate about its own mean, (n,)."""
        if not log_link:
            return np.asarray(self.series.mean(axis=0))
        rate = np.log(self.events / self.exposure.sum(axis=0))
        return np.asarray(self.own + rate - rate.mean())

    @property
    def rare(self) -> bool:
        """Whether all the series together had few events a period before the start."""
        return bool(self.series[:, : self.start].sum(axis=0).mean() < RARE)

    def until(self, end: int) -> Comparison:
        """The first `end` periods."""
        return Comparison(
            series=self.series[:, :end], exposure=self.exposure[:, :end], own=self.own[:end], start=self.start
        )

    def only(self, which: list[int]) -> Comparison:
        """Some of the series."""
        return replace(self, series=self.series[which], exposure=self.exposure[which])


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesModel:
    """A checked request: arrays of length n on an unbroken axis, and the choices made.

    Attributes
    ----------
    y : (n,) float
        Outcome; any finite number where `silent`.
    offset : (n,) float
        Added to the linear predictor: log exposure, and the comparison series when there is one.
    breaks : tuple of Break
        In order of time.
    silent : (n,) bool
        Periods with a term of their own (transition, dropped): they say nothing about the effect.
    left_out : tuple of (str, int)
        Comparison series that were named and not used, and the number of their periods without a number.
    """

    outcome: str
    axis: Axis
    y: Floats
    offset: Floats
    breaks: tuple[Break, ...]
    transition: tuple[int, int] | None
    silent: Bools
    terms: tuple[Term, ...]
    seasonality: Seasonality | None
    family: Family
    errors: Errors
    inference: InferenceName
    controls: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    comparison: Comparison | None = None

    @property
    def n(self) -> int:
        """Number of periods."""
        return len(self.y)

    @property
    def start(self) -> int:
        """Position of the first interruption."""
        return self.breaks[0].position

    @property
    def log_link(self) -> bool:
        """Counts are modelled on the log scale."""
        return self.family != "gaussian"

    @property
    def rare(self) -> bool:
        """Counts with few events a period before the first interruption; what came after it is not looked at."""
        return self.log_link and float(self.y[self.before].mean()) < RARE

    @property
    def after(self) -> Bools:
        """Periods with an interruption in force that say something about the effect, (n,)."""
        return self._in_force & ~self.silent

    @property
    def withdrawn(self) -> Bools:
        """Periods after an interruption with none in force any more, which say something about the return, (n,)."""
        return (np.arange(self.n) > self.start) & ~self._in_force & ~self.silent

    @property
    def _in_force(self) -> Bools:
        t = np.arange(self.n, dtype=float)
        return np.asarray(np.any([one.on(t) for one in self.breaks], axis=0))

    @property
    def before(self) -> Bools:
        """Periods before the first interruption that say something about the trend, (n,)."""
        return np.asarray((np.arange(self.n) < self.start) & ~self.silent)

    def before_only(self, position: int) -> SeriesModel:
        """The series up to the first interruption (or the transition before it), with a made-up one at `position`."""
        end = self.start if self.transition is None else min(self.start, self.transition[0])
        cut = slice(0, end)
        kept = tuple(Term(name=t.name, column=t.column[cut]) for t in self.terms if np.ptp(t.column[cut]) > 0)
        axis = replace(self.axis, labels=self.axis.labels[cut], season=self.axis.season[cut])
        return replace(
            self,
            axis=axis,
            y=self.y[cut],
            offset=self.offset[cut],
            breaks=(replace(self.breaks[0], position=position, last=None),),
            transition=None,
            silent=self.silent[cut],
            terms=kept,
            comparison=None if self.comparison is None else self.comparison.until(end),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignMatrix:
    """Columns with their names; `effect` marks those that carry the effect (zero in the counterfactual).

    Attributes
    ----------
    x : (n, k) float
    names : tuple of str
    effect : (k,) bool
    """

    x: Floats
    names: tuple[str, ...]
    effect: Bools

    @property
    def without(self) -> Floats:
        """The design had the interruption not happened, (n, k)."""
        return np.where(self.effect, 0.0, self.x)


def design(model: SeriesModel) -> DesignMatrix:
    """Intercept, trend centred at the interruption, level and slope changes, season, declared terms, silent periods.

    Trend and slopes are counted from the interruption, so "level change" is the effect in the first
    treated period (after the transition, where one is declared), not at the series' own beginning.
    """
    t = np.arange(model.n, dtype=float)
    columns: list[tuple[str, Floats, bool]] = [
        ("intercept", np.ones(model.n), False),
        ("trend", t - model.start, False),
    ]
    for one in model.breaks:
        suffix = "" if len(model.breaks) == 1 else f" at {model.axis.labels[one.position]}"
        columns += [(name + suffix, column, True) for name, column in _effect(model, one, t)]
    columns += _season_change(model, t)
    columns += [(name, column, False) for name, column in _season(model)]
    columns += [(term.name, term.column, False) for term in model.terms]
    for position in np.flatnonzero(model.silent):
        columns.append((f"period {model.axis.labels[position]}", (t == position).astype(float), False))
    return DesignMatrix(
        x=np.column_stack([column for _, column, _ in columns]),
        names=tuple(name for name, _, _ in columns),
        effect=np.array([effect for _, _, effect in columns]),
    )


def first_period(model: SeriesModel, one: Break) -> int:
    """Position of the first period in which an interruption has its effect: after the transition, if it is in one."""
    inside = model.transition is not None and model.transition[0] <= one.position <= model.transition[1]
    return model.transition[1] + 1 if inside and model.transition is not None else one.position


def _effect(model: SeriesModel, one: Break, t: Floats) -> list[tuple[str, Floats]]:
    begin = first_period(model, one)
    on = ((t >= begin) & one.on(t)).astype(float)
    if one.impact == "ramp":
        return [("level change", on * np.clip((t - begin + 1) / max(one.over, 1), 0, 1))]
    pair = [("level change", on), ("slope change", on * (t - begin))]
    return {"level and slope": pair, "level": pair[:1], "slope": [("slope change", on * (t - begin + 1))]}[one.impact]


def _season_change(model: SeriesModel, t: Floats) -> list[tuple[str, Floats, bool]]:
    """Change of the season at the first interruption, nought over a year: the level change is a year's."""
    if model.seasonality is None or not model.seasonality.changes:
        return []
    first = model.breaks[0]
    on = ((t >= first_period(model, first)) & first.on(t)).astype(float)
    season, cycle = np.array(model.axis.season), model.axis.cycle
    last = (season == 0).astype(float) if model.seasonality.kind == "calendar" and cycle else 0.0
    return [(f"change of {name}", on * (column - last), True) for name, column in _season(model)]


def _season(model: SeriesModel) -> list[tuple[str, Floats]]:
    """Terms of the declared season."""
    season, cycle = np.array(model.axis.season), model.axis.cycle
    if model.seasonality is None:
        return []
    if model.seasonality.kind == "calendar":
        word = "month" if cycle == 12 else "quarter"
        return [(f"{word} {s + 1}", (season == s).astype(float)) for s in range(1, cycle)]
    found: list[tuple[str, Floats]] = []
    for j in range(1, model.seasonality.harmonics + 1):
        angle = 2 * np.pi * j * (season + 1) / cycle
        found.append((f"sine {j}", np.sin(angle)))
        if 2 * j != cycle:
            found.append((f"cosine {j}", np.cos(angle)))
    return found
