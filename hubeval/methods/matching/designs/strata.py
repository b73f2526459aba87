"""Designs by cells: exact, coarsened exact, and subclasses of the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Problem
from hubeval.methods.matching.designs.distance import coordinates
from hubeval.methods.matching.designs.kernels import no_limits
from hubeval.methods.matching.designs.space import match_in_space
from hubeval.methods.matching.designs.weights import from_strata
from hubeval.methods.matching.door.study import Links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.door.options import Request
    from hubeval.methods.matching.door.study import Score, Study

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


def match_cells(study: Study, score: Score | None, request: Request, usable: Flags) -> Links:
    """Exact, coarsened exact (Iacus, King & Porro 2012) or subclass matching, by `request.method`."""
    if request.method == "subclass":
        assert score is not None
        code = _subclasses(study, score, request, usable)
    else:
        columns = [_coarse(study, name, request) for name in study.covariates]
        code = _cell_codes(columns)
    code = _both_groups(study.treated, np.where(usable, code, -1))
    if (code < 0).all():
        raise BadInput(
            [
                Problem(
                    "covariates",
                    "no cell holds both treated and comparison records",
                    "at least one",
                    "Coarsen more, or use fewer covariates.",
                )
            ]
        )
    if request.options.one_to_one:
        return _thinned(study, code, request)
    return Links(
        treated=_none(),
        comparison=_none(),
        distance=np.empty(0),
        stratum=code,
        weights=from_strata(study.treated, code, request.estimand, study.weights),
    )


def sturges(n: int) -> int:
    """Sturges' number of bins for `n` values.

    Examples
    --------
    >>> sturges(614)
    11
    """
    return int(np.ceil(np.log2(n) + 1))


def _coarse(study: Study, name: str, request: Request) -> Ints:
    """Bin of each record on one covariate: text as it is, numbers cut as asked or into Sturges' equal bins."""
    column = study.frame[name].iloc[study.rows]
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    bins = request.options.bins.get(name, sturges(study.n))
    if request.method == "exact" or not numeric or bins == 0:
        return pd.factorize(column, sort=True, use_na_sentinel=False)[0].astype(np.int64)
    values = column.to_numpy(dtype=float, na_value=np.nan)
    gap = np.isnan(values)
    if isinstance(bins, int):
        edges = np.linspace(values[~gap].min(), values[~gap].max(), bins + 1)[1:-1]
    else:
        edges = np.sort(np.asarray(bins, dtype=float))
    return np.where(gap, -1, np.searchsorted(edges, values, side="right")).astype(np.int64)


def _cell_codes(columns: list[Ints]) -> Ints:
    code = np.zeros(columns[0].shape[0], dtype=np.int64)
    for column in columns:
        shifted = column - column.min()
        code = np.unique(code * (shifted.max() + 1) + shifted, return_inverse=True)[1]
    return code


def _subclasses(study: Study, score: Score, request: Request, usable: Flags) -> Ints:
    """Classes cut at quantiles of the score in the group the estimand is about, inside each exact cell."""
    group = {"ATT": study.treated, "ATC": ~study.treated}.get(request.estimand, np.ones(study.n, dtype=bool))
    share = np.linspace(0, 1, request.options.subclasses + 1)
    edges = np.quantile(score.value[group & usable], share)[1:-1]
    code = np.searchsorted(edges, score.value, side="right")
    code = _scooted(code, score.value, study.treated, usable, request.options.subclasses)
    return _cell_codes([code.astype(np.int64), study.block])


def _scooted(code: Ints, value: Floats, treated: Flags, usable: Flags, classes: int) -> Ints:
    """A class that lacks one group takes that group's nearest record, by score, from the nearest class with two."""
    code = code.copy()
    for group in (treated & usable, ~treated & usable):
        for empty in [k for k in range(classes) if not (code[group] == k).any()]:
            counts = np.bincount(code[group], minlength=classes)
            rich = np.flatnonzero(counts > 1)
            if rich.size == 0:
                raise BadInput(
                    [
                        Problem(
                            "options.subclasses",
                            f"{classes} classes cannot each hold both groups",
                            "fewer classes",
                            "Lower options.subclasses.",
                        )
                    ]
                )
            source = rich[np.abs(rich - empty).argmin()]
            there = np.flatnonzero(group & (code == source))
            code[there[np.argmin(value[there] if source > empty else -value[there])]] = empty
    return code


def _both_groups(treated: Flags, code: Ints) -> Ints:
    """Cells with both groups, renumbered; -1 elsewhere."""
    size = int(code.max()) + 1
    one = np.bincount(code[(code >= 0) & treated], minlength=size)
    two = np.bincount(code[(code >= 0) & ~treated], minlength=size)
    number = np.where((one > 0) & (two > 0), np.cumsum((one > 0) & (two > 0)) - 1, -1)
    return np.where(code >= 0, number[code], -1)


def _thinned(study: Study, code: Ints, request: Request) -> Links:
    """One to one inside each cell, nearest by Mahalanobis distance, in the order of the data."""
    z = coordinates(study.terms, study.treated, "mahalanobis")
    row = np.argsort(code, kind="stable").astype(np.int64)
    cell = code[row]
    queue = np.flatnonzero(study.treated[row] & (cell >= 0))
    free = ~study.treated[row] & (cell >= 0)
    edges = np.searchsorted(cell, np.arange(cell.max() + 2))
    one, two, distance = match_in_space(
        queue,
        np.ones(queue.size, dtype=np.int64),
        edges[cell[queue]],
        edges[cell[queue] + 1],
        z[row],
        row,
        free,
        no_limits(row.size),
        0,
    )
    stratum = np.full(study.n, -1, dtype=np.int64)
    stratum[row[one]], stratum[row[two]] = np.arange(one.size), np.arange(one.size)
    return Links(
        treated=row[one],
        comparison=row[two],
        distance=distance,
        stratum=stratum,
        weights=from_strata(study.treated, stratum, request.estimand, study.weights),
    )


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)
