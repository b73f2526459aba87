"""The board is what it says it is, and on a quick part of it the headline does better than commoner ways."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="module")
def board():
    spec = importlib.util.spec_from_file_location("matching_board_worlds", Path(__file__).with_name("board.py"))
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_truth_is_the_mean_over_the_treated(board):
    """In a world whose effect varies, a large fresh sample's treated have the stated share and average effect."""
    number = next(i for i, w in enumerate(board.WORLDS) if w.varying and w.curved == 0)
    centre, scale, *_ = board._fixed(number)
    frame, truth = board.sample(number, seed=3, n=100_000)
    z = (board._indices(frame[board.NAMES].to_numpy(), number) - centre) / scale
    own = board._parts(board.WORLDS[number], z)[2]
    assert own[frame.t == 1].mean() == pytest.approx(truth, abs=0.02)
    assert frame.t.mean() == pytest.approx(board.WORLDS[number].share, abs=0.006)


def test_a_quick_part_of_the_board(board):
    """Four worlds with bends, three draws each: under two thirds of the error of any way that draws straight lines."""
    bent = [i for i, w in enumerate(board.WORLDS) if w.curved == 1][:4]
    made = board.table(board.run(bent, range(3))).set_index("estimator").rmse
    ours = made.pop("headline: doubly robust, learned")
    assert np.isfinite(made).all()
    assert ours < made.min() * 2 / 3
