"""Weights that carry one group's mean to another population, chosen for the doubly robust estimator.

Among all weights that sum to one, those that trade the worst imbalance in any function of a space against the noise
they let through (augmented minimax linear estimation; Hirshberg & Wager 2021). They estimate the inverse-probability
weight without dividing by a probability, and what they leave unbalanced is known. How bent the space should be is
learned from the group's own outcome; no outcome of the other group is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.effects.smooth import Laid

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LENIENT = 10.0  # the penalty is this many times smaller than the best for prediction, so that bias is below noise


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Weights with what they leave.

    Attributes
    ----------
    weights : (n,) float
        0 outside the group; they sum to one and may be negative.
    doubt : float
        Variance of the mean from imbalance left, were the outcome as bent as the group's was seen to be.
    """

    weights: Floats
    doubt: float


def carry(laid: Laid, group: Flags, target: Floats) -> Carried:
    """Weights of a group's records whose features have, nearly, the target's means.

    Parameters
    ----------
    laid : Laid
        All records, beside a smooth fit of the group's outcome.
    group : (n,) bool
    target : (n,) float
        Weights of the population wanted; they need not sum to one.

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.matching.effects.smooth import laid, smooth
    >>> rng = np.random.default_rng(2)
    >>> x = rng.normal(size=(600, 2))
    >>> group = rng.random(600) < 1 / (1 + np.exp(x[:, 0]))
    >>> learned = smooth(x[group], x[group, 0] + rng.normal(size=group.sum()))
    >>> made = carry(laid(x, learned), group, np.ones(600))
    >>> bool(abs(x[group, 0].mean()) > 0.25), bool(abs(made.weights @ x[:, 0] - x[:, 0].mean()) < 0.03)
    (True, True)
    """
    learned, n = laid.learned, int(group.sum())
    basis, penalty = learned.basis, learned.ridge.penalty / LENIENT
    share, size = target / target.sum(), basis.root.shape[1]
    wanted, middle, gram = np.zeros(size), np.zeros(size), np.zeros((size, size))
    for part, kernel in laid.chunks():
        mine = kernel[group[part]] @ basis.root
        wanted += share[part] @ kernel @ basis.root
        middle += mine.sum(axis=0) / n
        gram += mine.T @ mine
    gram -= n * np.outer(middle, middle)
    gap = wanted - middle
    turn = np.linalg.solve(gram + penalty * np.eye(size), gap)
    weights, turned, level = np.zeros(group.size), basis.root @ turn, 1 / n - middle @ turn
    for part, kernel in laid.chunks(group):
        weights[part][group[part]] = level + kernel @ turned
    left = gap - gram @ turn
    return Carried(weights=weights, doubt=float(left @ left) * learned.ridge.noise / learned.ridge.penalty)
