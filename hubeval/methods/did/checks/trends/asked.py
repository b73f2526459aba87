"""What the room says of parallel trends beyond a test: its power, honest bounds, and two-way's comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import BadInput
from hubeval.methods.did.checks.diagnostics import COMFORTABLE
from hubeval.methods.did.checks.trends.decompose import decompose_panel
from hubeval.methods.did.checks.trends.figures import comparisons_figure, honest_figure, weights_figure
from hubeval.methods.did.checks.trends.honest import honest
from hubeval.methods.did.checks.trends.pretrends import pretrends
from hubeval.methods.did.checks.trends.words import decomposition_diagnostic, honest_diagnostic, power_diagnostic
from hubeval.methods.did.estimators.effects import Effects
from hubeval.methods.did.estimators.group_time import GroupTime, fit_group_time
from hubeval.methods.did.inference.permutation.group_time import placebo_group_time
from hubeval.methods.did.inference.rule import ENOUGH
from hubeval.methods.did.inference.two_way_read import fit_event_study
from hubeval.result import Diagnostic, Figure, NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.permutation.placebo import Placebo
    from hubeval.protocol import DidDesign

    Floats = NDArray[np.float64]

Found = Diagnostic | NotComputed
REACH = 6  # periods on either side of the start that bounds look at


def trend_checks(
    panel: Panel, design: DidDesign, effect: float, label: str, unit: str, *, seed: int
) -> tuple[list[Found], list[Figure]]:
    """Power of the pre-trend test and honest bounds for one outcome.

    Parameters
    ----------
    panel : Panel
    design : DidDesign
    effect : float
        The estimate the bounds are beside.
    label, unit : str
    seed : int
    """
    few = panel.clusters_treated < COMFORTABLE
    try:
        path = trend_path(panel, design, seed)
        reference = -1.0 if _by_regression(panel) else -1.0 - design.anticipation
        found: list[Found] = [power_diagnostic(pretrends(path, test="joint", reference=reference), effect)]
    except (BadInput, np.linalg.LinAlgError) as problem:
        return [NotComputed(what="power of the pre-trend test and honest bounds", reason=_reason(problem))], []
    figures: list[Figure] = []
    try:
        bounds = honest(path, reference=reference)
        found.append(honest_diagnostic(bounds, few=few))
        figures.append(honest_figure(bounds, label, unit))
        found.append(honest_diagnostic(honest(path, kind="smoothness", reference=reference), few=few))
    except (BadInput, np.linalg.LinAlgError) as problem:
        found.append(NotComputed(what="honest bounds", reason=_reason(problem)))
    return found, figures


def trend_path(panel: Panel, design: DidDesign, seed: int) -> Effects:
    """An event path with one reference period, up to six periods on either side of the start.

    Two-way where all start together and units are followed, group-time effects with a universal base
    otherwise. With fewer than 6 treated clusters its covariance is that of permuted starts, for clustered
    errors are then too small.

    Raises
    ------
    BadInput
    """
    few = min(panel.clusters_treated, panel.n_clusters - panel.clusters_treated) < ENOUGH
    if _by_regression(panel):
        study = fit_event_study(panel, inference="permutation" if few else "cluster", seed=seed)
        times, estimate = np.array(study.event_times), study.estimate
        covariance = study.covariance if study.placebo is None or not few else _spread(study.placebo, slice(None))
    else:

        def make(other: Panel) -> GroupTime:
            return fit_group_time(other, estimator=design.adjustment, control=design.control, base="universal",
                                  anticipation=design.anticipation, gaps=design.gaps)

        fit = make(panel)
        average = fit.aggregate("event")
        keep = np.isfinite(average.std_error)
        times, estimate = average.keys[keep], average.estimate[keep]
        covariance = average.covariance[np.ix_(keep, keep)]
        if few:
            near = (times >= -REACH) & (times <= REACH)
            times, estimate = times[near], estimate[near]
            covariance = _spread(placebo_group_time(fit, make, times, seed=seed), slice(1, None))
    near = (times >= -REACH) & (times <= REACH)
    covariance = np.atleast_2d(covariance)
    return Effects(method="event study", estimand="path", inference="permuted starts" if few else "clustered",
                   by="event_time", keys=tuple(times[near].tolist()), estimate=estimate[near],
                   covariance=covariance[np.ix_(near, near)])


def _by_regression(panel: Panel) -> bool:
    """Whether two-way fixed effects serves: one start, and units that are followed."""
    return len(panel.cohorts) == 1 and not panel.repeated


def _spread(drawn: Placebo, which: slice) -> Floats:
    """Covariance of the permuted estimates, the effect itself taken out of them."""
    quiet = drawn.quiet()[:, which]
    return np.asarray(quiet.T @ quiet / len(quiet))


def comparisons(
    panel: Panel, label: str, unit: str, periods: tuple[str, ...] = ()
) -> tuple[list[Found], list[Figure]]:
    """Which comparisons the two-way number rests on; only where starts are staggered."""
    if len(panel.cohorts) < 2:
        return [], []
    try:
        parts = decompose_panel(panel)
    except BadInput as problem:
        return [NotComputed(what="two-way decomposition", reason=_reason(problem))], []
    pictures = (comparisons_figure(parts, label, unit), weights_figure(parts, label, periods))
    drawn = [p for p in pictures if isinstance(p, Figure)]
    return [decomposition_diagnostic(parts), *parts.not_computed], drawn


def _reason(problem: Exception) -> str:
    if isinstance(problem, BadInput):
        return "; ".join(f"{p.argument} {p.found}" for p in problem.problems)
    return "the covariance of the path cannot be inverted"
