"""What a theory plan shows of single cases: no row, code or piece of evidence that one family holds, and no quote uncleared."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from pathlib import Path

import numpy as np
import pytest

from hubeval.cli import main

spec = importlib.util.spec_from_file_location("worlds", Path(__file__).with_name("worlds.py"))
worlds = importlib.util.module_from_spec(spec)
spec.loader.exec_module(worlds)


@pytest.fixture
def planned(root, tmp_path, capsys):
    """`hubeval plan` on Bristol's theory with more in it: status, and everything printed and written."""

    def run(*, top="", more="", **written):
        text = (root / "designs" / "bristol" / "theory.toml").read_text("utf-8")
        (tmp_path / "theory.toml").write_text(text.replace("[[nodes]]", f"{top}\n[[nodes]]", 1) + more, "utf-8")
        (tmp_path / "profile.toml").write_text((root / "designs" / "bristol" / "profile.toml").read_text("utf-8"), "utf-8")
        for name, content in written.items():
            (tmp_path / name.replace("_", ".")).write_text(content, "utf-8")
        status = main(["plan", str(tmp_path / "theory.toml"), "--out", str(tmp_path / "out"), "--overwrite"])
        printed = capsys.readouterr()
        files = "".join(worlds.texts(tmp_path / "out").values()) if status == 0 else ""
        main(["plan", str(tmp_path / "theory.toml"), "--json"])
        return status, files + printed.out + printed.err + capsys.readouterr().out

    return run


def families(n=63, alone=1):
    """Families by two conditions; one configuration is held by `alone` of them."""
    rng = np.random.default_rng(1)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["family", "NEAR", "ALONE", "STAYED"])
    for i in range(n):
        near, lone = (1, 1) if i < alone else (i % 2, 0)
        rows.writerow([f"ZZ-{i:03d}", near, lone, int(rng.uniform() < 0.2 + 0.6 * near) if i >= alone else 1])
    return out.getvalue()


COMPARED = '\n[comparison]\nfile = "s.csv"\noutcome = "STAYED"\nconditions = ["NEAR", "ALONE"]\nsite = "family"\nconsistency = 0.7\n'


def analyses(folder):
    return json.loads((folder / "out" / "plan.json").read_text("utf-8"))["analyses"]


@pytest.mark.parametrize(("profile", "stands"), [("", [30, 30]), ("ons", [31])])
def test_a_truth_table_row_that_one_family_holds_and_those_that_give_it_away_are_nowhere(planned, tmp_path, profile, stands):
    """Of 1, 31 and 31: the one; and where counts are not rounded another, or it would be the total less the rest."""
    status, everything = planned(top=f'release = "{profile}"\n', more=COMPARED + 'units = "family"\n', s_csv=families())
    assert status == 0
    assert "ZZ-" not in everything
    found = next(a for a in analyses(tmp_path) if "families" in a["title"])
    table = next(t for t in found["tables"] if t["name"] == "truth_table")
    assert [row[table["columns"].index("n")] for row in table["rows"]] == stands
    assert not [t for t in found["tables"] if t["name"].startswith("qca_") and "ALONE" in json.dumps(t["rows"]).replace("~ALONE", "")]
    assert profile or "63" not in json.dumps(found)


def test_of_sites_the_truth_table_still_names_them(planned, tmp_path):
    status, everything = planned(more=COMPARED + 'units = "site"\n', s_csv=families(n=20))
    assert status == 0
    assert "ZZ-000" in everything


def test_where_nobody_says_what_a_row_is_none_is_named(planned):
    status, everything = planned(more=COMPARED, s_csv=families(n=20))
    assert status == 0, everything
    assert "ZZ-" not in everything
    assert "Nobody says what one row is of" in everything


@pytest.mark.parametrize("said", ["", "persons = 3\n", "persons = -1\n"])
def test_evidence_of_which_nobody_says_of_how_many_it_is_is_not_said(planned, said):
    status, everything = planned(more=TEST.replace("persons = 1\n", said))
    assert status == 0
    assert "ZZ" not in everything
    assert ("how many persons it rests on is not said" in everything) == (not said)


def test_without_few_in_any_row_the_comparison_of_families_stands(planned, tmp_path):
    status, everything = planned(more=COMPARED + 'units = "family"\n', s_csv=families(n=90, alone=30))
    assert status == 0
    assert "ZZ-" not in everything
    found = next(a for a in analyses(tmp_path) if "families" in a["title"])
    table = next(t for t in found["tables"] if t["name"] == "truth_table")
    assert [row[table["columns"].index("n")] for row in table["rows"]] == [30, 30, 30]
    assert "withheld" not in json.dumps(found)


def test_a_code_that_one_family_holds_leaves_neither_its_name_nor_its_count(planned):
    rows = [f"C{i},access,came late,North\nC{i},stigma,more,{'North' if i < 3 else 'South'}" for i in range(24)]
    status, everything = planned(top='extracts = "e.csv"', e_csv="case,theme,extract,group\n" + "\n".join([*rows, "C1,ZZLEFT HOME,x,North\n"]))
    assert status == 0
    assert "ZZ" not in everything
    assert "1 further themes, each of fewer than 10 cases" in everything
    tables = json.loads(everything[everything.rindex('{\n  "schema"') :])["tables"]
    framework = next(t for t in tables if t["name"] == "framework")
    assert framework["rows"][:2] == [["access", 25, 0, 1], ["stigma", "fewer than 10", 20, 2]]


TEST = (
    '\n[[tests]]\naccount = "It helped"\nlabel = "ZZMOTHER moved away"\nsensitivity = [0.8, 0.9]\ntype_one = [0.1, 0.2]\n'
    'source = "ZZ interview 12"\npersons = 1\n'
    '\n[[tests]]\naccount = "It helped"\nlabel = "board minutes"\nsensitivity = [0.8, 0.9]\ntype_one = [0.3, 0.4]\nsource = "minutes"\npersons = 0\n'
)


def test_evidence_of_one_person_is_weighed_and_not_said(planned):
    status, everything = planned(more=TEST)
    assert status == 0
    assert "ZZ" not in everything
    assert "evidence of fewer than 10 persons" in everything
    assert "board minutes" in everything


def test_rules_that_hide_nothing_are_not_for_what_persons_said(planned):
    status, everything = planned(top='release = "published"')
    assert status == 2
    assert "theory.release" in everything


SAID = '\n[[evidence]]\nlink = "{link}"\nstance = "for"\nsays = "it helped"\nkind = "{kind}"\nsource = "{source}"\nquote = "{quote}"\n'


def evidence(link, kind="interview", source="Parents of the north", quote="ZZ it kept us going"):
    return SAID.format(link=link, kind=kind, source=source, quote=quote)


CLEAR = '[[clearances]]\nsource = "Parents of the north"\nby = "A. Officer"\ndated = 2026-11-01\nchanged = "places taken out"\n'
LINK = "in_development -> local_teams"


@pytest.mark.parametrize(("more", "cleared", "why"), [
    (evidence(LINK), "", "no recorded clearance"),
    (evidence(LINK, kind="opinion", source="Interview with a mother"), CLEAR, "no recorded clearance"),
    (evidence(LINK, quote="ZZ born 3/4/2019"), CLEAR, "date of birth"),
    (evidence(LINK, quote="the hub manager cried"), CLEAR + '[roles]\n"hub manager" = 1\n', "a role that one person holds"),
    (evidence(LINK), CLEAR.replace("A. Officer", " "), "who cleared them"),
    (evidence(LINK), CLEAR + "note = 1\n", "note"),
    (evidence(LINK), CLEAR + '[roles]\n"hub manager" = "one"\n', "not a number for each role"),
])  # fmt: skip
def test_a_quote_that_nobody_has_cleared_stops_a_plan(planned, tmp_path, more, cleared, why):
    status, everything = planned(more=more, **({"clearances_toml": cleared} if cleared else {}))
    assert status == 2
    assert why in everything
    assert "ZZ" not in everything
    assert not (tmp_path / "out").exists()


def test_a_cleared_quote_and_the_words_of_a_document_are_printed(planned):
    status, everything = planned(more=evidence(LINK), clearances_toml=CLEAR)
    assert status == 0
    assert "ZZ it kept us going" in everything
    status, everything = planned(more=evidence(LINK, kind="document", source="Cabinet paper, 2024"))
    assert status == 0


FACT = '\n[[facts]]\ncriterion = "IM1"\nlow = 2\nhigh = 3\nkind = "fact"\nquote = "ZZ it kept us going"\nsource = "Focus group, May 2026"\ndated = "2026-05"\n'


def test_a_profile_with_somebodys_words_is_not_assessed_until_they_are_cleared(tmp_path, capsys):
    (tmp_path / "profile.toml").write_text('area = "T"\n' + FACT, "utf-8")
    for more in ([], ["--json"], ["--why"], ["--sensitivity"], ["--out", str(tmp_path / "out")]):
        assert main(["assess", str(tmp_path / "profile.toml"), *more]) == 2
        printed = capsys.readouterr()
        assert "no recorded clearance" in printed.out + printed.err
        assert "ZZ" not in printed.out + printed.err
    (tmp_path / "clearances.toml").write_text(CLEAR.replace("Parents of the north", "Focus group, May 2026"), "utf-8")
    assert main(["assess", str(tmp_path / "profile.toml")]) == 0
    assert "ZZ it kept us going" in capsys.readouterr().out


def test_an_evaluation_leaves_such_words_out(tmp_path, capsys):
    protocol = worlds.written(tmp_path, "matching", worlds.families(n=200), units="person")
    (tmp_path / "profile.toml").write_text(worlds.PROFILE + FACT, "utf-8")
    assert main(["evaluate", str(protocol), "--despite", "t", "--json"]) == 0
    said = capsys.readouterr().out
    assert "ZZ it" not in said
    assert "withheld before release" in said
