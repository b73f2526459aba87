"""Built, installed in an environment of its own, and run outside the checkout: nothing there leans on the source tree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from hubeval.examples import examples

ROOT = Path(__file__).resolve().parents[2]


def call(*argv, cwd, **env):
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    return subprocess.run([*map(str, argv)], cwd=cwd, env={**clean, **env}, capture_output=True, text=True, check=False, timeout=240)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder of programs of an environment that holds the wheel made from the sdist; and the wheel.

    The environment reaches the libraries of this one, after its own: no network, and no second copy of them.
    """
    pytest.importorskip("hatchling")
    home = tmp_path_factory.mktemp("installed")
    made = call(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", home, cwd=ROOT)
    assert made.returncode == 0, made.stderr
    (sdist,) = home.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(home, filter="data")
    source = home / sdist.name.removesuffix(".tar.gz")
    made = call(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", home, cwd=source)
    assert made.returncode == 0, made.stderr
    (wheel,) = home.glob("*.whl")
    venv.create(home / "venv", with_pip=False)
    programs = home / "venv" / ("Scripts" if os.name == "nt" else "bin")
    own = Path(call(programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).stdout.strip())
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    put = call(sys.executable, "-m", "pip", "--python", programs / "python", "install", "-q", "--no-deps", "--no-index", wheel, cwd=home)
    assert put.returncode == 0, put.stderr
    return programs, wheel


def test_an_installed_hubeval_runs_outside_the_checkout(installed, tmp_path):
    programs, _ = installed

    def run(*argv):
        done = call(programs / "hubeval", *argv, cwd=tmp_path)
        assert done.returncode == 0, (argv, done.stderr)
        return done.stdout

    where = call(programs / "python", "-c", "import hubeval; print(hubeval.__file__)", cwd=tmp_path).stdout
    assert str(programs.parent) in where
    assert run("--version").startswith("hubeval ")
    names = [example["name"] for example in json.loads(run("demo", "--json"))]
    assert names == [example.name for example in examples()]  # as in the checkout
    for name in ("single-authority", "hub-series"):
        run("demo", name, "--out", name)
        assert (tmp_path / name / "protocol.toml").is_file()
    run("assess", "*/illustrative-profile.toml")
    run("new", "protocol", "--kind", "its", "--out", "protocol.toml")
    run("schema", "protocol")
    run("form", "form.html")
    assert "Data check" in run("check", "single-authority/protocol.toml")
    run("evaluate", "single-authority/protocol.toml", "--out", "report")
    assert {"report.html", "result.json", "figures", "hubeval.json"} <= {path.name for path in (tmp_path / "report").iterdir()}
    assert "10.1198/jasa.2009.ap08746" in run("methods", "report/result.json")


def test_the_wheel_holds_what_runs_and_no_more(installed):
    _, wheel = installed
    names = zipfile.ZipFile(wheel).namelist()
    kept = {"hubeval/templates/theory.toml", "hubeval/shipped/designs/essex-style/protocol.toml",
            "hubeval/shipped/synthetic_data/essex-style/panel.csv", "hubeval/py.typed"}  # fmt: skip
    assert kept <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "designs/", "docs/")) or name.endswith(".pyc")]
