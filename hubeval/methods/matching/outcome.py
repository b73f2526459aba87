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


@dataclass(frozen=True, slots=True, kw_only=True)
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


def read_case(matched: Matched, outcome: str | pd.Series, covariates: Sequence[str] | None, cluster: str | None) -> Case:
    """Check an outcome against the matched frame and lay it out in the order of the study."""
    study, door = matched.study, Door()
    frame = study.frame
    column = outcome if isinstance(outcome, pd.Series) else frame.get(outcome)
    name = str(outcome.name if isinstance(outcome, pd.Series) else outcome)
    if column is None:
        door.refuse("outcome", f"no column {name!r}", f"columns: {listed(frame.columns)}", did_you_mean(name, map(str, frame.columns)))
    for extra in covariates or ():
        if extra not in frame.columns:
            door.refuse("covariates", f"no column {extra!r}", f"columns: {listed(frame.columns)}",
                        did_you_mean(extra, map(str, frame.columns)))
    if cluster is not None and cluster not in frame.columns:
        door.refuse("cluster", f"no column {cluster!r}", f"columns: {listed(frame.columns)}", did_you_mean(cluster, map(str, frame.columns)))
    if name in study.covariates:
        door.refuse("outcome", f"{name!r} was matched on", "a column seen after treatment", "Take it out of the covariates.")
    door.close()
    assert column is not None
    if isinstance(outcome, pd.Series):
        column = outcome.reindex(frame.index)
    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        raise BadInput([_not_numeric(name)])
    y = column.to_numpy(dtype=float, na_value=np.nan)[study.rows]
    if np.isinf(y).any():
        raise BadInput([_not_numeric(name, "holds infinite values")])
    x, codes = study.x, study.cluster
    if covariates is not None:
        x = _columns(frame, list(covariates)).iloc[study.rows].to_numpy(dtype=float) if covariates else np.zeros((study.n, 0))
        x = np.where(np.isnan(x), np.nanmean(x, axis=0), x) if np.isnan(x).any() else x
    if cluster is not None:
        codes = pd.factorize(frame[cluster].iloc[study.rows], use_na_sentinel=False)[0].astype(np.int64)
    has = ~np.isnan(y)
    used = matched.links.weights > 0
    if not (has & used & study.treated).any() or not (has & used & ~study.treated).any():
        raise BadInput([_not_numeric(name, "is missing for everyone in one of the groups")])
    return Case(matched=matched, name=name, y=y, has=has, w=np.where(has, matched.analysis_weights, 0.0), x=x, cluster=codes,
                cluster_name=cluster or study.cluster_name, missing=int((used & ~has).sum()))


def _columns(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return pd.get_dummies(frame[names], drop_first=True, dtype=float)


def _not_numeric(name: str, found: str = "is not numeric") -> Problem:
    return Problem("outcome", f"{name!r} {found}", "finite numbers, or 0/1", "Correct the column.")
