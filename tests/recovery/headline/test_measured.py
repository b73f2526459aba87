"""The page of difference-in-differences has the rows of measured.json, all of them and as they are, and only cells that exist."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

HERE = Path(__file__).parent


def test_the_page_says_what_was_drawn():
    spec = importlib.util.spec_from_file_location("headline_measured", HERE / "measured.py")
    measured = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(measured)
    page = (HERE.parents[2] / "docs/did.md").read_text(encoding="utf-8")
    said = [line for line in page.splitlines() if "clusters, " in line and " waves" in line and line.startswith("| ")]
    assert said == measured.rows()
    kept = json.loads((HERE / "measured.json").read_text(encoding="utf-8"))
    cells = measured.kinds()
    for name, line in kept.items():
        kind, cell = name.split(": ", 1)
        assert cell in cells[kind]
        assert line["draws"] > 0
        assert len(line["commit"]) == 7
