"""The hostile corpus: a bounded part on every run, the whole with ``pytest -m slow tests/hostile/test_corpus.py``."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import hostile_corpus
from hostile_corpus import Call, run
from hostile_corpus.texts import text_calls

corpus = cache(hostile_corpus.corpus)


def faults(calls, **options):
    return [
        f"{seen.name}: {', '.join(seen.faults)}: {seen.said[:200]}" for seen in run(calls, **options) if seen.faults
    ]


def test_the_corpus_is_large_and_always_the_same():
    calls = corpus()
    assert len(calls) >= 3_000
    assert {call.argv[0] for call in calls} >= {"new", "assess", "form", "check", "power", "evaluate", "plan", "demo", "import", "release"}
    assert text_calls(1) == text_calls(1)


def test_a_part_of_the_corpus_breaks_no_rule():
    assert not faults(corpus()[7::61], until=12)


def test_a_broken_rule_is_seen():
    """The judge itself can fail: a call that shows a row's value, and one that is no refusal."""
    from hostile_corpus.running import judged

    assert "row values in a message" in judged(Call("x", ("check",)), 2, "", "found 50.7713")
    assert "fault of ours" in judged(Call("x", ("check",)), 2, "", "hubeval itself failed")
    assert "status 1 without 'not ready'" in judged(Call("x", ("check",)), 1, "", "no")
    assert "acts on a terminal" in judged(Call("x", ("check",)), 0, "\x1b[2J", "")


@pytest.mark.slow
def test_the_whole_corpus_breaks_no_rule():
    assert not faults(corpus())
