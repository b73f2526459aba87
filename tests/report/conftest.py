"""One evaluation of the shipped example for every report test."""

from __future__ import annotations

import json
from datetime import date

import pytest

from hubeval import files
from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol
from hubeval.release import release


@pytest.fixture(scope="session")
def evaluation(root):
    return evaluate(read_protocol(root / "designs" / "essex-style" / "protocol.toml"), today=date(2026, 11, 22))


@pytest.fixture(scope="session")
def released(evaluation):
    """What may leave of it."""
    return release(evaluation)[0]


@pytest.fixture(scope="session")
def result(released):
    """The canonical result as a reader of result.json has it."""
    return json.loads(files.to_json(released.content))
