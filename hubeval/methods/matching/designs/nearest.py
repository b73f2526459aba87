"""Greedy nearest-neighbour matching, on a score or between covariates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hubeval.errors import BadInput, Problem
from hubeval.methods.matching.designs import kernels
from hubeval.methods.matching.designs.distance import coordinates
from hubeval.methods.matching.designs.line import Line, lay_out
from hubeval.methods.matching.designs.rounds import choosing_order, match_line
from hubeval.methods.matching.designs.scores import linear
from hubeval.methods.matching.designs.space import match_in_space
from hubeval.methods.matching.designs.weights import carried, from_links, from_strata
from hubeval.methods.matching.door.study import Links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.designs.kernels import Limits
    from hubeval.methods.matching.door.options import Request
    from hubeval.methods.matching.door.study import Score, Study

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


LOOKS = 20_000_000_000  # distances between covariates: minutes of work, not hours


def on_scale(score: Score, link: str) -> Floats:
    """The values distances are taken on."""
    if link == "score":
        return score.value
    if not score.probability:
        raise BadInput(
            [
                Problem(
                    "options.link",
                    "the score brought is not a probability",
                    "a score between 0 and 1",
                    "Write link='score', or bring a probability.",
                )
            ]
        )
    return np.asarray(np.round(linear(score), 12))


def match_nearest(study: Study, score: Score | None, request: Request, usable: Flags) -> Links:
    """Match every focal record to its nearest comparison records, one at a time.

    Focal records are the treated ones for ATT, the comparison ones for ATC.
    """
    focal = study.treated if request.estimand == "ATT" else ~study.treated
    _enough(focal, usable, request)
    if request.in_space:
        one, two, distance = _in_space(study, score, request, focal, usable)
    else:
        assert score is not None
        one, two, distance = pairs_on_line(study, score, request, focal, usable)
    if one.size == 0:
        cells = request.exact or request.options.antiexact
        what = "caliper" if request.caliper is not None else "exact" if request.exact else "options.antiexact"
        found = (
            "matches nobody, with the exact or anti-exact columns" if request.caliper and cells else "matches nobody"
        )
        cure = "Widen it, or look at the overlap of the scores."
        raise BadInput([Problem(what, found, "at least one pair", cure)])
    return _links(study, request, one, two, distance)


def _links(study: Study, request: Request, one: Ints, two: Ints, distance: Floats) -> Links:
    by_focal = _ascending(one, study.n)
    one, two, distance = one[by_focal], two[by_focal], distance[by_focal]
    stratum = np.full(study.n, -1, dtype=np.int64)
    if request.replace:
        alike = bool((study.terms[one] == study.terms[two]).all())
        weights = from_links(study.treated, one, two, study.weights if alike else None)
    else:
        number = np.cumsum(np.r_[True, one[1:] != one[:-1]]) - 1
        stratum[one], stratum[two] = number, number
        survey = carried(study.terms, study.weights, stratum)
        weights = from_strata(study.treated, stratum, request.estimand, survey)
    treated, comparison = (one, two) if request.estimand == "ATT" else (two, one)
    return Links(treated=treated, comparison=comparison, distance=distance, stratum=stratum, weights=weights)


def _ascending(one: Ints, n: int) -> Ints:
    """Stable order of the links by focal record; a look-up where each has one link, which is quicker than a sort."""
    place = np.full(n, -1, dtype=np.int64)
    place[one] = np.arange(one.size)
    found = place[place >= 0]
    return found if found.size == one.size else np.argsort(one, kind="stable")


def pairs_on_line(
    study: Study, score: Score, request: Request, focal: Flags, usable: Flags
) -> tuple[Ints, Ints, Floats]:
    """Pairs of study positions, focal and other, and their distances on the score."""
    value = on_scale(score, request.options.link)
    line = lay_out(study, value, focal, usable)
    widths = caliper_widths(study, score, request, value)
    limits = _limits(study, request, widths, line.row, widths.get("distance", (value, np.inf))[1])
    lane = kernels.lanes(line.s, line.block, line.focal, line.free)
    want = np.full(lane.score.size, request.ratio, dtype=np.int64)
    if request.replace:
        found, entry, distance = kernels.match_with_replacement(want, lane, limits)
        return line.row[lane.place[found]], line.row[lane.spot[entry]], distance
    if request.options.most is not None or request.options.fewest is not None:
        turn = choosing_order(line, request.order, request.seed)
        want[turn] = _wanted(lane.score[turn], request)
    one, two, distance = match_line(line, lane, want, limits, request.order, request.seed)
    return line.row[one], line.row[two], distance


def _in_space(
    study: Study, score: Score | None, request: Request, focal: Flags, usable: Flags
) -> tuple[Ints, Ints, Floats]:
    """Between covariates; a caliper on the score narrows the window each record looks in."""
    assert isinstance(request.distance, str)
    widths = caliper_widths(study, score, request, None)
    windowed = next((name for name in ("logit", "score") if name in widths), None)
    value, reach = widths.pop(windowed) if windowed else (np.zeros(study.n), np.inf)
    line = lay_out(study, value, focal, usable)
    limits = _limits(study, request, widths, line.row, widths.get("distance", (value, np.inf))[1])
    z = coordinates(study.terms, study.treated, request.distance)[line.row]
    by_score = line if windowed or score is None else lay_out(study, score.value, focal, usable)
    turn = choosing_order(by_score, request.order, request.seed)
    queue = _carry(by_score, line, np.flatnonzero(by_score.focal)[turn])
    start, stop = windows(line, queue, reach)
    want = _wanted(line.s[queue], request)
    if int((stop - start).sum()) > LOOKS:
        found = f"{int((stop - start).sum()):,} distances between covariates would have to be looked at"
        cure = "Set a caliper on the score (caliper={'logit': 0.2}), add exact cells, or match on a score."
        raise BadInput([Problem("distance", found, f"up to {LOOKS:,}", cure)])
    one, two, distance = match_in_space(queue, want, start, stop, z, line.row, line.free, limits, int(request.replace))
    return line.row[one], line.row[two], distance


def windows(line: Line, queue: Ints, reach: float) -> tuple[Ints, Ints]:
    """First and one-past-last position within `reach` of each queued position, inside its block."""
    edges = np.searchsorted(line.block, np.arange(line.block.max() + 2))
    first, last = edges[line.block[queue]], edges[line.block[queue] + 1]
    if not np.isfinite(reach):
        return first.astype(np.int64), last.astype(np.int64)
    # one increasing axis over all blocks, so that a single search serves them all
    apart = float(line.s.max() - line.s.min()) + 2 * reach + 1
    axis = line.s - line.s.min() + apart * line.block
    start = np.searchsorted(axis, axis[queue] - reach, side="left")
    stop = np.searchsorted(axis, axis[queue] + reach, side="right")
    return np.maximum(start, first).astype(np.int64), np.minimum(stop, last).astype(np.int64)


def _carry(source: Line, target: Line, queue: Ints) -> Ints:
    """Positions on `source` as positions on `target`."""
    if source is target:
        return queue
    place = np.empty(target.row.size, dtype=np.int64)
    place[target.row] = np.arange(target.row.size)
    return place[source.row[queue]]


def _wanted(s: Floats, request: Request) -> Ints:
    """Matches for each queued record; with a variable ratio, low scores (rich in comparisons) ask for most."""
    options, m = request.options, s.size
    if options.most is None and options.fewest is None:
        return np.full(m, request.ratio, dtype=np.int64)
    low, high = int(options.fewest or 1), int(options.most or request.ratio)
    spare = (request.ratio - low) * m
    full, rest = divmod(spare, high - low) if high > low else (0, 0)
    rank = np.empty(m, dtype=np.int64)
    rank[np.argsort(s, kind="stable")] = np.arange(m)
    if request.order == "largest":  # ties as the queue has them
        rank[np.argsort(-s, kind="stable")] = np.arange(m)[::-1]
    want = np.full(m, low, dtype=np.int64)
    want[rank < full] = high
    want[rank == full] += rest
    return want


def caliper_widths(
    study: Study, score: Score | None, request: Request, value: Floats | None
) -> dict[str, tuple[Floats, float]]:
    """Every caliper: the values it is on, and its width in their units."""
    found: dict[str, tuple[Floats, float]] = {}
    for name, width in request.calipers.items():
        if name == "distance" and value is None:
            found[name] = (np.zeros(study.n), float(width))
            continue
        on = value if name == "distance" else _caliper_values(study, score, name)
        assert on is not None
        unit = float(np.std(on, ddof=1)) if request.caliper_scale == "sd" else 1.0
        found[name] = (on, float(width) * unit)
    return found


def _caliper_values(study: Study, score: Score | None, name: str) -> Floats:
    if name in {"score", "logit"} and score is not None:
        return on_scale(score, name)
    column = study.frame[name]
    assert isinstance(column, pd.Series)
    return np.asarray(column.to_numpy(dtype=float)[study.rows])


def _limits(
    study: Study, request: Request, widths: dict[str, tuple[Floats, float]], row: Ints, caliper: float
) -> Limits:
    """The caliper, anti-exact codes, covariate values and covariate calipers, laid out on the line."""
    codes = [pd.factorize(study.frame[name])[0][study.rows] for name in request.options.antiexact]
    extra = [pair for name, pair in widths.items() if name != "distance"]
    free = kernels.no_limits(row.size, caliper)
    anti = np.column_stack(codes)[row].astype(np.int64, order="C") if codes else free.anti
    cov = np.column_stack([on for on, _ in extra])[row].astype(float, order="C") if extra else free.cov
    return kernels.Limits(caliper, anti, cov, np.array([width for _, width in extra], dtype=float))


def _enough(focal: Flags, usable: Flags, request: Request) -> None:
    mine, theirs = int((focal & usable).sum()), int((~focal & usable).sum())
    if request.replace:
        if theirs < request.ratio:
            raise BadInput(
                [Problem("ratio", f"{request.ratio} matches each asked of {theirs} records", "", "Lower the ratio.")]
            )
    elif request.caliper is None and mine * request.ratio > theirs:
        group = "comparison" if request.estimand == "ATT" else "treated"
        raise BadInput(
            [
                Problem(
                    "ratio",
                    f"{mine} x {request.ratio} matches asked of {theirs} {group} records",
                    "no more than there are",
                    "Write replace=True, lower the ratio, or set a caliper so that some go unmatched.",
                )
            ]
        )
