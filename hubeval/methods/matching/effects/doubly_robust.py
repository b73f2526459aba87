"""The headline estimator: models that learn the outcome, corrected by weights that carry a group to the population.

The mean outcome of a population, had all been in one group, is the average prediction there plus a weighted average
of that group's residuals. The prediction is cross-fitted, so flexible learners are allowed. The weights are minimax
weights (augmented minimax linear estimation; Hirshberg & Wager 2021; Ben-Michael, Feller, Hirshberg & Zubizarreta
2021): they estimate the inverse-probability weight as a function of the covariates without dividing by a probability.
Bias is of the order of the product of the two errors. For overlap weights, whose population is itself made from the
score, the score is learned and augmented (Li & Li 2019).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from hubeval.engine.means import Means, from_influence
from hubeval.errors import BadInput, Problem
from hubeval.methods.matching.designs.scores import folds
from hubeval.methods.matching.door.options import WEIGHTING
from hubeval.methods.matching.effects.learners import stacked
from hubeval.methods.matching.effects.minimax import carry
from hubeval.methods.matching.effects.smooth import laid, smooth
from hubeval.methods.matching.effects.unlearned import allowing, missed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hubeval.methods.matching.effects.outcome import Case
    from hubeval.methods.matching.effects.smooth import Laid

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Ints = NDArray[np.intp]

FLOOR = 0.01  # cross-fitted probabilities are kept this far from 0 and 1
MANY = 50_000  # records from which more threads do help
SMALLEST = 10  # records a group needs before learners can be cross-fitted


def doubly_robust(case: Case, *, seed: int = 0) -> tuple[Means, str]:
    """Augmented means over the records the design kept; influence-based, clustered covariance.

    Its many small decompositions run on one thread: more are no faster, and where several processes share a machine
    they wait for each other ten times longer than they work.
    """
    import sklearn.ensemble  # noqa: F401, PLC0415 - slow to import; by now loaded, its threads are held as well

    with threadpool_limits(limits=1 if case.y.size < MANY else None):
        return _doubly_robust(case, seed)


def _doubly_robust(case: Case, seed: int) -> tuple[Means, str]:
    keep = np.flatnonzero(eligible(case))
    keep = keep[np.lexsort((case.y[keep], case.treated[keep], *case.x[keep].T))]  # so the file's order tells nothing
    t, y, x = case.treated[keep], case.y[keep], case.x[keep]
    given = None if case.matched.study.weights is None else case.matched.study.weights[keep]
    groups = None if case.cluster is None else pd.factorize(case.cluster[keep])[0]
    if min(t.sum(), (~t).sum()) < SMALLEST:
        found = f"{int(t.sum())} treated and {int((~t).sum())} comparison records with the outcome"
        allowed = f"at least {SMALLEST} of each for the doubly robust estimator"
        raise BadInput([Problem("estimator", found, allowed, "Write estimator='difference'.")])
    estimand, survey = case.matched.request.estimand, np.ones(t.size) if given is None else given
    splits = folds(t, groups, seed=seed)
    asked = [group for group in (True, False) if (group, estimand) not in {(True, "ATT"), (False, "ATC")}]
    learned = {g: laid(x, smooth(x[t == g], y[t == g], survey[t == g], seed=seed)) for g in asked}
    predict = {
        g: stacked(learned[g], y, splits, binary=case.binary, seed=seed, weights=given, among=t == g) for g in asked
    }
    world = _World(t=t, y=y, x=x, survey=survey, splits=splits, groups=groups)
    made = _between(world, predict, given, seed) if estimand == "ATO" else _onto(world, predict, learned, estimand)
    means = from_influence(*made.sums, groups, None if groups is None else made.shares)
    moved = np.bincount(keep, made.sums[2][:, 0] - made.sums[2][:, 1], case.y.size).astype(np.float64)
    means = replace(means, covariance=means.covariance + np.diag(made.doubt), moved=moved)
    means, wider = allowing(means, made.left)
    on = f", summed within {case.cluster_name} ({_freedom(means)})" if groups is not None else ""
    return means, (
        "doubly robust (5-fold cross-fitted linear, quadratic, boosted and smooth learners, short-stacked; "
        f"{made.how}); influence-based error{on}{wider}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    """The records that the estimate rests on, and the folds in which they are learned: each (n,), `x` (n, k).

    `groups` are clusters, where there are any.
    """

    t: Flags
    y: Floats
    x: Floats
    survey: Floats
    splits: list[tuple[Any, Any]]
    groups: Ints | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """Both means and their influence, before what the learners may have missed is counted.

    Attributes
    ----------
    sums : (float, float, (n, 2) float)
        With and without treatment, and what each record moves them by.
    shares : (n, 2) float
        How much each record counts in either mean.
    doubt, left : (2,) float
        Of either mean: variance that the weights leave, and what was left to learn.
    how : str
        Where the weights come from, in words.
    """

    sums: tuple[float, float, Floats]
    shares: Floats
    doubt: Floats
    left: Floats
    how: str


def _between(world: _World, predict: Mapping[bool, Floats], given: Floats | None, seed: int) -> _Made:
    """Of those who could have been in either group: their score is learned and augmented."""
    t, survey, chance = world.t, world.survey, world.t.astype(float)
    score = laid(world.x, smooth(world.x, chance, survey, seed=seed))
    p = np.clip(stacked(score, chance, world.splits, binary=True, seed=seed, weights=given), FLOOR, 1 - FLOOR)
    sums = overlapping(world.y, t, p, predict, survey)
    shares = np.column_stack([survey * t * (1 - p), survey * ~t * p])
    how = "weights from a score learned the same way"
    return _Made(sums=sums, shares=shares, doubt=np.zeros(2), left=np.zeros(2), how=how)


def _onto(world: _World, predict: Mapping[bool, Floats], learned: Mapping[bool, Laid], estimand: str) -> _Made:
    """Of everyone, of the treated or of the others: minimax weights carry each group to them."""
    t, y, survey = world.t, world.y, world.survey
    target = survey * {"ATT": t.astype(float), "ATC": (~t).astype(float)}.get(estimand, np.ones(t.size))
    made, left = {}, np.zeros(2)
    for group in predict:
        mine = t == group
        made[group] = carry(learned[group], mine, target)
        fit = learned[group].learned
        place = None if world.groups is None else (fit(world.x[mine]), world.groups[mine])
        beyond = missed(y[mine], predict[group][mine], fit, survey[mine], place)
        left[0 if group else 1] = beyond * target[~mine].sum() / target.sum()
    sums = augmented(y, target, predict, {group: m.weights for group, m in made.items()})
    shares = np.column_stack([made[g].weights if g in made else target for g in (True, False)])
    doubt = np.array([made[g].doubt if g in made else 0.0 for g in (True, False)])
    return _Made(sums=sums, shares=shares, doubt=doubt, left=left, how="minimax balancing weights")


def _freedom(means: Means) -> str:
    return f"each corrected for its own weight; t with {means.df:.1f} degrees of freedom from {means.clusters} clusters"


def eligible(case: Case) -> Flags:
    """Records the estimate rests on: those the design kept; for pairs, every comparison record in support.

    The design decides whom the answer is about. Comparison records are weighted anew, so those that matching set aside
    still tell how outcomes move with the covariates.
    """
    matched = case.matched
    used = matched.links.weights > 0
    focal = {"ATT": matched.study.treated, "ATC": ~matched.study.treated}.get(matched.request.estimand)
    if matched.request.method in {"nearest", "optimal", "genetic", "cardinality"} and focal is not None:
        used = np.where(focal, used, matched.usable)
    elif matched.request.method in WEIGHTING:
        used = matched.usable
    return np.asarray(used & case.has)


def augmented(
    y: Floats, target: Floats, predict: Mapping[bool, Floats], weights: Mapping[bool, Floats]
) -> tuple[float, float, Floats]:
    """Mean with and without treatment in the target and their influence values, (n, 2), already divided by n.

    Parameters
    ----------
    y : (n,) float
    target : (n,) float
        How much each record counts in the population asked about.
    predict : mapping of group to (n,) float
        Predicted outcome as if in that group; a group that is the target itself needs none.
    weights : mapping of group to (n,) float
        Weights that carry that group to the target: they sum to one and are 0 outside the group.

    Examples
    --------
    >>> import numpy as np
    >>> y, t = np.array([3., 5., 1., 3.]), np.array([1., 1., 0., 0.])
    >>> one, two, _ = augmented(y, t, {False: np.full(4, 2.)}, {False: np.array([0., 0., .25, .75])})
    >>> one, two
    (4.0, 2.5)
    """
    share = target / target.sum()
    means, influence = [], np.zeros((y.size, 2))
    for column, group in enumerate((True, False)):
        if group not in predict:
            means.append(float(share @ y))
            influence[:, column] = share * (y - means[-1])
            continue
        correction = weights[group] * (y - predict[group])
        means.append(float(share @ predict[group] + correction.sum()))
        influence[:, column] = share * (predict[group] - means[-1]) + correction
    return means[0], means[1], influence


def overlapping(
    y: Floats, treated: Flags, p: Floats, predict: Mapping[bool, Floats], survey: Floats
) -> tuple[float, float, Floats]:
    """`augmented` for the overlap-weighted population, whose weights p(1 - p) are estimated along with the rest.

    The efficient influence function of Li, Morgan & Zaslavsky's (2018) estimand, where a learned score also moves the
    population: its prediction part has weight (1 - p)^2 for those treated and p^2 for the others.
    """
    share = survey * np.where(treated, 1 - p, p) ** 2
    means, influence = [], np.zeros((y.size, 2))
    for column, group in enumerate((True, False)):
        own = survey * np.where(treated == group, (1 - p) if group else p, 0.0) * (y - predict[group])
        means.append(float((share @ predict[group] + own.sum()) / share.sum()))
        influence[:, column] = (share * (predict[group] - means[-1]) + own) / share.sum()
    return means[0], means[1], influence
