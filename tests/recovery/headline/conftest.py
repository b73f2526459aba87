"""Lets the tests of this folder import the harness beside them as `headline_study`, and prints what they saw."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("headline_study", Path(__file__).with_name("harness.py"))
_made = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = _made
_spec.loader.exec_module(_made)


def pytest_terminal_summary(terminalreporter):
    """The table of every cell that was studied: what a docs page quotes."""
    for name, seen in _made.SEEN:
        terminalreporter.write_line(f"{name}: {seen}")
    _made.SEEN.clear()
