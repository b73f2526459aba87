"""Optimal pairs and full sets among the pairs that calipers and anti-exact columns leave, or within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import scipy

from hubeval.engine.line_transport import stars
from hubeval.errors import BadInput, Problem
from hubeval.methods.matching.designs.distance import coordinates
from hubeval.methods.matching.designs.line import lay_out
from hubeval.methods.matching.designs.nearest import caliper_widths, on_scale, windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.door.options import Request
    from hubeval.methods.matching.door.study import Score, Study

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Edges = tuple[Ints, Ints, Floats]

PAIRS = 20_000_000  # pairs inside the calipers that are held in memory
BOUNDED = 1_000_000  # pairs that a linear programme is asked about
CHUNK = 1_000_000
BEND = 1e-8  # share by which long distances count for more, so that of equal totals one is chosen


def restricts(request: Request) -> bool:
    """Whether some pairs are not allowed, or sets have bounds that a line alone does not solve."""
    bounded = request.options.fewest is not None or request.options.most is not None
    return bool(request.calipers or request.options.antiexact) or (
        bounded and (request.in_space or request.method == "optimal")
    )


def restricted_pairs(study: Study, score: Score | None, request: Request, usable: Flags, focal: Flags) -> Edges:
    """As many pairs as possible, up to `ratio` for each focal record; of those, the least total distance."""
    edges = allowed_pairs(study, score, request, usable, focal)
    if not edges[0].size:
        return edges
    options = request.options
    if options.fewest is not None or options.most is not None:
        low, high = int(options.fewest or 1), int(options.most or request.ratio)
        total = request.ratio * np.unique(edges[0]).size
        return _bounded(edges, (low, high), (0, 1), total)
    one, two, cost = edges
    rows, row_of = np.unique(one, return_inverse=True)
    columns, column_of = np.unique(two, return_inverse=True)
    bent = _bent(cost)
    copies = np.arange(request.ratio)[:, None] * rows.size
    # a row that stays alone takes a column of its own, which costs more than all the distances there are
    alone = float(bent.max()) * rows.size * request.ratio + 2
    a, b = _assign(
        (copies + row_of).ravel(),
        np.tile(column_of, request.ratio),
        np.tile(bent + 1, request.ratio),
        np.full(rows.size * request.ratio, alone),
    )
    return _priced(edges, rows[a % rows.size], columns[b], study.n)


def restricted_sets(
    study: Study,
    score: Score | None,
    request: Request,
    usable: Flags,
    bounds: tuple[tuple[int, int], tuple[int, int]],
) -> Edges:
    """Sets that leave out nobody who has an allowed partner, at the least total distance."""
    edges = allowed_pairs(study, score, request, usable, study.treated)
    if not edges[0].size:
        return edges
    if request.options.fewest is not None or request.options.most is not None:
        one, two, cost = _bounded(edges, *bounds)
    else:
        one, two, cost = _cover(edges, study.n)
    keep = stars(one, two, study.n)
    return one[keep], two[keep], cost[keep]


def allowed_pairs(study: Study, score: Score | None, request: Request, usable: Flags, focal: Flags) -> Edges:
    """Every (focal, other) pair, in positions of the study, inside all calipers and cells; with its distance."""
    value = None
    if not request.in_space:
        assert score is not None
        value = on_scale(score, request.options.link)
    widths = caliper_widths(study, score, request, value)
    reach = widths.pop("distance")[1] if request.in_space and "distance" in widths else np.inf
    one, two = _inside(study, widths, usable, focal)
    for on, width in widths.values():
        near = np.abs(on[one] - on[two]) <= width
        one, two = one[near], two[near]
    for name in request.options.antiexact:
        code = pd.factorize(study.frame[name])[0][study.rows]
        apart = code[one] != code[two]
        one, two = one[apart], two[apart]
    if value is not None:
        return one, two, np.abs(value[one] - value[two])
    assert isinstance(request.distance, str)
    z = coordinates(study.terms, study.treated, request.distance)
    cost = np.empty(one.size)
    for start in range(0, one.size, CHUNK):
        part = slice(start, start + CHUNK)
        cost[part] = np.sqrt(((z[one[part]] - z[two[part]]) ** 2).sum(axis=1))
    near = cost <= reach
    return one[near], two[near], cost[near]


def _inside(study: Study, widths: dict[str, tuple[Floats, float]], usable: Flags, focal: Flags) -> tuple[Ints, Ints]:
    """Pairs within exact cells, and within whichever caliper leaves fewest."""
    best = None
    for on, width in [*widths.values()] or [(np.zeros(study.n), np.inf)]:
        line = lay_out(study, on, focal, usable)
        queue = np.flatnonzero(line.focal)
        start, stop = windows(line, queue, width * (1 + 1e-9))  # the edge itself is judged later, to the last digit
        if best is None or int((stop - start).sum()) < best[0]:
            best = int((stop - start).sum()), line, queue, start, stop
    assert best is not None
    total, line, queue, start, stop = best
    if total > PAIRS:
        found, cure = f"{total:,} pairs lie inside it", "Narrow it, add exact cells, or use method='nearest'."
        raise BadInput([Problem("caliper" if widths else "distance", found, f"up to {PAIRS:,}", cure)])
    sizes = stop - start
    mine = np.repeat(queue, sizes)
    theirs = np.arange(total) - np.repeat(np.r_[0, np.cumsum(sizes)[:-1]] - start, sizes)
    ok = line.free[theirs]
    return line.row[mine[ok]].astype(np.int64), line.row[theirs[ok]].astype(np.int64)


def _assign(row: Ints, column: Ints, cost: Floats, alone: Floats) -> tuple[Ints, Ints]:
    """Cheapest assignment of every row to a column, or to being `alone`; the rows that are not, with their columns."""
    n_columns = int(column.max()) + 1
    own = np.arange(alone.size)
    table = scipy.sparse.csr_array((np.r_[cost, alone], (np.r_[row, own], np.r_[column, n_columns + own])))
    a, b = (side.astype(np.int64) for side in scipy.sparse.csgraph.min_weight_full_bipartite_matching(table))
    real = b < n_columns
    return a[real], b[real]


def _cover(edges: Edges, n: int) -> Edges:
    """The cheapest links that leave nobody out: pair where a pair saves, and send the rest to their nearest."""
    mine, theirs, cost = edges[0], edges[1], _bent(edges[2])
    near = np.full(n, np.inf)
    np.minimum.at(near, mine, cost)
    np.minimum.at(near, theirs, cost)
    saving = near[mine] + near[theirs] - cost
    gain = saving > 0
    one, two = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    if gain.any():
        rows, row_of = np.unique(mine[gain], return_inverse=True)
        columns, column_of = np.unique(theirs[gain], return_inverse=True)
        ceiling = 2 * float(saving.max()) + 1
        a, b = _assign(row_of, column_of, ceiling - saving[gain], np.full(rows.size, ceiling))
        one, two = rows[a], columns[b]
    by_cost = np.argsort(cost, kind="stable")
    first_mine = by_cost[np.unique(mine[by_cost], return_index=True)[1]]
    first_theirs = by_cost[np.unique(theirs[by_cost], return_index=True)[1]]
    lone = first_mine[~np.isin(mine[first_mine], one)]
    left = first_theirs[~np.isin(theirs[first_theirs], two)]
    return _priced(edges, np.r_[one, mine[lone], mine[left]], np.r_[two, theirs[lone], theirs[left]], n)


def _bent(cost: Floats) -> Floats:
    """Distances that rise a hair faster than straight: on a line, many sets of pairs have the same total."""
    most = float(cost.max())
    return cost + BEND * cost**2 / most if most > 0 else cost


def _priced(edges: Edges, one: Ints, two: Ints, n: int) -> Edges:
    """The links with their distances, looked up among the edges."""
    key = edges[0] * n + edges[1]
    order = np.argsort(key, kind="stable")
    at = order[np.searchsorted(key[order], one * n + two)]
    return edges[0][at], edges[1][at], edges[2][at]


def _bounded(edges: Edges, mine: tuple[int, int], theirs: tuple[int, int], total: int | None = None) -> Edges:
    """Cheapest links with degrees inside the bounds, `total` of them where given: a network's linear programme."""
    order = np.argsort(edges[2], kind="stable")  # an order that does not hang on that of the records
    one, two, cost = edges[0][order], edges[1][order], edges[2][order]
    if one.size > BOUNDED:
        found, cure = f"{one.size:,} pairs with bounds", "Set or narrow a caliper, add exact cells, or drop the bounds."
        raise BadInput([Problem("options.fewest/most", found, f"up to {BOUNDED:,} pairs", cure)])
    each, ones, parts = np.arange(one.size), np.ones(one.size), []
    low, high = [], []
    for side, (fewest, most) in ((one, mine), (two, theirs)):
        code = pd.factorize(side)[0]
        parts.append(scipy.sparse.coo_array((ones, (code, each))))
        low.append(np.full(parts[-1].shape[0], float(fewest)))
        high.append(np.full(parts[-1].shape[0], float(most)))
    if total is not None:
        parts.append(scipy.sparse.coo_array(ones[None, :]))
        low.append(np.array([float(total)]))
        high.append(np.array([float(total)]))
    # whole numbers without being asked for: the constraints of a network have only whole-numbered corners
    rows = scipy.sparse.vstack(parts).tocsr()
    limits = scipy.optimize.LinearConstraint(rows, np.concatenate(low), np.concatenate(high))
    made = scipy.optimize.milp(cost, constraints=limits, bounds=scipy.optimize.Bounds(0, 1))
    if made.x is None:
        counts = f"{np.unique(one).size} and {np.unique(two).size} records with somebody allowed"
        found, cure = f"cannot be met among {counts}", "Lower fewest, raise most, or widen the caliper."
        raise BadInput([Problem("options.fewest/most", found, "bounds that the pairs allow", cure)])
    chosen = made.x > 0.5
    return one[chosen], two[chosen], cost[chosen]
