"""The outcome side of a matched sample: what an estimator is given, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Door, Problem, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hubeval.methods.matching.matched import Matched

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
    missing : int
        Used records that lack the outcome.
    """

    matched: Matched
    name: str
    y: Floats
    has: Flags
    w: Floats
    x: Floats
    cluster: Ints | None
    cluster_name: str
    missing: int

    @property
    def treated(self) -> Flags:
        """The treated records."""
        return self.matched.study.treated

    @property
    def binary(self) -> bool:
        """Whether the outcome is 0/1."""
        return bool(np.isin(self.y[self.has], (0.0, 1.0)).all())


def read_case(
    matched: Matched, outcome: str | pd.Series, covariates: Sequence[str] | None, cluster: str | None
) -> Case:
    """Check an outcome against the matched frame and lay it out in the order of the study."""
    study, frame, door = matched.study, matched.study.frame, Door()
    name = str(outcome.name if isinstance(outcome, pd.Series) else outcome)
    asked = {"outcome": () if isinstance(outcome, pd.Series) else (name,), "covariates": covariates or ()}
    for argument, columns in {**asked, "cluster": (cluster,) if cluster else ()}.items():
        for column in columns:
            if column not in frame.columns:
                near = did_you_mean(column, map(str, frame.columns))
                door.refuse(argument, f"no column {column!r}", f"columns: {listed(frame.columns)}", near)
    if name in study.covariates:
        cure = "Take it out of the covariates."
        door.refuse("outcome", f"{name!r} was matched on", "a column seen after treatment", cure)
    door.close()
    y = _numbers(outcome.reindex(frame.index) if isinstance(outcome, pd.Series) else frame[outcome], name)[study.rows]
    has, used = ~np.isnan(y), matched.links.weights > 0
    if not (has & used & study.treated).any() or not (has & used & ~study.treated).any():
        raise BadInput([_unusable(name, "is missing for everyone in one of the groups")])
    codes = study.cluster
    if cluster is not None:
        codes = pd.factorize(frame[cluster].iloc[study.rows], use_na_sentinel=False)[0].astype(np.int64)
    return Case(
        matched=matched,
        name=name,
        y=y,
        has=has,
        w=np.where(has, matched.analysis_weights, 0.0),
        x=study.x if covariates is None else _adjustment(frame.iloc[study.rows], list(covariates)),
        cluster=codes,
        cluster_name=cluster or study.cluster_name,
        missing=int((used & ~has).sum()),
    )


def _numbers(column: pd.Series, name: str) -> Floats:
    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        raise BadInput([_unusable(name, "is not numeric")])
    values = column.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise BadInput([_unusable(name, "holds infinite values")])
    return np.asarray(values)


def _adjustment(frame: pd.DataFrame, names: list[str]) -> Floats:
    """Columns to adjust for: text as indicators, gaps at the mean."""
    if not names:
        return np.zeros((len(frame), 0))
    values = pd.get_dummies(frame[names], drop_first=True, dtype=float).to_numpy(dtype=float)
    return np.where(np.isnan(values), np.nanmean(values, axis=0), values)


def _unusable(name: str, found: str) -> Problem:
    return Problem("outcome", f"{name!r} {found}", "finite numbers, or 0/1", "Correct the column.")
