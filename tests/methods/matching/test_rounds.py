"""Greedy matching on a line, in every order, against its definition read aloud: lists, loops, nothing clever."""

from __future__ import annotations

import numpy as np
import pytest

from hubeval.methods.matching.designs import closest, kernels
from hubeval.methods.matching.designs.line import Line
from hubeval.methods.matching.designs.rounds import choosing_order, match_line

ORDERS = ("largest", "smallest", "data", "random", "closest", "farthest")


class Problem:
    """A made-up line of up to thirty records, with ties more often than not."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(2, 31))
        score = [rng.random(n), rng.integers(0, 5, n) / 8, rng.integers(0, 40, n) / 64, np.round(rng.normal(size=n), 1)][seed % 4]
        self.block = np.sort(rng.integers(0, 1 + seed % 3, n)) if seed % 5 else np.zeros(n, dtype=np.int64)
        self.row = np.asarray(sorted(range(n), key=lambda i: (self.block[i], score[i], i)))
        self.s = score[self.row]
        kind = rng.choice([-1, 0, 1], n, p=[0.5, 0.1, 0.4])
        self.focal, self.free = kind == 1, kind == -1
        self.caliper = float(rng.choice([np.inf, 0.125, 0.3]))
        checks = seed % 7 == 0
        self.anti = rng.integers(0, 3, (n, int(checks)))
        self.cov, self.width = rng.normal(size=(n, int(checks))), np.ones(int(checks))
        self.line = Line(row=self.row, s=self.s, block=self.block, focal=self.focal, free=self.free)
        self.lane = kernels.lanes(self.s, self.block, self.focal, self.free)
        self.limits = kernels.Limits(self.caliper, self.anti, self.cov, self.width)
        self.positions = np.flatnonzero(self.focal)
        self.want = rng.integers(1, 4, self.positions.size) if rng.random() < 0.4 else np.ones(self.positions.size, dtype=np.int64)

    def fits(self, p, q):
        return (
            self.free[q] and self.block[p] == self.block[q] and abs(self.s[p] - self.s[q]) <= self.caliper
            and (self.anti[p] != self.anti[q]).all() and (np.abs(self.cov[p] - self.cov[q]) <= self.width).all())

    def best(self, p, taken):
        """The nearest left and the nearest right of `p`; the left one if they are as near."""
        left = [q for q in range(p) if q not in taken and self.fits(p, q)][-1:]
        right = [q for q in range(p + 1, self.s.size) if q not in taken and self.fits(p, q)][:1]
        return min([(abs(self.s[p] - self.s[q]), q) for q in left + right], default=None)


def slow(problem, turn, want, order):
    """Pairs, with MatchIt's ties: who finds its choice gone looks again, and comes before those as far."""
    taken, pairs = set(), []
    for r in range(want.max(initial=0)):
        queue = [problem.positions[f] for f, k in zip(turn, want, strict=True) if k > r]
        if order not in {"closest", "farthest"}:
            for p in queue:
                if found := problem.best(p, taken):
                    pairs.append((p, found[1]))
                    taken.add(found[1])
            continue
        sign = 1 if order == "closest" else -1
        waiting = [(sign * found[0], i, p, found[1]) for i, p in enumerate(queue) if (found := problem.best(p, taken))]
        again = 0
        while waiting:
            first = min(waiting)
            waiting.remove(first)
            if first[3] not in taken:
                pairs.append((first[2], first[3]))
                taken.add(first[3])
            elif found := problem.best(first[2], taken):
                again -= 1
                waiting.append((sign * found[0], again, first[2], found[1]))
    return pairs


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_is_its_definition(order):
    for seed in range(500):
        problem = Problem(seed)
        turn = choosing_order(problem.line, order, seed)
        one, two, distance = match_line(problem.line, problem.lane, problem.want, problem.limits, order, seed)
        pairs = slow(problem, turn, problem.want[turn], order)
        assert sorted(zip(one.tolist(), two.tolist(), strict=True)) == sorted(pairs), seed
        np.testing.assert_array_equal(distance, np.abs(problem.s[one] - problem.s[two]))


def test_orders_are_what_they_say():
    problem = Problem(2)
    s, row = problem.s[problem.positions], problem.row[problem.positions]
    for order in ORDERS:
        turn = choosing_order(problem.line, order, 1)
        assert sorted(turn) == list(range(s.size))
        if order == "largest":
            keys = list(zip(-problem.block[problem.positions][turn], -s[turn], row[turn], strict=True))
            assert keys == sorted(keys)
    assert (np.diff(row[choosing_order(problem.line, "data", None)]) > 0).all()


def test_one_pass_and_the_queue_find_the_same_pairs():
    """Where the pass decides, it must be right; it must decide where scores are distinct, and not always elsewhere."""
    decided = {True: 0, False: 0}
    for seed in range(2000):
        problem = Problem(seed)
        side = (problem.focal.astype(np.int8) - problem.free.astype(np.int8)).astype(np.int8)
        mate, sure = closest.match_untied(problem.s, problem.block, side, problem.caliper)
        if problem.anti.shape[1]:
            continue
        assert sure or np.unique(problem.s).size < problem.s.size or seed % 4
        decided[sure] += 1
        if sure:
            turn = np.random.default_rng(seed).permutation(problem.positions.size)
            got = closest.match_by_queue(turn, problem.lane, problem.limits, kernels.untouched(problem.lane.entry.size))
            np.testing.assert_array_equal(np.where(got > 0, problem.lane.spot[got], -1), mate[problem.positions])
    assert min(decided.values()) > 100


def test_one_pass_and_the_queue_agree_on_many_records():
    rng = np.random.default_rng(5)
    n = 20_000
    s, block = np.sort(rng.normal(size=n)), np.zeros(n, dtype=np.int64)
    focal = rng.random(n) < 1 / (1 + np.exp(-s))
    lane = kernels.lanes(s, block, focal, ~focal)
    side = np.where(focal, 1, -1).astype(np.int8)
    for caliper in (np.inf, 0.01):
        mate, sure = closest.match_untied(s, block, side, caliper)
        got = closest.match_by_queue(
            np.arange(lane.score.size), lane, kernels.no_limits(n, caliper), kernels.untouched(lane.entry.size))
        assert sure
        np.testing.assert_array_equal(np.where(got > 0, lane.spot[got], -1), mate[focal])
        assert (mate[mate[mate >= 0]] >= 0).all()


def test_with_replacement_everyone_takes_the_nearest():
    for seed in range(300):
        problem = Problem(seed)
        focal, entry, distance = kernels.match_with_replacement(problem.want, problem.lane, problem.limits)
        expected = []
        for f, want in enumerate(problem.want):
            taken = set()
            for _ in range(want):
                if found := problem.best(problem.positions[f], taken):
                    taken.add(found[1])
                    expected.append((f, found[1], found[0]))
        assert list(zip(focal.tolist(), problem.lane.spot[entry].tolist(), distance.tolist(), strict=True)) == expected
