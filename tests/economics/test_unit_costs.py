"""Unit costs from the user's own files. The workbook is made up after the look of a database: no figure is real."""

from __future__ import annotations

import json

import openpyxl
import pytest

from hubeval.cli import main
from hubeval.economics import read_value, value
from hubeval.economics.plain import to_dict
from hubeval.economics.unit_costs import COLUMNS, read_unit_costs, tidy_unit_costs
from hubeval.errors import BadInput

HEADS = ("Code", "Agency", "Detail", "Unit", "Fiscal cost", "Economic cost", "Year", "Source", "Confidence grade", "Page")
ROWS = (
    ("CS1", "Council", "A referral, made up", "Per referral", "£1,234.50", "", "2024/25", "Made-up study", "2", "14"),
    ("CS2", "Council", "A plan, made up", "Per plan", 5000, 10, "2019/20", "", "4", ""),
    ("CS3", "Council", "Not costed", "Per visit", "n/a", "", "2019/20", "Made-up study", "5", ""),
)
TABLE = """[benefits.unit_cost]
amount = 1000
per = "referral"
year = "2024-25"
source = "s"
"""


@pytest.fixture
def workbook(tmp_path):
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Unit costs"
    page.append(["A database of unit costs, made up"])
    page.append([])
    for row in (HEADS, *ROWS):
        page.append(list(row))
    book.save(tmp_path / "database.xlsx")
    return tmp_path / "database.xlsx"


def test_a_databases_sheet_keeps_year_source_grade_and_page(workbook, tmp_path, capsys):
    out = tmp_path / "costs.csv"
    asked = ["import", str(workbook), "--shape", "costs", "--value", "Fiscal cost", "--out", str(out)]
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "amount: from 'Fiscal cost'" in said
    assert "1 row without an amount left out" in said
    assert "source: database.xlsx, where a row gives none" in said
    made = read_unit_costs(out)
    assert list(made) == ["CS1", "CS2"]
    one, two = made.values()
    assert (one.amount, one.per, one.year, one.grade, one.page) == (1234.5, "referral", "2024-25", "2", "14")
    assert (one.source, two.source, two.amount) == ("Made-up study", "database.xlsx", 5000.0)


def test_the_case_takes_it_by_id_and_traces_every_pound_to_its_file(workbook, tmp_path, case, result):
    tidy_unit_costs(workbook, amount="Fiscal cost")[0].to_csv(tmp_path / "costs.csv", index=False)
    whole = case((TABLE, 'unit_cost = { from = "costs.csv", id = "CS1" }\n'))
    answer = value(whole, result)
    plain = value(case(("amount = 1000", "amount = 1234.5")), result)
    assert answer.net.benefits.point == pytest.approx(plain.net.benefits.point, rel=1e-12)
    made = to_dict(answer)
    assert made["benefits"][0]["unit_cost"]["grade"] == "2"
    assert made["benefits"][0]["unit_cost"]["page"] == "14"
    assert set(made["files_sha256"]) == {"costs.csv"}
    assert json.dumps(made)


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        ('{ from = "costs.csv", id = "CS9" }', "no id 'CS9'"),
        ('{ from = "costs.csv" }', "id = "),
        ('{ from = "costs.csv", id = "CS1", amount = 3 }', "All else stands in the file"),
        ('{ from = "nowhere.csv", id = "CS1" }', "no file"),
        ('{ from = "costs.csv", id = "CS2" }', "the same thing"),
    ],
)
def test_what_the_file_does_not_hold_is_one_clear_line(workbook, tmp_path, case, cost, said):
    tidy_unit_costs(workbook, amount="Fiscal cost")[0].to_csv(tmp_path / "costs.csv", index=False)
    with pytest.raises(BadInput) as refused:
        case((TABLE, f"unit_cost = {cost}\n"))
    assert said in str(refused.value)


def test_a_heading_that_could_be_two_things_is_asked_about(workbook, tmp_path):
    with pytest.raises(BadInput, match="several columns could be the amount"):
        tidy_unit_costs(workbook)
    bare = tmp_path / "bare.csv"
    bare.write_text("Detail,Unit,Cost\nA visit,Per visit,10\nA call,Per call,12\n", encoding="utf-8")
    with pytest.raises(BadInput, match="which column is the year"):
        tidy_unit_costs(bare)
    bare.write_text("Detail,Unit,Cost 2023/24\nA visit,Per visit,10\nA call,Per call,12\n", encoding="utf-8")
    frame, said = tidy_unit_costs(bare)
    assert frame["year"].tolist() == ["2023-24", "2023-24"]
    assert frame["id"].tolist() == ["a-visit", "a-call"]
    assert "id: made from the label" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,amount,per,year\nA,1,visit,2024-25\n", "'source'"),
        ("id,amount,per,year,source\nA,1,visit,2024-25,s\nA,2,visit,2024-25,s\n", "stands twice"),
        ("id,amount,per,year,source\nA,ten,visit,2024-25,s\n", "no number of pounds"),
        ("id,amount,per,year,source\nA,-4,visit,2024-25,s\n", "no number of pounds"),
        ("id,amount,per,year,source,grad\nA,1,visit,2024-25,s,2\n", "'grade'"),
        ("id,amount,per,year,source,low\nA,1,visit,2024-25,s,x\n", "no number of pounds"),
    ],
)
def test_a_slip_in_the_csv_names_its_line_or_column(tmp_path, text, said):
    (tmp_path / "costs.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        read_unit_costs(tmp_path / "costs.csv")
    assert said in str(refused.value)


def test_a_cost_without_its_year_is_refused_where_it_is_used(tmp_path, case):
    row = ",".join({"id": "A", "amount": "1", "per": "referral"}.get(name, "") for name in COLUMNS)
    (tmp_path / "costs.csv").write_text(f"{','.join(COLUMNS)}\n{row}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"year.*is empty"):
        case((TABLE, 'unit_cost = { from = "costs.csv", id = "A" }\n'))


def test_read_value_finds_the_file_beside_the_case_and_not_in_the_working_folder(tmp_path, case, monkeypatch):
    (tmp_path / "costs.csv").write_text("id,amount,per,year,source\nA,7,referral,2024-25,s\n", encoding="utf-8")
    case((TABLE, 'unit_cost = { from = "costs.csv", id = "A" }\n'))
    monkeypatch.chdir("/")
    assert read_value(tmp_path / "value.toml").benefits[0].unit_cost.amount == 7.0
