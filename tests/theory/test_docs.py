"""The guide and the notebook run as they stand."""

from __future__ import annotations

import doctest
import re
import runpy
import tomllib

from hubeval.theory.analyses import analyse
from hubeval.theory.checks import check_theory
from hubeval.theory.read import parse_theory


def test_every_example_in_the_guide_runs(root, monkeypatch):
    monkeypatch.chdir(root)
    failed, tried = doctest.testfile(str(root / "docs" / "theory.md"), module_relative=False)
    assert tried > 20
    assert failed == 0


def test_the_guide_s_theory_is_whole(root):
    blocks = re.findall(r"```toml\n(.*?)```", (root / "docs" / "theory.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    given = parse_theory(tomllib.loads("\n".join(blocks)))
    assert check_theory(given) == ()
    assert [analysis.title.split(":")[0] for analysis in analyse(given)] == ["Monitoring", "Process tracing"]


def test_links_in_the_guide_lead_somewhere(root):
    text = (root / "docs" / "theory.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (root / "docs" / target).exists(), target


def test_the_notebook_runs_and_finds_the_combinations_it_was_made_with(root, monkeypatch, capsys):
    monkeypatch.chdir(root)
    made = runpy.run_path(str(root / "notebooks" / "theory.py"))
    assert {frozenset(term.split("*")) for term in made["solution"].models[0].terms} == {
        frozenset({"SETTLED", "ONE_RECORD"}), frozenset({"~SETTLED", "OUTREACH"})}
    assert "not why" in capsys.readouterr().out
