"""A funder's own template: its look is taken, its text is not, what it lacks is said, and what could harm is refused."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import docx
import pytest
from docx.shared import Pt, RGBColor

from hubeval.cli import main
from hubeval.errors import BadInput
from hubeval.report.office.template import NEEDED, read_template
from hubeval.report.outputs import outputs
from tests.conftest import ROOT


def funder(path, *, without=(), text="Draft of last year: 42 families"):
    """A template with its own face, header and text; `without` some styles."""
    document = docx.Document()
    document.styles["Heading 1"].font.name = "Georgia"
    document.styles["Heading 1"].font.size = Pt(30)
    document.styles["Heading 1"].font.color.rgb = RGBColor(0, 0x40, 0x80)
    document.sections[0].header.paragraphs[0].text = "The Example Foundation"
    document.add_paragraph(text)
    for name in without:
        element = document.styles[name].element
        element.getparent().remove(element)
    document.save(path)
    return path


def changed(path, name, old, new):
    """The same archive with one text in one member replaced, or a member added."""
    with ZipFile(path) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    members[name] = members.get(name, b"").replace(old, new) if old else new
    with ZipFile(path, "w") as archive:
        for one, content in members.items():
            archive.writestr(one, content)
    return path


def made(released, template):
    return docx.Document(BytesIO(outputs(released, template)["report.docx"]))


def test_its_look_is_taken_and_its_text_is_not(released, tmp_path):
    template = read_template(funder(tmp_path / "funder.docx"))
    assert (template.missing, template.says) == ((), "")
    document = made(released, template)
    assert document.styles["Heading 1"].font.name == "Georgia"
    assert document.styles["Heading 1"].font.size == Pt(30)
    assert all(section.header.paragraphs[0].text == "The Example Foundation" for section in document.sections)
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "42 families" not in text
    assert released.content["headline"]["text"].replace("-", "−")[:40] in text.replace("-", "−")
    own = docx.Document(BytesIO(outputs(released)["report.docx"]))
    assert [p.text for p in own.paragraphs] == [p.text for p in document.paragraphs]
    assert document.core_properties.author == "hubeval"


def test_what_it_lacks_is_said_and_made_in_our_own_look(released, tmp_path):
    template = read_template(funder(tmp_path / "bare.docx", without=[n for n in NEEDED if n != "Normal"]))
    assert set(template.missing) == set(NEEDED) - {"Normal"}
    assert all(name in template.says for name in template.missing)
    document = made(released, template)
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert {"Title", "Heading 1", "Heading 2", "Caption", "List Bullet"} <= set(styles)
    assert document.styles["Heading 1"].font.name == "Arial"
    levels = re.findall(r'<w:outlineLvl w:val="(\d)"', document.styles["Heading 2"].element.xml)
    assert levels == ["1"]
    assert document.tables[0].style.name == "Table Grid"


def test_the_same_bytes_again(released, tmp_path):
    template = read_template(funder(tmp_path / "funder.docx"))
    assert outputs(released, template)["report.docx"] == outputs(released, template)["report.docx"]


@pytest.mark.parametrize(("name", "content"), [("a.docx", b"no archive"), ("a.docx", b""), ("a.txt", b"PK\x03\x04 x")])
def test_what_is_no_document_is_refused_in_one_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match="not a Word document"):
        read_template(tmp_path / name)
    with pytest.raises(BadInput, match="no file"):
        read_template(tmp_path / "nowhere.docx")


def test_an_archive_of_something_else_and_one_for_macros_are_refused(tmp_path):
    with ZipFile(tmp_path / "other.docx", "w") as archive:
        archive.writestr("a.txt", "a")
    main_type = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macros = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    changed(funder(tmp_path / "macro.docx"), "[Content_Types].xml", main_type, macros)
    for name in ("other.docx", "macro.docx"):
        with pytest.raises(BadInput, match="not a Word document"):
            read_template(tmp_path / name)


@pytest.mark.parametrize(("kind", "said"), [("image", "from elsewhere"), ("oleObject", "macro or an embedded object")])
def test_what_runs_or_comes_from_elsewhere_is_refused(tmp_path, kind, said):
    rel = (f'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
           'Target="http://elsewhere.example/x" TargetMode="External"/></Relationships>').encode()  # fmt: skip
    path = changed(funder(tmp_path / "a.docx"), "word/_rels/document.xml.rels", b"</Relationships>", rel)
    with pytest.raises(BadInput, match=said):
        read_template(path)


def test_a_template_behind_the_template_is_not_fetched(released, tmp_path):
    path = funder(tmp_path / "a.docx")
    rels = (b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
            b'Target="http://elsewhere.example/t.dotm" TargetMode="External"/></Relationships>')  # fmt: skip
    changed(path, "word/_rels/settings.xml.rels", b"", rels)
    with ZipFile(BytesIO(outputs(released, read_template(path))["report.docx"])) as archive:
        assert not any(b"elsewhere.example" in archive.read(name) for name in archive.namelist())


def test_the_command_line_refuses_it_before_any_work(tmp_path, capsys):
    (tmp_path / "a.docx").write_text("no", encoding="utf-8")
    protocol = str(ROOT / "designs/essex-style/protocol.toml")
    for more in (["--out", str(tmp_path / "o"), "--template", str(tmp_path / "a.docx")], ["--template", str(tmp_path / "a.docx")]):
        assert main(["evaluate", protocol, *more]) == 2
        said = capsys.readouterr().err.strip().splitlines()
        assert len(said) == 1
        assert "--template" in said[0]
    assert not (tmp_path / "o").exists()
