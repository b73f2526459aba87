"""The house stands as drawn: floors, independence of methods, and nothing heavy below readiness."""

from __future__ import annotations

import os
import subprocess
import sys


def test_import_contracts_hold(root):
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_hubeval_loads_no_numerical_library(root):
    code = (
        "import sys, hubeval; "
        "heavy = {'numpy','pandas','scipy','statsmodels','sklearn','matplotlib'} & set(sys.modules); "
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
