"""The other scale: said where the finding hangs on it, not said where both agree, left open where no logarithm is."""

import numpy as np
import pytest

from hubeval.methods.readings.other_scale import other_scale
from hubeval.result import Diagnostic, Estimate, NotComputed

Y = np.array([4.0, 9.0, np.nan, 16.0])


def one(unit, value, low, high, p=0.2):
    return Estimate(term="ATT", estimand="", outcome="visits", inference="", unit=unit, estimate=value, conf_low=low,
                    conf_high=high, p_value=p)


@pytest.mark.parametrize(
    ("shown", "other", "status"),
    [
        ((-2.0, -5.0, 1.0), (-0.2, -0.3, -0.1), "caution"),
        ((-2.0, -3.0, -1.0), (-0.2, -0.5, 0.1), "caution"),
        ((-2.0, -3.0, -1.0), (-0.2, -0.3, -0.1), "pass"),
        ((-2.0, -5.0, 1.0), (-0.2, -0.5, 0.1), "pass"),
        ((-2.0, -3.0, -1.0), (0.2, 0.1, 0.3), "fail"),
    ],
)
def test_what_hangs_on_the_scale(shown, other, status):
    found = other_scale(one("visits", *shown), Y, lambda _y, unit: one(unit, *other))
    assert isinstance(found, Diagnostic)
    assert found.status == status
    assert ("hangs on the scale" in found.reading) == (status == "caution")
    assert "log scale" not in found.reading


def test_logarithms_are_told_in_per_cent_and_taken_back_to_the_measure():
    given = {}

    def again(values, unit):
        given[unit] = values
        return one(unit, 1.0, -1.0, 2.0)

    found = other_scale(one("visits [log scale]", -1.05, -1.2, -0.9, 0.03), np.log(Y), again)
    assert np.allclose(given["visits"], Y, equal_nan=True)
    assert found.reading.startswith("As logarithms it is −65% (−69.9% to −59.3%), p 0.030; in the outcome's own unit, 1 visit")


def test_no_logarithm_of_nought():
    found = other_scale(one("visits", 1.0, -1.0, 2.0), np.array([0.0, 3.0]), lambda *_: pytest.fail("asked"))
    assert isinstance(found, NotComputed)
