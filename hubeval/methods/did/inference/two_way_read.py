"""Two-way fixed effects and its event study as they are called: a frame in, coefficients and their reading out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.errors import Door
from hubeval.methods.did.door.panel import Panel, read_panel
from hubeval.methods.did.estimators import event_study as columns_of
from hubeval.methods.did.estimators.averages import mass_of
from hubeval.methods.did.estimators.balanced import two_means
from hubeval.methods.did.estimators.two_way import ESTIMAND, treatment
from hubeval.methods.did.inference.regression import Regression, check_options, clustered_words, one_cluster, regress
from hubeval.methods.did.inference.rule import METHODS, choose, from_t
from hubeval.methods.did.inference.trend_test import TrendTest, by_clusters, permuted
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from hubeval.methods.did.inference.rule import Method
    from hubeval.result import Diagnostic


def two_way(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, start: str, covariates: Sequence[str] = (),
    weights: str | None = None, cluster: str | None = None, inference: Method = "auto", conf_level: float = 0.95,
    seed: int = 20261122,
) -> Regression:
    """Two-way fixed-effects difference-in-differences.

    Right for one start date; under staggered starts it mixes in comparisons with units treated
    earlier (Goodman-Bacon 2021): see `decompose`, and prefer `group_time`.

    Parameters
    ----------
    frame : DataFrame
    outcome, unit, time, start, covariates, weights, cluster : columns
        As everywhere in this room (`read_panel`). Errors cluster on the unit unless `cluster` is given.
    inference : str
        ``"auto"`` (see `choose`), ``"permutation"``, ``"cr2"``, ``"cr3"``, ``"wild"``, ``"conley-taber"``,
        ``"ferman-pinto"`` or ``"cluster"``.
    conf_level : float
    seed : int
        For inference that draws.

    Returns
    -------
    Regression

    Raises
    ------
    BadInput
        From the door of the panel, or for an option that is not there.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AABBCC"), "year": [1, 2] * 3, "opened": [2, 2] + [None] * 4,
    ...                       "rate": [5.0, 3.0, 4.0, 4.5, 2.0, 2.5]})
    >>> fit = two_way(frame, outcome="rate", unit="la", time="year", start="opened")
    >>> fit.to_frame()[["estimate", "p_value"]].round(3).values.tolist()
    [[-2.5, 0.333]]
    """
    check_options(inference, conf_level)
    panel = read_panel(frame, outcome=outcome, unit=unit, time=time, start=start, covariates=covariates,
                       weights=weights, cluster=cluster, latecomers=True)
    return fit_two_way(panel, inference=inference, conf_level=conf_level, seed=seed)


def fit_two_way(
    panel: Panel, *, inference: Method = "auto", because: str = "", conf_level: float = 0.95, seed: int = 20261122
) -> Regression:
    """`two_way` on a panel that is already read; `because` says what chose the inference."""
    _check_few_treated(panel, inference)
    method, because = choose(panel) if inference == "auto" else (inference, because)
    plain = panel.balanced and not panel.x.shape[1] and panel.weights is None
    if method == "cluster" and plain and not one_cluster(panel):
        coef, variance = two_means(panel)
        estimate, df = np.array([coef]), float(panel.n_clusters - 1)
        words = clustered_words(panel, df, because)
        reading = from_t(estimate, np.array([np.sqrt(variance)]), df, conf_level, words)
        return Regression(terms=("ATT",), estimand=ESTIMAND, estimate=estimate, covariance=np.array([[variance]]),
                          df=df, reading=reading, panel=panel, conf_level=conf_level)
    return regress(panel, treatment(panel), ("ATT",), ESTIMAND, method, because, conf_level, seed)


def _check_few_treated(panel: Panel, inference: str) -> None:
    door = Door()
    if inference in {"conley-taber", "ferman-pinto"} and panel.ever.all():
        door.refuse("inference", f"{inference} needs units never treated, and there are none", "",
                    "Choose 'permutation'.")
    if inference == "ferman-pinto" and panel.weights is None:
        door.refuse("inference", "ferman-pinto needs the units' sizes", "a weights column",
                    "Name it in weights, or choose 'conley-taber'.")
    door.close()


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
                       weights=weights, cluster=cluster, latecomers=True)
    return fit_event_study(panel, window=window, inference=inference, conf_level=conf_level, seed=seed)


def fit_event_study(
    panel: Panel, *, window: tuple[int, int] | None = None, inference: Method = "auto", because: str = "",
    conf_level: float = 0.95, seed: int = 20261122,
) -> Regression:
    """`event_study` on a panel that is already read; `because` says what chose the inference."""
    method, because = choose(panel) if inference == "auto" else (inference, because)
    columns, times, dropped = columns_of.event_columns(panel, window)
    binned = "" if window is None else f"; ends binned at {window[0]} and {window[1]}"
    fit = regress(panel, columns, tuple(f"event time {e:g}" for e in times), columns_of.ESTIMAND + binned, method,
                  because, conf_level, seed, times)
    return replace(fit, event_times=tuple(times.tolist()), not_computed=(*dropped, *fit.not_computed))


def pretrend(fit: Regression) -> Diagnostic | NotComputed:
    """Joint test that nothing differs before the start, and how little a pass says.

    Uses the permuted starts where the fit has them, else cluster errors (Hotelling).

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"la": list("AABB"), "year": [1, 2] * 2, "opened": [2, 2, None, None],
    ...                       "rate": [5., 3., 4., 4.]})
    >>> pretrend(event_study(frame, outcome="rate", unit="la", time="year", start="opened")).reason
    'there is one period before the start only, so no trend can be seen'
    """
    found = trend_test(fit)
    return found.reading() if isinstance(found, TrendTest) else found


def trend_test(fit: Regression) -> TrendTest | NotComputed:
    """`pretrend` before it is put into words, with its own power."""
    before = np.array([e < -1 for e in fit.event_times], dtype=bool) & np.isfinite(fit.estimate)
    if not before.any() or fit.found is None:
        return NotComputed(what="pre-trend test",
                           reason="there is one period before the start only, so no trend can be seen")
    if fit.placebo is not None:
        return permuted(fit.placebo, before)
    panel = fit.panel
    started = np.where(panel.ever, panel.first, panel.n_periods).astype(np.float64)
    return by_clusters(fit.estimate[before], fit.found.influence[before], panel.cluster, started, mass_of(panel),
                       np.array(fit.event_times)[before] + 1)
