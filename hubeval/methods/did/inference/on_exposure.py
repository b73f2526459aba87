"""What all estimates on an amount of exposure say alike: who is in, and power in changes per unit of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hubeval.result import Sample

if TYPE_CHECKING:
    from hubeval.data.table import Table
    from hubeval.engine.detection import Detection
    from hubeval.protocol import DidDesign
    from hubeval.result import Estimate


def sample_of(table: Table, one: Estimate) -> Sample:
    """Who is in, of an estimate on exposure: its own two sides and all periods of the table."""
    treated, others = one.n_treated or 0, one.n_comparison or 0
    return Sample(n_units=treated + others, n_treated=treated, n_comparison=others, n_periods=len(table.periods),
                  first_period=table.periods[0], last_period=table.periods[-1])


def per_unit(found: Detection, design: DidDesign, table: Table) -> Detection:
    """Power in changes per unit of exposure, which no level of the outcome is beside."""
    note = f"Sizes are changes per unit of {design.exposure}."
    return replace(found, level=None, level_low=None, least=-np.inf, n_periods=len(table.periods), notes=(note,))
