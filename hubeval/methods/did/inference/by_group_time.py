"""The group-time answer, as the room asks for it: the average effect, and effects by time since the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.methods.did.estimators.aggregate import Shares
from hubeval.methods.did.estimators.group_time import GroupTime, fit_group_time
from hubeval.methods.did.estimators.influence import covariance
from hubeval.methods.did.estimators.joint_test import pretrend_reading, wald_few
from hubeval.methods.did.inference.fitted import Fitted, band_of
from hubeval.methods.did.inference.permutation.group_time import averages, is_linear, placebo_group_time
from hubeval.methods.did.inference.regression import PERMUTED_UP_TO
from hubeval.methods.did.inference.rule import Reading, estimates, from_placebo, from_t
from hubeval.methods.did.inference.welch import welch
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Plan
    from hubeval.methods.did.inference.permutation.placebo import Placebo
    from hubeval.result import Diagnostic

    Floats = NDArray[np.float64]

AVERAGE = "average effect over all unit-periods under treatment, each against what group-time effects compare it with"


def by_group_time(panel: Panel, plan: Plan) -> Fitted:
    """The group-time answer: the average over treated unit-periods, and averages by time since the start."""
    design = plan.design

    def make(other: Panel) -> GroupTime:
        return fit_group_time(other, estimator=design.adjustment, control=design.control, base=design.base,
                              anticipation=design.anticipation, gaps=design.gaps)

    fit = make(panel)
    used = fit.panel
    low, high = design.window or (-np.inf, np.inf)
    seen = np.unique((fit.time - fit.group)[~fit.reference])
    keys = seen[(seen >= low) & (seen <= high)]
    estimate = averages(fit, keys) @ fit.estimate
    method, because = plan.method, plan.because
    drawn = None
    if method == "permutation" or (used.n_units <= PERMUTED_UP_TO and is_linear(fit)):
        drawn = placebo_group_time(fit, make, keys, seed=plan.seed)
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
                  cells=fit, band=band_of(drawn, np.append(False, np.ones(len(keys), dtype=bool))),
                  placebo=drawn if method == "permutation" else None)


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
