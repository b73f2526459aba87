"""One evaluation of the shipped example for every report test."""

from __future__ import annotations

import json

import pytest

from hubeval import files
from hubeval.release import release
from tests.conftest import module_at

DRIVER = module_at("tests/browser/chromium.py")


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


@pytest.fixture(scope="session")
def browser():
    """A tab of a headless Chromium."""
    binary = DRIVER.find_browser()
    if not binary:
        pytest.skip("no Chromium here")
    try:
        tab = DRIVER.Chromium(binary)
    except (OSError, RuntimeError) as error:
        pytest.skip(f"Chromium does not start here: {error}")
    yield tab
    tab.close()
