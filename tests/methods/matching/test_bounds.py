"""Bounds for sets of one with several, against every hidden pattern and every assignment of small sets."""

from __future__ import annotations

from functools import reduce
from itertools import product

import numpy as np
import pytest
from scipy import stats

from hubeval.methods.matching import Options, match
from hubeval.methods.matching.checks.bounds import aligned_sets, critical, set_bound, worst_moments
from hubeval.methods.matching.checks.probes import rosenbaum
from hubeval.methods.matching.checks.sensitivity import critical_gamma, signed_rank_bound
from hubeval.result import Diagnostic, NotComputed


def drawn(seed, sizes, *, lone="treated", effect=1.0, binary=False):
    """Outcomes, treatment and set codes: one record alone in its group in each set."""
    rng = np.random.default_rng(seed)
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    first = np.r_[True, stratum[1:] != stratum[:-1]]
    kinds = rng.random(len(sizes)) < 0.5 if lone == "both" else np.full(len(sizes), lone == "treated")
    treated = first == kinds[stratum]
    y = effect * treated + rng.normal(size=stratum.size) + rng.normal(size=len(sizes))[stratum]
    return ((y > 0.8).astype(float) if binary else y), treated, stratum


def test_pairs_are_the_signed_rank_bound():
    rng = np.random.default_rng(5)
    for ties in (False, True):
        gaps = rng.normal(0.3, 1, 40)
        gaps = np.round(gaps, 0 if ties else 12)
        y, treated = np.column_stack([gaps, np.zeros(40)]).ravel() + np.repeat(rng.integers(0, 9, 40), 2), np.tile([True, False], 40)
        made = aligned_sets(y, treated, np.repeat(np.arange(40), 2))
        for gamma in (1.0, 1.3, 2.5):
            assert set_bound(made, gamma) == pytest.approx(signed_rank_bound(gaps, gamma), rel=1e-9)
        assert critical(lambda gamma, s=made: set_bound(s, gamma)) == pytest.approx(critical_gamma(gaps), abs=1e-6)


def chances(score, hidden, gamma):
    weight = gamma ** np.asarray(hidden, dtype=float)
    return weight / weight.sum()


@pytest.mark.parametrize("lone", ["treated", "comparison"])
@pytest.mark.parametrize("gamma", [1.0, 1.7, 4.0])
def test_moments_are_the_worst_of_every_hidden_pattern(lone, gamma):
    """Hidden values of 0 and 1 in every combination, and drawn between: none has a larger mean."""
    y, treated, stratum = drawn(2, [2, 3, 4, 5, 3, 4], lone=lone)
    made = aligned_sets(y, treated, stratum)
    mean, variance = worst_moments(made, gamma)
    rng = np.random.default_rng(0)
    for k, (start, size) in enumerate(zip(made.start, made.size, strict=True)):
        score = made.score[start:start + size]
        found = [(p @ score, p @ score**2 - (p @ score) ** 2) for p in
                 (chances(score, u, gamma) for u in [*product((0, 1), repeat=size), *rng.random((300, size))])]
        best = max(m for m, _ in found)
        assert mean[k] == pytest.approx(best)
        assert variance[k] == pytest.approx(max(v for m, v in found if np.isclose(m, best)))


def exact_tail(made, gamma, patterns):
    """The largest chance of a sum of single scores as large as seen, over every combination of hidden patterns."""
    parts = [made.score[a:a + n] for a, n in zip(made.start, made.size, strict=True)]
    reached = reduce(np.add.outer, parts) >= made.single.sum() - 1e-7
    chosen = product(*([chances(part, u, gamma) for u in patterns(part)] for part in parts))
    return max(float(reduce(np.multiply.outer, p)[reached].sum()) for p in chosen)


def rising(score):
    """Patterns that give 1 to the highest scores: the only ones that can be worst."""
    return [[0] * a + [1] * (len(score) - a) for a in range(1, len(score))]


def every(score):
    return list(product((0, 1), repeat=len(score)))


def test_only_rising_patterns_can_be_worst():
    for seed in range(4):
        made = aligned_sets(*drawn(seed, [3, 4, 3]))
        assert exact_tail(made, 2.0, rising) == pytest.approx(exact_tail(made, 2.0, every))


@pytest.mark.parametrize("gamma", [1.0, 1.5, 2.2])
def test_the_bound_is_the_exact_worst_case_of_small_sets(gamma):
    """Nine sets, every rising pattern, every assignment: the normal approximation is near, set sizes mixed."""
    for seed in range(3):
        made = aligned_sets(*drawn(seed, [3, 3, 4, 2, 3, 3, 4, 2, 3], lone="both", effect=0.8))
        exact = min(1.0, 2 * min(exact_tail(made, gamma, rising), exact_tail(made.turned(), gamma, rising)))
        assert set_bound(made, gamma) == pytest.approx(exact, abs=0.04)


@pytest.mark.parametrize("gamma", [1.0, 1.6, 3.0])
def test_the_bound_of_a_yes_or_no_outcome_is_exact(gamma):
    tried = 0
    for seed in range(30):
        made = aligned_sets(*drawn(seed, [3, 3, 2, 2], lone="both", binary=True))
        if made.start.size < 3:
            continue
        exact = min(1.0, 2 * min(exact_tail(made, gamma, every), exact_tail(made.turned(), gamma, every)))
        assert set_bound(made, gamma) == pytest.approx(exact, abs=1e-9)
        tried += 1
    assert tried >= 5


def test_pairs_of_yes_and_no_are_mcnemar():
    y, treated, stratum = drawn(3, [2] * 300, binary=True)
    gaps = y[treated] - y[~treated]
    up, discordant = int((gaps > 0).sum()), int((gaps != 0).sum())
    made = aligned_sets(y, treated, stratum)
    assert set_bound(made, 1.0) == pytest.approx(stats.binomtest(up, discordant).pvalue)
    assert set_bound(made, 2.0) == pytest.approx(min(1, 2 * stats.binom.sf(up - 1, discordant, 2 / 3)))


def test_many_sets_of_unequal_chances_are_near_the_exact_law(monkeypatch):
    made = aligned_sets(*drawn(6, [2, 3, 4, 5] * 100, binary=True, effect=0.5))
    exact = set_bound(made, 1.5)
    monkeypatch.setattr("hubeval.methods.matching.checks.bounds.EXACT", 10)
    assert set_bound(made, 1.5) == pytest.approx(exact, rel=0.2, abs=1e-3)


def test_bounds_grow_with_gamma_and_do_not_hang_on_units_or_names():
    y, treated, stratum = drawn(7, [4] * 60)
    made = aligned_sets(y, treated, stratum)
    grown = [set_bound(made, gamma) for gamma in (1, 1.2, 1.5, 2, 3, 6)]
    assert grown == sorted(grown)
    order = np.random.default_rng(1).permutation(y.size)
    other = aligned_sets(7 - 3 * y[order], treated[order], 100 - stratum[order])
    assert set_bound(other, 1.5) == pytest.approx(set_bound(made, 1.5))


def test_a_test_that_finds_nothing_at_its_level():
    """No effect, no hidden bias: the test at gamma 1 rejects 5% of the time (400 draws: within 3 of its errors)."""
    p = [set_bound(aligned_sets(*drawn(seed, [4] * 25 + [2] * 10, effect=0.0)), 1.0) for seed in range(400)]
    assert abs(np.mean(np.array(p) < 0.05) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 400)


def test_sets_that_all_agree_say_nothing():
    made = aligned_sets(np.ones(6), np.array([1, 0, 0, 1, 0, 0]) > 0, np.array([0, 0, 0, 1, 1, 1]))
    assert set_bound(made, 1.0) == 1.0


SEVERAL = [{"ratio": 2}, {"ratio": 2, "options": Options(fewest=1, most=3)}, {"method": "optimal", "ratio": 2}, {"method": "full"},
           {"method": "full", "estimand": "ATE"}, {"method": "full", "estimand": "ATC"}]  # fmt: skip


@pytest.mark.parametrize(("setting", "outcome", "test"), [
    *((setting, "score", "signed-rank test") for setting in SEVERAL), *((setting, "seen", "Mantel-Haenszel test") for setting in SEVERAL),
    ({}, "score", "signed-rank test"), ({}, "seen", "McNemar test")], ids=str)
def test_every_design_of_sets_has_a_bound(families, asked, setting, outcome, test):
    fewer = families[(families.hub == 0) | (np.arange(len(families)) % 2 == 0)]
    found = rosenbaum(match(fewer, **asked, **setting), outcome)
    assert isinstance(found, Diagnostic)
    assert found.statistic > 1.2  # an effect of two standard deviations
    assert test in found.reading


@pytest.mark.parametrize("setting", [{"replace": True}, {"method": "subclass"}, {"method": "entropy"}], ids=str)
def test_designs_without_such_sets_say_so(families, asked, setting):
    found = rosenbaum(match(families, **asked, **setting), "score")
    assert isinstance(found, NotComputed)
    assert "one treated or one comparison record" in found.reason
