"""No hidden count can be worked out, and no more are hidden than must be."""

from __future__ import annotations

import importlib.util
import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hubeval.errors import BadInput
from hubeval.release.linked import crossed, joined, linked
from hubeval.release.profiles import release_profile
from hubeval.release.rounding import shown_count
from hubeval.release.suppress import suppress

spec = importlib.util.spec_from_file_location("attacker", Path(__file__).with_name("attacker.py"))
attacker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(attacker)

SHAPES = [(3, 4), (4, 5), (2, 6), (5, 5), (2, 3, 3), (2, 2, 4), (3, 3, 2)]
PROFILES = ("ons", "dfe-early-years", "nhs", "opensafely", "strictest")


def drawn(seed):
    """A table with a good many small cells, and a profile."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[seed % len(SHAPES)]
    counts = rng.negative_binomial(1.2, rng.uniform(0.02, 0.12), size=shape)
    return counts, release_profile(PROFILES[seed % len(PROFILES)])


def shown_of(cells, found, profile):
    return {
        key: None if hide else shown_count(int(count), profile)
        for key, count, hide in zip(cells.keys, cells.counts, found.hidden, strict=True)
    }


def attacked(seed):
    counts, profile = drawn(seed)
    cells = crossed(counts)
    found = suppress(cells, profile)
    shown = shown_of(cells, found, profile)
    secret = [key for key, small in zip(cells.keys, found.primary, strict=True) if small]
    assert all(shown[key] is None for key in secret)
    for key, value in shown.items():  # totals stay true
        assert value is None or abs(value - cells.counts[cells.place(key)]) <= profile.base / 2
    return attacker.recovered(shown, list(attacker.margins(counts.shape)), profile.base, secret, profile.width)


@pytest.mark.parametrize("start", range(0, 40, 10))
def test_an_attacker_recovers_nothing(start):
    assert [seed for seed in range(start, start + 10) if attacked(seed)] == []


@pytest.mark.slow
def test_an_attacker_recovers_nothing_from_a_thousand_tables():
    assert [seed for seed in range(1000, 2050) if attacked(seed)] == []


def test_the_attacker_would_find_a_table_with_small_counts_hidden_alone():
    counts, profile = np.array([[3, 20, 17], [15, 40, 11], [30, 22, 25]]), release_profile("ons")
    cells = crossed(counts)
    shown = {key: shown_count(int(n), profile) for key, n in zip(cells.keys, cells.counts, strict=True)}
    assert attacker.recovered(shown, list(attacker.margins(counts.shape)), 1, ["0|0"], profile.width) == ["0|0"]


def fewest(cells, profile):
    """The fewest cells by trying every choice, smallest first; the attacker judges each."""
    sums = [(cells.keys[int(np.argmax(row))], [cells.keys[i] for i in np.flatnonzero(row < 0)]) for row in cells.sums]
    small = [i for i, n in enumerate(cells.counts) if 0 < n < profile.threshold]
    others = [i for i in range(len(cells.counts)) if i not in small]
    for extra in range(len(others) + 1):
        for more in itertools.combinations(others, extra):
            gone = {*small, *more}
            shown = {
                k: None if i in gone else int(n) for i, (k, n) in enumerate(zip(cells.keys, cells.counts, strict=True))
            }
            if not attacker.recovered(shown, sums, 1, [cells.keys[i] for i in small], profile.width):
                return len(gone)
    raise AssertionError


@pytest.mark.parametrize("seed", range(6))
def test_no_more_is_hidden_than_must_be(seed):
    rng = np.random.default_rng(900 + seed)
    counts = rng.integers(10, 60, size=(2, 3) if seed % 2 else (3, 3))
    counts[rng.integers(2), rng.integers(3)] = rng.integers(1, 10)
    cells, profile = crossed(counts), release_profile("ons")
    found = suppress(cells, profile)
    assert found.fewest
    assert found.hidden.sum() == fewest(cells, profile)


def test_all_less_matched_gives_nobody_away():
    profile = release_profile("ons")
    cells = linked({"all": 591, "matched": 590, "unmatched": 1}, [("all", ["matched", "unmatched"])])
    found = suppress(cells, profile)
    assert found.hidden.sum() == 2
    assert found.hidden[2]


def test_two_tables_that_share_a_margin_are_protected_together():
    profile = release_profile("ons")
    by_sex = crossed([[4, 30], [26, 40]], "sex")
    by_hub = crossed([[14, 20], [36, 30]], "hub")
    same = [(f"hub:{k}|*", [f"sex:{k}|*"]) for k in "01*"]
    with pytest.raises(BadInput, match="does not hold"):
        joined([by_sex, by_hub], [("hub:0|0", ["sex:0|0"])])
    cells = joined([by_sex, by_hub], same)
    found = suppress(cells, profile)
    shown = shown_of(cells, found, profile)
    sums = [
        (f"{name}:{t}", [f"{name}:{p}" for p in parts])
        for name in ("sex", "hub")
        for t, parts in attacker.margins((2, 2))
    ]
    assert attacker.recovered(shown, [*sums, *same], 1, ["sex:0|0"], profile.width) == []


def test_out_of_time_all_that_may_be_is_hidden_and_nothing_is_refused():
    counts = np.random.default_rng(4).integers(1, 40, size=(6, 6, 3))
    profile = replace(release_profile("ons"), seconds=0.001)
    cells = crossed(counts)
    found = suppress(cells, profile)
    assert not found.fewest
    shown = shown_of(cells, found, profile)
    secret = [key for key, n in zip(cells.keys, cells.counts, strict=True) if 0 < n < 10][:5]
    assert attacker.recovered(shown, list(attacker.margins(counts.shape)), 1, secret, profile.width) == []


def test_where_what_is_known_gives_a_small_count_away_nothing_is_written():
    counts = np.array([[3, 20], [15, 40]])
    known = np.ones(9, dtype=bool)
    known[0] = False
    with pytest.raises(BadInput, match=r"what is known already.*Merge small categories"):
        suppress(crossed(counts), release_profile("ons"), fixed=known)


def test_no_more_than_a_tenth_more_is_hidden_than_the_stored_optima():
    """Found by trying every choice (`make_optima.py`), two- and three-way, under two bodies' rules."""
    stored = json.loads(Path(__file__).with_name("optima.json").read_text("utf-8"))
    assert len(stored) == 24
    hidden = [int(suppress(crossed(one["counts"]), release_profile(one["profile"])).hidden.sum()) for one in stored]
    assert [(n, one["fewest"]) for n, one in zip(hidden, stored, strict=True) if not one["fewest"] <= n <= 1.1 * one["fewest"]] == []
    assert max(one["fewest"] for one in stored) >= 8
