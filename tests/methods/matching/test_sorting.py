"""The radix argsort against NumPy's, where it is at home and where it has to give up."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.methods.matching.designs import sorting

RNG = np.random.default_rng(3)
VALUES = {
    "distinct": RNG.random(5000),
    "ties": RNG.integers(-3, 4, 5000) / 7,
    "skewed": np.exp(3 * RNG.normal(size=5000)),
    "near together": 1 + RNG.random(3000) * 1e-13,
    "far outlier": np.r_[RNG.random(3000), 1e300],
    "too far": np.r_[-1e308, RNG.random(50), 1e308],
    "infinite": np.r_[np.inf, RNG.random(50), -np.inf],
    "signed zeros": np.array([0.0, -0.0, 1.0, -0.0, 0.0]),
    "constant": np.full(20, 0.5),
    "one": np.array([0.2]),
    "none": np.empty(0),
    "strided": RNG.random((400, 3))[:, 1],
}


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("name", VALUES)
def test_ordered_is_a_stable_argsort(name, compiled, monkeypatch):
    monkeypatch.setattr(sorting, "COMPILED", compiled)
    row, s = sorting.ordered(VALUES[name])
    np.testing.assert_array_equal(row, np.argsort(VALUES[name], kind="stable"))
    np.testing.assert_array_equal(s, VALUES[name][row])


@pytest.mark.parametrize("compiled", [True, False])
def test_grouped_keeps_the_order_inside_a_code(compiled, monkeypatch):
    monkeypatch.setattr(sorting, "COMPILED", compiled)
    code, row = RNG.integers(0, 9, 2000), RNG.permutation(2000)
    np.testing.assert_array_equal(sorting.grouped(row, code), row[np.argsort(code, kind="stable")])
    assert sorting.grouped(row[:0], code[:0]).size == 0


def test_the_crowded_give_up_in_time():
    _, _, settled = sorting.by_radix(np.r_[RNG.random(3000), 1e300], 0.0, (2.0**32 - 1) / 1e300)
    assert not settled
