"""The group-time answer, as the room asks for it: the average effect, and effects by time since the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.estimators.averages import Averaging, averages, mass_of
from hubeval.methods.did.estimators.group_time import GroupTime, fit_group_time
from hubeval.methods.did.estimators.influence import covariance
from hubeval.methods.did.inference.fitted import REACH, Fitted, band_of, path_of, spread
from hubeval.methods.did.inference.permutation.group_time import placebo_group_time
from hubeval.methods.did.inference.regression import PERMUTED_UP_TO, one_cluster
from hubeval.methods.did.inference.rule import (
    Reading,
    by_welch,
    estimates,
    from_placebo,
    from_t,
    without_error,
)
from hubeval.methods.did.inference.trend_test import TrendTest, by_clusters, permuted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.cells import Base
    from hubeval.methods.did.estimators.effects import Effects
    from hubeval.methods.did.inference.fitted import Plan
    from hubeval.methods.did.inference.permutation.placebo import Placebo
    from hubeval.protocol import DidDesign
    from hubeval.protocol.did import Mix
    from hubeval.result import NotComputed

    Floats = NDArray[np.float64]

AVERAGES: dict[Averaging, str] = {
    "observations": "average effect over treated {rows}, each {row} counting once, against what group-time effects "
                    "compare it with",
    "units": "average effect over treated {units}, each {unit} counting once in every period, against what group-time "
             "effects compare it with",
}
MIXES: dict[Mix, str] = {
    "as found": "",
    "treated-before": "; among people mixed as in the treated areas before their start",
    "treated-after": "; among people mixed as in the treated areas from their start on",
    "pooled": "; among people mixed as in all areas and periods together",
}


def by_group_time(panel: Panel, plan: Plan) -> Fitted:
    """The group-time answer: the average over treated observations, and averages by time since the start."""
    design = plan.design
    make = _make(design, design.base)
    fit = make(panel)
    used = fit.panel
    low, high = design.window or (-np.inf, np.inf)
    seen = np.unique((fit.time - fit.group)[~fit.reference])
    keys = seen[(seen >= low) & (seen <= high)]
    weights = averages(fit, keys, design.average)
    estimate = weights @ fit.estimate
    drawn = None
    few = used.n_units <= PERMUTED_UP_TO and not used.made
    path = bool(len(keys)) and few and not used.x.shape[1]  # its band and its trend test
    if plan.method == "permutation" or path:
        drawn = placebo_group_time(fit, make, keys, averaging=design.average, anticipation=design.anticipation,
                                   seed=plan.seed)
    reading = (from_placebo(drawn, 0.95, plan.because) if plan.method == "permutation" and drawn is not None
               else _from_influence(fit, weights, estimate, plan))
    terms = ("ATT", *(f"event time {e:g}" for e in keys))
    means = [_estimand(used, design.average) + MIXES[design.mix],
             *(f"average effect on the treated {_when(e)}, over cohorts seen then{MIXES[design.mix]}" for e in keys)]
    made = estimates(terms, estimate, reading, used, estimand=means)
    return Fitted(method=plan.method, overall=made[0], events=made[1:], reference=-1.0 - design.anticipation,
                  path=lambda: _path(panel, plan), event_times=tuple(keys.tolist()),
                  trend_test=_trend_test(fit, drawn, keys, weights, design.anticipation),
                  point=lambda other: _simple(make(other), design.average), cells=fit, not_computed=fit.not_computed,
                  band=band_of(drawn, np.append(False, np.ones(len(keys), dtype=bool))),
                  placebo=drawn if plan.method == "permutation" else None,
                  influence=lambda: (used, weights[0] @ fit.influence))


def _make(design: DidDesign, base: Base) -> Callable[[Panel], GroupTime]:
    """The estimator as a function of a panel."""
    return lambda panel: fit_group_time(panel, estimator=design.adjustment, control=design.control, base=base,
                                        anticipation=design.anticipation, gaps=design.gaps, mix=design.mix)


def _path(panel: Panel, plan: Plan) -> Effects:
    """Averages by event time against one period before the start, with their covariance by the plan's inference."""
    make = _make(plan.design, "universal")
    fit = make(panel)
    keys = np.unique((fit.time - fit.group)[~fit.reference])
    keys = keys[np.abs(keys) <= REACH]
    weights = averages(fit, keys, plan.design.average)[1:]
    estimate = weights @ fit.estimate
    if plan.method == "permutation":
        drawn = placebo_group_time(fit, make, keys, averaging=plan.design.average,
                                   anticipation=plan.design.anticipation, seed=plan.seed)
        return path_of(keys, estimate, spread(drawn)[1:, 1:], "permuted starts")
    return path_of(keys, estimate, by_welch(estimate, weights @ fit.influence, fit.panel, 0.95)[1], "cluster errors")


def _estimand(panel: Panel, averaging: Averaging) -> str:
    row, unit = ("person", panel.cluster_name) if panel.repeated else ("unit-period", "unit")
    return AVERAGES[averaging].format(rows=f"{row}s", row=row, units=f"{unit}s", unit=unit)


def _from_influence(fit: GroupTime, weights: Floats, estimate: Floats, plan: Plan) -> Reading:
    """Errors of averages whose weights are those of the units treated here."""
    if alone := one_cluster(fit.panel):
        return without_error(estimate, f"none: {alone}, from which a cluster-robust error cannot be had")
    psi = weights @ fit.influence
    if plan.method == "cluster":
        tail = f"; {plan.because}" if plan.because else ""
        errors = np.sqrt(np.diag(covariance(psi, fit.panel.cluster)))
        words = f"influence functions clustered by {fit.panel.cluster_name}, normal{tail}"
        return from_t(estimate, errors, np.inf, 0.95, words)
    return by_welch(estimate, psi, fit.panel, 0.95, plan.because)[0]


def _simple(fit: GroupTime, averaging: Averaging) -> float:
    return float((averages(fit, np.empty(0), averaging) @ fit.estimate)[0])


def _trend_test(
    fit: GroupTime, drawn: Placebo | None, keys: Floats, weights: Floats, anticipation: int
) -> TrendTest | NotComputed:
    """That nothing differed before the (anticipated) start: by permuted starts where they were made."""
    before = np.append(False, keys < min(-anticipation, 0))
    if drawn is not None:
        return permuted(drawn, before)
    panel, last = fit.panel, -1.0 - anticipation
    ends = (np.array([panel.clock[at] for at in places]) - fit.group
            for places in ([c.time for c in fit.cells], [c.base for c in fit.cells]))
    late, early = (np.minimum(end, last) for end in ends)
    started = np.where(panel.ever, panel.first, panel.n_periods).astype(np.float64)
    mine = weights[before]
    return by_clusters(mine @ fit.estimate, mine @ fit.influence, panel.cluster, started, mass_of(panel),
                       mine @ (late - early))


def _when(event: float) -> str:
    if event == 0:
        return "in the first treated period"
    plural = "" if abs(event) == 1 else "s"
    return f"{abs(event):g} period{plural} " + ("after the start" if event > 0 else "before the start (should be zero)")
