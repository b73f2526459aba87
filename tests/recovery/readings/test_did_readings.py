"""Readings of a difference-in-differences: quiet where nothing is wrong, heard where something is.

Quiet: at most 5% cautions and 1% failures in draws without any effect or flaw. The short cells run by default;
`pytest -m slow tests/recovery/readings -s` draws whole answers and prints the table.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest

from hubeval.data.bind import bind
from hubeval.methods.did.checks.diagnostics import change_before_start
from hubeval.methods.did.door.panel import read_panel
from hubeval.methods.did.inference.headline import average, settled
from hubeval.methods.did.room import answer
from hubeval.methods.readings.estimates import claims

from .worlds import PROTOCOL, panel

CELLS = {
    "8 of 20": {},
    "3 of 60": {"n": 60, "k": 3},
    "1 of 40": {"n": 40, "k": 1},
    "staggered": {"n": 40, "k": 16, "periods": 16, "starts": (6, 9, 11)},
    "autocorrelated": {"rho": 0.8},
}
WIDE = 2.6


def band(share, draws):
    """How far a share of so many draws may lie above by chance."""
    return share + WIDE * np.sqrt(share * (1 - share) / draws)


def changes(draws, *, asked=False, **world):
    """What the reading says; with `asked`, knowing whether the headline claims an effect, as in an evaluation."""
    said, design = Counter(), PROTOCOL.design
    for seed in range(draws):
        frame = panel(np.random.default_rng([11, seed]), **world)
        made = read_panel(frame, outcome="y", unit="unit", time="year", start="start")
        claimed = asked and claims(average(made, settled(design, made))) != 0
        said[change_before_start(made, 1, claimed=claimed).status] += 1
    return said


@pytest.mark.parametrize("cell", CELLS)
def test_a_change_before_the_start_is_seldom_seen_where_there_is_none(cell):
    draws = 200
    said = changes(draws, **CELLS[cell])
    assert (said["caution"] + said["fail"]) / draws <= band(0.05, draws)
    assert said["fail"] / draws <= band(0.01, draws)


@pytest.mark.parametrize("effect", [0.0, -2.0])
def test_knowing_of_a_claim_raises_few_more(effect):
    draws = 120
    plain, knowing = (changes(draws, asked=asked, n=40, k=1, effect=effect) for asked in (False, True))
    assert (knowing["caution"] + knowing["fail"]) / draws <= band(0.05, draws)
    assert plain["caution"] <= knowing["caution"] <= plain["caution"] + 0.06 * draws


def test_most_of_a_claimed_change_before_the_start_is_raised_though_chance_moves_others_as_far():
    for moved in np.arange(-1.0, -3.0, -0.2):  # up to the first that is more than a twentieth of the others show
        frame = panel(np.random.default_rng(3), n=40, k=1, effect=-0.2, moved=moved)
        made = read_panel(frame, outcome="y", unit="unit", time="year", start="start")
        silent, heard = (change_before_start(made, 1, claimed=claimed) for claimed in (False, True))
        if (silent.status, heard.status) == ("information", "caution"):
            break
    assert silent.statistic == heard.statistic >= 2 / 3
    assert (silent.status, heard.status) == ("information", "caution")
    assert "this does not refute the effect" in heard.reading
    assert "this does not refute the effect" not in silent.reading


def test_a_change_before_the_start_is_seen_where_it_is_the_whole_change():
    draws = 100
    said = changes(draws, n=40, k=16, moved=2.0)
    assert (said["caution"] + said["fail"]) / draws > 0.9
    assert said["fail"] / draws > 0.7


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_no_reading_cries_where_nothing_is_wrong(cell):
    draws, said = 200, defaultdict(Counter)
    for seed in range(draws):
        frame = panel(np.random.default_rng([12, seed]), **CELLS[cell])
        made = answer(PROTOCOL, bind(PROTOCOL, frame), lambda _line: None)
        for check in (*made.diagnostics, *made.probes):
            said[check.name][check.status] += 1
    for name, counts in said.items():
        print(f"{cell:16} {name:36} caution {counts['caution'] / draws:.3f} fail {counts['fail'] / draws:.3f}")  # noqa: T201
    facts = {"number treated"}  # says how many there are, which is a caution whatever they show
    loud = {
        name: counts
        for name, counts in said.items()
        if name not in facts
        and (
            (counts["caution"] + counts["fail"]) / draws > band(0.05, draws)
            or counts["fail"] / draws > band(0.01, draws)
        )
    }
    assert not loud
