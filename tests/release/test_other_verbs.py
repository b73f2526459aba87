"""Planted ids, names and one extreme outcome through the verbs that pool, send, tidy, draw lots and price, and through an engine."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from hubeval.cli import main

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)

PEOPLE = {"units": "family", "release": "ons"}


def everything(folder, capsys):
    """All that was written and printed, without the records themselves."""
    printed = capsys.readouterr()
    for path in folder.rglob("d.csv"):
        path.unlink()
    return "".join(worlds.texts(folder).values()) + printed.out + printed.err


def large(text):
    """Whether a number in it is as large as no outcome but the extreme one makes it."""
    return [n for n in re.findall(r"(?<![\w.:/-])-?\d{5,9}\.\d+", text) if abs(float(n)) > 5e4]


def named(protocol, name):
    """The same protocol and profile of another council."""
    for path in (protocol, protocol.with_name("profile.toml")):
        path.write_text(path.read_text("utf-8").replace('area = "T"', f'area = "{name}"'), "utf-8")
    return protocol


def balanced(*, seed=1, extreme=False):
    """Children followed from one start, so that every group of a packet is large."""
    return worlds.children(seed=seed, lone=False, n=80, treated=30, extreme=extreme)


def councils(tmp_path, *, extreme=False):
    """Two councils' records with one protocol; the packets that could be made of them."""
    made = []
    for k, name in enumerate(("north", "south")):
        frame = balanced(seed=k, extreme=extreme and k == 0)
        protocol = named(worlds.written(tmp_path / name, "did", frame, **PEOPLE), name)
        if main(["packet", str(protocol), "--out", str(tmp_path / name / "packet.json")]) == 0:
            made.append(str(tmp_path / name / "packet.json"))
    return protocol, made


def test_packets_and_what_is_pooled_of_them_hold_no_canary(tmp_path, capsys):
    protocol, packets = councils(tmp_path)
    assert len(packets) == 2
    assert main(["pool", str(protocol), *packets, "--despite", "t", "--out", str(tmp_path / "out")]) == 0
    assert main(["release", "check", str(tmp_path / "out")]) == 0
    assert "ZZ" not in everything(tmp_path, capsys)


def test_a_packet_of_which_one_child_makes_up_a_sum_is_not_made(tmp_path, capsys):
    """Magnitudes: the (n, k) and the p% rule, on the sums themselves."""
    _, packets = councils(tmp_path, extreme=True)
    assert len(packets) == 1
    text = everything(tmp_path, capsys)
    assert "one or two units of a group make up nearly all of its sum" in text
    assert str(int(worlds.EXTREME)) not in text
    assert "ZZ" not in text


def results(tmp_path, *, extreme):
    """Three councils' released results; of the first, one family's outcome is extreme."""
    made = []
    for k, name in enumerate(("north", "south", "west")):
        frame = worlds.families(seed=k, extreme=extreme and k == 0)
        protocol = named(worlds.written(tmp_path / name, "matching", frame, outcome='direction = "lower is better"\n', **PEOPLE), name)
        assert main(["evaluate", str(protocol), "--despite", "t", "--out", str(tmp_path / name / "out")]) == 0
        made.append(str(tmp_path / name / "out" / "result.json"))
    return made


VALUE = """title = "Hubs"
area = "north"
price_year = "2024-25"
horizon = 2
[[benefits]]
outcome = "Referrals"
unit = "points"
label = "Points not scored"
counted = "point"
each = "person"
perspective = "council"
per = 1
years = 1
population = { mid = 100, source = "a register" }
[benefits.unit_cost]
amount = 12
per = "point"
year = "2024-25"
source = "invented"
made_up = true
[[costs]]
label = "Running"
perspective = "council"
kind = "running"
amount = 900
year = "2024-25"
source = "invented"
years = [0, 1]
made_up = true
"""


@pytest.mark.parametrize("extreme", [False, True])
def test_neither_pooled_results_nor_pounds_tell_of_one_family(tmp_path, capsys, extreme):
    """A result that one family makes up has no number, so it is neither pooled nor priced."""
    made = results(tmp_path, extreme=extreme)
    pooled = main(["pool", *made, "--out", str(tmp_path / "pooled")])
    (tmp_path / "value.toml").write_text(VALUE, "utf-8")
    valued = main(["value", str(tmp_path / "value.toml"), "--result", made[0], "--out", str(tmp_path / "valued")])
    heads = json.loads(Path(made[0]).read_text("utf-8"))["headline_terms"]
    assert (not heads) == extreme
    text = everything(tmp_path, capsys)
    assert pooled == (2 if extreme else 0), text[-3000:]
    assert valued == (2 if extreme else 0), text[-3000:]
    assert "ZZ" not in text
    assert not large(re.sub(r"(?s)<svg.*?</svg>", " ", text))


def test_an_exact_result_is_neither_pooled_nor_priced_nor_compared(tmp_path, capsys):
    protocol = worlds.written(tmp_path, "matching", worlds.families(), **PEOPLE)
    assert main(["evaluate", str(protocol), "--despite", "t", "--internal", str(tmp_path / "inside")]) == 0
    exact = str(tmp_path / "inside" / "result.json")
    (tmp_path / "value.toml").write_text(VALUE, "utf-8")
    capsys.readouterr()
    for given in (["pool", exact, exact], ["value", str(tmp_path / "value.toml"), "--result", exact], ["compare", exact, exact], ["methods", exact]):
        assert main(given) == 2, given[0]
    assert "ZZ" not in "".join(capsys.readouterr())


CONTACTS = "who,when,what\nZZMARY,2024-01-03,ZZSECRET\nZZTOM,{},x\nZZANN,2024-02-07,y\n"


@pytest.mark.parametrize("second", ["2024-01-09", "ZZLATER", ""])
def test_tidying_contacts_names_and_repeats_nobody(tmp_path, capsys, second):
    (tmp_path / "c.csv").write_text(CONTACTS.format(second), "utf-8")
    given = ["import", str(tmp_path / "c.csv"), "--shape", "contacts", "--date", "when", "--by", "month"]
    for more in ([], ["--json"], ["--out", str(tmp_path / "tidy.csv")]):
        main([*given, *more])
    (tmp_path / "c.csv").unlink()
    assert "ZZ" not in everything(tmp_path, capsys)


WIDE = "la,2020,2021\nNorth,1,2\nSouth,{},4\n"


@pytest.mark.parametrize("cell", ["ZZSECRET", "07700 900123", "ZZ@example.org"])
def test_tidying_a_wide_sheet_repeats_no_cell_that_is_no_number(tmp_path, capsys, cell):
    (tmp_path / "w.csv").write_text(WIDE.format(cell), "utf-8")
    main(["import", str(tmp_path / "w.csv"), "--unit", "la"])
    printed = "".join(capsys.readouterr())
    assert cell not in printed


def test_the_form_holds_nothing_of_anybody_and_asks_no_one(tmp_path, capsys):
    assert main(["form", str(tmp_path / "form.html")]) == 0
    text = everything(tmp_path, capsys)
    assert not re.search(r"""(?:src|action)\s*=\s*["']?(?:https?:)?//|fetch\(|XMLHttpRequest|sendBeacon""", text)


@pytest.mark.parametrize("canary", ["ZZSECRET", "943 476 5919"])
def test_a_history_of_sites_with_a_cell_of_somebody_is_refused_without_it(root, tmp_path, capsys, canary):
    shutil.copytree(root / "designs" / "rollout-style", tmp_path / "designs" / "case")
    shutil.copytree(root / "synthetic_data" / "rollout-style", tmp_path / "synthetic_data" / "rollout-style")
    history = tmp_path / "synthetic_data" / "rollout-style" / "history.csv"
    lines = history.read_text("utf-8").splitlines()
    lines[5] = ",".join([*lines[5].split(",")[:-1], canary])
    history.write_text("\n".join(lines), "utf-8")
    assert main(["rollout", str(tmp_path / "designs" / "case" / "rollout.toml")]) == 1  # drawn, and not analysed
    printed = "".join(capsys.readouterr())
    assert canary not in printed
    assert "cannot be analysed" in printed


def stay(protocol):
    """The same records, read where they are."""
    text = protocol.read_text("utf-8").replace('file = "d.csv"', 'source = "duckdb:d.csv"')
    protocol.write_text(text, "utf-8")
    return protocol


@pytest.mark.parametrize("extreme", [False, True])
def test_records_that_stay_in_an_engine_send_no_canary(tmp_path, capsys, extreme):
    pytest.importorskip("duckdb")
    protocol = stay(worlds.written(tmp_path, "did", balanced(extreme=extreme), **PEOPLE))
    assert main(["evaluate", str(protocol), "--despite", "t", "--out", str(tmp_path / "out")]) == 0
    main(["check", str(protocol)])
    result = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))
    assert bool(result["headline_terms"]) != extreme
    text = everything(tmp_path, capsys)
    assert "ZZ" not in text
    assert not large(re.sub(r"(?s)<svg.*?</svg>", " ", text))


@pytest.mark.parametrize("spoilt", ["ZZSECRET", "yes", "1,234", np.inf])
def test_refusals_of_records_in_an_engine_count_no_few_and_repeat_no_cell(tmp_path, capsys, spoilt):
    pytest.importorskip("duckdb")
    frame = balanced().astype({"y": object})
    frame.loc[[40, 90, 200], "y"] = spoilt
    protocol = stay(worlds.written(tmp_path, "did", frame, **PEOPLE))
    assert main(["evaluate", str(protocol), "--despite", "t"]) == 2
    printed = "".join(capsys.readouterr())
    assert str(spoilt) not in printed or spoilt in {"yes", "inf", np.inf}
    assert "fewer than 10" in printed
    assert not re.search(r"(?<![\w.,-])3 (?:cell|row|value)", printed)
