"""What a fitted linear model says about linear combinations of its coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contrasts:
    """Linear combinations of coefficients with their intervals; every array is (m,).

    `df` is infinite for normal intervals and NaN where it has no meaning (mixtures).
    """

    estimate: Floats
    std_error: Floats
    low: Floats
    high: Floats
    p_value: Floats
    df: Floats


class Fit(Protocol):
    """Anything that can answer for linear combinations of its coefficients."""

    @property
    def coef(self) -> Floats:
        """Point estimates, (k,)."""

    @property
    def covariance(self) -> Floats:
        """Their covariance, (k, k)."""

    def contrasts(self, c: Floats, level: float = 0.95) -> Contrasts:
        """Answers for the rows of `c`, (m, k)."""


@dataclass(frozen=True, slots=True)
class TFit:
    """Coefficients with a covariance and t (or normal) intervals.

    Attributes
    ----------
    coef : (k,) float
    covariance : (k, k) float
        What standard errors are taken from.
    residual_df : float
        Degrees of freedom of every contrast; infinite for normal intervals. Not used when `spread` is given.
    model_covariance, spread, parameter_covariance
        For Satterthwaite degrees of freedom: the unadjusted covariance (k, k), its derivative in each
        covariance parameter (q, k, k), and the covariance of those parameters (q, q).
    """

    coef: Floats
    covariance: Floats
    residual_df: float
    model_covariance: Floats | None = None
    spread: Floats | None = None
    parameter_covariance: Floats | None = None

    def contrasts(self, c: Floats, level: float = 0.95) -> Contrasts:
        """Answers for the rows of `c`, (m, k)."""
        estimate = c @ self.coef
        error = np.sqrt(np.einsum("mi,ij,mj->m", c, self.covariance, c))
        df = self.degrees(c)
        finite = np.isfinite(df)
        reach = np.where(finite, stdtrit(np.where(finite, df, 1.0), 0.5 + level / 2), ndtri(0.5 + level / 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            size = -np.abs(np.where(error > 0, estimate / error, np.inf * np.sign(estimate)))
        p = 2 * np.where(finite, stdtr(np.where(finite, df, 1.0), size), ndtr(size))
        return Contrasts(estimate, error, estimate - reach * error, estimate + reach * error, p, df)

    def degrees(self, c: Floats) -> Floats:
        """Degrees of freedom of each row of `c`; floored at 2, where a t interval still has a mean width."""
        if self.spread is None or self.model_covariance is None or self.parameter_covariance is None:
            return np.full(len(c), float(self.residual_df))
        variance = np.einsum("mi,ij,mj->m", c, self.model_covariance, c)
        slope = np.einsum("mi,qij,mj->mq", c, self.spread, c)
        return np.asarray(
            np.maximum(2 * variance**2 / np.einsum("mq,qr,mr->m", slope, self.parameter_covariance, slope), 2.0)
        )
