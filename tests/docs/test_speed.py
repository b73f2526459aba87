"""The page on speed holds what was measured, and what was measured grows no faster than is said."""

from __future__ import annotations

import json

import pytest

from tests.conftest import ROOT, module_at

pytestmark = pytest.mark.skipif(not (ROOT / "benchmarks").exists(), reason="the benchmarks are not in a source distribution")


@pytest.fixture
def made(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")  # as a script has it
    return module_at("benchmarks/scaling.py")


def page():
    return (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")


def measured():
    return json.loads((ROOT / "benchmarks" / "measured" / "scaling.json").read_text(encoding="utf-8"))


def test_the_table_is_made_from_what_was_measured(made):
    assert made.written(page(), "scaling", made.table(measured())) == page()


def test_nothing_grows_faster_than_is_allowed(made):
    assert set(measured()["work"]) == set(made.WORK)
    for name, rows in measured()["work"].items():
        assert made.exponent(rows) <= made.WORK[name][3], name


def test_the_table_of_whole_commands_is_made_from_what_was_measured(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import whole_path

    kept = json.loads((ROOT / "benchmarks" / "measured" / "whole_path.json").read_text(encoding="utf-8"))
    assert whole_path.written(page(), "whole commands", whole_path.table(kept)) == page()
    targets = {label.format(rows=1_000_000): want for label, _, _, _, want in whole_path.WORK}
    assert kept["work"]
    assert all(targets[row["work"]] == row["want"] for row in kept["work"])


def test_the_page_says_when_and_with_what_it_was_measured():
    found = measured()
    minor = [".".join(found[name].split(".")[:2]) for name in ("python", "numpy")]
    assert f"on {found['made']} with Python {minor[0]} and NumPy {minor[1]}" in page()


def test_the_exponent_is_the_slope_and_leaves_the_first_size_out(made):
    rows = [{"n": n, "seconds": 9.0 if n == 10 else n**2 / 100} for n in (10, 20, 40, 80)]
    assert made.exponent(rows) == 2.0
