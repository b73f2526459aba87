"""Coded extracts are read from a table or a project; a hostile project ends in one line and touches nothing."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from hubeval.errors import BadInput
from hubeval.theory import agreement, qdpx
from hubeval.theory.coding import Extract, codes_by_coder, framework_matrix, read_extracts

QDE = """<?xml version="1.0" encoding="utf-8"?>
<Project name="Hubs" xmlns="urn:QDA-XML:project:1.0">
  <Users><User guid="u1" name="Asha"/><User guid="u2" name="Ben"/></Users>
  <CodeBook><Codes>
    <Code guid="c1" name="Access" isCodable="true"><Code guid="c2" name="Opening hours" isCodable="true"/></Code>
    <Code guid="c3" name="Stigma" isCodable="true"/>
  </Codes></CodeBook>
  <Cases><Case guid="k1" name="Interview 7"><SourceRef targetGUID="s1"/></Case></Cases>
  <Sources>
    <TextSource guid="s1" name="i7" plainTextPath="internal://s1.txt">
      <PlainTextSelection guid="p1" startPosition="0" endPosition="9" creatingUser="u1">
        <Coding guid="x1" creatingUser="u1"><CodeRef targetGUID="c2"/></Coding>
        <Coding guid="x2" creatingUser="u2"><CodeRef targetGUID="c3"/></Coding>
      </PlainTextSelection>
    </TextSource>
    <TextSource guid="s2" name="i8"><PlainTextContent>Nobody stares</PlainTextContent>
      <PlainTextSelection guid="p2" startPosition="0" endPosition="6"><Coding guid="x3"><CodeRef targetGUID="c3"/></Coding></PlainTextSelection>
    </TextSource>
  </Sources>
</Project>"""


def project(tmp_path, qde=QDE, more=(), name="p.qdpx"):
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        if qde is not None:
            made.writestr("project.qde", qde)
        made.writestr("sources/s1.txt", "Open late — that matters")
        for entry, content in more:
            made.writestr(entry, content)
    return path


def test_a_project_gives_its_extracts_with_case_theme_trail_and_coder(tmp_path):
    found = read_extracts(project(tmp_path)).extracts
    assert found[0] == Extract(case="Interview 7", theme="Access / Opening hours", extract="Open late", source="i7",
                               coder="Asha", unit="i7:0-9")
    assert (found[1].theme, found[1].coder) == ("Stigma", "Ben")
    assert (found[2].case, found[2].extract) == ("i8", "Nobody")


def test_codings_that_are_not_of_text_are_counted_and_those_of_a_pdf_s_text_are_read(tmp_path):
    more = """<PictureSource guid="s3" name="wall"><PictureSelection guid="q"><Coding guid="x4"><CodeRef targetGUID="c1"/></Coding>
      </PictureSelection></PictureSource>
      <PDFSource guid="s4" name="minutes"><Representation guid="r" name="minutes" plainTextPath="internal://s1.txt">
      <PlainTextSelection guid="p" startPosition="0" endPosition="4"><Coding guid="x5"><CodeRef targetGUID="c1"/></Coding>
      </PlainTextSelection></Representation></PDFSource></Sources>"""
    coded = read_extracts(project(tmp_path, QDE.replace("</Sources>", more)))
    assert (coded.left_out, len(coded.extracts)) == (1, 4)
    assert "1 codings were left out" in coded.note
    assert (coded.extracts[-1].case, coded.extracts[-1].extract) == ("minutes", "Open")


def test_reading_a_project_writes_nothing(tmp_path):
    path = project(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    read_extracts(path)
    assert sorted(tmp_path.rglob("*")) == before


ENTITIES = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)) + "]><Project>&j;</Project>"
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Project>&a;</Project>'


@pytest.mark.parametrize(("build", "line"), [
    (lambda t: project(t, ENTITIES), "declares a document type or an entity"),
    (lambda t: project(t, OUTSIDE), "declares a document type or an entity"),
    (lambda t: project(t, ENTITIES.encode("utf-16")), "declares a document type or an entity"),
    (lambda t: project(t, more=[("../../evil.txt", "x")]), "path leads out of it"),
    (lambda t: project(t, more=[("/etc/evil", "x")]), "path leads out of it"),
    (lambda t: project(t, more=[("..\\evil.txt", "x")]), "path leads out of it"),
    (lambda t: project(t, more=[("C:/evil.txt", "x")]), "path leads out of it"),
    (lambda t: project(t, QDE.replace("internal://s1.txt", "internal://../s1.txt")), "points outside the project"),
    (lambda t: project(t, QDE.replace("internal://s1.txt", "relative:///etc/passwd")), "points outside the project"),
    (lambda t: project(t, QDE.replace("internal://s1.txt", "internal://gone.txt")), "has no sources/gone.txt"),
    (lambda t: project(t, QDE.replace('endPosition="9"', 'endPosition="900"')), "lies outside its text"),
    (lambda t: project(t, QDE.replace('endPosition="9"', 'endPosition="x"')), "lies outside its text"),
    (lambda t: project(t, "<Project><open></Project>"), "not well-formed XML"),
    (lambda t: project(t, "<Project/>"), "holds no coded text"),
    (lambda t: project(t, None), "has no project.qde"),
])
def test_a_hostile_or_broken_project_is_one_clear_line(tmp_path, build, line):
    with pytest.raises(BadInput, match=line) as caught:
        read_extracts(build(tmp_path))
    assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path.parent / "evil.txt").exists()


def test_a_zip_bomb_that_declares_its_size_is_refused_unread(tmp_path):
    with pytest.raises(BadInput, match=r"unpacks to 60,\d{3},\d{3} bytes"):
        read_extracts(project(tmp_path, more=[("sources/big.txt", b"0" * 60_000_000)]))


def test_a_zip_bomb_that_lies_about_its_size_is_refused_while_reading(tmp_path):
    path = project(tmp_path, QDE.replace("internal://s1.txt", "internal://big.txt"),
                   more=[("sources/big.txt", b"0" * 30_000_000)])
    raw = bytearray(path.read_bytes())
    size = struct.pack("<I", 30_000_000)
    while (at := raw.find(size)) >= 0:
        raw[at:at + 4] = struct.pack("<I", 2_000_000)
    path.write_bytes(raw)
    with pytest.raises(BadInput, match=r"zip bomb|not a readable project"):
        read_extracts(path)


def test_a_file_that_is_no_zip_or_is_absent_is_one_clear_line(tmp_path):
    (tmp_path / "x.qdpx").write_text("hello")
    with pytest.raises(BadInput, match="not a readable project"):
        read_extracts(tmp_path / "x.qdpx")
    with pytest.raises(BadInput, match="no file"):
        read_extracts(tmp_path / "gone.qdpx")


def test_too_many_entries_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(qdpx, "MOST_ENTRIES", 1)
    with pytest.raises(BadInput, match="holds 2 files"):
        read_extracts(project(tmp_path))


def table(tmp_path, text):
    path = tmp_path / "coded.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_csv_is_read_with_its_optional_columns(tmp_path):
    found = read_extracts(table(tmp_path, 'case,theme,extract,group\n1,access,"Open, late",Leeds\n')).extracts
    assert found == (Extract(case="1", theme="access", extract="Open, late", group="Leeds"),)


@pytest.mark.parametrize(("text", "line"), [
    ("case,thme,extract\n1,a,b\n", "no column 'theme'.*Did you mean 'thme'"),
    ("case,theme,extract,age\n1,a,b,9\n", "column 'age' is not read"),
    ("case,theme,extract\n1,,secret words\n", "1 of 1 rows have an empty 'theme'"),
    ("case,theme,extract\n", "has no rows"),
    ("case,theme,extract\n1,a,open, late\n", "1 rows have more cells than columns"),
])
def test_a_bad_csv_is_refused_without_its_words(tmp_path, text, line):
    with pytest.raises(BadInput, match=line) as caught:
        read_extracts(table(tmp_path, text))
    assert "secret" not in str(caught.value)


def forty_interviews():
    themes = ("space and place", "identity", "integration", "access")
    return [Extract(case=f"{group}{i}", theme=themes[(i + j) % 4], extract=f"said {i} {j}", group=group)
            for g, group in enumerate("ABC") for i in range(14 if g == 0 else 13) for j in range(1 + (i + g) % 3)]


def test_the_framework_matrix_of_three_authorities_and_forty_interviews_counts_every_extract_once():
    said = forty_interviews()
    by_case, by_group = framework_matrix(said), framework_matrix(said, by="group")
    assert len(by_case.columns) == 42
    assert by_group.columns == ("theme", "A", "B", "C", "groups with it")
    for matrix in (by_case, by_group):
        assert sum(sum(row[1:-1]) for row in matrix.rows) == len(said)


def test_silence_is_shown_and_long_cells_are_cut():
    said = [Extract(case="1", theme="a", extract="word " * 100), Extract(case="2", theme="b", extract="short")]
    rows = framework_matrix(said, cell="words", limit=40).rows
    assert rows[0][1].endswith("…")
    assert len(rows[0][1]) <= 40
    assert rows[0][2] == "—"


def test_codes_of_two_coders_go_straight_into_alpha():
    pairs = [("u1", "a", "a"), ("u2", "b", "b"), ("u3", "a", "b"), ("u4", "a", "a"), ("u5", "b", "b")]
    said = [Extract(case="1", theme=theme, extract="x", coder=coder, unit=unit)
            for unit, one, two in pairs for coder, theme in (("Asha", one), ("Ben", two))]
    coders, units, ratings = codes_by_coder(said)
    assert coders == ("Asha", "Ben")
    assert units == ("u1", "u2", "u3", "u4", "u5")
    assert agreement.alpha(ratings).observed == pytest.approx(0.8)


@pytest.mark.parametrize(("call", "line"), [
    (lambda: framework_matrix([]), "extracts: none given"),
    (lambda: framework_matrix([Extract(case="1", theme="a", extract="x")], by="group"), "have no group"),
    (lambda: codes_by_coder([Extract(case="1", theme="a", extract="x")]), "no coder or no unit"),
    (lambda: codes_by_coder([Extract(case="1", theme=t, extract="x", coder="c", unit="u") for t in "ab"]), "two themes from one coder"),
])
def test_bad_calls_are_one_clear_line(call, line):
    with pytest.raises(BadInput, match=line):
        call()


def test_an_encrypted_project_is_refused(tmp_path):
    path = project(tmp_path)
    raw = bytearray(path.read_bytes())
    at = 0
    while (at := raw.find(b"PK\x01\x02", at)) >= 0:
        raw[at + 8] |= 1
        at += 4
    (tmp_path / "locked.qdpx").write_bytes(raw)
    with zipfile.ZipFile(io.BytesIO(raw)) as made:
        assert made.infolist()[0].flag_bits & 1
    with pytest.raises(BadInput, match="is encrypted"):
        read_extracts(tmp_path / "locked.qdpx")


def test_words_swallowed_by_an_open_quote_are_not_repeated(tmp_path):
    path = tmp_path / "extracts.csv"
    path.write_text('case,theme,extract,"source\n1,trust,My son Dylan said that nobody came\n2,trust,Nor did they call\n')
    with pytest.raises(BadInput) as refused:
        read_extracts(path)
    assert "Dylan" not in str(refused.value)
    assert "heading of column 4 is no plain name" in str(refused.value)
