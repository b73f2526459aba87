"""Gardner's two-stage difference-in-differences, with errors that carry the first stage's noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from hubeval.errors import BadInput, Door, Problem
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.estimators.cell_regression import check_panel, lonely, sums
from hubeval.methods.did.estimators.effects import BY, Effects
from hubeval.methods.did.estimators.first_stage import first_stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.first_stage import FirstStage

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]


def two_stage(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, covariates: Sequence[str] = (),
    weights: str | None = None, cluster: str | None = None, anticipation: int = 0,
    second: Literal["simple", "event"] = "simple",
) -> Effects:
    """Outcomes freed of effects fitted on untreated rows, then averaged over the treated.

    The second stage regresses what is left on treatment (``"simple"``) or on time since the start,
    before it too (``"event"``). Errors are those of the joint method of moments.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, time, start : str
        Columns; `start` is the first treated period, blank for never treated.
    covariates : sequence of str
        Columns that vary over time within units and that treatment does not move.
    weights, cluster : str, optional
        Clusters are the units unless named.
    anticipation : int
        Periods before the start in which treatment may already act: kept out of the first stage.
    second : {"simple", "event"}

    Returns
    -------
    Effects

    Raises
    ------
    BadInput

    References
    ----------
    Gardner, J. (2022). Two-stage differences in differences. arXiv:2207.05943.

    Examples
    --------
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> effect = two_stage(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> effect.estimate.round(6).tolist()
    [-2.166667]
    """
    door = Door()
    door.choice("second", second, ("simple", "event"))
    door.close()
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                       weights=weights, cluster=cluster, anticipation=anticipation)
    return fit_two_stage(panel, anticipation=anticipation, second=second)


def fit_two_stage(
    panel: Panel, *, anticipation: int = 0, second: Literal["simple", "event"] = "simple"
) -> Effects:
    """`two_stage` on a panel that is already read."""
    check_panel(panel)
    fit = first_stage(panel, anticipation)
    rows = np.flatnonzero(fit.reached & (panel.treated if second == "simple" else panel.ever[panel.unit]))
    if not len(rows):
        raise BadInput([Problem("start", "no treated row can be compared",
                                "untreated rows of the same units and periods", "Widen the window.")])
    event = np.zeros(len(rows)) if second == "simple" else panel.event[rows]
    keys, which = np.unique(event, return_inverse=True)
    estimate, v = _second(fit, rows, which, len(keys))
    alone, said = lonely(panel, panel.first[panel.unit[rows]])
    hidden = np.isin(np.arange(len(keys)), which[alone])
    v[hidden, :] = v[:, hidden] = np.nan
    return Effects(
        method="two-stage", estimand="average effect on the treated",
        inference=f"method of moments for both stages, clustered by {panel.cluster_name}, normal",
        by=BY[second], keys=("ATT",) if second == "simple" else tuple(keys.tolist()), estimate=estimate,
        covariance=v, n_treated=int(panel.ever.sum()), n_comparison=int((~panel.ever).sum()),
        n_clusters=panel.n_clusters, n_observations=len(np.union1d(rows, fit.untreated)),
        not_computed=(*fit.not_computed, *said), flow=panel.flow, cautions=panel.cautions)


def _second(fit: FirstStage, rows: Codes, which: Codes, k: int) -> tuple[Floats, Floats]:
    """Weighted means of the gaps by `which`, and their covariance."""
    mass = fit.weights[rows]
    shares = (which[:, None] == np.arange(k)) * (mass / sums(which, mass, k)[which])[:, None]
    estimate = shares.T @ fit.gap[rows]
    influence = fit.influence(rows, shares, np.broadcast_to(estimate, shares.shape))
    return estimate, influence.T @ influence
