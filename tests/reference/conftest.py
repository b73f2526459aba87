"""The committed data that reference numbers were made on."""

from __future__ import annotations

import json

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def drawn(root):
    """A function from the name of a drawn data set to it; `tests/reference/make/draw.py` draws them."""
    return lambda name: pd.read_csv(root / "tests/reference/data" / f"{name}.csv")


@pytest.fixture(scope="session")
def numbers(root):
    """A function from a file below this folder to what it stores."""
    return lambda relative: json.loads((root / "tests/reference" / relative).read_text(encoding="utf-8"))
