"""Scores with the other links of R's `glm` (4.2.2), with and without weights, on the drawn job training records."""

from __future__ import annotations

import numpy as np
import pytest

COVARIATES = ["age", "educ", "race", "married", "nodegree", "re74", "re75"]


@pytest.mark.parametrize("link", ["probit", "cloglog", "cauchit"])
@pytest.mark.parametrize("weighted", [False, True])
def test_scores_are_those_of_glm(drawn, numbers, good_match, link, weighted):
    frame = drawn("training")
    if weighted:
        frame["w"] = 1 + (np.arange(1, len(frame) + 1) % 5) / 4
    made = good_match(frame, treated="treat", covariates=COVARIATES, distance=link, weights="w" if weighted else None)
    expected = numbers("matching/scores.json")["scores"][link + "_weighted" * weighted]
    np.testing.assert_allclose(made.scores, expected, atol=2e-6)
