"""Ladder, acceptability and information against heormodel, whose numbers are stored with what they were made from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hubeval.economics.decision import acceptability, ladder

STATUS = {"ND": "on the ladder", "D": "dominated", "ED": "extendedly dominated"}


@pytest.fixture(scope="module")
def theirs():
    return json.loads((Path(__file__).parent / "drawn.json").read_text(encoding="utf-8"))


def test_acceptability_and_information_equal_theirs(theirs):
    cost, effect = np.array(theirs["cost"]), np.array(theirs["effect"])
    best, _, information = acceptability(cost, effect, np.array(theirs["worth"]))
    np.testing.assert_allclose(best, theirs["best"], atol=1e-12)
    np.testing.assert_allclose(information, theirs["information"], rtol=1e-9, atol=1e-8)


def test_the_ladder_equals_theirs_with_every_kind_of_dominance(theirs):
    rows = theirs["ladder"]
    assert {row["status"] for row in rows} == set(STATUS)
    cost, effect = np.array([r["cost"] for r in rows]), np.array([r["effect"] for r in rows])
    ours = {step.option: step for step in ladder([row["option"] for row in rows], cost, effect)}
    for row in rows:
        step = ours[row["option"]]
        assert step.status == STATUS[row["status"]]
        assert step.ratio == (None if row["ratio"] is None else pytest.approx(row["ratio"], rel=1e-9))
