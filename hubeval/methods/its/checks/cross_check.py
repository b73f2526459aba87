"""The headline again, by statsmodels, on the same design matrix."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import toeplitz

from hubeval.methods.readings.cross_check import Found, compared, nobody_else
from hubeval.wording import brief

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.its.estimators.series import SeriesFit
    from hubeval.result import Diagnostic, Estimate, NotComputed

    Floats = NDArray[np.float64]

# standard errors apart that are let pass where the library has another estimator: on 300 drawn series of each kind
# the largest distance was 0.18 for a normal outcome; for counts 1 in 300 was above 1
NEAR, NEAR_COUNTS = 0.25, 1.0
PLAIN = frozenset({"least-squares", "newey-west"})  # their coefficients are those of plain least squares


def cross_check(main: SeriesFit, shown: Estimate) -> Diagnostic | NotComputed:
    """Estimate the average effect again with statsmodels.

    One series with a normal outcome by ``OLS`` or, where errors hang together, by ``GLS`` at the
    autocorrelation that the headline found; counts by ``GLM``, which
    takes their errors to be independent.

    Parameters
    ----------
    main : SeriesFit
        The headline's fit: its design matrix is used as it is.
    shown : Estimate
        The headline.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from hubeval.methods.its import segmented
    >>> t = np.arange(40)
    >>> noise = np.random.default_rng(1).normal(size=40)
    >>> frame = pd.DataFrame({"month": pd.period_range("2020-01", periods=40, freq="M").astype(str),
    ...                       "visits": 50 + .5 * t + 8 * (t >= 20) + noise})
    >>> fit = segmented(frame, outcome="visits", time="month", start="2021-09", inference="kenward-roger")
    >>> cross_check(fit, fit.average().absolute).status
    'pass'
    """
    if main.fitted.rare:
        return nobody_else("rare counts as the headline does",
                           "the bias of their logs is taken out, and statsmodels' GLM leaves it in")
    return compared(shown, _counts(main) if main.model.log_link else _normal(main))


def _normal(main: SeriesFit) -> Found:
    """`OLS` where errors are independent or only their covariance is corrected, else `GLSAR`."""
    model, x = main.model, main.columns.x
    y, change = model.y - model.offset, (x - main.columns.without)[main.window()].mean(axis=0)
    if model.inference in PLAIN or main.autocorrelation is None:
        fit = _fit("OLS", y, x)
        return Found(estimate=float(change @ fit.params), library="statsmodels", how="OLS on the same design matrix")
    rho, second = float(main.autocorrelation), main.fitted.second
    fit = _fit("GLS", y, x, (rho, second))
    mixed = model.inference == "integrated" or main.fitted.guarded
    return Found(
        estimate=float(change @ fit.params),
        std_error=float(np.sqrt(change @ fit.cov_params() @ change)),
        library="statsmodels",
        how=f"GLS on the same design matrix, errors with the autocorrelation that the headline found, {brief(rho, 2)}",
        differs="it takes that one value, where the headline averages over all that the series allows" if mixed else "",
        apart=NEAR,
    )


def _fit(name: str, y: Floats, x: Floats, partial: tuple[float, float] = (0.0, 0.0)) -> Any:
    """A fit by the class of statsmodels that is named, for errors with these two partial autocorrelations."""
    from statsmodels.regression import linear_model  # noqa: PLC0415 - imported only where it is used

    if name == "OLS":
        return linear_model.OLS(y, x).fit()
    from statsmodels.tsa.arima_process import arma_acf  # noqa: PLC0415

    first, second = partial
    return linear_model.GLS(y, x, sigma=toeplitz(arma_acf([1, -first * (1 - second), -second], [1], len(y)))).fit()


def _counts(main: SeriesFit) -> Found:
    """`GLM` with the same offset; the effect is the level that its own fit reached less what it expects."""
    from statsmodels.genmod import families  # noqa: PLC0415 - imported only where it is used
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    model, x, window = main.model, main.columns.x, main.window()
    a = main.fitted.overdispersion
    family = families.NegativeBinomial(alpha=a) if a else families.Poisson()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what its search met on the way
        fit = GLM(model.y, x, family=family, offset=model.offset).fit()
    change = (x - main.columns.without)[window]
    reached = np.exp(model.offset + x @ fit.params)[window]
    effect = (reached - reached * np.exp(-change @ fit.params)).mean()
    beside = ", and takes the comparison as free of noise" if model.comparison is not None else ""
    return Found(
        estimate=float(effect),
        library="statsmodels",
        how=f"GLM, {'negative binomial' if a else 'Poisson'} with the same offset",
        differs=f"it takes the errors to be independent of one another{beside}",
        apart=NEAR_COUNTS,
    )
