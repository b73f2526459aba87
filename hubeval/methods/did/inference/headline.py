"""The room's own estimate, settled once and made by one call: what `evaluate` shows and what power asks about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hubeval.methods.did.estimators.group_time import with_someone_to_compare
from hubeval.methods.did.inference.by_group_time import by_group_time
from hubeval.methods.did.inference.by_two_way import by_two_way
from hubeval.methods.did.inference.family import FAMILY, fit_member
from hubeval.methods.did.inference.fitted import Plan
from hubeval.methods.did.inference.rule import choose
from hubeval.methods.did.inference.two_way_read import fit_two_way
from hubeval.protocol import DidDesign

if TYPE_CHECKING:
    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Fitted
    from hubeval.result import Estimate

PATHS = {"group-time": by_group_time, "two-way": by_two_way, **dict.fromkeys(FAMILY, fit_member)}
# read by group-time alone
ASKED = ("covariates", "control", "base", "adjustment", "gaps", "average", "mix", "anticipation")


def settled(design: DidDesign, panel: Panel, *, seed: int = 20261122) -> Plan:
    """The estimator and the inference that this design has on this panel.

    ``"auto"`` is group-time where starts are staggered, people are asked once each, or covariates or an option are
    asked for that group-time alone uses as meant; two-way otherwise, which would drop a covariate constant in
    time. The inference is that of `choose` unless named; where nobody is never treated, the last wave to start stands
    for the untreated there, as it does in the effects.

    Parameters
    ----------
    design : DidDesign
    panel : Panel
    seed : int

    Examples
    --------
    >>> from hubeval.methods.did import read_panel
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> panel = read_panel(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> plan = settled(DidDesign(unit="la", time="year", start="opened"), panel)
    >>> plan.design.estimator, plan.method
    ('group-time', 'permutation')
    """
    if design.estimator == "auto":
        standard = DidDesign(time="", start="")
        asked = panel.repeated or any(getattr(design, key) != getattr(standard, key) for key in ASKED)
        design = replace(design, estimator="group-time" if len(panel.cohorts) > 1 or asked else "two-way")
    if design.inference != "auto":
        return Plan(design=design, method=design.inference, seed=seed)
    method, because = choose(compared(panel, design), anticipation=design.anticipation)
    if design.estimator in FAMILY and method == "welch":
        method, because = "permutation", "chosen because these errors have no small-sample correction"
    return Plan(design=design, method=method, because=because, seed=seed)


def compared(panel: Panel, design: DidDesign) -> Panel:
    """The panel as group-time effects see it: where nobody is never treated, the last wave stands for the untreated."""
    if design.estimator != "group-time" or design.control != "not-yet" or len(panel.cohorts) < 2:
        return panel
    return with_someone_to_compare(panel, design.control, design.anticipation)[0]


def headline(panel: Panel, plan: Plan) -> Fitted:
    """The estimate, its interval and its readings, as `evaluate` gives them for one outcome.

    Raises
    ------
    BadInput

    Examples
    --------
    >>> from hubeval.methods.did import read_panel
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> panel = read_panel(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> plan = settled(DidDesign(unit="la", time="year", start="opened"), panel)
    >>> round(headline(panel, plan).overall.estimate, 2)
    -2.17
    """
    return PATHS[plan.design.estimator](panel, plan)


def average(panel: Panel, plan: Plan) -> Estimate:
    """The first term of `headline` alone, by the same functions, without the path over time: what power asks about.

    Examples
    --------
    >>> from hubeval.methods.did import read_panel
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> panel = read_panel(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> plan = settled(DidDesign(unit="la", time="year", start="opened"), panel)
    >>> one, other = average(panel, plan), headline(panel, plan).overall
    >>> one.p_value == other.p_value, abs(one.estimate - other.estimate) < 1e-9
    (True, True)
    """
    if plan.design.estimator == "two-way":
        return fit_two_way(panel, inference=plan.method, because=plan.because, seed=plan.seed).estimates[0]  # type: ignore[arg-type]
    if plan.design.estimator == "group-time":  # a window that holds no event time leaves the average
        return by_group_time(panel, replace(plan, design=replace(plan.design, window=(1, 0)))).overall
    return headline(panel, plan).overall
