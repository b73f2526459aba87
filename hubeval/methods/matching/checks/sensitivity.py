"""How strong something unmeasured would have to be: Rosenbaum bounds, E-values, omitted-variable benchmarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

from hubeval.engine.least_squares import least_squares
from hubeval.methods.matching.checks.bounds import critical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def signed_rank_bound(differences: Floats, gamma: float) -> float:
    """Largest two-sided p-value of Wilcoxon's signed-rank test if hidden bias moved the odds by up to `gamma`.

    Parameters
    ----------
    differences : (pairs,) float
        Treated less comparison, one pair each; zeros are left out.
    gamma : float
        1 for no hidden bias; 2 if, of two alike on what was measured, one could be twice as likely to be treated.

    References
    ----------
    Rosenbaum (2002), Observational Studies, section 4.3. Normal approximation, without continuity correction.

    Examples
    --------
    >>> import numpy as np
    >>> d = np.arange(1.0, 21.0)
    >>> signed_rank_bound(d, 1.0) < signed_rank_bound(d, 3.0)
    True
    """
    d = differences[differences != 0]
    if d.size == 0:
        return 1.0
    rank = scipy.stats.rankdata(np.abs(d))
    up = max(float(rank[d > 0].sum()), float(rank[d < 0].sum()))
    p = gamma / (1 + gamma)
    mean, variance = p * float(rank.sum()), p * (1 - p) * float((rank**2).sum())
    return min(1.0, 2 * float(scipy.stats.norm.sf((up - mean) / np.sqrt(variance))))


def critical_gamma(differences: Floats, *, level: float = 0.05, most: float = 20.0) -> float:
    """Smallest `gamma` at which the bound on the p-value passes `level`; 1 where it does so without hidden bias.

    Examples
    --------
    >>> import numpy as np
    >>> round(critical_gamma(np.arange(1.0, 21.0)), 1)
    4.0
    """
    return critical(lambda gamma: signed_rank_bound(differences, gamma), level=level, most=most)


def e_value(ratio: float) -> float:
    """How strongly, as a risk ratio with both treatment and outcome, a confounder must act to explain `ratio` away.

    References
    ----------
    VanderWeele & Ding (2017), Annals of Internal Medicine 167(4).

    Examples
    --------
    >>> round(e_value(3.9), 2)
    7.26
    """
    r = ratio if ratio >= 1 else 1 / ratio
    return float(r + np.sqrt(r * (r - 1)))


def ratio_of_standardised(difference: float, spread: float) -> float:
    """Approximate risk ratio of a standardised difference in means, ``exp(0.91 d)`` (VanderWeele & Ding 2017)."""
    return float(np.exp(0.91 * difference / spread))


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """What a confounder as strong as one observed covariate would do to the estimate."""

    covariate: str
    with_treatment: float
    with_outcome: float
    estimate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Omitted:
    """Sensitivity of a regression to a variable left out (Cinelli & Hazlett 2020).

    Attributes
    ----------
    estimate : float
        Coefficient of treatment.
    clear : bool
        Whether the coefficient differs from zero at 5%; where it does not there is nothing to bring to zero.
    robustness : float
        Share of the residual variance of both treatment and outcome that a confounder must explain to bring it to zero.
    benchmarks : tuple of Benchmark
        Strongest first.
    """

    estimate: float
    clear: bool
    robustness: float
    benchmarks: tuple[Benchmark, ...]


def robustness_value(t: float, df: float) -> float:
    """Robustness value from a t statistic.

    Examples
    --------
    >>> round(robustness_value(4.184, 783), 3)  # the Darfur example of Cinelli & Hazlett (2020)
    0.139
    """
    f = abs(t) / np.sqrt(df)
    return float((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


def omitted_variable(y: Floats, treated: Floats, x: Floats, names: tuple[str, ...], weights: Floats) -> Omitted:
    """Robustness value, and bounds on what a confounder as strong as each covariate would do.

    Parameters
    ----------
    y, treated, weights : (n,) float
    x : (n, k) float
        Without a constant.
    names : tuple of str
        Of the columns of `x`.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(500, 2))
    >>> t = (x[:, 0] + rng.normal(size=500) > 0).astype(float)
    >>> made = omitted_variable(t + x[:, 0] + rng.normal(size=500), t, x, ("need", "age"), np.ones(500))
    >>> made.benchmarks[0].covariate, 0 < made.robustness < 1
    ('need', True)
    """
    one, x = np.ones((y.size, 1)), x - x.mean(axis=0)
    outcome = np.column_stack([treated, one, x])
    estimate, t_treated, df = _t(y, outcome, weights, 0)
    error = estimate / t_treated if t_treated else 0.0
    found = []
    for j, name in enumerate(names):
        others = np.delete(x, j, axis=1)
        _, with_t, df_t = _t(treated, np.column_stack([x[:, j], one, others]), weights, 0)
        _, with_y, df_y = _t(y, np.column_stack([x[:, j], one, treated, others]), weights, 0)
        r2d, r2y = with_t**2 / (with_t**2 + df_t), with_y**2 / (with_y**2 + df_y)
        d_z = min(r2d / (1 - r2d), 0.999)
        z_x = r2d**2 / (1 - r2d) ** 2
        y_z = min(((1 + np.sqrt(z_x)) / np.sqrt(max(1 - z_x, 1e-9))) ** 2 * r2y / (1 - r2y), 1.0)
        bias = abs(error) * np.sqrt(df) * np.sqrt(y_z * d_z / (1 - d_z))
        found.append(
            Benchmark(
                covariate=name,
                with_treatment=float(d_z),
                with_outcome=float(y_z),
                estimate=float(np.sign(estimate) * (abs(estimate) - bias)),
            )
        )
    found.sort(key=lambda b: np.sign(estimate) * b.estimate)
    clear = bool(abs(t_treated) > scipy.stats.t.isf(0.025, df))
    robust = robustness_value(t_treated, df)
    return Omitted(estimate=estimate, clear=clear, robustness=robust, benchmarks=tuple(found))


def _t(y: Floats, x: Floats, weights: Floats, column: int) -> tuple[float, float, float]:
    """Coefficient, classical t statistic and residual degrees of freedom of one column."""
    fit = least_squares(y, x, weights)
    df = y.size - fit.rank
    if column not in fit.kept or df < 1:
        return 0.0, 0.0, max(df, 1)
    s2 = float(weights @ fit.residuals**2) / df
    error = np.sqrt(s2 * fit.bread[fit.kept.index(column), fit.kept.index(column)])
    return float(fit.coef[column]), float(fit.coef[column] / error) if error > 0 else 0.0, df
