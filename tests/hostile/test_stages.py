"""Long work is never silent, quick work never noisy."""

from __future__ import annotations

import time

from hubeval.verbs.stages import Stages


def test_quick_work_says_nothing_where_it_cannot_be_written_over():
    said = []
    with Stages(write=said.append, live=False) as stages:
        stages.say("Reading")
    assert said == []


def test_long_work_says_its_stage_again_and_again():
    said = []
    with Stages(write=said.append, live=False, every=0.02) as stages:
        stages.say("Drawing")
        for _ in range(500):
            if len(said) > 1:
                break
            time.sleep(0.02)
    assert len(said) > 1
    assert all(line.startswith("Drawing … (") and line.endswith(" s)\n") for line in said[1:])


def test_a_terminal_is_left_clean():
    said = []
    with Stages(write=said.append, live=True) as stages:
        stages.say("Drawing")
    assert said[-1] == "\r\033[K"
