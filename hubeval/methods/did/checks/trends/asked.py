"""What the room says of parallel trends beyond a test: its power, honest bounds, and two-way's comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.checks.diagnostics import COMFORTABLE, UNFOLLOWED
from hubeval.methods.did.checks.trends.decompose import decompose_panel
from hubeval.methods.did.checks.trends.figures import comparisons_figure, honest_figure, weights_figure
from hubeval.methods.did.checks.trends.honest import honest
from hubeval.methods.did.checks.trends.words import (
    BLIND,
    PASSES,
    POWER,
    decomposition_diagnostic,
    honest_diagnostic,
    power_of,
)
from hubeval.methods.did.inference.trend_test import TrendTest
from hubeval.methods.readings.estimates import claims
from hubeval.result import Diagnostic, Figure, NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Fitted

Found = Diagnostic | NotComputed
UNSEEN = ("The test of earlier trends could well have missed a trend of the treated that makes up half of the effect "
          "or more: that it was passed does not show that there is none.")


def trend_checks(panel: Panel, fitted: Fitted, label: str, unit: str) -> tuple[list[Found], list[Figure]]:
    """Power of the pre-trend test that was made, and honest bounds of the estimator that the headline is.

    Parameters
    ----------
    panel : Panel
    fitted : Fitted
        The headline.
    label, unit : str
    """
    found: list[Found] = [power_of(fitted)]
    if fitted.path is None:
        reason = "this estimator's effects before and after the start are not measured against one period"
        return [*found, NotComputed(what="honest bounds", reason=reason)], []
    figures: list[Figure] = []
    few, claimed = panel.clusters_treated < COMFORTABLE, claims(fitted.overall) != 0
    try:
        path = fitted.path()
        bounds = honest(path, reference=fitted.reference)
        found.append(honest_diagnostic(bounds, unit, few=few, claimed=claimed))
        figures.append(honest_figure(bounds, label, unit))
        bends = honest(path, kind="smoothness", reference=fitted.reference)
        found.append(honest_diagnostic(bends, unit, few=few, claimed=claimed))
    except (BadInput, np.linalg.LinAlgError) as problem:
        found.append(NotComputed(what="honest bounds", reason=_reason(problem)))
    return found, figures


def not_shown(found: Sequence[Found], fitted: Fitted) -> tuple[str, ...]:
    """What these checks leave open beside a claimed effect, for the list of what the number does not show."""
    test = fitted.trend_test
    power = next((one for one in found if isinstance(one, Diagnostic) and one.name == POWER), None)
    if power is None or not isinstance(test, TrendTest) or test.p_value < PASSES or not claims(fitted.overall):
        return ()
    return (UNSEEN,) if power.statistic is None or power.statistic >= BLIND else ()


def comparisons(
    panel: Panel, label: str, unit: str, periods: tuple[str, ...] = ()
) -> tuple[list[Found], list[Figure]]:
    """Which comparisons the two-way number rests on; only where starts are staggered."""
    if len(panel.cohorts) < 2:
        return [], []
    if panel.repeated:
        return [NotComputed(what="two-way decomposition", reason=UNFOLLOWED)], []
    try:
        parts = decompose_panel(panel)
    except BadInput as problem:
        return [NotComputed(what="two-way decomposition", reason=_reason(problem))], []
    pictures = (comparisons_figure(parts, label, unit), weights_figure(parts, label, periods))
    drawn = [p for p in pictures if isinstance(p, Figure)]
    return [decomposition_diagnostic(parts, unit), *parts.not_computed], drawn


def _reason(problem: Exception) -> str:
    if isinstance(problem, BadInput):
        return "; ".join(f"{p.argument} {p.found}" for p in problem.problems)
    return "the covariance of the path cannot be inverted"
