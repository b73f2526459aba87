"""The door of the panel: columns to codes, with every problem said in one line and every loss counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.errors import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hubeval.errors import Door

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

MARKS = frozenset({"c", "x", "z", "k", "u", "low", "~", "-", "..", "na", "n/a", ":", "*", "[c]", "[x]", "[z]", "[low]"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Codings:
    """The frame's codes in the frame's own order: rows (`unit`, `time`) and units (`start`, `cluster`)."""

    unit: Codes
    time: Codes
    start: Floats
    cluster: Codes
    units: NDArray[Any]
    periods: NDArray[Any]
    clock: Floats


def refuse_absent(frame: Any, wanted: Mapping[str, tuple[str, ...]], door: Door) -> None:
    """Refuse columns that are not there, or are there twice."""
    if not isinstance(frame, pd.DataFrame):
        door.refuse("frame", f"found {type(frame).__name__}", "a pandas DataFrame", "Read the data into one.")
        door.close()
    if not len(frame):
        door.refuse("frame", "has no rows", "one row per unit and period", "Check the file or the filter.")
    for argument, columns in wanted.items():
        for column in columns:
            if column not in frame.columns:
                names = [str(c) for c in frame.columns]
                door.refuse(argument, f"no column {column!r}", f"columns: {listed(names)}", did_you_mean(column, names))
            elif isinstance(frame[column], pd.DataFrame):
                door.refuse(argument, f"column {column!r} is there twice", "each column once", "Drop one.")
    door.close()


def numbers(frame: pd.DataFrame, column: str, argument: str, door: Door) -> Floats:
    """A column as floats; text and infinity are refused, blanks become NaN."""
    values = frame[column]
    if pd.api.types.is_datetime64_any_dtype(values):
        door.refuse(f"{argument} ({column})", "holds dates", "numbers", "Name the column that holds the numbers.")
        return np.full(len(frame), np.nan)
    if not pd.api.types.is_numeric_dtype(values):
        numeric = pd.to_numeric(values, errors="coerce")
        text = (numeric.isna() & values.notna()).to_numpy()
        if text.any():
            seen = {str(v).strip().lower() for v in values[text].unique()[:200]}
            marks = sorted(seen & MARKS)
            found = f"{int(text.sum())} rows hold text" + (f", with suppression marks {listed(marks)}" if marks else "")
            door.refuse(
                f"{argument} ({column})",
                found,
                "numbers, blank where suppressed",
                "Declare the marks (data.missing_marks) or replace them with blanks.",
            )
        values = numeric
    result = values.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(result).any():
        door.refuse(
            f"{argument} ({column})",
            f"{int(np.isinf(result).sum())} rows are infinite",
            "finite numbers",
            "Look for a division by zero or a logarithm of zero.",
        )
    return result


def check_weights(weights: Floats, door: Door) -> None:
    """Refuse weights below zero, or all zero."""
    if (weights < 0).any():
        door.refuse("weights", f"{int((weights < 0).sum())} rows are negative", "0 or more", "Correct them.")
    elif not (weights > 0).any():
        door.refuse("weights", "none is above 0", "0 or more, some above 0", "Correct them.")


def covariate_columns(frame: pd.DataFrame, columns: tuple[str, ...], door: Door) -> tuple[Floats, tuple[str, ...]]:
    """Number columns as they are, text columns as 0/1 columns against their first level."""
    parts: list[Floats] = [np.empty((len(frame), 0))]
    names: list[str] = []
    for column in columns:
        values = frame[column]
        if isinstance(values.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(values):
            levels = sorted(values.dropna().astype(str).unique())
            dummies = np.column_stack(
                [(values.astype(str) == level).to_numpy(dtype=np.float64) for level in levels[1:]]
                or [np.empty((len(frame), 0))]
            )
            dummies[values.isna().to_numpy()] = np.nan
            parts.append(dummies)
            names += [f"{column}={level}" for level in levels[1:]]
        else:
            parts.append(numbers(frame, column, "covariates", door)[:, None])
            names.append(column)
    return np.concatenate(parts, axis=1), tuple(names)


def periods(values: pd.Series[Any], name: str, door: Door) -> tuple[Codes, NDArray[Any], Floats]:
    """Period codes of the rows, the period labels in order, and their clock values."""
    if values.isna().any():
        door.refuse(
            f"time ({name})",
            f"{int(values.isna().sum())} rows have no period",
            "a period in every row",
            "Fill it in or leave those rows out.",
        )
        door.close()
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = [c for c in values.cat.categories if (values == c).any()]
        codes = pd.Index(present).get_indexer(pd.Index(values.astype(object)))
        labels: NDArray[Any] = np.asarray(present)
    else:
        try:
            codes, index = pd.factorize(values, sort=True)
        except TypeError:
            door.refuse(
                f"time ({name})", "mixes kinds of value", "all numbers, all dates or all text", "Write one kind."
            )
            door.close()
        labels = np.asarray(index)
    if len(labels) < 2:
        door.refuse(
            f"time ({name})",
            "holds one period only",
            "two or more",
            "A difference-in-differences needs a before and an after.",
        )
    clock = np.arange(len(labels), dtype=np.float64)
    if pd.api.types.is_numeric_dtype(labels) and np.all(np.asarray(labels, dtype=float) % 1 == 0):
        clock = labels.astype(np.float64)
    return codes.astype(np.intp, copy=False), labels, clock


def units_of(frame: pd.DataFrame, unit: str | None, door: Door) -> tuple[Codes, NDArray[Any]]:
    """Unit codes of the rows and the unit labels; without `unit` every row is its own."""
    if unit is None:
        return np.arange(len(frame), dtype=np.intp), np.arange(len(frame))
    if frame[unit].isna().any():
        door.refuse(
            f"unit ({unit})",
            f"{int(frame[unit].isna().sum())} rows name no unit",
            "a unit in every row",
            "Fill it in or leave those rows out.",
        )
    codes, labels = pd.factorize(frame[unit])
    return codes.astype(np.intp, copy=False), np.asarray(labels)


def zero_is_never(values: pd.Series[Any], labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Rows whose start is written as 0 for "never treated", as R's ``did`` does; none where 0 lies among the periods.

    Examples
    --------
    >>> zero_is_never(pd.Series([0, 2016]), np.array([2015, 2016])).tolist()
    [True, False]
    >>> zero_is_never(pd.Series([0, 1]), np.array([0, 1])).tolist()
    [False, False]
    """
    if pd.api.types.is_numeric_dtype(labels) and float(labels[0]) <= 0:
        return np.zeros(len(values), dtype=bool)
    if pd.api.types.is_numeric_dtype(values):
        return np.asarray((values == 0).to_numpy(dtype=bool, na_value=False))
    if pd.api.types.is_datetime64_any_dtype(values) or "0" in {str(label) for label in labels}:
        return np.zeros(len(values), dtype=bool)
    return np.asarray(values.astype(str).str.strip().isin({"0", "0.0"}))


def starts(values: pd.Series[Any], labels: NDArray[Any], clock: Floats, name: str, door: Door) -> Floats:
    """Start of every row on the clock; inf for never (blank, or 0 where it is no period), and after the last period."""
    if (zero := zero_is_never(values, labels)).any():
        values = values.mask(zero)
    argument, never = f"start ({name})", values.isna().to_numpy()
    numeric_time = pd.api.types.is_numeric_dtype(labels)
    is_date = pd.api.types.is_datetime64_any_dtype(values) or isinstance(values.dtype, pd.PeriodDtype)
    result = np.full(len(values), np.inf)
    if numeric_time and (is_date or not pd.api.types.is_numeric_dtype(values)):
        number = pd.to_numeric(values.where(~values.isna()), errors="coerce") if not is_date else None
        if number is None or (number.isna().to_numpy() & ~never).any():
            what = "dates" if is_date else "text"
            door.refuse(
                argument,
                f"holds {what} while time holds numbers such as {labels[0]}",
                "the first treated period, in the words of time",
                "Write the period, not the day of opening.",
            )
            return result
        values = number
    if numeric_time:
        return _number_starts(values.to_numpy(dtype=np.float64, na_value=np.inf), labels, clock, argument, door)
    where = pd.Index(labels).get_indexer(pd.Index(values.where(~values.isna())))
    if is_date:
        never = never | (values > labels[-1]).to_numpy()
        late_starts = never & ~values.isna().to_numpy()
        result[late_starts] = clock[-1] + 1
    strange = (where < 0) & ~never
    if strange.any():
        kind = "dates that begin no period" if is_date else "values that are no period"
        door.refuse(
            argument,
            f"{int(strange.sum())} rows hold {kind}",
            f"periods: {listed(labels, 4)}; blank for never",
            "Write the first treated period exactly as time writes it.",
        )
    result[~never & ~strange] = clock[where[~never & ~strange]]
    return result


def _number_starts(value: Floats, labels: NDArray[Any], clock: Floats, argument: str, door: Door) -> Floats:
    low, high = float(labels[0]), float(labels[-1])
    given = np.isfinite(value)
    inside = given & (value >= low) & (value <= high)
    if np.any(value[inside] % 1 != 0) and np.all(clock == np.asarray(labels, dtype=float)):
        door.refuse(
            argument,
            "holds values between two periods",
            "a whole number, as time holds",
            "Write the first treated period.",
        )
    if not np.array_equal(clock, labels):
        position = np.searchsorted(labels, value).astype(np.float64)
        return np.where(given & (value <= high), position, np.inf)
    return np.asarray(value, dtype=np.float64)


def per_unit(values: Floats, unit: Codes, units: NDArray[Any], name: str, door: Door) -> Floats:
    """A row quantity that must be one value per unit, by unit, (N,)."""
    result = np.empty(len(units))
    result[unit[::-1]] = values[::-1]
    differs = values != result[unit]
    if differs.any():
        who = units[np.unique(unit[differs])]
        door.refuse(
            f"start ({name})",
            f"changes within {len(who)} units: {listed(who)}",
            "one start per unit",
            "Correct it; where treatment switches off again use did.switching, which allows it.",
        )
    return result


def clusters(frame: pd.DataFrame, name: str | None, unit: Codes, units: NDArray[Any], door: Door) -> Codes:
    """Cluster codes of the units, (N,)."""
    if name is None:
        return np.arange(len(units), dtype=np.intp)
    if frame[name].isna().any():
        door.refuse(
            f"cluster ({name})",
            f"{int(frame[name].isna().sum())} rows are blank",
            "a cluster in every row",
            "Fill it in or leave those rows out.",
        )
    codes, labels = pd.factorize(frame[name])
    result = np.empty(len(units), dtype=np.intp)
    result[unit] = codes
    moved = np.unique(unit[codes != result[unit]])
    if len(moved):
        door.refuse(
            f"cluster ({name})",
            f"changes within {len(moved)} units: {listed(units[moved])}",
            "one cluster per unit",
            "Choose a level that holds whole units.",
        )
    if len(labels) < 2:
        door.refuse(f"cluster ({name})", "holds one cluster only", "two or more", "Choose a finer level.")
    return result


def order(raw: Codings, *, repeated: bool, door: Door) -> Codes:
    """Rows sorted by unit and time; two rows for one unit and period are refused."""
    n, t = len(raw.unit), len(raw.periods)
    if repeated:
        return np.argsort(raw.time, kind="stable")
    key = raw.unit * t + raw.time
    step = np.diff(key)
    if (step > 0).all():
        return np.arange(n)
    seen = np.bincount(key, minlength=len(raw.units) * t)
    if (seen > 1).any():
        twice = np.flatnonzero(seen > 1)
        who = raw.units[np.unique(twice // t)]
        door.refuse(
            "unit, time",
            f"{len(twice)} unit-periods have two rows or more, in units {listed(who)}",
            "one row per unit and period",
            "Sum or correct them; for repeated cross-sections of people leave out unit.",
        )
    slot = np.full(len(seen), -1, dtype=np.intp)
    slot[key] = np.arange(n)
    return slot[slot >= 0]


def recode(raw: Codings, rows: Codes, door: Door) -> dict[str, Any]:
    """Codes over what is left, dense again; refuses a panel in which nobody starts treatment."""
    complete = len(rows) == len(raw.unit)
    unit, time, cluster = raw.unit[rows], raw.time[rows], raw.cluster
    # dense codes are in order of appearance; the sorted rows must be too
    present = np.arange(len(raw.units)) if complete else np.unique(unit)
    seen = np.arange(len(raw.periods)) if complete else np.unique(time)
    if not complete:
        unit, time = np.searchsorted(present, unit), np.searchsorted(seen, time)
        cluster = np.unique(cluster[present], return_inverse=True)[1].astype(np.intp)
    clock = raw.clock[seen]
    start = raw.start[present]
    first = np.searchsorted(clock, start).astype(np.intp)
    start = np.where(first < len(clock), start, np.inf)
    if not len(rows) or not (first < len(clock)).any():
        door.refuse(
            "start",
            "no unit with usable rows starts treatment within the periods",
            "a start after the first period and up to the last, in some units",
            "Check the start column: blank means never treated.",
        )
    return {
        "units": raw.units[present],
        "periods": raw.periods[seen],
        "clock": clock,
        "unit": unit,
        "time": time,
        "start": start,
        "first": first,
        "cluster": cluster,
    }
