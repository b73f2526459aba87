"""The door: from the caller's frame to checked arrays, every problem reported at once, everything dropped counted."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.errors import Door, did_you_mean, listed
from hubeval.methods.matching.door.covariates import counted, flaw, matrices
from hubeval.methods.matching.door.lots import lots
from hubeval.methods.matching.door.options import SCORES, SPACES
from hubeval.methods.matching.door.study import Study
from hubeval.result import FlowStep, NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.matching.door.options import Request

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

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
    _calipers(frame, request, door)
    _cells(frame, named, door)
    door.close()
    flag = _two_valued(frame[treated], treated, door)
    _labels(frame, unit, door)
    _flaws(frame, named["covariates"], door)
    survey = _survey(frame[weights], weights, door) if weights else None
    door.close()
    keep, flow, notes = _complete(frame, flag, survey, named, request)
    kept = frame if keep.all() else frame[keep]
    _groups(flag[keep] == 1, door)
    door.close()
    notes += _words_said(frame[treated], treated)
    made = matrices(kept, named["covariates"], notes)
    return Study(
        frame=frame.copy(deep=False),
        rows=np.flatnonzero(keep),
        treated=flag[keep] == 1,
        covariates=tuple(named["covariates"]),
        block=_codes(kept, list(request.exact)) if request.exact else np.zeros(len(kept), dtype=np.int64),
        weights=None if survey is None else survey[keep],
        cluster=_codes(kept, [cluster]) if cluster else None,
        cluster_name=cluster or "",
        treated_name=treated,
        flow=tuple(flow),
        notes=tuple(notes),
        lot=lots(kept, unit) if request.by_lot else None,
        **made,
    )


def _flaws(frame: pd.DataFrame, covariates: Sequence[str], door: Door) -> None:
    for name in covariates:
        if found := flaw(frame[name], name):
            door.refuse("covariates", *found)


def _columns(frame: Any, named: dict[str, list[str]], door: Door) -> None:
    if not isinstance(frame, pd.DataFrame):
        door.refuse("frame", f"found {type(frame).__name__}", "a pandas DataFrame", "Pass a DataFrame.")
        door.close()
    if not frame.columns.is_unique:
        twice = listed(dict.fromkeys(frame.columns[frame.columns.duplicated()]))
        door.refuse("frame", f"more than one column is named {twice}", "each name once", "Rename or drop one.")
        door.close()
    if frame.empty:
        door.refuse("frame", f"found {len(frame)} rows", "one row a record", "Check how it was read or filtered.")
        door.close()
    _single(named, door)
    for argument, columns in named.items():
        for column in columns:
            if column not in frame.columns:
                near = did_you_mean(str(column), map(str, frame.columns))
                door.refuse(argument, f"no column {column!r}", f"columns: {listed(frame.columns)}", near)
    if not named["covariates"]:
        door.refuse("covariates", "none given", "at least one column", "Name what is known before treatment.")
    for argument in ("covariates", "exact", "antiexact", "weights", "cluster"):
        if named["treated"][0] in named[argument]:
            verb = "hold" if argument == "covariates" else "names"
            found = f"{verb} the treated column {named['treated'][0]!r}"
            door.refuse(argument, found, "columns known before treatment", "Take it out.")


def _single(named: dict[str, list[Any]], door: Door) -> None:
    """A column is named by one name, not by a list of one."""
    for argument, columns in named.items():
        for column in columns:
            if not isinstance(column, Hashable):
                door.refuse(argument, f"found {type(column).__name__}", "one column's name", "Write it by itself.")
                door.close()


def _options(frame: pd.DataFrame, named: dict[str, list[str]], request: Request, door: Door) -> None:
    """Names inside options: the score and coarsening."""
    words = {*SCORES, *SPACES} & set(frame.columns)
    if isinstance(request.distance, str) and request.distance in words and (request.scored or request.in_space):
        found = f"{request.distance!r} is a way to make a score and a column as well"
        cure = f"Rename the column, or bring its values: distance=frame[{request.distance!r}]."
        door.refuse("distance", found, "one meaning a name", cure)
    if request.score_column == named["treated"][0]:
        door.refuse("distance", "names the treated column", "a score known before treatment", "Name another.")
    for name in request.options.bins:
        if name not in named["covariates"]:
            near = did_you_mean(str(name), map(str, named["covariates"]))
            door.refuse("options.bins", f"{name!r} is not a covariate", f"allowed: {listed(named['covariates'])}", near)
        elif name in frame.columns and not counted(frame[name]):
            cure = "Leave it out: labels are matched as they are."
            door.refuse("options.bins", f"{name!r} is not numeric", "numeric covariates", cure)


def _calipers(frame: pd.DataFrame, request: Request, door: Door) -> None:
    known = {"distance", "score", "logit", *map(str, frame.columns)}
    for name in request.calipers:
        if name not in known:
            allowed = "score, logit or a numeric column"
            door.refuse("caliper", f"no column {name!r}", allowed, did_you_mean(str(name), known))
        elif name in frame.columns and name not in {"distance", "score", "logit"}:
            if not counted(frame[name]):
                door.refuse("caliper", f"{name!r} is not numeric", "a numeric column", "Use exact instead.")
            elif wrong := flaw(frame[name], name):
                door.refuse("caliper", *wrong)


def _cells(frame: pd.DataFrame, named: dict[str, list[str]], door: Door) -> None:
    for argument in ("exact", "antiexact", "cluster"):
        for name in named[argument]:
            if name in frame.columns and frame[name].dtype == object and not _hashable(frame[name]):
                found, cure = f"{name!r} holds neither numbers nor labels", "Make labels of it."
                door.refuse(argument, found, "numbers or labels", cure)


def _hashable(column: pd.Series) -> bool:
    try:
        column.nunique()
    except TypeError:
        return False
    return True


def _two_valued(column: pd.Series, name: str, door: Door) -> NDArray[np.int8]:
    """1 treated, 0 comparison, -1 missing."""
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        gone = np.isnan(values)
        other = np.unique(values[~gone & ~np.isin(values, (0.0, 1.0))])
        if other.size:
            door.refuse(
                "treated",
                f"{name!r} holds {column.nunique()} different values, {other.size} of them neither 0 nor 1",
                "0/1, True/False or Yes/No",
                "Make a column with 1 for treated and 0 for comparison records.",
            )
            return np.zeros(len(column), dtype=np.int8)
        return np.where(gone, -1, values).astype(np.int8)
    words = column.astype("string").str.strip().str.lower()
    flag = np.where(words.isin(_YES), 1, np.where(words.isin(_NO), 0, -1)).astype(np.int8)
    if (strange := (flag < 0) & column.notna().to_numpy()).any():
        door.refuse(
            "treated",
            f"{name!r} holds {words[strange].nunique()} words other than yes and no, in {int(strange.sum())} records",
            "0/1, True/False or Yes/No",
            "Make a column with 1 for treated and 0 for comparison records.",
        )
    return flag


def _words_said(column: pd.Series, name: str) -> list[NotComputed]:
    """How a treatment written in words was read."""
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        return []
    words = set(column.astype("string").str.strip().str.lower().dropna().unique())
    if words <= {"0", "1", "0.0", "1.0", "true", "false"}:
        return []
    one, two = (listed(repr(word) for word in sorted(words & side)) for side in (_YES, _NO))
    said = f"{one} means treated and {two} means comparison, in capitals or not"
    return [NotComputed(what=f"other readings of {name!r}", reason=said)]


def _labels(frame: pd.DataFrame, unit: str | None, door: Door) -> None:
    if unit and (blank := int(frame[unit].isna().sum())):
        door.refuse("unit", f"{blank} missing ids in {unit!r}", "an id for each record", "Fill them in.")
    elif unit and (twice := int(frame[unit].duplicated().sum())):
        found = f"{twice} repeated ids in unit {unit!r}"
        door.refuse("unit", found, "one row for each record", "Keep one row a record.")
    if not frame.index.is_unique:
        found = f"{int(frame.index.duplicated().sum())} repeated ids in the frame's index"
        cure = "Keep one row a record, or call reset_index() if the index means nothing."
        door.refuse("frame", found, "one row for each record", cure)


def _complete(
    frame: pd.DataFrame, flag: NDArray[np.int8], survey: Floats | None, named: dict[str, list[str]], request: Request
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
    if survey is not None and (keep & (survey == 0)).any():
        lost = keep & (survey == 0)
        keep = keep & ~lost
        said = f"{int(lost.sum())} records with survey weight 0 left out ({int((flag[lost] == 1).sum())} treated)"
        flow.append(FlowStep(label="survey weight above 0", n_rows=int(keep.sum()), n_units=int(keep.sum()), note=said))
    own = [name for name in request.calipers if name not in {"distance", "score", "logit"}]
    must = [*named["exact"], *named["antiexact"], *named["weights"], *named["cluster"], *own]
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
        notes.append(NotComputed(what="effects on records left out", reason=said))
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


def _survey(column: pd.Series, name: str, door: Door) -> Floats | None:
    """Survey weights of every record, (rows of the frame,), NaN where missing."""
    if not counted(column):
        door.refuse("weights", f"{name!r} is not numeric", "numbers from 0", "Correct the column.")
        return None
    values = column.to_numpy(dtype=float, na_value=np.nan)
    wrong = int(((values < 0) | np.isinf(values)).sum())
    if wrong or not (values > 0).any():
        found = f"negative or infinite values, in {wrong} records" if wrong else "no value above 0"
        door.refuse("weights", f"{name!r} holds {found}", "numbers from 0", "Correct the column.")
    return np.asarray(values)


def _codes(frame: pd.DataFrame, columns: list[str]) -> NDArray[np.int64]:
    if len(columns) == 1:
        return np.asarray(pd.factorize(frame[columns[0]], sort=True)[0], dtype=np.int64)
    return np.asarray(frame.groupby(columns, sort=True, observed=True).ngroup().to_numpy(), dtype=np.int64)
