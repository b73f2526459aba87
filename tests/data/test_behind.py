"""Whom a number rests on is known for every kind of design; of one that is not, nothing is taken to be safe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from hubeval.data.behind import _sides


@dataclass(frozen=True)
class Unheard:
    """A kind of design that nobody has told the gate of."""

    kind: str = "lottery"
    unit: str = "id"


def test_a_kind_whose_sides_are_not_known_is_a_fault_and_not_nobody():
    frame = pd.DataFrame({"id": ["a", "b"]})
    with pytest.raises(NotImplementedError, match="'lottery' is not known"):
        _sides(Unheard(), frame, np.ones(2))
