"""What every test may lean on: where the second witnesses lie, and how to say that they are absent.

Every number is checked against data and references that are committed (`tests/reference/make` makes them again). The data sets people
publish with are a second witness: they are not ours to commit, so what needs them runs only where `HUBEVAL_SHARED` holds them. Where
it does not, one skip says how many checks that leaves out; no check of a kind that has a committed counterpart may hide behind it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("HUBEVAL_SHARED", ROOT.parent / "shared"))
REFERENCE = ROOT / "tests" / "reference"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # workers share the processors: threads of linear algebra within each only wait for one another


def pytest_configure(config):
    config.addinivalue_line("markers", "second_witness: repeats a committed check on data that are not in the repository")


def pytest_collection_modifyitems(config, items):
    """Where something is absent, one skip stands for all that need it and says what brings it."""
    bring = "`CI=true .venv/bin/pytest tests/readiness/test_form.py` brings"
    if not SHARED.exists():
        asks = "checks on data that are not in the repository (set HUBEVAL_SHARED to the folder that holds them)"
        one_skip(config, items, lambda item: item.get_closest_marker("second_witness") or uses(item, "shared"), asks)
    if os.environ.get("CI") == "true":
        return
    if not any(shutil.which(name) for name in module_at("tests/browser/chromium.py").NAMES):
        one_skip(config, items, lambda item: uses(item, "browser"), f"tests in a browser: no Chromium here ({bring} it)")
    elif not os.environ.get("HUBEVAL_AXE"):
        one_skip(config, items, lambda item: uses(item, "axe"), f"tests with axe-core, which is absent ({bring} it)")


def uses(item, fixture):
    return fixture in getattr(item, "fixturenames", ())


def one_skip(config, items, asks, what):
    """Skip the first of the items that ask, with their number; deselect the rest."""
    asking = [item for item in items if asks(item)]
    if not asking:
        return
    asking[0].add_marker(pytest.mark.skip(reason=f"{len(asking)} {what}"))
    rest = set(asking[1:])
    config.hook.pytest_deselected(items=asking[1:])
    items[:] = [item for item in items if item not in rest]


def module_at(relative):
    """A helper module of the tests, which are no package."""
    path = ROOT / relative
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's own folder."""
    return ROOT


@pytest.fixture(scope="session")
def worked(root):
    """A function from a worked protocol, as `hub-series/protocol.toml`, to its evaluation: made once, whoever asks."""

    @cache
    def made(relative):
        from hubeval.evaluation import evaluate
        from hubeval.protocol import read_protocol

        return evaluate(read_protocol(root / "designs" / relative), today=date(2026, 11, 22))

    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A worked protocol, its data as text, as bound before and after its room answered, and the answer."""

    protocol: Any
    frame: Any
    before: Any
    table: Any
    answer: Any


@pytest.fixture(scope="session")
def answered(root):
    """A function from the name of a worked design to what its room answers: made once, whoever asks."""

    @cache
    def made(name):
        import pandas as pd

        from hubeval.data.bind import bind
        from hubeval.methods.room import room_for
        from hubeval.protocol import read_protocol

        protocol = read_protocol(root / "designs" / name / "protocol.toml")
        frame = pd.read_csv(root / "designs" / name / protocol.data.file, dtype=str, keep_default_na=False)
        table = bind(protocol, frame)
        before = table.frame.copy(deep=True)
        answer = room_for(protocol.design.kind).answer(protocol, table, lambda _line: None)
        return Answered(protocol=protocol, frame=frame, before=before, table=table, answer=answer)

    return made


@pytest.fixture(scope="session")
def shared():
    """A function from a path below the shared material to that path, or a skip that says what is absent."""

    def find(relative: str) -> Path:
        path = SHARED / relative
        if not path.exists():
            pytest.skip(f"shared material absent: {relative} (set HUBEVAL_SHARED to the folder that holds it)")
        return path

    return find


@pytest.fixture(scope="session")
def good_match():
    """`hubeval.methods.matching.match`, with what every matched sample must satisfy asserted after the call."""
    return module_at("tests/methods/matching/checks.py").good_match


@pytest.fixture(scope="module")
def browser():
    """A tab of a headless Chromium, or a skip."""
    driver = module_at("tests/browser/chromium.py")
    binary = driver.find_browser()
    if not binary:
        pytest.skip("no Chromium here (apt-get install chromium; under CI=true the tests install it)")
    try:
        tab = driver.Chromium(binary)
    except (OSError, RuntimeError) as error:
        pytest.skip(f"Chromium does not start here: {error}")
    yield tab
    tab.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """The text of axe-core: a file named by HUBEVAL_AXE, or under CI the npm package."""
    named = os.environ.get("HUBEVAL_AXE")
    if named:
        return Path(named).read_text(encoding="utf-8")
    if os.environ.get("CI") != "true" or not shutil.which("npm"):
        pytest.skip("axe-core absent (set HUBEVAL_AXE to axe.min.js; under CI=true it is fetched with npm)")
    folder = tmp_path_factory.mktemp("axe")
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            ["npm", "pack", "--silent", "axe-core@4"], cwd=folder, capture_output=True, check=False, timeout=120
        )
    archive = next(folder.glob("*.tgz"), None)
    if archive is None:
        pytest.skip("axe-core cannot be fetched with npm here")
    shutil.unpack_archive(archive, folder)
    return (folder / "package" / "axe.min.js").read_text(encoding="utf-8")
