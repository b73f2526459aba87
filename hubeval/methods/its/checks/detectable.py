"""The smallest change a series of this length could show, from its design alone: said before any result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.autoregression import correlation
from hubeval.engine.counts import working_problem
from hubeval.engine.least_squares import least_squares
from hubeval.methods.its.door.model import design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.its.door.model import SeriesModel

    Floats = NDArray[np.float64]

EIGHTY_PERCENT = 2.8  # standard errors detected with 80% power at 5% two-sided
ASSUMED = (0.2, 0.4, 0.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detectable:
    """Smallest detectable changes with 80% power, in residual standard deviations, by assumed autocorrelation.

    They take the autocorrelation as known, so they are a little too hopeful.

    Attributes
    ----------
    rho : tuple of float
    level, average, last : tuple of float
        For the level change, the effect averaged over the periods after the start, and the effect in the last one.
    residual_sd : float or None
        Standard deviation around the trend before the start (a proportion for counts); None below 6 periods.
    """

    rho: tuple[float, ...]
    level: tuple[float, ...]
    average: tuple[float, ...]
    last: tuple[float, ...]
    residual_sd: float | None


def detectable(model: SeriesModel) -> Detectable:
    """Smallest detectable changes of a request; of the outcome, only what came before the start is looked at.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.its.door.axis import axis_of
    >>> from hubeval.methods.its.door.model import Break, SeriesModel
    >>> axis, _ = axis_of(range(24))
    >>> model = SeriesModel(outcome="y", axis=axis, y=np.arange(24.) % 3, offset=np.zeros(24), terms=(),
    ...                     breaks=(Break(position=12),), transition=None, silent=np.zeros(24, bool),
    ...                     seasonality=None, family="gaussian", errors="ar", inference="integrated")
    >>> [round(value, 2) for value in detectable(model).level]
    [2.55, 2.65, 2.47]
    """
    columns = design(model)
    after = np.flatnonzero(model.after)
    change = columns.x - columns.without
    first = change[after[0]]
    rows = np.stack([first, change[after].mean(axis=0), change[after[-1]]])
    sizes = []
    for rho in ASSUMED:
        inverse = np.linalg.inv(correlation(rho, model.n))
        spread = np.linalg.inv(columns.x.T @ inverse @ columns.x)
        sizes.append(EIGHTY_PERCENT * np.sqrt(np.einsum("mi,ij,mj->m", rows, spread, rows)))
    level, average, last = (tuple(float(size[i]) for size in sizes) for i in range(3))
    return Detectable(rho=ASSUMED, level=level, average=average, last=last, residual_sd=_residual_sd(model))


def _residual_sd(model: SeriesModel) -> float | None:
    """Spread around the trend (and season, and declared terms) before the start."""
    early = model.before_only(0)
    columns = design(replace(early, breaks=(replace(early.breaks[0], impact="level", position=early.n),)))
    kept = ~columns.effect & (np.ptp(columns.x, axis=0) > 0)
    kept[0] = True
    x = columns.x[:, kept]
    if early.n < 6 or early.n - x.shape[1] < 3 or np.linalg.matrix_rank(x) < x.shape[1]:
        return None
    if model.log_link:
        working = working_problem(early.y, x, early.offset)
        chi = float(np.sum((early.y - working.mean) ** 2 / working.mean)) / (early.n - x.shape[1])
        return float(np.sqrt(max(chi, 1.0) / working.mean.mean()))
    fit = least_squares(early.y - early.offset, x)
    return float(np.sqrt(fit.residuals @ fit.residuals / (early.n - x.shape[1])))
