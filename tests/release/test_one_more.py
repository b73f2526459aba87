"""One record more, in a second release or in a second outcome: no two counts that differ by it are shown, nor it itself."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from hubeval.cli import main
from hubeval.release.audit import check_folder

spec = importlib.util.spec_from_file_location("exact", Path(__file__).with_name("test_exact_counts.py"))
exact = importlib.util.module_from_spec(spec)
spec.loader.exec_module(exact)
worlds = exact.worlds
SECOND = '[[outcomes]]\ncolumn = "z"\nlabel = "Zed"\nunit = "points"\nrole = "secondary"\n'


def released(folder, kind, frame, profile, **more):
    protocol = worlds.written(folder, kind, frame, units="person", release=profile, **more)
    out = folder / "out"
    assert main(["evaluate", str(protocol), "--despite", "a test", "--out", str(out), "--overwrite"]) == 0
    result = json.loads((out / "result.json").read_text("utf-8"))
    result["readiness"].pop("roadmap")
    assert check_folder(out).clear, str(check_folder(out))
    return result


@pytest.mark.parametrize("profile", ["ons", "dfe-early-years"])
def test_one_record_more_is_not_read_off_two_releases(tmp_path, profile):
    frame, either = worlds.families(n=410), {402, 403, 273, 274, 144, 145}  # all, comparison, unmatched
    first = exact.found(released(tmp_path, "matching", frame.iloc[:402], profile), either)
    second = exact.found(released(tmp_path, "matching", frame.iloc[:403], profile), either)
    assert first == [144, 273, 402]
    assert second == []
    again = exact.found(released(tmp_path, "matching", frame.iloc[:403], profile), either)
    assert again == []


def test_the_same_records_are_shown_the_same_in_a_second_release(tmp_path):
    frame = worlds.families(n=402)
    first, second = (released(tmp_path, "matching", frame, "ons") for _ in range(2))
    assert first["release"]["counts"] == second["release"]["counts"]
    assert first["sample"] == second["sample"]
    assert len(json.loads((tmp_path / "out.ledger.json").read_text("utf-8"))["entries"]) == 1


@pytest.mark.parametrize(("kind", "frame", "design", "at", "sets"), [
    ("matching", worlds.families(n=403), "", [5], ({273, 274}, {402, 403})),
    ("did", worlds.children(n=61, treated=21), 'gaps = "pairs"\n', range(8), ({20, 21}, {60, 61}, {480, 488})),
], ids=["matching", "did"])  # fmt: skip
@pytest.mark.parametrize("profile", ["ons", "dfe-early-years"])
def test_a_record_without_a_second_outcome_is_not_read_off(tmp_path, kind, frame, design, at, sets, profile):
    frame = frame.assign(z=(frame["y"] * 2).round(2).astype(object))
    frame.loc[frame.index[list(at)], "z"] = ""
    result = released(tmp_path, kind, frame, profile, outcome=SECOND, design=design)
    del result["readiness"]  # it says how many a level asks for, such as 20
    for pair in sets:
        assert len(exact.found(result, pair)) <= 1, pair
    words = " ".join(exact.said(result))
    assert not re.search(rf"\b(?:1|{len(at)}) cell\(s\)|\b1 of the (?:comparison|treated) records|records \(1%\)", words)
