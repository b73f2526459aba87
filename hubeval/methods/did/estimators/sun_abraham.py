"""Sun and Abraham's interaction-weighted event study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.estimators.cell_regression import check_panel, fit_cells, make_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hubeval.methods.did.door.panel import Panel
    from hubeval.methods.did.estimators.effects import CellEffects


def sun_abraham(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, covariates: Sequence[str] = (),
    weights: str | None = None, cluster: str | None = None, anticipation: int = 0,
) -> CellEffects:
    """Effects by cohort and period from one saturated regression, against the never treated.

    Each cohort has its own effect in every period but the last one before its start; unit and
    period effects are absorbed. Where every unit starts in the end, the last cohort is the
    comparison and its own treated periods are left out. Averages weigh cells by treated rows,
    the weights taken as fixed, as R ``fixest::sunab`` does.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, time, start : str
        Columns; `start` is the first treated period, blank for never treated.
    covariates : sequence of str
        Columns that vary over time within units.
    weights, cluster : str, optional
        Clusters are the units unless named.
    anticipation : int
        Periods before the start in which treatment may already act.

    Returns
    -------
    CellEffects
        ``aggregate("event")`` is the event study.

    Raises
    ------
    BadInput

    References
    ----------
    Sun, L. & Abraham, S. (2021). Estimating dynamic treatment effects in event studies with
    heterogeneous treatment effects. Journal of Econometrics 225, 175-199.

    Examples
    --------
    >>> from hubeval.methods.did.estimators.examples import staggered
    >>> cells = sun_abraham(staggered(), outcome="rate", unit="la", time="year", start="opened")
    >>> cells.aggregate("event").to_frame().query("event_time >= 0")["estimate"].round(6).tolist()
    [-1.0, -2.0, -3.0, -4.0]
    """
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                       weights=weights, cluster=cluster, anticipation=anticipation)
    return fit_sun_abraham(panel, anticipation=anticipation)


def fit_sun_abraham(panel: Panel, *, anticipation: int = 0) -> CellEffects:
    """`sun_abraham` on a panel that is already read."""
    check_panel(panel)
    cells = make_cells(panel, saturate_before=True, anticipation=anticipation)
    return fit_cells(panel, cells, panel.x[cells.rows], panel.covariates, "Sun-Abraham")
