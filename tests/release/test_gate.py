"""What leaves through the gate gives no child, family or small count away; what may leave is unchanged to the bit."""

from __future__ import annotations

import importlib.util
import json
import re
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest

from hubeval.cli import main
from hubeval.errors import BadInput
from hubeval.evaluation import evaluate
from hubeval.protocol import read_protocol
from hubeval.release import release as let_out
from hubeval.release.ledger import Ledger
from hubeval.release.profiles import release_profile

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)


def run(tmp_path, kind, frame, *more, **options):
    """Status, folder written and what was printed."""
    protocol = worlds.written(tmp_path / "in", kind, frame, **options)
    status = main(["evaluate", str(protocol), "--despite", "a test", "--out", str(tmp_path / "out"), *more])
    return status, tmp_path / "out"


@cache
def evaluated(text, kind, units, release, outcome, design):
    """The evaluation of a world, made once: `text` is its data."""
    with TemporaryDirectory() as folder:
        options = {"units": units, "release": release, "outcome": outcome, "design": design}
        path = worlds.written(
            Path(folder), kind, pd.read_csv(StringIO(text), dtype=str, keep_default_na=False), **options
        )
        return evaluate(read_protocol(path), despite="a test")


def released(kind, frame, profile=None, ledger=None, *, units="", release="", outcome="", design=""):
    """A world's evaluation, and what may leave of it."""
    evaluation = evaluated(frame.to_csv(index=False), kind, units, release, outcome, design)
    return evaluation, let_out(evaluation, profile, ledger=ledger)[0].content


def numbers(folder):
    """Every number in every file that was written."""
    found = set()
    for text in worlds.texts(folder).values():
        found |= {float(n) for n in re.findall(r"(?<![\w.])-?\d+\.\d+(?:e[-+]?\d+)?", text)}
    return np.array(sorted(found))


def holds(folder, value):
    """Whether a number stands in any file, to six digits."""
    known = numbers(folder)
    return bool(len(known)) and bool(np.any(np.abs(np.abs(known) - abs(value)) <= 1e-6 * max(1.0, abs(value))))


@pytest.mark.parametrize("units", ["", "person", "family"])
def test_a_cohort_of_one_child_is_nowhere(tmp_path, units):
    frame = worlds.children()
    status, out = run(tmp_path, "did", frame, units=units)
    assert status == 0
    mine = frame[frame.unit == worlds.ID].set_index("t").y
    for t, y in mine.items():
        assert not holds(out, y), t
    base = frame[frame.g == ""].groupby("t").y.mean()
    for t in range(2013, 2018):  # the cohort's effects are the child's own changes
        assert not holds(out, (mine[t] - mine[2012]) - (base[t] - base[2012])), t
    rest = frame[(frame.g != "") & (frame.unit != worlds.ID)].groupby("t").y.mean()
    for t, y in rest.items():  # all less the rest is the one: the rest must not be shown either
        assert not holds(out, y), t
    assert not any(worlds.ID in text for text in worlds.texts(out).values())
    result = json.loads((out / "result.json").read_text("utf-8"))
    assert result["headline_terms"], "the average over 20 children may stand"
    drawn = {series["label"] for figure in result["figures"] for series in figure["series"]}
    assert "treated, cohorts merged" in drawn


@pytest.mark.parametrize(("kind", "frame"), [
    ("did", worlds.children(extreme=True)), ("did", worlds.children(extreme=True, lone=False)),
    ("matching", worlds.families(extreme=True)),
])  # fmt: skip
def test_one_extreme_outcome_takes_the_number_with_it(tmp_path, capsys, kind, frame):
    status, out = run(tmp_path, kind, frame, units="person")
    assert status == 0
    printed = capsys.readouterr()
    result = json.loads((out / "result.json").read_text("utf-8"))
    assert result["estimates"] == []
    assert "is withheld" in result["headline"]["text"]
    assert "98765" not in "".join(worlds.texts(out).values()) + printed.out + printed.err
    assert not np.any(np.abs(numbers(out)) > 1e3), "nothing that a share of the extreme value made"


def test_a_rare_level_and_those_that_give_it_away_are_nowhere(tmp_path, capsys):
    status, out = run(tmp_path, "matching", worlds.families(), units="family")
    assert status == 0
    assert worlds.LEVEL not in "".join(worlds.texts(out).values()) + capsys.readouterr().out
    assert worlds.ID not in "".join(worlds.texts(out).values())
    result = json.loads((out / "result.json").read_text("utf-8"))
    balance = next(table for table in result["tables"] if table["name"] == "balance")
    levels = [row[0] for row in balance["rows"] if str(row[0]).startswith("group=")]
    assert len(levels) <= 2, "with one level hidden, another must go too"


@pytest.mark.parametrize("profile", ["ons", "dfe-early-years", "nhs", "strictest"])
def test_leaving_one_family_out_gives_none_of_its_covariates(profile):
    """n x mean of all less n x mean of matched was the one left out, to the last digit."""
    frame = worlds.families(left_out=True)
    _, result = released("matching", frame, profile, units="family", design='discard = "treated"\n')
    balance = next(t for t in result["tables"] if t["name"] == "balance")
    records = {row[0]: row[1:] for t in result["tables"] if t["name"] == "records" for row in t["rows"]}
    if None not in (records["all"][1], records["matched"][1]):
        assert abs(records["all"][1] - records["matched"][1]) == 0 or abs(
            records["all"][1] - records["matched"][1]
        ) >= min(release_profile(profile).threshold, release_profile(profile).base)
    at = {name: i for i, name in enumerate(balance["columns"])}
    for row in balance["rows"]:
        before, after = row[at["mean_treated_before"]], row[at["mean_treated_after"]]
        if after is not None:
            assert float(f"{before:.2e}") == before
            assert float(f"{after:.2e}") == after


def test_small_months_are_in_no_file(tmp_path):
    frame = worlds.months()
    status, out = run(tmp_path, "its", frame, units="site", outcome="", release="nhs")
    assert status == 0
    series = (out / "figures" / "series.csv").read_text("utf-8")
    shown = [line.split(",")[2] for line in series.splitlines()[1:] if line.startswith("observed")]
    assert not {str(n) for n in range(1, 8)} & {n.removesuffix(".0") for n in shown}
    assert not (out / "figures" / "residuals.csv").exists(), "the fitted and the residual are the count"
    big = worlds.months(small=False)
    status, out = run(tmp_path / "big", "its", big, units="site", release="nhs")
    series = (out / "figures" / "series.csv").read_text("utf-8")
    shown = [float(line.split(",")[2]) for line in series.splitlines()[1:] if line.startswith("observed")]
    assert shown == [5 * ((2 * n + 5) // 10) for n in big.y]


def test_places_stand_alone_only_where_the_count_behind_them_is_told_and_large():
    frame = worlds.places()
    _, unsaid = released("synth", frame, "nhs", units="authority")
    assert not any(f["name"].startswith("paths") for f in unsaid["figures"])
    assert any("behind = " in ask for ask in unsaid["release"]["asks"])
    _, few = released("synth", frame, "nhs", units="authority", outcome='behind = "n"\n')
    assert not any(f["name"].startswith("paths") for f in few["figures"])
    _, many = released("synth", frame.assign(n=200), "nhs", units="authority", outcome='behind = "n"\n')
    assert any(f["name"].startswith("paths") for f in many["figures"])


@pytest.mark.parametrize(("kind", "frame", "units"), [
    ("did", worlds.children(lone=False), "person"), ("matching", worlds.families(), "family"),
    ("its", worlds.months(small=False), "site"), ("synth", worlds.places(), "authority"),
])  # fmt: skip
def test_headline_estimates_are_unchanged_to_the_bit(kind, frame, units):
    evaluation, result = released(kind, frame, units=units)
    exact = evaluation.to_dict()
    for one, other in zip(exact["headline_terms"], result["headline_terms"], strict=True):
        for key in ("term", "estimate", "std_error", "conf_low", "conf_high", "p_value"):
            assert one[key] == other[key]


def test_open_data_of_authorities_are_shown_as_they_are():
    evaluation, result = released("synth", worlds.places(), units="authority")
    stamp = result.pop("release")
    assert result == evaluation.to_dict()
    assert (stamp["profile"], stamp["withheld"], stamp["asks"]) == ("published", [], [])


def test_where_nobody_says_what_the_units_are_the_gate_asks(tmp_path, capsys):
    _, out = run(tmp_path, "did", worlds.children())
    assert "does not say what the units are" in capsys.readouterr().out
    result = json.loads((out / "result.json").read_text("utf-8"))
    assert any("units = 'person'" in ask for ask in result["release"]["asks"])
    assert "does not say" in (out / "audit.html").read_text("utf-8")


@pytest.mark.parametrize(("kind", "frame", "options", "line"), [
    ("did", worlds.children(), {"release": "nsh"}, "found 'nsh'"),
    ("did", worlds.children(), {"units": "person", "release": "published"}, "'published', which hides nothing, but the units are person"),
    ("did", worlds.children(), {"release": "published"}, "not said to be authorities"),
    ("did", worlds.children(n=600, periods=5), {"units": "authority"}, "600 units are declared to be of kind 'authority'"),
    ("its", worlds.months(), {"units": "person"}, "the series of places"),
    ("did", worlds.children(), {"units": "persn"}, "Did you mean"),
])  # fmt: skip
def test_what_contradicts_itself_is_one_line_and_nothing_is_written(tmp_path, capsys, kind, frame, options, line):
    status, out = run(tmp_path, kind, frame, **options)
    said = capsys.readouterr().err
    assert status == 2
    assert line in said
    assert len(said.strip().splitlines()) == 1
    assert not out.exists()


def test_an_edited_ledger_stops_the_next_release(tmp_path, capsys):
    frame = worlds.families()
    status, out = run(tmp_path, "matching", frame, units="family", release="ons")
    ledger = tmp_path / "out.ledger.json"
    assert status == 0
    value = json.loads(ledger.read_text("utf-8"))
    value["entries"][0]["cells"]["sample: n_units"] = 1
    ledger.write_text(json.dumps(value), "utf-8")
    before = worlds.texts(out)
    status, out = run(tmp_path, "matching", frame, units="family", release="ons")
    assert status == 2
    assert "chain is broken" in capsys.readouterr().err
    assert worlds.texts(out) == before


def test_a_second_version_one_family_fewer_shows_no_count_beside_the_first():
    frame = worlds.families()
    _, first = released("matching", frame, "ons", units="family")
    ledger = Ledger().added("2026-11-01", "ons", first["release"]["counts"])
    _, second = released("matching", frame.iloc[:-1], "ons", ledger=ledger, units="family")
    one, two = first["release"]["counts"], second["release"]["counts"]
    assert one["flow 1: n_units"] == 400
    for key, n in two.items():
        if n is not None and one.get(key) is not None:
            assert n == one[key] or abs(n - one[key]) >= 10, key


def test_the_internal_folder_is_exact_and_marked_and_lies_apart(tmp_path, capsys):
    frame = worlds.children()
    inside = tmp_path / "inside"
    status, out = run(tmp_path, "did", frame, "--internal", str(inside), units="person")
    assert status == 0
    assert "INTERNAL" in (inside / "report.html").read_text("utf-8")
    assert "INTERNAL" in (inside / "audit.html").read_text("utf-8")
    for path in (inside / "figures").glob("*.svg"):
        assert "INTERNAL" in path.read_text("utf-8")
    assert all("INTERNAL" in worlds.texts(inside)[name] for name in ("brief.html", "report.docx", "tables.xlsx", "tables.ods"))
    exact = json.loads((inside / "result.json").read_text("utf-8"))
    assert len(exact["estimates"]) > len(json.loads((out / "result.json").read_text("utf-8"))["estimates"])
    assert main(["release", "check", str(inside)]) == 1
    assert "may not leave" in capsys.readouterr().out
    status, _ = run(tmp_path, "did", frame, "--internal", str(tmp_path / "out" / "x"), units="person")
    assert status == 2


def test_a_folder_is_checked_from_its_files_alone(tmp_path, capsys):
    status, out = run(tmp_path, "did", worlds.children(lone=False), units="person")
    assert status == 0
    assert main(["release", "check", str(out)]) == 0
    value = json.loads((out / "result.json").read_text("utf-8"))
    value["sample"]["n_treated"] = 3
    value["figures"][0]["series"][0]["n"][0] = 2
    value["headline"]["text"] += " Ring 020 7946 0018."
    (out / "result.json").write_text(json.dumps(value), "utf-8")
    (out / "figures" / "stray.svg").write_text("<svg/>", "utf-8")
    (out / "rows.parquet").write_bytes(b"PAR1")
    capsys.readouterr()
    assert main(["release", "check", str(out)]) == 1
    said = capsys.readouterr().out
    for line in (
        "n_treated is under 10",
        "1 marks rest on fewer than 10",
        "a telephone number",
        "stray.svg",
        "rows.parquet",
    ):
        assert line in said, line
    value.pop("release")
    (out / "result.json").write_text(json.dumps(value), "utf-8")
    assert main(["release", "check", str(out)]) == 1
    assert "did not pass the gate" in capsys.readouterr().out


@pytest.mark.parametrize("folder", ["absent", "empty"])
def test_a_folder_of_another_kind_is_one_line(tmp_path, capsys, folder):
    (tmp_path / "empty").mkdir()
    assert main(["release", "check", str(tmp_path / folder)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_mark_that_does_not_say_what_it_stands_for_does_not_leave():
    from hubeval.release.gate import _content
    from hubeval.release.rules import rules_for

    evaluation, _ = released("did", worlds.children(lone=False), units="person")
    result = json.loads(json.dumps(evaluation.to_dict()))
    result["figures"][0]["series"][0]["holds"] = "unsaid"
    result["tables"].append(
        {"name": "new", "caption": "c", "columns": ["a"], "rows": [[1]], "holds": [], "n": [], "of": []}
    )
    result["secret"] = worlds.ID
    result["diagnostics"].append({**result["diagnostics"][0], "name": "a new check"})
    content = _content(result, rules_for(evaluation.behind, release_profile("nhs"), ("Referrals",), ("y",)))
    assert "secret" not in content
    assert "a new check" not in {check["name"] for check in content["diagnostics"]}
    assert "new" not in {table["name"] for table in content["tables"]}
    assert len(content["figures"][0]["series"]) < len(result["figures"][0]["series"])


def test_bad_kinds_are_caught_in_python_too(tmp_path):
    protocol = read_protocol(worlds.written(tmp_path, "its", worlds.months(), units="family"))
    with pytest.raises(BadInput, match="series of places"):
        evaluate(protocol, despite="a test")
