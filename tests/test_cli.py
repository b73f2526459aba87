"""The command line: verbs, JSON, exit status, and one clear line for each thing wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from hubeval.cli import main

AREAS = {
    "bristol": ("theory-based", "foundations"),
    "essex": ("quasi-experimental", "provisional"),
    "leeds": ("quasi-experimental", "provisional"),
    "sefton": ("theory-based", "foundations"),
    "suffolk": ("theory-based", "foundations"),
    "stockton-on-tees": ("not enough evidence", "undecided"),
    "salford": ("quasi-experimental", "provisional"),
    "essex-lga": ("quasi-experimental", "provisional"),
    "cornwall": ("not enough evidence", "undecided"),
    "lincolnshire": ("theory-based", "foundations"),
    "york": ("theory-based", "foundations"),
}


@pytest.fixture
def run(capsys):
    def call(*argv):
        try:
            status = main([str(a) for a in argv])
        except SystemExit as stop:
            status = stop.code
        out = capsys.readouterr()
        assert "Traceback" not in out.out + out.err
        return status, out.out, out.err

    return call


@pytest.fixture
def panel(root):
    return (root / "synthetic_data" / "essex-style" / "panel.csv").read_text()


def test_assess_gives_each_area_its_verdict_as_json(run, root):
    profiles = sorted((root / "designs").glob("*/profile.toml"))
    status, out, _ = run("assess", *profiles, "--json")
    assert status == 0
    found = {path.parent.name: item for path, item in zip(profiles, json.loads(out), strict=True)}
    assert {name: (item["route"], item["status"]) for name, item in found.items()} == AREAS
    assert all({"area", "route", "status", "designs", "findings"} <= set(item) for item in found.values())


def test_assess_prints_a_grid(run, root):
    status, out, _ = run("assess", *sorted((root / "designs").glob("*/profile.toml")))
    assert status == 0
    assert "quasi-experimental (provisional)" in out
    assert "theory-based, with foundations" in out


def test_assess_loads_nothing_heavy(root):
    code = (
        "import sys\nfrom hubeval.cli import main\nmain(['assess', *sys.argv[1:], '--json'])\n"
        "bad = {'numpy', 'pandas', 'scipy', 'statsmodels', 'sklearn', 'matplotlib'} & set(sys.modules)\n"
        "print(sorted(bad), file=sys.stderr)"
    )
    profiles = [str(p) for p in (root / "designs").glob("*/profile.toml")]
    done = subprocess.run(
        [sys.executable, "-c", code, *profiles], capture_output=True, text=True, check=True, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)}, encoding="utf-8",
    )  # fmt: skip
    assert done.stderr.strip() == "[]"


def test_evaluate_writes_the_report(run, root, tmp_path):
    status, out, _ = run("evaluate", root / "designs/essex-style/protocol.toml", "--out", tmp_path / "o")
    assert status == 0
    assert "What this does not show" in out
    assert (tmp_path / "o" / "report.html").is_file()


def test_a_developing_area_is_turned_away_without_an_estimate(run, root, tmp_path):
    status, out, err = run("evaluate", root / "designs/bristol/protocol.toml", "--out", tmp_path / "o")
    assert status == 1
    assert "IM1" in err
    assert out == ""
    assert not (tmp_path / "o").exists()


def test_not_ready_as_json(run, root):
    status, out, _ = run("evaluate", root / "designs/bristol/protocol.toml", "--json")
    value = json.loads(out)
    assert status == 1
    assert value["answer"] == "not ready"
    assert value["reasons"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.replace("referrals_per_10k", "refferals_per_10k"), "Did you mean 'refferals_per_10k'?"),
        (lambda t: t + t.splitlines()[1] + "\n", "repeat a unit and period"),
        (lambda t: t.replace("105.93", "x", 1), 'suppression mark ("x")'),
        (lambda t: t.replace("105.93", "eighty", 1), "text where a number should be, first in data row 1"),
        (lambda t: re.sub(r"(?m)^([^,]*,[^,]*,)2018Q3", r"\g<1>2031Q1", t), "start after the last period"),
        (lambda t: t.replace("2014Q1", "soon"), "are not periods"),
        (lambda t: re.sub(r"(?m)^((?:[^,\n]*,){4})[\d.]+", r"\g<1>5", t), "the same number in every row"),
        (lambda _: "", "is empty"),
        (lambda t: t.splitlines()[0] + "\n", "has a header and no rows"),
        (lambda t: t.replace("\n", ",extra\n", 3).replace(",extra", "", 1), "have another number of fields"),
    ],
)
def test_bad_data_end_in_one_clear_line(run, root, tmp_path, panel, change, says):
    path = tmp_path / "data.csv"
    changed = change(panel)
    assert changed != panel
    path.write_text(changed)
    status, out, err = run(
        "evaluate", root / "designs/essex-style/protocol.toml", "--data", path, "--out", tmp_path / "o"
    )
    assert status == 2
    assert says in err, err
    assert len(err.strip().splitlines()) == 1, err
    assert out == ""
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: "\n".join(line for line in t.splitlines() if line.startswith(("area,", "Alderholt,"))), "no comparison unit"),
        (lambda t: re.sub(r"(?m)^([^,\n]*,20[^,\n]*,)[^,\n]*", r"\g<1>2017Q1", t), "no comparison unit in the data"),
        (lambda t: re.sub(r"(?m)^((?:(?!Alderholt)[^,\n])*,20[^,\n]*,[^,\n]*,[^,\n]*,)[\d.]+", r"\g<1>", t), "hold no number"),
    ],
)
def test_what_the_data_refute_closes_the_gate_whatever_was_claimed(run, root, tmp_path, panel, change, says):
    path = tmp_path / "data.csv"
    path.write_text(change(panel))
    protocol = root / "designs/essex-style/protocol.toml"
    status, out, err = run("evaluate", protocol, "--data", path, "--out", tmp_path / "o")
    assert status == 1
    assert "The data themselves speak against it" in out + err
    assert says in " ".join((out + err).split())
    assert not (tmp_path / "o").exists()



def test_no_value_of_a_row_is_shown(run, root, tmp_path, panel):
    path = tmp_path / "data.csv"
    path.write_text(panel.replace("105.93", "Alice Canary"))
    _, out, err = run("evaluate", root / "designs/essex-style/protocol.toml", "--data", path)
    assert "Canary" not in out + err


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["assess", "no-such.toml"], "no file no-such.toml"),
        (["evaluate", "no-such.toml"], "no file no-such.toml"),
        (["evaluate"], "required: PROTOCOL"),
        (["evalute", "x"], "invalid choice"),
    ],
)
def test_bad_arguments_end_in_one_line(run, argv, says):
    status, _, err = run(*argv)
    assert status == 2
    assert says in err


def test_the_wrong_kind_of_file_is_named(run, root):
    status, _, err = run("assess", root / "designs/essex-style/protocol.toml")
    assert status == 2
    assert "is a protocol, not a profile" in err
    status, _, err = run("evaluate", root / "designs/bristol/profile.toml")
    assert status == 2
    assert "is a profile, not a protocol" in err


def test_a_reader_who_leaves_early_is_no_error(root):
    code = "import sys\nfrom hubeval.cli import main\nsys.exit(main(['assess', *sys.argv[1:], '--why']))"
    profiles = sorted(map(str, (root / "designs").glob("*/profile.toml")))
    with subprocess.Popen(
        [sys.executable, "-c", code, *profiles * 20], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:  # fmt: skip
        process.stdout.readline()
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait() == 0


def test_problems_of_several_profiles_are_reported_together(run, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text('aera = "X"\n')
    status, _, err = run("assess", tmp_path / "a.toml", tmp_path / "b.toml")
    assert status == 2
    assert "a.toml" in err
    assert "b.toml" in err


@pytest.mark.parametrize("kind", ["did", "its", "synth", "matching", "rdd"])
def test_new_protocol_prints_a_template(run, kind):
    status, out, _ = run("new", "protocol", "--kind", kind)
    assert status == 0
    assert f'kind = "{kind}"' in out


def test_new_profile_prints_a_template(run):
    status, out, _ = run("new", "profile")
    assert status == 0
    assert "[[facts]]" in out


def test_new_theory_prints_a_template(run):
    status, out, _ = run("new", "theory")
    assert status == 0
    assert "[[" in out


def test_plans_of_several_areas_are_written_beside_what_they_share(run, root, tmp_path):
    areas = [root / "designs" / name / "profile.toml" for name in ("bristol", "sefton", "suffolk")]
    status, _, _ = run("plan", *areas, "--out", tmp_path)
    assert status == 0
    assert (tmp_path / "learning.html").is_file()
    assert all((tmp_path / name / "plan.html").is_file() for name in ("bristol", "sefton", "suffolk"))


def test_check_says_what_the_data_hold(run, root):
    status, out, _ = run("check", root / "designs/essex-style/protocol.toml")
    assert status == 0
    assert "suppressed" in out


def test_a_saved_power_calculation_stands_on_the_areas_page(run, root, tmp_path):
    example = root / "designs/essex-style"
    status, out, _ = run("power", example / "protocol.toml", "--quick", "--draws", 200, "--json")
    assert status == 0
    (tmp_path / "power.json").write_text(out, encoding="utf-8")
    profile = example / "illustrative-profile.toml"
    assert run("assess", profile, "--out", tmp_path / "o", "--power", tmp_path / "power.json")[0] == 0
    size = json.loads(out)["smallest_detectable"]
    (page,) = (tmp_path / "o" / "areas").glob("*.html")
    assert f"{size:.3g} referrals per 10,000 children a quarter" in page.read_text(encoding="utf-8")
    status, _, err = run("assess", profile, "--out", tmp_path / "o", "--power", profile)
    assert status == 2
    assert "is not valid JSON" in err


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["new", "profile", "--kind", "its"], "--kind: a new profile does not read it"),
        (["new", "theory", "--from", "designs/suffolk/theory.toml"], "--from: a new theory does not read it"),
        (["new", "protocol", "--kind", "its", "--from", "designs/suffolk/theory.toml"], "--kind: a theory leads to"),
        (["assess", "designs/suffolk/profile.toml", "--sensitivity", "--out", "x"], "--out: not together with"),
        (["assess", "designs/suffolk/profile.toml", "--since", "x", "--compare"], "--since: not together with --compare"),
        (
            ["assess", "designs/castle-doctrine/worked-profile.toml", "--checked", "designs/castle-doctrine/protocol.toml"],
            "--checked: the protocol names no data file",
        ),
    ],
)
def test_an_option_that_would_not_be_read_is_refused(run, root, monkeypatch, argv, says):
    monkeypatch.chdir(root)
    status, out, err = run(*argv)
    assert (status, out) == (2, "")
    assert says in err
    assert len(err.strip().splitlines()) == 1


def test_a_protocol_from_a_theory_comes_as_json_too(run, root):
    status, out, _ = run("new", "protocol", "--from", root / "designs/suffolk/theory.toml", "--json")
    assert status == 0
    assert "[design]" in json.loads(out)["text"]
