"""What the room asks of any of its estimators: one average, effects by time since the start, a pre-trend reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.estimators.effects import Effects
from hubeval.methods.did.inference.trend_test import TrendTest

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.group_time import GroupTime
    from hubeval.methods.did.inference.permutation.placebo import Placebo
    from hubeval.protocol import DidDesign
    from hubeval.result import Diagnostic, Estimate, NotComputed

    Floats = NDArray[np.float64]

REACH = 6  # periods on either side of the start that bounds look at


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a design's number is made on one panel: the estimator named, and the inference with the rule that chose it.

    Attributes
    ----------
    design : DidDesign
        With its estimator settled.
    method : str
        The inference.
    because : str
        The rule that chose it, in words; empty where it was asked for by name.
    seed : int
    """

    design: DidDesign
    method: str
    because: str = ""
    seed: int = 20261122


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """One outcome's answer by one estimator.

    Attributes
    ----------
    method : str
        The inference that was used.
    overall : Estimate
        The average effect on the treated.
    events : tuple of Estimate
        By time since the start; `event_times` beside them.
    trend_test : TrendTest, Diagnostic or NotComputed
        That the groups moved alike before the start, with its own power; what it says is `pretrend`.
    point : function of Panel
        The same estimator's average on another panel, for the probes; no inference.
    cells : GroupTime or None
        The effects by cohort and period behind it, where the estimator has them.
    band : tuple of (low, high)
        Beside `events`: a band that holds them all together; empty where there is none.
    reference : float
        Event time of the last period before the (anticipated) start.
    path : function or None
        The same estimator's effects by event time against that period, with their joint covariance by the same
        inference, for bounds; None where it has no such effects.
    placebo : Placebo or None
        Permuted starts of the average (first column), where they were made.
    influence : function or None
        The panel that the average rests on, and what each of its units moves it by, (N,); None where its inference is
        of another kind.
    """

    method: str
    overall: Estimate
    events: tuple[Estimate, ...]
    event_times: tuple[float, ...]
    trend_test: TrendTest | Diagnostic | NotComputed
    point: Callable[[Panel], float]
    not_computed: tuple[NotComputed, ...] = ()
    cells: GroupTime | None = None
    band: tuple[tuple[float, float], ...] = ()
    placebo: Placebo | None = None
    reference: float = -1.0
    path: Callable[[], Effects] | None = None
    influence: Callable[[], tuple[Panel, Floats]] | None = None

    @property
    def anticipation(self) -> int:
        """Periods before the start in which treatment was declared to act."""
        return int(-1 - self.reference)

    @property
    def pretrend(self) -> Diagnostic | NotComputed:
        """What the test before the start says."""
        return self.trend_test.reading() if isinstance(self.trend_test, TrendTest) else self.trend_test


def band_of(drawn: Placebo | None, which: NDArray[np.bool_]) -> tuple[tuple[float, float], ...]:
    """The ends of a band over the terms in `which`, where starts were permuted."""
    if drawn is None or not which.any():
        return ()
    ends = drawn.band(which, 0.95)
    bounded = all(bool(np.isfinite(end).all()) for end in ends)  # too few assignments bound nothing
    return tuple(zip(*(end.tolist() for end in ends), strict=True)) if bounded else ()


def path_of(times: Floats, estimate: Floats, covariance: Floats, inference: str) -> Effects:
    """Effects by event time, up to six periods on either side of the start, those without an error left out."""
    near = (np.abs(times) <= REACH) & np.isfinite(np.diag(covariance)) & (np.diag(covariance) > 0)
    return Effects(method="event study", estimand="path", inference=inference, by="event_time",
                   keys=tuple(times[near].tolist()), estimate=estimate[near], covariance=covariance[np.ix_(near, near)])


def spread(drawn: Placebo) -> Floats:
    """Covariance of the permuted estimates, the effects themselves taken out of them, (k, k)."""
    return np.asarray(drawn.quiet.T @ drawn.quiet / len(drawn.quiet))


def labelled(fitted: Fitted, label: str, unit: str) -> Fitted:
    """The same with the outcome's name in words and its unit."""
    return replace(fitted, overall=replace(fitted.overall, outcome=label, unit=unit),
                   events=tuple(replace(e, outcome=label, unit=unit) for e in fitted.events))
