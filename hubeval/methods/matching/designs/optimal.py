"""Optimal pair and full matching: the least total distance, found exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy

from hubeval.engine.line_transport import MANY, degrees, links, stars
from hubeval.errors import BadInput, Problem
from hubeval.methods.matching.designs.distance import coordinates
from hubeval.methods.matching.designs.evened import even
from hubeval.methods.matching.designs.nearest import on_scale
from hubeval.methods.matching.designs.restricted import restricted_pairs, restricted_sets, restricts
from hubeval.methods.matching.designs.sorting import grouped, ordered
from hubeval.methods.matching.designs.weights import carried, from_strata
from hubeval.methods.matching.door.study import Links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.door.options import Request
    from hubeval.methods.matching.door.study import Score, Study

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

CELLS = 150_000_000  # largest treated x comparison table held in memory


def match_optimal(study: Study, score: Score | None, request: Request, usable: Flags) -> Links:
    """Give every focal record exactly `ratio` comparisons, each used once, at the least total distance.

    On a score the exact solution takes one pass along the line (`engine.line_transport`), at a million records in
    under a second; between covariates it is an assignment problem, solved by scipy's ``linear_sum_assignment``. Where
    calipers or anti-exact columns forbid pairs, as many as possible are made first.
    """
    focal = study.treated if request.estimand == "ATT" else ~study.treated
    if restricts(request):
        return _finished(study, request, focal, restricted_pairs(study, score, request, usable, focal))
    one, two, distance = [], [], []
    for mine, theirs, value in _blocks(study, score, request, focal, usable):
        if mine.size * request.ratio > theirs.size:
            raise BadInput(
                [
                    Problem(
                        "ratio",
                        f"{mine.size} x {request.ratio} matches asked of {theirs.size} records in one cell",
                        "no more than there are",
                        "Lower the ratio, coarsen exact, or use method='nearest' or 'full'.",
                    )
                ]
            )
        if mine.size == 0:
            continue
        if request.in_space:
            a, b, d = _assigned(value[mine], value[theirs], request.ratio)
        else:
            a, b, d = _on_line(value[mine, 0], value[theirs, 0], request.ratio, (0, 1))
        one.append(mine[a])
        two.append(theirs[b])
        distance.append(d)
    return _links(study, request, focal, np.concatenate(one), np.concatenate(two), np.concatenate(distance))


def match_full(study: Study, score: Score | None, request: Request, usable: Flags) -> Links:
    """Place every record in a set of one treated with several comparisons, or one comparison with several treated.

    The sets have the least total distance possible (Rosenbaum 1991; Hansen 2004). Records whose exact cell, or whose
    caliper, holds nobody of the other group stay unmatched.
    """
    one, two, distance = [], [], []
    if restricts(request):
        made = restricted_sets(study, score, request, usable, _bounds(request))
        return _finished(study, request, study.treated, made)
    for mine, theirs, value in _blocks(study, score, request, study.treated, usable):
        if mine.size and theirs.size:
            if request.in_space:
                a, b, d = _covered(value[mine], value[theirs])
            else:
                a, b, d = _on_line(value[mine, 0], value[theirs, 0], *_bounds(request))
            if (request.options.fewest or 1) <= 1:  # smaller sets cannot break a bound then
                a, b, d = even(value[mine], value[theirs], a, b, d)
            one.append(mine[a])
            two.append(theirs[b])
            distance.append(d)
    none = np.empty(0, dtype=np.int64)
    found = np.concatenate([none, *one]), np.concatenate([none, *two]), np.concatenate([np.empty(0), *distance])
    return _finished(study, request, study.treated, found)


def _finished(study: Study, request: Request, focal: Flags, found: tuple[Ints, Ints, Floats]) -> Links:
    """The links, unless there is none."""
    if found[0].size == 0:
        what = "caliper" if request.caliper is not None else "antiexact" if request.options.antiexact else "exact"
        raise BadInput(
            [Problem(what, "matches nobody", "at least one set", "Widen it, or look at the overlap of the scores.")]
        )
    return _links(study, request, focal, *found)


def _bounds(request: Request) -> tuple[tuple[int, int], tuple[int, int]]:
    """Fewest and most links of a treated, and of a comparison record."""
    low, high = request.options.fewest, request.options.most
    treated = (max(1, round(low or 1)), max(1, int(high)) if high else int(MANY))
    comparison = (max(1, round(1 / high)) if high else 1, max(1, round(1 / low)) if low else int(MANY))
    return treated, comparison


def _blocks(
    study: Study, score: Score | None, request: Request, focal: Flags, usable: Flags
) -> list[tuple[Ints, Ints, Floats]]:
    """Of each exact cell: focal positions, other positions, and coordinates, (n, r), of all records."""
    if request.in_space:
        assert isinstance(request.distance, str)
        value = coordinates(study.terms, study.treated, request.distance)
    else:
        assert score is not None
        value = on_scale(score, request.options.link)[:, None]
    order = np.argsort(study.block, kind="stable")
    cells = np.split(order, np.flatnonzero(np.diff(study.block[order])) + 1)
    cells = [cell[usable[cell]] for cell in cells]
    return [(cell[focal[cell]], cell[~focal[cell]], value) for cell in cells]


def _on_line(
    mine: Floats, theirs: Floats, for_mine: int | tuple[int, int], for_theirs: tuple[int, int]
) -> tuple[Ints, Ints, Floats]:
    """Links (indices into `mine` and `theirs`) of least total distance with degrees inside the bounds."""
    first = (for_mine, for_mine) if isinstance(for_mine, int) else for_mine
    value = np.concatenate([mine, theirs])
    row, s = ordered(value)
    supply = np.where(row < mine.size, 1, -1).astype(np.int64)
    low = np.where(supply > 0, first[0], for_theirs[0]).astype(np.int64)
    high = np.where(supply > 0, first[1], for_theirs[1]).astype(np.int64)
    degree, feasible = degrees(np.diff(s), supply, low, high)
    if not feasible:
        raise BadInput(
            [
                Problem(
                    "options.fewest/most",
                    f"cannot be met with {mine.size} treated and {theirs.size} comparison records",
                    "bounds that the counts allow",
                    "Lower fewest or raise most.",
                )
            ]
        )
    one, two = links(supply, degree)
    if for_theirs[0] > 0:
        keep = stars(one, two, s.size)
        one, two = one[keep], two[keep]
    return row[one], row[two] - mine.size, np.abs(s[one] - s[two])


def _assigned(mine: Floats, theirs: Floats, ratio: int) -> tuple[Ints, Ints, Floats]:
    cost = _table(mine, theirs, ratio)
    one, two = scipy.optimize.linear_sum_assignment(np.repeat(cost, ratio, axis=0))
    return one // ratio, two, cost[one // ratio, two]


def _covered(mine: Floats, theirs: Floats) -> tuple[Ints, Ints, Floats]:
    """The cheapest set of links that leaves nobody out: pair where a pair saves, and send the rest to their nearest."""
    cost = _table(mine, theirs, 1)
    best_mine, best_theirs = cost.min(axis=1), cost.min(axis=0)
    saving = np.maximum(best_mine[:, None] + best_theirs[None, :] - cost, 0)
    one, two = scipy.optimize.linear_sum_assignment(saving, maximize=True)
    real = saving[one, two] > 0
    one, two = one[real], two[real]
    lone = np.setdiff1d(np.arange(mine.shape[0]), one)
    left = np.setdiff1d(np.arange(theirs.shape[0]), two)
    one = np.concatenate([one, lone, cost[:, left].argmin(axis=0)])
    two = np.concatenate([two, cost[lone].argmin(axis=1), left])
    keep = stars(one.astype(np.int64), two.astype(np.int64) + mine.shape[0], mine.shape[0] + theirs.shape[0])
    one, two = one[keep], two[keep]
    return one, two, cost[one, two]


def _table(mine: Floats, theirs: Floats, copies: int) -> Floats:
    if mine.shape[0] * theirs.shape[0] * copies > CELLS:
        raise BadInput(
            [
                Problem(
                    "distance",
                    f"{mine.shape[0]:,} x {theirs.shape[0]:,} covariate distances do not fit in memory",
                    f"up to {CELLS:,}",
                    "Match on a score, add exact cells, or use method='nearest'.",
                )
            ]
        )
    return np.asarray(scipy.spatial.distance.cdist(mine, theirs))


def _links(study: Study, request: Request, focal: Flags, one: Ints, two: Ints, distance: Floats) -> Links:
    """Number the sets by their centre: whichever side of a link has others."""
    count = np.bincount(np.concatenate([one, two]), minlength=study.n)
    centre = np.where(count[one] > 1, one, two)
    named = np.zeros(study.n, dtype=np.int64)
    named[centre] = 1
    number = (np.cumsum(named) - 1)[centre]
    order = grouped(np.arange(number.size), number)
    one, two, distance, number = one[order], two[order], distance[order], number[order]
    stratum = np.full(study.n, -1, dtype=np.int64)
    stratum[one], stratum[two] = number, number
    treated, comparison = (one, two) if focal is study.treated else (two, one)
    return Links(
        treated=treated,
        comparison=comparison,
        distance=distance,
        stratum=stratum,
        weights=from_strata(study.treated, stratum, request.estimand, carried(study.terms, study.weights, stratum)),
    )
