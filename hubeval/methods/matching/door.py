"""The door: from the caller's frame to checked arrays, every problem reported at once, everything dropped counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.errors import Door, did_you_mean, listed
from hubeval.methods.matching.study import Study
from hubeval.result import FlowStep, NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.matching.options import Request

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LEVELS = 100  # labels of a text covariate; more is an id or a date
_YES = {"yes", "y", "true", "1", "1.0", "treated"}
_NO = {"no", "n", "false", "0", "0.0", "control", "comparison"}


def read_study(
    frame: pd.DataFrame,
    treated: str,
    covariates: Sequence[str],
    request: Request,
    door: Door,
    *,
    weights: str | None = None,
    cluster: str | None = None,
    unit: str | None = None,
) -> Study:
    """Check `frame` and turn it into a `Study`.

    Raises
    ------
    BadInput
        Every problem found, together with whatever `door` already holds.
    """
    wanted = {"weights": weights, "cluster": cluster, "unit": unit}
    named = {
        "treated": [treated],
        "covariates": list(dict.fromkeys(covariates)),
        "exact": list(request.exact),
        "antiexact": list(request.options.antiexact),
        **{argument: [column] if column else [] for argument, column in wanted.items()},
    }
    _columns(frame, named, door)
    _options(frame, named, request, door)
    door.close()
    flag = _two_valued(frame[treated], treated, door)
    _labels(frame, unit, door)
    for name in named["covariates"]:
        _usable(frame[name], name, door)
    door.close()
    keep, flow, notes = _complete(frame, flag, named, request)
    kept = frame if keep.all() else frame[keep]
    _groups(flag[keep] == 1, door)
    survey = _survey(kept[weights], weights, door) if weights else None
    door.close()
    made = _matrices(kept, named["covariates"], notes)
    return Study(
        frame=frame.copy(deep=False),
        rows=np.flatnonzero(keep),
        treated=flag[keep] == 1,
        covariates=tuple(named["covariates"]),
        block=_codes(kept, list(request.exact)) if request.exact else np.zeros(len(kept), dtype=np.int64),
        weights=survey,
        cluster=_codes(kept, [cluster]) if cluster else None,
        cluster_name=cluster or "",
        treated_name=treated,
        flow=tuple(flow),
        notes=tuple(notes),
        **made,
    )


def _columns(frame: Any, named: dict[str, list[str]], door: Door) -> None:
    if not isinstance(frame, pd.DataFrame):
        door.refuse("frame", f"found {type(frame).__name__}", "a pandas DataFrame", "Pass a DataFrame.")
        door.close()
    if not frame.columns.is_unique:
        twice = listed(dict.fromkeys(frame.columns[frame.columns.duplicated()]))
        door.refuse("frame", f"more than one column is named {twice}", "each name once", "Rename or drop one.")
        door.close()
    for argument, columns in named.items():
        for column in columns:
            if column not in frame.columns:
                near = did_you_mean(str(column), map(str, frame.columns))
                door.refuse(argument, f"no column {column!r}", f"columns: {listed(frame.columns)}", near)
    if not named["covariates"]:
        door.refuse("covariates", "none given", "at least one column", "Name what is known before treatment.")
    if named["treated"][0] in named["covariates"]:
        found = f"hold the treated column {named['treated'][0]!r}"
        door.refuse("covariates", found, "columns known before treatment", "Take it out.")


def _options(frame: pd.DataFrame, named: dict[str, list[str]], request: Request, door: Door) -> None:
    """Names inside options: calipers and coarsening."""
    known = {"distance", "score", "logit", *map(str, frame.columns)}
    for name in request.calipers:
        if name not in known:
            allowed = "score, logit or a numeric column"
            door.refuse("caliper", f"no column {name!r}", allowed, did_you_mean(name, known))
        elif name in frame.columns and not pd.api.types.is_numeric_dtype(frame[name]):
            door.refuse("caliper", f"{name!r} is not numeric", "a numeric column", "Use exact instead.")
    for name in request.options.bins:
        if name not in named["covariates"]:
            near = did_you_mean(name, named["covariates"])
            door.refuse("options.bins", f"{name!r} is not a covariate", f"allowed: {listed(named['covariates'])}", near)


def _two_valued(column: pd.Series, name: str, door: Door) -> NDArray[np.int8]:
    """1 treated, 0 comparison, -1 missing."""
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        gone = np.isnan(values)
        if not np.isin(values[~gone], (0.0, 1.0)).all():
            door.refuse(
                "treated",
                f"{name!r} holds {column.nunique()} different values",
                "0/1, True/False or Yes/No",
                "Make a column with 1 for treated and 0 for comparison records.",
            )
            return np.zeros(len(column), dtype=np.int8)
        return np.where(gone, -1, values).astype(np.int8)
    words = column.astype("string").str.strip().str.lower()
    flag = np.where(words.isin(_YES), 1, np.where(words.isin(_NO), 0, -1)).astype(np.int8)
    if ((flag < 0) & column.notna().to_numpy()).any():
        door.refuse(
            "treated",
            f"{name!r} holds {words.nunique()} words other than yes and no",
            "0/1, True/False or Yes/No",
            "Make a column with 1 for treated and 0 for comparison records.",
        )
    return flag


def _labels(frame: pd.DataFrame, unit: str | None, door: Door) -> None:
    twice = (
        int(frame[unit].duplicated().sum())
        if unit
        else (0 if frame.index.is_unique else int(frame.index.duplicated().sum()))
    )
    if twice:
        where = f"unit {unit!r}" if unit else "the frame's index"
        door.refuse(
            "unit" if unit else "frame",
            f"{twice} repeated ids in {where}",
            "one row for each record",
            "Keep one row a record, or call reset_index() if the index means nothing.",
        )


def _usable(column: pd.Series, name: str, door: Door) -> None:
    if column.isna().all():
        door.refuse("covariates", f"{name!r} has no value at all", "", "Leave it out.")
    elif pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        low, high = np.nanmin(values), np.nanmax(values)
        if not (np.isfinite(low) and np.isfinite(high)):
            door.refuse(
                "covariates",
                f"{name!r} holds infinite values",
                "finite numbers",
                "Set them to missing or correct them.",
            )
        elif low == high:
            door.refuse("covariates", f"{name!r} is constant", "a column that varies", "Leave it out.")
    elif (levels := column.nunique()) < 2:
        door.refuse("covariates", f"{name!r} is constant", "a column that varies", "Leave it out.")
    elif levels > LEVELS:
        found, cure = (
            f"{name!r} is not numeric and holds {levels} different labels",
            "Group an id or a date, or leave it out.",
        )
        door.refuse("covariates", found, f"numbers, or up to {LEVELS} labels", cure)


def _complete(
    frame: pd.DataFrame, flag: NDArray[np.int8], named: dict[str, list[str]], request: Request
) -> tuple[Flags, list[FlowStep], list[NotComputed]]:
    """Which rows are kept, the counts of those that are not, and what to say about them."""
    flow = [FlowStep(label="read", n_rows=len(frame), n_units=len(frame))]
    notes: list[NotComputed] = []
    keep = flag >= 0
    if not keep.all():
        flow.append(
            FlowStep(
                label="treatment known",
                n_rows=int(keep.sum()),
                n_units=int(keep.sum()),
                note=f"{int((~keep).sum())} records without a treatment status left out",
            )
        )
    must = [
        *named["exact"],
        *named["antiexact"],
        *named["weights"],
        *named["cluster"],
        *set(request.calipers) & set(frame.columns),
    ]
    if request.options.missing == "complete-case":
        must += named["covariates"]
    gaps = {name: frame[name].isna().to_numpy() for name in dict.fromkeys(must)}
    whole = keep.copy()
    for gap in gaps.values():
        whole &= ~gap
    if not whole.all() and (keep & ~whole).any():
        counts = ", ".join(f"{name} {int((gap & keep).sum())}" for name, gap in gaps.items() if (gap & keep).any())
        lost = keep & ~whole
        of_them = f"({int((flag[lost] == 1).sum())} treated): {counts}"
        said = f"{int(lost.sum())} records with something missing left out {of_them}"
        flow.append(FlowStep(label="complete cases", n_rows=int(whole.sum()), n_units=int(whole.sum()), note=said))
        notes.append(NotComputed(what="records with missing covariates", reason=said))
    return whole, flow, notes


def _groups(on: Flags, door: Door) -> None:
    if not on.any():
        door.refuse(
            "treated", "no treated record is left", "some of each", "Check the column, and what was dropped as missing."
        )
    if on.all():
        door.refuse(
            "treated",
            "no comparison record is left",
            "some of each",
            "Check the column, and what was dropped as missing.",
        )


def _matrices(frame: pd.DataFrame, covariates: list[str], notes: list[NotComputed]) -> dict[str, Any]:
    """The study's ``x`` (first levels out, dependent columns out), ``terms`` (all levels), their names and kinds."""
    if all(pd.api.types.is_numeric_dtype(frame[name]) and not frame[name].hasnans for name in covariates):
        terms = frame[covariates].to_numpy(dtype=float)
        score, shown = list(covariates), list(covariates)
        x = terms
    else:
        columns = [_column(frame[name], name) for name in covariates]
        score = [name for first, _ in columns for name in first]
        shown = [name for _, second in columns for name in second]
        x = np.column_stack([values for first, _ in columns for values in first.values()])
        terms = np.column_stack([values for _, second in columns for values in second.values()])
    kept = _independent(x)
    if gone := [name for j, name in enumerate(score) if j not in set(kept)]:
        reason = "a linear combination of the other covariates, so left out of the score"
        notes.append(NotComputed(what=f"coefficient of {listed(gone)}", reason=reason))
        x = x[:, kept]
    names = tuple(score[j] for j in kept)
    return {"x": x, "x_names": names, "terms": terms, "term_names": tuple(shown), "binary": _two_values(terms)}


def _column(column: pd.Series, name: str) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Score columns and balance terms of one covariate; gaps are filled with the mean and get an indicator."""
    gap = column.isna().to_numpy()
    marker = {f"{name} missing": gap.astype(float)} if gap.any() else {}
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        values = np.where(gap, np.nanmean(values), values) if gap.any() else values
        return {name: values, **marker}, {name: values, **marker}
    text = column.astype("string")
    levels = sorted(text.dropna().unique())
    made = {f"{name}={level}": (text == level).fillna(value=False).to_numpy(dtype=float) for level in levels}
    first = {key: values for key, values in made.items() if key != f"{name}={levels[0]}"}
    return {**first, **marker}, {**(first if len(levels) == 2 else made), **marker}


def _two_values(x: Floats) -> Flags:
    """Columns that hold two values only, the first row's and one other."""
    low, high = x.min(axis=0), x.max(axis=0)
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


def _survey(column: pd.Series, name: str, door: Door) -> Floats | None:
    if not pd.api.types.is_numeric_dtype(column):
        door.refuse("weights", f"{name!r} is not numeric", "numbers from 0", "Correct the column.")
        return None
    values = column.to_numpy(dtype=float)
    if not np.isfinite(values).all() or (values < 0).any() or not (values > 0).any():
        door.refuse(
            "weights",
            f"{name!r} holds negative or infinite values, or zeros only",
            "numbers from 0",
            "Correct the column.",
        )
    return values


def _codes(frame: pd.DataFrame, columns: list[str]) -> NDArray[np.int64]:
    if len(columns) == 1:
        return np.asarray(pd.factorize(frame[columns[0]], sort=True)[0], dtype=np.int64)
    return np.asarray(frame.groupby(columns, sort=True, observed=True).ngroup().to_numpy(), dtype=np.int64)
