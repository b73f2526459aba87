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
