"""Refusals about records of persons say no count of a few, whatever room they come from; of places they do."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest

from hubeval.cli import main

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)


def families(column, value, n=3):
    frame = worlds.families().astype({column: object})
    frame.loc[frame.index[5 : 5 + n], column] = value
    return frame


def children(column, value, n=3):
    frame = worlds.children(lone=False).astype({column: object})
    frame.loc[frame.index[9 : 9 + n], column] = value
    return frame


SPOILT = {
    "text in an outcome": ("matching", families("y", "ZZpending"), ""),
    "infinite covariates": ("matching", families("need", np.inf), ""),
    "ids twice": ("matching", families("id", "F-0100", 4), ""),
    "treated neither 0 nor 1": ("matching", families("used", 7), ""),
    "few treated": ("matching", worlds.families().assign(used=lambda f: (f.index < 3).astype(int)), ""),
    "few on one side": ("rdd", worlds.scores().assign(score=lambda f: np.where(f.index < 4, 60.0, f.score * 0.49)), ""),
    "few in the window": ("rdd", worlds.scores(), 'estimator = "randomisation"\nwindow = 0.4\n'),
    "text in a panel": ("did", children("y", "ZZpending"), ""),
    "rows twice": ("did", children("t", 2010), ""),
    "no start for a few": ("did", children("g", "ZZsoon"), ""),
}
SMALL = r"(?<![\w.,<−-])([1-9]) (?:of |record|row|unit|value|cell|id\b|ids|id\(|child|famil|treated|comparison|repeated)"


@pytest.mark.parametrize("name", SPOILT)
def test_no_refusal_counts_a_few_persons(tmp_path, capsys, name):
    kind, frame, design = SPOILT[name]
    protocol = worlds.written(tmp_path, kind, frame, units="person", release="ons", design=design)
    for verb, *more in (["check"], ["evaluate", "--despite", "t"], ["evaluate", "--despite", "t", "--json"]):
        status = main([verb, str(protocol), *more])
        said = "".join(capsys.readouterr())
        told = said if status == 2 else "".join(one["reason"] for one in json.loads(said)["not_computed"]) if "--json" in more else ""
        assert not re.findall(SMALL, told), told
        assert "ZZ" not in said
    if name in {"text in an outcome", "few in the window"}:
        assert "fewer than 10" in told


def test_of_places_the_refusal_says_how_many(tmp_path, capsys):
    kind, frame, design = SPOILT["text in a panel"]
    protocol = worlds.written(tmp_path, kind, frame, units="authority", design=design)
    assert main(["evaluate", str(protocol), "--despite", "t"]) == 2
    assert re.search(SMALL, capsys.readouterr().err)


SHEETS = {
    "users twice": ("users", "user", "user,GAD pre,GAD post\n" + "ZZ1,3,2\n" * 2 + "ZZ2,3,2\n" * 2 + "ZZ3,1,1\n"),
    "users blank": ("users", "user", "user,GAD pre,GAD post\n" + ",3,2\n" * 4 + "ZZ3,1,1\n"),
    "contacts of no day": ("contacts", "place", "place,on\n" + "ZZ,2020-01-03\n" * 30 + "ZZ,soon\n" * 3),
    "contacts of no place": ("contacts", "place", "place,on\n" + "ZZ,2020-01-03\n" * 30 + ",2020-01-03\n" * 3),
    "uneven rows": ("users", "user", "user,GAD pre,GAD post\n" + "ZZ1,3,2,4\n" * 3 + "ZZ3,1,1\n"),
}


@pytest.mark.parametrize("case", SHEETS)
def test_import_refuses_sheets_of_persons_without_a_count_of_a_few(tmp_path, capsys, case):
    shape, unit, text = SHEETS[case]
    (tmp_path / "s.csv").write_text(text, "utf-8")
    day = ["--date", "on"] if shape == "contacts" else []
    assert main(["import", str(tmp_path / "s.csv"), "--shape", shape, "--unit", unit, *day]) == 2
    said = capsys.readouterr().err
    assert "fewer than 10" in said
    assert not re.search(r"\b[1-9] (row|id|line)", said)
    assert "ZZ" not in said


def test_import_of_places_says_its_counts(tmp_path, capsys):
    (tmp_path / "s.csv").write_text("place,2019,2020\nA,1,2,3\nB,1,2\n", "utf-8")
    assert main(["import", str(tmp_path / "s.csv")]) == 2
    assert "1 row of" in capsys.readouterr().err
