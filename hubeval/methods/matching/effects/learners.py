"""Learners of an outcome, cross-fitted and combined.

Each record is predicted by models that never saw it (Chernozhukov et al. 2018); learners are combined by short-
stacking: non-negative weights on their out-of-fold predictions (Ahrens, Hansen, Schaffer & Wiemann 2024).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from hubeval.methods.matching.effects.refitted import refitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from hubeval.methods.matching.effects.smooth import Laid

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Folds = list[tuple[Any, Any]]
    Predict = Callable[[Floats], Floats]
    Learner = Callable[[Floats, Floats, Floats | None], Predict]

GROWN = 40_000  # records that trees are grown on: a hundred trees of 16 leaves have no more to learn from others
WIDE = 50_000_000  # records times squared covariates beyond which squares and products are left to the other learners


def stacked(
    laid: Laid,
    y: Floats,
    splits: Folds,
    *,
    binary: bool,
    seed: int,
    weights: Floats | None = None,
    among: Flags | None = None,
) -> Floats:
    """Out-of-fold predictions, (n,), by learners fitted among the records of one group and short-stacked.

    Parameters
    ----------
    laid : Laid
        The smooth learner fitted on all of the group, beside the records' covariates.
    y : (n,) float
    splits : list of (fit, held) positions
    binary : bool
        Whether `y` is 0/1, and the predictions are probabilities.
    seed : int
    weights : (n,) float, optional
    among : (n,) bool, optional
        The group; everyone unless given. Predictions are made for everyone.
    """
    x, among = laid.x, np.ones(y.size, dtype=bool) if among is None else among
    learners = list(_learners(x.shape, binary=binary, seed=seed))
    out = np.empty((y.size, len(learners) + 2))
    for fit, held in splits:
        rows = fit[among[fit]]
        part = None if weights is None else weights[rows]
        out[held, 0] = np.average(y[rows], weights=part)
        for k, learn in enumerate(learners, start=1):
            same = bool((y[rows] == y[rows[0]]).all())
            out[held, k] = out[held, 0] if same else learn(x[rows], y[rows], part)(x[held])
    smoothed = refitted(laid, y, np.ones(y.size) if weights is None else weights, among, splits, seed=seed)
    out[:, -1] = np.clip(smoothed, 0.0, 1.0) if binary else smoothed
    root = np.ones(int(among.sum())) if weights is None else np.sqrt(weights[among])
    share, _ = scipy.optimize.nnls(out[among] * root[:, None], y[among] * root)
    return np.asarray(out @ (share / share.sum()) if share.sum() > 0 else out[:, 0])


def _learners(shape: tuple[int, int], *, binary: bool, seed: int) -> Iterable[Learner]:
    """Straight lines; squares and products; boosted trees."""
    from sklearn.linear_model import LogisticRegression, Ridge  # noqa: PLC0415 - slow to import
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler  # noqa: PLC0415

    linear = LogisticRegression(C=10.0, max_iter=500) if binary else Ridge(alpha=1.0)
    curved = LogisticRegression(C=0.3, max_iter=500) if binary else Ridge(alpha=10.0)
    yield partial(_fitted, make_pipeline(StandardScaler(), linear), binary=binary)
    if shape[0] * shape[1] ** 2 <= WIDE and shape[1] <= 40:
        squares = PolynomialFeatures(2, include_bias=False)
        yield partial(_fitted, make_pipeline(StandardScaler(), squares, StandardScaler(), curved), binary=binary)
    yield partial(_fitted, _boosted(shape[0], binary=binary, seed=seed), binary=binary, most=GROWN, seed=seed)


def _boosted(n: int, *, binary: bool, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor  # noqa: PLC0415

    kind = HistGradientBoostingClassifier if binary else HistGradientBoostingRegressor
    return kind(
        max_iter=100,
        learning_rate=0.12,
        max_leaf_nodes=6 if n < 10_000 else 16,
        min_samples_leaf=10,
        max_features=0.5,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=seed,
    )


def _fitted(
    model: Any, x: Floats, y: Floats, weights: Floats | None, *, binary: bool, most: int | None = None, seed: int = 0
) -> Predict:
    """A scikit-learn model as a function of covariates, fitted on at most so many records."""
    from sklearn.base import clone  # noqa: PLC0415

    if most is not None and y.size > most:
        few = np.random.default_rng(seed).choice(y.size, most, replace=False)
        x, y, weights = x[few], y[few], None if weights is None else weights[few]
    named = f"{model.steps[-1][0]}__sample_weight" if hasattr(model, "steps") else "sample_weight"
    made = clone(model).fit(x, y, **({} if weights is None else {named: weights}))
    return (lambda new: np.asarray(made.predict_proba(new)[:, 1])) if binary else made.predict
