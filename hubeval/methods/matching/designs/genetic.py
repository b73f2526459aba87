"""Genetic matching: weights of the covariates in a distance, searched so that the worst balance is the best."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import scipy

from hubeval.errors import BadInput, Problem
from hubeval.methods.matching.designs.balance import denominators
from hubeval.methods.matching.designs.nearest import match_nearest, on_scale
from hubeval.methods.matching.door.options import GIVEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from hubeval.methods.matching.door.options import Request
    from hubeval.methods.matching.door.study import Links, Score, Study

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

REACH = 2.0  # weights go from a hundredth to a hundred; at the lower end a covariate drops out
LOOKS = 10_000_000_000  # distances that all the tries together may look at


def match_genetic(
    study: Study, score: Score, request: Request, usable: Flags
) -> tuple[Links, tuple[tuple[str, float], ...]]:
    """Nearest neighbours on the weighted distance that leaves the smallest worst standardised difference.

    The distance is Mahalanobis's with a weight for each covariate, and the score as one more (Diamond & Sekhon 2013,
    Review of Economics and Statistics 95(3)). Weights are searched by differential evolution from plain Mahalanobis
    on, so that the worst difference is never larger than that distance leaves; among equals the mean one counts.

    Returns
    -------
    links : Links
    emphasis : tuple of (name, weight)
        The weights found, the largest 1; the last is the score's.
    """
    pairs = float((study.treated & usable).sum()) * float((~study.treated & usable).sum()) * request.options.evaluations
    if pairs > LOOKS:
        found = f"{pairs:,.0f} distances would have to be looked at"
        cure = "Lower options.evaluations, leave records out with discard, or use another method."
        raise BadInput([Problem("method", found, f"up to {LOOKS:,}", cure)])
    z = whitened(study, score)
    plain = replace(request, method="nearest", distance=GIVEN)
    spread = denominators(study.terms, study.binary, study.treated, np.ones(study.n), request.estimand)

    def made(u: Floats) -> Links:
        given = replace(study, terms=z * np.sqrt(_weights(u)))
        return match_nearest(given, score, plain, usable)

    def loss(u: Floats) -> float:
        try:
            gap = np.abs(_gap(study, made(u).weights)) / spread
        except BadInput:
            return 1e6
        # two weightings often give one matching: rounded, so that the last digits do not tell them apart
        return round(float(gap.max() + 1e-3 * gap.mean()), 9)

    best = _search(loss, z.shape[1], request.options.evaluations, request.seed or 0)
    weights = _weights(best)
    names = (*study.term_names, "score")
    emphasis = tuple((name, float(w / weights.max())) for name, w in zip(names, weights, strict=True))
    return made(best), emphasis


def whitened(study: Study, score: Score) -> Floats:
    """Coordinates, (n, q + 1): covariates in which plain Euclidean distance is Mahalanobis's, and the score's.

    Each column stays as near as it can to its covariate: the root of the correlation is the symmetric one.
    """
    one, two = (study.terms[side] - study.terms[side].mean(axis=0) for side in (study.treated, ~study.treated))
    s = (one.T @ one + two.T @ two) / (study.n - 2)
    scale = np.sqrt(np.diag(s))
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(s / np.outer(scale, scale))
    kept = values > 1e-9 * values.max()
    root = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
    z = (study.terms - study.terms.mean(axis=0)) / scale @ root
    value = on_scale(score, "logit" if score.probability else "score")
    return np.column_stack([z, (value - value.mean()) / (value.std() or 1.0)])


def emphasised(study: Study, score: Score, emphasis: tuple[tuple[str, float], ...]) -> Floats:
    """Coordinates of the distance that was found, (n, q + 1)."""
    return np.asarray(whitened(study, score) * np.sqrt([w for _, w in emphasis]))


def _weights(u: Floats) -> Floats:
    return np.where(u <= -REACH, 0.0, 10.0**u)


def _gap(study: Study, w: Floats) -> Floats:
    """Differences in weighted means, (q,), as `balance` shows them."""
    survey = w if study.weights is None else w * study.weights
    one, two = (np.where(side, survey, 0.0) for side in (study.treated, ~study.treated))
    return np.asarray(one @ study.terms / one.sum() - two @ study.terms / two.sum())


def _search(loss: Callable[[Floats], float], q: int, evaluations: int, seed: int) -> Floats:
    """The exponents of the weights with the least loss among at most `evaluations` tried, (q,)."""
    members = int(np.clip(2 * q, 6, max(6, evaluations // 6)))
    first = np.random.default_rng(seed).uniform(-REACH, REACH, (members, q))
    first[0] = np.r_[np.zeros(q - 1), -REACH]  # Mahalanobis, without the score
    first[1] = np.r_[np.full(q - 1, -REACH), 0.0]  # the score alone
    steps = max(evaluations // members - 1, 1)
    bounds = scipy.optimize.Bounds(np.full(q, -REACH), np.full(q, REACH))
    made = scipy.optimize.differential_evolution(
        loss, bounds, init=first, maxiter=steps, tol=0, polish=False, seed=seed
    )
    return np.asarray(made.x)
