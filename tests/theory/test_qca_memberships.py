"""Fit is of memberships: anything else is refused, not averaged."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.errors import BadInput
from hubeval.theory.qca import necessary, sufficiency


@pytest.mark.parametrize("measure", [necessary, sufficiency])
@pytest.mark.parametrize("bad", [np.nan, 2.0, -0.1])
def test_what_is_not_a_membership_is_refused(measure, bad):
    with pytest.raises(BadInput, match="1 value"):
        measure(np.array([1.0, bad]), np.array([1.0, 0.4]))
