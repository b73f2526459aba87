"""A funder's template for every Word document that hubeval writes, and a refusal where none is written."""

from __future__ import annotations

import docx
import pytest

from hubeval.cli import main
from tests.conftest import ROOT

from .test_template import funder

PROTOCOL = (ROOT / "designs/essex-style/protocol.toml").read_text("utf-8").replace("../../", f"{ROOT.as_posix()}/")
ASKED = {
    "terms of reference": (["assess", str(ROOT / "designs/essex/profile.toml"), "--out", "{}/o"], "o/areas/*-terms.docx"),
    "value case": (["value", str(ROOT / "designs/bristol/value.toml"), "--out", "{}/o"], "o/value.docx"),
    "analysis plan": (["register", "{}/protocol.toml", "--plan", "{}/plan.docx"], "plan.docx"),
}


def asked(words, tmp_path, template):
    (tmp_path / "protocol.toml").write_text(PROTOCOL, encoding="utf-8")
    return [*(word.format(tmp_path) for word in words), "--template", str(template)]


@pytest.mark.parametrize("what", ASKED)
def test_each_takes_the_look_and_says_what_is_lacking(what, tmp_path, capsys):
    words, pattern = ASKED[what]
    assert main(asked(words, tmp_path, funder(tmp_path / "funder.docx", without=["Caption"]))) == 0
    assert "The template lacks 1 style that a report needs: Caption" in capsys.readouterr().out
    document = docx.Document(next(tmp_path.glob(pattern)))
    assert document.styles["Heading 1"].font.name == "Georgia"
    assert document.sections[0].header.paragraphs[0].text == "The Example Foundation"
    assert not any("42 families" in paragraph.text for paragraph in document.paragraphs)


@pytest.mark.parametrize("what", ASKED)
def test_where_no_word_document_is_written_or_it_is_none_one_line_refuses_it_before_any_work(what, tmp_path, capsys):
    words, pattern = ASKED[what]
    template = funder(tmp_path / "funder.docx")
    assert main(asked(words[:2], tmp_path, template)) == 2
    assert capsys.readouterr().err.startswith("--template: no Word document is written")
    (tmp_path / "no.docx").write_text("no", encoding="utf-8")
    assert main(asked(words, tmp_path, tmp_path / "no.docx")) == 2
    assert "--template: it is not a Word document" in capsys.readouterr().err
    assert not list(tmp_path.glob(pattern))
    assert not list(tmp_path.glob("*.registry.json"))


def test_a_verb_that_writes_no_word_document_has_no_template(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["plan", str(ROOT / "designs/sefton/theory.toml"), "--out", str(tmp_path / "o"), "--template", "a.docx"])
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not (tmp_path / "o").exists()
