"""The clusters' own law against the same sums written out as tables of clusters by clusters."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.engine.detection import Turns
from hubeval.engine.means import by_cluster


def tables(shares):
    """CR2's factors and Satterthwaite's degrees of freedom, every product of two clusters by itself."""
    s = shares / shares.sum(axis=0)
    root = np.hstack([s[:, [side]] * (np.eye(len(s)) - s[:, side]) for side in (0, 1)])
    factor = (s**2).sum(axis=1) / (root**2).sum(axis=1)
    omega = (root * np.sqrt(factor)[:, None]) @ (root * np.sqrt(factor)[:, None]).T
    return factor, np.trace(omega) ** 2 / (omega**2).sum()


@pytest.mark.parametrize("spread", [0.1, 1.0, 2.0])
@pytest.mark.parametrize("whole", [False, True])
def test_clusters_by_clusters_is_not_needed(spread, whole):
    rng = np.random.default_rng(6)
    for _ in range(30):
        groups = int(rng.integers(5, 40))
        shares = np.exp(spread * rng.normal(size=(groups, 2)))
        if whole:
            shares[:2, 1], shares[2:, 0] = 0.0, 0.0
        factor, df = by_cluster(shares)
        wanted, law = tables(shares)
        np.testing.assert_allclose(factor, wanted, rtol=1e-10)
        assert df == pytest.approx(max(law, 1.0), rel=1e-9)


def test_many_clusters_need_no_table_of_them():
    _, df = by_cluster(np.ones((200_000, 2)))  # a table would hold 4e10 numbers
    assert df == pytest.approx(199_999, rel=1e-6)


def test_another_history_asks_for_a_larger_size_where_most_are_found():
    ends = np.linspace(1.0, 3.0, 40)
    one, others = (Turns(low=-ends, high=ends, history=history) for history in (np.inf, 6.0))
    assert one.power(2.6) > others.power(2.6)
    assert one.power(0.0) == others.power(0.0) == 0.0
    assert others.power(0.9) > one.power(0.9) == 0.0  # smaller than any seen here may be found elsewhere
