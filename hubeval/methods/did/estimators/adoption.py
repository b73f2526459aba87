"""Everybody gets some, nobody none: the effect per unit of dose, with areas of hardly any dose as the comparison.

de Chaisemartin, C., Ciccia, D., D'Haultfoeuille, X. & Knau, F. (2024). Difference-in-differences estimators when no
unit remains untreated. arXiv 2405.04465.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from hubeval.engine.boundary import AtBoundary, at_boundary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.boundary import Kernel

    Floats = NDArray[np.float64]

LEVEL = 0.05
FEWEST, DISTINCT = 50, 12  # units (none fewer was studied), and doses that the pilot polynomials need [judgement]


@dataclass(frozen=True, slots=True, kw_only=True)
class NearZero:
    """Whether some unit's dose is as good as none.

    Attributes
    ----------
    statistic : float
        The lowest dose above nought over the gap to the next; infinite where the two are alike.
    p_value : float
        Of the hypothesis that doses come down to nought.
    """

    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """The effect per unit of dose, averaged over doses (a weighted average slope).

    Attributes
    ----------
    estimate : float
        By the local line at dose nought.
    corrected : float
        Less its bias: the middle of the interval.
    std_error, conf_low, conf_high, p_value : float
        Robust to the bias.
    at : AtBoundary
        The change of areas with no dose, as estimated.
    mean_dose : float
    near_zero : NearZero
    """

    estimate: float
    corrected: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float
    at: AtBoundary
    mean_dose: float
    near_zero: NearZero


def near_zero(dose: Floats) -> NearZero:
    """The test that doses come down to nought, from the two lowest above it.

    Where they do, the lowest over the gap to the next is as the ratio of two exponentials: P(T > t) = 1 / (1 + t).

    Examples
    --------
    >>> near_zero(np.array([0.1, 0.2, 0.9])).p_value
    0.5
    >>> round(near_zero(np.array([2.0, 2.01, 2.5])).p_value, 3)
    0.005
    """
    lowest, second = np.sort(dose[dose > 0])[:2]
    gap = second - lowest
    statistic = float(lowest / gap) if gap > 0 else float("inf")
    return NearZero(statistic=statistic, p_value=1 / (1 + statistic))


def adoption(dose: Floats, change: Floats, *, kernel: Kernel = "epanechnikov", h: float | None = None) -> Adoption:
    """The average change less that of areas with no dose, over the average dose.

    The change at dose nought comes of a local line with a robust interval for its bias. The error is that of the
    change at nought alone, as in the paper: it falls more slowly than those of the two means.

    Parameters
    ----------
    dose : (n,) float
        From 0 up.
    change : (n,) float
        Of the outcome, from before to after.
    kernel : {"epanechnikov", "triangular", "uniform"}
    h : float, optional
        The bandwidth; by default the one with the smallest mean squared error.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> dose = rng.beta(1, 2, 400)
    >>> found = adoption(dose, 1 - 2 * dose + 0.2 * rng.normal(size=400))
    >>> found.conf_low < -2 < found.conf_high
    True
    """
    at = at_boundary(dose, change, kernel=kernel, h=h)
    mean = float(dose.mean())
    corrected, error = (float(change.mean()) - at.corrected) / mean, at.std_error / mean
    reach = float(ndtri(1 - LEVEL / 2)) * error
    p = 2 * float(ndtr(-abs(corrected) / error)) if error > 0 else float("nan")
    return Adoption(estimate=(float(change.mean()) - at.line) / mean, corrected=corrected, std_error=error,
                    conf_low=corrected - reach, conf_high=corrected + reach, p_value=p, at=at, mean_dose=mean,
                    near_zero=near_zero(dose))
