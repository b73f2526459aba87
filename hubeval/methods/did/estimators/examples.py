"""Small noiseless panels with a known effect, for examples and exact tests."""

from __future__ import annotations

import numpy as np
import pandas as pd


def staggered() -> pd.DataFrame:
    """Twelve areas over six years: four start in 2013, four in 2015, four never; the effect grows each year.

    Outcomes are an area level, a common trend and the effect (-1, -2, ...), without noise: every valid
    estimator returns the effect exactly.

    Examples
    --------
    >>> staggered().shape
    (72, 4)
    """
    area, year = (a.ravel() for a in np.meshgrid(np.arange(12), np.arange(2011, 2017), indexing="ij"))
    opened = np.where(area < 4, 2013.0, np.where(area < 8, 2015.0, np.nan))
    effect = -np.fmax(year - opened + 1, 0)
    rate = 50.0 + 3 * area + 0.7 * (year - 2011) ** 2 + np.where(np.isnan(opened), 0.0, effect)
    return pd.DataFrame({"la": [f"area {a}" for a in area], "year": year, "opened": opened, "rate": rate})
