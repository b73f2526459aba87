"""Cardinality matching: the largest sample whose groups have the same means, found by a whole-number programme."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from hubeval.errors import BadInput, Problem, did_you_mean, listed
from hubeval.methods.matching.designs.balance import denominators
from hubeval.methods.matching.designs.optimal import match_optimal
from hubeval.methods.matching.designs.weights import averaged
from hubeval.methods.matching.door.study import Links
from hubeval.result import NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hubeval.methods.matching.door.options import Request
    from hubeval.methods.matching.door.study import Score, Study

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

USUAL = 0.05  # standard deviations, where a covariate has no tolerance of its own
OPEN = (300, 1500)  # records left open in the first looks, those whose place the relaxed programme is least sure of
FINER = (0.02, 0.1, 0.25, 0.5)  # shares of the tolerances tried once the size is known
EVERYONE = 10_000  # records up to which all are left open at last


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Choose among m records the most `gain`: ``abs(gap @ z) <= room @ z`` and ``even @ z == 0``, z being 0 or 1."""

    gain: Floats
    gap: Floats
    room: Floats
    even: scipy.sparse.csr_array

    @property
    def within(self) -> scipy.sparse.csr_array:
        """Rows whose product with z may not be above 0."""
        return scipy.sparse.csr_array(np.vstack([self.gap - self.room, -self.gap - self.room]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The records chosen, (m,) bool; the gain; and the most that any choice could gain."""

    chosen: Flags
    gain: int
    bound: int


def match_cardinality(
    study: Study, score: Score | None, request: Request, usable: Flags
) -> tuple[Links, tuple[NotComputed, ...]]:
    """The largest sample with means alike on every covariate within `tolerance` standard deviations.

    Without `profile`, records of both groups are chosen, `ratio` comparisons for each focal one (in each exact cell),
    so that the two samples are alike. With it, each group that is not the estimand's own is cut to the largest
    sample like the whole of the estimand's records (for ATE: like everyone, each within half the tolerance).

    References
    ----------
    Zubizarreta, Paredes & Rosenbaum (2014), Annals of Applied Statistics 8(1); Cohn & Zubizarreta (2022), Journal of
    the American Statistical Association 117.
    """
    if study.weights is not None:
        found, cure = "does not apply to method 'cardinality', which balances plain means", "Use method='entropy'."
        raise BadInput([Problem("weights", found, "no survey weights", cure)])
    spread = denominators(study.terms, study.binary, study.treated, np.ones(study.n), request.estimand)
    x = (study.terms - study.terms.mean(axis=0)) / np.where(spread > 0, spread, 1)
    width = tolerances(study, request)
    focal = ~study.treated if request.estimand == "ATC" else study.treated
    chosen, notes = np.zeros(study.n, dtype=bool), []
    for rows, programme, what in _programmes(x, width, (study.block, focal, usable), request):
        made = finer(programme, largest(programme, request.options.seconds), request.options.seconds)
        chosen[rows[made.chosen]] = True
        if made.bound > made.gain:
            said = (
                f"the search stopped (after {request.options.seconds:g} s, or for want of room) with "
                f"{made.gain:,} kept; no choice keeps more than {made.bound:,} (gap {1 - made.gain / made.bound:.2%})"
            )
            notes.append(NotComputed(what=f"proof that {what} is the largest", reason=said))
    if request.options.profile and request.estimand != "ATE":
        chosen |= focal & usable
    if request.options.paired:
        pairing = replace(request, method="optimal", options=replace(request.options, paired=False))
        return match_optimal(study, score, pairing, chosen), tuple(notes)
    none = np.empty(0, dtype=np.int64)
    weights = averaged(chosen.astype(float), study.treated)
    stratum = np.full(study.n, -1, dtype=np.int64)
    return Links(treated=none, comparison=none, distance=np.empty(0), stratum=stratum, weights=weights), tuple(notes)


def tolerances(study: Study, request: Request) -> Floats:
    """The tolerance of every balance term, (q,), in standard deviations."""
    asked = request.options.tolerance
    if not isinstance(asked, Mapping):
        return np.full(len(study.term_names), float(asked))
    if unknown := [name for name in asked if name not in study.covariates]:
        allowed = f"allowed: {listed(study.covariates)}"
        cure = did_you_mean(unknown[0], study.covariates)
        raise BadInput([Problem("options.tolerance", f"{unknown[0]!r} is not a covariate", allowed, cure)])
    of = {f"{name}{end}": name for name in asked for end in ("", " missing")}
    return np.array([asked.get(of.get(term, term.split("=")[0]), USUAL) for term in study.term_names])


def _programmes(
    x: Floats, width: Floats, records: tuple[Ints, Flags, Flags], request: Request
) -> list[tuple[Ints, Programme, str]]:
    """Each programme to solve, with the records it chooses among and what it finds."""
    block, focal, usable = records
    # one order of the records, whatever order they came in
    rows = np.lexsort((focal, *np.round(x, 9).T, block))
    rows = rows[usable[rows]]
    if not request.options.profile:
        return [(rows, _alike(x[rows], width, focal[rows], block[rows], request.ratio), "the sample")]
    if request.estimand == "ATE":
        mean, sides = x[usable].mean(axis=0), [("the treated sample", focal), ("the comparison sample", ~focal)]
    else:
        mean, sides = x[focal & usable].mean(axis=0), [("the sample", ~focal)]
    share = width / 2 if request.estimand == "ATE" else width
    made = []
    for what, side in sides:
        mine = rows[side[rows]]
        made.append((mine, _like(x[mine] - mean, share), what))
    return made


def _alike(x: Floats, width: Floats, focal: Flags, block: Ints, ratio: int) -> Programme:
    """Both groups cut: the differences in means within `width`, `ratio` others for each focal record in each cell."""
    gap = np.where(focal, 1.0, -1.0 / ratio)[:, None] * x
    room = focal[:, None] * width
    cell = np.unique(block, return_inverse=True)[1]
    counts = np.where(focal, float(ratio), -1.0)
    even = scipy.sparse.coo_array((counts, (cell, np.arange(focal.size)))).tocsr()
    return Programme(gain=focal.astype(float), gap=gap.T, room=room.T, even=even)


def _like(x: Floats, width: Floats) -> Programme:
    """One group cut: its means within `width` of zero."""
    even = scipy.sparse.csr_array((1, x.shape[0]))
    return Programme(gain=np.ones(x.shape[0]), gap=x.T, room=np.broadcast_to(width, x.shape).T, even=even)


def largest(programme: Programme, seconds: float) -> Choice:
    """The most that can be gained, by relaxing, then looking near, then looking everywhere.

    The relaxed programme (shares of records) bounds the gain and settles nearly every record. The first whole-number
    programmes leave open only the records that it is least sure of; where their gain meets the bound, nothing is left
    to look for. Otherwise all records are opened, up to `EVERYONE`, and a larger gain is asked for.

    Raises
    ------
    BadInput
        No sample meets the tolerances, or none was found in the time given.
    """
    gain, clock = programme.gain, time.monotonic() + seconds
    relaxed = _relaxed(programme)
    bound, best, most = int(np.floor(-relaxed.fun + 1e-6)), np.zeros(gain.size, dtype=bool), 0
    steps = [*(size for size in OPEN if size < gain.size), *([gain.size] if gain.size <= EVERYONE else [])]
    for k, size in enumerate(steps):
        left = clock - time.monotonic()
        if most >= bound or left <= 0:
            break
        share = left / (4 if k + 1 < len(steps) else 1)
        made, chosen = _near(programme, relaxed, size, bound, seconds=share, more_than=most)
        if chosen is not None:
            best, most = chosen, int(gain @ chosen)
        if size == gain.size:
            bound = _proved(made, most, bound)
    if not best.any():
        tried = "no sample meets it" if bound == 0 else "no sample that meets it was found in the time given"
        cure = "Widen it, use fewer covariates, or give more seconds."
        raise BadInput([Problem("options.tolerance", tried, "a tolerance that some sample meets", cure)])
    return Choice(chosen=best, gain=most, bound=bound)


def finer(programme: Programme, found: Choice, seconds: float) -> Choice:
    """As many records, more alike: the tightest share of the tolerances at which a look near finds no fewer.

    Often many samples are the largest, and the one met first lies anywhere inside the tolerances.
    """
    for share in FINER:
        tight = replace(programme, room=programme.room * share)
        relaxed = _relaxed(tight)
        if -relaxed.fun < found.gain - 1e-6:
            continue
        for size in OPEN:
            _, chosen = _near(tight, relaxed, size, found.gain, seconds=seconds / 8, more_than=found.gain - 1)
            if chosen is not None:
                return replace(found, chosen=chosen)
    return found


def _near(
    programme: Programme, relaxed: Any, size: int, bound: int, *, seconds: float, more_than: int
) -> tuple[Any, Flags | None]:
    """A search that leaves only the `size` least sure records open, and the choice it found, (m,), if there is one."""
    open_ = _least_sure(programme, relaxed, size)
    near = np.round(relaxed.x)
    near[open_] = 0
    made = _search(programme, near, open_, bound, seconds=seconds, more_than=more_than)
    if made.x is None:
        return made, None
    chosen = near > 0.5
    chosen[open_] = made.x > 0.5
    return made, chosen


def _relaxed(programme: Programme) -> Any:
    """The programme over shares of records, which bounds it."""
    within, even = programme.within, programme.even
    zero = np.zeros(within.shape[0]), np.zeros(even.shape[0])
    return scipy.optimize.linprog(  # type: ignore[call-overload]
        -programme.gain, A_ub=within, b_ub=zero[0], A_eq=even, b_eq=zero[1], bounds=(0, 1), method="highs"
    )


def _proved(made: Any, most: int, bound: int) -> int:
    """The most that any choice could gain, once everyone has been looked at."""
    if made.status in {0, 2}:  # the most has been found, or there is no more than was known
        return most
    limit = made.mip_dual_bound
    known = limit is not None and np.isfinite(limit)
    return max(most, min(bound, int(np.floor(-limit + 1e-6)))) if known else bound


def _least_sure(programme: Programme, relaxed: Any, size: int) -> Ints:
    """The records whose place in the relaxed programme costs least to change."""
    prices = programme.within.T @ relaxed.ineqlin.marginals + programme.even.T @ relaxed.eqlin.marginals
    sure = np.abs(-programme.gain - prices)
    sure[np.minimum(relaxed.x, 1 - relaxed.x) > 1e-7] = -1.0
    return np.asarray(np.sort(np.argsort(sure, kind="stable")[:size]))


def _search(programme: Programme, fixed: Floats, open_: Ints, bound: int, *, seconds: float, more_than: int) -> Any:
    """The answer of scipy (HiGHS) on the `open_` records, the others staying as `fixed`."""
    rows = scipy.sparse.vstack(
        [programme.within, programme.even, scipy.sparse.csr_array(programme.gain[None, :])]
    ).tocsr()
    n_within, n_even = programme.within.shape[0], programme.even.shape[0]
    low = np.r_[np.full(n_within, -np.inf), np.zeros(n_even), more_than + 1.0]
    high = np.r_[np.zeros(n_within + n_even), np.inf]
    base = rows @ fixed
    return scipy.optimize.milp(
        -programme.gain[open_],
        integrality=np.ones(open_.size, dtype=int),
        bounds=scipy.optimize.Bounds(0, 1),
        constraints=scipy.optimize.LinearConstraint(rows[:, open_], low - base, high - base),
        options={"time_limit": max(seconds, 0.01), "mip_rel_gap": 0.999 / max(bound, 1)},
    )
