"""Files and options that nobody should give: one clear line each, never a traceback, never a wait without end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hubeval import files
from hubeval.errors import BadInput
from hubeval.verbs import check
from hubeval.verbs.fault import fault

PROTOCOL = "designs/essex-style/protocol.toml"
PROFILE = "designs/essex-style/illustrative-profile.toml"


@pytest.fixture
def essex(root, tmp_path):
    """The worked example with one text changed; its data stay where they are."""
    text = (root / PROTOCOL).read_text(encoding="utf-8").replace("../../synthetic_data", str(root / "synthetic_data"))

    def changed(old="", new=""):
        assert not old or old in text
        (tmp_path / "protocol.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
        (tmp_path / "illustrative-profile.toml").write_bytes((root / PROFILE).read_bytes())
        return tmp_path / "protocol.toml"

    return changed


def child(root, *argv, **options):
    return subprocess.run(
        [sys.executable, "-m", "hubeval", *map(str, argv)], cwd=root, check=False, timeout=60,
        env={**os.environ, "PYTHONPATH": str(root)}, **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("deep.toml", b"a = " + b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        ("deep.json", b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        ("digits.toml", b'area = "A"\nsites = ' + b"9" * 5_000, "number of thousands of digits"),
        ("digits.json", b'{"area": "A", "sites": ' + b"9" * 5_000 + b"}", "number of thousands of digits"),
        ("large.toml", b'area = "A"\nsites = 99999999999999999999', "a whole number above"),
        ("large.json", b'{"area": "A", "sites": 1e999}', "is not a finite number"),
        ("half.json", b'{"area": "\\ud800"}', "holds half a character"),
        ("key.json", b'{"area": "A", "\\udfff": 1}', "holds half a character"),
        ("list.json", b"[[1]]", "is not a table of keys"),
        ("nul.toml", b"\0\0\0\0", "is not valid TOML"),
    ],
)
def test_a_profile_that_is_none_is_one_line(refused, tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    for verb in ("assess", "plan"):
        if (verb, Path(name).suffix) != ("plan", ".json"):
            err = refused(verb, tmp_path / name)
            assert says in err
            assert len(err) < 2_000


def test_a_hundred_thousand_unknown_keys_are_counted_not_printed(refused, tmp_path):
    (tmp_path / "p.toml").write_text('area = "A"\n' + "\n".join(f"areas{n} = 1" for n in range(100_000)), "utf-8")
    err = refused("assess", tmp_path / "p.toml")
    assert "And 99,950 more problem(s) like these" in err
    assert len(err.splitlines()) < 60


@pytest.mark.parametrize("mark", ["utf-16", "utf-8-sig"])
def test_a_file_as_powershell_writes_it_is_read(call, root, tmp_path, mark):
    (tmp_path / "p.toml").write_text((root / PROFILE).read_text("utf-8").replace("\n", "\r\n"), mark, newline="")
    assert call("assess", tmp_path / "p.toml")[:2] == call("assess", root / PROFILE)[:2]


def test_no_device_pipe_or_impossible_name_is_read(refused, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", "/dev/zero", "/dev/null"):
        for argv in (["assess", path], ["check", path], ["assess", "--power", path, "--out", "x", PROFILE]):
            assert "is a pipe or a device" in refused(*argv)
        assert "is a pipe or a device" in refused("check", PROTOCOL, "--data", path)
    assert "no file name may hold" in refused("assess", "a\0b.toml")
    assert "no file name may hold" in refused("evaluate", PROTOCOL, "--data", "a\0b.csv")
    assert "too long" in refused("assess", "n" * 5_000).lower()


def test_a_file_that_may_not_be_read_is_one_line(monkeypatch, tmp_path):
    def no(_path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "p.toml").write_text("x", "utf-8")
    monkeypatch.setattr(Path, "read_bytes", no)
    with pytest.raises(BadInput, match=r"p\.toml cannot be read: Permission denied"):
        files.read_toml(tmp_path / "p.toml")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[[outcomes]]", "outcomes = [[1]]\n[[cautions]]"),
        ("[data]", "data = 5\n[x]"),
        ("registered = 2", "registered = 2020-01-01T10:00:00 #"),
    ],
)
def test_a_table_that_is_none_is_refused(refused, essex, old, new):
    refused("check", essex(old, new))


def test_a_hand_edited_power_calculation_is_refused(refused, tmp_path):
    good = {"schema": "hubeval-power/1", "smallest_detectable": 1.0, "unit": "u", "area": "A", "design": "DiD"}
    for key, value in (("unit", None), ("smallest_detectable", "large"), ("area", ["A"]), ("design", {})):
        (tmp_path / "power.json").write_text(json.dumps({**good, key: value}), "utf-8")
        err = refused("assess", PROFILE, "--out", tmp_path / "o", "--power", tmp_path / "power.json")
        assert "is not a saved power calculation" in err
        assert not (tmp_path / "o").exists()


def test_a_saved_assessment_of_no_day_is_refused(call, refused, root, tmp_path):
    saved = json.loads(call("assess", root / PROFILE, "--json")[1])
    (tmp_path / "s.json").write_text(json.dumps([{**saved[0], "assessed": "yesterday"}]), "utf-8")
    assert "is no date" in refused("assess", root / PROFILE, "--since", tmp_path / "s.json")


def test_names_cannot_act_on_a_terminal(call, root, tmp_path):
    text = (root / PROFILE).read_text("utf-8").replace('area = "', 'area = "\\u202eX', 1)
    (tmp_path / "p.toml").write_text(text, "utf-8")
    for argv in (["assess", tmp_path / "p.toml"], ["assess", tmp_path / "p.toml", "--json"], ["assess", "\x1b[2Jx"]):
        _, out, err = call(*argv)
        assert not {"\x1b", "\u202e"} & set(out + err)
        assert "\\u" in out + err
    assert json.loads(call("assess", tmp_path / "p.toml", "--json")[1])[0]["area"].startswith("\u202eX")


def test_a_fault_of_ours_is_one_line_without_values(call, root, monkeypatch):
    def broken(*_args, **_options):
        raise KeyError("Alice Canary")

    monkeypatch.setattr(check, "data_file", broken)
    status, out, err = call("check", root / PROTOCOL)
    assert (status, out) == (2, "")
    assert "hubeval itself failed, not your file: KeyError at hubeval/verbs/check.py:" in err
    assert "Canary" not in err
    assert len(err.splitlines()) == 1
    status, out, err = call("check", root / PROTOCOL, "--json")
    assert (status, json.loads(out)["answer"], err) == (2, "fault", "")


def test_too_little_memory_is_not_a_fault_of_ours():
    assert "not enough memory" in fault(MemoryError())


def test_streams_that_are_full_closed_or_missing_end_in_status_two(root):
    with Path("/dev/full").open("w") as full:
        done = child(root, "assess", PROFILE, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert "could not be written to standard output: No space left" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    for shell in ('"$@" >&-', '"$@" 2>&-', '"$@" >&- 2>&-', '"$@" 2>/dev/full'):
        command = ["bash", "-c", shell, "x", sys.executable, "-m", "hubeval"]
        for argv, status in ((["assess", PROFILE], 0), (["assess", "no-such.toml"], 2), (["assess"], 2)):
            done = subprocess.run(
                [*command, *argv], cwd=root, capture_output=True, text=True, check=False, timeout=60,
                env={**os.environ, "PYTHONPATH": str(root)},
            )  # fmt: skip
            assert done.returncode in ({0, 2} if status == 0 else {2}), (shell, argv)
            assert "Traceback" not in done.stdout + done.stderr
            assert "Exception ignored" not in done.stderr


def test_values_that_argparse_lets_through_are_refused(refused, root):
    assert "expected one argument" in refused("power", root / PROTOCOL, "--draws=--")
    assert "seed: found -1" in refused("power", root / PROTOCOL, "--seed", "-1")
    assert "100 to 100,000" in refused("power", root / PROTOCOL, "--draws", "99999999999999999999")


@pytest.mark.parametrize("kind", ["[]", "[['did']]", "{a = 1}", "3"])
def test_a_kind_that_is_no_word_is_refused(refused, essex, kind):
    assert "design.kind" in refused("check", essex('kind = "did"', f"kind = {kind}"))


def test_patterns_are_filled_in_where_no_shell_did(call, refused, root, tmp_path):
    assert call("assess", "designs/*/profile.toml")[1].count("\n") > 11 or root != Path.cwd()
    for name in ("b", "a"):
        (tmp_path / f"{name}.toml").write_bytes(
            (root / f"designs/{'york' if name == 'a' else 'sefton'}/profile.toml").read_bytes()
        )
    assert [item["area"] for item in json.loads(call("assess", tmp_path / "?.toml", "--json")[1])] == ["York", "Sefton"]
    assert "no file is named like that" in refused("assess", tmp_path / "no-*.toml")
    (tmp_path / "[a].toml").write_bytes((root / "designs/york/profile.toml").read_bytes())
    assert call("assess", tmp_path / "[a].toml")[0] == 0


def test_a_dollar_in_a_label_is_a_dollar():
    from hubeval.report.drawing import draw_svg

    series = {
        "label": "cost $x_1$",
        "x": [1, 2],
        "y": [1, 2],
        "low": [],
        "high": [],
        "style": "line",
        "holds": "",
        "n": [],
    }
    other = {**series, "label": r"$\frac{a"}
    figure = {
        "name": "n",
        "title": "t",
        "x_label": "$a$ and $",
        "y_label": "",
        "marks": [],
        "ticks": [[1, "$b$"]],
        "horizontal": False,
        "text": "",
        "series": [series, other],
    }
    drawn = draw_svg(figure)
    assert all(word in drawn for word in ("cost $x_1$", "$a$ and $", "$b$", r"$\frac{a"))


def test_a_seed_below_zero_is_refused(refused, essex):
    assert "seed: found -5" in refused("check", essex("registered = ", "seed = -5\nregistered = "))


def test_rows_without_a_header_are_not_shown_as_names(refused, essex, tmp_path):
    (tmp_path / "d.csv").write_text("2010-01,50.7713\n2010-02,51.7713\n", "utf-8")
    err = refused("check", essex(), "--data", tmp_path / "d.csv")
    assert "has no header" in err
    assert "7713" not in err


def test_arguments_that_are_no_text_are_refused_whatever_the_verb(refused, tmp_path):
    for argv in (
        ["import", tmp_path / "w.csv", "--value", "\udcff"],
        ["pseudonymise", "d.csv", "--columns", "a", "--new-key", "k", "--out", "a\0b"],
        ["demo", "hub-series", "--out", "a\0b"],
        ["new", "theory", "--out", "\ud800.toml"],
    ):
        assert "holds a character that no file name may hold" in refused(*argv)


def test_a_folder_that_cannot_be_looked_into_is_not_passed(refused, tmp_path, monkeypatch):
    from hubeval.release import audit

    assert "cannot be looked into: File name too long" in refused("release", "check", "n" * 5_000)
    for n in range(4):
        (tmp_path / f"{n}.txt").write_text("x", "utf-8")
    monkeypatch.setattr(audit, "_MOST_FILES", 3)
    assert "more than 3 files" in refused("release", "check", tmp_path)

    def no(*_args, onerror, **_options):
        onerror(PermissionError(13, "Permission denied"))

    monkeypatch.setattr(audit.os, "walk", no)
    assert "cannot be looked into: Permission denied" in refused("release", "check", tmp_path)


def test_a_console_of_windows_1252_is_spoken_to_and_nobody_need_fill_in_patterns(root):
    """As `cmd` calls it: the pattern as it stands, and streams that cannot write a minus sign."""
    done = subprocess.run(
        [sys.executable, "-m", "hubeval", "assess", "designs/[xy]ork/*.toml", "--why"], cwd=root, check=False, timeout=60,
        capture_output=True, env={**os.environ, "PYTHONPATH": str(root), "PYTHONIOENCODING": "cp1252:strict", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert "York" in done.stdout.decode("utf-8")
