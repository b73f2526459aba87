"""A number put into a table by hand after the gate is found by a look at the folder."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from hubeval.cli import main
from hubeval.release.audit import check_folder

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    where = tmp_path_factory.mktemp("strays")
    protocol = worlds.written(where, "did", worlds.children(), units="person", release="nhs")
    assert main(["evaluate", str(protocol), "--despite", "a test", "--out", str(where / "out")]) == 0
    return where / "out"


def test_a_folder_as_written_holds_no_stray(folder):
    assert check_folder(folder).clear, str(check_folder(folder))


@pytest.mark.parametrize("name", ["estimates.csv", "figures", "provenance.json"])
def test_a_number_put_in_by_hand_is_found(folder, name):
    path = next(folder.glob("figures/trends*.csv")) if name == "figures" else folder / name
    before = path.read_text("utf-8")
    put = before.replace('"seed": ', '"seed": 9') if name == "provenance.json" else before + "ZZ,51.73219,,,,,\n"
    path.write_text(put, "utf-8")
    found = check_folder(folder)
    path.write_text(before, "utf-8")
    assert [one.file for one in found.findings] == [path.relative_to(folder).as_posix()]
    assert "51.73219" not in str(found)
