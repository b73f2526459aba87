"""Hostile and careless calls of the command line, made from a seed: files, arguments, and what must not be said."""

from __future__ import annotations

from dataclasses import replace

from hostile_corpus.base import Call
from hostile_corpus.newer import newer_calls
from hostile_corpus.options import option_calls
from hostile_corpus.running import Seen, run
from hostile_corpus.tables import table_calls
from hostile_corpus.texts import text_calls

__all__ = ["Call", "Seen", "corpus", "run"]


def corpus(seed: int = 20261128) -> list[Call]:
    """Every call, in a fixed order: the same seed gives the same corpus."""
    calls = [*text_calls(seed), *table_calls(seed + 1), *option_calls(seed + 2), *(replace(call, name=f"newer: {call.name}") for call in newer_calls(seed + 3))]
    assert len({call.name for call in calls}) == len(calls)
    return calls
