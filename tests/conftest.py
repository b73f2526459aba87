"""What every test may lean on: where the second witnesses lie, and how to say that they are absent.

Every number is checked against data and references that are committed (`tests/reference/make` makes them again). The data sets people
publish with are a second witness: they are not ours to commit, so what needs them runs only where `HUBEVAL_SHARED` holds them. Where
it does not, one skip says how many checks that leaves out; no check of a kind that has a committed counterpart may hide behind it.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("HUBEVAL_SHARED", ROOT.parent / "shared"))
REFERENCE = ROOT / "tests" / "reference"


def pytest_configure(config):
    config.addinivalue_line("markers", "second_witness: repeats a committed check on data that are not in the repository")


def pytest_collection_modifyitems(config, items):
    """Where the second witnesses are absent, one skip stands for all of them."""
    second = [item for item in items if item.get_closest_marker("second_witness") or "shared" in getattr(item, "fixturenames", ())]
    if SHARED.exists() or not second:
        return
    said = f"{len(second)} checks on data that are not in the repository (set HUBEVAL_SHARED to the folder that holds them)"
    second[0].add_marker(pytest.mark.skip(reason=said))
    rest = set(second[1:])
    config.hook.pytest_deselected(items=second[1:])
    items[:] = [item for item in items if item not in rest]


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's own folder."""
    return ROOT


@pytest.fixture(scope="session")
def shared():
    """A function from a path below the shared material to that path, or a skip that says what is absent."""

    def find(relative: str) -> Path:
        path = SHARED / relative
        if not path.exists():
            pytest.skip(f"shared material absent: {relative} (set HUBEVAL_SHARED to the folder that holds it)")
        return path

    return find


@pytest.fixture(scope="session")
def good_match():
    """`hubeval.methods.matching.match`, with what every matched sample must satisfy asserted after the call."""
    spec = importlib.util.spec_from_file_location("matching_checks", ROOT / "tests/methods/matching/checks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.good_match
