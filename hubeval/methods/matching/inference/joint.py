"""How the effects on several outcomes of one matched sample would vary together, had nothing moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.engine.step_down import JointNull, by_multipliers
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.engine.means import Means
    from hubeval.methods.matching.designs.matched import Matched

    Floats = NDArray[np.float64]

WHAT = "Romano and Wolf's step-down"
HOW = "a multiplier bootstrap of the influence of every {} on all outcomes at once"
NO_SUM = "the error of this estimator is no sum over records, so its outcomes cannot be drawn together"
FILLED = "missing covariates were filled in several times, and each table has a distribution of its own"


def joint(
    samples: Sequence[Matched], labels: Sequence[str], means: Sequence[Means], *, seed: int = 20261122
) -> JointNull | NotComputed:
    """The joint distribution of the outcomes' p-values where nothing moved.

    Parameters
    ----------
    samples : sequence of Matched
        One, or one an imputation.
    labels : (m,) sequence of str
    means : (m,) sequence of Means
        One an outcome.
    seed : int
    """
    if len(samples) > 1:
        return NotComputed(what=WHAT, reason=FILLED)
    moved = [one.moved for one in means if one.moved is not None]
    if len(moved) < len(means):
        return NotComputed(what=WHAT, reason=NO_SUM)
    codes, name = _pieces(samples[0])
    rows = np.stack([np.bincount(codes, values, int(codes.max()) + 1) for values in moved]).astype(np.float64)
    return JointNull(labels=tuple(labels), p_values=by_multipliers(rows, seed=seed), how=HOW.format(name))


def _pieces(sample: Matched) -> tuple[NDArray[np.intp], str]:
    """What stands independently of the rest: the cluster, else the matched set, else the record, (n,)."""
    study, sets = sample.study, sample.links.stratum
    if study.cluster is not None:
        return np.unique(study.cluster, return_inverse=True)[1], study.cluster_name
    if sample.links.treated.size and (sets >= 0).any():
        alone = np.where(sets >= 0, sets, int(sets.max()) + 1 + np.arange(sets.size))
        return np.unique(alone, return_inverse=True)[1], "matched set"
    return np.arange(sets.size), "record"
