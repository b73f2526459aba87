"""The README does what it says: every hubeval command and every Python example in it runs."""

from __future__ import annotations

import doctest
import re
import shlex
import sys

import pytest

from hubeval.cli import main


def commands(text):
    """Lines of shell blocks that start with hubeval, without their comments."""
    for block in re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL):
        for line in block.splitlines():
            if line.startswith("hubeval "):
                yield line.split("#")[0].strip()


@pytest.fixture
def desk(root, tmp_path, monkeypatch):
    """A folder as the README imagines it: the designs, an own profile and protocol, and data."""
    for name in ("designs", "synthetic_data"):
        (tmp_path / name).symlink_to(root / name)
    example = root / "designs" / "essex-style"
    protocol = (
        (example / "protocol.toml").read_text().replace('"../../synthetic_data/essex-style/panel.csv"', '"panel.csv"')
    )
    (tmp_path / "protocol.toml").write_text(protocol.replace("illustrative-profile.toml", "profile.toml"))
    (tmp_path / "profile.toml").write_text((example / "illustrative-profile.toml").read_text())
    (tmp_path / "panel.csv").write_text((root / "synthetic_data" / "essex-style" / "panel.csv").read_text())
    (tmp_path / "theory.toml").write_text((root / "designs" / "bristol" / "theory.toml").read_text())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_in_the_readme_runs(root, desk, capsys):
    found = list(commands((root / "README.md").read_text(encoding="utf-8")))
    assert len(found) >= 8
    for line in found:
        words = shlex.split(line.split(">")[0])[1:]
        if words[0] == "new":  # the desk holds the files already filled in, and nothing is written over
            words = [f"empty-{word}" if word.endswith(".toml") else word for word in words]
        argv = [str(p) for w in words for p in (sorted(desk.glob(w)) if "*" in w else [w])]
        assert main(argv) == 0, (line, capsys.readouterr().err)


def test_python_in_the_readme_runs(root, monkeypatch):
    monkeypatch.chdir(root)
    failed, tried = doctest.testfile(str(root / "README.md"), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert tried > 0
    assert failed == 0


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_lead_somewhere(root, page):
    text = (root / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (root / target).exists(), target


@pytest.mark.skipif(sys.platform == "win32", reason="shell quoting")
def test_ci_finds_the_test_command(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- ci: tests -->\n```sh\n(.*?)```", text, flags=re.DOTALL)
    assert block
    assert "pytest" in block[1]
