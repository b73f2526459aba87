"""Cells as text, as they would be written, a column at a time; and what published files write where a number should be.

Nothing here decides what a cell means: that is the business of who asks for the column.
"""

from __future__ import annotations

import re
from datetime import date, datetime

import numpy as np
import pandas as pd

# what published tables on children's services write where a number should be; blank always counts as missing
KNOWN_MARKS = (
    *("c", "x", "z", "k", "u", "low", "~", "-", "..", ".", ":", "*"),
    *("NA", "N/A", "na", "n/a", "NaN", "nan", "NULL", "null", "None", "<NA>", "suppressed", "–", "—", "…"),
    *("[c]", "[x]", "[z]", "[u]", "[w]", "[low]", "[no data]"),  # the government's own, in brackets since 2021
)
ERROR_CELLS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")
"""What a spreadsheet shows where a formula failed, and what it writes into a CSV."""

_EXACT = 2**53  # up to here every whole number is a float of its own


def as_text(value: object) -> str:
    """One cell as it would be written: whole numbers without '.0', dates as ISO days, missing as blank.

    Examples
    --------
    >>> as_text(2017.0), as_text(None), as_text(True), as_text(datetime(2017, 4, 1)), as_text(datetime(2017, 4, 1, 9))
    ('2017', '', '1', '2017-04-01', '2017-04-01 09:00:00')
    """
    if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124 - NaN is not itself
        return ""
    if isinstance(value, (bool, np.bool_)):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, datetime):
        midnight = value.hour == value.minute == value.second == value.microsecond == 0
        return value.date().isoformat() if midnight and value.tzinfo is None else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def heading(text: str) -> str:
    r"""The name of a column without marks that nobody sees (a byte-order mark, a joiner) and with plain spaces.

    Examples
    --------
    >>> heading("\ufeffarea "), heading("referrals\u00a0per\n1,000")
    ('area', 'referrals per 1,000')
    """
    return " ".join(re.sub("[\ufeff\u200b-\u200f\u2060\u00ad]", "", text).split())


def as_cells(column: pd.Series) -> pd.Series:
    """A column with a fresh index: numbers stay numbers; everything else becomes text, each kind of value once.

    Examples
    --------
    >>> as_cells(pd.Series([2016, 2017])).tolist(), as_cells(pd.Series(["a ", None, True])).tolist()
    ([2016.0, 2017.0], ['a', '', 'TRUE'])
    >>> as_cells(pd.Series([True, None, False])).tolist(), as_cells(pd.Series([50.5, True], dtype=object)).tolist()
    (['1', '', '0'], ['50.5', 'TRUE'])
    >>> as_cells(pd.Series([2**53, 2**53 + 1])).tolist()
    ['9007199254740992', '9007199254740993']
    """
    column = column.reset_index(drop=True)
    if pd.api.types.is_bool_dtype(column.dtype) and not column.isna().any():
        return column.astype(float)
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype):
        whole = pd.api.types.is_integer_dtype(column.dtype) and not column.dropna().between(-_EXACT, _EXACT).all()
        if not whole:  # ids beyond would fall together as floats
            return column.astype(float)
    if pd.api.types.infer_dtype(column, skipna=True).startswith("mixed"):  # a TRUE among numbers is no 1
        column = column.map(lambda value: str(value).upper() if isinstance(value, (bool, np.bool_)) else value)
    try:
        codes, kinds = pd.factorize(column.astype(object), use_na_sentinel=True)
    except (TypeError, ValueError):  # a cell that is a list or the like has no place among kinds
        return pd.Series([as_text(value) for value in column.tolist()], dtype=object)
    written = np.array([*(as_text(value) for value in kinds), ""], dtype=object)
    return pd.Series(written[codes], dtype=object)
