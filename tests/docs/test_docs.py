"""Pages and notebooks run: examples give what they show, links lead somewhere, notebooks end without an error."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT

PAGES = sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.py"))


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_draws_and_ends_with_what_it_does_not_show(notebook):
    text = (ROOT / "notebooks" / notebook).read_text(encoding="utf-8")
    ends = [cell.strip().splitlines()[-1] for cell in text.split("# %%") if cell.strip()]
    assert any(re.fullmatch(r"canvas|[\w.]+\.plot\(.*\)|on_canvas\(.*\)", end) for end in ends), "no cell whose value is a picture"
    *_, last = text.split("# %%")
    assert "# ## What this does not show" in last


@pytest.mark.parametrize("page", PAGES)
def test_examples_on_a_page_give_what_they_show(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    failed, _ = doctest.testfile(
        str(ROOT / "docs" / page), module_relative=False, encoding="utf-8",
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE,
    )  # fmt: skip
    assert failed == 0


@pytest.mark.parametrize("page", PAGES)
def test_links_on_a_page_lead_somewhere(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not target.startswith(("http", "mailto")):
            made = "reference/" in target or target.removeprefix("../") in {"glossary.md", "references.md", "notebooks/index.md"}  # by the code when the site is built; the site's own test follows those
            assert made or ((ROOT / "docs" / page).parent / target).exists(), target


def test_no_page_names_a_place_on_a_machine():
    for folder in ("docs", "designs", "notebooks", "benchmarks", "hubeval", "synthetic_data"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix in {".md", ".py", ".toml", ".html", ".css", ".js"}:
                text = path.read_text(encoding="utf-8")
                assert not re.search(r"(?<![\w.])/(work|home|root|tmp)/\w", text), path


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_runs_from_end_to_end(notebook, tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "notebooks" / notebook)], cwd=ROOT, capture_output=True, text=True, check=False,
        encoding="utf-8", timeout=900,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1", "MPLCONFIGDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
