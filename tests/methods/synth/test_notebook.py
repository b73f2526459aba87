"""The notebook runs from top to bottom and says what it promises."""

from __future__ import annotations

import runpy


def test_the_notebook_runs(root, capsys):
    runpy.run_path(str(root / "notebooks" / "synthetic_control.py"))
    said = capsys.readouterr().out
    assert "true mean effect: -6.42" in said
    assert "the fit is overfitted" in said
