"""Averages of group-time effects: all, by cohort, by time since the start, by period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from scipy import stats

from hubeval.errors import Door
from hubeval.methods.did.estimators.averages import mass_of
from hubeval.methods.did.estimators.influence import covariance, normal_frame, uniform_critical_value
from hubeval.methods.did.estimators.welch import welch
from hubeval.shown import Shown

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Mask = NDArray[np.bool_]

Kind = Literal["simple", "group", "event", "calendar"]
PLENTY = 100  # units that start together, or never, from which errors need no small-sample correction
KINDS = ("simple", "group", "event", "calendar")
ALONE = "one treated unit: no standard error can be had from it"
PARTLY = "includes a cohort of one unit, whose own noise is not in the error"
BY = {"simple": "overall", "group": "group", "event": "event_time", "calendar": "time"}


class CellsLike(Protocol):
    """What averages are made of: effects by cohort and period, as `GroupTime` holds them."""

    @property
    def group(self) -> Floats:
        """Clock values of the cohorts' starts, (K,)."""
        ...

    @property
    def time(self) -> Floats:
        """Clock values of the periods, (K,)."""
        ...

    @property
    def estimate(self) -> Floats:
        """The effects, (K,)."""
        ...

    @property
    def after(self) -> Mask:
        """From the start on, (K,)."""
        ...

    @property
    def influence(self) -> Floats:
        """Of each effect, by unit, (K, N)."""
        ...

    @property
    def panel(self) -> Panel:
        """What was used."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Shown):
    """Averages of group-time effects. k averages, N units.

    Attributes
    ----------
    kind : str
    keys : (k,) float
        Cohort starts, event times or periods; empty for ``simple``.
    estimate, std_error : (k,) float
    overall, overall_error : float
        The one-number summary: all cells from the start on (simple), the mean over cohorts by size
        (group), over event times from 0 (event), over periods (calendar).
    influence : (k, N) float
    overall_influence : (N,) float
    cluster : (N,) int
    start, mass : (N,) float
        Position of each unit's start, and what it counts in its cohort's means.
    notes : tuple of str
        What a reader must know of each average, or nothing.
    """

    kind: Kind
    keys: Floats
    estimate: Floats
    std_error: Floats
    overall: float
    overall_error: float
    conf_level: float
    influence: Floats = field(repr=False)
    overall_influence: Floats = field(repr=False)
    cluster: Codes = field(repr=False)
    start: Floats = field(repr=False, default_factory=lambda: np.empty(0))
    mass: Floats = field(repr=False, default_factory=lambda: np.empty(0))
    notes: tuple[str, ...] = ()

    @property
    def covariance(self) -> Floats:
        """Joint covariance of the averages, (k, k)."""
        return covariance(self.influence, self.cluster)

    def critical_value(self, *, draws: int = 10_000, seed: int = 20261122) -> float:
        """Critical value of the uniform band, by multiplier bootstrap."""
        known = np.isfinite(self.std_error)
        return uniform_critical_value(self.influence[known], self.cluster, self.conf_level, draws=draws, seed=seed)

    def reach(self) -> Floats:
        """How far the uniform band goes on either side, (k,).

        With many clusters the errors times the critical value. With few, errors corrected for each cluster's share and
        Student's t with its own degrees of freedom, at a level that leaves room for all k (Sidak): wide where cohorts
        are small, and never narrower than the former.
        """
        plain = self.critical_value() * self.std_error
        if int(np.unique(self.start, return_counts=True)[1].min()) >= PLENTY:
            return plain
        errors, df, _ = welch(self.influence, self.cluster, self.start, self.mass, cautious=True)
        each = self.conf_level ** (1 / max(len(self.keys), 1))
        return np.fmax(plain, stats.t.ppf((1 + each) / 2, df) * errors) + 0 * plain

    def to_frame(self, *, bands: Literal["pointwise", "uniform"] = "pointwise") -> pd.DataFrame:
        """One row an average, the overall one last; ``uniform`` bands cover all averages together."""
        name = BY[self.kind]
        frame = normal_frame(self.estimate, self.std_error, self.conf_level)
        if bands == "uniform" and len(self.keys):
            reach = self.reach()
            frame["conf_low"], frame["conf_high"] = self.estimate - reach, self.estimate + reach
        last = normal_frame(np.array([self.overall]), np.array([self.overall_error]), self.conf_level)
        frame.loc[len(frame)] = last.iloc[0]
        if len(self.keys):
            frame.insert(0, name, [*self.keys, np.nan])
        frame.insert(0, "term", [*(f"{name.replace('_', ' ')} {k:g}" for k in self.keys), "ATT"])
        return frame.assign(note=[*self.notes, ""])


def aggregate(
    cells: CellsLike, kind: Kind = "simple", *, balance: int | None = None, conf_level: float = 0.95
) -> Aggregate:
    """Average group-time effects, with the error that comes from estimating the cohorts' sizes.

    Parameters
    ----------
    cells : GroupTime
    kind : {"simple", "group", "event", "calendar"}
    balance : int, optional
        For ``event``: only cohorts seen at least this long after their start, and event times at which
        all of them are seen.
    conf_level : float

    Notes
    -----
    Callaway & Sant'Anna (2021), section 3.

    Examples
    --------
    >>> import pandas as pd
    >>> from hubeval.methods.did import group_time
    >>> frame = pd.DataFrame({"la": list("AAABBBCCC"), "year": [1, 2, 3] * 3, "opened": [2] * 3 + [None] * 6,
    ...                       "rate": [5., 3., 2., 4., 4., 4.5, 2., 2., 2.5]})
    >>> group_time(frame, outcome="rate", unit="la", time="year", start="opened").aggregate("simple").overall
    -2.75
    """
    door = Door()
    door.choice("kind", kind, KINDS)
    if balance is not None and (kind != "event" or balance < 0):
        door.refuse("balance", f"found {balance} with kind {kind!r}", "0 or more, with kind 'event'", "Leave it out.")
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level}", "a number between 0 and 1", "Write 0.95.")
    door.close()
    shares = Shares.of(cells)
    event = cells.time - cells.group
    if kind == "simple":
        overall, influence = shares.average(cells.after)
        return _result(cells, kind, np.empty(0), [], overall, influence, conf_level)
    if kind == "event":
        keep = np.ones(len(event), dtype=bool)
        if balance is not None:
            last, first = cells.panel.clock[-1], cells.panel.clock[0]
            keep = (last - cells.group >= balance) & (event <= balance) & (event >= balance - last + first)
        keys = np.unique(event[keep])
        masks = [keep & (event == e) for e in keys]
        weight = (keys >= 0) / max(1, int((keys >= 0).sum()))
    elif kind == "calendar":
        keys = np.unique(cells.time[cells.after])
        masks = [cells.after & (cells.time == t) for t in keys]
        weight = np.full(len(keys), 1 / len(keys))
    else:
        keys = np.unique(cells.group[cells.after])
        masks = [cells.after & (cells.group == g) for g in keys]
        parts = [(float(cells.estimate[w].mean()), cells.influence[w].mean(axis=0)) for w in masks]
        overall, influence = shares.over_groups(keys, parts)
        return _result(cells, kind, keys, parts, overall, influence, conf_level, _lonely(cells, masks))
    parts = [shares.average(w) for w in masks]
    overall = float(weight @ [value for value, _ in parts])
    influence = weight @ np.stack([psi for _, psi in parts])
    return _result(cells, kind, keys, parts, overall, influence, conf_level, _lonely(cells, masks))


def _lonely(cells: CellsLike, masks: list[Mask]) -> tuple[str, ...]:
    """Say which averages rest, wholly or in part, on cohorts of one unit, whose own noise no error can hold."""
    sizes = {g: int(((cells.panel.start == g)).sum()) for g in np.unique(cells.group)}
    alone = np.array([sizes[g] == 1 for g in cells.group])
    return tuple(ALONE if alone[w].all() else PARTLY if alone[w].any() else "" for w in masks)


@dataclass(slots=True)
class Shares:
    """Cohort shares and their influence."""

    cells: CellsLike
    start: Floats  # (N,) cohort of every unit, as the cells name it
    weight: Floats  # (N,) mean one

    @classmethod
    def of(cls, cells: CellsLike) -> Shares:
        """The cohort shares behind some group-time effects."""
        panel = cells.panel
        weight = np.ones(panel.n_units)
        if panel.weights is not None:
            weight = np.bincount(panel.unit, panel.weights) / np.bincount(panel.unit)
            weight = weight / weight.mean()
        start = np.full(panel.n_units, np.inf)
        for group in np.unique(cells.group):
            position = int(np.searchsorted(panel.clock, group))
            start[panel.first == position] = group
        return cls(cells, start, weight)

    def cell_weights(self, which: Mask) -> tuple[Floats, Floats]:
        """Weights on all cells that average those in `which` by cohort share, and those shares, (K,) both."""
        size = {g: self.weight[self.start == g].sum() / len(self.start) for g in np.unique(self.cells.group[which])}
        share = np.array([size.get(g, 0.0) for g in self.cells.group]) * which
        total = share.sum()
        return (share / total if total else np.full(len(share), np.nan)), share

    def average(self, which: Mask) -> tuple[float, Floats]:
        """Cells in `which` averaged by cohort share, and the influence of that."""
        w, share = self.cell_weights(which)
        level = float(w @ self.cells.estimate)
        influence = w[which] @ self.cells.influence[which]
        names = np.unique(self.cells.group[which])
        for g in names if len(names) > 1 else ():
            # what it moves when a cohort's share does: its cells' distance from the average
            mine = which & (self.cells.group == g)
            pull = float((self.cells.estimate[mine] - level).sum()) / share.sum()
            influence = influence + pull * (self.weight * (self.start == g) - share[mine][0])
        return level, influence

    def over_groups(self, keys: Floats, parts: list[tuple[float, Floats]]) -> tuple[float, Floats]:
        """Cohort averages weighted by cohort share."""
        size = np.array([self.weight[self.start == g].sum() for g in keys]) / len(self.start)
        w = size / size.sum()
        values = np.array([value for value, _ in parts])
        level = float(w @ values)
        influence = w @ np.stack([psi for _, psi in parts])
        for j, g in enumerate(keys):
            pull = (values[j] - level) / size.sum()
            influence = influence + pull * (self.weight * (self.start == g) - size[j])
        return level, influence


def _result(
    cells: CellsLike, kind: Kind, keys: Floats, parts: list[tuple[float, Floats]], overall: float, influence: Floats,
    conf_level: float, notes: tuple[str, ...] = (),
) -> Aggregate:
    cluster, n = cells.panel.cluster, cells.panel.n_units
    stacked = np.stack([psi for _, psi in parts]) if parts else np.empty((0, n))
    error = np.sqrt(np.diag(covariance(stacked, cluster))) if parts else np.empty(0)
    error = np.where((error > 0) & np.array([note != ALONE for note in notes], dtype=bool), error, np.nan)
    total = float(np.sqrt(covariance(influence[None, :], cluster)[0, 0]))
    return Aggregate(
        kind=kind, keys=keys, estimate=np.array([value for value, _ in parts]), std_error=error, overall=overall,
        overall_error=total, conf_level=conf_level, influence=stacked, overall_influence=influence, cluster=cluster,
        start=cells.panel.first.astype(np.float64), mass=mass_of(cells.panel), notes=notes)
