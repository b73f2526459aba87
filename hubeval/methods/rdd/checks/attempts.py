"""The same effect tried otherwise: other bandwidths, without the nearest, at cut-offs that are none, on covariates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.rdd.door.sides import Cut, Side, cut_at
from hubeval.methods.rdd.inference.effect import effect_of, estimator_of
from hubeval.methods.rdd.inference.honest import honest_jump
from hubeval.methods.rdd.inference.robust import jump

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.rdd.door.protocols import Given
    from hubeval.methods.rdd.inference.effect import Effect
    from hubeval.protocol import RddDesign

    Floats = NDArray[np.float64]

TIMES = (0.5, 0.75, 1.0, 1.5, 2.0)  # of the bandwidth used
DONUTS = (0.05, 0.1)  # of the bandwidth, left out about the cut-off
FEWEST = 20  # rows on either side of a cut-off that is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One attempt: what was done otherwise, and what came out.

    Attributes
    ----------
    label : str
    estimate, low, high, p_value : float
    n : (int, int)
        Units on the treated side (or below) and on the other.
    h : float
    """

    label: str
    estimate: float
    low: float
    high: float
    p_value: float
    n: tuple[int, int]
    h: float


def other_bandwidths(given: Given, design: RddDesign, main: Effect, *, seed: int) -> tuple[Tried, ...]:
    """The effect at half to twice the bandwidth; those that too few rows support are left out."""
    made = []
    for times in TIMES:
        found = main if times == 1 else _again(given, design, main.h * times, seed)
        if found is not None:
            made.append(_tried(f"{times:g} times the bandwidth", found))
    return tuple(made)


def donuts(given: Given, design: RddDesign, main: Effect, *, seed: int) -> tuple[Tried, ...]:
    """The effect without those nearest to the cut-off, who could most easily have been placed on one side of it."""
    made = []
    for share in DONUTS:
        hole = share * main.h
        left, right = (_beyond(side, hole) for side in given.cut.sides)
        gone = given.cut.n - left.n - right.n
        if not gone or min(left.n, right.n) < FEWEST:
            continue
        without = replace(given, cut=replace(given.cut, left=left, right=right))
        found = _again(without, replace(design, estimator=main.estimator), main.h, seed)  # few values or not
        if found is not None:
            made.append(_tried(f"without those within {share:.0%} of the bandwidth", found))
    return tuple(made)


def placebo_cutoffs(given: Given, design: RddDesign) -> tuple[Tried, ...]:
    """The jump of the outcome at the middle of either side, from that side alone, where nothing begins."""
    made = []
    names = ("other", "treated") if given.treated_above else ("treated", "other")
    for name, side in zip(names, given.cut.sides, strict=True):
        middle = float(np.median(side.x))
        x, y = side.x - middle, side.values[:, 0]
        if min((x >= 0).sum(), (x < 0).sum()) < FEWEST or min(len(np.unique(x[x >= 0])), len(np.unique(x[x < 0]))) < 6:
            continue
        found = _plain(cut_at(x, y, cluster=side.cluster), given, design)
        made.append(replace(found, label=f"the middle of the {name} side"))
    return tuple(made)


def covariate_jumps(given: Given, design: RddDesign) -> tuple[Tried, ...]:
    """The jump of every covariate at the cut-off: what was there before cannot have been moved."""
    first, sign = 1 + given.cut.fuzzy, 1 if given.treated_above else -1
    made = []
    for place, name in enumerate(design.covariates):
        sides = [replace(side, values=side.values[:, [first + place]]) for side in given.cut.sides]
        if all(np.ptp(side.values) == 0 for side in sides):
            continue
        found = _plain(Cut(left=sides[0], right=sides[1]), given, design)
        made.append(replace(found, label=name, estimate=sign * found.estimate,
                            low=min(sign * found.low, sign * found.high),
                            high=max(sign * found.low, sign * found.high)))
    return tuple(made)


def _plain(cut: Cut, given: Given, design: RddDesign) -> Tried:
    """The jump of one column by the estimator of the headline, with its own bandwidth."""
    if estimator_of(given, design) == "honest":
        fair = honest_jump(cut, kernel=design.kernel)
        return Tried(label="", estimate=fair.estimate, low=fair.low, high=fair.high, p_value=fair.p_value, n=fair.n_h,
                     h=fair.h)
    found = jump(cut, kernel=design.kernel)
    return Tried(label="", estimate=found.corrected, low=found.low, high=found.high, p_value=found.p_value,
                 n=found.n_h, h=max(found.bandwidths.h))


def _again(given: Given, design: RddDesign, h: float, seed: int) -> Effect | None:
    """The effect at a bandwidth; None where too few rows lie within it."""
    few = min(side.within(h) for side in given.cut.sides) < FEWEST
    points = min(int((side.points < h).sum()) for side in given.cut.sides)
    if few or points < 4:
        return None
    try:
        return effect_of(given, design, seed=seed, h=h)
    except BadInput:
        return None


def _tried(label: str, found: Effect) -> Tried:
    return Tried(label=label, estimate=found.estimate, low=found.low, high=found.high, p_value=found.p_value,
                 n=found.n, h=found.h)


def _beyond(side: Side, hole: float) -> Side:
    """The side without the rows nearer than `hole`."""
    at = side.within(hole, edge=True)
    keep = side.first[side.first >= at]
    return replace(side, x=side.x[at:], values=side.values[at:], first=keep - at,
                   cluster=None if side.cluster is None else side.cluster[at:])
