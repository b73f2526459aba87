"""The smallest p-value that permuting the starts in these data can give, as `evaluate` and `power` say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hubeval.protocol import DidDesign
from hubeval.ways import smallest_p

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def floor_of_starts(design: object, frame: pd.DataFrame, row: NDArray[np.intp], start: Floats, periods: int) -> float:
    """Over clusters where whole clusters of units start together, else over units; 1 where nothing can be permuted.

    Parameters
    ----------
    design : design of a protocol
    frame : DataFrame
    row : (n,) int
        The unit of every row.
    start : (N,) float
        First treated position of each unit; infinite for never.
    periods : int
        Starts from here on are never seen.

    Examples
    --------
    >>> import pandas as pd
    >>> start = np.array([3.0, 5.0] + 4 * [np.inf])
    >>> round(floor_of_starts(None, pd.DataFrame(), np.arange(6), start, 8), 3)
    0.033
    """
    things = start
    if isinstance(design, DidDesign) and design.unit and design.cluster not in {None, design.unit}:
        names, code = np.unique(frame[design.cluster].astype(str).to_numpy(), return_inverse=True)
        lowest, highest = np.full(len(names), np.inf), np.full(len(names), -np.inf)
        np.minimum.at(lowest, code, start[row])
        np.maximum.at(highest, code, start[row])
        things = lowest if np.array_equal(lowest, highest) else start
    inside = things < periods
    waves = np.unique(things[inside], return_counts=True)[1].tolist()
    return smallest_p(len(things), waves) if waves else 1.0
