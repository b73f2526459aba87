"""Whole answers of a difference-in-differences in which something is wrong: counted as one family, its tests must still raise it.

`pytest -m slow tests/recovery/readings/test_real_violations.py -s` prints, for each, how often any test of the family was raised by itself
and when all are counted together, which docs/did.md quotes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hubeval.data.bind import bind
from hubeval.headline import write_headline
from hubeval.methods.did.checks.together import BY_STATISTIC, CHANGE
from hubeval.methods.did.room import answer
from hubeval.protocol import Outcome

from . import worlds

FAMILY = {*BY_STATISTIC, CHANGE}
PLACEBO = Outcome(column="z", label="Z", unit="points", direction="neither", role="placebo")


def trend(rng, size):
    """The treated drift apart by `size` a period, before the start as after it."""
    frame = worlds.panel(rng, n=30, k=12)
    return worlds.PROTOCOL, frame.assign(y=frame.y + size * (frame.year - 2000) * frame.start.notna())


def dip(rng, size):
    """The treated move by `size` in the period before the start and stay there."""
    return worlds.PROTOCOL, worlds.panel(rng, n=30, k=12, moved=size)


def placebo(rng, size):
    """An outcome that the service cannot move moves by `size` with the start."""
    frame = worlds.panel(rng, n=30, k=12)
    other = worlds.panel(rng, n=30, k=12, effect=size)
    return replace(worlds.PROTOCOL, outcomes=(*worlds.PROTOCOL.outcomes, PLACEBO)), frame.assign(z=other.y)


WORLDS = {"diverging trend": (trend, 0.4), "anticipation": (dip, 2.0), "placebo outcome moved": (placebo, 2.0)}
SMALLER = {"diverging trend": (trend, 0.2), "anticipation": (dip, 1.0), "placebo outcome moved": (placebo, 1.0)}


def raised(world, size, draws):
    """Shares of answers in which any of the family is raised by itself, when all are counted, and is told in the headline."""
    alone = together = told = 0
    for seed in range(draws):
        protocol, frame = world(np.random.default_rng([41, seed]), size)
        made = answer(protocol, bind(protocol, frame), lambda _line: None)
        checks = [c for c in (*made.diagnostics, *made.probes) if c.name in FAMILY]
        up = [c for c in checks if c.status in {"caution", "fail"}]
        text = write_headline(protocol, made).text
        together += bool(up)
        told += bool(up) and all(c.reading in text for c in up)
        alone += bool(up) or any("By itself that would be raised" in c.reading for c in checks)
    return alone / draws, together / draws, told / draws


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_wrong_is_raised_and_told_in_the_headline(name):
    _, together, told = raised(*WORLDS[name], 2)
    assert together == told == 1.0


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_counting_them_together_still_raises_most_where_something_is_wrong(name):
    for world, size in (WORLDS[name], SMALLER[name]):
        alone, together, told = raised(world, size, 40)
        print(f"{name} {size}: alone {alone:.3f}, together {together:.3f}, told {told:.3f}")  # noqa: T201
        assert told == together >= alone - 0.4
    assert raised(*WORLDS[name], 40)[1] >= 0.9
