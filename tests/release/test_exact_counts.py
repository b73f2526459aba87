"""Counts of persons under a profile that rounds: no file or printed line says one to the last digit, or lets it be divided out."""

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

CHILDREN = {"n": 61, "treated": 21}  # and 488 rows in 8 periods; 60 degrees of freedom by 61 clusters of one


def whole(value):
    """Every whole number in nested values that stands as a number."""
    if isinstance(value, dict):
        for item in value.values():
            yield from whole(item)
    elif isinstance(value, list):
        for item in value:
            yield from whole(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer():
        yield int(value)


def said(value):
    """Every text in nested values."""
    if isinstance(value, dict):
        for item in value.values():
            yield from said(item)
    elif isinstance(value, list):
        for item in value:
            yield from said(item)
    elif isinstance(value, str):
        yield value


def found(value, secret):
    """Which of the secret counts stand in values, as numbers or in words."""
    words = {int(n.replace(",", "")) for text in said(value) for n in re.findall(r"(?<![\w.,-])\d[\d,]*\b", text)}
    return sorted(secret & (words | set(whole(value))))


WORLDS = [
    ("did", worlds.children(**CHILDREN), "person", {61, 21, 488}),
    ("matching", worlds.families(n=403), "family", {403, 402, 131, 132, 133, 271}),
]


@pytest.mark.parametrize(("kind", "frame", "units", "secret"), WORLDS, ids=["did", "matching"])
def test_no_count_of_persons_leaves_unrounded(tmp_path, capsys, kind, frame, units, secret):
    protocol = worlds.written(tmp_path, kind, frame, units=units, release="nhs")
    out = tmp_path / "out"
    assert main(["evaluate", str(protocol), "--despite", "a test", "--out", str(out)]) == 0
    result = json.loads((out / "result.json").read_text("utf-8"))
    result["readiness"].pop("roadmap")  # levels and months: of nobody
    assert not found(result, secret)
    for step in result["sample"]["flow"] if kind == "did" else ():
        assert step["n_rows"] % (5 * 8) == 0
    for name, n in result["release"]["counts"].items() if kind == "did" else ():  # 490 would say 61 in 8 periods
        assert n is None or n % (5 * 8 if "n_rows" in name or n > 100 else 5) == 0, name
    capsys.readouterr()
    for verb, *more in (["check"], *([["power", "--quick"]] if kind == "matching" else [])):  # a formula, no draws
        main([verb, str(protocol), *more, "--json"])
        assert not found(json.loads(capsys.readouterr().out), secret), verb
        main([verb, str(protocol), *more])
        assert not found([capsys.readouterr().out], secret), verb


@pytest.mark.parametrize(("kind", "frame", "units"), [
    ("did", worlds.children(n=30), ""), ("did", worlds.children(n=30), "person"), ("matching", worlds.families(n=120), ""),
    ("its", worlds.months(), ""), ("its", worlds.months(), "site"), ("synth", worlds.places(), "site"),
], ids=["panel", "children", "records", "series", "series of a site", "synthetic control"])  # fmt: skip
def test_no_hash_of_records_that_are_not_open_data_leaves(tmp_path, capsys, kind, frame, units):
    protocol = worlds.written(tmp_path, kind, frame, units=units)
    mark = files.sha256(tmp_path / "d.csv")[:10]
    main(["check", str(protocol), "--json"])
    main(["evaluate", str(protocol), "--despite", "a test", "--out", str(tmp_path / "out")])
    everything = capsys.readouterr().out + "".join(worlds.texts(tmp_path / "out").values())
    assert mark not in everything


def test_a_cohort_of_one_is_not_the_total_less_the_others_in_words(tmp_path, capsys):
    protocol = worlds.written(tmp_path, "did", worlds.children(**CHILDREN), units="person", release="ons")
    main(["check", str(protocol)])
    text = capsys.readouterr().out
    numbers = {int(n) for n in re.findall(r"(?<![\w.-])(\d+) (?:unit|treated|comparison)", text)}
    assert not {20, 21} <= numbers, text
    main(["evaluate", str(protocol), "--despite", "a test", "--out", str(tmp_path / "out")])
    result = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))
    del result["readiness"]  # it says how many a level asks for, such as 20
    assert not {20, 21} <= set(found(result, {20, 21}))


def test_rules_of_ones_own_that_hide_nothing_are_for_authorities_alone(tmp_path, capsys):
    protocol = worlds.written(tmp_path, "did", worlds.children(), units="person", release="mine.toml")
    head = 'label = "Mine"\nsource = "none"\ndated = 2026-11-01\nthreshold = 1\n'
    for more in ("open = true\n", ""):
        (tmp_path / "mine.toml").write_text(head + more, "utf-8")
        assert main(["evaluate", str(protocol), "--despite", "a test", "--out", str(tmp_path / "out")]) == 2
        assert "authorities" in capsys.readouterr().err
        assert not (tmp_path / "out").exists()
