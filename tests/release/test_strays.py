"""A number put into a table by hand after the gate is found by a look at the folder."""

from __future__ import annotations

import importlib.util
import json
import zipfile
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


def put_in(path, name, old, new):
    """The bytes of an office file with words put into one of its parts."""
    with zipfile.ZipFile(path) as packed:
        parts = {part: packed.read(part) for part in packed.namelist()}
    assert old in parts[name]
    parts[name] = parts[name].replace(old, new, 1)
    with zipfile.ZipFile(path, "w") as packed:
        for part, content in parts.items():
            packed.writestr(part, content)


def moved(path):
    """A picture with its last mark moved by hand."""
    text = path.read_text("utf-8")
    at = text.rindex('y="')
    path.write_text(text[: at + 3] + "9" + text[at + 3 :], "utf-8")


EDITS = {
    "report.html": lambda path: path.write_text(path.read_text("utf-8").replace("</main>", "<p>51.7 of 3</p></main>", 1), "utf-8"),
    "brief.html": lambda path: path.write_text(path.read_text("utf-8").replace("</body>", "<p>51.7</p></body>", 1), "utf-8"),
    "figures/trends-y.svg": moved,
    "figures/trends-y.png": lambda path: path.write_bytes(path.read_bytes() + b"tEXtAuthor\0ZZ"),
    "report.docx": lambda path: put_in(path, "word/document.xml", b"</w:t>", b" 51.7</w:t>"),
    "tables.xlsx": lambda path: put_in(path, "docProps/core.xml", b"<dc:creator>hubeval", b"<dc:creator>ZZ ADA"),
    "tables.ods": lambda path: put_in(path, "content.xml", b"</text:p>", b" 51.7</text:p>"),
}


def test_a_folder_as_written_is_what_its_result_draws(folder, capsys):
    assert main(["release", "check", str(folder)]) == 0


@pytest.mark.parametrize("name", EDITS)
def test_what_the_result_does_not_draw_is_found_in_any_file(folder, name, capsys):
    path = folder / name
    before = path.read_bytes()
    EDITS[name](path)
    assert path.read_bytes() != before
    try:
        assert main(["release", "check", str(folder), "--json"]) == 1
    finally:
        path.write_bytes(before)
    told = capsys.readouterr().out
    assert [one["file"] for one in json.loads(told)["findings"]] == [name]
    assert "51.7" not in told
    assert "ZZ" not in told


CANARIES = [
    "SW1A 1AA", "mum@example.org", "020 7946 0018", "943 476 5919", "A801200001001", "DOB 3/4/2019", "born on 3 April 2019",
]  # fmt: skip


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("name", ["report.html", "report.docx", "figures/trends-y.csv"])
def test_a_personal_detail_put_in_by_hand_is_found_and_not_repeated(folder, name, canary):
    path = folder / name
    before = path.read_bytes()
    if name.endswith(".docx"):
        put_in(path, "word/document.xml", b"</w:t>", f" {canary}</w:t>".encode())
    else:
        path.write_text(path.read_text("utf-8") + f"\n{canary}\n", "utf-8")
    found = check_folder(folder)
    path.write_bytes(before)
    assert any(one.file == name and "it holds" in one.found for one in found.findings), str(found)
    assert canary not in str(found)


def changed(folder, edit):
    """What is found once a result is edited."""
    path = folder / "result.json"
    before = path.read_text("utf-8")
    result = json.loads(before)
    edit(result)
    path.write_text(json.dumps(result), "utf-8")
    found = str(check_folder(folder))
    path.write_text(before, "utf-8")
    return found


def test_a_hidden_count_that_follows_from_the_others_is_found(folder):
    def hide(result):
        result["release"] |= {"profile": "ons", "threshold": 10, "base": 1}
        result["sample"] |= {"n_units": 60, "n_treated": None, "n_comparison": 56}
        result["sample"]["flow"][-1]["n_units"] = 60

    assert "n_treated can be placed from 4 to 4" in changed(folder, hide)


def test_two_results_of_one_folder_that_are_a_family_apart_are_found(folder, tmp_path):
    result = json.loads((folder / "result.json").read_text("utf-8"))
    result["release"] |= {"profile": "ons", "threshold": 10, "base": 1}
    for name, n in (("one", 591), ("two", 590)):
        result["release"]["counts"] = {"sample: n_units": n}
        (tmp_path / name).mkdir()
        (tmp_path / name / "result.json").write_text(json.dumps(result), "utf-8")
    assert "differ by a few between two results" in str(check_folder(tmp_path))
    assert "differ by a few between" not in str(check_folder(tmp_path / "one"))
