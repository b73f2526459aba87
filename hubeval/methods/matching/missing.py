"""Missing covariates by multiple imputation: match and estimate within each completed table, then Rubin's rules."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from hubeval.errors import BadInput, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hubeval.result import Estimate


def imputed(
    frame: pd.DataFrame, covariates: Sequence[str], also: Sequence[str] = (), *, times: int = 10, seed: int = 0
) -> list[pd.DataFrame]:
    """Completed copies of `frame`: missing numeric covariates drawn from chained Bayesian ridge regressions.

    Parameters
    ----------
    frame : DataFrame
    covariates : sequence of str
        Columns to complete. Gaps in text columns become a level of their own, ``"missing"``.
    also : sequence of str
        Columns that help to predict, such as treatment and outcomes (which must be in an imputation model, or effects
        are drawn towards zero); they are not themselves changed.
    times : int
        Number of copies.
    seed : int

    Notes
    -----
    Uses scikit-learn's ``IterativeImputer`` with posterior draws (chained equations, van Buuren 2011).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> need = rng.normal(size=200)
    >>> frame = pd.DataFrame({"need": need, "age": np.where(rng.random(200) < .2, np.nan, need + rng.normal(size=200))})
    >>> [int(copy.age.isna().sum()) for copy in imputed(frame, ["need", "age"], times=2)]
    [0, 0]
    """
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401, PLC0415 - scikit-learn asks for this
    from sklearn.impute import IterativeImputer  # noqa: PLC0415

    numeric = [name for name in covariates if pd.api.types.is_numeric_dtype(frame[name])]
    text = [name for name in covariates if name not in numeric]
    helpers = [*text, *[name for name in also if name in frame]]
    base = frame[numeric].astype(float)
    if helpers:
        base = pd.concat([base, pd.get_dummies(frame[helpers], dtype=float).astype(float)], axis=1)
    made = []
    for k in range(times):
        imputer = IterativeImputer(sample_posterior=True, max_iter=10, random_state=seed + k, tol=1e-3)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*[Ee]arly stopping.*")  # draws do not converge; nor should they
            filled = imputer.fit_transform(base.to_numpy())
        copy = frame.copy()
        for j, name in enumerate(numeric):
            copy[name] = np.where(frame[name].isna(), filled[:, j], frame[name])
        for name in text:
            copy[name] = frame[name].astype(object).where(frame[name].notna(), "missing")
        made.append(copy)
    return made


def combined(estimates: Sequence[Estimate]) -> Estimate:
    """One estimate from those of each completed table, by Rubin's (1987) rules.

    The variance is the mean one plus ``1 + 1/m`` times the variance between tables; degrees of freedom are Rubin's.

    Raises
    ------
    BadInput
        Fewer than two estimates, or one without a standard error.
    """
    errors = [e.std_error for e in estimates]
    if len(estimates) < 2 or any(error is None for error in errors):
        raise BadInput(
            [
                Problem(
                    "estimates", "fewer than two, or one without a standard error", "two or more", "Impute more times."
                )
            ]
        )
    value = np.array([e.estimate for e in estimates])
    within = float(np.mean([error**2 for error in errors if error is not None]))
    between = float(value.var(ddof=1))
    m = len(estimates)
    total = within + (1 + 1 / m) * between
    df = (m - 1) * (1 + within / ((1 + 1 / m) * between)) ** 2 if between > 0 else np.inf
    error = float(np.sqrt(total))
    first = estimates[0]
    reach = float(stats.t.ppf(0.5 + first.conf_level / 2, df)) * error
    mean = float(value.mean())
    p = float(2 * stats.t.sf(abs(mean) / error, df)) if error > 0 else None
    said = (
        f"{first.inference}; {m} imputations combined by Rubin's rules (missing information {1 - within / total:.0%})"
    )
    return replace(
        first, estimate=mean, std_error=error, conf_low=mean - reach, conf_high=mean + reach, p_value=p, inference=said
    )


def across_imputations(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    also: Sequence[str],
    run: Callable[[pd.DataFrame], Estimate],
    *,
    times: int = 10,
    seed: int = 0,
) -> Estimate:
    """`run` (match, then estimate) on every completed table, combined."""
    return combined([run(copy) for copy in imputed(frame, covariates, also, times=times, seed=seed)])
