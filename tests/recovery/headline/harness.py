"""Draws worlds whose truth is known and takes the headline as the verbs give it: does what is said of it hold?

A `World` draws a data set and names the protocol it is asked by. `headline` answers that protocol by the rooms'
own functions, figures left out; `study` draws many and counts bias, coverage, size and joint coverage of bands;
`promised` asks `hubeval.power` for a size and counts how often an effect of that size is found in fresh data.
The short cells run by default; `pytest -m slow tests/recovery/headline` runs the whole and prints the tables.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.data.bind import bind
from hubeval.detectable import Settings, power
from hubeval.errors import BadInput
from hubeval.methods.did.inference.trend_test import TrendTest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hubeval.data.table import Table
    from hubeval.methods.did.inference.fitted import Fitted
    from hubeval.protocol import Protocol
    from hubeval.result import Estimate

QUICK = Settings(draws=300, curve_draws=0)
SEEN: list[tuple[str, Any]] = []  # what `note` was told, for the table that pytest prints at the end
WIDE = 2.6  # Monte Carlo errors in a band: one share in a hundred lies outside it by chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One headline: its first term, its band (event time, low, high) and what its checks said (name to status)."""

    estimate: float
    low: float
    high: float
    p_value: float | None
    inference: str = ""
    band: tuple[tuple[float, float, float], ...] = ()
    said: dict[str, str] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether the headline claims an effect: its interval leaves out zero, or its test rejects where it has no interval."""
        if np.isinf([self.low, self.high]).all():
            return self.p_value is not None and self.p_value <= 0.05 + 1e-12
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How data are drawn, the protocol they are asked by, and the truth.

    Attributes
    ----------
    draw : function of (rng, effect)
        A data frame in which the treated moved by `effect`.
    protocol : Protocol
    truth : function of effect, optional
        What the headline should say; the effect itself where left out.
    path : function of (event time, effect), optional
        What the band should hold at an event time.
    """

    draw: Callable[[np.random.Generator, float], pd.DataFrame]
    protocol: Protocol
    truth: Callable[[float], float] = float
    path: Callable[[float, float], float] | None = None

    @property
    def sign(self) -> int:
        return -1 if self.protocol.primary.direction == "lower is better" else 1


@dataclass(frozen=True, slots=True)
class Share:
    """A share of draws, with the error that so many draws leave."""

    value: float
    error: float
    draws: int

    def within(self, low: float, high: float) -> bool:
        """Whether the share may lie in [low, high], as far as so many draws can tell."""
        return self.value + WIDE * self.error >= low and self.value - WIDE * self.error <= high

    def __str__(self) -> str:
        return f"{self.value:.3f} ± {WIDE * self.error:.3f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a study of one world came to."""

    bias: float
    bias_error: float
    coverage: Share
    found: Share
    joint: Share | None
    width: float
    refused: int
    inference: dict[str, int]
    said: dict[str, dict[str, int]]

    def __str__(self) -> str:
        joint = "" if self.joint is None else f"  joint {self.joint}"
        refused = f"  refused {self.refused}" if self.refused else ""
        return (f"bias {self.bias:+.3f} ± {WIDE * self.bias_error:.3f}  coverage {self.coverage}  found {self.found}"
                f"{joint}  width {self.width:.3g}{refused}  {self.inference}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What `hubeval.power` stated over several data sets, and how often fresh data found it."""

    sizes: tuple[float, ...]
    found: Share
    none: int
    refused: int
    false_alarms: float | None

    def __str__(self) -> str:
        size = f"{np.median(self.sizes):.3g}" if self.sizes else "none"
        alarms = "" if self.false_alarms is None else f"  stated false alarms {self.false_alarms:.3f}"
        return f"stated {size}  found {self.found}  none stated {self.none}  refused {self.refused}{alarms}"


def headline(protocol: Protocol, frame: pd.DataFrame) -> Head:
    """The headline of a protocol as `evaluate` gives it, by the room's own functions."""
    return HEADS[protocol.design.kind](protocol, bind(protocol, frame))


def study(world: World, draws: int, *, effect: float = 0.0, seed: int = 0) -> Row:
    """Draw a world many times; with `effect` 0, `found` is the size of the test."""
    heads, refused = [], 0
    for r in range(draws):
        try:
            heads.append(headline(world.protocol, world.draw(np.random.default_rng([seed, r]), effect)))
        except BadInput:
            refused += 1
    true = world.truth(effect)
    away = np.array([h.estimate for h in heads]) - true
    bands = [h.band for h in heads if h.band and world.path]
    held = [all(low <= world.path(t, effect) <= high for t, low, high in band) for band in bands]
    names = sorted({name for h in heads for name in h.said})
    return Row(
        bias=float(away.mean()), bias_error=float(away.std() / np.sqrt(len(away))),
        coverage=share(h.low <= true <= h.high for h in heads), found=share(h.found for h in heads),
        joint=share(held) if held else None, width=float(np.median([h.high - h.low for h in heads])), refused=refused,
        inference=dict(Counter(h.inference.split(";")[0][:60] for h in heads)),
        said={name: dict(Counter(h.said.get(name, "not computed") for h in heads)) for name in names})


def promised(
    world: World, sets: int, fresh: int, *, seed: int = 0, settings: Settings = QUICK, mirror: bool = False
) -> Promise:
    """Ask for the smallest detectable effect on `sets` data sets, and look for it in `fresh` others each.

    With `mirror` the effect is put in the other way (of use where no direction is declared).
    """
    sizes, hits, none, refused, alarms = [], [], 0, 0, []
    for r in range(sets):
        stated = power(world.protocol, world.draw(np.random.default_rng([seed, 1, r]), 0.0), settings=settings)
        if stated.smallest_detectable is None:
            none += 1
            continue
        sizes.append(stated.smallest_detectable)
        alarms += [] if stated.false_alarms is None else [stated.false_alarms]
        effect = (-1 if mirror else 1) * world.sign * stated.smallest_detectable
        seen = []
        for k in range(fresh):
            try:
                seen.append(headline(world.protocol, world.draw(np.random.default_rng([seed, 2, r, k]), effect)).found)
            except BadInput:
                refused += 1
        hits += [float(np.mean(seen))] if seen else []
    error = float(np.std(hits) / np.sqrt(max(len(hits), 1))) if hits else np.nan
    return Promise(sizes=tuple(sizes), found=Share(float(np.mean(hits)) if hits else np.nan, error, len(hits) * fresh),
                   none=none, refused=refused, false_alarms=float(np.mean(alarms)) if alarms else None)


def seen_of_trends(world: World, sets: int, fresh: int, *, aimed: float = 0.6, seed: int = 0) -> tuple[Share, Share]:
    """Stated power of the test of earlier trends against one slope, and how often fresh data with that trend fail it.

    The slope is the one that the first data sets say is found `aimed` of the time (in the middle, where a share shows
    most); every data set then states its own power against it. Data sets hold no trend.
    """
    def made(*place: int, slope: float = 0.0) -> Fitted:
        frame = world.draw(np.random.default_rng([seed, *place]), 0.0)
        if slope:
            year = pd.to_numeric(frame["year"])
            frame = frame.assign(y=frame["y"] + slope * (year - year.min()) * (frame["opened"] != ""))
        return fitted_did(world.protocol, bind(world.protocol, frame))

    tests = [fit.trend_test for r in range(sets) if isinstance((fit := made(1, r)).trend_test, TrendTest)]
    slope = float(np.median([found for one in tests[:10] if (found := one.slope(aimed)) is not None]))
    stated = np.array([one.power(slope) for one in tests])
    found = [fit.trend_test.p_value < 0.05 for r in range(sets) for k in range(fresh)
             if isinstance((fit := made(2, r, k, slope=slope)).trend_test, TrendTest)]
    return Share(float(stated.mean()), float(stated.std() / np.sqrt(len(stated))), len(stated)), share(found)


def note(name: str, seen: Row | Promise) -> None:
    """Have a cell printed when pytest ends."""
    SEEN.append((name, seen))


def share(values: Iterable[Any]) -> Share:
    seen = np.array([bool(v) for v in values])
    p = float(seen.mean())
    return Share(p, float(np.sqrt(max(p * (1 - p), 0.25 / len(seen)) / len(seen))), len(seen))


def ends(one: Estimate) -> dict[str, Any]:
    return {"estimate": one.estimate, "p_value": one.p_value, "inference": one.inference,
            "low": -np.inf if one.conf_low is None else one.conf_low,
            "high": np.inf if one.conf_high is None else one.conf_high}


def statuses(checks: Iterable[Any]) -> dict[str, str]:
    return {check.name: check.status for check in checks if hasattr(check, "status")}


def fitted_did(protocol: Protocol, table: Table) -> Fitted:
    from hubeval.methods.did import room

    design = room._settled(protocol.design, room._panel(table, protocol.design, protocol.primary.column))
    room._check(design, protocol)
    panel = room._panel(table, design, protocol.primary.column)
    room._comparable(panel)
    return room._fit(panel, design, protocol.seed)


def _did(protocol: Protocol, table: Table) -> Head:
    fit = fitted_did(protocol, table)
    band = tuple((t, *pair) for t, pair in zip(fit.event_times, fit.band, strict=True)) if fit.band else ()
    return Head(**ends(fit.overall), band=band, said=statuses([fit.pretrend]))


def _its(protocol: Protocol, table: Table) -> Head:
    from hubeval.methods.its.door.frames import bind as read
    from hubeval.methods.its.door.protocols import request
    from hubeval.methods.its.estimators.series import fit_series

    fit = fit_series(read(*request(protocol, protocol.design, protocol.primary, table)))
    return Head(**ends(fit.average().absolute))


def _synth(protocol: Protocol, table: Table) -> Head:
    from hubeval.methods.synth import room
    from hubeval.methods.synth.door.protocols import panel_of

    room._check(protocol.design, protocol)
    panel, _ = panel_of(table, protocol.design, protocol.primary.column)
    return Head(**ends(room._fit(panel, protocol.design, protocol.seed).estimates()[0]))


def _matching(protocol: Protocol, table: Table) -> Head:
    from hubeval.methods.matching import room

    room._check(protocol.design, protocol)
    runs = room._runs(protocol, protocol.design, table.frame)
    return Head(**ends(runs.estimate(protocol.primary, protocol.design, protocol.seed)))


HEADS: dict[str, Callable[[Protocol, Table], Head]] = {"did": _did, "its": _its, "synth": _synth, "matching": _matching}
