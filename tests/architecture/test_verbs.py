"""Verbs return what they have to say; only `cli.py` prints or exits."""

from __future__ import annotations

import ast

from hubeval.verbs import VERBS

PRINTS = {"print", "exit", "quit"}


def test_no_verb_prints_or_exits(root):
    files = sorted((root / "hubeval" / "verbs").glob("*.py"))
    assert len(files) > len(VERBS)
    for file in files:
        calls = [node.func for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
        names = {func.id for func in calls if isinstance(func, ast.Name)}
        names |= {func.attr for func in calls if isinstance(func, ast.Attribute)}
        assert not PRINTS & names, file.name


def test_every_verb_has_one_name_and_says_what_it_does():
    assert len({verb.name for verb in VERBS}) == len(VERBS)
    assert all(verb.says.endswith(".") for verb in VERBS)
