"""One evaluation of the shipped example for every report test."""

from __future__ import annotations

import json

import pytest

from hubeval import files
from hubeval.release import release


@pytest.fixture(scope="session")
def evaluation(worked):
    return worked("essex-style/protocol.toml")


@pytest.fixture(scope="session")
def released(evaluation):
    """What may leave of it."""
    return release(evaluation)[0]


@pytest.fixture(scope="session")
def result(released):
    """The canonical result as a reader of result.json has it."""
    return json.loads(files.to_json(released.content))
