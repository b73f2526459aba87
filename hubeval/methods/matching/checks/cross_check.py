"""The headline again, by statsmodels, on the same matched or weighted records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hubeval.methods.matching.effects.outcome import read_case
from hubeval.methods.matching.effects.regression import sample_of
from hubeval.methods.readings.cross_check import Found, compared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.designs.matched import Matched
    from hubeval.methods.matching.effects.outcome import Case
    from hubeval.protocol import MatchingDesign
    from hubeval.result import Diagnostic, Estimate, NotComputed

    Floats = NDArray[np.float64]

DOUBLY_ROBUST = "its cross-fitted learners and minimax weights are in neither"


def cross_check(made: Matched, column: str, design: MatchingDesign, shown: Estimate) -> Diagnostic | NotComputed:
    """Estimate the effect on one outcome again with statsmodels.

    Differences and regressions by ``WLS`` on treatment and covariates; g-computation by one ``WLS`` (a 0/1 outcome:
    ``GLM``) in each group, averaged over the estimand's records.

    Parameters
    ----------
    made : Matched
    column : str
        The outcome.
    design : MatchingDesign
        With another estimator than the doubly robust one, which neither library fits.
    shown : Estimate
        The headline.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from hubeval.methods.matching import effect, match
    >>> from hubeval.protocol import MatchingDesign
    >>> rng = np.random.default_rng(3)
    >>> need = rng.normal(size=200)
    >>> frame = pd.DataFrame({"hub": rng.random(200) < 0.3, "need": need, "contacts": need + rng.normal(size=200)})
    >>> made = match(frame, treated="hub", covariates=["need"])
    >>> design = MatchingDesign(unit="id", treated="hub", covariates=("need",), estimator="regression")
    >>> (shown,) = effect(made, outcome="contacts", estimator="regression")
    >>> cross_check(made, "contacts", design, shown).status
    'pass'
    """
    case = read_case(made, column, design.adjust_for if design.estimator != "difference" else None, None)
    rows, w = sample_of(case, design.vcov)
    found = (
        _g_computation(case, rows, w)
        if design.estimator == "g-computation"
        else _regression(case, rows, w, adjusted=design.estimator == "regression")
    )
    return compared(shown, found)


def _regression(case: Case, rows: NDArray[np.intp], w: Floats, *, adjusted: bool) -> Found:
    fit = _wls(case.y[rows], _design(case, rows, case.treated[rows], adjusted=adjusted), w)
    beside = "treatment and covariates" if adjusted else "treatment alone"
    return Found(estimate=float(fit.params[1]), library="statsmodels", how=f"WLS on {beside}, the same weights")


def _design(case: Case, rows: NDArray[np.intp], second: Any, *, adjusted: bool) -> Floats:
    """A constant, a column, and the covariates about their means."""
    x = case.x[rows] if adjusted else np.zeros((rows.size, 0))
    return np.column_stack([np.ones(rows.size), np.asarray(second, dtype=float), x - x.mean(axis=0)])


def _wls(y: Floats, x: Floats, w: Floats) -> Any:
    from statsmodels.regression.linear_model import WLS  # noqa: PLC0415 - imported only where it is used

    return WLS(y, x, weights=w).fit()


def _g_computation(case: Case, rows: NDArray[np.intp], w: Floats) -> Found:
    """A fit in each group, averaged over the records that the estimand speaks of."""
    y, treated = case.y[rows], case.treated[rows]
    x = np.delete(_design(case, rows, treated, adjusted=True), 1, axis=1)
    target = {"ATT": treated, "ATC": ~treated}.get(case.matched.request.estimand, np.ones(rows.size, dtype=bool))
    share = np.where(target, w, 0.0) / w[target].sum()
    one, two = (share @ _expected(y[side], x[side], w[side], x, binary=case.binary) for side in (treated, ~treated))
    how = "a logistic GLM" if case.binary else "WLS"
    return Found(estimate=float(one - two), library="statsmodels", how=f"{how} in each group, averaged")


def _expected(y: Floats, x: Floats, w: Floats, everyone: Floats, *, binary: bool) -> Floats:
    if not binary:
        return np.asarray(everyone @ _wls(y, x, w).params)
    from statsmodels.genmod import families  # noqa: PLC0415 - imported only where it is used
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    fit = GLM(y, x, family=families.Binomial(), var_weights=w).fit()
    return np.asarray(1 / (1 + np.exp(-everyone @ fit.params)))
