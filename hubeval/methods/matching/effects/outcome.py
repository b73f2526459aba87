"""The outcome side of a matched sample: what an estimator is given, checked once."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Door, Problem, did_you_mean, listed
from hubeval.methods.matching.door.covariates import flaw, indicators, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.matching.designs.matched import Matched

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Case:
    """An outcome with the records of a study that have it.

    Attributes
    ----------
    y : (n,) float
        NaN where missing.
    has : (n,) bool
        Records with the outcome.
    w : (n,) float
        Analysis weights; 0 where not used or the outcome is missing.
    x : (n, k) float
        Adjustment covariates.
    cluster : (n,) int or None
        Codes above the pair.
    cluster_name : str
    missing : (int, int)
        Used treated, and comparison, records that lack the outcome.
    filled : int
        Used records with an adjustment covariate missing, filled at the mean and marked.
    """

    matched: Matched
    name: str
    y: Floats
    has: Flags
    w: Floats
    x: Floats
    cluster: Ints | None
    cluster_name: str
    missing: tuple[int, int]
    filled: int = 0

    @property
    def treated(self) -> Flags:
        """The treated records."""
        return self.matched.study.treated

    @property
    def binary(self) -> bool:
        """Whether the outcome is 0/1."""
        return bool(np.isin(self.y[self.has], (0.0, 1.0)).all())


def read_case(matched: Matched, outcome: Any, covariates: Sequence[str] | None, cluster: str | None) -> Case:
    """Check an outcome against the matched frame and lay it out in the order of the study."""
    study, frame, door = matched.study, matched.study.frame, Door()
    _nameable(outcome, cluster)
    name = str(outcome.name if isinstance(outcome, pd.Series) else outcome)
    names = None if covariates is None else named(covariates, "covariates")
    above: Any = cluster
    if not isinstance(above, Hashable):
        found = f"found {type(above).__name__}"
        raise BadInput([Problem("cluster", found, "one column's name", "Write it by itself.")])
    asked = {"outcome": () if isinstance(outcome, pd.Series) else (outcome,), "covariates": names or ()}
    for argument, columns in {**asked, "cluster": (cluster,) if cluster else ()}.items():
        for column in columns:
            if column not in frame.columns:
                near = did_you_mean(str(column), map(str, frame.columns))
                door.refuse(argument, f"no column {column!r}", f"columns: {listed(frame.columns)}", near)
    door.close()
    _parts(matched, name, names or (), cluster, door)
    door.close()
    y = _numbers(_column(frame, outcome, door), name)[study.rows]
    has, used = ~np.isnan(y), matched.links.weights > 0
    lost = int((used & study.treated & ~has).sum()), int((used & ~study.treated & ~has).sum())
    _enough(y, has & used, study.treated, name, lost)
    above = cluster or study.cluster_name
    codes = study.cluster if cluster is None else pd.factorize(frame[cluster].iloc[study.rows])[0].astype(np.int64)
    if codes is not None:
        _sides(codes, used & has, study.treated, above, door)
    door.close()
    x, gap = (study.x, ~has & has) if names is None else indicators(frame.iloc[study.rows], names)
    return Case(
        matched=matched,
        name=name,
        y=y,
        has=has,
        w=np.where(has, matched.analysis_weights, 0.0),
        x=x,
        cluster=codes,
        cluster_name=above,
        missing=lost,
        filled=int((gap & used & has).sum()),
    )


def _nameable(outcome: Any, cluster: Any) -> None:
    for argument, given, allowed in (
        ("outcome", outcome, "a column of the frame, or a Series on its index"),
        ("cluster", cluster, "one column's name"),
    ):
        if not (isinstance(given, Hashable) or (argument == "outcome" and isinstance(given, pd.Series))):
            raise BadInput([Problem(argument, f"found {type(given).__name__}", allowed, "Name the column.")])


def _parts(matched: Matched, name: str, names: Sequence[str], cluster: str | None, door: Door) -> None:
    """A column has one part: an outcome is neither treatment nor matched on, and nothing is adjusted for itself."""
    study, request = matched.study, matched.request
    own = {*request.calipers} - {"distance", "score", "logit"}
    on = {*study.covariates, *request.exact, *request.options.antiexact, *own, request.score_column}
    if name in on:
        cure = "Take it out of the matching."
        door.refuse("outcome", f"{name!r} was matched on", "a column seen after treatment", cure)
    if name in {study.treated_name, cluster, study.cluster_name}:
        door.refuse("outcome", f"{name!r} has another part in the design", "a column of its own", "Name the outcome.")
    for column in names:
        if column in {name, study.treated_name}:
            part = "outcome" if column == name else "treatment"
            door.refuse("covariates", f"hold the {part} {column!r}", "columns known before treatment", "Take it out.")
        elif found := flaw(study.frame[column].iloc[study.rows], column):
            door.refuse("covariates", *found)
    if cluster == study.treated_name:
        door.refuse("cluster", f"names the treated column {cluster!r}", "what stands above records", "Name the hub.")


def _column(frame: pd.DataFrame, outcome: Any, door: Door) -> pd.Series:
    """The outcome's column, laid on the frame's index where it was given apart."""
    if not isinstance(outcome, pd.Series):
        column: pd.Series = frame[outcome]
        return column
    if not outcome.index.is_unique:
        twice = int(outcome.index.duplicated().sum())
        door.refuse("outcome", f"{twice} repeated ids in the Series' index", "one value a record", "Keep one of each.")
    elif not (known := outcome.index.isin(frame.index)).all():
        found = f"{int((~known).sum())} of {len(outcome)} ids are not in the matched frame"
        door.refuse("outcome", found, "a Series on the frame's index", "Set its index, or name a column.")
    door.close()
    return outcome.reindex(frame.index)


def _enough(y: Floats, kept: Flags, treated: Flags, name: str, lost: tuple[int, int]) -> None:
    """Two records a side, and an outcome that varies: without them there is no error to be had."""
    one, two = int((kept & treated).sum()), int((kept & ~treated).sum())
    if min(one, two) == 0 and max(lost):
        raise BadInput([_unusable(name, "is missing for everyone in one of the groups")])
    if min(one, two) < 2:
        found = f"{one} treated and {two} comparison records used have {name!r}"
        cure = "Match more, or report the records without an error."
        raise BadInput([Problem("outcome", found, "at least 2 of each, for an error", cure)])
    if (y[kept] == y[kept][0]).all():
        found = f"{name!r} is the same for all {one + two} records used"
        raise BadInput([Problem("outcome", found, "a column that varies", "There is nothing to estimate.")])


def _sides(codes: Ints, used: Flags, treated: Flags, name: str, door: Door) -> None:
    """Clusters on each side: from a single one nothing is learned of how clusters differ."""
    if blank := int((used & (codes < 0)).sum()):
        door.refuse("cluster", f"{blank} records used have no {name!r}", "one for each", "Fill it, or leave it out.")
    one, two = (int(np.unique(codes[used & side]).size) for side in (treated, ~treated))
    if min(one, two) < 2:
        found = f"treated records used stand in {one} and comparison records in {two} clusters of {name!r}"
        cure = "Leave it out, and say that the error does not allow for it."
        door.refuse("cluster", found, "at least 2 of each, and better 20", cure)


def _numbers(column: pd.Series, name: str) -> Floats:
    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        raise BadInput([_unusable(name, "is not numeric")])
    values = column.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise BadInput([_unusable(name, "holds infinite values")])
    return np.asarray(values)


def _unusable(name: str, found: str) -> Problem:
    return Problem("outcome", f"{name!r} {found}", "finite numbers, or 0/1", "Correct the column.")
