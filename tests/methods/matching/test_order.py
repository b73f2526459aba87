"""Whatever the design: the order of the rows moves no weight, no estimate and no error, though nearly every record has equals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.matching import Options, effect, match
from hubeval.methods.matching.capabilities import CAPABILITIES

SCORED = ("logit", "probit", "cloglog", "cauchit", "ridge", "boosting", "forest", "cbps")
PLAIN = [
    *[{"method": m} for m in CAPABILITIES],
    *[{"method": "subclass", "distance": d, "options": Options(subclasses=k)} for d, k in [("ridge", 5), ("logit", 12), ("boosting", 3)]],
    *[{"method": "inverse-probability", "distance": d} for d in SCORED],
    *[{"method": "nearest", "distance": d, "caliper": 0.3} for d in SCORED if d != "forest"],  # slow, and the same folds
    *[{"method": m, "distance": d} for m in ("nearest", "optimal", "full")
      for d in ("mahalanobis", "robust-mahalanobis", "scaled-euclidean")],
    *[{"method": "nearest", "order": o} for o in ("smallest", "closest", "farthest", "random")],
    {"method": "nearest", "ratio": 2, "options": Options(fewest=1, most=3)},
    {"method": "nearest", "replace": True, "ratio": 2},
    {"method": "optimal", "ratio": 2, "caliper": 0.3},
    {"method": "full", "caliper": 0.3, "options": Options(most=6)},
    {"method": "full", "estimand": "ATE"},
    {"method": "cardinality", "options": Options(paired=True)},
    {"method": "coarsened", "options": Options(bins={"a": 2, "b": 2}, one_to_one=True)},
    {"method": "inverse-probability", "options": Options(truncate=0.9), "estimand": "ATE"},
    {"method": "entropy", "estimand": "ATE"},
]


@pytest.fixture(scope="module")
def tied():
    rng = np.random.default_rng(18)
    n = 140
    frame = pd.DataFrame({"id": rng.permutation(n), **{c: rng.integers(0, 3, n) for c in "ab"}, "s": rng.integers(1, 4, n),
                          "hub": rng.integers(0, 24, n)})
    frame["z"] = rng.random(n) < 0.15 + 0.12 * frame.a
    return frame.assign(y=frame.a + rng.normal(size=n))


def _named(asked):
    return "-".join(str(v) for v in asked.values() if not isinstance(v, Options)) + ("-o" if "options" in asked else "")


def _found(frame, asked, estimators=("difference",), **more):
    asked = {"options": Options(evaluations=20), **asked} if asked["method"] == "genetic" else asked
    made = match(frame, treated="z", covariates=["a", "b"], unit="id", seed=3, **asked, **more)
    weights = pd.Series(made.weights.to_numpy(), index=frame.id.to_numpy()).sort_index()
    return weights.to_numpy(), [effect(made, outcome="y", estimator=e, seed=1)[0] for e in estimators]


@pytest.mark.parametrize("asked", PLAIN, ids=_named)
def test_the_order_of_the_rows_decides_nothing(tied, asked):
    _same(tied, asked)


@pytest.mark.parametrize("asked", [{"method": "nearest"}, {"method": "full"}, {"method": "inverse-probability"}, {"method": "subclass"}],
                         ids=_named)
def test_nor_with_survey_weights_and_clusters(tied, asked):
    _same(tied, asked, weights="s", cluster="hub")


@pytest.mark.parametrize("more", [{}, {"weights": "s"}, {"cluster": "hub"}], ids=["plain", "survey", "clustered"])
def test_nor_in_the_other_estimators(tied, more):
    _same(tied, {"method": "nearest", "replace": True}, ("regression", "g-computation", "doubly-robust"), **more)


def _same(frame, asked, estimators=("difference",), **more):
    weights, first = _found(frame, asked, estimators, **more)
    again, found = _found(frame.sample(frac=1, random_state=0), asked, estimators, **more)
    np.testing.assert_allclose(again, weights, atol=1e-8)
    for one, other in zip(first, found, strict=True):
        assert one.estimate == pytest.approx(other.estimate, abs=1e-8)
        assert one.std_error == pytest.approx(other.std_error, abs=1e-8)
