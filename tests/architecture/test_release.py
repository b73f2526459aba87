"""Nothing is written or drawn that has not passed the gate: only the gate makes a `Released`, and writers take no other."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module

import pytest

from hubeval.release.released import Released

GATE = {"gate.py", "pages.py", "released.py"}
WRITERS = {
    "hubeval.report.html": ("write_html", "render_html"),
    "hubeval.report.outputs": ("write_outputs", "outputs"),
    "hubeval.report.audit": ("audit_files",),
    "hubeval.report.text": ("summary",),
    "hubeval.report.plan": ("write_plan", "plan_files", "render_plan", "write_learning", "learning_files"),
    "hubeval.report.brief.evaluated": ("evaluation_brief",),
    "hubeval.report.office.folder": ("office_files",),
    "hubeval.report.portfolio": ("write_portfolio",),
    "hubeval.report.value": ("write_value",),
    "hubeval.report.rollout": ("write_rollout",),
    "hubeval.report.synthesis": ("write_synthesis",),
}


def test_only_the_gate_makes_a_released(root):
    for path in (root / "hubeval").rglob("*.py"):
        text = path.read_text("utf-8")
        if path.name not in GATE or path.parent.name != "release":
            assert "_SEAL" not in text, path
    with pytest.raises(TypeError, match="only the release gate"):
        Released({}, (), seal=object())


def test_every_public_writer_takes_a_released_and_refuses_anything_else(root, tmp_path):
    """A writer that is new must be named here, and is then held to it."""
    for path in sorted((root / "hubeval" / "report").rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        made = [node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
        public = {name for name in made if name.startswith(("write_", "render_"))}
        assert public <= set(WRITERS.get(module, ())), module
    for module, names in WRITERS.items():
        for name in names:
            writer = getattr(import_module(module), name)
            first = next(iter(inspect.signature(writer).parameters.values()))
            assert first.annotation.startswith("Released["), writer
            more = [tmp_path] if len(inspect.signature(writer).parameters) > 1 else []
            with pytest.raises(TypeError, match="takes what hubeval"):
                writer({}, *more)
    assert not any(tmp_path.iterdir())


WRITE = {"write_text", "write_bytes", "write_file", "to_csv", "to_excel"}
ELSEWHERE = {
    "files.py", "folders.py",  # how all are written
    "data/source.py", "synthetic/shipped.py", "profile/record.py",  # inputs: a hash of a frame, made-up data, a profile
    "registry/ledger.py", "release/ledger.py", "release/keyed.py",  # ledgers and keys, which stay
    "verbs/exposure.py", "verbs/form.py", "verbs/new.py", "verbs/pseudonymise.py", "verbs/register.py",  # inputs to come
    "verbs/tidy.py",  # the same
    "verbs/federate.py",  # packets, which are checked where they are made
}  # fmt: skip


def test_only_reports_and_the_verbs_that_make_inputs_write_files(root):
    """Named by their place, so that another file of the same name is not let through; and none is named in vain."""
    found = set()
    for path in (root / "hubeval").rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        names = {getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls}
        if names & WRITE:
            found.add(path.relative_to(root / "hubeval").as_posix())
    assert {path for path in found if not path.startswith("report/")} == ELSEWHERE
