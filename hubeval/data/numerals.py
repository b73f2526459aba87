"""A column of text as numbers, all of it at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

_DIGITS = 15  # up to here, and within these sizes, one division gives the nearest number: every reader gives the same
_SMALLEST, _LARGEST = 1e-7, 1e15


def as_numbers(text: pd.Series) -> pd.Series:
    """Text as floats, missing where a cell is missing or no number; the same bits with pyarrow and without.

    Parameters
    ----------
    text : (n,) Series of str

    Returns
    -------
    (n,) Series of float

    Examples
    --------
    >>> as_numbers(pd.Series(["1", "2.50", None, "some"])).tolist()
    [1.0, 2.5, nan, nan]
    """
    values = _by_arrow(text)
    return pd.to_numeric(text, errors="coerce").astype(float) if values is None else values


def _by_arrow(text: pd.Series) -> pd.Series | None:
    """Short plain numbers by pyarrow, where the column is its own; None where pandas has to look at each cell."""
    if getattr(text.dtype, "storage", "") != "pyarrow":
        return None
    import pyarrow as pa  # noqa: PLC0415 - an extra; pandas has it loaded where a column is its own
    import pyarrow.compute as pc  # noqa: PLC0415

    cells = pa.array(text.array)
    longest = pc.max(pc.binary_length(cells)).as_py()
    if longest is None or longest > _DIGITS:
        return None
    try:
        numbers = pc.cast(cells, pa.float64())
    except pa.ArrowInvalid:
        return None
    values = numbers.to_numpy(zero_copy_only=False)
    size = np.abs(values[~np.isnan(values)])
    plain = len(size) + numbers.null_count == len(values) and bool((size <= _LARGEST).all())
    if not plain or bool(((size < _SMALLEST) & (size > 0)).any()):
        return None
    return pd.Series(np.array(values), index=text.index, name=text.name)
