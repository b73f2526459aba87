"""What the theory tests share."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="session")
def reference(root):
    """A function from a file name to the outside numbers kept for the theory rooms."""

    def read(name):
        return json.loads((root / "tests" / "reference" / "theory" / name).read_text(encoding="utf-8"))

    return read
