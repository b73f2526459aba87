"""Readiness that opens the design of the panels here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubeval.profile import read_profile
from hubeval.readiness import assess


@pytest.fixture(scope="session")
def ready(root):
    return assess(replace(read_profile(root / "designs/councils/illustrative-profile.toml"), area="Pooled"))
