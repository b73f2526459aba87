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

_YES = {"yes", "y", "true", "1", "treated"}
_NO = {"no", "n", "false", "0", "control", "comparison"}


def read_study(
    frame: pd.DataFrame, treated: str, covariates: Sequence[str], request: Request, door: Door, *,
    weights: str | None = None, cluster: str | None = None, unit: str | None = None,
) -> Study:
    """Check `frame` and turn it into a `Study`.

    Raises
    ------
    BadInput
        Every problem found, together with whatever `door` already holds.
    """
    named = {"treated": [treated], "covariates": list(covariates), "exact": list(request.exact),
             "antiexact": list(request.options.antiexact), "weights": [weights] if weights else [],
             "cluster": [cluster] if cluster else [], "unit": [unit] if unit else []}
    _columns(frame, named, treated, request, door)
    door.close()
    flag = _two_valued(frame[treated], treated, door)
    _labels(frame, unit, door)
    for name in dict.fromkeys(covariates):
        _usable(frame[name], name, door)
    door.close()
    keep, flow, notes = _complete(frame, flag, named, request)
    kept = frame if keep.all() else frame[keep]
    on = flag[keep] == 1
    _groups(on, door)
    x, x_names, terms, term_names, extra = _matrices(kept, list(dict.fromkeys(covariates)))
    survey = _survey(kept[weights], weights, door) if weights else None
    codes = _codes(kept, [cluster]) if cluster else None
    block = _codes(kept, list(request.exact)) if request.exact else np.zeros(len(kept), dtype=np.int64)
    door.close()
    independent = _independent(x)
    gone = [x_names[j] for j in range(len(x_names)) if j not in set(independent)]
    if gone:
        notes.append(NotComputed(what=f"coefficient of {listed(gone)}",
                                 reason="a linear combination of the other covariates, so left out of the score"))
        x, x_names = x[:, independent], tuple(x_names[j] for j in independent)
    return Study(
        frame=frame.copy(deep=False), rows=np.flatnonzero(keep), treated=on, covariates=tuple(dict.fromkeys(covariates)),
        x=x, x_names=x_names, terms=terms, term_names=term_names, binary=extra, block=block, weights=survey,
        cluster=codes, cluster_name=cluster or "", treated_name=treated, flow=tuple(flow), notes=tuple(notes))


def _columns(frame: Any, named: dict[str, list[str]], treated: str, request: Request, door: Door) -> None:
    if not isinstance(frame, pd.DataFrame):
        door.refuse("frame", f"found {type(frame).__name__}", "a pandas DataFrame", "Pass a DataFrame.")
        door.close()
    if not named["covariates"]:
        door.refuse("covariates", "none given", "at least one column", "Name what is known before treatment.")
    for argument, columns in named.items():
        for column in columns:
            if column not in frame.columns:
                door.refuse(argument, f"no column {column!r}", f"columns: {listed(frame.columns)}",
                            did_you_mean(str(column), map(str, frame.columns)))
    if treated in named["covariates"]:
        door.refuse("covariates", f"hold the treated column {treated!r}", "columns known before treatment", "Take it out.")
    known = {"distance", "score", "logit", *map(str, frame.columns)}
    for name in request.calipers:
        if name not in known:
            door.refuse("caliper", f"no column {name!r}", "score, logit or a numeric column", did_you_mean(name, known))
        elif name in frame.columns and not pd.api.types.is_numeric_dtype(frame[name]):
            door.refuse("caliper", f"{name!r} is not numeric", "a numeric column", "Use exact instead.")
    for name in request.options.bins:
        if name not in named["covariates"]:
            door.refuse("options.bins", f"{name!r} is not a covariate", f"covariates: {listed(named['covariates'])}",
                        did_you_mean(name, named["covariates"]))


def _two_valued(column: pd.Series, name: str, door: Door) -> NDArray[np.int8]:
    """1 treated, 0 comparison, -1 missing."""
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        gone = np.isnan(values)
        if not np.isin(values[~gone], (0.0, 1.0)).all():
            door.refuse("treated", f"{name!r} holds {column.nunique()} different values", "0/1, True/False or Yes/No",
                        "Make a column with 1 for treated and 0 for comparison records.")
            return np.zeros(len(column), dtype=np.int8)
        return np.where(gone, -1, values).astype(np.int8)
    words = column.astype("string").str.strip().str.lower()
    flag = np.where(words.isin(_YES), 1, np.where(words.isin(_NO), 0, -1)).astype(np.int8)
    if ((flag < 0) & column.notna().to_numpy()).any():
        door.refuse("treated", f"{name!r} holds {words.nunique()} words other than yes and no",
                    "0/1, True/False or Yes/No", "Make a column with 1 for treated and 0 for comparison records.")
    return flag


def _labels(frame: pd.DataFrame, unit: str | None, door: Door) -> None:
    twice = int(frame[unit].duplicated().sum()) if unit else (0 if frame.index.is_unique else int(frame.index.duplicated().sum()))
    if twice:
        where = f"unit {unit!r}" if unit else "the frame's index"
        door.refuse("unit" if unit else "frame", f"{twice} repeated ids in {where}", "one row for each record",
                    "Keep one row a record, or call reset_index() if the index means nothing.")


def _usable(column: pd.Series, name: str, door: Door) -> None:
    if column.isna().all():
        door.refuse("covariates", f"{name!r} has no value at all", "", "Leave it out.")
    elif pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        low, high = np.nanmin(values), np.nanmax(values)
        if not (np.isfinite(low) and np.isfinite(high)):
            door.refuse("covariates", f"{name!r} holds infinite values", "finite numbers", "Set them to missing or correct them.")
        elif low == high:
            door.refuse("covariates", f"{name!r} is constant", "a column that varies", "Leave it out.")
    elif column.dropna().nunique() < 2:
        door.refuse("covariates", f"{name!r} is constant", "a column that varies", "Leave it out.")


def _complete(
    frame: pd.DataFrame, flag: NDArray[np.int8], named: dict[str, list[str]], request: Request,
) -> tuple[Flags, list[FlowStep], list[NotComputed]]:
    """Which rows are kept, the counts of those that are not, and what to say about them."""
    flow = [FlowStep(label="read", n_rows=len(frame), n_units=len(frame))]
    notes: list[NotComputed] = []
    keep = flag >= 0
    if not keep.all():
        flow.append(FlowStep(label="treatment known", n_rows=int(keep.sum()), n_units=int(keep.sum()),
                             note=f"{int((~keep).sum())} records without a treatment status left out"))
    must = [*named["exact"], *named["antiexact"], *named["weights"], *named["cluster"], *set(request.calipers) & set(frame.columns)]
    if request.options.missing == "complete-case":
        must += named["covariates"]
    gaps = {name: frame[name].isna().to_numpy() for name in dict.fromkeys(must)}
    whole = keep.copy()
    for gap in gaps.values():
        whole &= ~gap
    if not whole.all() and (keep & ~whole).any():
        counts = ", ".join(f"{name} {int((gap & keep).sum())}" for name, gap in gaps.items() if (gap & keep).any())
        lost = keep & ~whole
        said = f"{int(lost.sum())} records with something missing left out ({int((flag[lost] == 1).sum())} treated): {counts}"
        flow.append(FlowStep(label="complete cases", n_rows=int(whole.sum()), n_units=int(whole.sum()), note=said))
        notes.append(NotComputed(what="records with missing covariates", reason=said))
    return whole, flow, notes


def _groups(on: Flags, door: Door) -> None:
    if not on.any():
        door.refuse("treated", "no treated record is left", "some of each", "Check the column, and what was dropped as missing.")
    if on.all():
        door.refuse("treated", "no comparison record is left", "some of each", "Check the column, and what was dropped as missing.")


def _matrices(
    frame: pd.DataFrame, covariates: list[str],
) -> tuple[Floats, tuple[str, ...], Floats, tuple[str, ...], Flags]:
    """Score columns (first level out), balance terms (all levels), and which terms are two-valued."""
    if all(pd.api.types.is_numeric_dtype(frame[name]) and not frame[name].hasnans for name in covariates):
        x = frame[covariates].to_numpy(dtype=float)
        return x, tuple(covariates), x, tuple(covariates), _two_values(x)
    score: list[tuple[str, Floats]] = []
    shown: list[tuple[str, Floats]] = []
    for name in covariates:
        column = frame[name]
        gap = column.isna().to_numpy()
        if pd.api.types.is_numeric_dtype(column):
            values = column.to_numpy(dtype=float, na_value=np.nan)
            values = np.where(gap, np.nanmean(values), values) if gap.any() else values
            score.append((name, values))
            shown.append((name, values))
        else:
            text = column.astype("string")
            levels = sorted(text.dropna().unique())
            dummies = [(f"{name}={level}", (text == level).fillna(False).to_numpy(dtype=float)) for level in levels]  # noqa: FBT003
            shown += dummies[1:] if len(levels) == 2 else dummies
            score += dummies[1:]
        if gap.any():
            score.append((f"{name} missing", gap.astype(float)))
            shown.append((f"{name} missing", gap.astype(float)))
    terms = np.column_stack([values for _, values in shown])
    x = np.column_stack([values for _, values in score])
    return x, tuple(n for n, _ in score), terms, tuple(n for n, _ in shown), _two_values(terms)


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
        door.refuse("weights", f"{name!r} holds negative or infinite values, or zeros only", "numbers from 0", "Correct the column.")
    return values


def _codes(frame: pd.DataFrame, columns: list[str]) -> NDArray[np.int64]:
    if len(columns) == 1:
        return pd.factorize(frame[columns[0]], sort=True)[0].astype(np.int64)
    return frame.groupby(columns, sort=True, observed=True).ngroup().to_numpy(dtype=np.int64)
