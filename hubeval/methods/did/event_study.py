"""The two-way event study: effects by time since the start, with what it says before the start."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from hubeval.errors import BadInput, Problem
from hubeval.methods.did.inference import METHODS
from hubeval.methods.did.panel import Panel, read_panel
from hubeval.methods.did.two_way import Regression, check_options, regress
from hubeval.methods.did.variance import pretrend_reading
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from hubeval.methods.did.inference import Method
    from hubeval.result import Diagnostic

    Floats = NDArray[np.float64]

ESTIMAND = ("difference from the period before the start, against units not treated, as two-way fixed effects weights "
            "the cohorts")


def event_study(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, covariates: Sequence[str] = (),
    weights: str | None = None, cluster: str | None = None, window: tuple[int, int] | None = None,
    inference: Method = "auto", conf_level: float = 0.95, seed: int = 20261122,
) -> Regression:
    """Two-way fixed-effects event study, the period before the start as reference.

    Under staggered starts and effects that differ by cohort its coefficients mix event times (Sun &
    Abraham 2021): prefer `group_time(...).aggregate("event")` or `sun_abraham`.

    Parameters
    ----------
    window : (int, int), optional
        First and last event time; what lies beyond goes into the bins at both ends. All by default.
    inference, conf_level, seed
        As in `two_way`. Under permutation each interval takes the other event times' effects as estimated.

    Returns
    -------
    Regression
        Reference period -1 is left out of the terms.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AAABBBCCC"), "year": [1, 2, 3] * 3, "opened": [3] * 3 + [None] * 6,
    ...                       "rate": [5., 5., 3., 4., 4., 4.5, 2., 2., 2.5]})
    >>> fit = event_study(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> dict(zip(fit.terms, fit.estimate.round(6).tolist()))
    {'event time -2': 0.0, 'event time 0': -2.5}
    """
    check_options(inference, conf_level, METHODS[:-2])
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                       weights=weights, cluster=cluster)
    return fit_event_study(panel, window=window, inference=inference, conf_level=conf_level, seed=seed)


def fit_event_study(
    panel: Panel, *, window: tuple[int, int] | None = None, inference: Method = "auto", conf_level: float = 0.95,
    seed: int = 20261122,
) -> Regression:
    """`event_study` on a panel that is already read."""
    low, high = window or (-np.inf, np.inf)
    seen = np.unique(np.clip(panel.event[np.isfinite(panel.event)], low, high))
    if -1 not in seen or not low < -1 < 0 <= high:
        found = f"event times seen are {seen.min():g} to {seen.max():g}"
        raise BadInput([Problem("window", found, "a window with both -1 and 0 in it and in the data",
                                "Widen it, or keep an earlier period.")])
    times = seen[seen != -1]
    dropped: list[NotComputed] = []
    if panel.ever.all():
        # no never-treated unit: event time and period effects are collinear, a second reference is needed
        gone, times = times[0], times[1:]
        dropped.append(NotComputed(what=f"event time {gone:g}",
                                   reason="no unit is never treated, so a second reference period is needed"))
    clock = panel.clock[panel.time]

    def design(start: Floats) -> Floats:
        event = clock - start
        event = np.where(np.isfinite(event), np.clip(event, low, high), np.nan)
        return np.asarray(event[:, None] == times, dtype=np.float64)

    binned = "" if window is None else f"; ends binned at {window[0]} and {window[1]}"
    fit = regress(panel, design, tuple(f"event time {e:g}" for e in times), ESTIMAND + binned, inference, conf_level,
                  seed)
    return replace(fit, event_times=tuple(times.tolist()), not_computed=(*dropped, *fit.not_computed))


def pretrend(fit: Regression) -> Diagnostic | NotComputed:
    """Joint test that nothing differs before the start, and how little a pass says.

    Uses the permuted starts where the fit has them, else the clustered covariance (Wald, F).

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AABB"), "year": [1, 2] * 2, "opened": [2, 2, None, None],
    ...                       "rate": [5., 3., 4., 4.]})
    >>> pretrend(event_study(frame, outcome="rate", unit="la", time="year", start="opened")).reason
    'there is one period before the start only, so no trend can be seen'
    """
    before = np.array([e < -1 for e in fit.event_times]) & np.isfinite(fit.estimate)
    q = int(before.sum())
    what = "pre-trend test"
    if not q:
        return NotComputed(what=what, reason="there is one period before the start only, so no trend can be seen")
    if fit.placebo is not None:
        p, how = fit.placebo.joint_p_value(before), "permuted starts"
    else:
        b, v = fit.estimate[before], fit.covariance[np.ix_(before, before)]
        if np.linalg.matrix_rank(v, hermitian=True) < q:
            return NotComputed(what=what, reason=f"{q} coefficients, and too few clusters to test them together")
        wald = float(b @ np.linalg.solve(v, b))
        p, how = float(stats.f.sf(wald / q, q, fit.df)), f"Wald {wald:.2f}, F({q}, {fit.df:.0f})"
    return pretrend_reading(p, how, q)
