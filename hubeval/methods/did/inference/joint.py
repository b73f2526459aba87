"""How the averages of several outcomes would vary together, had no start had an effect on any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.specifications import Permuted
from hubeval.engine.step_down import JointNull, by_multipliers, by_rank
from hubeval.methods.did.estimators.influence import by_cluster
from hubeval.methods.did.inference.family import FAMILY
from hubeval.methods.did.inference.headline import headline
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.inference.fitted import Fitted, Plan
    from hubeval.methods.did.inference.permutation.placebo import Placebo

    Floats = NDArray[np.float64]

WHAT = "Romano and Wolf's step-down"
PERMUTED = "the same permuted starts for every outcome"
MULTIPLIED = "a multiplier bootstrap of the influence of every cluster on all outcomes at once"
UNLIKE = "the outcomes do not rest on the same clusters, so they cannot be drawn together"
APART = "the outcomes do not rest on the same units, so their starts cannot be permuted together"


def joint(fits: Sequence[tuple[Panel, Fitted]], *, seed: int = 20261122) -> JointNull | NotComputed:
    """The joint distribution of the outcomes' p-values where nothing moved, by the inference that each number has.

    Parameters
    ----------
    fits : sequence of (Panel, Fitted)
        One an outcome, by one plan.
    seed : int

    Returns
    -------
    JointNull or NotComputed
        The latter where their inference is of a kind that is not drawn for all at once, or the units differ.
    """
    labels = tuple(fit.overall.outcome for _, fit in fits)
    drawn = [fit.placebo for _, fit in fits if fit.placebo is not None]
    if len(drawn) == len(fits):
        if not _same_ways(drawn, [fit.influence()[0] if fit.influence else panel for panel, fit in fits]):
            return NotComputed(what=WHAT, reason=APART)
        p = by_rank(np.column_stack([one.draws[:, 0] for one in drawn]))
        return JointNull(labels=labels, p_values=p, how=PERMUTED)
    moved = [fit.influence() for _, fit in fits if fit.influence is not None and fit.placebo is None]
    if len(moved) < len(fits):
        return NotComputed(what=WHAT, reason=f"inference {fits[0][1].method!r} is made for one outcome at a time")
    rows = _side_by_side(moved)
    if rows is None or not np.isfinite(rows).all():
        return NotComputed(what=WHAT, reason=UNLIKE)
    return JointNull(labels=labels, p_values=by_multipliers(rows, seed=seed), how=MULTIPLIED)


def permuted_average(panel: Panel, plan: Plan) -> Permuted | NotComputed:
    """The average under permuted starts, by the plan's estimator whatever its inference."""
    own = replace(plan, method="permutation", design=replace(plan.design, window=(1, 0)))
    if plan.design.estimator in FAMILY:  # these read a window as one of stacks
        own = replace(own, design=plan.design)
    fit = headline(panel, own)
    drawn = fit.placebo
    if drawn is None:
        return NotComputed(what="permutation", reason="its starts cannot be permuted")
    used = fit.influence()[0] if fit.influence else panel
    return Permuted(units=used.units, ways=drawn.ways, draws=drawn.draws[:, 0], real=drawn.real, exact=drawn.exact)


def _same_ways(drawn: Sequence[Placebo], panels: Sequence[Panel]) -> bool:
    """Whether the rows of several permutations are the same ways in which the same units' starts could have fallen."""
    first = drawn[0].ways
    alike = all(panel.repeated or np.array_equal(panel.units, panels[0].units) for panel in panels)
    return alike and all(np.array_equal(one.ways, first) for one in drawn)


def _side_by_side(moved: Sequence[tuple[Panel, Floats]]) -> Floats | None:
    """The influence of each cluster on every outcome, (m, G); None where they cannot be told to be the same ones."""
    panels = [panel for panel, _ in moved]
    alone = all(panel.n_clusters == panel.n_units and not panel.repeated for panel in panels)
    if alone:  # each unit by itself: a unit that lacks one outcome moves that one by nothing
        units = np.unique(np.concatenate([panel.units for panel in panels]))
        rows = np.zeros((len(moved), len(units)))
        for row, (panel, values) in zip(rows, moved, strict=True):
            row[np.searchsorted(units, panel.units)] = values / panel.n_units
        return rows
    same = all(panel.n_clusters == panels[0].n_clusters for panel in panels)
    followed = [panel for panel in panels if not panel.repeated]
    if not same or any(not np.array_equal(panel.units, panels[0].units) for panel in followed):
        return None
    return np.stack([by_cluster(values[None, :], panel.cluster)[0] / panel.n_units for panel, values in moved])
