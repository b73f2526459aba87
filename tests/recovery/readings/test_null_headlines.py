"""Whole answers of every room where nothing happened and nothing is wrong: few may read as if something failed.

Each check by itself is held to 1% failures elsewhere; here all of them are taken together, as a reader meets them.
`pytest -m slow tests/recovery/readings/test_null_headlines.py -s` prints the shares that docs/deliverables.md quotes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from hubeval.data.bind import bind
from hubeval.headline import write_headline
from hubeval.methods.did.checks.together import BY_STATISTIC, CHANGE
from hubeval.methods.readings.measure import read_back
from hubeval.methods.room import room_for
from hubeval.protocol import ItsDesign, MatchingDesign, SynthDesign

from . import worlds
from .test_matching_readings import NAMES, OUTCOMES
from .test_matching_readings import world as records
from .test_series_readings import MONTHS, series

MOST = 0.10
FAMILY, ANY = (*BY_STATISTIC, CHANGE), "any of those counted together"


def did(rng):
    return worlds.PROTOCOL, worlds.panel(rng)


def staggered(rng):
    return worlds.PROTOCOL, worlds.panel(rng, n=30, k=15, starts=(6, 8, 10))


def its(rng):
    return replace(worlds.PROTOCOL, design=ItsDesign(time="m", start=MONTHS[48])), series(rng)[0]


def synth(rng):
    design = SynthDesign(unit="unit", time="year", treated="u00", start="2020")
    return replace(worlds.PROTOCOL, design=design), worlds.panel(rng, n=25, k=1, periods=28, starts=(20,)).drop(columns="start")


def matching(rng):
    design = MatchingDesign(unit="id", treated="z", covariates=NAMES, caliper=0.2, estimator="difference")
    return replace(worlds.PROTOCOL, outcomes=OUTCOMES, design=design), records(rng)


DRAWS = {"did": 60, "staggered did": 30, "its": 60, "synth": 40, "matching": 40}
ROOMS = {"did": did, "staggered did": staggered, "its": its, "synth": synth, "matching": matching}


def shares(room, draws):
    """How often the headline reads cautious, and a caution that bears on the sign stands in it; which checks failed, or (in brackets) cautioned."""
    cautious = sign = 0
    failed = Counter()
    for seed in range(draws):
        protocol, frame = ROOMS[room](np.random.default_rng([2026, seed]))
        answer = read_back(room_for(protocol.design.kind).answer(protocol, bind(protocol, frame), lambda _line: None))
        checks = (*answer.diagnostics, *answer.probes)
        cautious += write_headline(protocol, answer).cautious
        sign += any(c.status == "caution" and c.bears_on == "sign" for c in checks)
        failed[ANY] += any(c.name in FAMILY and c.status in {"caution", "fail"} for c in checks)
        failed.update(c.name for c in checks if c.status == "fail")
        failed.update(f"({c.name})" for c in checks if c.status == "caution" and c.bears_on == "sign")
    return cautious / draws, sign / draws, failed


def test_a_sound_synthetic_control_seldom_reads_as_if_a_check_failed():
    assert shares("synth", 20)[0] <= MOST


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_a_sound_study_in_which_nothing_happened_seldom_reads_as_if_a_check_failed(room):
    cautious, sign, raised = shares(room, DRAWS[room])
    print(f"{room}: cautious {cautious:.3f}, cautions on the sign {sign:.3f}; {dict(raised)}")  # noqa: T201
    assert cautious <= MOST
    if "did" in room:  # tests counted together: those of 5% each raised something in a fifth of these
        assert raised[ANY] / DRAWS[room] <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / DRAWS[room])
