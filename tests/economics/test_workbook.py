"""The workbook: live formulas that come to what Python came to, and none that prices what may not be priced."""

from __future__ import annotations

import re
import shutil
import subprocess
from io import BytesIO

import docx
import openpyxl
import pytest

from hubeval.economics import value
from hubeval.economics.words import headline, spread
from hubeval.report.office.value_book import value_xlsx
from hubeval.report.office.value_paper import value_docx

OFFICE = shutil.which("soffice")
FULL = (
    ("years = 2\n", """years = 1
decay = { mid = 0.4, low = 0.2, high = 0.6, source = "s" }
take_up = { mid = 0.9, source = "s" }
optimism = { mid = 0.1, source = "s" }
cashable = { mid = 0.3, source = "s" }
"""),
    ("amount = 200000", "amount = 123456.78\nlow = 100000\nhigh = 150000\noptimism = { mid = 0.15, source = 's' }"),
    ('label = "Running"', 'label = "=1+1"'),
    ("horizon = 3", "horizon = 40"),
)  # fmt: skip
NHS = '\n[families]\nreached = 900\nhelped = 250\nsource = "s"\n'
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value>
</prop></item></oor:items>"""


def answer_of(case, result, *, more=""):
    second = case.second.replace('perspective = "council"', 'perspective = "NHS"').replace(
        "[benefits.unit_cost]", "overlaps = ['Referrals not made']\noverlap = { mid = 0.25, source = 's' }\n\n"
        "[benefits.unit_cost]")  # fmt: skip
    return value(case(*FULL, more=second + NHS + more), result)


def cells(made, *, formulas):
    """What stands in each sheet beside the first cell of each row."""
    book = openpyxl.load_workbook(BytesIO(made), data_only=not formulas)
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in book}


def found(rows, name):
    return next(row for row in rows if row[0] == name)


def recalculated(made, tmp_path, **changed):
    """The workbook with no stored values (and inputs changed), worked out anew by LibreOffice."""
    book = openpyxl.load_workbook(BytesIO(made))
    for row in book["Inputs"].iter_rows():
        if row[0].value in changed:
            row[1].value = changed[row[0].value]
    book.save(tmp_path / "in.xlsx")  # openpyxl keeps the formulas and drops what they came to
    home = tmp_path / "home" / "user"
    home.mkdir(parents=True, exist_ok=True)
    (home / "registrymodifications.xcu").write_text(ALWAYS, encoding="utf-8")
    asked = [OFFICE, f"-env:UserInstallation=file://{home.parent}", "--headless", "--convert-to", "xlsx", "--outdir"]
    subprocess.run([*asked, str(tmp_path / "out"), str(tmp_path / "in.xlsx")], check=True, timeout=120,
                   capture_output=True)  # fmt: skip
    return cells((tmp_path / "out" / "in.xlsx").read_bytes(), formulas=False)


def test_stored_values_are_what_python_came_to(case, result):
    answer = answer_of(case, result)
    rows = cells(value_xlsx(answer), formulas=False)["Summary"]
    for name, want in (("Costs", answer.net.costs), ("Benefits", answer.net.benefits), ("Net present value", answer.net.net),
                       ("of which leaves a budget", answer.net.cashable),
                       ("Benefit for each £1 of cost", answer.net.ratio)):  # fmt: skip
        assert found(rows, name)[1:4] == pytest.approx([want.point, want.low, want.high], rel=1e-12)
    assert found(rows, "Referrals")[1] == pytest.approx(answer.break_even.needed["Referrals"], rel=1e-12)


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_comes_to_the_same_to_the_penny_and_follows_its_inputs(case, result, tmp_path):
    answer = answer_of(case, result)
    made = value_xlsx(answer)
    stored = cells(made, formulas=False)
    again = recalculated(made, tmp_path)
    compared = 0
    for page in ("Yearly", "Summary"):
        for one, two in zip(stored[page], again[page], strict=True):
            for was, now in zip(one, two, strict=False):
                if isinstance(was, (int, float)):
                    assert now == pytest.approx(was, abs=0.001, rel=1e-12), (page, one[0])
                    compared += 1
    assert compared > 300
    dear = value(case(*FULL[1:], FULL[0], ("amount = 1000\n", "amount = 2500\n"), more=""), result)
    alone = recalculated(value_xlsx(value(case(*FULL), result)), tmp_path, **{"Referrals not made: unit cost": 2500})
    assert found(alone["Summary"], "Net present value")[1] == pytest.approx(dear.net.net.point, abs=0.005)
    assert found(alone["Summary"], "Referrals")[1] == pytest.approx(dear.break_even.needed["Referrals"], rel=1e-9)


def test_every_number_but_inputs_and_draws_is_a_formula_and_no_text_is_one(case, result):
    pages = cells(value_xlsx(answer_of(case, result)), formulas=True)
    for row in pages["Yearly"][2:]:
        assert all(isinstance(cell, str) and cell.startswith("=") for cell in row[3:] if cell is not None)
    written = [cell for row in pages["Yearly"] + pages["Summary"] for cell in row if str(cell).startswith("=")]
    for formula in written:
        assert formula == "=1+1" or not re.search(r"(?<![A-Za-z!$])[A-Za-z]{2,}(?![A-Za-z]*[!(])", formula[1:]), formula
    book = openpyxl.load_workbook(BytesIO(value_xlsx(answer_of(case, result))))
    labels = [cell for page in book for row in page.iter_rows() for cell in row if str(cell.value).startswith("=1+1")]
    assert labels
    assert all(cell.data_type == "s" for cell in labels)


def test_at_grade_c_no_formula_prices_the_effect(case, result):
    result["provenance"]["despite"] = "asked"
    answer = answer_of(case, result)
    made = value_xlsx(answer)
    pages = cells(made, formulas=True)
    names = {str(row[0]) for page in ("Yearly", "Summary") for row in pages[page]}
    assert not names & {"Benefits", "Net present value", "Benefit for each £1 of cost", "of which leaves a budget"}
    assert not any(str(row[1]) in {"benefit", "number", "cashable"} for row in pages["Yearly"])
    at = [str(at) for at, row in enumerate(pages["Inputs"], 1) if str(row[0]).startswith("effect on ")]
    effect = re.compile(rf"Inputs!\$B\$({'|'.join(at)})(?!\d)")
    assert len(at) == 2
    assert not any(effect.search(str(cell)) for row in pages["Yearly"] for cell in row)
    assert found(pages["Summary"], "Referrals")[1].startswith("=")
    assert found(cells(made, formulas=False)["Summary"], "Referrals")[1] == pytest.approx(
        answer.break_even.needed["Referrals"], rel=1e-12)


def test_the_document_says_what_the_page_says_and_prices_nothing_at_grade_c(case, result):
    answer = answer_of(case, result)
    assert value_docx(answer) == value_docx(answer)
    words = said_in(value_docx(answer))
    assert headline(answer) in words
    assert spread(answer.net.net) in words
    result["provenance"]["despite"] = "asked"
    shut = said_in(value_docx(answer_of(case, result)))
    for word in ("Net present value", "for each £1", "of which leave a budget", "Who pays"):
        assert word not in shut


def said_in(made):
    document = docx.Document(BytesIO(made))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(part.text for part in document.paragraphs), *cells]).replace("−", "-")


def test_the_same_bytes_each_time(case, result):
    assert value_xlsx(answer_of(case, result)) == value_xlsx(answer_of(case, result))
