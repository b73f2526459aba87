"""Missing covariates by multiple imputation: match and estimate within each completed table, then Rubin's rules."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy

from hubeval.errors import BadInput, Door, Problem
from hubeval.methods.matching.door.covariates import counted, flaw

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

    Raises
    ------
    BadInput
        A covariate that no imputation can be made for: without any value, infinite, or with too many labels.

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

    door = Door()
    for name in covariates:
        if found := flaw(frame[name], name):
            door.refuse("covariates", *found)
    door.close()
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
            if frame[name].hasnans:
                known = frame[name].to_numpy(dtype=float, na_value=np.nan)
                copy[name] = np.where(np.isnan(known), filled[:, j], known)
        for name in text:
            copy[name] = frame[name].astype(object).where(frame[name].notna(), "missing")
        made.append(copy)
    return made


def drawn_into_cells(frame: pd.DataFrame, cells: Sequence[str]) -> list[str]:
    """Numeric columns with gaps among those that must agree exactly: draws for them agree with nobody."""
    return [name for name in cells if counted(frame[name]) and frame[name].hasnans]


def combined(estimates: Sequence[Estimate]) -> Estimate:
    """One estimate from those of each completed table, by Rubin's (1987) rules; ratios are combined as logarithms.

    The variance is the mean one plus ``1 + 1/m`` times the variance between tables. Degrees of freedom are those of
    Barnard & Rubin (1999), so that few clusters stay few: each table's own are read back from its interval.

    Raises
    ------
    BadInput
        Fewer than two estimates, or one without a standard error.
    """
    errors = [e.std_error for e in estimates]
    if len(estimates) < 2 or any(error is None for error in errors):
        found = "fewer than two, or one without a standard error"
        raise BadInput([Problem("estimates", found, "two or more", "Impute more times.")])
    first, m = estimates[0], len(estimates)
    log = first.unit in {"ratio", "odds-ratio"}
    value = np.array([np.log(e.estimate) if log else e.estimate for e in estimates])
    within = float(np.mean([error**2 for error in errors if error is not None]))
    between = float(value.var(ddof=1))
    total = within + (1 + 1 / m) * between
    lost = 1 - within / total
    whole = min(map(_degrees, estimates))
    df = 1 / (lost**2 / (m - 1) + _over(whole, lost)) if between > 0 else whole
    mean, error = float(value.mean()), float(np.sqrt(total))
    reach = float(scipy.stats.t.ppf(0.5 + first.conf_level / 2, df)) * error
    centre, low, high = (float(np.exp(v)) if log else v for v in (mean, mean - reach, mean + reach))
    p = float(2 * scipy.stats.t.sf(abs(mean) / error, df)) if error > 0 else None
    said = (
        f"{first.inference}; {m} imputations combined by Rubin's rules (missing information {lost:.0%}; "
        "counts are those of the first)"
    )
    return replace(first, estimate=centre, std_error=error, conf_low=low, conf_high=high, p_value=p, inference=said)


def _over(whole: float, lost: float) -> float:
    """One over the degrees of freedom left of `whole` when a share `lost` of the information is missing."""
    return 0.0 if np.isinf(whole) else (whole + 3) / ((whole + 1) * whole * (1 - lost))


def _degrees(estimate: Estimate) -> float:
    """Degrees of freedom that an estimate's interval was made with; infinite for the normal, or without an interval."""
    if estimate.conf_high is None or not estimate.std_error:
        return np.inf
    log = estimate.unit in {"ratio", "odds-ratio"}
    gap = np.log(estimate.conf_high / estimate.estimate) if log else estimate.conf_high - estimate.estimate
    tail = 0.5 + estimate.conf_level / 2
    reach = float(gap / estimate.std_error)
    if reach <= scipy.stats.t.ppf(tail, 1e6):
        return np.inf
    return float(scipy.optimize.brentq(lambda df: scipy.stats.t.ppf(tail, df) - reach, 0.5, 1e6))


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
