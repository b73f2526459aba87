"""How much of the outcome the learners still miss, and what that may do to an estimate.

The error of a doubly robust estimate shrinks with the root of the number of records. Its bias is what both parts miss,
multiplied; where outcomes step, or hang on products of three things, that shrinks more slowly, and the interval closes
in on a wrong number. What is missed can be seen: records held out are predicted worse than the noise about the fit
allows. How much of it goes with treatment cannot be seen. It is bounded by a share of the spread that was settled on
made-up worlds (`tests/recovery/matching/test_rough.py`), and enters the error as a random bias would. Compare the
bias-aware intervals of Armstrong & Kolesár (2018), whose bound is given, and the tests of Liu, Mukherjee & Robins
(2020), which ask whether an interval can hold its coverage.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.means import Means
    from hubeval.methods.matching.effects.smooth import Smooth

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

SHARE = 0.25  # of the spread that is missed: how far it may move a mean, as one standard deviation
SEEN = 60.0  # degrees of freedom: smooth outcomes leave fewer to be learned, of 1,000 records as of 4,000
MARK = "wider for what the learners still miss"


def missed(
    y: Floats, predicted: Floats, learned: Smooth, weights: Floats, place: tuple[Floats, Ints] | None = None
) -> float:
    """Spread, in the outcome's units, of what held-out predictions leave beyond noise; 0 where it is not clearly seen.

    It counts where it is more, as a part of what was learned, than `SEEN` degrees of freedom in so many records. Where
    less than half of the outcome's variance was learned, half of that variance stands for what was learned.

    Parameters
    ----------
    y : (n,) float
        Of the group's records.
    predicted : (n,) float
        By learners that never saw the record.
    learned : Smooth
        Fitted on the group; its residual variance, corrected for its degrees of freedom, stands for noise.
    weights : (n,) float
    place : ((n,) float, (n,) int), optional
        What the fit makes of the records, and their clusters: a cluster's own level cannot be learned from others, and
        stands in the clustered error already, so that it is taken out of what is left on either side.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.matching.effects.smooth import smooth
    >>> rng = np.random.default_rng(1)
    >>> x, noise = rng.normal(size=(900, 2)), rng.normal(size=900)
    >>> y = 2 * x[:, 0] + noise
    >>> missed(y, 2 * x[:, 0], smooth(x, y), np.ones(900)), missed(y, 0.8 * x[:, 0], smooth(x, y), np.ones(900)) > 1
    (0.0, True)
    """
    rows = slice(None) if learned.rows is None else learned.rows
    y, predicted, weights = y[rows], predicted[rows], weights[rows]
    left = float(np.average((y - predicted) ** 2, weights=weights))
    spread = float(np.average((y - np.average(y, weights=weights)) ** 2, weights=weights))
    noise = learned.ridge.noise
    if place is not None:
        fitted, cluster = place[0][rows], np.unique(place[1][rows], return_inverse=True)[1]
        own = [_within(y - made, weights, cluster) for made in (predicted, fitted)]
        whole = float(np.average((y - fitted) ** 2, weights=weights))
        left, noise = own[0], noise * own[1] / whole if whole > 0 else noise
    beyond = left - noise
    seen = beyond * y.size >= SEEN * max(spread - left, spread / 2)
    return float(np.sqrt(beyond)) if seen and beyond > 0 else 0.0


def _within(off: Floats, weights: Floats, cluster: Ints) -> float:
    """Mean square about the clusters' own means."""
    total = np.bincount(cluster, weights)
    level = np.bincount(cluster, weights * off) / np.where(total > 0, total, 1.0)
    return float(np.average((off - level[cluster]) ** 2, weights=weights))


def allowing(means: Means, spread: Floats) -> tuple[Means, str]:
    """The means with what may be missed in their covariance, and what to say; as they were where nothing is.

    Parameters
    ----------
    means : Means
    spread : (2,) float
        What is missed on either side, as `missed` gives it, times the share of the population predicted there.
    """
    if not spread.any():
        return means, ""
    before = means.covariance
    error = np.sqrt(before[0, 0] - 2 * before[0, 1] + before[1, 1])
    wider = float(np.sqrt(1 + ((SHARE * spread) ** 2).sum() / error**2)) if error > 0 else np.inf
    return replace(means, covariance=before + np.diag((SHARE * spread) ** 2)), (
        f"; the error is {wider:.1f} times {MARK}" if wider >= 1.05 else ""
    )
