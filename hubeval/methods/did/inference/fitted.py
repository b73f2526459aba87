"""What the room asks of any of its estimators: one average, effects by time since the start, a pre-trend reading."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.estimators.aggregate import Shares
from hubeval.methods.did.estimators.group_time import GroupTime, fit_group_time
from hubeval.methods.did.estimators.influence import covariance
from hubeval.methods.did.estimators.joint_test import pretrend_reading, wald_few
from hubeval.methods.did.inference.permutation.group_time import averages, is_linear, placebo_group_time
from hubeval.methods.did.inference.regression import PERMUTED_UP_TO
from hubeval.methods.did.inference.rule import Reading, choose, estimates, from_placebo, from_t
from hubeval.methods.did.inference.two_way_read import fit_event_study, fit_two_way, pretrend
from hubeval.methods.did.inference.welch import welch
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.permutation.placebo import Placebo
    from hubeval.protocol import DidDesign
    from hubeval.result import Diagnostic, Estimate

    Floats = NDArray[np.float64]

AVERAGE = "average effect over all unit-periods under treatment, each against what group-time effects compare it with"


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
    cells : GroupTime or None
        The effects by cohort and period behind it, where the estimator has them.
    band : tuple of (low, high)
        Beside `events`: a band that holds them all together; empty where there is none.
    placebo : Placebo or None
        Permuted starts of the average (first column), where they were made.
    """

    overall: Estimate
    events: tuple[Estimate, ...]
    event_times: tuple[float, ...]
    pretrend: Diagnostic | NotComputed
    point: Callable[[Panel], float]
    not_computed: tuple[NotComputed, ...] = ()
    cells: GroupTime | None = None
    band: tuple[tuple[float, float], ...] = ()
    placebo: Placebo | None = None


def by_two_way(panel: Panel, design: DidDesign, seed: int) -> Fitted:
    """The two-way fixed-effects answer."""
    main = fit_two_way(panel, inference=design.inference, seed=seed)  # type: ignore[arg-type]

    def point(other: Panel) -> float:
        return float(fit_two_way(other, inference="cluster").estimate[0])

    # those two are about one number; the path is then read by permuted starts
    path = "permutation" if design.inference in {"conley-taber", "ferman-pinto"} else design.inference
    try:
        study = fit_event_study(panel, window=design.window, inference=path, seed=seed)  # type: ignore[arg-type]
    except BadInput as problem:
        absent = NotComputed(what="event study", reason=str(problem))
        return Fitted(overall=main.estimates[0], events=(), event_times=(), pretrend=absent, point=point,
                      not_computed=main.not_computed, placebo=main.placebo)
    seen = np.isfinite(study.estimate)
    events = tuple(e for e, ok in zip(study.estimates, seen, strict=True) if ok)
    times = tuple(t for t, ok in zip(study.event_times, seen, strict=True) if ok)
    return Fitted(overall=main.estimates[0], events=events, event_times=times, pretrend=pretrend(study), point=point,
                  not_computed=study.not_computed, band=_band(study.placebo, seen), placebo=main.placebo)


def by_group_time(panel: Panel, design: DidDesign, seed: int) -> Fitted:
    """The group-time answer: the average over treated unit-periods, and averages by time since the start."""

    def make(other: Panel) -> GroupTime:
        return fit_group_time(other, estimator=design.adjustment, control=design.control, base=design.base,
                              anticipation=design.anticipation, gaps=design.gaps)

    fit = make(panel)
    used = fit.panel
    low, high = design.window or (-np.inf, np.inf)
    seen = np.unique((fit.time - fit.group)[~fit.reference])
    keys = seen[(seen >= low) & (seen <= high)]
    estimate = averages(fit, keys) @ fit.estimate
    method, because = choose(used, by_cohort=True) if design.inference == "auto" else (design.inference, "")
    drawn = None
    if method == "permutation" or (used.n_units <= PERMUTED_UP_TO and is_linear(fit)):
        drawn = placebo_group_time(fit, make, keys, seed=seed)
    if method == "permutation" and drawn is not None:
        reading = from_placebo(drawn, 0.95, because)
    else:
        reading = _from_influence(fit, keys, estimate, "cluster" if method == "cluster" else "welch", because)
    terms = ("ATT", *(f"event time {e:g}" for e in keys))
    means = [AVERAGE, *(f"average effect on the treated {_when(e)}, over cohorts seen then" for e in keys)]
    made = estimates(terms, estimate, reading, used, estimand=means)
    before = np.append(False, (keys < -design.anticipation) & (keys < 0))
    said = _influence_pretrend(fit, design.anticipation) if drawn is None else _permuted_pretrend(drawn, before)
    return Fitted(overall=made[0], events=made[1:], event_times=tuple(keys.tolist()), pretrend=said,
                  point=lambda other: _simple(make(other)), not_computed=fit.not_computed,
                  cells=fit, band=_band(drawn, np.append(False, np.ones(len(keys), dtype=bool))),
                  placebo=drawn if method == "permutation" else None)


def _band(drawn: Placebo | None, which: NDArray[np.bool_]) -> tuple[tuple[float, float], ...]:
    if drawn is None or not which.any():
        return ()
    return tuple(zip(*(end.tolist() for end in drawn.band(which, 0.95)), strict=True))


def _from_influence(fit: GroupTime, keys: Floats, estimate: Floats, method: str, because: str) -> Reading:
    shares, event = Shares.of(fit), fit.time - fit.group
    psi = np.stack([shares.average(fit.after)[1], *(shares.average(event == e)[1] for e in keys)])
    tail = f"; {because}" if because else ""
    by = f"influence functions clustered by {fit.panel.cluster_name}"
    if method == "cluster":
        errors = np.sqrt(np.diag(covariance(psi, fit.panel.cluster)))
        return from_t(estimate, errors, np.inf, 0.95, f"{by}, normal{tail}")
    errors, df = welch(psi, fit.panel.cluster, fit.panel.start)
    words = f"{by}, each cohort's share corrected for its size, t with {np.nanmin(df):.1f} or more degrees of freedom"
    return from_t(estimate, errors, df, 0.95, f"{words} (Welch-Satterthwaite){tail}")


def _simple(fit: GroupTime) -> float:
    return float(Shares.of(fit).cell_weights(fit.after)[0] @ fit.estimate)


def _influence_pretrend(fit: GroupTime, anticipation: int) -> Diagnostic | NotComputed:
    event = fit.time - fit.group
    which = (event < -anticipation) & ~fit.reference & ~fit.after & np.isfinite(fit.std_error)
    return wald_few(fit.estimate, fit.influence, fit.panel.cluster, fit.panel.start, which)


def _permuted_pretrend(drawn: Placebo, before: NDArray[np.bool_]) -> Diagnostic | NotComputed:
    if not before.any():
        return NotComputed(what="pre-trend test", reason="no effect before the start can be estimated")
    return pretrend_reading(drawn.joint_p_value(before), "permuted starts", int(before.sum()))


def _when(event: float) -> str:
    if event == 0:
        return "in the first treated period"
    plural = "" if abs(event) == 1 else "s"
    return f"{abs(event):g} period{plural} " + ("after the start" if event > 0 else "before the start (should be zero)")


FITS: dict[str, Callable[[Panel, DidDesign, int], Fitted]] = {"group-time": by_group_time, "two-way": by_two_way}


def labelled(fitted: Fitted, label: str, unit: str) -> Fitted:
    """The same with the outcome's name in words and its unit."""
    return replace(fitted, overall=replace(fitted.overall, outcome=label, unit=unit),
                   events=tuple(replace(e, outcome=label, unit=unit) for e in fitted.events))
