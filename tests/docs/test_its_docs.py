"""The page and the notebook on interrupted time series run."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys


def test_the_page_runs(root):
    failed, tried = doctest.testfile(str(root / "docs" / "its.md"), module_relative=False)
    assert tried > 5
    assert failed == 0


def test_the_notebook_runs_as_plain_python(root):
    environment = {**os.environ, "PYTHONPATH": str(root), "HUBEVAL_SHARED": str(root / "nowhere")}
    done = subprocess.run(
        [sys.executable, str(root / "notebooks" / "sicily.py")], cwd=root, capture_output=True, text=True, check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    assert "cumulative" in done.stdout or "absolute" in done.stdout
