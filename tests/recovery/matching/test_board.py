"""The board is what it says it is, and on a quick part of it the headline does better than commoner ways."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

HEADLINE = "headline: doubly robust, learned"


def _worlds(name):
    spec = importlib.util.spec_from_file_location(f"matching_worlds_{name}", Path(__file__).with_name(f"{name}.py"))
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def board():
    return _worlds("board")


@pytest.fixture(scope="module")
def rough():
    return _worlds("rough")


def test_the_truth_is_the_mean_over_the_treated(board):
    """In a world whose effect varies, a large fresh sample's treated have the stated share and average effect."""
    number = next(i for i, w in enumerate(board.WORLDS) if w.varying and w.curved == 0)
    centre, scale, *_ = board._fixed(number)
    frame, truth = board.sample(number, seed=3, n=100_000)
    z = (board._indices(frame[board.NAMES].to_numpy(), number) - centre) / scale
    own = board._parts(board.WORLDS[number], z)[2]
    assert own[frame.t == 1].mean() == pytest.approx(truth, abs=0.02)
    assert frame.t.mean() == pytest.approx(board.WORLDS[number].share, abs=0.006)


def test_rough_worlds_confound(rough):
    """In large samples the plain comparison is far from the truth in most of them, and every group is there."""
    off = []
    for number in rough.WORLDS:
        frame, truth = rough.sample(number, seed=5, n=20_000)
        assert 0.15 < frame.t.mean() < 0.6
        off.append(frame.y[frame.t == 1].mean() - frame.y[frame.t == 0].mean() - truth)
    assert np.median(off) > 0.5


def test_a_quick_part_of_the_board(board):
    """Two worlds with bends, two draws each: under half of the error of any way that draws straight lines."""
    bent = [i for i, w in enumerate(board.WORLDS) if w.curved == 1][:2]
    made = board.table(board.run(bent, range(1000, 1002))).set_index("estimator").rmse
    ours = made.pop(HEADLINE)
    assert np.isfinite(made).all()
    assert ours < made.min() / 2


@pytest.mark.slow
def test_the_headline_covers_where_worlds_are_bent(board):
    """Twenty draws of each wholly bent world: coverage at least .93 less 1.64 Monte Carlo errors (.042)."""
    bent = [i for i, w in enumerate(board.WORLDS) if w.curved == 1]
    made = board.run(bent, range(1000, 1020), [HEADLINE])
    assert made.covered.mean() >= 0.93 - 1.64 * np.sqrt(0.93 * 0.07 / len(made))
