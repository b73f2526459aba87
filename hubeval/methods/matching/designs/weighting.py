"""Weighting designs, each with what is needed for errors that allow for the weights having been estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from hubeval.errors import BadInput, Problem, listed
from hubeval.methods.matching.designs.balancing import balanced, standardised
from hubeval.methods.matching.designs.scores import guilty_terms, without_rare
from hubeval.methods.matching.designs.weights import averaged
from hubeval.methods.matching.door.study import Links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.engine.tailored import Tailored
    from hubeval.methods.matching.door.options import Request
    from hubeval.methods.matching.door.study import Score, Study
    from hubeval.result import NotComputed

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """How weights move with the coefficients of the model behind them.

    Attributes
    ----------
    slope : (n,) float
        Derivative of each record's weight in the linear predictor; 0 where the part does not touch it.
    design : (n, k) float
    influence : (n, k) float
        Influence of each record on the coefficients (sums to zero).
    """

    slope: Floats
    design: Floats
    influence: Floats


def tilt(p: Floats, treated: Flags, estimand: str) -> Floats:
    """Weights, (n,), that turn probabilities of treatment into the estimand's population (Li, Morgan & Zaslavsky 2018).

    Examples
    --------
    >>> import numpy as np
    >>> tilt(np.array([.5, .2]), np.array([True, False]), "ATT")
    array([1.  , 0.25])
    """
    one, two = {
        "ATT": (np.ones_like(p), p / (1 - p)),
        "ATC": ((1 - p) / p, np.ones_like(p)),
        "ATE": (1 / p, 1 / (1 - p)),
        "ATO": (1 - p, p),
    }[estimand]
    return np.asarray(np.where(treated, one, two))


def _tilt_slope(p: Floats, treated: Flags, estimand: str) -> Floats:
    """Derivative of `tilt` in the log-odds."""
    zero, odds = np.zeros_like(p), p / (1 - p)
    one, two = {
        "ATT": (zero, odds),
        "ATC": (-1 / odds, zero),
        "ATE": (-1 / odds, odds),
        "ATO": (-p * (1 - p), p * (1 - p)),
    }[estimand]
    return np.asarray(np.where(treated, one, two))


def weigh(
    study: Study, score: Score | None, request: Request, usable: Flags
) -> tuple[Links, tuple[Part, ...], tuple[NotComputed, ...]]:
    """Weights by `request.method`: inverse probability, overlap, covariate-balancing score or entropy balancing."""
    notes: tuple[NotComputed, ...] = ()
    if request.method in {"inverse-probability", "overlap"}:
        assert score is not None
        w, parts = _by_score(study, score, request, usable)
    else:
        w, parts, notes = _by_balance_apart(study, request, usable)
    empty = np.empty(0, dtype=np.int64)
    links = Links(
        treated=empty, comparison=empty, distance=np.empty(0), stratum=np.full(study.n, -1, dtype=np.int64), weights=w
    )
    return links, parts, notes


def _by_score(study: Study, score: Score, request: Request, usable: Flags) -> tuple[Floats, tuple[Part, ...]]:
    if not score.probability:
        raise BadInput(
            [
                Problem(
                    "distance",
                    "the score brought is not a probability",
                    "a score between 0 and 1",
                    "Bring a probability.",
                )
            ]
        )
    p = np.clip(score.value, 1e-12, 1 - 1e-12)
    w = np.where(usable, tilt(p, study.treated, request.estimand), 0.0)
    slope = np.where(usable, _tilt_slope(p, study.treated, request.estimand), 0.0)
    if request.options.truncate is not None:
        ceiling = _ceiling(w, study.treated, request.options.truncate)
        w, slope = np.minimum(w, ceiling), np.where(w > ceiling, 0.0, slope)
    made = averaged(w, study.treated)
    if request.distance != "logit":
        return made, ()
    x = standardised(study.x)
    survey = np.ones(study.n) if study.weights is None else study.weights
    bread = np.linalg.pinv((x * (survey * p * (1 - p))[:, None]).T @ x)
    influence = (x * (survey * (study.treated - p))[:, None]) @ bread
    return made, (Part(slope=slope * _ratio(made, w), design=x, influence=influence),)


def _ceiling(w: Floats, treated: Flags, share: float) -> Floats:
    """The quantile of each record's group, (n,), that its weight may not pass."""
    most = [float(np.quantile(w[group & (w > 0)], share)) for group in (treated, ~treated)]
    return np.where(treated, *most)


def _by_balance_apart(
    study: Study, request: Request, usable: Flags
) -> tuple[Floats, tuple[Part, ...], tuple[NotComputed, ...]]:
    """As `_by_balance`; where a rare level keeps weights from existing, without it, and saying whom it concerns."""
    try:
        return *_by_balance(study, request, usable), ()
    except BadInput:
        found = without_rare(study, "the balancing weights")
        guilty = guilty_terms(study)
        if found is None and not guilty:
            raise
    if found is not None:
        return *_by_balance(found[0], request, usable), found[1]
    said = f"no weights balance these covariates: {listed(guilty)} alone tells the groups apart"
    cure = "Leave it out, or leave out the records that nobody of the other group is like."
    raise BadInput([Problem("covariates", said, "a target inside the range of the weighted group", cure)])


def _by_balance(study: Study, request: Request, usable: Flags) -> tuple[Floats, tuple[Part, ...]]:
    x, on = study.x[usable], study.treated[usable]
    survey = None if study.weights is None else study.weights[usable]
    if request.method == "cbps" or request.estimand in {"ATT", "ATC"}:
        kind = "ATT" if request.estimand == "ATT" else "ATC" if request.estimand == "ATC" else "ATE"
        made = balanced(x, on, kind, survey)  # type: ignore[arg-type]
        p = np.clip(expit(made.eta), 1e-12, 1 - 1e-12)
        pieces = [
            (made, tilt(p, on, request.estimand), _tilt_slope(p, on, request.estimand), np.ones(on.size, dtype=bool))
        ]
    else:
        one, two = balanced(x, on, "treated-to-all", survey), balanced(x, on, "comparison-to-all", survey)
        pieces = [(one, np.exp(one.eta), np.exp(one.eta), on), (two, np.exp(two.eta), np.exp(two.eta), ~on)]
    w = np.zeros(study.n)
    w[usable] = sum(np.where(mask, weight, 0.0) for _, weight, _, mask in pieces)
    made_w = averaged(w, study.treated)
    factor = _ratio(made_w, w)
    return made_w, tuple(
        _part(study, usable, made, np.where(mask, slope, 0.0), factor) for made, _, slope, mask in pieces
    )


def _part(study: Study, usable: Flags, made: Tailored, slope: Floats, factor: Floats) -> Part:
    k = made.psi.shape[1]
    design, influence, moved = np.zeros((study.n, k)), np.zeros((study.n, k)), np.zeros(study.n)
    design[usable] = standardised(study.x[usable])
    influence[usable] = made.psi @ made.bread
    moved[usable] = slope
    return Part(slope=moved * factor, design=design, influence=influence)


def _ratio(scaled: Floats, raw: Floats) -> Floats:
    return np.asarray(np.divide(scaled, raw, out=np.zeros_like(raw), where=raw > 0))
