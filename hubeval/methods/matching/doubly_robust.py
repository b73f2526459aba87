"""Cross-fitted augmented inverse-probability weighting: the headline estimator.

Consistent when either the outcome models or the score are right; flexible learners are allowed in both because each
record is predicted by models that never saw it (Chernozhukov et al. 2018). Learners are combined by short-stacking:
non-negative weights on their out-of-fold predictions (Ahrens, Hansen, Schaffer & Wiemann 2024).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import nnls

from hubeval.engine.means import Means, from_influence
from hubeval.errors import BadInput, Problem
from hubeval.methods.matching.options import WEIGHTING
from hubeval.methods.matching.scores import clone_of, folds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.outcome import Case

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

FLOOR = 0.01  # cross-fitted probabilities are kept this far from 0 and 1
SMALLEST = 10  # records a group needs before learners can be cross-fitted


def doubly_robust(case: Case, *, seed: int = 0) -> tuple[Means, str]:
    """AIPW means over the records the design kept; influence-based, clustered covariance."""
    keep = eligible(case)
    t, y, x = case.treated[keep], case.y[keep], case.x[keep]
    given = None if case.matched.study.weights is None else case.matched.study.weights[keep]
    survey = np.ones(t.size) if given is None else given
    groups = None if case.cluster is None else np.unique(case.cluster[keep], return_inverse=True)[1]
    if min(t.sum(), (~t).sum()) < SMALLEST:
        raise BadInput(
            [
                Problem(
                    "estimator",
                    f"{int(t.sum())} treated and {int((~t).sum())} comparison records with the outcome",
                    f"at least {SMALLEST} of each for the doubly robust estimator",
                    "Write estimator='difference'.",
                )
            ]
        )
    splits = folds(t, groups, seed=seed)
    p = np.clip(stacked(x, t.astype(float), splits, binary=True, seed=seed, weights=given), FLOOR, 1 - FLOOR)
    estimand = case.matched.request.estimand
    predict = {
        group: stacked(x, y, splits, binary=case.binary, seed=seed, weights=given, among=t == group)
        for group in (True, False)
        if not (group and estimand == "ATT") and not (not group and estimand == "ATC")
    }
    one, two, influence = augmented(y, t, p, predict, estimand, survey)
    made = from_influence(one, two, influence, groups)
    on = f", summed within {case.cluster_name} (t, {made.clusters} clusters)" if groups is not None else ""
    return made, (
        "doubly robust (augmented inverse probability weighting, 5-fold cross-fitted linear, quadratic and boosted "
        f"learners, short-stacked); influence-based error{on}"
    )


def eligible(case: Case) -> Flags:
    """Records the estimate rests on: those the design kept; for pairs, every comparison record in support."""
    matched = case.matched
    used = matched.links.weights > 0
    if matched.request.method in {"nearest", "optimal"}:
        focal = matched.study.treated if matched.request.estimand == "ATT" else ~matched.study.treated
        used = np.where(focal, used, matched.usable)
    elif matched.request.method in WEIGHTING:
        used = matched.usable
    return np.asarray(used & case.has)


def augmented(
    y: Floats, treated: Flags, p: Floats, predict: dict[bool, Floats], estimand: str, survey: Floats
) -> tuple[float, float, Floats]:
    """The two augmented means and their influence values, (n, 2), already divided by n.

    Parameters
    ----------
    y, p, survey : (n,) float
    treated : (n,) bool
    predict : mapping of group to (n,) float
        Predicted outcome as if in that group; a group whose own mean is the target needs none.
    estimand : {"ATT", "ATC", "ATE"}

    Examples
    --------
    >>> import numpy as np
    >>> y, t = np.array([3., 5., 1., 3.]), np.array([True, True, False, False])
    >>> one, two, _ = augmented(y, t, np.full(4, .5), {False: np.full(4, 2.)}, "ATT", np.ones(4))
    >>> one, two
    (4.0, 2.0)
    """
    target = survey * {"ATT": treated.astype(float), "ATC": (~treated).astype(float)}.get(estimand, np.ones(y.size))
    total = target.sum()
    means, influence = [], np.zeros((y.size, 2))
    for column, group in ((0, True), (1, False)):
        mine = treated if group else ~treated
        if group not in predict:
            mean = float(target @ y / total)
            influence[:, column] = target * (y - mean) / total
        else:
            odds = p if group else 1 - p
            over = {"ATT": p, "ATC": 1 - p}.get(estimand, np.ones(y.size)) / odds
            w = np.where(mine, survey * over, 0.0)
            w *= total / w.sum()
            rest = np.where(mine, y - predict[group], 0.0)
            mean = float((target @ predict[group] + w @ rest) / total)
            influence[:, column] = (target * (predict[group] - mean) + w * rest) / total
        means.append(mean)
    return means[0], means[1], influence


def stacked(
    x: Floats,
    y: Floats,
    splits: list[tuple[Any, Any]],
    *,
    binary: bool,
    seed: int,
    weights: Floats | None,
    among: Flags | None = None,
) -> Floats:
    """Out-of-fold predictions of `y`, (n,), by learners fitted among the records of one group and short-stacked."""
    among = np.ones(y.size, dtype=bool) if among is None else among
    learners = _learners(x.shape, binary=binary, seed=seed)
    out = np.empty((y.size, len(learners) + 1))
    for fit, held in splits:
        rows = fit[among[fit]]
        mean = np.average(y[rows], weights=None if weights is None else weights[rows])
        out[held, 0] = mean
        for k, (name, model) in enumerate(learners, start=1):
            if binary and np.unique(y[rows]).size < 2:
                out[held, k] = mean
                continue
            part = {} if weights is None else {name: weights[rows]}  # weights slow boosting down, so only where given
            made = clone_of(model).fit(x[rows], y[rows], **part)
            out[held, k] = made.predict_proba(x[held])[:, 1] if binary else made.predict(x[held])
    root = np.ones(int(among.sum())) if weights is None else np.sqrt(weights[among])
    share, _ = nnls(out[among] * root[:, None], y[among] * root)
    if not share.sum() > 0:
        return np.asarray(out[:, 0])
    return np.asarray(out @ (share / share.sum()))


def _learners(shape: tuple[int, ...], *, binary: bool, seed: int) -> list[tuple[str, Any]]:
    """Unfitted learners, each with the name of its weight argument."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression, Ridge  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler  # noqa: PLC0415

    linear = LogisticRegression(C=10.0, max_iter=500) if binary else Ridge(alpha=1.0)
    curved = LogisticRegression(C=0.3, max_iter=500) if binary else Ridge(alpha=10.0)
    named = f"{type(linear).__name__.lower()}__sample_weight"
    made = [(named, make_pipeline(StandardScaler(), linear))]
    if shape[0] * shape[1] ** 2 <= 50_000_000 and shape[1] <= 40:
        made.append(
            (
                named,
                make_pipeline(StandardScaler(), PolynomialFeatures(2, include_bias=False), StandardScaler(), curved),
            )
        )
    boosting = HistGradientBoostingClassifier if binary else HistGradientBoostingRegressor
    made.append(
        (
            "sample_weight",
            boosting(
                max_iter=60,
                learning_rate=0.1,
                max_leaf_nodes=8,
                min_samples_leaf=20,
                l2_regularization=1.0,
                early_stopping=False,
                random_state=seed,
            ),
        )
    )
    return made
