"""Columns of a frame as covariates: what they may not hold, and the matrices made of those that are sound."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Problem, listed
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LEVELS = 100  # labels of a text covariate; more is an id or a date
LARGE = 1e100  # squares of larger numbers, or of spreads smaller than its inverse, leave what a machine can hold
_TIMES = {"datetime64", "datetime", "date", "timedelta64", "timedelta", "time", "period", "interval"}
_DATED = r"\d{4}-\d{2}-\d{2}([T ].*)?|\d{1,2}/\d{1,2}/\d{4}"
_BOXED = {"integer", "floating", "decimal", "mixed-integer-float"}


def named(columns: Any, argument: str) -> tuple[str, ...]:
    """Column names as a tuple; a single one may stand by itself, and none is none.

    Raises
    ------
    BadInput
        Something that is not a column's name stands there.

    Examples
    --------
    >>> named("age", "covariates"), named(["age", "need"], "covariates"), named(None, "covariates")
    (('age',), ('age', 'need'), ())
    """
    if columns is None or isinstance(columns, str):
        return (columns,) if columns else ()
    found = tuple(columns) if isinstance(columns, Iterable) else (columns,)
    if wrong := [name for name in found if not isinstance(name, Hashable)]:
        kind = f"found {type(wrong[0]).__name__} among the names"
        raise BadInput([Problem(argument, kind, "a column's name, or a list of them", "Write them out.")])
    return found


def counted(column: pd.Series) -> bool:
    """Whether a column holds numbers, not labels or yes and no."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def flaw(column: pd.Series, name: str) -> tuple[str, str, str] | None:
    """What was found, what is allowed and the cure, where a column cannot be a covariate.

    Examples
    --------
    >>> flaw(pd.Series([2.0, 2.0]), "age")
    ("'age' is constant", 'a column that varies', 'Leave it out.')
    """
    if column.isna().all():
        return f"{name!r} has no value at all", "a column with values", "Leave it out."
    if counted(column):
        return _number_flaw(column, name)
    return _label_flaw(column, name)


def _label_flaw(column: pd.Series, name: str) -> tuple[str, str, str] | None:
    kind = pd.api.types.infer_dtype(column, skipna=True)
    try:
        levels = column.dropna().unique()
    except TypeError:
        return f"{name!r} holds neither numbers nor labels", "numbers or labels", "Leave it out."
    if kind in _TIMES or pd.Series(levels).astype("string").str.fullmatch(_DATED).all():
        return f"{name!r} holds dates or times", "numbers or labels", "Make a number of it, such as an age in years."
    if kind in _BOXED and column.dtype == object:
        return f"{name!r} holds numbers kept as objects", "a numeric column", "Convert it with pandas.to_numeric."
    if len(levels) < 2:
        return f"{name!r} is constant", "a column that varies", "Leave it out."
    if len(levels) > LEVELS:
        found = f"{name!r} is not numeric and holds {len(levels)} different labels"
        return found, f"numbers, or up to {LEVELS} labels", "Group an id or a date, or leave it out."
    return None


def _number_flaw(column: pd.Series, name: str) -> tuple[str, str, str] | None:
    if pd.api.types.is_complex_dtype(column):
        return f"{name!r} holds complex numbers", "real numbers", "Leave it out."
    values = column.to_numpy(dtype=float, na_value=np.nan)
    low, high = np.nanmin(values), np.nanmax(values)
    if not (np.isfinite(low) and np.isfinite(high)):
        found = f"{name!r} holds infinite values, in {int(np.isinf(values).sum())} records"
        return found, "finite numbers", "Set them to missing or correct them."
    if low == high:
        return f"{name!r} is constant", "a column that varies", "Leave it out."
    if max(abs(low), abs(high)) > LARGE or high - low < 1 / LARGE:
        found = f"{name!r} is too large or too narrow to reckon with"
        return found, f"sizes up to {LARGE:g}, spreads from {1 / LARGE:g}", "Change its unit."
    return None


def matrices(frame: pd.DataFrame, covariates: list[str], notes: list[NotComputed]) -> dict[str, Any]:
    """The study's ``x`` (first levels out, dependent columns out), ``terms`` (all levels), their names and kinds."""
    if all(pd.api.types.is_numeric_dtype(frame[name]) and not frame[name].hasnans for name in covariates):
        terms = frame[covariates].to_numpy(dtype=float)
        score, shown = list(map(str, covariates)), list(map(str, covariates))
        x = terms
    else:
        columns = [_column(frame[name], name) for name in covariates]
        score = [name for first, _ in columns for name in first]
        shown = [name for _, second in columns for name in second]
        x = np.column_stack([values for first, _ in columns for values in first.values()])
        terms = np.column_stack([values for _, second in columns for values in second.values()])
    low, high = terms.min(axis=0), terms.max(axis=0)
    flat = low == high
    if flat.all():
        found = "none varies among the records kept"
        raise BadInput([Problem("covariates", found, "one that does", "Check what was dropped as missing.")])
    if flat.any():
        names = listed(shown[j] for j in np.flatnonzero(flat))
        notes.append(NotComputed(what=f"balance of {names}", reason="the same for every record kept"))
        shown = [shown[j] for j in np.flatnonzero(~flat)]
        terms, low, high = terms[:, ~flat], low[~flat], high[~flat]
    kept = _independent(x)
    if gone := [name for j, name in enumerate(score) if j not in set(kept) and (x[:, j] != x[0, j]).any()]:
        reason = "a linear combination of the other covariates, so left out of the score"
        notes.append(NotComputed(what=f"coefficient of {listed(gone)}", reason=reason))
    if len(kept) < len(score):
        x = x[:, kept]
    names_kept = tuple(score[j] for j in kept)
    binary = _two_values(terms, low, high)
    return {"x": x, "x_names": names_kept, "terms": terms, "term_names": tuple(shown), "binary": binary}


def indicators(frame: pd.DataFrame, names: Sequence[str]) -> tuple[Floats, Flags]:
    """Columns to adjust for, (n, k), labels and gaps as indicators; and which records had a gap, (n,)."""
    made = [_column(frame[name], name)[0] for name in names]
    columns = [values for part in made for values in part.values()]
    gap = frame[list(names)].isna().to_numpy().any(axis=1) if names else np.zeros(len(frame), dtype=bool)
    x = np.column_stack(columns) if columns else np.zeros((len(frame), 0))
    return x, np.asarray(gap, dtype=bool)


def _column(column: pd.Series, name: str) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Score columns and balance terms of one covariate; gaps are filled with the mean and get an indicator."""
    gap = column.isna().to_numpy()
    marker = {f"{name} missing": gap.astype(float)} if gap.any() else {}
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        values = np.where(gap, np.nanmean(values), values) if gap.any() else values
        return {str(name): values, **marker}, {str(name): values, **marker}
    text = column.astype("string")
    levels = sorted(text.dropna().unique())
    made = {f"{name}={level}": (text == level).fillna(value=False).to_numpy(dtype=float) for level in levels}
    first = {key: values for key, values in made.items() if key != f"{name}={levels[0]}"}
    return {**first, **marker}, {**(first if len(levels) == 2 else made), **marker}


def _two_values(x: Floats, low: Floats, high: Floats) -> Flags:
    """Columns that hold no values but their lowest and highest."""
    found = np.zeros(x.shape[1], dtype=bool)
    head = x[:1000]
    for j in range(x.shape[1]):  # a look at the head settles most columns without reading them whole
        if ((head[:, j] == low[j]) | (head[:, j] == high[j])).all():
            found[j] = bool(((x[:, j] == low[j]) | (x[:, j] == high[j])).all())
    return found


def _independent(x: Floats) -> list[int]:
    """Columns that are not linear combinations of those before them and a constant, by pivot-free Cholesky."""
    if x.shape[0] > 20_000:  # columns independent on some rows are independent on all
        few = _independent(x[:: x.shape[0] // 5000])
        if len(few) == x.shape[1]:
            return few
    centred = x - x.mean(axis=0)
    scale = np.sqrt(np.einsum("ij,ij->j", centred, centred))
    centred /= np.where(scale > 0, scale, 1)
    gram = centred.T @ centred
    kept: list[int] = []
    rows = np.empty((0, x.shape[1]))
    for j in range(x.shape[1]):
        rest = gram[j] - rows[:, j] @ rows
        if scale[j] > 0 and rest[j] > 1e-10:
            kept.append(j)
            rows = np.vstack([rows, rest / np.sqrt(rest[j])])
    return kept
