"""Rosenbaum's bounds for matched sets of one with several: pairs, k to one, variable ratios and full matching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

EXACT = 2000  # sets up to which a law of unequal chances is added up whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Sets:
    """Matched sets in which one record stands alone in its group; s sets, n records, by set and then by score.

    Attributes
    ----------
    score : (n,) float
        In sets whose single record is the comparison one, the score's sign is turned, so that a large score of the
        single record always speaks for the same direction.
    start : (s,) int
        First position of each set.
    single : (s,) float
        Score of the record that is alone in its group.
    """

    score: Floats
    start: Ints
    single: Floats

    @property
    def size(self) -> Ints:
        """Records in each set, (s,)."""
        return np.asarray(np.diff(np.r_[self.start, self.score.size]))

    def turned(self) -> Sets:
        """The same sets with the other direction for the large one."""
        order = np.lexsort((-self.score, np.repeat(np.arange(self.start.size), self.size)))
        return Sets(score=-self.score[order], start=self.start, single=-self.single)


def aligned_sets(y: Floats, treated: Flags, stratum: Ints, weight: Floats | None = None) -> Sets:
    """Scores of every record of a matched set, for a test that treatment did nothing.

    A continuous outcome is taken from its set's mean and scored by the signed rank of what is left (Hodges & Lehmann
    1962); of pairs that is Wilcoxon's signed-rank test. An outcome of 0 and 1 is its own score (Mantel-Haenszel; of
    pairs, McNemar). Sets in which everyone has the same outcome say nothing and are left out.

    Parameters
    ----------
    y : (n,) float
    treated : (n,) bool
    stratum : (n,) int
        Every set must hold exactly one treated or exactly one comparison record.
    weight : (n,) float, optional
        What a set counts for, on each of its records; for the signed ranks only.

    Examples
    --------
    >>> import numpy as np
    >>> made = aligned_sets(np.array([5., 1., 2., 3., 3.]), np.array([1, 0, 0, 1, 0]) > 0, np.array([0, 0, 0, 1, 1]))
    >>> made.score.tolist(), made.single.tolist()
    ([-2.5, -1.5, 3.5], [3.5])
    """
    code, y = np.unique(stratum, return_inverse=True)[1], np.asarray(y, dtype=float)
    low, high = np.full(code.max() + 1, np.inf), np.full(code.max() + 1, -np.inf)
    np.minimum.at(low, code, y)
    np.maximum.at(high, code, y)
    keep = low[code] < high[code]
    y, treated, code = y[keep], treated[keep], np.unique(code[keep], return_inverse=True)[1]
    if not y.size:
        return Sets(score=y, start=np.empty(0, dtype=np.int64), single=y)
    one = np.bincount(code, treated)
    if np.isin(y, (0.0, 1.0)).all():
        score = y
    else:
        # rounded, so that the two of a pair are equally far from their mean
        left = np.round(y - (np.bincount(code, y) / np.bincount(code))[code], 12)
        score = np.sign(left) * (scipy.stats.rankdata(np.abs(left)) + 0.5) * (1.0 if weight is None else weight[keep])
    lone_comparison = one[code] > 1
    score = np.where(lone_comparison, -score, score)
    order = np.lexsort((score, code))
    single = np.zeros(one.size)
    alone = treated != lone_comparison
    single[code[alone]] = score[alone]
    return Sets(score=score[order], start=np.searchsorted(code[order], np.arange(one.size)), single=single)


def set_bound(sets: Sets, gamma: float) -> float:
    """Largest two-sided p-value of the sum of scores if hidden bias moved the odds by up to `gamma`.

    Within a set the record treated (or left untreated) alone is any one of them, with chances in proportion to 1 or
    `gamma`. The worst hidden pattern gives `gamma` to the highest scores, from some score on; set by set the pattern
    with the largest mean is taken, and among equals the largest variance (Gastwirth, Krieger & Rosenbaum 2000), with
    a normal approximation. For an outcome of 0 and 1 the worst chances are known, and their law is exact up to
    `EXACT` sets with different chances (Rosenbaum 2002, section 4.4).

    Examples
    --------
    >>> import numpy as np
    >>> from hubeval.methods.matching.checks.sensitivity import signed_rank_bound
    >>> gaps = np.random.default_rng(1).normal(0.4, 1, 50)
    >>> y, treated = np.column_stack([gaps, np.zeros(50)]).ravel(), np.tile([True, False], 50)
    >>> pairs = aligned_sets(y, treated, np.repeat(np.arange(50), 2))
    >>> bool(np.isclose(set_bound(pairs, 1.5), signed_rank_bound(gaps, 1.5)))
    True
    """
    if not sets.start.size:
        return 1.0
    binary = np.isin(np.abs(sets.score), (0.0, 1.0)).all()
    tail = _binary_tail if binary else _normal_tail
    return float(min(1.0, 2 * min(tail(sets, gamma), tail(sets.turned(), gamma))))


def critical(bound: Callable[[float], float], *, level: float = 0.05, most: float = 20.0) -> float:
    """Smallest `gamma` at which a bound on the p-value passes `level`; 1 where it does so without hidden bias.

    Examples
    --------
    >>> round(critical(lambda gamma: 0.01 * gamma), 3)
    5.0
    """
    if bound(1.0) >= level:
        return 1.0
    low, high = 1.0, most
    if bound(high) < level:
        return most
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if bound(middle) < level else (low, middle)
    return low


def worst_moments(sets: Sets, gamma: float) -> tuple[Floats, Floats]:
    """Mean and variance, (s,), of the single record's score under the worst hidden pattern of each set."""
    size = sets.size
    each = np.repeat(np.arange(size.size), size)
    rank = np.arange(sets.score.size) - sets.start[each]  # so many records below have u = 0, and the rest u = 1
    total, below = [], []
    for power in (1, 2):
        running = np.r_[0.0, np.cumsum(sets.score**power)]
        total.append((running[np.r_[sets.start[1:], sets.score.size]] - running[sets.start])[each])
        below.append(running[:-1] - running[sets.start][each])
    chance = rank + gamma * (size[each] - rank)
    mean, square = ((b + gamma * (t - b)) / chance for t, b in zip(total, below, strict=True))
    largest = np.maximum.reduceat(mean, sets.start)
    slack = 1e-9 * np.maximum.reduceat(np.abs(sets.score), sets.start)
    ties = mean >= (largest - slack)[each]
    return largest, np.maximum.reduceat(np.where(ties, square - mean**2, 0.0), sets.start)


def _normal_tail(sets: Sets, gamma: float) -> float:
    mean, variance = worst_moments(sets, gamma)
    spread = float(np.sqrt(variance.sum()))
    return float(scipy.stats.norm.sf((sets.single.sum() - mean.sum()) / spread)) if spread > 0 else 1.0


def _binary_tail(sets: Sets, gamma: float) -> float:
    """Chance of at least as many sets whose single record has the higher outcome, at the worst chances."""
    high = np.maximum.reduceat(sets.score, sets.start)
    many = np.add.reduceat((sets.score == np.repeat(high, sets.size)).astype(float), sets.start)
    chance = gamma * many / (gamma * many + sets.size - many)
    seen = int((sets.single == high).sum())
    values, counts = np.unique(np.round(chance, 15), return_counts=True)
    if values.size == 1:
        return float(scipy.stats.binom.sf(seen - 1, counts[0], values[0]))
    if chance.size > EXACT:
        return float(scipy.stats.norm.sf((seen - chance.sum()) / np.sqrt((chance * (1 - chance)).sum())))
    law = np.ones(1)
    for value, count in zip(values, counts, strict=True):
        law = np.convolve(law, scipy.stats.binom.pmf(np.arange(count + 1), count, value))
    return float(law[seen:].sum())
