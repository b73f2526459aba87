"""A tutorial does what it says: its files are written and its commands run, in its order, in a folder of its own."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from typing import get_args, get_type_hints

import pandas as pd
import pytest

from hubeval.cli import main
from hubeval.data.bind import bind
from hubeval.errors import BadInput
from hubeval.evaluation import evaluate
from hubeval.methods.room import room_for
from hubeval.protocol import Caution, read_protocol
from hubeval.wording import brief

BLOCK = re.compile(r'^```(sh|toml)(?: title="([^"]+)")?\n(.*?)^```', re.MULTILINE | re.DOTALL)


def steps(text):
    """(command, expected status) or (file, its text, whether it is added to), in the order of the page."""
    for language, title, body in BLOCK.findall(text):
        if language == "toml":
            if title:  # one without is shown, not written
                yield "file", title.removesuffix(" (add)"), body, title.endswith(" (add)")
            continue
        for line in body.splitlines():
            command, _, comment = line.partition("   #")
            status = re.search(r"status (\d)", comment)
            yield "run", command.strip(), int(status[1]) if status else 0, ""


def followed(page, folder):
    """Do what a page says, in its order, and hold each command to the status that it gives."""
    for kind, what, how, added in steps(page.read_text(encoding="utf-8")):
        if kind == "file":
            path = folder / what
            path.write_text((path.read_text(encoding="utf-8") + "\n" if added else "") + how, encoding="utf-8")
        else:
            assert main(shlex.split(what)[1:]) == how, what


@pytest.mark.parametrize("page", ["funder", "analyst"])
def test_every_step_of_a_tutorial_does_what_it_says(root, tmp_path, monkeypatch, capsys, page):
    (tmp_path / "designs").symlink_to(root / "designs")
    shutil.copy(root / "docs" / "tutorials" / "referrals.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    text = (root / "docs" / "tutorials" / f"{page}.md").read_text(encoding="utf-8")
    ran = 0
    for kind, what, how, added in steps(text):
        if kind == "file":
            path = tmp_path / what
            path.write_text((path.read_text(encoding="utf-8") + "\n" if added else "") + how, encoding="utf-8")
            continue
        words = shlex.split(what)
        assert words.pop(0) == "hubeval", what
        argv = [str(p) for w in words for p in (sorted(tmp_path.glob(w)) if "*" in w else [w])]
        assert main(argv) == how, (what, capsys.readouterr())
        ran += 1
        said = capsys.readouterr().out
        if what == "hubeval check protocol.toml" and "covid" not in (tmp_path / "protocol.toml").read_text(encoding="utf-8"):
            offered = [line for line in said.splitlines() if line.startswith(("event", "kind", "label", "first", "last", "handling"))]
            assert all(line in text for line in offered)  # what the page says to add is what the check offers
            assert len(offered) == 6
    assert ran >= 5
    for named in re.findall(r"[Oo]pen `([^`]+)`|then `([^`]+\.html)`", text):
        assert (tmp_path / next(filter(None, named))).exists(), named


def test_every_step_of_amending_does_what_it_says(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    followed(root / "docs" / "howto" / "amend.md", tmp_path)
    registration = json.loads((tmp_path / "practice-report" / "result.json").read_text(encoding="utf-8"))["registration"]
    assert "each with a dated reason" in registration["says"]
    assert any(change["now"] == "Front door of a neighbouring council" for change in registration["changes"])
    assert all(change["reason"].startswith("2026-11-25") for change in registration["changes"])
    assert "Changed since it was registered" in (tmp_path / "practice-report" / "report.html").read_text(encoding="utf-8")


def test_every_step_of_declaring_a_shock_does_what_it_says(root, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    followed(root / "docs" / "howto" / "shock.md", tmp_path)
    said = capsys.readouterr()
    text = (root / "docs" / "howto" / "shock.md").read_text(encoding="utf-8")
    offered = said.out.split("Add, with the handling you decide on:")[1].split("# First")[0].strip()
    assert offered in text
    assert "does not declare it" in said.err
    result = (tmp_path / "report" / "result.json").read_text(encoding="utf-8")
    assert "Referrals counted in a new way, 2019Q2 to 2020Q4. It falls within" in result
    assert set(get_args(get_type_hints(Caution)["handling"])) == set(re.findall(r"^\|[^|]+\| `([^`]+)`", text, re.MULTILINE)) - {"write"}


def test_every_step_about_suppressed_cells_does_what_it_says(root, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = root / "docs" / "howto" / "suppressed.md"
    followed(page, tmp_path)
    said, text = capsys.readouterr(), page.read_text(encoding="utf-8")
    assert "22 cell(s) hold a suppression mark" in said.err
    assert re.search(r"`(22 cell\(s\) missing [^`]+)`", text)[1] in said.out
    assert "57 of 60 units are complete" in said.out
    protocol = (tmp_path / "protocol.toml").read_text(encoding="utf-8")
    for gaps, number in re.findall(r"^\| `(\w+)`.*\| (−[^|]+) \|$", text, re.MULTILINE):
        (tmp_path / "one.toml").write_text(protocol.replace("[design]", f'[design]\ngaps = "{gaps}"'), encoding="utf-8")
        declared = read_protocol(tmp_path / "one.toml")
        head = room_for("did").head(declared, bind(declared, tmp_path / "practice" / "panel.csv"))  # as `answer` gives it
        assert number == f"{brief(head.estimate)} ({brief(head.conf_low)} to {brief(head.conf_high)})"


def test_every_step_about_a_database_does_what_it_says_and_gives_the_number_of_the_file(root, tmp_path, monkeypatch):
    pytest.importorskip("duckdb")
    monkeypatch.chdir(tmp_path)
    followed(root / "docs" / "howto" / "database.md", tmp_path)
    there = json.loads((tmp_path / "report" / "result.json").read_text(encoding="utf-8"))["headline_terms"][0]
    protocol = (tmp_path / "protocol.toml").read_text(encoding="utf-8")
    assert 'source = "duckdb:' in protocol
    (tmp_path / "one.toml").write_text(protocol.replace('source = "duckdb:', 'file = "'), encoding="utf-8")
    here = evaluate(read_protocol(tmp_path / "one.toml")).headline_terms[0]
    assert there["estimate"] == pytest.approx(here.estimate, abs=1e-9)
    for change, says in (('role = "primary"', "outcomes: not the same units"), ("referrals_per_10k", "design.gaps: 3 unit")):
        other = '\n[[outcomes]]\ncolumn = "plans_per_10k"\nlabel = "Plans"\nunit = "plans"\nrole = "secondary"'
        text = protocol.replace(change, change + other if "role" in change else "plans_per_10k", 1)
        text = text.replace("[design]", '[design]\ngaps = "drop"') if "role" in change else text
        text = text.replace("[design]", 'missing_marks = ["c"]\n\n[design]')
        (tmp_path / "two.toml").write_text(text, encoding="utf-8")
        with pytest.raises(BadInput, match=says):
            evaluate(read_protocol(tmp_path / "two.toml"))


def test_the_sheet_to_practise_on_is_the_worked_panel_on_its_side(root):
    sheet = pd.read_csv(root / "docs" / "tutorials" / "referrals.csv", dtype=str, keep_default_na=False, skiprows=1)
    long = sheet.melt(["area", "hub_opened"], var_name="quarter", value_name="referrals_per_10k")
    panel = pd.read_csv(root / "synthetic_data" / "essex-style" / "panel.csv", dtype=str, keep_default_na=False)
    columns = ["area", "quarter", "hub_opened", "referrals_per_10k"]
    key = ["area", "quarter"]
    pd.testing.assert_frame_equal(
        long[columns].sort_values(key, ignore_index=True), panel[columns].sort_values(key, ignore_index=True)
    )
