"""What every test may lean on: where the shared material lies, and how to say that it is absent."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("HUBEVAL_SHARED", ROOT.parent / "shared"))
REFERENCE = ROOT / "tests" / "reference"


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
