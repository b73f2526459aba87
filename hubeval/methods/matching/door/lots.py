"""Whose turn it is among equals: a lot that a record's own values draw, so that the order of the rows tells nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Lots = NDArray[np.uint64]


def lots(frame: pd.DataFrame, unit: str | None = None) -> Lots:
    """A number for every row, (n,), as good as random, made of its id, or of all its values where no id is named.

    Two rows without an id get the same number only where they are the same in every column, and then it does not matter
    which of them goes first.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"id": [1, 2, 3], "need": [4.0, 4.0, 4.0]})
    >>> bool((lots(frame, "id")[::-1] == lots(frame[::-1], "id")).all())
    True
    """
    made: Lots = np.zeros(len(frame), dtype=np.uint64)
    for column in [unit] if unit else [*frame.columns]:
        part = frame[column]
        if part.dtype == object or isinstance(part.dtype, pd.CategoricalDtype):
            part = part.astype("string").astype(object)
        one = pd.util.hash_pandas_object(part, index=False).to_numpy(dtype=np.uint64)
        made = np.asarray(made * np.uint64(1_000_003) + one, dtype=np.uint64)
    return np.asarray(pd.util.hash_array(made), dtype=np.uint64)
