"""Why a cell has no effect is said as it is."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.methods.did.estimators.drdid import NoOverlap, followed


@pytest.mark.parametrize("estimator", ["dr", "ipw", "improved"])
@pytest.mark.parametrize(("covariate", "why"), [(np.ones(20), "the same in all its rows"),
                                                (np.repeat([1.0, 0.0], 10) + np.tile([0.0, 0.1], 10), "perfectly")])
def test_a_constant_covariate_is_not_called_a_want_of_overlap(estimator, covariate, why):
    treated, change = np.arange(20) < 10, np.random.default_rng(1).normal(size=(1, 20))
    with pytest.raises(NoOverlap, match=why):
        followed(change, treated, np.column_stack([np.ones(20), covariate]), None, estimator)
