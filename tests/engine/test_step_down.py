"""Step-down adjusted p-values against the procedure written out, and against what they must be at the ends."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.engine.step_down import by_multipliers, by_rank, step_down
from hubeval.methods.readings.several import adjusted


def slowly(p, null):
    """Romano and Wolf's rule step by step: reject the smallest while it beats the smallest of what remains."""
    left, made, last = list(range(len(p))), {}, 0.0
    while left:
        k = min(left, key=lambda j: p[j])
        last = max(last, float(np.mean([min(row[j] for j in left) <= p[k] for row in null])), p[k])
        made[k] = last
        left.remove(k)
    return [made[j] for j in range(len(p))]


def test_it_is_the_rule_step_by_step():
    rng = np.random.default_rng(3)
    draws = rng.normal(size=(500, 4)) + rng.normal(size=(500, 1))
    null = by_rank(draws)
    for row in (0, 7, 100):
        assert step_down(null[row], null) == pytest.approx(slowly(null[row], null))


def test_a_rank_is_the_share_of_draws_at_least_as_large_ties_counted():
    draws = np.array([[2.0], [-2.0 * (1 + 1e-13)], [1.0], [0.0]])
    assert by_rank(draws).ravel().tolist() == [0.5, 0.5, 0.75, 1.0]


def test_independent_outcomes_pay_what_sidak_asks_and_copies_pay_nothing():
    apart = by_multipliers(np.eye(3), draws=200_000)
    assert step_down((0.02, 0.5, 0.9), apart)[0] == pytest.approx(1 - 0.98**3, abs=0.002)
    copies = by_multipliers(np.ones((3, 5)), draws=200_000)
    assert step_down((0.02, 0.5, 0.9), copies)[0] == pytest.approx(0.02, abs=0.002)


def test_it_is_never_below_what_stands_alone_and_hardly_above_holm():
    rng = np.random.default_rng(4)
    null = by_multipliers(rng.normal(size=(5, 30)))
    for _ in range(20):
        p = rng.random(5) ** 3
        made, holm = np.array(step_down(p, null)), np.array(adjusted(p)[0])
        assert (made >= p).all()
        assert (made <= holm + 0.01).all()
