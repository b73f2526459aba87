"""Every pair of shown numbers set against the records: none whose persons differ by a few."""

from __future__ import annotations

import importlib.util
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol
from hubeval.release import release

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)

FEW = 10  # by the rules of ons
SUBGROUPS = "".join(f'[[subgroups]]\ncolumn = "{c}"\nlabel = "{c.title()}"\n' for c in ("sex", "tenure", "hub"))


def did():
    """Two cohorts; who they are is in the records, level by level."""
    frame = worlds.children(n=240, treated=110, lone=False)
    late = frame.unit.map({u: i for i, u in enumerate(frame.unit.unique())}).between(40, 109)
    frame.loc[late, "g"] = 2015
    return frame, "unit", frame.drop_duplicates("unit").set_index("unit").g.ne("")


def matching():
    frame = worlds.families(n=900)
    return frame, "id", frame.set_index("id").used.eq(1)


def rdd():
    frame = worlds.scores(n=900)
    return frame, "id", frame.set_index("id").score.ge(50)


WORLDS = {"did": did, "matching": matching, "rdd": rdd}
DESIGN = {"did": "", "matching": "", "rdd": 'estimator = "randomisation"\nwindow = 20.0\n'}
OPTIONS = {
    "did": "[multiverse]\ncontrol = ['never', 'not-yet']\n",
    "matching": "[multiverse]\ncaliper = [0.1, 0.2, 0.5]\n",
    "rdd": "[multiverse]\nwindow = [19.9, 20.0, 30.4, 2.3]\n",
}


def with_groups(frame, unit, treated, moved, turned=False):
    """Sex by turns; tenure the same but for `moved` persons of either side; three hubs that have to do with neither."""
    frame, ids = frame.copy(), frame[unit].unique()
    sex = pd.Series(np.where(np.arange(len(ids)) % 2 == 0, "f", "m"), index=ids)
    tenure = sex.map({"f": "own", "m": "rent"} if turned else {"f": "rent", "m": "own"})
    near = frame.drop_duplicates(unit).set_index(unit)
    order = near.score.sub(50).abs().sort_values().index if "score" in near else near.index
    for side in (True, False):
        who = [i for i in order if treated[i] == side][:moved]
        tenure[who] = tenure[who].map({"rent": "own", "own": "rent"})
    hub = pd.Series([f"h{i // 2 % 3}" for i in range(len(ids))], index=ids)
    for name, column in (("sex", sex), ("tenure", tenure), ("hub", hub)):
        frame[name] = frame[unit].map(column)
    return frame


def shown_sets(kind, frame, unit, treated, result):
    """Of every number shown for a level, and of the headline, who it is of: by the records and not by the gate."""
    people = frame.drop_duplicates(unit).set_index(unit)
    if kind == "rdd":
        people = people[(people.score - 50).abs() <= 20]
    found = {"headline": set(people.index)} if result["headline_terms"] else {}
    table = next((t for t in result["tables"] if t["name"] == "subgroups"), {"rows": []})
    for row in table["rows"]:
        if row[2] == "effect":
            found[f"{row[0]} {row[1]}"] = set(people.index[people[row[0].lower()] == row[1]])
    if kind == "did":
        for one in result["estimates"]:
            if one["term"].startswith("event time "):
                event = float(one["term"].rsplit(" ", 1)[1])
                seen = people.g.map(lambda g, e=event: g == "" or 2010 <= int(g) + e <= 2017)
                found[one["term"]] = set(people.index[seen])
    shares = {name: whose for name, whose in found.items() if " " in name and not name.startswith("event")}
    rest = {f"all but {name}": found["headline"] - whose for name, whose in shares.items()} if "headline" in found else {}
    return {**found, **rest}


def a_few_apart(found, treated):
    """Pairs of sets that differ by some persons of one side, but fewer than may be told."""
    pairs = []
    for (a, one), (b, other) in combinations(found.items(), 2):
        apart = [treated[i] for i in one ^ other]
        if any(0 < n < FEW for n in (sum(apart), len(apart) - sum(apart))):
            pairs.append({a, b})
    return pairs


def released(tmp_path, kind, frame):
    protocol = worlds.written(tmp_path, kind, frame, units="person", release="ons", design=DESIGN[kind],
                              outcome=SUBGROUPS + OPTIONS[kind])  # fmt: skip
    found = evaluate(read_protocol(protocol), despite="a test")
    return found.to_dict(), release(found)[0].content


@pytest.mark.parametrize("kind", list(WORLDS))
@pytest.mark.parametrize(("moved", "turned", "stand"), [(3, False, False), (2, True, False), (15, False, True)])
def test_no_two_numbers_are_of_persons_a_few_apart(tmp_path, kind, moved, turned, stand):
    frame, unit, treated = WORLDS[kind]()
    frame = with_groups(frame, unit, treated, moved, turned)
    exact, result = released(tmp_path, kind, frame)
    assert bool(a_few_apart(shown_sets(kind, frame, unit, treated, exact), treated)) != stand
    found = shown_sets(kind, frame, unit, treated, result)
    assert a_few_apart(found, treated) == []
    assert {"Sex f", "Sex m", "Hub h0", "Hub h1", "Hub h2"} <= set(found)
    assert ("Tenure rent" in found) == stand
    (table,) = (one for one in result["tables"] if one["name"] == "subgroups")
    whole = next(one for one in exact["tables"] if one["name"] == "subgroups")
    holm = table["columns"].index("p for a difference, Holm")  # of all levels, and adjusted with those of every subgroup
    assert any(row[holm] is not None for row in whole["rows"])
    assert any(row[holm] is not None for row in table["rows"]) == stand
    assert any(one["name"] == "subgroups" for one in result["diagnostics"] + result["probes"]) == stand


def windows(result):
    """Every number about a cut-off by the scores it is of: between how far and how far, in any table."""
    found = {}
    for table in (t for t in result["tables"] if t["name"] in {"multiverse", "bandwidths", "donuts"}):
        for row in table["rows"]:
            width = float(row[1] or 0)
            inner = width * float(re.search(r"(\d+)%", row[0])[1]) / 100 if table["name"] == "donuts" else 0.0
            found[row[0]] = (inner, width)
    return found


def test_no_two_windows_are_a_few_apart_in_whatever_tables_they_stand(tmp_path):
    """One of the multiverse beside one half as wide again; and the nearest, which are all less those without them."""
    frame, unit, treated = rdd()
    exact, result = released(tmp_path, "rdd", with_groups(frame, unit, treated, 0))
    away = frame.set_index(unit).score.sub(50).abs()
    said = [{name: set(away.index[(away >= inner) & (away <= width)]) for name, (inner, width) in windows(one).items()}
            for one in (exact, result)]  # fmt: skip
    for one in said:
        one |= {f"nearest of {name}": one["registered"] - whose for name, whose in one.items() if name.startswith("without")}
    pairs = a_few_apart(said[0], treated)
    assert {"S2", "1.5 times the bandwidth"} in pairs
    assert {"S3", "nearest of without those within 10% of the bandwidth"} in pairs
    assert a_few_apart(said[1], treated) == []
    assert {"registered", "2 times the bandwidth"} <= set(said[1])


@pytest.mark.parametrize("kind", ["did", "matching"])
def test_specifications_that_stand_differ_by_many_or_by_none(tmp_path, kind):
    frame, unit, treated = WORLDS[kind]()
    _, result = released(tmp_path, kind, with_groups(frame, unit, treated, 0))
    table = next(t for t in result["tables"] if t["name"] == "multiverse")
    assert len(table["rows"]) > 1
    counts = [[n for n in row[-2:] if n is not None] for row in table["rows"]]
    assert not any(0 < abs(a - b) < FEW for one, other in combinations(counts, 2) for a, b in zip(one, other, strict=False))
