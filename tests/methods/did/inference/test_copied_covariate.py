"""What is left when a covariate copies the outcome is rounding, and must not get a number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hubeval.errors import BadInput
from hubeval.methods.did import two_way
from hubeval.methods.did.inference.permutation.placebo import Placebo


def panel(offset=0.0):
    draw = np.random.default_rng(3)
    u, t = np.repeat(np.arange(10), 6), np.tile(np.arange(6), 10)
    y = draw.normal(size=60)
    return pd.DataFrame({"u": u, "t": t, "s": np.where(u < 3, 3.0, np.nan), "y": y + offset, "copy": 2 * y + 1})


def test_a_copy_of_the_outcome_under_another_name_is_refused():
    with pytest.raises(BadInput, match="reproduce 'y' exactly"):
        two_way(panel(), outcome="y", unit="u", time="t", start="s", covariates=("copy",))


def test_rounding_never_takes_a_p_value_below_its_floor():
    drawn = Placebo(estimate=np.array([1.0]), draws=np.array([[0.9], [0.5]]), slope=np.zeros((2, 1)), quiet=np.zeros((2, 1)), earlier=np.zeros((2, 1)), exact=True,
                    assignments=2.0, over="units")
    assert drawn.p_values()[0] == 0.5
