"""Ids leave as pseudonyms, the key stays, and nothing of a row is said in a message."""

from __future__ import annotations

import csv
import importlib.util
import json
from pathlib import Path

import pytest

from hubeval import files
from hubeval.cli import main
from hubeval.release.keyed import keyed, new_key


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "inside" / "d.csv"
    path.parent.mkdir()
    path.write_text('id,sib,y\nZZADA,ZZBOB,"a, b"\nZZBOB,,2\n', "utf-8")
    return path


def test_the_same_id_gets_the_same_pseudonym_in_every_column(data, tmp_path, capsys):
    out, key = tmp_path / "out" / "d.csv", tmp_path / "inside" / "key"
    assert main(["pseudonymise", str(data), "--columns", "id,sib", "--new-key", str(key), "--out", str(out)]) == 0
    rows = list(csv.reader(out.read_text("utf-8").splitlines()))
    assert rows[0] == ["id", "sib", "y"]
    assert rows[1][1] == rows[2][0] != rows[1][0]
    assert [rows[1][2], rows[2][1], rows[2][2]] == ["a, b", "", "2"]
    assert "ZZ" not in out.read_text("utf-8") + capsys.readouterr().out
    assert key.read_text("utf-8").strip() not in out.read_text("utf-8")
    again = tmp_path / "out" / "e.csv"
    assert main(["pseudonymise", str(data), "--columns", "id,sib", "--key", str(key), "--out", str(again)]) == 0
    assert again.read_text("utf-8") == out.read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--columns", "idd", "--new-key", "inside/k"], "no column 'idd'"),
        (["--columns", "id"], "no key"),
        (["--columns", "id", "--new-key", "out/k"], "lie in the folder that leaves"),
        (["--columns", "id", "--key", "inside/d.csv"], "does not hold a key"),
        (["--columns", " ", "--new-key", "inside/k"], "none named"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(data, tmp_path, monkeypatch, capsys, options, line):
    monkeypatch.chdir(tmp_path)
    assert main(["pseudonymise", "inside/d.csv", *options, "--out", "out/d.csv"]) == 2
    said = capsys.readouterr().err
    assert line in said
    assert "ZZ" not in said
    assert not (tmp_path / "out" / "d.csv").exists()
    assert not (tmp_path / "inside" / "k").exists()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name,id,y\nSmith, Jo,ZZADA,1\nLee,ZZBOB,2\n", "more or fewer fields than the header, first data row 1"),
        ("name,id,y\nLee,ZZBOB,2\nZZADA,1\n", "more or fewer fields than the header, first data row 2"),
        ("id,y\n", "a header and no rows"),
        ('id,y\n"' + "ZZADA,1\n" * 20_000, "a field is longer than"),
        ("id,id\nZZADA,ZZBOB\n", "2 columns are named 'id' (each name once)"),
    ],
)
def test_an_id_that_may_stand_beside_its_column_does_not_leave(data, tmp_path, monkeypatch, capsys, text, line):
    monkeypatch.chdir(tmp_path)
    data.write_text(text, "utf-8")
    assert main(["pseudonymise", "inside/d.csv", "--columns", "id", "--new-key", "inside/k", "--out", "out/d.csv"]) == 2
    said = capsys.readouterr().err
    assert line in said
    assert "ZZ" not in said
    assert not (tmp_path / "out" / "d.csv").exists()
    assert not (tmp_path / "inside" / "k").exists()


def test_the_hash_of_the_records_is_keyed_where_a_key_is_given_and_the_key_stays(tmp_path, capsys):
    spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
    worlds = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worlds)
    protocol = worlds.written(tmp_path, "matching", worlds.families(n=200), units="person")
    keys = [tmp_path / "one.key", tmp_path / "two.key"]
    made = [new_key(path) for path in keys]
    found = []
    for path in keys:
        assert main(["evaluate", str(protocol), "--despite", "t", "--json", "--key", str(path)]) == 0
        found.append(json.loads(capsys.readouterr().out)["provenance"])
    plain = files.sha256(tmp_path / "d.csv")
    assert [one["data_hmac_sha256"] for one in found] == [keyed(plain, key) for key in made]
    assert found[0]["data_hmac_sha256"] != found[1]["data_hmac_sha256"]
    assert all(one["data_sha256"] == "" for one in found)
    (tmp_path / "out").mkdir()
    keys[0].rename(tmp_path / "out" / "one.key")
    given = ["evaluate", str(protocol), "--despite", "t", "--out", str(tmp_path / "out"), "--key", str(tmp_path / "out" / "one.key"), "--overwrite"]
    assert main(given) == 2
    assert "in the folder that leaves" in capsys.readouterr().err
