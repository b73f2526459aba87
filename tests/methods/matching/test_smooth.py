"""Smooth fits against ridge regression written out, and weights against their own optimality conditions."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.methods.matching.designs.scores import folds
from hubeval.methods.matching.effects import smooth as room
from hubeval.methods.matching.effects.learners import stacked
from hubeval.methods.matching.effects.minimax import LENIENT, carry
from hubeval.methods.matching.effects.refitted import refitted
from hubeval.methods.matching.effects.smooth import laid, smooth


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(500, 4))
    group = rng.random(500) < 1 / (1 + np.exp(np.abs(x[:, 0]) - x[:, 1]))
    return x, np.abs(x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * rng.normal(size=500), group


@pytest.fixture(scope="module")
def fitted(data):
    x, y, group = data
    return smooth(x[group], y[group])


def test_the_kernel_is_lines_bumps_and_products():
    rng = np.random.default_rng(1)
    a, b, relevance = rng.normal(size=(5, 3)), rng.normal(size=(4, 3)), np.array([0.5, 1.0, 1.5])
    single, pair = room._kernel(a, b, relevance, 0.7)
    bump = relevance * np.exp(-(((a[:, None] - b[None]) / 0.7) ** 2) / 2)
    np.testing.assert_allclose(single, (bump + relevance * a[:, None] * b[None]).mean(axis=2))
    np.testing.assert_allclose(pair, (bump[..., 0] * bump[..., 1] + bump[..., 0] * bump[..., 2] + bump[..., 1] * bump[..., 2]) / 3)


@pytest.mark.parametrize("weighted", [False, True])
def test_leave_one_out_is_leaving_one_out(weighted):
    rng = np.random.default_rng(2)
    features, y = rng.normal(size=(30, 6)), rng.normal(size=30)
    w = rng.uniform(0.5, 2, 30) if weighted else np.ones(30)
    w *= 30 / w.sum()
    made = room.ridge(features, y, w)

    def ridge(keep):
        design = np.column_stack([np.ones(30), features - made.middle])[keep]
        bend = made.penalty * np.diag([0.0] + [1.0] * 6)
        return np.linalg.solve(design.T @ (design * w[keep, None]) + bend, design.T @ (w[keep] * y[keep]))

    np.testing.assert_allclose(ridge(np.arange(30)), [made.level, *made.slopes], atol=1e-10)
    left = []
    for i in range(30):
        found = ridge(np.arange(30) != i)
        left.append(w[i] * (y[i] - found[0] - (features[i] - made.middle) @ found[1:]) ** 2)
    assert made.error == pytest.approx(np.mean(left), rel=1e-6)


def test_what_a_shuffle_moves_is_what_predicting_again_shows(data, fitted):
    x, _, _ = data
    still, rng, slow = fitted(x), np.random.default_rng(7), []
    for j in range(4):
        shuffled = x.copy()
        shuffled[:, j] = rng.permutation(x[:, j])
        slow.append(((fitted(shuffled) - still) ** 2).mean())
    np.testing.assert_allclose(room._moved(fitted, x, np.random.default_rng(7)), slow, rtol=1e-9)


def test_covariates_that_do_nothing_count_for_little(fitted):
    assert fitted.basis.relevance[3] < 0.3 < fitted.basis.relevance[:3].min()
    assert 0.15 < fitted.ridge.noise < 0.4


def test_a_straight_line_is_found_and_scale_does_not_matter(data):
    x, _, _ = data
    y = 3 + 2 * x[:, 0]
    made = smooth(x, y)
    assert np.abs(made(x) - y).std() < 0.05 * y.std()
    moved = smooth(100 + 7 * x, y)
    np.testing.assert_allclose(moved(100 + 7 * x), made(x), atol=1e-6)


def test_a_long_tail_is_as_its_ranks_are(data):
    x, y, _ = data
    stretched = np.column_stack([np.exp(3 * x[:, 0]), x[:, 1:]])
    np.testing.assert_allclose(smooth(stretched, y)(stretched), smooth(x, y)(x), atol=1e-6)
    far = stretched.copy()
    far[:, 0] *= 1e6  # beyond what was seen: as the last seen
    assert np.abs(smooth(stretched, y)(far)).max() < 2 * np.abs(y).max()


def test_a_constant_covariate_or_outcome_is_no_trouble(data):
    x, y, _ = data
    assert np.isfinite(smooth(np.column_stack([x, np.ones(500)]), y)(np.column_stack([x, np.full(500, 2.0)]))).all()
    np.testing.assert_allclose(smooth(x, np.full(500, 4.0))(x), 4.0)


def test_many_records_in_parts_are_as_one(data, fitted, monkeypatch):
    x, _, group = data
    whole, weights = fitted(x), carry(laid(x, fitted), group, np.ones(500)).weights
    monkeypatch.setattr(room, "CHUNK", 33)
    monkeypatch.setattr(room, "KEPT", 99)
    np.testing.assert_allclose(fitted(x), whole, atol=1e-12)
    np.testing.assert_allclose(carry(laid(x, fitted), group, np.ones(500)).weights, weights, atol=1e-10)


def test_weights_are_the_least_of_their_aim(data, fitted):
    """They sum to one inside the group, and no change that keeps the sum lowers imbalance plus penalised noise."""
    x, _, group = data
    target = (~group).astype(float)
    made = carry(laid(x, fitted), group, target)
    assert made.weights[~group].max() == made.weights[~group].min() == 0
    assert made.weights.sum() == pytest.approx(1)
    features = fitted.basis.kernel(x) @ fitted.basis.root
    wanted, penalty = features[~group].mean(axis=0), fitted.ridge.penalty / LENIENT

    def aim(w):
        return ((wanted - w @ features) ** 2).sum() + penalty * (w**2).sum()

    rng, best = np.random.default_rng(3), aim(made.weights)
    for _ in range(200):
        step = np.where(group, rng.normal(size=500), 0.0)
        step[group] -= step[group].mean()
        assert aim(made.weights + 1e-3 * step) > best
    left = ((wanted - made.weights @ features) ** 2).sum()
    assert made.doubt == pytest.approx(left * fitted.ridge.noise / fitted.ridge.penalty)


def test_weights_balance_what_the_outcome_bends_with(data, fitted):
    """Plain means of a kink and a product differ between groups; carried means do not."""
    x, _, group = data
    w = carry(laid(x, fitted), group, (~group).astype(float)).weights
    for what in (np.abs(x[:, 0]), x[:, 1] * x[:, 2], x[:, 1]):
        before = what[group].mean() - what[~group].mean()
        after = w @ what - what[~group].mean()
        assert abs(after) < 0.25 * abs(before) + 0.03


@pytest.mark.parametrize("binary", [False, True])
def test_stacking_predicts_records_it_has_not_seen(data, binary):
    x, y, group = data
    aim = (y > 1).astype(float) if binary else y
    learned = laid(x, smooth(x[group], aim[group]))
    made = stacked(learned, aim, folds(group), binary=binary, seed=0, among=group)
    left = ((aim - made) ** 2)[~group].mean()
    assert left < 0.6 * aim[~group].var()
    spoilt = np.where(group, aim, 1e6)  # the other group's outcomes are not looked at
    np.testing.assert_array_equal(stacked(learned, spoilt, folds(group), binary=binary, seed=0, among=group), made)


def test_few_values_are_looked_up_to_the_same_kernel(monkeypatch):
    rng = np.random.default_rng(4)
    z, at = np.column_stack([rng.integers(0, 5, 300), rng.normal(size=300)]), rng.integers(0, 5, (9, 2)).astype(float)
    looked_up = room._kernel(z, at, np.array([0.6, 1.4]), 2.0)
    monkeypatch.setattr(room, "FEW", 0)
    for one, two in zip(looked_up, room._kernel(z, at, np.array([0.6, 1.4]), 2.0), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_fold_is_predicted_by_records_outside_it(data, fitted):
    x, y, group = data
    splits, beside = folds(group), laid(x, fitted)
    made = refitted(beside, y, np.ones(500), group, splits)
    for _, held in splits:
        spoilt = y.copy()
        spoilt[held] = 1e6
        np.testing.assert_array_equal(refitted(beside, spoilt, np.ones(500), group, splits)[held], made[held])
    assert ((y - made) ** 2)[~group].mean() < 0.6 * y[~group].var()


def test_many_records_choose_and_learn_on_some_of_them(data, monkeypatch):
    x, y, group = data
    everyone = np.ones(500, dtype=bool)
    monkeypatch.setattr(room, "CHOOSING", 200)
    monkeypatch.setattr("hubeval.methods.matching.effects.refitted.MOST", 160)
    made = smooth(x, y)
    assert np.std(made(x) - y) < 0.6
    out = refitted(laid(x, made), y, np.ones(500), everyone, folds(group), seed=3)
    assert np.std(out - y) < 0.8 * np.std(y)
