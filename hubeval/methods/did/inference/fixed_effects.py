"""Fixed effects on a continuous exposure: the change in the outcome per unit of exposure, within units and periods."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from hubeval.engine.few_clusters import bias_reduced
from hubeval.engine.fixed_effects import two_way as unit_and_period
from hubeval.engine.least_squares import least_squares
from hubeval.errors import BadInput, Door, Problem
from hubeval.methods.did.door.exposures import read_exposed
from hubeval.methods.did.estimators.two_way import within
from hubeval.methods.readings.question import Question
from hubeval.result import Estimate
from hubeval.shown import Shown
from hubeval.wording import brief, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.did.door.exposures import Exposed
    from hubeval.result import Diagnostic, FlowStep

    Floats = NDArray[np.float64]

How = Literal["auto", "cr2", "cluster", "driscoll-kraay"]
FEW = 50  # clusters below which plain clustered errors are too small (Cameron & Miller 2015, section VI)
LONG = 20  # periods below which Driscoll-Kraay errors are too small: their theory lets periods grow [judgement]
CROSSED = 0.1  # negative weights that sum to more than this are a caution [judgement]
ESTIMAND = ("change in the outcome per unit of exposure, within units and periods, if the effect is linear in the "
            "exposure and alike everywhere; otherwise a weighted sum of effects whose weights may be negative")
WEIGHTS = Question(
    name="weights of the effects", bears_on="sign",
    asked="Does the number weigh some unit-periods' effects with the wrong sign?",
    threshold=f"negative weights that sum to more than {CROSSED:g} are a caution")
ENOUGH = Question(name="number of clusters or periods", bears_on="interval",
                  asked="Are there enough of what the errors rest on?",
                  threshold=f"under {FEW} clusters (plain errors), or {LONG} periods (Driscoll-Kraay), is a caution")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope(Shown):
    """The change per unit of exposure, and what to bear in mind.

    Attributes
    ----------
    estimate : Estimate
    cautions : tuple of Diagnostic
        The weights behind the number, and whether the errors rest on enough.
    flow : tuple of FlowStep
        Rows left out, counted.
    """

    estimate: Estimate
    cautions: tuple[Diagnostic, ...]
    flow: tuple[FlowStep, ...] = ()


def fixed_effects(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, exposure: str, covariates: Sequence[str] = (),
    weights: str | None = None, cluster: str | None = None, inference: How = "auto", conf_level: float = 0.95,
) -> Slope:
    """Unit and period fixed effects on an exposure of any size, such as the share of sites open, or spending.

    By linearmodels' ``PanelOLS``. It assumes that the effect is linear in the exposure and alike in all units and
    periods, and that units whose exposure changed otherwise would have moved alike. Where effects differ, the number
    is a weighted sum of them whose weights may be negative: `Slope.cautions` says how much of that there is. Prefer
    `dose` where units start once, at different strengths.

    Parameters
    ----------
    frame : DataFrame
        One row per unit and period.
    outcome, unit, time : str
        Columns.
    exposure : str
        Column of numbers: how much of the treatment a unit had in a period, 0 for none.
    covariates : sequence of str
        Columns that vary over time within units.
    weights, cluster : str, optional
        Clusters are the units unless named.
    inference : {"auto", "cr2", "cluster", "driscoll-kraay"}
        Clustered errors (``"cluster"``), the same with their bias taken out for few clusters (``"cr2"``), or errors
        that allow for shocks common to units and for those that last (``"driscoll-kraay"``; many periods).
        ``"auto"`` is ``"cr2"`` under 50 clusters, else ``"cluster"``.
    conf_level : float

    Returns
    -------
    Slope

    Raises
    ------
    BadInput
        From the door; an exposure that unit and period effects already say.

    References
    ----------
    de Chaisemartin, C. & D'Haultfoeuille, X. (2020). Two-way fixed effects estimators with heterogeneous treatment
    effects. American Economic Review 110, 2964-2996. Driscoll, J. & Kraay, A. (1998). Consistent covariance matrix
    estimation with spatially dependent panel data. Review of Economics and Statistics 80, 549-560. Bell, R. &
    McCaffrey, D. (2002). Bias reduction in standard errors for linear regression. Survey Methodology 28, 169-181.

    Examples
    --------
    >>> frame = pd.DataFrame({"la": np.repeat(list("abcdef"), 3), "year": [1, 2, 3] * 6,
    ...     "share": [0, .2, .4, 0, .5, 1, 0, 0, 0, 0, .1, .3, 0, 0, .6, 0, .4, .4]})
    >>> frame["rate"] = 5 - 4 * frame["share"] + frame["year"] + [.1, 0, 0, 0, .1, 0] * 3
    >>> found = fixed_effects(frame, outcome="rate", unit="la", time="year", exposure="share")
    >>> round(found.estimate.estimate, 2), found.estimate.term
    (-3.89, 'per unit of exposure')
    """
    door = Door()
    door.choice("inference", inference, ("auto", "cr2", "cluster", "driscoll-kraay"))
    if not 0 < conf_level < 1:
        door.refuse("conf_level", f"found {conf_level}", "a number between 0 and 1", "Write 0.95.")
    if inference == "driscoll-kraay" and cluster is not None:
        door.refuse("cluster", "does not apply to inference 'driscoll-kraay'", "'cluster' or 'cr2'", "Leave it out.")
    door.close()
    rows = read_exposed(frame, outcome=outcome, unit=unit, time=time, exposure=exposure, covariates=covariates,
                        weights=weights, cluster=cluster)
    own = _identified(rows, exposure)
    groups = int(rows.cluster.max()) + 1
    how = ("cr2" if groups < FEW else "cluster") if inference == "auto" else inference
    fit = _panel_ols(rows, how)
    error, df, words = _error(rows, fit, how)
    if not error > 1e-9 * float(np.abs(rows.y).max()) / float(np.abs(own).max()):
        found = f"{outcome!r} is said exactly by the exposure, the covariates and the effects of units and periods"
        raise BadInput([Problem("outcome", found, "an outcome that varies beside them", "Check that it is no copy.")])
    estimate = float(fit.params["x0"])
    reach = float(stats.t.ppf((1 + conf_level) / 2, df)) * error
    made = Estimate(
        term="per unit of exposure", estimand=ESTIMAND, outcome=outcome,
        unit=f"units of the outcome per unit of {exposure}",
        estimate=estimate, std_error=error, conf_low=estimate - reach, conf_high=estimate + reach,
        conf_level=conf_level, p_value=float(2 * stats.t.sf(abs(estimate) / error, df)), inference=words,
        n_treated=int((np.bincount(rows.unit, rows.exposure != 0) > 0).sum()),
        n_comparison=int((np.bincount(rows.unit, rows.exposure != 0) == 0).sum()),
        n_clusters=groups, n_observations=len(rows.y))
    return Slope(estimate=made, cautions=(_weights(rows, own), _enough(rows, how, groups)), flow=rows.flow)


def _identified(rows: Exposed, exposure: str) -> Floats:
    """What unit and period effects and covariates leave of the exposure, (n,); refused where that is nothing."""
    x = _within(rows)
    own = least_squares(x[:, 0], x[:, 1:], rows.weights).residuals
    if float(np.abs(own).max(initial=0.0)) <= 1e-9 * max(float(np.abs(rows.exposure).max(initial=0.0)), 1e-300):
        found = f"{exposure!r} is said by the effects of units and periods and by the covariates already"
        cure = "Bring units whose exposure changed by other amounts or at other times."
        raise BadInput([Problem("exposure", found, "changes that differ between units", cure)])
    return own


def _within(rows: Exposed) -> Floats:
    """Exposure, covariates and period dummies less their unit means, (n, 1 + k + T - 1)."""
    dummies = np.eye(int(rows.time.max()) + 1)[rows.time][:, 1:]
    effects = unit_and_period(rows.unit, rows.time, rows.weights)
    return within(effects, np.column_stack([rows.exposure, rows.x, dummies]))


def _panel_ols(rows: Exposed, how: str) -> Any:
    from linearmodels.panel import PanelOLS  # noqa: PLC0415 - imported only where it is used

    index = pd.MultiIndex.from_arrays([rows.unit, rows.time], names=["unit", "period"])
    x = np.column_stack([rows.exposure, rows.x])
    frame = pd.DataFrame(x, index=index, columns=[f"x{j}" for j in range(x.shape[1])])
    weights = None if rows.weights is None else pd.Series(rows.weights, index=index)
    options: dict[str, Any] = (
        {"cov_type": "kernel"} if how == "driscoll-kraay" else
        {"cov_type": "clustered", "group_debias": True, "clusters": pd.DataFrame({"c": rows.cluster}, index=index)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of covariates that the effects absorb, and drops them
        model = PanelOLS(pd.Series(rows.y, index=index, name="y"), frame, weights=weights, entity_effects=True,
                         time_effects=True, drop_absorbed=True)
        return model.fit(debiased=True, **options)


def _error(rows: Exposed, fit: Any, how: str) -> tuple[float, float, str]:
    """The standard error, its degrees of freedom, and how both were made."""
    if how == "driscoll-kraay":
        periods = int(rows.time.max()) + 1
        return (float(fit.std_errors["x0"]), float(periods - 1),
                f"Driscoll-Kraay ({periods} periods), t with {periods - 1} degrees of freedom")
    groups = int(rows.cluster.max()) + 1
    by = f"by {rows.cluster_name} ({groups} clusters)"
    if how == "cluster":
        return (float(fit.std_errors["x0"]), float(groups - 1),
                f"cluster-robust (CR1) {by}, t with {groups - 1} degrees of freedom")
    effects, x = unit_and_period(rows.unit, rows.time, rows.weights), _within(rows)
    residuals = least_squares(within(effects, rows.y), x, rows.weights).residuals
    corrected = bias_reduced(x, residuals, rows.cluster, 1, weights=rows.weights)
    df = float(corrected.df[0])
    return (float(np.sqrt(corrected.covariance[0, 0])), df,
            f"cluster-robust (CR2) {by}, t with {df:.1f} Bell-McCaffrey degrees of freedom")


def _weights(rows: Exposed, own: Floats) -> Diagnostic:
    """How much of the number is effects taken with the wrong sign (de Chaisemartin & D'Haultfoeuille 2020)."""
    each = own * rows.exposure * (1.0 if rows.weights is None else rows.weights)
    share = each / each.sum()
    wrong = share < 0
    total = float(-share[wrong].sum())
    exposed = int((rows.exposure != 0).sum())
    if not total:
        return WEIGHTS.answered("pass", "No effect enters with a negative weight: the number is an average of effects "
                                "per unit of exposure, those that were exposed most counting most.", 0.0)
    said = (f"{counted(int(wrong.sum()), 'unit-period')} of {exposed} with exposure enter with a negative weight; "
            f"these sum to −{brief(total)}, all weights to 1. That does no harm where the effect per unit of exposure "
            "is alike everywhere; where it is not, the number can have another sign than every single effect.")
    return WEIGHTS.answered("caution" if total > CROSSED else "pass", said, total)


def _enough(rows: Exposed, how: str, groups: int) -> Diagnostic:
    """Whether the errors rest on enough clusters or periods."""
    periods = int(rows.time.max()) + 1
    if how == "driscoll-kraay":
        few, said = periods < LONG, f"{periods} periods"
        more = "Driscoll-Kraay errors need many periods; with so few they are too small."
    else:
        few, said = groups < FEW and how == "cluster", counted(groups, "cluster")
        more = "With so few, plain clustered errors are too small: ask for 'cr2'."
    number = float(periods if how == "driscoll-kraay" else groups)
    reading = f"{said}. {more}" if few else f"{said}, enough for these errors."
    return ENOUGH.answered("caution" if few else "pass", reading, number)
