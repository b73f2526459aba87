"""One p-value for a whole curve of specifications: against the share counted out, and refused where it has no meaning."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.engine.specifications import Permuted, joint_median


def part(draws, ways, real=0, *, units=4, exact=False):
    return Permuted(units=np.arange(units), ways=np.array(ways)[:, None], draws=np.array(draws), real=real, exact=exact)


def test_it_is_the_share_of_ways_whose_median_is_as_far_from_nought():
    rng = np.random.default_rng(1)
    drawn = rng.normal(size=(3, 300))
    parts = [part(row, range(300)) for row in drawn]
    median = np.abs(np.median(drawn, axis=0))
    assert joint_median(parts) == pytest.approx((median >= median[0]).mean())


def test_ways_are_matched_by_what_they_are_not_by_their_place():
    rng = np.random.default_rng(2)
    one = rng.normal(size=200)
    order = rng.permutation(200)
    other = part(one[order], np.arange(200)[order], real=int(np.flatnonzero(order == 0)[0]))
    assert joint_median([part(one, range(200)), other]) == pytest.approx((np.abs(one) >= abs(one[0])).mean())


def test_other_units_and_too_few_ways_in_common_give_a_reason():
    assert "leave out units" in joint_median([part(range(200), range(200)), part(range(200), range(200), units=5)])
    few = [part(range(50), range(50)), part(range(200), range(200))]
    assert "not tried under enough assignments" in joint_median(few)
    whole = [part(range(20), range(20), exact=True)] * 2
    assert joint_median(whole) == 1.0
