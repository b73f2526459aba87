"""Overlap asks of those the estimate is about; scores near 0 and 1 keep their distance."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from hubeval.methods.matching import Options, match
from hubeval.methods.matching.checks.diagnostics import overlap


def records(rng, n, score):
    x = rng.normal(size=n)
    return pd.DataFrame({"x": x, "z": rng.random(n) < score(x), "y": rng.normal(size=n)})


@pytest.mark.parametrize("estimand", ["ATT", "ATC", "ATE"])
def test_few_treated_at_random_among_many_are_no_failure(estimand):
    rng = np.random.default_rng(4)
    frame = records(rng, 20_000, np.zeros_like)
    frame.loc[rng.choice(20_000, 87, replace=False), "z"] = True
    found = overlap(match(frame, treated="z", covariates=["x"], method="inverse-probability", estimand=estimand))
    assert found.status == "pass", found.reading


@pytest.mark.parametrize(("sign", "caught"), [(1, "ATT"), (-1, "ATC")])
def test_only_the_estimand_s_own_records_count(sign, caught):
    """A far cloud of one group alone matters to those who ask about it, and to everyone."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": rng.normal(size=2000), "z": rng.random(2000) < 0.5})
    far = pd.DataFrame({"x": sign * rng.uniform(9, 12, 600), "z": sign > 0})
    both = pd.concat([frame, far], ignore_index=True)
    status = {e: overlap(match(both, treated="z", covariates=["x"], method="inverse-probability", estimand=e)).status
              for e in ("ATT", "ATC", "ATE")}
    other = {"ATT": "ATC", "ATC": "ATT"}[caught]
    assert (status[caught], status["ATE"], status[other]) == ("fail", "fail", "pass")


def test_scores_that_round_to_nothing_are_still_matched_on_their_log_odds():
    """Log-odds from -60 to 3: the caliper's standard deviation is a number, and the near ones are paired."""
    rng = np.random.default_rng(6)
    near = records(rng, 400, lambda x: 1 / (1 + np.exp(-x)))
    far = pd.DataFrame({"x": rng.uniform(-60, -40, 300), "z": False, "y": 0.0})
    frame = pd.concat([near, far], ignore_index=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = match(frame, treated="z", covariates=["x"], caliper=0.1, caliper_scale="raw",
                     options=Options(link="logit"))
    assert 0 in made.scores.to_numpy()
    assert len(made.pairs) > 100
    assert made.balance().set_index("term").smd_after.abs()["x"] < 0.1


@pytest.mark.parametrize("link", ["probit", "cloglog", "cauchit"])
def test_other_links_refuse_groups_that_covariates_tell_apart(link):
    frame = pd.DataFrame({"x": np.arange(40.0) % 20, "u": np.arange(40.0), "z": np.arange(40) >= 20})
    frame.loc[[3, 25], "z"] = frame.loc[[25, 3], "z"].to_numpy()
    frame["w"] = frame.u + np.where(frame.z, 30, 0)
    with pytest.raises(Exception, match="predicts treatment perfectly"):
        match(frame, treated="z", covariates=["x", "w"], distance=link)
