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


def test_a_bar_says_what_is_done_and_what_remains():
    said = []
    with Stages(write=said.append, live=True, steps=("Reading", "Estimating", "Drawing")) as stages:
        for stage in ("Reading the data", "estimating A", "estimating B", "matching", "Drawing the report"):
            stages.say(stage)
    bars = [line.removeprefix("\r\033[K").partition(" … ")[0] for line in said[:-1]]
    assert bars[0] == "[....................] 1 of 3: Reading the data"
    assert bars[1] == "[######..............] 2 of 3: estimating A"
    assert [bar.partition("] ")[2] for bar in bars[2:]] == ["2 of 3: estimating B", "2 of 3: matching", "3 of 3: Drawing the report"]
    assert said[1].endswith(", then drawing")
    assert said[-2].endswith(" s)")


def test_verbs_say_their_stages_in_the_order_of_their_steps(root):
    """Every stage of an evaluation is one of the verb's steps, in order, whichever room answers."""
    from hubeval.evaluation import evaluate
    from hubeval.protocol import read_protocol
    from hubeval.verbs.evaluate import EVALUATE

    said = []
    evaluate(read_protocol(root / "designs/hub-series/protocol.toml"), progress=said.append)
    found = [next((i for i, step in enumerate(EVALUATE.steps) if line.casefold().startswith(step.casefold())), None) for line in said]
    known = [at for at in found if at is not None]
    assert known == sorted(known)
    assert set(known) == set(range(5))
