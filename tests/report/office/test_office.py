"""Word, Excel and OpenDocument say what the released JSON says: every number is parsed back and compared."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import openpyxl
import pytest
from docx.shared import Cm
from odfdo import Document
from PIL import Image

from hubeval import files
from hubeval.release import released as made
from hubeval.release.audit import check_folder
from hubeval.release.released import Released
from hubeval.report.flow import flow_of
from hubeval.report.numbers import minus, shown, shown_p
from hubeval.report.office.folder import office_files
from hubeval.report.office.grids import MARKS, P_VALUE, grids
from hubeval.report.office.sheets import sheets
from hubeval.report.office.word import Paper, _widths
from hubeval.report.outputs import outputs, write_outputs

KEYS = {"Estimate": "estimate", "Standard error": "std_error", "Interval from": "conf_low", "Interval to": "conf_high",
        P_VALUE: "p_value", "Treated units": "n_treated", "Observations": "n_observations"}  # fmt: skip


@pytest.fixture(scope="module")
def folder(released):
    return outputs(released)


def passed(result):
    return Released(result, (), seal=made._SEAL)


def read_xlsx(content):
    """Sheet name to rows from the header on, and the book."""
    book = openpyxl.load_workbook(BytesIO(content))
    found = {}
    for page in book:
        for table in page.tables.values():
            found[page.title] = [[cell.value for cell in row] for row in page[table.ref]]
    return book, found


def read_ods(content):
    found = {}
    for table in Document(BytesIO(content)).body.tables:
        rows = [[cell.value for cell in row.cells] for row in table.rows]
        found[table.name] = rows
    return found


def same(read, told):
    if isinstance(told, (int, float)):
        number = isinstance(read, (int, float, Decimal)) and not isinstance(read, bool)
        return number and math.isclose(float(read), float(told), rel_tol=1e-15)  # Excel holds no more digits
    return minus(str(told)) == read


def test_every_estimate_of_the_workbooks_is_the_one_in_the_json(folder, result):
    for rows in (read_xlsx(folder["tables.xlsx"])[1]["Estimates"], read_ods(folder["tables.ods"])["Estimates"][2:]):
        head, body = rows[0], rows[1:]
        assert len(body) == len(result["estimates"]) > 50
        for row, estimate in zip(body, result["estimates"], strict=True):
            told = dict(zip(head, row, strict=True))
            assert (told["Outcome"], told["Term"]) == (estimate["outcome"], minus(estimate["term"]))
            for column, key in KEYS.items():
                assert same(told[column], estimate[key] if estimate[key] is not None else "[x]"), (column, row)


def test_every_point_of_every_figure_and_every_cell_of_every_table_is_in_the_workbook(folder, result):
    _, found = read_xlsx(folder["tables.xlsx"])
    for number, figure in enumerate(result["figures"], start=1):
        name = next(name for name in found if name.startswith(f"F{number} "))
        ys = [y for series in figure["series"] for y in series["y"]]
        assert all(same(row[2], "[x]" if y is None else y) for row, y in zip(found[name][1:], ys, strict=True)), name
    for number, table in enumerate(result["tables"], start=1):
        name = next(name for name in found if name.startswith(f"T{number} "))
        for read, told in zip(found[name][1:], table["rows"], strict=True):
            assert all(
                same(one, {None: "[x]", "": "[z]"}.get(other, other)) for one, other in zip(read, told, strict=True)
            )


def test_excel_and_opendocument_hold_the_same(folder):
    _, excel = read_xlsx(folder["tables.xlsx"])
    other = read_ods(folder["tables.ods"])
    assert {"Cover", "Contents", "Notes"} <= set(other)
    assert [row[0].split("]")[0] for row in other.pop("Contents")[3:]] == [
        f"[{row[0]}" for row in excel.pop("Contents")[1:]
    ]
    for name, rows in excel.items():
        for one, two in zip(other[name][-len(rows) :], rows, strict=True):
            assert all(same(a, b) for a, b in zip(one, two, strict=True)), (name, one, two)


def test_the_workbook_is_laid_out_as_the_analysis_function_asks(folder):
    book, found = read_xlsx(folder["tables.xlsx"])
    assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]
    listed = [row[0] for row in found["Contents"][1:]]
    assert listed == book.sheetnames[2:]
    assert {row[0]: row[1] for row in found["Notes"][1:]} == MARKS
    for page in book:
        assert not page.merged_cells.ranges
        assert page["A1"].value
        assert len(page.tables) <= 1
        cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
        assert not [cell for cell in cells if cell.data_type == "f"]
        assert page.sheet_state == "visible"
    for name, rows in found.items():
        assert all(cell not in (None, "") for row in rows for cell in row), name
        assert len({cell.lower() for cell in rows[0]}) == len(rows[0])


def test_every_number_of_the_document_is_one_of_the_json(folder, result):
    document = docx.Document(BytesIO(folder["report.docx"]))
    said = {tuple(cell.text for cell in row.cells) for table in document.tables for row in table.rows}
    for estimate, part in zip(result["headline_terms"], ("primary", "downstream", "placebo"), strict=False):
        row = next(row for row in said if row[0] == estimate["outcome"] and row[1].startswith(part))
        assert row[2:6] == (*(shown(estimate[key]) for key in ("estimate", "conf_low", "conf_high")),
                            shown_p(estimate["p_value"]))  # fmt: skip
    known = {"—", *(text for number in numbers(result) for text in (shown(number), shown_p(float(number))))}
    texts = {minus(text) for text in strings(result)}
    for table in document.tables:
        for cell in (cell.text for row in table.rows for cell in row.cells):
            plain = cell.replace("−", "-").replace(",", "")
            if plain.replace(".", "").replace("-", "").isdigit():
                assert cell in known or cell in texts, cell
    paragraphs = "\n".join(p.text for p in document.paragraphs)
    assert minus(result["headline"]["text"]) in paragraphs
    assert all(minus(line) in paragraphs for line in result["headline"]["not_shown"])


def numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


def strings(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def test_the_document_can_be_read_aloud(folder, result):
    document = docx.Document(BytesIO(folder["report.docx"]))
    styles = [p.style.name for p in document.paragraphs]
    assert styles.count("Title") == 1
    assert styles.count("Heading 1") >= 4
    assert document.core_properties.language == "en-GB"
    assert document.core_properties.title.startswith(result["area"])
    xml = document.element.xml
    assert xml.count("<w:tblHeader/>") == len(document.tables)
    pictures = [shape._inline.docPr for shape in document.inline_shapes]
    drawn = [*result["figures"][:2], flow_of(result), *result["figures"][2:]]
    assert [p.get("descr") for p in pictures] == [minus(figure["text"]) for figure in drawn]
    assert 'w:lang w:val="en-US"' not in document.styles.element.xml


def test_the_same_bytes_every_time_and_no_date_of_the_run(released, folder):
    again = outputs(released)
    assert again == folder
    for name in ("report.docx", "tables.xlsx", "tables.ods"):
        with ZipFile(BytesIO(folder[name])) as archive:
            assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            dated = b" ".join(
                archive.read(part) for part in archive.namelist() if part.endswith(("core.xml", "meta.xml"))
            )
        assert b"2026-11-22" in dated
        assert b"2013" not in dated  # python-docx's own template


def test_text_is_never_run_and_never_breaks_a_file(result):
    nasty = '=HYPERLINK("http://x")\x07 <b>&\ud800\uffff\ufffe @SUM(1)'
    value = json.loads(json.dumps(result))
    value["area"] = nasty
    value["figures"] = []
    value["tables"] = [
        {**value["tables"][0], "caption": nasty, "columns": [nasty, nasty, "c", "d", "e"], "name": "a/b:[c]*?" * 9}
    ] * 2
    value["headline"]["text"] = nasty + "x" * 40_000
    made_of = office_files(passed(value), {})
    book, found = read_xlsx(made_of["tables.xlsx"])
    assert not [c for page in book for row in page.iter_rows() for c in row if c.data_type == "f"]
    assert book["Cover"]["A1"].value.startswith("=HYPERLINK")
    assert book["Cover"]["A2"].value.endswith("whole in result.json)")
    assert len(found) == len({name.lower() for name in found})
    assert read_ods(made_of["tables.ods"])["Cover"][0][0].startswith("=HYPERLINK")
    assert "HYPERLINK" in docx.Document(BytesIO(made_of["report.docx"])).paragraphs[0].text


def test_a_blank_says_why_it_is_blank(result):
    value = json.loads(json.dumps(result))
    first = value["figures"][0]
    first["series"][0]["y"][0] = None
    value["estimates"][0]["n_treated"] = None
    by = lambda: {grid.name: grid for grid in grids(value)}  # noqa: E731
    name = next(name for name in by() if name.startswith("F1 "))
    assert by()[name].rows[0][2] == "[x]"
    assert by()["Estimates"].rows[0][9] == "[x]"
    value["release"] = {
        **value["release"],
        "profile": "strictest",
        "withheld": [{"output": first["name"], "rule": "1 of 9"}],
    }
    assert by()[name].rows[0][2] == "[c]"
    assert by()["Estimates"].rows[0][9] == "[c]"
    assert by()["Withheld"].rows == ((first["name"], "1 of 9"),)


def test_what_is_written_passes_the_check_of_a_folder_and_a_name_in_it_does_not(released, result, tmp_path):
    write_outputs(released, tmp_path / "a")
    assert check_folder(tmp_path / "a").clear
    assert list((tmp_path / "a" / "figures").glob("*.png"))
    hidden = json.loads(json.dumps(result))
    hidden["method"] = "Ask jo.bloggs@example.org"
    office = office_files(passed({**hidden, "figures": []}), {})
    for name in ("report.docx",):
        (tmp_path / "a" / name).write_bytes(office[name])
    assert [f.file for f in check_folder(tmp_path / "a").findings] == ["report.docx"]
    (tmp_path / "a" / "tables.ods").write_bytes(b"no archive")
    assert {f.file for f in check_folder(tmp_path / "a").findings} == {"report.docx", "tables.ods"}


def test_a_wide_or_long_table_is_named_and_left_to_the_workbook(folder, result):
    text = "\n".join(p.text for p in docx.Document(BytesIO(folder["report.docx"])).paragraphs)
    names = [sheet.name for sheet in sheets(result)]
    for line in text.splitlines():
        if "see tables.xlsx" in line:
            assert line.split("'")[1] in names
    assert "see tables.xlsx" in text


def test_the_pictures_are_drawn_from_the_released_figures(folder, result):
    pngs = [name for name in folder if name.endswith(".png")]
    assert len(pngs) == len(result["figures"]) + 1  # and the flow diagram
    assert all(folder[name].startswith(b"\x89PNG") for name in pngs)
    assert all(Path(name).with_suffix(".svg").as_posix() in folder for name in pngs)
    assert files.sha256(folder[pngs[0]])


def test_both_workbooks_print_a_sheet_as_wide_as_a_page_with_the_same_widths(folder):
    """LibreOffice printed 308 pages of one result where columns were of one width and pages stood upright."""
    with ZipFile(BytesIO(folder["tables.ods"])) as archive:
        content, styles = (archive.read(name).decode() for name in ("content.xml", "styles.xml"))
    assert 'style:print-orientation="landscape"' in styles
    assert 'style:scale-to-X="1"' in styles
    for sheet in openpyxl.load_workbook(BytesIO(folder["tables.xlsx"])):
        body = content.partition(f'table:name="{sheet.title}"')[2].partition("</table:table>")[0]
        wide = [int(width) for width in re.findall(r'<table:table-column table:style-name="w(\d+)"/>', body)]
        assert len(wide) == sheet.max_column
        assert wide[0] == int(sheet.column_dimensions["A"].width)


def test_a_long_reading_has_the_widest_column_and_a_tall_picture_stays_with_its_caption():
    widths = _widths(("Question", "Answer", "Reading"), [[("How large?", False), ("caution", False), ("word " * 99, False)]], 16)
    assert widths[2] > widths[0] + widths[1]
    paper = Paper("a", "b", datetime(2026, 1, 1))
    png = BytesIO()
    Image.new("RGB", (300, 900)).save(png, "PNG")
    paper.picture(png.getvalue(), "Tall", "words")
    document = docx.Document(BytesIO(paper.bytes()))
    shape, section = document.inline_shapes[0], document.sections[0]
    assert shape.height < section.page_height - section.top_margin - section.bottom_margin - Cm(2)
    assert shape.height / shape.width == pytest.approx(3, rel=0.01)
