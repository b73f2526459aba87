"""The committed data are those that the seeded generators draw, and the numbers say what made them."""

from __future__ import annotations

import importlib.util
import json

import pandas as pd
import pytest


@pytest.fixture(scope="module")
def draw(root):
    spec = importlib.util.spec_from_file_location("reference_draw", root / "tests/reference/make/draw.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_same_seeds_draw_the_committed_data(draw, drawn):
    for made in draw.ALL:
        pd.testing.assert_frame_equal(made(), drawn(made.__name__), check_dtype=False, rtol=0, atol=1e-6)


def test_every_data_set_is_drawn_or_certified(draw, root):
    there = {path.stem for path in (root / "tests/reference/data").glob("*.csv")}
    assert there == {made.__name__ for made in draw.ALL} | {"nist_longley", "nist_filip"}


def test_all_numbers_name_the_versions_that_made_them(root):
    files = list((root / "tests/reference").glob("*/drawn*.json"))
    assert len(files) == 11
    for file in files:
        versions = json.loads(file.read_text(encoding="utf-8"))["versions"]
        assert versions
        assert all(versions.values()), file
