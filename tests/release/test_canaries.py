"""Planted ids, names, words and small counts: in no message, file or printed line of any verb."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from hubeval import files
from hubeval.cli import main

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)


def said(capsys):
    printed = capsys.readouterr()
    return printed.out + printed.err


def broken(frame, how):
    """The frame with one thing wrong with the canary's own rows."""
    frame = frame.astype(object)
    mine = frame.index[frame.iloc[:, 0] == worlds.ID]
    if how == "repeated row":
        frame.loc[len(frame)] = frame.loc[mine[0]]
    elif how == "text in a number":
        frame.loc[mine[0], "y"] = "ZZSECRETWORD"
    elif how == "two starts":
        frame.loc[mine[1], "g"] = 2015
    elif how == "start after the end":
        frame.loc[mine, "g"] = 2031
    elif how == "date that is none":
        frame.loc[mine[0], "t"] = "ZZSECRETWORD"
    elif how == "blank id":
        frame.loc[mine[0], "unit"] = ""
    return frame


@pytest.mark.parametrize(
    "how", ["repeated row", "text in a number", "two starts", "start after the end", "date that is none", "blank id"]
)
@pytest.mark.parametrize("verb", ["evaluate", "check", "power"])
def test_no_message_names_a_child_or_says_a_cell(tmp_path, capsys, verb, how):
    protocol = worlds.written(tmp_path, "did", broken(worlds.children(n=30), how), units="person")
    more = ["--despite", "a test"] if verb == "evaluate" else ["--quick", "--draws", "100"] if verb == "power" else []
    status = main([verb, str(protocol), *more])
    text = said(capsys)
    assert status in {0, 2}
    assert "ZZ" not in text, text


@pytest.mark.parametrize("verb", ["evaluate", "check", "power"])
def test_a_file_without_a_header_repeats_nothing_of_its_first_line(tmp_path, capsys, verb):
    frame = worlds.families(n=40)
    protocol = worlds.written(tmp_path, "matching", frame, units="family")
    lines = (tmp_path / "d.csv").read_text("utf-8").splitlines()
    (tmp_path / "d.csv").write_text("\n".join(lines[1:]), "utf-8")
    status = main([verb, str(protocol), *(["--despite", "a test"] if verb == "evaluate" else [])])
    text = said(capsys)
    assert status == 2
    assert "no header" in text
    assert "ZZ" not in text
    assert str(frame.need[0]) not in text


@pytest.mark.parametrize(("kind", "frame", "units"), [
    ("did", worlds.children(n=30), "person"), ("did", worlds.children(n=30), ""),
    ("matching", worlds.families(n=120), "family"), ("matching", worlds.families(n=120), ""),
])  # fmt: skip
@pytest.mark.parametrize("json", [False, True])
def test_check_prints_no_name_no_rare_level_and_no_hash(tmp_path, capsys, kind, frame, units, json):
    protocol = worlds.written(tmp_path, kind, frame, units=units)
    main(["check", str(protocol), *(["--json"] if json else [])])
    text = said(capsys)
    assert "ZZ" not in text
    if units:
        assert files.sha256(tmp_path / "d.csv")[:12] not in text


def test_extracts_leave_by_group_or_without_their_case(root, tmp_path, capsys):
    theory = (root / "designs" / "bristol" / "theory.toml").read_text("utf-8")
    (tmp_path / "theory.toml").write_text(theory.replace("[[nodes]]", 'extracts = "e.csv"\n\n[[nodes]]', 1), "utf-8")
    (tmp_path / "profile.toml").write_text((root / "designs" / "bristol" / "profile.toml").read_text("utf-8"), "utf-8")
    rows = "ZZFAMILY-SMITH,access,ZZWORDS came late\nZZFAMILY-JONES,access,more\n"
    (tmp_path / "e.csv").write_text("case,theme,extract\n" + rows, "utf-8")
    assert main(["plan", str(tmp_path / "theory.toml"), "--out", str(tmp_path / "out")]) == 0
    everything = "".join(worlds.texts(tmp_path / "out").values()) + said(capsys)
    assert "ZZ" not in everything
    assert "fewer than 10" in everything
    (tmp_path / "e.csv").write_text(rows, "utf-8")
    assert main(["plan", str(tmp_path / "theory.toml")]) == 2
    assert "ZZ" not in said(capsys)


def test_words_that_reach_a_person_are_in_no_plan_and_stop_a_portfolio(root, tmp_path, capsys):
    profile = (root / "designs" / "bristol" / "profile.toml").read_text("utf-8")
    profile = profile.replace('quote = "', 'quote = "Ring ZZMARY on 07700 900123. ', 1)
    (tmp_path / "profile.toml").write_text(profile, "utf-8")
    main(["plan", str(tmp_path / "profile.toml"), "--out", str(tmp_path / "plan")])
    assert main(["assess", str(tmp_path / "profile.toml"), "--out", str(tmp_path / "out")]) == 2
    text = said(capsys)
    assert "a telephone number" in text
    assert not (tmp_path / "out").exists()
    files = worlds.texts(tmp_path / "plan") if (tmp_path / "plan").exists() else {}
    assert "ZZ" not in text + "".join(files.values())
    assert "900123" not in text + "".join(files.values())


@pytest.mark.parametrize("more", [["--compare"], ["--sensitivity"], ["--since"], ["--why"], ["--json"]])
def test_no_way_of_asking_about_areas_prints_words_that_reach_a_person(root, tmp_path, capsys, more):
    profile = (root / "designs" / "bristol" / "profile.toml").read_text("utf-8")
    (tmp_path / "plain.toml").write_text(profile, "utf-8")
    (tmp_path / "told.toml").write_text(profile.replace('quote = "', 'quote = "Ring ZZMARY on 07700 900123. ', 1), "utf-8")
    told, plain = str(tmp_path / "told.toml"), str(tmp_path / "plain.toml")
    given = [told, plain, "--compare"] if more == ["--compare"] else [plain, "--since", told] if more == ["--since"] else [told, *more]
    assert main(["assess", *given]) == 2
    text = said(capsys)
    assert "a telephone number" in text
    assert "ZZ" not in text


@pytest.mark.parametrize(("kind", "frame", "secret"), [
    ("did", worlds.children(n=67, treated=23), (67, 23, 44)), ("matching", worlds.families(n=397), (397,)),
    ("rdd", worlds.scores(n=397), (397,)),
])  # fmt: skip
def test_what_the_data_give_an_assessment_holds_no_exact_count_and_no_hash(tmp_path, capsys, kind, frame, secret):
    protocol = worlds.written(tmp_path, kind, frame, units="person")
    assert main(["assess", str(tmp_path / "profile.toml"), "--checked", str(protocol), "--out", str(tmp_path / "out")]) == 0
    everything = "".join(worlds.texts(tmp_path / "out").values()) + said(capsys)
    assert "checked on data" in everything
    assert files.sha256(tmp_path / "d.csv")[:12] not in everything
    assert not re.search(rf"(?<![\w.])(?:{'|'.join(map(str, secret))}) (?:of|units|records|comparison|treated)", everything)


def test_the_hash_that_is_deposited_lets_nobody_test_guesses_of_a_cell(tmp_path, capsys):
    """The same protocol and the same data give another chain: what stays in the ledger goes into it."""
    deposited = set()
    for name in ("one", "two"):
        protocol = worlds.written(tmp_path / name, "did", worlds.children(n=30), units="person")
        assert main(["register", str(protocol), "--json"]) == 0
        deposited.add(json.loads(capsys.readouterr().out)["ledger_hash"])
    assert len(deposited) == 2
