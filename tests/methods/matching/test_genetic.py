"""Genetic matching: never worse balanced than where it starts, the same by its seed, nearest on what it found."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from hubeval.errors import BadInput
from hubeval.methods.matching import Options, effect, match
from hubeval.methods.matching.designs.genetic import emphasised, whitened
from hubeval.methods.matching.effects.abadie_imbens import _metric
from hubeval.methods.matching.effects.outcome import read_case
from tests.methods.matching.conftest import make_families

FEW = Options(evaluations=60)


def worst(made):
    return float(made.balance().set_index("term").drop("distance", errors="ignore").smd_after.abs().max())


@pytest.mark.parametrize("setting", [{}, {"replace": True, "ratio": 2}, {"exact": ["lone"], "caliper": {"logit": 1.0}},
                                     {"estimand": "ATC", "replace": True}, {"weights": "weight"}], ids=str)  # fmt: skip
def test_balance_is_never_worse_than_mahalanobis_leaves_it(good_match, asked, setting):
    for seed in range(3):
        families = make_families(n=260, seed=seed)
        plain = match(families, **asked, distance="mahalanobis", order="largest", **setting)
        found = good_match(families, **asked, method="genetic", seed=seed, options=FEW, **setting)
        assert worst(found) <= worst(plain) + 1e-6


def test_more_tries_do_not_do_worse_and_a_seed_repeats_them(families, asked):
    first, again = (match(families, **asked, method="genetic", seed=5, options=FEW) for _ in range(2))
    assert first.pairs.equals(again.pairs)
    assert first.emphasis == again.emphasis
    assert worst(first) < worst(match(families, **asked, distance="mahalanobis", order="largest"))


def test_the_distance_starts_as_mahalanobis(families, asked):
    """Without the score, whitened coordinates have the pooled within-group covariance as their metric."""
    made = match(families, **asked, method="genetic", options=FEW)
    terms, on = made.study.terms[:, [0, 1, 5]], made.study.treated
    study = made.study.__class__(**{name: getattr(made.study, name) for name in made.study.__slots__} | {"terms": terms})
    z = whitened(study, made.score)[:, :-1]
    parts = [terms[side] - terms[side].mean(axis=0) for side in (on, ~on)]
    pooled = sum(part.T @ part for part in parts) / (len(terms) - 2)
    np.testing.assert_allclose(cdist(z, z), cdist(terms, terms, "mahalanobis", VI=np.linalg.inv(pooled)), atol=1e-8)


def test_each_is_matched_to_the_nearest_by_the_weights_found(families, asked):
    made = match(families, **asked, method="genetic", replace=True, options=FEW)
    z, on = emphasised(made.study, made.score, made.emphasis), made.study.treated
    away = cdist(z[made.links.treated], z[~on])
    chosen = np.linalg.norm(z[made.links.treated] - z[made.links.comparison], axis=1)
    np.testing.assert_allclose(chosen, away.min(axis=1), atol=1e-7)
    assert max(w for _, w in made.emphasis) == 1
    assert made.emphasis[-1][0] == "score"
    (found,) = effect(made, outcome="score", estimator="difference")
    assert "Abadie" in found.inference
    assert np.array_equal(_metric(read_case(made, "score", None, None)), z)


@pytest.mark.parametrize(("change", "line"), [
    ({"distance": "mahalanobis"}, "distance: 'mahalanobis' does not apply to method 'genetic'"), ({"order": "closest"}, "order: 'closest' does not apply"),
    ({"caliper": 0.2}, "caliper: one number means nothing"), ({"options": Options(evaluations=3)}, "options.evaluations: found 3"),
    ({"estimand": "ATE"}, "estimand: 'ATE' is not defined"), ({"options": Options(link="logit")}, "link: does not apply"),
    ({"method": "nearest", "options": FEW}, "evaluations: does not apply to method 'nearest'"),
    ({"method": "nearest", "distance": "(given)"}, "distance: found '(given)'")], ids=str)  # fmt: skip
def test_what_does_not_apply_is_refused(families, asked, change, line):
    with pytest.raises(BadInput) as caught:
        match(families, **asked, **{"method": "genetic", **change})
    assert line in str(caught.value)


def test_a_search_that_would_take_hours_is_refused(families, asked, monkeypatch):
    monkeypatch.setattr("hubeval.methods.matching.designs.genetic.LOOKS", 1000)
    with pytest.raises(BadInput, match=r"method: .* distances would have to be looked at"):
        match(families, **asked, method="genetic")
