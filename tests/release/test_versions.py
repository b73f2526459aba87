"""Two versions of one set of tables, a few persons apart: neither they nor any small count can be worked out from both."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from hubeval.release.ledger import Ledger, too_close
from hubeval.release.linked import crossed
from hubeval.release.profiles import release_profile
from hubeval.release.suppress import suppress

spec = importlib.util.spec_from_file_location("attacker", Path(__file__).with_name("attacker.py"))
attacker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(attacker)

ONS = release_profile("ons")
SHAPES = [(3, 4), (4, 4), (2, 3, 3), (2, 2, 3)]


def let_out(counts, ledger):
    """What is shown of a version, given what was shown before, and the small cells in it."""
    cells = crossed(counts)
    named = dict(zip(cells.keys, cells.counts.tolist(), strict=True))
    close = too_close(named, ledger, ONS)
    found = suppress(cells, ONS, forced=np.array([key in close for key in cells.keys]))
    shown = {key: None if gone else named[key] for key, gone in zip(cells.keys, found.hidden, strict=True)}
    return shown, [key for key, n in named.items() if 0 < n < ONS.threshold]


def recovered(seed):
    """Cells of two versions that an attacker pins down who knows that at most three persons joined."""
    rng = np.random.default_rng(seed)
    shape = SHAPES[seed % len(SHAPES)]
    first = rng.negative_binomial(1.2, 0.04, size=shape)
    second = first.copy()
    for _ in range(rng.integers(1, 4)):
        second[tuple(rng.integers(0, size) for size in shape)] += 1
    shown_1, small_1 = let_out(first, Ledger())
    shown_2, small_2 = let_out(second, Ledger().added("2026-11-01", "ons", shown_1))
    near = [k for k, n in shown_2.items() if n is not None and shown_1[k] is not None and 0 < abs(n - shown_1[k]) < 10]
    sums = list(attacker.margins(shape))
    both = {f"1:{k}": n for k, n in shown_1.items()} | {f"2:{k}": n for k, n in shown_2.items()}
    tied = [(f"{v}:{total}", [f"{v}:{part}" for part in parts]) for v in "12" for total, parts in sums]
    secret = [f"1:{k}" for k in small_1] + [f"2:{k}" for k in small_2]
    return near, attacker.recovered(both, tied, 1, secret, ONS.width)


def test_a_few_persons_more_are_not_read_off_two_versions():
    assert [seed for seed in range(16) if recovered(seed) != ([], [])] == []


@pytest.mark.slow
def test_a_few_persons_more_are_not_read_off_many_versions():
    assert [seed for seed in range(100, 400) if recovered(seed) != ([], [])] == []


def test_shown_without_the_ledger_the_few_would_be_read_off():
    first = np.array([[40, 22], [31, 18]])
    shown_1, _ = let_out(first, Ledger())
    shown_2, _ = let_out(first + np.array([[1, 0], [0, 0]]), Ledger())
    assert shown_2["0|0"] - shown_1["0|0"] == 1
