"""Planted ids, rare levels and one extreme outcome through every verb that reads records or what was made of them: 0 bytes."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from hubeval.cli import main

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)

FRAMES = {"did": worlds.children, "matching": worlds.families, "rdd": worlds.scores}


def numbers(text):
    return np.abs([float(n) for n in re.findall(r"(?<![\w.])-?\d{1,9}\.\d{1,9}(?:e[-+]?\d{1,3})?", text)])


@pytest.mark.parametrize("kind", FRAMES)
def test_no_verb_lets_a_canary_out(tmp_path, capsys, kind):
    """Evaluated twice, once with an extreme outcome; checked, powered, registered, compared, described, and looked at again."""
    first, second = tmp_path / "first", tmp_path / "second"
    for where, extreme in ((first, False), (second, True)):
        protocol = worlds.written(where, kind, FRAMES[kind](extreme=extreme), units="family")
        refused = main(["evaluate", str(protocol), "--despite", "t", "--out", str(where / "out")])
        assert refused == 0 or (kind == "rdd" and extreme)  # one wild outcome leaves too few near the cut-off
        assert main(["check", str(protocol)]) == 0
        assert main(["assess", str(where / "profile.toml"), "--checked", str(protocol), "--out", str(where / "assessed")]) == 0
        assert main(["register", str(protocol), "--plan", str(where / "plan.docx")]) == 0
        if not refused:
            assert main(["methods", str(where / "out" / "result.json")]) == 0
            assert main(["release", "check", str(where / "out")]) == 0
    one, two = (str(where / "out" / "result.json") for where in (first, second))
    main(["compare", one, two, "--out", str(tmp_path / "compared")])
    printed = capsys.readouterr()
    for where in (first, second):  # what stays: the records and the ledgers
        (where / "d.csv").unlink()
    everything = "".join(worlds.texts(tmp_path).values()) + printed.out + printed.err
    assert "ZZ" not in everything
    assert str(worlds.EXTREME) not in everything
    assert not re.search(r"\b[1-9] record\(s\) on", everything)  # nor a small count in a refusal
    shown = "".join(worlds.texts(second / "out").values())
    assert not np.any(numbers(re.sub(r"(?s)<svg.*?</svg>|[\w./-]+\.(?:org|com|uk)\S*", " ", shown)) > 5e4)


def test_a_power_calculation_of_records_with_canaries_names_none(tmp_path, capsys):
    protocol = worlds.written(tmp_path, "matching", worlds.families(n=200, extreme=True), units="family")
    main(["power", str(protocol), "--quick", "--draws", "100"])
    printed = capsys.readouterr()
    assert "ZZ" not in printed.out + printed.err


AREAS = "area,easting,northing,under_fives\nZZPLACE,400000,300000,{}\nB,401000,300000,90\n"
SITES = "site,easting,northing,opened\nHub,400100,300000,2022Q2\n"


@pytest.mark.parametrize(("areas", "sites"), [
    (AREAS.format("ZZSECRET"), SITES), (AREAS.format(12), SITES.replace("2022Q2", "ZZSECRET")), ("ZZNAME,1,2,3\nZZOTHER,2,3,4\n", SITES),
])  # fmt: skip
def test_no_message_about_nearness_repeats_a_cell(tmp_path, capsys, areas, sites):
    (tmp_path / "a.csv").write_text(areas, "utf-8")
    (tmp_path / "s.csv").write_text(sites, "utf-8")
    given = ["exposure", str(tmp_path / "a.csv"), "--sites", str(tmp_path / "s.csv"), "--first", "2022Q1", "--last", "2022Q4"]
    assert main(given) == 2
    printed = capsys.readouterr()
    assert "ZZ" not in printed.out + printed.err


@pytest.mark.parametrize(("name", "key"), [("rollout", "question"), ("value", "title")])
def test_a_roll_out_and_a_value_case_with_a_personal_detail_are_refused(root, tmp_path, capsys, name, key):
    here = {"rollout": root / "designs" / "rollout-style", "value": root / "designs" / "essex-style"}[name]
    shutil.copytree(here, tmp_path / "case")
    path = tmp_path / "case" / f"{name}.toml"
    if not path.is_file():
        pytest.skip(f"no {name}.toml is shipped")
    text = path.read_text("utf-8")
    path.write_text(re.sub(rf'(?m)^{key} = "', f'{key} = "Ring ZZMARY on 07700 900123. ', text, count=1), "utf-8")
    assert path.read_text("utf-8") != text
    status = main([name, str(path), "--out", str(tmp_path / "out")])
    printed = capsys.readouterr()
    assert status == 2
    assert "ZZ" not in printed.out + printed.err
    assert not (tmp_path / "out").exists()
