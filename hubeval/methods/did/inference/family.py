"""The family's estimators as the room asks for them: one average, effects by time since the start, a pre-trend test.

Read with the same rule as everything else in the room: where few clusters are treated (or few are
not), the starts are permuted and the estimator made again; else the estimator's own clustered error.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.estimators.cells import acting_from
from hubeval.methods.did.estimators.extended import fit_extended
from hubeval.methods.did.estimators.imputation import fit_imputation, fit_imputation_leads
from hubeval.methods.did.estimators.joint_test import wald
from hubeval.methods.did.estimators.stacked import fit_stacked
from hubeval.methods.did.estimators.sun_abraham import fit_sun_abraham
from hubeval.methods.did.estimators.two_stage import fit_two_stage
from hubeval.methods.did.inference.fitted import Fitted, band_of, path_of, spread
from hubeval.methods.did.inference.permutation.refits import placebo_family
from hubeval.methods.did.inference.regression import one_cluster
from hubeval.methods.did.inference.rule import estimates, from_placebo, from_t, without_error
from hubeval.methods.did.inference.trend_test import TrendTest, permuted
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.effects import CellEffects, Effects
    from hubeval.methods.did.inference.fitted import Plan
    from hubeval.methods.did.inference.permutation.placebo import Placebo
    from hubeval.methods.did.inference.rule import Reading
    from hubeval.protocol import DidDesign
    from hubeval.result import Diagnostic

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Pair = tuple[Effects, Effects]

LEADS = 3
JOINT = ("sun-abraham", "extended", "stacked")  # effects before and after the start against one and the same period


def _cells(fitted: CellEffects) -> Pair:
    return fitted.aggregate("simple"), fitted.aggregate("event")


def _extended(panel: Panel, design: DidDesign) -> Pair:
    overall, events = _cells(fit_extended(panel, control=design.control, anticipation=design.anticipation))
    return overall, events if design.control == "never" else _with_leads(panel, design, events)


def _imputation(panel: Panel, design: DidDesign) -> Pair:
    overall, events = _cells(fit_imputation(panel, anticipation=design.anticipation))
    return overall, _with_leads(panel, design, events)


def _two_stage(panel: Panel, design: DidDesign) -> Pair:
    overall = fit_two_stage(panel, anticipation=design.anticipation)
    events = fit_two_stage(panel, anticipation=design.anticipation, second="event")
    # what it shows before the start are residuals of the rows it was fitted on: leads say more
    keep = np.array([float(key) >= -design.anticipation for key in events.keys])
    events = replace(events, keys=tuple(np.array(events.keys)[keep].tolist()), estimate=events.estimate[keep],
                     covariance=events.covariance[np.ix_(keep, keep)])
    return overall, _with_leads(panel, design, events)


def _with_leads(panel: Panel, design: DidDesign, events: Effects) -> Effects:
    """Leads fitted on untreated rows before the effects; how the two vary together is not known."""
    room = acting_from(panel, int(panel.cohorts[0]), design.anticipation) - 1
    try:
        leads = fit_imputation_leads(panel, anticipation=design.anticipation, leads=min(LEADS, room))
    except BadInput:
        return events
    k, q = len(leads.keys), len(events.keys)
    v = np.full((k + q, k + q), np.nan)
    v[:k, :k], v[k:, k:] = leads.covariance, events.covariance
    return replace(events, keys=(*leads.keys, *events.keys), covariance=v,
                   estimate=np.concatenate([leads.estimate, events.estimate]))


def _stacked(panel: Panel, design: DidDesign) -> Pair:
    found = fit_stacked(panel, window=design.window or _widest(panel), control=design.control)
    assert found.overall is not None
    return found.overall, found


def _widest(panel: Panel) -> tuple[int, int]:
    """The longest window that every cohort has."""
    begins = panel.clock[panel.cohorts]
    return int(panel.clock[0] - begins.min()), int(panel.clock[-1] - begins.max())


FAMILY: dict[str, Callable[[Panel, DidDesign], Pair]] = {
    "sun-abraham": lambda panel, design: _cells(fit_sun_abraham(panel, anticipation=design.anticipation)),
    "extended": _extended,
    "imputation": _imputation,
    "two-stage": _two_stage,
    "stacked": _stacked,
}


def fit_member(panel: Panel, plan: Plan) -> Fitted:
    """What the room asks of an estimator of the family.

    Raises
    ------
    BadInput
    """
    design, method, because = plan.design, plan.method, plan.because
    fit = FAMILY[design.estimator]
    overall, events = fit(panel, design)
    drawn_at = (placebo_family(panel, lambda p: fit(p, design), overall, events, anticipation=design.anticipation,
                               seed=plan.seed) if method != "cluster" else None)
    k = len(events.keys)
    first = _read(panel, overall, drawn_at, np.arange(1 + k) < 1, because)
    rest = _read(panel, events, drawn_at, np.arange(1 + k) > 0, because)
    terms = tuple(f"event time {key:g}" for key in events.keys)

    def point(other: Panel) -> float:
        return float(fit(other, design)[0].estimate[0])

    return Fitted(
        method=plan.method, overall=estimates(("ATT",), overall.estimate, first, panel, estimand=overall.estimand)[0],
        events=estimates(terms, events.estimate, rest, panel, estimand=events.estimand),
        event_times=tuple(float(key) for key in events.keys), point=point, not_computed=overall.not_computed,
        trend_test=_trend_test(panel, design, events, drawn_at),
        band=band_of(drawn_at, np.append(False, np.ones(k, dtype=bool))), placebo=drawn_at,
        reference=-1.0 - design.anticipation, path=_path(design, events, drawn_at))


def _read(panel: Panel, effects: Effects, drawn_at: Placebo | None, which: Mask, because: str) -> Reading:
    if drawn_at is not None:
        return from_placebo(drawn_at.part(which), 0.95, because)
    if alone := one_cluster(panel):
        return without_error(effects.estimate, f"none: {alone}, from which a cluster-robust error cannot be had")
    return from_t(effects.estimate, effects.std_error, effects.df, 0.95, effects.inference)


def _path(design: DidDesign, events: Effects, drawn_at: Placebo | None) -> Callable[[], Effects] | None:
    """The effects against one period before the start; None where those before it are fitted apart."""
    if design.estimator not in JOINT or (design.estimator == "extended" and design.control != "never"):
        return None
    keys = np.array([float(key) for key in events.keys])
    if drawn_at is None:
        return lambda: path_of(keys, events.estimate, events.covariance, "cluster errors")
    return lambda: path_of(keys, events.estimate, spread(drawn_at)[1:, 1:], "permuted starts")


def _trend_test(
    panel: Panel, design: DidDesign, events: Effects, drawn_at: Placebo | None
) -> TrendTest | Diagnostic | NotComputed:
    """Joint test of what the estimator shows before the start, by permuted starts where they were made."""
    before = np.array([float(key) < -design.anticipation for key in events.keys])
    if not before.any():
        return NotComputed(what="pre-trend test", reason="too few periods before the start")
    if drawn_at is not None:
        return permuted(drawn_at, np.append(False, before))
    if not np.isfinite(np.diag(events.covariance)[before]).all():
        return NotComputed(what="pre-trend test", reason=f"some start is that of one {panel.cluster_name} only, "
                                                         "so its effects have no error")
    return wald(events.estimate, events.covariance, before)
