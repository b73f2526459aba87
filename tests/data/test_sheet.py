"""Sheets as people keep them, tidied by `hubeval import`; what cannot be told is asked."""

from __future__ import annotations

import json

import openpyxl
import pytest

from hubeval.cli import main

TITLED = [["Referrals by authority"], ["Source: return"], [], ["LA code", "Authority", "2014/15", "2015/16", "2016/17"],
          ["E09000001", "A", 1.5, "c", 2], ["E09000002", "B", "1,234", 4, ":"], ["E92000001", "England", 2, 3, 4], [],
          ["c = suppressed"]]


def workbook(path, rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    made.save(path)
    return path


def run(capsys, *args):
    status = main([*map(str, args)])
    out = capsys.readouterr()
    return status, out.out + out.err


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_titles_notes_and_totals_are_left_out_and_said(tmp_path, capsys, kind):
    path = tmp_path / f"p.{kind}"
    if kind == "xlsx":
        workbook(path, TITLED)
    else:
        path.write_text("\n".join(";".join(map(str, row)) for row in TITLED), encoding="cp1252")
    status, said = run(capsys, "import", path, "--value", "rate", "--out", tmp_path / "tidy.csv")
    assert status == 0
    for words in ("2 rows above the headings", "1 row of totals left out: E92000001", "places: 'Authority', 2 of them"):
        assert words in said
    tidy = (tmp_path / "tidy.csv").read_text("utf-8").splitlines()
    assert tidy[0] == "Authority,LA code,period,rate"
    assert tidy[1:4] == ["A,E09000001,2014/15,1.5", "A,E09000001,2015/16,c", "A,E09000001,2016/17,2"]
    assert len(tidy) == 7


def test_headings_over_two_rows_are_joined_into_periods(tmp_path, capsys):
    rows = [["", "2014", "", "2015", ""], ["Authority", "Q1", "Q2", "Q1", "Q2"], ["A", 1, 2, 3, 4], ["B", 5, 6, 7, 8]]
    status, said = run(capsys, "import", workbook(tmp_path / "p.xlsx", rows))
    assert status == 0
    assert "2014Q1 to 2015Q2, 4 of them" in said


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["Authority", "2014", "2014"], ["A", 1, 2], ["B", 3, 4]], "repeated headings: 2014"),
        ([["Authority", "Region", "2014"], ["A", "N", 1], ["B", "S", 2]], "several columns could be the places"),
        ([["Authority", "rate", "year"], ["A", 1, 2014], ["B", 2, 2014]], "no heading is a period"),
        ([["A"], ["B"]], "no row of p.xlsx looks like headings"),
    ],
)
def test_what_cannot_be_told_is_not_guessed(tmp_path, capsys, rows, words):
    status, said = run(capsys, "import", workbook(tmp_path / "p.xlsx", rows))
    assert status == 2
    assert words in said


def test_contacts_are_counted_and_noughts_are_said(tmp_path, capsys):
    path = tmp_path / "c.csv"
    path.write_text("la,on\nA,05/01/2019 09:30\nA,20/01/2019\nB,01/03/2019\n")
    status, said = run(capsys, "import", path, "--shape", "contacts", "--unit", "la", "--date", "on", "--json")
    assert status == 0
    found = json.loads(said)
    assert found["rows"] == 6
    assert any("counts 0" in line for line in found["understood"])


def test_options_that_do_not_apply_are_refused(tmp_path, capsys):
    path = tmp_path / "c.csv"
    path.write_text("la,2014,2015\nA,1,2\n")
    status, said = run(capsys, "import", path, "--date", "on", "--out", tmp_path / "tidy.txt")
    assert status == 2
    assert "--date: does not apply to --shape wide" in said
    assert "--out" in said


def test_quarters_of_financial_years_are_read_and_said_by_the_calendar(tmp_path, capsys):
    rows = [["Ward", "Q3 2014/15", "Q4 2014/15", "Q1 2015/16"], ["A", 1, 2, 3], ["B", 4, 5, 6]]
    status, said = run(capsys, "import", workbook(tmp_path / "p.xlsx", rows))
    assert status == 0
    assert "2014Q4 to 2015Q2, 3 of them" in said
    assert "counted from April, told by the calendar year: 'Q3 2014/15' is 2014Q4" in said
    status, said = run(capsys, "import", workbook(tmp_path / "q.xlsx", [["Ward", "2014Q4", "2015Q1"], ["A", 1, 2]]))
    assert "counted from April" not in said


def test_the_sheet_of_users_can_be_named_as_the_refusal_says(tmp_path, capsys):
    made = openpyxl.Workbook()
    made.active.append(["read me"])
    page = made.create_sheet("scores")
    page.append(["id", "GAD-7 pre", "GAD-7 post"])
    page.append(["u1", 9, 4])
    made.save(tmp_path / "users.xlsx")
    asked = ("import", tmp_path / "users.xlsx", "--shape", "users", "--unit", "id")
    status, said = run(capsys, *asked)
    assert status == 2
    assert "--sheet" in said
    assert run(capsys, *asked, "--sheet", "scores")[0] == 0


def test_the_sheet_read_is_not_written_over(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "w.csv").write_text("place,2019,2020\nA,1,2\nB,3,4\n", "utf-8")
    for out in ("w.csv", str(tmp_path / "w.csv")):
        status, said = run(capsys, "import", "w.csv", "--out", out)
        assert (status, "--out: it is the file read" in said) == (2, True)
    assert (tmp_path / "w.csv").read_text("utf-8").startswith("place,2019")
