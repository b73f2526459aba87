"""No two files import one another, directly or round about; imports for types and inside functions count."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter


def names_of(root):
    """Module name -> file, for every file of the package."""
    found = {}
    for path in (root / "hubeval").rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(text, modules):
    """The package's own modules that a text imports, wherever the import stands."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else node.module for name in whole}
    return found & set(modules)


def circle(graph):
    """One circle of the graph, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return None


def test_no_files_import_one_another(root):
    modules = names_of(root)
    graph = {
        name: {other for other in imported(path.read_text("utf-8"), modules) if other not in {name, "hubeval"}}
        for name, path in modules.items()
    }
    assert len(graph) > 200
    assert circle(graph) is None


def test_a_circle_would_be_seen():
    modules = {"hubeval.a": None, "hubeval.b": None}
    one = imported("def f():\n    from hubeval.b import g\n", modules)
    two = imported("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from hubeval import a\n", modules)
    assert circle({"hubeval.a": one, "hubeval.b": two})
