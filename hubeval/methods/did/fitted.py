"""What the room asks of any of its estimators: one average, effects by time since the start, a pre-trend reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.event_study import fit_event_study, pretrend
from hubeval.methods.did.two_way import fit_two_way
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable

    from hubeval.methods.did.panel import Panel
    from hubeval.protocol import DidDesign
    from hubeval.result import Diagnostic, Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """One outcome's answer by one estimator.

    Attributes
    ----------
    overall : Estimate
        The average effect on the treated.
    events : tuple of Estimate
        By time since the start; `event_times` beside them.
    pretrend : Diagnostic or NotComputed
    point : function of Panel
        The same estimator's average on another panel, for the probes; no inference.
    """

    overall: Estimate
    events: tuple[Estimate, ...]
    event_times: tuple[float, ...]
    pretrend: Diagnostic | NotComputed
    point: Callable[[Panel], float]
    not_computed: tuple[NotComputed, ...] = ()


def by_two_way(panel: Panel, design: DidDesign, seed: int) -> Fitted:
    """The two-way fixed-effects answer."""
    main = fit_two_way(panel, inference=design.inference, seed=seed)  # type: ignore[arg-type]

    def point(other: Panel) -> float:
        return float(fit_two_way(other, inference="cluster").estimate[0])

    try:
        study = fit_event_study(panel, window=design.window, inference=design.inference, seed=seed)  # type: ignore[arg-type]
    except BadInput as problem:
        absent = NotComputed(what="event study", reason=str(problem))
        return Fitted(overall=main.estimates[0], events=(), event_times=(), pretrend=absent, point=point)
    seen = np.isfinite(study.estimate)
    events = tuple(e for e, ok in zip(study.estimates, seen, strict=True) if ok)
    times = tuple(t for t, ok in zip(study.event_times, seen, strict=True) if ok)
    return Fitted(overall=main.estimates[0], events=events, event_times=times, pretrend=pretrend(study), point=point,
                  not_computed=study.not_computed)


FITS: dict[str, Callable[[Panel, DidDesign, int], Fitted]] = {"two-way": by_two_way}


def labelled(fitted: Fitted, label: str, unit: str) -> Fitted:
    """The same with the outcome's name in words and its unit."""
    return replace(fitted, overall=replace(fitted.overall, outcome=label, unit=unit),
                   events=tuple(replace(e, outcome=label, unit=unit) for e in fitted.events))
